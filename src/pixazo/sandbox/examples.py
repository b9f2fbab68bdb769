"""Example values: the documented ones, or the smallest that a schema allows."""

from __future__ import annotations

from typing import cast

from pixazo.sandbox.pointers import resolve
from pixazo.sandbox.types import Json

__all__ = ["documented_examples", "smallest"]

DEEPEST = 12
PLAIN: dict[str, Json] = {"integer": 0, "number": 0, "boolean": False, "null": None}
FORMATS = {"uri": "http://127.0.0.1/", "date-time": "2026-01-01T00:00:00.000Z"}


def documented_examples(document: dict[str, Json], content: dict[str, Json]) -> dict[str, Json]:
    """The named examples of a media type object; one made from its schema when it has none."""
    named = content.get("examples")
    if isinstance(named, dict) and named:
        found = {name: resolve(document, cast("dict[str, Json]", e)) for name, e in named.items()}
        return {name: example.get("value") for name, example in found.items()}
    if "example" in content:
        return {"example": content["example"]}
    return {"made": smallest(document, cast("dict[str, Json]", content.get("schema", {})))}


def smallest(document: dict[str, Json], schema: dict[str, Json], depth: int = 0) -> Json:
    """A small value that `schema` allows: examples, defaults, enums first."""
    schema = resolve(document, schema)
    ready = _ready_made(schema)
    if ready:
        return ready[0]
    for union in ("allOf", "anyOf", "oneOf"):
        arms = schema.get(union)
        if isinstance(arms, list) and arms:
            return smallest(document, cast("dict[str, Json]", arms[0]), depth + 1)
    kind = _kind(schema)
    if kind == "object" and depth < DEEPEST:
        return _object(document, schema, depth)
    if kind == "array" and depth < DEEPEST:
        return _array(document, schema, depth)
    if kind == "string":
        return FORMATS.get(str(schema.get("format")), "x" * max(1, _number(schema, "minLength")))
    if kind in ("integer", "number") and "minimum" in schema:
        return schema["minimum"]
    return PLAIN.get(kind)


def _ready_made(schema: dict[str, Json]) -> list[Json]:
    for name in ("examples", "enum"):
        values = schema.get(name)
        if isinstance(values, list) and values:
            return [values[0]]
    return [schema[name] for name in ("const", "default", "example") if name in schema]


def _kind(schema: dict[str, Json]) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "null")
    return str(kind[0] if isinstance(kind, list) else kind)


def _object(document: dict[str, Json], schema: dict[str, Json], depth: int) -> Json:
    properties = cast("dict[str, dict[str, Json]]", schema.get("properties", {}))
    return {n: smallest(document, s, depth + 1) for n, s in properties.items()}


def _array(document: dict[str, Json], schema: dict[str, Json], depth: int) -> Json:
    item = smallest(document, cast("dict[str, Json]", schema.get("items", {})), depth + 1)
    return [item] * max(1, _number(schema, "minItems"))


def _number(schema: dict[str, Json], name: str) -> int:
    value = schema.get(name, 0)
    return int(value) if isinstance(value, int | float) else 0
