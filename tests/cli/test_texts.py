"""Values as people type them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixazo_openapi.catalogue import MODELS, NO_DEFAULT, Parameter

from pixazo.cli import texts

SIZE = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
        },
    ]
}
PARAMETERS = [
    pytest.param(parameter, id=f"{model.model_id}-{parameter.name}")
    for model in MODELS.values()
    for parameter in model.parameters
]


@settings(deadline=None)
@given(st.integers())
def test_an_integer_is_read_back_as_typed(value: int) -> None:
    """Every integer reads back from its decimal text."""
    assert texts.read(str(value), {"type": "integer"}) == value


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_as_typed(value: float) -> None:
    """Every finite number reads back from its repr."""
    assert texts.read(repr(value), {"type": "number"}) == value


@settings(deadline=None)
@given(st.integers(0, 10**17), st.integers(0, 10**17), st.sampled_from("xX*"))
def test_a_size_in_pixels_is_width_then_height(width: int, height: int, sign: str) -> None:
    """WIDTHxHEIGHT becomes the object that the documents ask for, with x, X or an asterisk."""
    assert texts.read(f"{width}{sign}{height}", SIZE) == {"width": width, "height": height}


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("square_hd", SIZE, "square_hd"),
        ('{"width": 1, "height": 2}', SIZE, {"width": 1, "height": 2}),
        ("1280x", SIZE, "1280x"),
        ("three", {"type": "integer"}, "three"),
        ("1_000", {"type": "integer"}, "1_000"),
        ("2.5", {"type": "integer"}, "2.5"),
        ("4", {"type": "number"}, 4),
        ("1e-3", {"type": "number"}, 0.001),
        ("true", {"type": "boolean"}, True),
        ("[1, 2]", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ("12", {"type": "string"}, "12"),
        ("12", {"type": ["string", "null"]}, "12"),
        ("7", {"oneOf": [{"type": "string"}, {"type": "integer"}]}, 7),
        ("768x768", {"type": "string", "enum": ["768*768"]}, "768*768"),
        ("pixel", {"type": "string", "enum": ["pi*el", "pixel"]}, "pixel"),
    ],
)
def test_a_text_becomes_the_value_that_its_schema_allows(
    text: str, schema: dict[str, Any], value: object
) -> None:
    """A text becomes a value of the schema, and stays itself when it fits none."""
    found = texts.read(text, schema)

    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("photo.png", Path("photo.png")),
        ("https://pictures.example.com/a.png", "https://pictures.example.com/a.png"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
    ],
)
def test_an_inline_picture_is_a_file_unless_it_is_an_address(text: str, value: object) -> None:
    """Where a picture may be sent along, a text that is no address names a file."""
    assert texts.read(text, {"type": "string"}, inline=True) == value


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_documented_bound_is_told(parameter: Parameter) -> None:
    """Bounds, choices, default and duty of every documented parameter stand in its help."""
    shown = f"{texts.metavar(parameter.schema)} {'; '.join(texts.facts(parameter))}"

    for bound in (parameter.minimum, parameter.maximum, parameter.max_items, parameter.max_length):
        assert bound is None or str(bound) in shown
    assert all(str(word) in shown for word in parameter.enum)
    assert ("required" in shown) == parameter.required
    assert ("server's default" in shown) == (parameter.default is not NO_DEFAULT)


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (SIZE, "NAME|WIDTHxHEIGHT"),
        ({"type": "string", "enum": ["png", "jpeg"]}, "[png|jpeg]"),
        ({"type": "string", "format": "uri"}, "URL"),
        ({"type": "integer"}, "INTEGER"),
        ({"type": "number"}, "NUMBER"),
        ({"type": "array"}, "JSON"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "JSON"),
    ],
)
def test_a_placeholder_names_the_type(schema: dict[str, Any], shown: str) -> None:
    """The placeholder in the help says what may stand there."""
    assert texts.metavar(schema) == shown


def test_a_bound_that_is_itself_too_much_is_told() -> None:
    """Help says of an exclusive bound that values lie beyond it."""
    schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}

    assert list(texts.bounds(schema)) == ["at most 1", "more than 0"]
