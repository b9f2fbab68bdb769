"""What the words of a parameter row say: types, bounds, choices and the default."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from types import EllipsisType

from pixazo.drift.literals import JSONValue, LiteralBroken, read_literal

__all__ = ["NOTHING", "Stated", "read_row"]

NOTHING = ...  # the row does not say

_TYPES = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_COUNT_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_N = r"(-?\d[\d,]*(?:\.\d+)?|" + "|".join(_COUNT_WORDS) + ")"
_RANGES = (
    rf"\bbetween {_N} and {_N}\b",
    rf"\bfrom {_N} (?:up )?to {_N}\b",
    rf"\brange(?: is|:| of)? {_N}\s*(?:-|\u2013|to|\.\.\.?)\s*{_N}",
    rf"\({_N}\s*(?:-|\u2013|to)\s*{_N}(?:\s+\w+)?\)",
)
_EXACT = (
    rf"\bonly (?:supports )?{_N}\b",
    rf"\bsupports only {_N}\b",
    rf"\bmust be (?:exactly )?{_N}\b",
)
_MOST = (
    rf"\bmax(?:imum)?(?: value| number| length)?(?: is| of|:)? {_N}\b",
    rf"\b(?:at most|up to|no more than|not more than) {_N}\b",
    rf"<=\s*{_N}",
)
_LEAST = (
    rf"\bmin(?:imum)?(?: value| number| length)?(?: is| of|:)? {_N}\b",
    rf"\b(?:at least|no less than|no fewer than) {_N}\b",
    rf"\b{_N} or more\b",
    rf">=\s*{_N}",
)
_LIST = r"(.+?)(?:\.(?=\s|$)|\(|$)"  # up to the end of the sentence
_LEADS = (
    rf"(?:supported|allowed|available|accepted|possible|valid)(?: \w+)?(?: are| is)?\s*:\s*{_LIST}",
    rf"\bone of:?\s+{_LIST}",
    rf"\b(?:options|choices|values)\s*:\s*{_LIST}",
)
_ASIDE = re.compile(
    r"\(?\bdefault(?:s to|(?: value)?(?: is|:)|(?<=\(default)) "
    r"(\"[^\"]*\"|'[^']*'|`[^`]*`|[\w.*-]*\w)"
    r"|\bformat \"[^\"]*\"|\b(?:e\.g\.|such as|like|for example|typically)[^.)]*",
    re.I,
)
_DEFAULT = re.compile(
    r"(?:\bdefaults to|\bdefault(?: value)?(?: is|:)|\(default) "
    r"(\"[^\"]*\"|'[^']*'|`[^`]*`|-?[\w][\w.*-]*\w|-?\w)",
    re.I,
)
_QUOTED = re.compile(r"\"([^\"]*)\"|`([^`]*)`|(?<!\w)'([^']*)'(?!\w)")
_NO_DEFAULT = {"", "-", "\N{EN DASH}", "\N{EM DASH}", "none", "n/a", "no default"}
_FORMAT = re.compile(r"WIDTH(\S)HEIGHT")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a row states; `NOTHING` or an empty tuple where it is silent.

    Args:
        types: JSON Schema type names, in alphabetical order.
        default: The default value.
        bounds: JSON Schema keyword to bound, for example `maximum` to 4.
        enum: The allowed values, in the row's order.
        joint: The character that joins width and height, where a format names one.
    """

    types: tuple[str, ...] = ()
    default: JSONValue | EllipsisType = NOTHING
    bounds: tuple[tuple[str, int | float], ...] = ()
    enum: tuple[JSONValue, ...] = ()
    joint: str = ""


@lru_cache(maxsize=2000)
def read_row(kind: str, description: str, default: str) -> Stated:
    """Return what a parameter row states.

    Args:
        kind: The cell of the column "Type".
        description: The cell of the column "Description".
        default: The cell of the column "Default"; empty where the table has none.
    """
    types = _types(kind)
    stated = Stated(types=types, default=_default(default, description, types))
    stated = replace(stated, bounds=tuple(sorted(_bounds(description, types).items())))
    match = _FORMAT.search(description)
    joint = match.group(1) if match else ""
    return replace(stated, enum=_choices(description, types), joint=joint)


def _types(kind: str) -> tuple[str, ...]:
    text = re.sub(
        r"\s+of\s+\w+|\[\]|<[^>]*>|\([^)]*\)", "", kind.lower().replace("list of", "array of")
    )
    words = [word for word in re.split(r"\s*(?:\||/|,|\bor\b)\s*", text.strip()) if word]
    return tuple(sorted({_TYPES.get(word, word) for word in words}))


def _number(text: str) -> int | float:
    if text.lower() in _COUNT_WORDS:
        return _COUNT_WORDS[text.lower()]
    plain = text.replace(",", "")
    value = float(plain)
    return int(value) if value.is_integer() else value


def _bounds(description: str, types: tuple[str, ...]) -> dict[str, int | float]:
    least, most = _extent(description)
    low, high = _keywords(description, types)
    found: dict[str, int | float] = {}
    if low and least is not None:
        found[low] = least
    if high and most is not None:
        found[high] = most
    return found


def _extent(description: str) -> tuple[int | float | None, int | float | None]:
    text = _ASIDE.sub(" ", description)
    for pattern in _RANGES:
        match = re.search(pattern, text, re.I)
        if match:
            return _number(match.group(1)), _number(match.group(2))
    exact = _first(_EXACT, text)
    if exact is not None:
        return exact, exact
    return _first(_LEAST, text), _first(_MOST, text)


def _first(patterns: tuple[str, ...], text: str) -> int | float | None:
    for pattern in patterns:
        match = re.search(pattern, text, re.I)
        if match:
            return _number(match.group(1))
    return None


def _keywords(description: str, types: tuple[str, ...]) -> tuple[str, str]:
    """Return the JSON Schema keywords of the lower and the upper bound."""
    if "array" in types:
        return "minItems", "maxItems"
    if {"integer", "number"} & set(types):
        return "minimum", "maximum"
    if "string" in types and re.search(r"\bcharacters?\b", description, re.I):
        return "minLength", "maxLength"
    return "", ""


def _choices(description: str, types: tuple[str, ...]) -> tuple[JSONValue, ...]:
    if not {"string", "array"} & set(types):
        return ()
    text = _ASIDE.sub(" ", description)
    for lead in _LEADS:
        match = re.search(lead, text, re.I)
        if match:
            return _unique(_tokens(match.group(1)))
    return _unique(_quoted(text))


def _tokens(text: str) -> list[str]:
    if _QUOTED.search(text):
        return _quoted(text)
    parts = re.split(r"\s*,\s*(?:and |or )?|\s+(?:and|or)\s+", text.strip())
    return [part.strip() for part in parts if part.strip()]


def _quoted(text: str) -> list[str]:
    return [next(g for g in m.groups() if g is not None) for m in _QUOTED.finditer(text)]


def _unique(values: list[str]) -> tuple[JSONValue, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _default(cell: str, description: str, types: tuple[str, ...]) -> JSONValue | EllipsisType:
    if cell.strip().lower() not in _NO_DEFAULT:
        return _value(cell.strip(), types)
    match = _DEFAULT.search(description)
    return _value(match.group(1), types) if match else NOTHING


def _value(text: str, types: tuple[str, ...]) -> JSONValue:
    """Return the value that a default's text means for a parameter of these types."""
    bare = text.strip("`")
    if types == ("string",) and bare[:1] not in {'"', "'"}:
        return bare
    try:
        return read_literal(bare, 0)[0]
    except LiteralBroken:
        return bare
