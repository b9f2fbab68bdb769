"""Values that break one rule of their schema, listed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.strategies.schemas import UNIONS, Case, Schema, Special, arms_of, cases, minimal

_WRONG_TYPES: Mapping[str, tuple[Any, ...]] = {
    "string": (7, True, ["x"], {}),
    "boolean": ("true", 1, 0.0),
    "integer": ("1", 1.5, True, math.nan, math.inf),
    "number": ("1.0", True, math.nan, -math.inf),
    "array": ("x", 3, {}),
    "object": ("x", 3, []),
}


def invalid(schema: Schema) -> Iterator[Case]:
    """Yield forbidden values, each of which breaks one rule of the schema in one place."""
    return cases(schema, _breaks)


def _breaks(schema: Schema) -> Special:
    arms = arms_of(schema)
    if arms:
        yield from _union_breaks(schema, arms)
        return
    for value in _WRONG_TYPES.get(schema["type"], ()):
        yield value, "type", f"{value!r} for {schema['type']}"
    if "enum" in schema:
        yield from _enum_breaks(schema)
    elif schema["type"] in {"integer", "number"}:
        yield from _number_breaks(schema)
    elif schema["type"] == "string":
        yield from _string_breaks(schema)
    elif schema["type"] == "array":
        yield from _array_breaks(schema)
    elif schema["type"] == "object":
        yield from _object_breaks(schema)


def _union_breaks(schema: Schema, arms: list[Schema]) -> Special:
    types = {arm["type"] for arm in arms}
    keyword = next((name for name in UNIONS if name in schema), "type")
    for value, name in ((3.25, "number"), (["x"], "array"), (True, "boolean")):
        if name not in types:
            yield value, keyword, f"{value!r} fits no arm"
    for arm in arms:
        for value, broken, note in _breaks(arm):
            if broken != "type":
                yield value, broken, f"{note} in one arm"


def _enum_breaks(schema: Schema) -> Special:
    yield "not-listed", "enum", "unlisted"
    for word in schema["enum"]:
        yield f"{word} ", "enum", f"{word!r} with a space"
        if word.swapcase() != word:
            yield word.swapcase(), "enum", f"{word!r} in other case"


def _number_breaks(schema: Schema) -> Special:
    step = 1 if schema["type"] == "integer" else 1e-6
    if "minimum" in schema:
        yield schema["minimum"] - step, "minimum", "just below"
    if "maximum" in schema:
        yield schema["maximum"] + step, "maximum", "just above"
    for keyword, away in (("exclusiveMinimum", -step), ("exclusiveMaximum", step)):
        if keyword in schema:
            yield schema[keyword], keyword, "the bound itself"
            yield schema[keyword] + away, keyword, "past the bound"


def _string_breaks(schema: Schema) -> Special:
    if schema.get("minLength"):
        yield "a" * (schema["minLength"] - 1), "minLength", "one short"
    if "maxLength" in schema:
        yield "a" * (schema["maxLength"] + 1), "maxLength", "one long"
    if "pattern" in schema:
        for text in ("", "Not A Match!", " ", "ftp://example.com/x", "javascript:alert(1)"):
            if not re.search(schema["pattern"], text):
                yield text, "pattern", f"{text!r}"
        broken = "pattern" if schema["pattern"].endswith("$") else "format"
        if broken in schema:
            yield f"{minimal(schema)}\n", broken, "line break at the end"
    elif schema.get("format") == "date-time":
        yield "yesterday", "format", "a word"


def _array_breaks(schema: Schema) -> Special:
    item = minimal(schema["items"])
    if schema.get("minItems"):
        yield [item] * (schema["minItems"] - 1), "minItems", "one item fewer"
    if "maxItems" in schema:
        yield [item] * (schema["maxItems"] + 1), "maxItems", "one item more"
    if schema.get("uniqueItems"):
        yield [item, item], "uniqueItems", "an item twice"


def _object_breaks(schema: Schema) -> Special:
    whole = minimal(schema)
    for name in schema.get("required", ()):
        lacking = {other: value for other, value in whole.items() if other != name}
        yield lacking, "required", f"without {name}"
    if schema.get("additionalProperties") is False:
        yield {**whole, "zzz": 1}, "additionalProperties", "an unknown name"
