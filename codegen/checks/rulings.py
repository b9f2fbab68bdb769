"""Does every ruling that the document names stand in RULINGS.md?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.document import Document, SpecProblem

__all__ = ["check", "made"]

_FILE = "RULINGS.md"
_NAME = re.compile(r"\bR\d{2,3}\b")
_SECTION = re.compile(r"^#+ +(R\d{2,3})\b(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


def made(document: Document) -> dict[str, str]:
    """Return the text of every ruling by its name; empty when the file is missing."""
    path = document.path.with_name(_FILE)
    if not path.exists():
        return {}
    return dict(_SECTION.findall(path.read_text(encoding="utf-8")))


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield rulings that are named, in data, words or comments, but were never made."""
    headings = made(document)
    if not headings:
        yield document.problem("", f"{_FILE} is missing beside the document; write it")
        return
    for line, text in enumerate(document.text.splitlines(), start=1):
        for name in _NAME.findall(text):
            if name not in headings:
                advice = f"{name} has no heading in {_FILE}; write the ruling or correct the name"
                yield SpecProblem(line, advice, document.path)
