"""What became of a batch's requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from pixazo_openapi.errors import Charged

from pixazo.batches.items import Item
from pixazo.errors import (
    Forbidden,
    InsufficientBalance,
    InvalidRequest,
    JobFailed,
    LedgerMoveRefused,
    NothingToDeliver,
    OutcomeUnknown,
    PixazoError,
    RateLimited,
    RequestRefused,
    Unauthorized,
)
from pixazo.ledger import Entry, Reports
from pixazo.results import Result

__all__ = ["Outcome", "Outcomes", "State"]

State: TypeAlias = Literal["done", "failed", "unknown", "open"]
FAILED = (JobFailed, NothingToDeliver, RequestRefused, InvalidRequest, LedgerMoveRefused)
FOR_NOW = (RateLimited, InsufficientBalance, Unauthorized, Forbidden)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request.

    Args:
        item: The request, its key and its place.
        result: What it came to; None when it did not.
        files: Where its media were saved, if they were to be.
        error: Why it is not done; None when it is, or was not begun.
        entry: What the ledger knows of a request whose end nobody was told.
    """

    item: Item
    result: Result | None = None
    files: tuple[Path, ...] = ()
    error: PixazoError | None = None
    entry: Entry | None = None

    @property
    def state(self) -> State:
        """`done`; `failed` for good; `unknown` whether it was accepted; `open`: run it again."""
        if self.entry is not None and self.entry.state == "unknown":
            return "unknown"
        if self.error is None:
            return "open" if self.result is None else "done"
        if isinstance(self.error, OutcomeUnknown):
            return "unknown"
        return "failed" if self.result is None and _is_final(self.error) else "open"

    @property
    def charged(self) -> Charged | None:
        """Whether the request was charged."""
        if self.result is not None:
            return "yes"
        known = self.error or self.entry
        return known.charged if known else "no"

    def to_dict(self) -> dict[str, object]:
        """Return the line of results.jsonl."""
        result, error = self.result, self.error
        known = result or error or self.entry
        return {
            "line": self.item.number,
            "key": self.item.key,
            "model": self.item.request.model_id,
            "state": self.state,
            "request_id": known.request_id if known else None,
            "charged": self.charged,
            "price_usd": str(result.price_usd) if result and result.price_usd is not None else None,
            "elapsed_s": round(result.elapsed_s, 3) if result else None,
            "media": [medium.url for medium in result.media] if result else [],
            "files": [file.name for file in self.files],
            "error": {"type": type(error).__name__, "message": error.message} if error else None,
        }


def _is_final(error: PixazoError) -> bool:
    """Return whether running the batch again comes to the same."""
    if isinstance(error, RequestRefused) and error.charged != "no":
        return False  # it was a look that was refused; the job goes on
    if isinstance(error, NothingToDeliver) and error.token is not None:
        return False  # another look may bring the media
    return isinstance(error, FAILED) and not isinstance(error, FOR_NOW)


def latest(ledger: Reports, key: str) -> Entry | None:
    """Return the job under which a request of a batch was sent last."""
    found, number = ledger.entry(key), 2
    while (later := ledger.entry(f"{key}~{number}")) is not None:
        found, number = later, number + 1
    return found


class Outcomes:
    """The outcomes of a batch by now, one for each item whatever happened.

    Args:
        items: The batch.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._by_number: dict[int, Outcome] = {}

    def take(self, outcome: Outcome) -> None:
        """Take one in."""
        self._by_number[outcome.item.number] = outcome

    def look_up(self, ledger: Reports) -> None:
        """Take in what the ledger knows of the requests whose end nobody was told."""
        for item in self._items:
            told = self._by_number.get(item.number) or Outcome(item)
            if told.result is None and told.error is None:
                entry = latest(ledger, item.key)
                self._by_number[item.number] = replace(told, entry=entry)

    def __len__(self) -> int:
        return len(self._by_number)

    def all(self) -> list[Outcome]:
        """Return one outcome for each item, in input order; what was not reached is open."""
        return [self._by_number.get(item.number) or Outcome(item) for item in self._items]

    def counts(self) -> dict[State, int]:
        """Return how many items are in each state."""
        found = Counter(outcome.state for outcome in self.all())
        return {state: found[state] for state in ("done", "failed", "unknown", "open")}

    def paid_usd(self) -> Decimal:
        """Return the documented price of what is done, in US dollars."""
        done = (outcome.result for outcome in self._by_number.values())
        return sum((r.price_usd for r in done if r and r.price_usd is not None), Decimal(0))

    def charged(self) -> Charged:
        """Return whether any item was charged."""
        found = {outcome.charged for outcome in self._by_number.values()}
        return "yes" if "yes" in found else "unknown" if "unknown" in found else "no"

    def unpriced(self) -> int:
        """Return how many of what is done have no documented price."""
        done = (outcome.result for outcome in self._by_number.values())
        return sum(result.price_usd is None for result in done if result)

    def to_jsonl(self) -> str:
        """Return results.jsonl: one line for each item, in input order."""
        lines = (json.dumps(outcome.to_dict(), ensure_ascii=False) for outcome in self.all())
        return "".join(f"{line}\n" for line in lines)
