"""Schemas taken apart: references followed, plainest values, and places inside values."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pixazo_openapi.schema import component

Schema = Mapping[str, Any]

UNIONS = ("anyOf", "oneOf")
ODD_TEXTS = ("", " ", "0", "null", "漢字 \U0001f600 é", 'quo"te\\ \n tab\t', "\u202eright to left")
LARGE = (0, -1, 2**31 - 1, 2**53)


@dataclass(frozen=True, slots=True)
class Case:
    """One value with its label.

    Args:
        value: the whole value, or the parameter's value for arguments.
        pointer: the place in it that is special, as a JSON pointer.
        keyword: the rule that this place sits on or breaks.
        note: what is special, for the test's id.
        name: the parameter; empty for cases of a bare schema.
    """

    value: Any
    pointer: str
    keyword: str
    note: str
    name: str = ""

    def __str__(self) -> str:
        where = self.name + (self.pointer if self.pointer != "/" else "")
        return f"{where or '/'} {self.keyword}: {self.note}"


def resolved(schema: Schema) -> Schema:
    """Follow references and merge ``allOf``, so that one mapping says everything."""
    while "$ref" in schema:
        schema = component(schema["$ref"].rpartition("/")[2])
    if "allOf" not in schema:
        return schema
    merged: dict[str, Any] = {}
    for part in schema["allOf"]:
        merged |= resolved(part)
    return merged | {name: value for name, value in schema.items() if name != "allOf"}


def arms_of(schema: Schema) -> list[Schema]:
    """Return the choices of a union; empty for any other schema."""
    for keyword in UNIONS:
        if keyword in schema:
            return [resolved(arm) for arm in schema[keyword]]
    stated = schema.get("type")
    return [{**schema, "type": name} for name in stated] if isinstance(stated, list) else []


def within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def span(schema: Schema) -> tuple[float | None, float | None]:
    """Return the least and the largest number that the schema allows; None where it says nothing.

    Of exclusive bounds it is the next number inside: a whole one for integers.
    """
    whole = schema["type"] == "integer"
    least, most = schema.get("minimum"), schema.get("maximum")
    beyond, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if beyond is not None:
        inside = math.floor(beyond) + 1 if whole else math.nextafter(beyond, math.inf)
        least = inside if least is None else max(least, inside)
    if below is not None:
        inside = math.ceil(below) - 1 if whole else math.nextafter(below, -math.inf)
        most = inside if most is None else min(most, inside)
    return least, most


def minimal(schema: Schema) -> Any:
    """Return the plainest value that the schema allows."""
    schema = resolved(schema)
    for keyword in ("examples", "enum"):
        if keyword in schema:
            return copy.deepcopy(schema[keyword][0])
    if "const" in schema:
        return schema["const"]
    if arms := arms_of(schema):
        return minimal(arms[0])
    if schema["type"] == "object":
        return {name: minimal(schema["properties"][name]) for name in schema.get("required", ())}
    if schema["type"] == "array":
        return [minimal(schema["items"]) for _ in range(schema.get("minItems", 0))]
    return _plain(schema)


def _plain(schema: Schema) -> Any:
    match schema["type"]:
        case "string" if schema.get("format") == "uri":
            return "https://pictures.example.com/a.png"
        case "string" if schema.get("format") == "date-time":
            return "2026-01-31T10:00:00.000Z"
        case "string":
            return "a" * max(1, schema.get("minLength", 1))
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return schema.get("minimum", _plain_number(schema))


def _plain_number(schema: Schema) -> float:
    """1, or the number in the middle, or the one at an end."""
    least, most = span(schema)
    if within(1, least, most):
        return 1
    if least is not None and most is not None and schema["type"] == "number":
        return (least + most) / 2
    return least if least is not None and least > 1 else most if most is not None else 1


def places(schema: Schema, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Schema]]:
    """Yield every place in a value of the schema, with the schema of the place."""
    schema = resolved(schema)
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, (*path, name))
    if "items" in schema:
        yield from places(schema["items"], (*path, 0))


def put(schema: Schema, path: tuple[str | int, ...], value: Any) -> Any:
    """Return the plainest value of the schema with one place in it changed."""
    if not path:
        return copy.deepcopy(value)
    schema = resolved(schema)
    whole = minimal(schema)
    head, *rest = path
    if isinstance(head, int):
        whole = whole or [None]
        whole[head] = put(schema["items"], tuple(rest), value)
    else:
        whole[head] = put(schema["properties"][head], tuple(rest), value)
    return whole


def pointer_of(path: Iterable[str | int]) -> str:
    return "/" + "/".join(map(str, path))


Special = Iterator[tuple[Any, str, str]]


def cases(schema: Schema, special: Callable[[Schema], Special]) -> Iterator[Case]:
    for path, inner in places(schema):
        for value, keyword, note in special(inner):
            yield Case(put(schema, path, value), pointer_of(path), keyword, note)
