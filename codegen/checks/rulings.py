"""Does every ruling that the document names stand in RULINGS.md?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.document import Document, SpecProblem
from codegen.rulings import FILE, repeated, rulings

__all__ = ["check"]

_NAME = re.compile(r"\bR\d{2,3}\b")


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield rulings that stand twice, and those that are named but were never made."""
    headings = rulings(document)
    if not headings:
        yield document.problem("", f"{FILE} is missing beside the document; write it")
        return
    yield from repeated(document)
    for line, text in enumerate(document.text.splitlines(), start=1):
        for name in _NAME.findall(text):
            if name not in headings:
                advice = f"{name} has no heading in {FILE}; write the ruling or correct the name"
                yield SpecProblem(line, advice, document.path)
