"""A new model is data: a spec edit and a regeneration, and every part of the project knows it.

Two invented models are added to a copy of the spec: a queued one whose job goes through another
status word and ends in another shape, and a direct, nested one. The package is made anew, and the
code of this repository runs with it, not a line changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import pixazo
from codegen.__main__ import main as regenerate
from tests.shared import shared

ROOT = Path(__file__).parents[2]
EDITS = Path(__file__).with_name("new_models.yaml")
SCRIPTS = Path(__file__).with_name("scripts")
NEW = ("ink-wash", "haiku")
SOURCE = Path(str(pixazo.__file__)).parents[1]

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(120)


def _make(folder: Path) -> None:
    for name in ("spec", "codegen", "tests"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    spec = folder / "spec" / "openapi.yaml"
    spec.write_text(_edited(spec.read_text("utf-8")), "utf-8", newline="\n")
    package, pages = folder / "generated" / "pixazo_openapi", folder / "docs" / "models"
    assert regenerate(["--spec", str(spec), "--out", str(package), "--pages", str(pages)]) == 0


def _edited(text: str) -> str:
    for edit in yaml.safe_load(EDITS.read_text("utf-8")):
        anchor = edit.get("before") or edit["replace"]
        assert anchor in text, f"the spec has no {anchor!r}"
        rest = anchor if "before" in edit else ""
        text = text.replace(anchor, edit["text"] + rest, 1)
    return text


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository with another spec, and what is made from it."""
    return shared(tmp_path_factory, "repository", _make)


@pytest.fixture
def run(repository: Path) -> Run:
    """Runs Python where the new package comes first and nothing else is changed."""

    def start(*words: str | Path, cwd: Path = repository) -> subprocess.CompletedProcess[str]:
        places = [repository / "generated", SOURCE, repository]
        return subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def _said(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_client_sandbox_ledger_and_batch_know_new_models(run: Run, tmp_path: Path) -> None:
    """Jobs of both are estimated, submitted, resumed, watched, saved, charged and written down."""
    assert _said(run(SCRIPTS / "jobs.py", cwd=tmp_path)) == {
        "estimate": "0.0123",
        "words": ["COMPLETED", "DRYING", "QUEUED"],
        "prices": ["0.0123", "0.3"],
        "deviations": [],
        "saved": [["89504e47", "89504e47"], ["89504e47"]],
        "batch": [[1, "downloaded", "ink-wash", 1], [2, "downloaded", "haiku", 1]],
        "entries": [["haiku", "downloaded"]] * 2 + [["ink-wash", "downloaded"]] * 2,
        "spent": {"haiku": "0.6", "ink-wash": "0.0246"},
        "left": "0.3754",
        "double_charges": 0,
    }


def test_request_classes_and_catalogue_know_new_models(run: Run, repository: Path) -> None:
    """A queued flat model and a direct nested one get class, entry, checks and words."""
    made = _said(run(SCRIPTS / "requests.py"))
    known = yaml.safe_load((ROOT / "spec" / "openapi.yaml").read_text("utf-8"))["paths"]

    assert made["models"][-2:] == list(NEW)
    assert len(made["models"]) == len(known) + 1
    assert (made["waiting"], made["price"], made["default"]) == (5, "0.0123", ["dry"])
    assert made["wash"] == {"prompt": "heron", "wetness": 1, "strokes": ["dry", "wet"]}
    assert made["haiku"] == {
        "kind": "haiku",
        "poem": {
            "lines": [{"words": "a"}, {"words": "b"}, {"words": "c"}],
            "seal": "data:image/gif;base64,R0lGODlh",
        },
    }
    assert made["again"] is True
    assert made["refused"] == [
        "wetness=0: must be more than 0",
        "strokes=['dry', 'wet', 'dry']: must have at most 2 items, has 3",
    ]
    assert made["lacking"] == ["last_line='': must not be empty", "second_line: is required"]
    told = " ".join(made["doc"].split())
    assert 'What to paint, in words "quoted" and \\escaped. Required.' in told
    assert "How wet the paper is. Required. At most 1. More than 0." in told


@pytest.mark.slow
def test_the_command_line_knows_new_models(run: Run, tmp_path: Path) -> None:
    """They are listed, have options with bounds, run, are explained, and stand in its reference."""
    said = _said(run(SCRIPTS / "commands.py", cwd=tmp_path))
    codes = {name: code for name, (code, _) in said.items()}
    texts = {name: text for name, (_, text) in said.items()}

    assert codes == {"models": 0, "help": 0, "explain": 0, "drawn": 0, "refused": 2, "page": 0}
    assert all(name in texts["models"] for name in (*NEW, "$0.0123", "$0.3"))
    assert "--strokes [dry|wet]" in texts["help"]
    assert "at most 2" in texts["explain"]
    assert [path.suffix for path in (tmp_path / "out").glob("ink-wash_*-0.png")] == [".png"]
    assert "--wetness=2: must be at most 1" in texts["refused"]
    assert all(f"### pixazo run {name}\n" in texts["page"] for name in NEW)


def test_pages_tell_of_new_models(repository: Path) -> None:
    """Each has a page with its parameters, price, codes and media, and a line in the index."""
    folder = repository / "docs" / "models"
    wash, haiku = ((folder / f"{name}.md").read_text("utf-8") for name in NEW)
    index = (folder / "README.md").read_text("utf-8")

    assert "| price | 0.0123 USD a request ([R12]) |" in wash
    assert "| `wetness` | number | yes | - | at most 1, more than 0 | How wet" in wash
    assert (
        '| `strokes` | list of string | no | `["dry"]` | 0 to 2 items, each `dry`, `wet` |' in wash
    )
    assert "| `/output/scrolls/*/href` | [R40] |" in wash
    assert "--wetness 0.5" in wash
    assert "| `seal` | `/poem/seal` |" in haiku
    assert "| always `haiku` | `/kind` |" in haiku
    assert "| 402 |" in haiku
    assert all(f"| [{name}]({name}.md) |" in index for name in NEW)
    assert "| `DRYING` | pending | not yet said | `COMPLETED`, `FAILED`, `ERROR` |" in index


@pytest.mark.slow
def test_the_contract_suite_knows_new_models(run: Run) -> None:
    """Every rule that the suite has for a model is tried on both, and holds."""
    done = run("-m", "tests.contract", "--quick", "--only", NEW[0], "--only", NEW[1])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 of" in done.stdout


@pytest.mark.slow
def test_tests_of_every_model_know_new_models(run: Run) -> None:
    """The end-to-end tests of this folder, run as they are, take the new models along."""
    done = run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", " or ".join(NEW)),
        "tests/e2e/test_every_model.py",
    )

    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout
