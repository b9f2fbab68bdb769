# Made by `python -m codegen` from codegen/runtime/schema.py. Do not edit: change what it is made from.
"""Checks values against the JSON Schema that the document uses, and says in words what is wrong.

Requests are held to it before they are sent, answers are compared with it after they arrived. It
knows the keywords in ``KEYWORDS`` and no others; codegen refuses a document that uses more.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

from .errors import Problem
from .words import closest, count, describe, form

__all__ = ["FORMATS", "KEYWORDS", "compiled", "component", "document", "problems"]

Schema = Mapping[str, Any]
"""A schema of the document."""


@cache
def document() -> Mapping[str, Any]:
    """Return the OpenAPI document that this package was made from; treat it as frozen."""
    text = files(__name__.rpartition(".")[0]).joinpath("openapi.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Any]", json.loads(text))


def component(name: str) -> Schema:
    """Return the component of this name; raises KeyError when the document has none."""
    return cast("Schema", document()["components"]["schemas"][name])


def problems(value: object, schema: Schema, *, name: str = "", pointer: str = "") -> list[Problem]:
    """Return every rule of the schema that the value breaks, in the order of the schema.

    Args:
        value: what ``json.loads`` would return: mappings, lists, texts, numbers, booleans, None.
        schema: a schema of the document; references are looked up in ``document()``.
        name: how problems name the value; parts are added to it: ``image_urls[2]``.
        pointer: where the value stands, as a JSON pointer; parts are added to it.
    """
    return list(_check(_Place(name, pointer), value, schema))


class _Place:
    """Where in the checked value we are, spelt out only where something is wrong."""

    __slots__ = ("_name", "_pointer", "_way")

    def __init__(self, name: str, pointer: str, way: tuple[str | int, ...] = ()) -> None:
        self._name, self._pointer, self._way = name, pointer, way

    def inner(self, part: str | int) -> _Place:
        """Return the place of a property or an item."""
        return _Place(self._name, self._pointer, (*self._way, part))

    @property
    def name(self) -> str:
        """For people: `input.messages[0]`."""
        name = self._name
        for part in self._way:
            key = f".{part}" if name else f"{part}"
            name += f"[{part}]" if isinstance(part, int) else key
        return name

    @property
    def pointer(self) -> str:
        """For programs: `/input/messages/0`."""
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in self._way)
        return self._pointer + "".join(f"/{part}" for part in parts)

    def broken(self, keyword: str, value: object, rule: str) -> Problem:
        return Problem(self.name or "body", value, rule, self.pointer, keyword)


_Found = Iterator[Problem]


def _check(at: _Place, value: object, schema: Schema | bool) -> _Found:  # noqa: FBT001 (a schema)
    if isinstance(schema, bool):
        if not schema:
            yield at.broken("false", value, "must not be there")
        return
    schema = _resolve(schema)
    types = _types(schema)
    if types and not any(_is(value, name) for name in types):
        yield at.broken("type", value, _asked(schema))
        return
    for keyword in schema:
        rule = _RULES.get(keyword)
        if rule is not None:
            yield from rule(at, value, schema)


def _asked(schema: Schema) -> str:
    return f"must be {describe(schema, _resolve)}"


def _resolve(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = component(schema["$ref"].rpartition("/")[2])
    return schema


def _types(schema: Schema) -> tuple[str, ...]:
    stated = schema.get("type", ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


# --- types: booleans are not numbers, 1.0 is an integer, and no number is infinite


def _is_number(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_whole,
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping),
}


def _is(value: object, name: str) -> bool:
    return _TYPES[name](value)


# --- the rules: one function per keyword, each yields what is broken


def _const(at: _Place, value: object, schema: Schema) -> _Found:
    if not _same(value, schema["const"]):
        yield at.broken("const", value, _asked(schema))


def _enum(at: _Place, value: object, schema: Schema) -> _Found:
    if not any(_same(value, word) for word in schema["enum"]):
        yield at.broken("enum", value, _asked(schema))


def _same(left: object, right: object) -> bool:
    """Compare as JSON does: 1 equals 1.0, but true does not equal 1."""
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _limit(keyword: str, holds: Callable[[float, float], bool], words: str) -> _Rule:
    def rule(at: _Place, value: object, schema: Schema) -> _Found:
        if _is_number(value) and not holds(cast("float", value), schema[keyword]):
            yield at.broken(keyword, value, f"must be {words} {schema[keyword]}")

    return rule


def _length(keyword: str, kind: type | tuple[type, ...], noun: str) -> _Rule:
    def rule(at: _Place, value: object, schema: Schema) -> _Found:
        bound = schema[keyword]
        if not isinstance(value, kind):
            return
        size = len(cast("str | list[object]", value))
        if keyword.startswith("min") and size < bound:
            words = (
                "must not be empty" if bound == 1 else f"must have at least {count(bound, noun)}"
            )
            yield at.broken(keyword, value, words)
        elif keyword.startswith("max") and size > bound:
            yield at.broken(keyword, value, f"must have at most {count(bound, noun)}, has {size}")

    return rule


def _pattern(at: _Place, value: object, schema: Schema) -> _Found:
    if isinstance(value, str) and not compiled(schema["pattern"]).search(value):
        yield at.broken("pattern", value, f"must {form(schema['pattern'], value)}")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern for Python, where ``$`` would allow a line break behind the end."""
    return re.compile(_DOLLAR.sub(lambda found: r"\Z" if found[0] == "$" else found[0], pattern))


_DOLLAR = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$")  # one that is escaped, or in a set, is a sign


def _format(at: _Place, value: object, schema: Schema) -> _Found:
    holds = FORMATS.get(schema["format"])
    if not isinstance(value, str) or holds is None or holds(value):
        return
    if "pattern" not in schema or compiled(schema["pattern"]).search(value):  # else it says more
        yield at.broken("format", value, _asked({"type": "string", "format": schema["format"]}))


def _is_uri(text: str) -> bool:
    """Return whether the text is a URI as RFC 3986 writes them: ASCII, the rest percent-encoded."""
    return bool(_URI.fullmatch(text))


_LETTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://{_LETTER}*(?:\[[0-9A-Fa-f:.]+\](?::[0-9]*)?)?(?=[/?#]|$)(?:/{_LETTER}*)*"
    rf"|/?{_LETTER}+(?:/{_LETTER}*)*)"
    rf"(?:\?(?:{_LETTER}|[/?])*)?"
    rf"(?:\#(?:{_LETTER}|[/?])*)?"
)


def _is_date_time(text: str) -> bool:
    if not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d", text):
        return False
    try:
        return datetime.fromisoformat(text.upper()).tzinfo is not None
    except ValueError:
        return False


FORMATS: Mapping[str, Callable[[str], bool]] = {"uri": _is_uri, "date-time": _is_date_time}


def _items(at: _Place, value: object, schema: Schema) -> _Found:
    if isinstance(value, list | tuple):
        for index, item in enumerate(cast("Iterable[object]", value)):
            yield from _check(at.inner(index), item, schema["items"])


def _unique(at: _Place, value: object, schema: Schema) -> _Found:
    if isinstance(value, list | tuple) and schema["uniqueItems"]:
        items = [*cast("Iterable[object]", value)]
        if any(_same(item, other) for at_, item in enumerate(items) for other in items[:at_]):
            yield at.broken("uniqueItems", items, "must not repeat an item")


def _required(at: _Place, value: object, schema: Schema) -> _Found:
    if isinstance(value, Mapping):
        for name in schema["required"]:
            if name not in value:
                yield at.inner(name).broken("required", None, "is required")


def _properties(at: _Place, value: object, schema: Schema) -> _Found:
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        for name, inner in schema["properties"].items():
            if name in members:
                yield from _check(at.inner(name), members[name], inner)


def _additional(at: _Place, value: object, schema: Schema) -> _Found:
    if not isinstance(value, Mapping) or schema["additionalProperties"] is True:
        return
    known = [*schema.get("properties", ())]
    for name, inner in cast("Mapping[str, object]", value).items():
        if name in known:
            continue
        if schema["additionalProperties"] is False:
            rule = "is not documented" + closest(name, known)
            yield at.inner(name).broken("additionalProperties", inner, rule)
        else:
            yield from _check(at.inner(name), inner, schema["additionalProperties"])


def _one_arm(keyword: str) -> _Rule:
    def rule(at: _Place, value: object, schema: Schema) -> _Found:
        found: list[list[Problem]] = []
        for arm in schema[keyword]:
            found.append([*_check(at, value, arm)])
            if keyword == "anyOf" and not found[-1]:
                return
        fitting = found.count([])
        if fitting > 1:
            yield at.broken(keyword, value, f"{_asked(schema)}, and only one of them")
        if fitting:
            return
        near = [broken for broken in found if not _wrong_kind(broken, at)]
        if len(near) == 1:
            yield from near[0]
        else:
            yield at.broken(keyword, value, _asked(schema))

    return rule


def _wrong_kind(broken: list[Problem], at: _Place) -> bool:
    """Return whether an arm of a union failed for the type of the whole value."""
    return any(problem.keyword == "type" and problem.pointer == at.pointer for problem in broken)


def _all_of(at: _Place, value: object, schema: Schema) -> _Found:
    for part in schema["allOf"]:
        yield from _check(at, value, part)


_Rule = Callable[[_Place, object, Schema], _Found]
_LISTS = (list, tuple)
_RULES: Mapping[str, _Rule] = {
    "const": _const,
    "enum": _enum,
    "minimum": _limit("minimum", lambda value, bound: value >= bound, "at least"),
    "maximum": _limit("maximum", lambda value, bound: value <= bound, "at most"),
    "exclusiveMinimum": _limit("exclusiveMinimum", lambda value, bound: value > bound, "more than"),
    "exclusiveMaximum": _limit("exclusiveMaximum", lambda value, bound: value < bound, "less than"),
    "minLength": _length("minLength", str, "character"),
    "maxLength": _length("maxLength", str, "character"),
    "format": _format,
    "pattern": _pattern,
    "minItems": _length("minItems", _LISTS, "item"),
    "maxItems": _length("maxItems", _LISTS, "item"),
    "uniqueItems": _unique,
    "items": _items,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "anyOf": _one_arm("anyOf"),
    "oneOf": _one_arm("oneOf"),
    "allOf": _all_of,
}

_WORDS_ONLY = (
    "$ref",
    "type",
    "default",
    "description",
    "title",
    "example",
    "examples",
    "deprecated",
    "x-pixazo",
)
KEYWORDS = frozenset((*_RULES, *_WORDS_ONLY))
