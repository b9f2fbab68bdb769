"""Signs that a page is cut off or torn: what every model's part has, and what this one lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pixazo.drift.contract import Operation
from pixazo.drift.findings import Difference
from pixazo.drift.page import ModelFacts, Page

__all__ = ["compare_damage", "usual_counts"]

_FEWEST_PARTS = 3  # fewer parts that agree do not tell what is usual


def usual_counts(page: Page) -> dict[tuple[bool, str], int]:
    """Return how many things of a sort the parts of a page usually have.

    Parts that speak of a status and parts that do not are counted apart; where too few parts are
    agree there is no entry.
    """
    counts: dict[tuple[bool, str], Counter[int]] = {}
    for facts in page.models:
        for what, count in _counted(facts).items():
            counts.setdefault((_has_status(facts), what), Counter())[count] += 1
    common = {key: found.most_common(1)[0] for key, found in counts.items()}
    return {key: count for key, (count, parts) in common.items() if parts >= _FEWEST_PARTS}


def compare_damage(
    facts: ModelFacts, operation: Operation, usual: Mapping[tuple[bool, str], int]
) -> Iterator[Difference]:
    """Yield what the part of a page lacks or has less of than the others.

    Args:
        facts: The part.
        operation: The model's operation.
        usual: What `usual_counts` says of the page.
    """
    for what in _lacking(facts, operation):
        text = f"no {what} could be read for {operation.model}: removed, or the page is damaged"
        yield _damage(operation, what, facts.line, text)
    for what, count in _counted(facts).items():
        expected = usual.get((_has_status(facts), what), 0)
        if 0 < count < expected:
            text = (
                f"{count} {what} could be read for {operation.model}, other parts have {expected}"
            )
            yield _damage(operation, what, facts.line, text)
    if len(facts.code_bodies) < len(facts.calls):
        text = (
            f"{len(facts.calls)} calls but {len(facts.code_bodies)} bodies could be read"
            f" for {operation.model}"
        )
        yield _damage(operation, "bodies of calls", facts.calls[0].line, text)
    for broken in facts.broken:
        yield _damage(operation, "text", broken.line, f"cannot be read: {broken.why}")


def _has_status(facts: ModelFacts) -> bool:
    return facts.status_line is not None


def _counted(facts: ModelFacts) -> dict[str, int]:
    return {
        "calls": len(facts.calls),
        "response examples": len(facts.answers),
        "status calls": len(facts.status_calls),
        "status answers": len(facts.status_answers),
    }


def _lacking(facts: ModelFacts, operation: Operation) -> list[str]:
    """Return what every part has and this one has not."""
    there: dict[str, object] = {
        "calls": facts.calls,
        "parameter rows": facts.parameters,
        "status codes": [row for table in facts.code_tables for row in table.rows],
        "request examples": facts.requests,
        "response examples": facts.answers,
        "pricing section": facts.price_said,
    }
    if operation.is_queued:
        there |= {
            "status calls": facts.status_calls,
            "status answers": facts.status_answers,
            "status fields": facts.field_rows,
            "status words": facts.words,
            "status flow": facts.flow,
        }
    return [what for what, found in there.items() if not found]


def _damage(operation: Operation, what: str, line: int, text: str) -> Difference:
    place = f"damage.{what.replace(' ', '_')}"
    return Difference(
        "damaged page", operation.model, place, line, operation.pointer, None, None, text
    )
