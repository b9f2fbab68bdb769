"""The rulings' titles and texts: from the package, or from the RULINGS.md beside a spec file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

__all__ = ["Ruling", "read_rulings", "shipped_rulings"]

_HEADING = re.compile(r"## (R\d{2,3}): (.+)")
_ITEM = re.compile(r"- ([A-Z][^:]*): (.+)")


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision on what the pages leave open: its number, its title, its lines by label."""

    id: str
    title: str
    lines: tuple[tuple[str, str], ...]


def shipped_rulings() -> dict[str, Ruling]:
    """Return the rulings that came with the package, by number; empty when none came."""
    found = resources.files("pixazo_openapi").joinpath("rulings.json")
    if not found.is_file():
        return {}
    entries: Mapping[str, Mapping[str, str]] = json.loads(found.read_text(encoding="utf-8"))
    return {
        number: Ruling(
            number,
            entry.get("title", ""),
            tuple((_label(key), text) for key, text in entry.items() if key != "title"),
        )
        for number, entry in entries.items()
    }


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def read_rulings(path: Path) -> dict[str, Ruling]:
    """Return the rulings in a RULINGS.md, by number; empty when there is no such file."""
    if not path.is_file():
        return {}
    found: dict[str, Ruling] = {}
    number, title, lines = "", "", list[tuple[str, str]]()
    for text in [*path.read_text(encoding="utf-8").splitlines(), "## R00: end"]:
        heading = _HEADING.fullmatch(text)
        item = _ITEM.fullmatch(text)
        if heading:
            if number:
                found[number] = Ruling(number, title, tuple(lines))
            number, title, lines = heading.group(1), heading.group(2), []
        elif item and number:
            lines.append((item.group(1), item.group(2)))
    return found
