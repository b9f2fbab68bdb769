"""Pieces of Markdown: cells, code, and the way from a ruling's number to its text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["code", "joined", "references", "text"]

RULINGS = "../../spec/RULINGS.md"
_NUMBER = re.compile(r"\bR\d{2,3}\b")
_SIGN = re.compile(r"[\\|<*]|(?<!\w)_|_(?!\w)")  # an underscore inside a word means nothing
_CODE = re.compile(r"`[^`]*`")
_NAMED = re.compile(r"\[(R\d{2,3})\]")


def text(words: str) -> str:
    """Return words of the document for a line or a table's cell, rulings ready to be linked."""
    line = _SIGN.sub(r"\\\g<0>", " ".join(words.split()))
    # What the document itself marks as code stays as it is written there.
    line = _CODE.sub(lambda found: re.sub(r"\\([\\<*_])", r"\1", found[0]), line)
    return _NUMBER.sub(lambda found: f"[{found[0]}]", line)


def code(value: Any) -> str:
    """Return a value as JSON and code, fit for a table's cell."""
    said = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    fence = "``" if "`" in said else "`"
    return f"{fence}{said}{fence}".replace("|", "\\|")


def joined(numbers: tuple[str, ...]) -> str:
    """Return rulings by number, ready to be linked."""
    return ", ".join(f"[{number}]" for number in numbers)


def references(page: str, titles: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return number, title and address of every ruling that a page names, by number.

    Args:
        page: the page as it is so far.
        titles: the rulings' titles by number.
    """
    named = sorted(set(_NAMED.findall(page)) & set(titles), key=lambda number: int(number[1:]))
    return [(number, titles[number], _address(number, titles[number])) for number in named]


def _address(number: str, title: str) -> str:
    """Return where code hosts put a heading: small letters, hyphens, no other signs."""
    kept = re.sub(r"[^\w\- ]", "", f"{number}: {title}".lower())
    return f"{RULINGS}#{kept.replace(' ', '-')}"
