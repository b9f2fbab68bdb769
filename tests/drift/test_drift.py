"""Pages against the spec: agreement is silent, and every single change is named at its line."""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest

from pixazo.drift import compare, render_text
from tests.drift.changes import CHANGES, Change
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


@pytest.mark.parametrize("form", ["dump", "stacked"])
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
            near = "".join(lines[number - 1 : number])
            assert any(text in near for text in change.near.split("|")), (near, told)
