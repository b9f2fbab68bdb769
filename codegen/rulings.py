"""The rulings that stand beside the document, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from codegen.document import Document, SpecProblem, text_of

__all__ = ["FILE", "repeated", "rulings"]

FILE = "RULINGS.md"

_SECTION = re.compile(r"^#+ +(R\d{2,3})\b:? *(.*?)$(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^- ([A-Z][^:\n]*): (.*?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)


def rulings(document: Document) -> dict[str, Mapping[str, str]]:
    """Return title and parts of every ruling by its name; nothing when the file is missing.

    ``R01`` has ``title`` and, from its list, ``documents``, ``ruling``, ``would_change_it``, …

    Args:
        document: the document; the rulings lie in the same folder.
    """
    found = _SECTION.findall(_text(document))
    return {name: {"title": title, **_parts(section)} for name, title, section in found}


def repeated(document: Document) -> Iterator[SpecProblem]:
    """Yield headings that name a ruling a second time."""
    text, first = _text(document), dict[str, int]()
    for heading in _SECTION.finditer(text):
        name, line = heading[1], text.count("\n", 0, heading.start()) + 1
        if name in first:
            advice = (
                f"{name} stands in line {first[name]} already; give one of the two a new number"
            )
            yield SpecProblem(line, advice, _path(document))
        first.setdefault(name, line)


def _path(document: Document) -> Path:
    return document.path.with_name(FILE)


def _text(document: Document) -> str:
    return text_of(_path(document)) if _path(document).exists() else ""


def _parts(section: str) -> dict[str, str]:
    found = _LINE.findall(section)
    return {label.lower().replace(" ", "_"): " ".join(words.split()) for label, words in found}
