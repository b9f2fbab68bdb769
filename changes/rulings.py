"""Two versions of RULINGS.md: decisions that were made, or made otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changes.findings import Change, Level

__all__ = ["compare"]

_RULING = re.compile(r"^## (R\d+): ([^\n]+)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_DECISION = re.compile(r"^- Ruling: (.*?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)


def compare(old: str, new: str) -> Iterator[Change]:
    """Yield what was ruled since.

    Args:
        old: The text as it was released.
        new: The text as it is.
    """
    was, now = _read(old), _read(new)
    for number in was | now:
        if number not in now:
            yield Change(Level.PATCH, number, f"no longer there: {was[number][0]}", "numbers stay")
        elif number not in was:
            yield Change(Level.PATCH, number, f"ruled: {now[number][0]}", "a gap is closed")
        elif was[number][2] != now[number][2]:
            reason = "the same page is read another way"
            yield Change(Level.MINOR, number, f"ruled otherwise: {now[number][0]}", reason)
        elif was[number] != now[number]:
            yield Change(Level.PATCH, number, "words", "the decision is the same", told=False)


def _read(text: str) -> dict[str, tuple[str, str, str]]:
    """Return title, text and decision of every ruling, by number."""
    found: dict[str, tuple[str, str, str]] = {}
    for number, title, body in _RULING.findall(text):
        decision = _DECISION.search(body)
        found[number] = (title, body.strip(), " ".join(decision[1].split()) if decision else "")
    return found
