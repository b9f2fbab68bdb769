"""Everything that a document must be before code is made from it.

Checks run in stages: a document without its shape, or with references that lead nowhere, is not
looked at any further, because what follows reads it through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from codegen.checks import extension, operations, parameters, references, rulings, schemas, shape
from codegen.document import Document, SpecProblem

__all__ = ["check"]

Check = Callable[[Document], Iterator[SpecProblem]]

_STAGES: tuple[tuple[Check, ...], ...] = (
    (shape.check,),
    (references.check, rulings.check),
    (extension.check, schemas.check, operations.check),
    (parameters.check,),
)


def check(document: Document) -> list[SpecProblem]:
    """Return every problem of the first stage that finds one, by line; nothing when all is well."""
    for stage in _STAGES:
        found = chain.from_iterable(one(document) for one in stage)
        if problems := sorted(set(found)):
            return problems
    return []
