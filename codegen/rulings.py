"""The rulings that stand beside the document, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from codegen.document import Document, text_of

__all__ = ["FILE", "rulings"]

FILE = "RULINGS.md"

_SECTION = re.compile(r"^#+ +(R\d{2,3})\b:? *(.*?)$(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^- ([A-Z][^:\n]*): (.*?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)


def rulings(document: Document) -> dict[str, Mapping[str, str]]:
    """Return title and parts of every ruling by its name; nothing when the file is missing.

    ``R01`` has ``title`` and, from its list, ``documents``, ``ruling``, ``would_change_it``, …

    Args:
        document: the document; the rulings lie in the same folder.
    """
    path = document.path.with_name(FILE)
    text = text_of(path) if path.exists() else ""
    return {
        name: {"title": title, **_parts(section)} for name, title, section in _SECTION.findall(text)
    }


def _parts(section: str) -> dict[str, str]:
    found = _LINE.findall(section)
    return {label.lower().replace(" ", "_"): " ".join(words.split()) for label, words in found}
