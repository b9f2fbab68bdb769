"""Bounds, choices and defaults, read from the words that pages use."""

from __future__ import annotations

import pytest

from pixazo.drift.descriptions import NOTHING, read_row
from pixazo.drift.lines import read_lines
from pixazo.drift.tables import find_tables


@pytest.mark.parametrize(
    ("kind", "description", "bounds"),
    [
        ("integer", "Must be between 1 and 4.", {"minimum": 1, "maximum": 4}),
        ("integer", "Maximum value is 4.", {"maximum": 4}),
        ("integer", "A number from 1 to 9", {"minimum": 1, "maximum": 9}),
        ("number", "How fast (0.0-1.0)", {"minimum": 0, "maximum": 1}),
        ("number", "Range: 0.5-2.5", {"minimum": 0.5, "maximum": 2.5}),
        ("number", "Steps (1-10,000)", {"minimum": 1, "maximum": 10000}),
        ("integer", "Minimum: 10, maximum: 50", {"minimum": 10, "maximum": 50}),
        ("integer", "At least 3.", {"minimum": 3}),
        ("integer", "Up to 12 of them.", {"maximum": 12}),
        ("integer", "How many (supports only 1).", {"minimum": 1, "maximum": 1}),
        ("integer", "Seed, for example 42 or up to you", {}),
        ("array", "Pictures (1-10 images)", {"minItems": 1, "maxItems": 10}),
        ("array of strings", "One or more addresses.", {"minItems": 1}),
        ("array", "Must contain at least two parts.", {"minItems": 2}),
        ("string", "Up to 800 characters.", {"maxLength": 800}),
        ("string", "Between 3 and 20 characters", {"minLength": 3, "maxLength": 20}),
        ("string", "Between 3 and 20 pictures", {}),
        ("integer", "How many. Default: 4.", {}),
    ],
)
def test_bounds_are_read(kind: str, description: str, bounds: dict[str, float]) -> None:
    """A bound in words becomes the JSON Schema keyword of the parameter's type."""
    assert dict(read_row(kind, description, "").bounds) == bounds


@pytest.mark.parametrize(
    ("kind", "description", "enum"),
    [
        ("string", "Supported values: png, jpeg, webp.", ("png", "jpeg", "webp")),
        ("string", 'Available sizes: "12*8", "8*8".', ("12*8", "8*8")),
        ("string", 'Model. Available value: "x-1" (the one).', ("x-1",)),
        ("string", "One of: slow, fast or furious", ("slow", "fast", "furious")),
        ("string", 'Output: "png" or "jpeg"', ("png", "jpeg")),
        ("string", 'Must be "user" for that.', ("user",)),
        ("string", 'Use "regular" for most, "fast" for speed.', ("regular", "fast")),
        ("array", 'Events: ["start"], ["*"]', ("start", "*")),
        ("string", 'In format "W,H". Default: "" (empty).', ()),
        ("string", 'A style, such as "oil" or "ink"', ()),
        ("boolean", 'Whether it is "on".', ()),
        ("string", "What is not to be seen in the picture.", ()),
    ],
)
def test_choices_are_read(kind: str, description: str, enum: tuple[str, ...]) -> None:
    """Allowed values are read from a list or from quotes; formats and samples are not choices."""
    assert read_row(kind, description, "").enum == enum


@pytest.mark.parametrize(
    ("kind", "cell", "description", "default"),
    [
        ("boolean", "true", "", True),
        ("integer", "1", "", 1),
        ("string", "png", "", "png"),
        ("string", '"1"', "", "1"),
        ("string", '""', "", ""),
        ("string", "", 'Default: "" (empty).', ""),
        ("boolean", "", "Mark it. Default: false.", False),
        ("number", "", "Defaults to 0.5", 0.5),
        ("number", "", "A figure (default 3).", 3),
        ("string", "", "Default caption when there is none", NOTHING),
        ("string", "—", "Free text", NOTHING),
        ("string", "-", "Free text", NOTHING),
    ],
)
def test_defaults_are_read(kind: str, cell: str, description: str, default: object) -> None:
    """A default comes from its column, else from the description, in the parameter's type."""
    assert read_row(kind, description, cell).default == default


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("string", ("string",)),
        ("array of strings", ("array",)),
        ("string or object", ("object", "string")),
        ("string|null", ("null", "string")),
        ("int", ("integer",)),
        ("Float", ("number",)),
        ("string[]", ("string",)),
        ("quaternion", ("quaternion",)),
    ],
)
def test_types_are_read(kind: str, types: tuple[str, ...]) -> None:
    """The vendor's words for types become JSON Schema's; unknown ones stay as they are."""
    assert read_row(kind, "", "").types == types


PIPED = """
| Field | Type | Description |
|---|---|---|
| id | string | Its name |
| error | string|null | Why, if `so` |
"""
STACKED = """
Field

Type

Description

id

string

Its name

error

string|null

Why, if `so`
"""
RUNNING = "Field Type Description id string Its name error string|null Why, if `so`"
ROWS = "Field Type Description\nid string Its name\nerror string|null Why, if `so`"


@pytest.mark.parametrize("text", [PIPED, STACKED, RUNNING, ROWS])
def test_a_table_reads_the_same_in_every_form(text: str) -> None:
    """Piped, one cell a line, running on, or a row a line: the cells are the same."""
    (table,) = find_tables(read_lines(text))

    assert table.columns == ("field", "type", "description")
    assert [row.cells for row in table.rows] == [
        {"field": "id", "type": "string", "description": "Its name"},
        {"field": "error", "type": "string|null", "description": "Why, if `so`"},
    ]
    assert not table.broken
