# Made by `python -m codegen` from codegen/runtime/kinds.py. Do not edit: change what it is made from.
"""What kinds of values a schema can ask for: types, patterns and formats."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache

__all__ = ["FORMATS", "compiled", "is_number", "kind"]


def kind(names: Iterable[str]) -> Callable[[object], bool]:
    """Return what tells whether a value is of one of these types; of no type is every value."""
    types = [_TYPES[name] for name in names]
    if len(types) == 1:
        return types[0]
    return lambda value: not types or any(holds(value) for holds in types)


def is_number(value: object) -> bool:
    """Return whether a value is a number: booleans are none, and no number is infinite."""
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()  # 1.0 is an integer
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_whole,
    "number": is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping),
}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern for Python, where ``$`` would allow a line break behind the end."""
    return re.compile(_DOLLAR.sub(lambda found: r"\Z" if found[0] == "$" else found[0], pattern))


_DOLLAR = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$")  # one that is escaped, or in a set, is a sign


def _is_uri(text: str) -> bool:
    """Return whether the text is a URI as RFC 3986 writes them: ASCII, the rest percent-encoded."""
    return bool(_URI.fullmatch(text))


_LETTERS = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]++|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://{_LETTERS}*+(?:\[[0-9A-Fa-f:.]+\](?::[0-9]*)?)?(?=[/?#]|$)(?:/{_LETTERS}*+)*+"
    rf"|/?{_LETTERS}++(?:/{_LETTERS}*+)*+)"
    rf"(?:\?(?:{_LETTERS}|[/?])*+)?"
    rf"(?:\#(?:{_LETTERS}|[/?])*+)?"
)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d")


def _is_date_time(text: str) -> bool:
    if not _DATE_TIME.match(text):
        return False
    try:
        return datetime.fromisoformat(text.upper()).tzinfo is not None
    except ValueError:
        return False


FORMATS: Mapping[str, Callable[[str], bool]] = {"uri": _is_uri, "date-time": _is_date_time}
