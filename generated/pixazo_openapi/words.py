# Made by `python -m codegen` from codegen/runtime/words.py. Do not edit: change what it is made from.
"""What a schema asks for, in words that end a sentence: ``must be …``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, cast

__all__ = ["closest", "count", "describe", "form", "place"]

Schema = Mapping[str, Any]

_NOUNS = {
    "null": "null",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a finite number",
    "string": "a string",
    "array": "a list",
    "object": "an object",
}
_FORMATS = {
    "uri": "a URL, percent-encoded where it is not ASCII",
    "date-time": "a date and time with its offset, such as 2026-01-31T10:00:00Z",
}
_BEGINNING = re.compile(r"(?P<word>[a-z]+)(?P<rest>s\?://|://|:[a-z]+/)")


def describe(schema: Schema, resolve: Callable[[Schema], Schema]) -> str:
    """Return what the schema asks for: ``one of png, jpeg, webp``, ``an integer``.

    Args:
        schema: a schema of the document.
        resolve: follows a reference.
    """
    schema = resolve(schema)
    if "const" in schema:
        return _word(schema["const"])
    if "enum" in schema:
        words = ", ".join(_word(word) for word in schema["enum"])
        return words if len(schema["enum"]) == 1 else f"one of {words}"
    for keyword, joint in (("anyOf", ", or "), ("oneOf", ", or "), ("allOf", " and ")):
        if keyword in schema:
            return joint.join(describe(arm, resolve) for arm in schema[keyword])
    stated = schema.get("type", ())
    types = [stated] if isinstance(stated, str) else [*cast("Iterable[str]", stated)]
    if schema.get("format") in _FORMATS and types in ([], ["string"]):
        return _FORMATS[schema["format"]]
    nouns = " or ".join(_NOUNS[name] for name in types) or "anything"
    members = schema.get("required", ())
    return f"{nouns} with {' and '.join(members)}" if members else nouns


def _word(value: object) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)


def count(number: int, noun: str) -> str:
    """Return ``1 item``, ``2 items``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def closest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean seed?`` for ``sed``, and nothing where no known name is near."""
    near = get_close_matches(name, [*known], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def place(pointer: str) -> str:
    """Return a JSON pointer as people write it: ``/output/url/0`` is ``output.url[0]``."""
    text = ""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        text += f"[{name}]" if name.isdigit() else f".{name}" if text else name
    return text


def form(pattern: str, text: str = "") -> str:
    """Say what a pattern asks for; where every choice has a fixed beginning, people see that.

    Args:
        pattern: a regular expression.
        text: what does not match it; one that begins rightly is told the whole pattern.
    """
    words = _beginnings(pattern)
    if not words or text.startswith(words):
        return f"match the pattern {pattern}"
    return "have the form " + " or ".join(f"{word}…" for word in words)


@cache
def _beginnings(pattern: str) -> tuple[str, ...]:
    inner = re.fullmatch(r"\^\((.*)\)\$?", pattern)
    choices = inner[1].split("|") if inner else [pattern.removeprefix("^")]
    starts = [_BEGINNING.match(choice) for choice in choices]
    if not pattern.startswith("^") or not all(starts):
        return ()
    return tuple(word for start in starts if start for word in _forms(start["word"], start["rest"]))


def _forms(word: str, rest: str) -> list[str]:
    plain = rest.removeprefix("s?")
    return [word + rest] if plain == rest else [word + plain, f"{word}s{plain}"]
