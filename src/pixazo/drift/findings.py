"""Findings: one difference between a page and the spec each, judged by the rulings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pixazo.drift.contract import Contract
from pixazo.drift.edits import Edit
from pixazo.drift.literals import JSONValue

__all__ = ["Difference", "Finding", "Kind", "judge"]

Kind = Literal[
    "new model",
    "missing model",
    "title changed",
    "advertised model",
    "base url",
    "authentication",
    "path changed",
    "header",
    "new parameter",
    "removed parameter",
    "type changed",
    "required changed",
    "default changed",
    "bound changed",
    "enum changed",
    "format changed",
    "status code",
    "error body",
    "response field",
    "status word",
    "status flow",
    "polling",
    "webhook",
    "price changed",
    "example invalid",
    "damaged page",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the page and the spec do not say the same.

    Args:
        kind: What sort of difference.
        model: The model concerned; empty for the page as a whole.
        place: Name of the place below the model: `num_images.maximum`, `402`, `price`.
        line: The page's line; None when the page is silent and no line is near.
        pointer: JSON pointer of the place in the spec, or of what would hold it.
        says: The page's word, None when it is silent.
        spec: The spec's word, None when it is silent.
        text: The difference in a sentence.
        edit: The change that would make the spec follow the page.
    """

    kind: Kind
    model: str
    place: str
    line: int | None
    pointer: str
    says: JSONValue
    spec: JSONValue
    text: str
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, the page it was found on, its line in the spec, the ruling that covers it."""

    page: str
    difference: Difference
    spec_line: int | None
    ruling: str | None

    @property
    def name(self) -> str:
        """The full name of the place, as `pixazo explain` takes it."""
        return ".".join(part for part in (self.difference.model, self.difference.place) if part)

    @property
    def label(self) -> str:
        """The kind, or which ruling covers the contradiction."""
        kind = self.difference.kind
        return f"{kind}, covered by {self.ruling}" if self.ruling else kind


def judge(difference: Difference, contract: Contract, page: str) -> Finding:
    """Return the difference as a finding.

    Args:
        difference: What differs.
        contract: The spec, whose rulings may cover it.
        page: Name of the page.
    """
    ruling = contract.ruling(difference.model, difference.place, difference.says)
    return Finding(page, difference, contract.locate(difference.pointer), ruling)
