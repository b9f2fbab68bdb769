"""Is it an OpenAPI document of the kind that the house rules allow?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from codegen.checks.judge import judge
from codegen.document import Document, SpecProblem

__all__ = ["check"]

_SHAPE = Path(__file__).with_name("shape.schema.json")


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield what keeps the document from being read at all."""
    yield from judge(document, [""], json.loads(_SHAPE.read_text(encoding="utf-8")))
