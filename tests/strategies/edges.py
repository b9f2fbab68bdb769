"""Values that sit on a bound of their schema, listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from tests.strategies.schemas import (
    LARGE,
    ODD_TEXTS,
    Case,
    Schema,
    Special,
    arms_of,
    cases,
    minimal,
    resolved,
    span,
    within,
)


def boundaries(schema: Schema) -> Iterator[Case]:
    """Yield allowed values, each of which sits on one rule of the schema."""
    return cases(schema, _edges)


def _edges(schema: Schema) -> Special:
    if "enum" in schema:
        yield from ((word, "enum", f"listed {word!r}") for word in schema["enum"])
    elif arms := arms_of(schema):
        for arm in arms:
            yield from _edges(resolved(arm))
    else:
        yield from _EDGES[schema["type"]](schema)


def _number_edges(schema: Schema) -> Special:
    least, most = span(schema)
    for keyword in ("minimum", "maximum"):
        if keyword in schema:
            yield schema[keyword], keyword, f"exactly {schema[keyword]}"
            yield float(schema[keyword]), keyword, f"exactly {float(schema[keyword])}"
    for keyword, inside in (("exclusiveMinimum", least), ("exclusiveMaximum", most)):
        if keyword in schema:
            yield inside, keyword, f"the first beyond {schema[keyword]}"
    for large in LARGE:
        if within(large, least, most):
            yield large, "type", f"{large}"
    if schema["type"] == "number" and least is not None and most is not None:
        yield math.nextafter(least, most), _bound(schema, "inimum"), "just inside the least"
        yield math.nextafter(most, least), _bound(schema, "aximum"), "just inside the largest"


def _bound(schema: Schema, end: str) -> str:
    """The keyword that states an end."""
    return f"exclusiveM{end}" if f"exclusiveM{end}" in schema else f"m{end}"


def _string_edges(schema: Schema) -> Special:
    if "format" in schema or "pattern" in schema:
        yield minimal(schema), "pattern", "plain"
        return
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    yield "a" * least, "minLength", f"length {least}"
    yield "a" * (most or 4000), "maxLength", f"length {most or 4000}"
    for text in ODD_TEXTS:
        if within(len(text), least, most):
            yield text, "type", f"{text!a}"


def _array_edges(schema: Schema) -> Special:
    for keyword in ("minItems", "maxItems"):
        if keyword in schema and not schema.get("uniqueItems"):
            yield [minimal(schema["items"])] * schema[keyword], keyword, f"{schema[keyword]} items"
    inner = resolved(schema["items"])
    if schema.get("uniqueItems") and "enum" in inner:
        yield [*inner["enum"]], "uniqueItems", "each word once"


def _object_edges(schema: Schema) -> Special:
    yield minimal(schema), "required", "only what is required"
    members = schema.get("properties", {})
    yield {name: minimal(inner) for name, inner in members.items()}, "properties", "everything"


def _boolean_edges(_: Schema) -> Special:
    yield True, "type", "true"
    yield False, "type", "false"


def _null_edges(_: Schema) -> Special:
    yield None, "type", "null"


_EDGES: Mapping[str, Callable[[Schema], Special]] = {
    "null": _null_edges,
    "boolean": _boolean_edges,
    "integer": _number_edges,
    "number": _number_edges,
    "string": _string_edges,
    "array": _array_edges,
    "object": _object_edges,
}
