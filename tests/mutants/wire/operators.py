"""Small changes of one node of a good body, each with the keyword that should forbid it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["ABSENT", "OPERATORS", "SAME", "Operator", "Renamed"]

SAME: Any = object()
"""The operator does not fit the node."""
ABSENT: Any = object()
"""The node is left out."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """The field gets another name."""

    name: str


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to change a node.

    Args:
        name: in reports.
        keyword: of JSON Schema that should forbid the change.
        change: the new value, `SAME` or `ABSENT`, from the field's name and its old value.
    """

    name: str
    keyword: str
    change: Callable[[str, Any], Any]


_TIME = re.compile(r"\d{4}-\d\d-\d\dT")


def _any(change: Callable[[Any], Any]) -> Callable[[str, Any], Any]:
    return lambda _, old: change(old)


def _of(kind: type | tuple[type, ...], change: Callable[[Any], Any]) -> Callable[[str, Any], Any]:
    """For nodes of a type only; a boolean is no number here."""
    return lambda _, old: (
        change(old) if isinstance(old, kind) and not isinstance(old, bool) else SAME
    )


def _text(change: Callable[[str], Any]) -> Callable[[str, Any], Any]:
    """For texts that are not empty."""
    return lambda _, old: change(old) if isinstance(old, str) and old else SAME


def _url(change: Callable[[str], Any]) -> Callable[[str, Any], Any]:
    return _text(lambda old: change(old) if old.startswith("http") else SAME)


def _time(change: Callable[[str], Any]) -> Callable[[str, Any], Any]:
    return _text(lambda old: change(old) if _TIME.match(old) else SAME)


def _camel(name: str, _: Any) -> Any:
    if not name or name.isdigit():
        return SAME
    words = name.split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    return Renamed(camel if camel != name else f"{name}_")


def _unless(kind: type | tuple[type, ...], value: Any) -> Callable[[str, Any], Any]:
    return lambda _, old: SAME if isinstance(old, kind) or old == value else value


def _absent(name: str, _: Any) -> Any:
    return SAME if not name or name.isdigit() else ABSENT


NUMBERS = (int, float)

OPERATORS = (
    Operator("null", "type", _any(lambda old: SAME if old is None else None)),
    Operator("absent", "required", _absent),
    Operator("renamed", "required", _camel),
    Operator("in-a-list", "type", _any(lambda old: [old])),
    Operator("in-an-object", "type", _any(lambda old: {"value": old})),
    Operator("boolean", "type", _unless(bool, value=True)),
    Operator("number", "type", _unless(NUMBERS, value=7)),
    Operator("text-of-it", "type", _of((int, float, list, dict), str)),
    Operator("empty-object", "type", _any(lambda old: SAME if old == {} else {})),
    Operator("empty-list", "minItems", _any(lambda old: SAME if old == [] else [])),
    Operator("empty-text", "minLength", _text(lambda _: "")),
    Operator("blank-text", "pattern", _text(lambda _: " ")),
    Operator("padded", "pattern", _text(lambda old: f" {old} ")),
    Operator("line-break", "pattern", _text(lambda old: f"{old}\n")),
    Operator("upper-case", "enum", _text(lambda old: SAME if old.isupper() else old.upper())),
    Operator("lower-case", "enum", _text(lambda old: SAME if old.islower() else old.lower())),
    Operator("other-word", "enum", _text(lambda _: "Something else")),
    Operator("url-relative", "format", _url(lambda old: "/" + old.split("/", 3)[-1])),
    Operator("url-without-scheme", "pattern", _url(lambda old: old.partition(":")[2])),
    Operator("url-ftp", "pattern", _url(lambda old: "ftp" + old[old.index(":") :])),
    Operator("url-with-space", "format", _url(lambda old: f"{old} 1")),
    Operator("time-without-zone", "format", _time(lambda old: old[:19])),
    Operator("time-with-space", "format", _time(lambda old: old[:19].replace("T", " "))),
    Operator("time-epoch", "format", _time(lambda _: "1767225600")),
    Operator("time-date-only", "format", _time(lambda old: old[:10])),
    Operator("time-impossible", "format", _time(lambda old: f"{old[:5]}13{old[7:]}")),
    Operator("negative", "minimum", _of(NUMBERS, lambda _: -1)),
    Operator("fraction", "type", _of(NUMBERS, lambda old: old + 0.5)),
    Operator("item-null", "items", _of(list, lambda old: [*old, None])),
    Operator("item-twice", "uniqueItems", _of(list, lambda old: [*old, *old] if old else SAME)),
)
"""Every operator; none of them keeps a value that the documents allow, unless `equal` says so."""
