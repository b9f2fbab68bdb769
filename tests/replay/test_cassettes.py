"""The cassettes of this repository: free of secrets, complete, small, true to spec and examples."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.schema import document

from tests.deck import documented
from tests.deck.holding import findings
from tests.deck.journeys import journeys_of
from tests.deck.leaks import find_leaks
from tests.deck.listing import grouped
from tests.deck.tapes import CASSETTES, every, paths, read_tape
from tests.deck.targets import KEY

LARGEST = 10_000  # bytes of a cassette
FILES = sorted(path for path in CASSETTES.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_byte_is_part_of_a_secret(path: Path) -> None:
    """No file under cassettes/ holds the recorder's key or anything that looks like a secret."""
    assert find_leaks(path.read_bytes(), [KEY]) == []


@pytest.mark.parametrize("path", paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_keeps_spec_and_life_cycle(path: Path) -> None:
    """Every exchange, every job's life and every callback keeps to the rules."""
    found = list(grouped(findings(read_tape(path))))

    assert not found, "\n".join(found)


def test_every_journey_of_every_model_is_recorded() -> None:
    """There is a sandbox cassette for each journey that a model can show, and no other."""
    wanted = {f"{m}/{j.name}" for m, model in MODELS.items() for j in journeys_of(model)}

    recorded = {tape.name for tape in every() if tape.origin.recorded_from.startswith("sandbox ")}

    assert recorded == wanted


def test_every_origin_is_told() -> None:
    """Each cassette says sandbox, documents or which gateway, and is called accordingly."""
    for tape in every():
        said = tape.origin.recorded_from
        assert re.fullmatch(r"sandbox \d+\.\d+\.\d+|documents \(.+\)|the gateway at \S+", said)
        assert said.startswith("the gateway") is tape.path.stem.startswith("gateway-")
        assert said.startswith("documents") is tape.path.stem.startswith("documented-")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", tape.origin.date)
        assert re.fullmatch("[0-9a-f]{64}", tape.origin.spec_sha256)
        assert tape.origin.cost
        assert tape.origin.operations


def test_no_cassette_is_stale() -> None:
    """No operation on a cassette has changed in the spec since it was recorded."""
    stale = [f"{tape.name}: {changed}" for tape in every() if (changed := tape.origin.changed())]

    assert not stale, "record them again: python -m tests.deck record && … documented"


def test_cassettes_are_small() -> None:
    """People read them in a review: a few kilobytes each, media of a few hundred bytes."""
    for path in FILES:
        assert path.stat().st_size <= LARGEST, path


def test_every_medium_is_used() -> None:
    """No stand-in lies around that no cassette names."""
    named = {
        name for path in paths() for name in re.findall(r"file: media/(\S+)", path.read_text())
    }

    assert named == {path.name for path in (CASSETTES / "media").iterdir()}


def test_every_example_answer_is_a_documented_cassette() -> None:
    """Each example of an answer in the spec stands on a cassette made from the documents."""
    said = {
        json.dumps(json.loads(interaction.answered.body), sort_keys=True)
        for tape in every()
        if tape.origin.documents
        for interaction in tape.interactions
    }
    shown = document()
    operations = [operation for item in shown["paths"].values() for operation in item.values()]
    answers = [answer for o in operations for answer in o["responses"].values()]
    answers += shown["components"]["responses"].values()
    contents = [answer.get("content", {}).get("application/json", {}) for answer in answers]

    examples = [e["value"] for told in contents for e in told.get("examples", {}).values()]

    assert len(examples) > 20
    missing = [e for e in examples if json.dumps(e, sort_keys=True) not in said]
    assert missing == []


def test_documented_cassettes_are_what_the_spec_makes_of_them(tmp_path: Path) -> None:
    """Made anew into an empty folder, they have the same bytes but for day and spec hash."""
    shapes = list(documented.shapes())
    kept = {path.name for path in paths() if path.stem.startswith("documented-")}
    shutil.copytree(CASSETTES / "qwen-image-max", tmp_path / "qwen-image-max")

    for shape in shapes:
        path = documented.make(shape, tmp_path, today="2001-01-01")
        twin = CASSETTES / path.relative_to(tmp_path)
        assert _undated(path) == _undated(twin), path

    assert {f"documented-{shape.name}.yaml" for shape in shapes} == kept


def test_an_unchanged_cassette_is_not_touched(tmp_path: Path) -> None:
    """Making a cassette again that says the same leaves the file, and its day, alone."""
    shape = next(iter(documented.shapes()))
    path = documented.make(shape, tmp_path, today="2001-01-01")
    before = path.read_bytes()

    documented.make(shape, tmp_path, today="2002-02-02")

    assert path.read_bytes() == before


def _undated(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"date: .*|sha256: .*|version: .*", "", text, count=3)
