# Made by `python -m codegen` from codegen/runtime/schema.py. Do not edit: change what it is made from.
"""Checks values against the JSON Schema that the document uses, and says in words what is wrong.

Requests are held to it before they are sent, answers are compared with it after they arrived. It
knows the keywords in ``KEYWORDS`` and no others; codegen refuses a document that uses more.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from functools import cache, partial
from importlib.resources import files
from typing import Any, NamedTuple, cast

from .errors import Problem
from .kinds import FORMATS, compiled, is_number, kind
from .words import closest, count, describe, form

__all__ = ["KEYWORDS", "component", "document", "problems", "reference"]

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


def reference(name: str) -> Schema:
    """Return a schema that refers to the component of this name; its check is made only once."""
    return {"$ref": f"#/components/schemas/{name}"}


def problems(value: object, schema: Schema, *, name: str = "", pointer: str = "") -> list[Problem]:
    """Return every rule of the schema that the value breaks, in the order of the schema.

    Args:
        value: what ``json.loads`` would return: mappings, lists, texts, numbers, booleans, None.
        schema: a schema of the document; references are looked up in ``document()``.
        name: how problems name the value; parts are added to it: ``image_urls[2]``.
        pointer: where the value stands, as a JSON pointer; parts are added to it.
    """
    return [broken.problem(name, pointer) for broken in _check(schema)(value)]


class _Broken(NamedTuple):
    """A rule that a value breaks; the way leads to it from the value that is checked."""

    way: tuple[str | int, ...]
    keyword: str
    value: object
    rule: str

    def below(self, part: str | int) -> _Broken:
        """Return the same seen from what holds the value, as a property or an item."""
        return self._replace(way=(part, *self.way))

    def problem(self, name: str, pointer: str) -> Problem:
        """Spell out the way, for people (`input.messages[0]`) and for programs."""
        for part in self.way:
            key = f".{part}" if name else f"{part}"
            name += f"[{part}]" if isinstance(part, int) else key
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in self.way)
        pointer += "".join(f"/{part}" for part in parts)
        return Problem(name or "body", self.value, self.rule, pointer, self.keyword)


_Found = Sequence[_Broken]
_Check = Callable[[object], _Found]
_Rule = Callable[[Schema], _Check]  # makes the check of one keyword
_FINE: _Found = ()


def _check(schema: Schema | bool) -> _Check:  # noqa: FBT001 (a schema)
    """Return what checks a value; all that can be known without the value is worked out here."""
    if isinstance(schema, bool):
        return _anything if schema else _nothing
    if "$ref" in schema:
        return partial(_refer, schema["$ref"].rpartition("/")[2])
    fits = kind(_types(schema))
    rules = [_RULES[keyword](schema) for keyword in schema if keyword in _RULES]

    def check(value: object) -> _Found:
        if not fits(value):
            return [_Broken((), "type", value, _asked(schema))]
        found: list[_Broken] = []
        for rule in rules:
            found += rule(value)
        return found

    return check


def _anything(_: object) -> _Found:
    return _FINE


def _nothing(value: object) -> _Found:
    return [_Broken((), "false", value, "must not be there")]


def _refer(name: str, value: object) -> _Found:
    return _component_check(name)(value)


@cache
def _component_check(name: str) -> _Check:
    return _check(component(name))


def _asked(schema: Schema) -> str:
    return f"must be {describe(schema, _resolve)}"


def _resolve(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = component(schema["$ref"].rpartition("/")[2])
    return schema


def _types(schema: Schema) -> tuple[str, ...]:
    stated = schema.get("type", ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


# --- rules about the value itself: when it breaks what the schema states, and in which words


def _leaf(
    keyword: str,
    breaks: Callable[[Any, Any], bool],
    words: str | Callable[[Schema, Any], str],
) -> _Rule:
    def rule(schema: Schema) -> _Check:
        stated = schema[keyword]

        def check(value: object) -> _Found:
            if not breaks(value, stated):
                return _FINE
            said = words if isinstance(words, str) else words(schema, value)
            return [_Broken((), keyword, value, said)]

        return check

    return rule


def _asked_of(schema: Schema, _: object) -> str:
    return _asked(schema)


def _same(left: object, right: object) -> bool:
    """Compare as JSON does: 1 equals 1.0, but true does not equal 1."""
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _none_of(value: object, stated: Iterable[object]) -> bool:
    return not any(_same(value, word) for word in stated)


def _limit(keyword: str, breaks: Callable[[Any, Any], bool], words: str) -> _Rule:
    return _leaf(
        keyword,
        lambda value, bound: is_number(value) and breaks(value, bound),
        lambda schema, _: f"must be {words} {schema[keyword]}",
    )


def _least(keyword: str, of: type | tuple[type, ...], noun: str) -> _Rule:
    def words(schema: Schema, _: object) -> str:
        bound = schema[keyword]
        return "must not be empty" if bound == 1 else f"must have at least {count(bound, noun)}"

    return _leaf(
        keyword,
        lambda value, bound: isinstance(value, of) and len(cast("Sized", value)) < bound,
        words,
    )


def _most(keyword: str, of: type | tuple[type, ...], noun: str) -> _Rule:
    return _leaf(
        keyword,
        lambda value, bound: isinstance(value, of) and len(cast("Sized", value)) > bound,
        lambda schema, value: f"must have at most {count(schema[keyword], noun)}, has {len(value)}",
    )


def _unmatched(value: object, pattern: str) -> bool:
    return isinstance(value, str) and not compiled(pattern).search(value)


def _format(schema: Schema) -> _Check:
    name = schema["format"]
    holds, pattern = FORMATS.get(name), schema.get("pattern", "")
    words = _asked({"type": "string", "format": name})

    def check(value: object) -> _Found:
        if holds is None or not isinstance(value, str) or holds(value):
            return _FINE
        if _unmatched(value, pattern):  # that says more
            return _FINE
        return [_Broken((), "format", value, words)]

    return check


def _repeats(value: object, unique: bool) -> bool:  # noqa: FBT001 (as the schema states it)
    if not unique or not isinstance(value, list | tuple):
        return False
    items = [*cast("Iterable[object]", value)]
    return any(_same(item, other) for at, item in enumerate(items) for other in items[:at])


# --- rules about what the value holds


def _items(schema: Schema) -> _Check:
    inner = _check(schema["items"])

    def check(value: object) -> _Found:
        if not isinstance(value, list | tuple):
            return _FINE
        items = enumerate(cast("Iterable[object]", value))
        return [broken.below(index) for index, item in items for broken in inner(item)]

    return check


def _required(schema: Schema) -> _Check:
    names = schema["required"]

    def check(value: object) -> _Found:
        if not isinstance(value, Mapping):
            return _FINE
        return [
            _Broken((name,), "required", None, "is required") for name in names if name not in value
        ]

    return check


def _properties(schema: Schema) -> _Check:
    inner = {name: _check(part) for name, part in schema["properties"].items()}

    def check(value: object) -> _Found:
        if not isinstance(value, Mapping):
            return _FINE
        members = cast("Mapping[str, object]", value)
        found: list[_Broken] = []
        for name, rule in inner.items():
            if name in members and (broken := rule(members[name])):
                found += [part.below(name) for part in broken]
        return found

    return check


def _additional(schema: Schema) -> _Check:
    known, stated = [*schema.get("properties", ())], schema["additionalProperties"]
    inner = _check(stated)

    def check(value: object) -> _Found:
        if stated is True or not isinstance(value, Mapping):
            return _FINE
        found: list[_Broken] = []
        for name, member in cast("Mapping[str, object]", value).items():
            if name in known:
                continue
            if stated is False:
                rule = "is not documented" + closest(name, known)
                found.append(_Broken((name,), "additionalProperties", member, rule))
            else:
                found += [broken.below(name) for broken in inner(member)]
        return found

    return check


def _one_arm(keyword: str) -> _Rule:
    def rule(schema: Schema) -> _Check:
        arms = [_check(arm) for arm in schema[keyword]]

        def check(value: object) -> _Found:
            found: list[_Found] = []
            for arm in arms:
                found.append(arm(value))
                if keyword == "anyOf" and not found[-1]:
                    return _FINE
            fitting = sum(not broken for broken in found)
            if fitting == 1:
                return _FINE
            near = [broken for broken in found if not _wrong_kind(broken)]
            if not fitting and len(near) == 1:
                return near[0]
            only = ", and only one of them" if fitting else ""
            return [_Broken((), keyword, value, _asked(schema) + only)]

        return check

    return rule


def _wrong_kind(found: _Found) -> bool:
    """Return whether an arm of a union failed for the type of the whole value."""
    return any(broken.keyword == "type" and not broken.way for broken in found)


def _all_of(schema: Schema) -> _Check:
    parts = [_check(part) for part in schema["allOf"]]
    return lambda value: [broken for part in parts for broken in part(value)]


_LISTS = (list, tuple)
_RULES: Mapping[str, _Rule] = {
    "const": _leaf("const", lambda value, stated: not _same(value, stated), _asked_of),
    "enum": _leaf("enum", _none_of, _asked_of),
    "minimum": _limit("minimum", operator.lt, "at least"),
    "maximum": _limit("maximum", operator.gt, "at most"),
    "exclusiveMinimum": _limit("exclusiveMinimum", operator.le, "more than"),
    "exclusiveMaximum": _limit("exclusiveMaximum", operator.ge, "less than"),
    "minLength": _least("minLength", str, "character"),
    "maxLength": _most("maxLength", str, "character"),
    "format": _format,
    "pattern": _leaf(
        "pattern", _unmatched, lambda schema, value: f"must {form(schema['pattern'], value)}"
    ),
    "minItems": _least("minItems", _LISTS, "item"),
    "maxItems": _most("maxItems", _LISTS, "item"),
    "uniqueItems": _leaf("uniqueItems", _repeats, "must not repeat an item"),
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
