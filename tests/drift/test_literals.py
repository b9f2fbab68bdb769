"""Literals of three languages, read without running anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixazo.drift.literals import LiteralBroken, read_literal

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)  # fmt: skip


@given(JSON)
def test_json_reads_as_json(value: Any) -> None:
    """Whatever JSON writes is read back as it was."""
    text = json.dumps(value)

    assert read_literal(text, 0) == (value, len(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, 'b': [true, False, None],}", {"a": 1, "b": [True, False, None]}),
        ("{\n'say': 'it\\'s', n: -2.5e1,\n}", {"say": "it's", "n": -25.0}),
        ("[]", []),
        ("{$ref: 'x'}", {"$ref": "x"}),
    ],
)
def test_python_and_javascript_read_as_well(text: str, value: object) -> None:
    """Bare keys, single quotes, Python's words and trailing commas are understood."""
    assert read_literal(text, 0)[0] == value


@pytest.mark.parametrize(
    "text", ["{", "{a}", "{a: b}", "{a: f()}", "['x", "{a: 1", "[1 2]", "{1: 2}", "[" * 99, ""]
)
def test_code_and_broken_literals_are_refused(text: str) -> None:
    """What is code, or ends too early, is refused with the place where it broke."""
    with pytest.raises(LiteralBroken) as caught:
        read_literal(text, 0)

    assert 0 <= caught.value.offset <= len(text)


@given(st.text(alphabet="{}[]:,'\"\\ab1-. \n"))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is either a literal or refused; nothing else is raised."""
    try:
        _, end = read_literal(text, 0)
    except LiteralBroken:
        return
    assert 0 < end <= len(text)
