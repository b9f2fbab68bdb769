"""Pages against the spec: agreement is silent, and every single change is named at its line."""

from __future__ import annotations

import fnmatch
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pixazo.drift import (
    Contract,
    compare,
    compare_pages,
    page_text,
    read_page,
    read_spec,
    render_json,
    render_text,
    shipped_spec,
)
from tests.drift.changes import CHANGES, MAX, SHARED, Change, Doc
from tests.drift.conftest import uncovered_document
from tests.drift.pages import FORMS, Form, render_page


@pytest.mark.parametrize("form", FORMS)
def test_a_page_made_from_the_spec_agrees_with_it(document: dict[str, Any], form: Form) -> None:
    """A page that says what the spec says gives no finding, in whatever form it was saved."""
    report = compare(render_page(document, form), document)

    assert [finding.difference.text for finding in report.findings] == []
    assert report.exit_code == 0
    counts = {count.name: (count.read, count.spec) for count in report.counts}
    assert counts["models"] == (7, 7)
    assert counts["parameter rows"] == (60, 60)
    assert counts["status codes"] == (53, 53)
    assert counts["prices"] == (7, 7)
    assert all(count.read for count in report.counts)


def _tabbed(page: str) -> str:
    rows = re.sub(r"(?m)^\|[-|]+\|\n", "", page)
    return re.sub(r"(?m)^\| (.*) \|$", lambda row: row[1].replace(" | ", "\t"), rows)


def _underlined(page: str) -> str:
    return re.sub(r"(?m)^(##?) (.*)$", lambda row: f"{row[2]}\n{'=-'[len(row[1]) - 1] * 5}", page)


def _bold(page: str) -> str:
    return re.sub(r"(?m)^## (.*)$", r"**\1**", page)


def _escaped(page: str) -> str:
    return re.sub(r"(?ms)(```.*?```|`[^`\n]+`)|([_*])", lambda at: at[1] or f"\\{at[2]}", page)


@pytest.mark.parametrize(
    ("form", "saved"),
    [("dump", _tabbed), ("markdown", _underlined), ("markdown", _bold), ("markdown", _escaped)],
)
def test_a_page_as_browsers_and_converters_save_it_agrees(
    document: dict[str, Any], form: Form, saved: Callable[[str], str]
) -> None:
    """Tables copied with tabs, headings underlined or bold, escaped signs: the same page."""
    plain = render_page(document, form)
    page = saved(plain)

    report = compare(page, document)

    assert page != plain
    assert [finding.difference.text for finding in report.findings] == []
    assert report.counts == compare(plain, document).counts


@pytest.mark.parametrize("kind", ["utf-16", "utf-8-sig", "cr"])
def test_how_an_editor_saves_text_does_not_matter(
    document: dict[str, Any], tmp_path: Path, kind: str
) -> None:
    """A mark at the beginning, two bytes a letter, old line ends: the same page."""
    path = tmp_path / "page.txt"
    plain = render_page(document)
    text = plain.replace("\n", "\r") if kind == "cr" else plain
    path.write_bytes(text.encode("utf-8" if kind == "cr" else kind))

    assert read_page(page_text(path)) == read_page(plain)


@pytest.mark.parametrize("form", ["dump", pytest.param("stacked", marks=pytest.mark.slow)])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name.replace(" ", "-"))
def test_every_single_change_is_found(document: dict[str, Any], change: Change, form: Form) -> None:
    """One change of the page gives findings of one kind, at its place and its line, uncovered."""
    changed = uncovered_document()
    change.make(changed)
    page = render_page(changed, form)

    report = compare(page, document)

    told = render_text(report)
    assert {finding.difference.kind for finding in report.findings} == {change.kind}, told
    assert len(report.findings) == change.times, told
    assert report.exit_code == 1
    lines = page.split("\n")
    for finding in report.findings:
        assert not change.place or fnmatch.fnmatchcase(finding.name, change.place), told
        number = finding.difference.line
        assert number is not None or change.kind == "missing model"
        if number is not None:
            near = "\n".join(lines[number - 1 : number + (11 if form == "stacked" else 0)])
            assert any(text in near for text in change.near.split("|")), (near, told)


@pytest.mark.parametrize(("make", "kind"), SHARED)
def test_what_every_call_shares_is_named_for_each_model(
    document: dict[str, Any], make: Callable[[Doc], None], kind: str
) -> None:
    """Another address, or another header of the key, is told once for each model."""
    changed = uncovered_document()
    make(changed)

    report = compare(render_page(changed, "dump"), document)

    told = [finding.difference.kind for finding in report.findings]
    assert told.count(kind) == 7


def _merged(document: dict[str, Any], edit: dict[str, Any]) -> dict[str, Any]:
    """Return the document with an edit worked in: objects grow, everything else is replaced."""
    found = dict(document)
    for key, value in edit.items():
        known = found.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            found[key] = _merged(known, value)
        else:
            found[key] = value
    return found


@pytest.mark.parametrize(
    "name",
    [
        "a maximum grows",
        "a text gets a longest length",
        "a default turns",
        "a default comes",
        "a choice comes",
        "a whole number may be broken",
        "a parameter comes",
        "a nested parameter comes",
        "a price grows",
        "a price becomes unknown",
        "a title changes",
        "the webhook header has another name",
        "ERROR is charged",
        "polling gets slower",
    ],
)
def test_the_proposed_edit_makes_the_spec_follow_the_page(
    document: dict[str, Any], name: str
) -> None:
    """The YAML of a finding, worked into the spec, leaves no difference to the changed page."""
    changed = uncovered_document()
    next(change for change in CHANGES if change.name == name).make(changed)
    page = render_page(changed)

    for finding in compare(page, document).findings:
        assert finding.difference.edit is not None
        document = _merged(document, yaml.safe_load(finding.difference.edit.yaml()))

    assert [f.difference.text for f in compare(page, document).findings] == []


def test_an_edit_that_removes_names_the_place(document: dict[str, Any]) -> None:
    """What is gone from the page is proposed to be removed, at its place in the spec."""
    changed = uncovered_document()
    next(change for change in CHANGES if change.name == "a parameter goes").make(changed)

    (finding,) = compare(render_page(changed), document).findings

    assert finding.difference.edit is not None
    text = finding.difference.edit.yaml()
    assert text.endswith("enable_prompt_expansion:  # remove")
    holder = yaml.safe_load(text)["components"]["schemas"]["QwenImageMaxRequest"]
    assert list(holder["properties"]) == ["enable_prompt_expansion"]


def _covered(document: dict[str, Any], ruling: str, place: str, says: object) -> dict[str, Any]:
    extension = document["paths"][MAX]["post"]["x-pixazo"]
    extension.setdefault("covers", {}).setdefault(ruling, {})[place] = says
    return document


def test_a_ruling_covers_only_the_word_it_names(document: dict[str, Any]) -> None:
    """A difference is covered while the page says what the ruling names; another word is not."""
    spec = _covered(document, "R70", "num_images.maximum", 8)
    pages = {}
    for maximum in (8, 9):
        changed = uncovered_document()
        request = changed["components"]["schemas"]["QwenImageMaxRequest"]
        request["properties"]["num_images"]["maximum"] = maximum
        pages[maximum] = compare(render_page(changed), spec)

    (covered,) = pages[8].findings
    (other,) = pages[9].findings
    assert (covered.ruling, covered.label) == ("R70", "bound changed, covered by R70")
    assert pages[8].exit_code == 0
    assert (other.ruling, other.label) == (None, "bound changed")
    assert pages[9].exit_code == 1


def test_a_ruling_covers_only_its_own_model(document: dict[str, Any]) -> None:
    """What is covered for one model is uncovered for another, even at the same place."""
    spec = _covered(document, "R70", "num_images.default", None)
    changed = uncovered_document()
    for name in ("QwenImageMaxRequest", "QwenImageMaxEditRequest"):
        del changed["components"]["schemas"][name]["properties"]["num_images"]["default"]

    found = {f.difference.model: f.ruling for f in compare(render_page(changed), spec).findings}

    assert found == {"qwen-image-max": "R70", "qwen-image-max-edit": None}


def test_a_line_says_page_spec_kind_and_both_words(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """A finding is one line: page and line, line of the spec, kind, place, both words."""
    changed = uncovered_document()
    CHANGES[0].make(changed)
    spec_file = tmp_path / "openapi.yaml"
    spec_file.write_text(yaml.safe_dump(document), encoding="utf-8")
    spec = read_spec(spec_file)
    page = render_page(changed)

    lines = render_text(compare_pages([read_page(page, "page.txt")], spec)).split("\n")

    number = next(i for i, line in enumerate(page.split("\n"), 1) if "and 8." in line)
    at = spec.locate("/components/schemas/QwenImageMaxRequest/properties/num_images")
    assert at is not None
    assert "num_images" in spec_file.read_text(encoding="utf-8").split("\n")[at - 1]
    assert lines[0] == (
        f"page.txt:{number}  spec:{at}  [bound changed]  qwen-image-max.num_images.maximum:"
        " num_images: maximum is 8 on the page, 4 in the spec"
    )
    assert lines[-1] == "1 differences: 0 covered, 1 uncovered"


def test_json_holds_every_finding_and_count(document: dict[str, Any]) -> None:
    """The JSON form has what the text has, with words, pointers and edits as fields."""
    changed = uncovered_document()
    CHANGES[0].make(changed)

    said = json.loads(render_json(compare(render_page(changed), document, name="saved")))

    assert said["read"]["models"] == {"read": 7, "spec": 7}
    assert (said["covered"], said["uncovered"]) == (0, 1)
    (finding,) = said["findings"]
    assert finding["kind"] == "bound changed"
    assert (finding["page_says"], finding["spec_says"]) == (8, 4)
    assert finding["spec_pointer"].endswith("/QwenImageMaxRequest/properties/num_images")
    assert yaml.safe_load(finding["edit"])["components"]


def test_two_pages_describe_the_models_together(document: dict[str, Any]) -> None:
    """Models may be spread over several pages; one page alone lacks the others' models."""
    page = render_page(document)
    at = page.index("Qwen LoRA v1 Text to Image (LoRA) API Documentation")
    first, second = read_page(page[:at], "first"), read_page(page[at:], "second")
    contract = Contract(document)

    assert compare_pages([first, second], contract).exit_code == 0
    lacking = compare_pages([first], contract)
    assert {f.difference.kind for f in lacking.findings} == {"missing model"}
    only = list(contract.models)[:4]
    assert compare_pages([first], contract, only=only).exit_code == 0


@pytest.mark.skipif(
    "PIXAZO_DOCUMENTS" not in os.environ,
    reason="PIXAZO_DOCUMENTS names no folder or file with the gateway's own pages",
)
def test_every_difference_to_the_gateways_pages_is_covered() -> None:
    """The gateway's own page differs from the spec only where a ruling says so."""
    place = Path(os.environ["PIXAZO_DOCUMENTS"])
    file = place / "qwen-image-api.txt" if place.is_dir() else place

    report = compare_pages([read_page(page_text(file), file.name)], shipped_spec())

    assert [finding.difference.text for finding in report.uncovered] == []
    assert len(report.findings) == 82
    assert len(report.rulings) == 27
    read = {count.name: count.read for count in report.counts}
    assert read == {
        "models": 7,
        "parameter rows": 58,
        "status codes": 51,
        "prices": 7,
        "calls": 38,
        "request examples": 38,
        "response examples": 24,
        "error bodies": 10,
        "response fields": 50,
    }
