"""Proposed edits are YAML that reads back as what was meant."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pixazo.drift.edits import Edit, block, scalar

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)


@given(st.dictionaries(TEXT, JSON, max_size=3))
@example({"on": "yes", "a": ["no", "null", "~", "1", "1.0", "2026-11-22", "*", "a: b", "#x", " "]})
@example({"a": [{"b": [{"c": {}}]}], "d": {"e": [[], [1, [2]]]}, "$ref": "#/x"})
def test_any_value_reads_back_from_its_yaml(value: dict[str, Any]) -> None:
    """Whatever a page made us propose, YAML reads it back unchanged."""
    assert (yaml.safe_load(block(value)) or {}) == value


@pytest.mark.parametrize(
    "text", ["yes", "No", "null", "1", "0x1", "1e3", "", "-", "12:30", "=", "<<"]
)
def test_words_that_yaml_would_take_for_something_else_are_quoted(text: str) -> None:
    """A text stays a text, whatever YAML would like to read into it."""
    assert yaml.safe_load(scalar(text)) == text


def test_an_edit_leads_from_the_root_to_its_place() -> None:
    """An edit is nested as its pointer says; escaped slashes are slashes again."""
    edit = Edit("/paths/~1a~1{b}/post", {"tags": ["x"]})

    assert yaml.safe_load(edit.yaml()) == {"paths": {"/a/{b}": {"post": {"tags": ["x"]}}}}
