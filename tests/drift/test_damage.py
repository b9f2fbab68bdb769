"""Damaged and wrong pages: a clear error or a finding, never silence."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from pixazo.drift import PageUnreadable, compare, decoded, page_text, read_page, render_text
from tests.drift.pages import Form, render_page


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not UTF-8"),
        (b"PK\x03\x04 binary \x00 text", "binary"),
        (b"<!DOCTYPE html><html><head></head><body><div><p>x</p></div></body></html>", "HTML"),
        (b"Dear diary, today I drew a lighthouse.\n", "no model found"),
        (b"# Notes\n\n## Authentication\n\nnothing\n", "no model found"),
    ],
)
def test_garbage_is_refused_with_a_reason(raw: bytes, said: str) -> None:
    """What is no documentation page is refused by name, with the reason and a way out."""
    with pytest.raises(PageUnreadable, match=r"saved\.txt: ") as caught:
        read_page(decoded(raw, "saved.txt"), "saved.txt")

    assert said in str(caught.value)
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Any) -> None:
    """A page that is not there is an error that names its path."""
    with pytest.raises(PageUnreadable, match=r"nowhere\.txt: No such file"):
        page_text(tmp_path / "nowhere.txt")


@pytest.mark.parametrize("form", ["dump", "flat", "stacked"])
@pytest.mark.parametrize("percent", [2, 17, 35, 50, 66, 81, 97])
def test_a_page_that_is_cut_off_is_never_silent(
    document: dict[str, Any], form: Form, percent: int
) -> None:
    """A page that ends early gives findings that say what is missing."""
    page = render_page(document, form)

    report = compare(page[: len(page) * percent // 100], document)

    assert report.exit_code == 1
    kinds = {finding.difference.kind for finding in report.findings}
    assert kinds & {"missing model", "damaged page"}
    read = {count.name: count for count in report.counts}
    assert read["models"].read < 7 or "damaged page" in kinds


@pytest.mark.parametrize("form", ["dump", pytest.param("stacked", marks=pytest.mark.slow)])
def test_lines_that_are_lost_in_the_middle_are_never_silent(
    document: dict[str, Any], form: Form
) -> None:
    """A page with a dozen lines torn out of it gives at least one finding, wherever they stood."""
    lines = render_page(document, form).split("\n")

    silent = [
        start
        for start in range(3, len(lines) - 20, len(lines) // 9)
        if compare("\n".join(lines[:start] + lines[start + 14 :]), document).exit_code == 0
    ]

    assert silent == []


def test_a_table_that_is_cut_off_is_named_by_its_line(document: dict[str, Any]) -> None:
    """A row with too few cells is a damaged page at that very line."""
    lines = render_page(document).split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("| num_images"))
    lines[at] = "| num_images | integer | No"

    report = compare("\n".join(lines), document)

    found = [f for f in report.findings if f.difference.kind == "damaged page"]
    assert [finding.difference.line for finding in found] == [at + 1]
    assert "cut off" in render_text(report)


def test_a_row_without_its_end_is_damaged(document: dict[str, Any]) -> None:
    """A row whose last cell is cut off is named, though it has all its cells."""
    page = render_page(document)

    report = compare(page.removesuffix(" |\n"), document)

    (finding,) = report.findings
    assert finding.difference.kind == "damaged page"
    assert finding.difference.line == page.count("\n")


def test_checks_without_jsonschema_rs_find_the_same(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the optional validator the generated one judges the examples, with equal results."""
    page = render_page(document).replace('"output_format": "webp"', '"output_format": "bmp"', 1)
    with_it = compare(page, document).findings

    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    without_it = compare(page, document).findings

    def told(findings: Any) -> list[tuple[str, str, int | None]]:
        return [(f.difference.kind, f.name, f.difference.line) for f in findings]

    assert told(without_it) == told(with_it)
    assert [f.name for f in with_it] == ["qwen-image-max-edit.request.output_format"]


def test_an_example_that_does_not_end_is_named_by_its_line(document: dict[str, Any]) -> None:
    """A JSON example with a missing bracket is a damaged page where the example begins."""
    lines = render_page(document).split("\n")
    start = lines.index("Minimum Request") + 1
    end = next(number for number in range(start, len(lines)) if lines[number] == "}")
    del lines[end]

    report = compare("\n".join(lines), document)

    found = [f.difference for f in report.findings if f.difference.kind == "damaged page"]
    assert [(difference.line, difference.model) for difference in found] == [
        (start + 1, "qwen-image-max-edit")
    ]


def test_the_counts_tell_how_much_was_read(document: dict[str, Any]) -> None:
    """The report says how many models, rows, codes and prices were read, of how many."""
    page = render_page(document)
    half = page[: page.index("Qwen LoRA v1 Text to Image (LoRA) API Documentation")]

    told = render_text(compare(half, document))

    assert "read: 4 of 7 models" in told
    assert "qwen-image-layered is in the spec, on no page" in told
