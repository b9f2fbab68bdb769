"""Text for people: safe to print, in units they read."""

from __future__ import annotations

import json
from decimal import Decimal

from pixazo.money import shown

__all__ = ["counted", "dumped", "duration", "money", "printable", "size"]


def printable(text: object) -> str:
    """Return the text without control characters: what a server says must not steer a terminal."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}"
        for letter in str(text)
    )


def dumped(document: object) -> str:
    """Return a JSON document as every command prints it."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def money(usd: Decimal | None) -> str:
    """Return a price in US dollars; `unknown` when the documents name none."""
    return "unknown" if usd is None else shown(usd)


def counted(number: int, noun: str) -> str:
    """Return `1 line` or `3 lines`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Return seconds as `3.2 s` or `2:05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d} min"


def size(count: int) -> str:
    """Return a number of bytes as `812 B`, `34.1 kB` or `5.0 MB`."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
