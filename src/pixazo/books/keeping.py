"""What becomes of an accepted job, written down as it becomes known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pixazo_openapi.catalogue import STATUS

from pixazo.answers import Status
from pixazo.errors import LedgerError, LedgerMoveRefused
from pixazo.ledger import Facts, Ledger, State
from pixazo.results import Result
from pixazo.steps import Plan, Tell, Walk, written
from pixazo.tickets import Ticket, named_s

__all__ = ["Keeping", "Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """Writes down which files a result was saved to.

    It opens the ledger by itself, so that a result can be saved after its client was closed.

    Args:
        path: The ledger.
        key: The job.
    """

    path: Path
    key: str

    def saved(self, files: Sequence[Path]) -> None:
        """Note the files; when they were saved before, the first time stands.

        Raises:
            LedgerError: It could not be written; the files are there.
        """
        names = [str(file.absolute()) for file in files]
        try:
            with Ledger(self.path) as ledger, suppress(LedgerMoveRefused):
                ledger.move(self.key, "downloaded", files=names)
        except LedgerError as error:
            error.charged = "yes"
            error.add_note(f"saved all the same: {', '.join(names)}")
            raise

    async def saved_async(self, files: Sequence[Path]) -> None:
        """Do as `saved` and let other tasks run meanwhile."""
        await asyncio.to_thread(self.saved, files)


@dataclass(slots=True)
class Keeping:
    """Writes down how one job ends.

    Args:
        ledger: Where.
        lasting: Whether the ledger outlives its client.
        key: The job; None while only its request id is known.
    """

    ledger: Ledger
    lasting: bool
    key: str | None = None

    def until_end(self, plan: Plan[Status], ticket: Ticket) -> Plan[Status]:
        """Follow a wait; its end is on the disk before anybody is told."""
        walk = Walk(plan)
        step = walk.go()
        noted = False
        while step is not None:
            if isinstance(step, Tell) and isinstance(step.news, Status) and step.news.done:
                yield from self.ended(ticket, step.news)
                noted = True
            step = walk.go((yield step))
        if walk.value.done and not noted:  # a single look tells nobody
            yield from self.ended(ticket, walk.value)
        return walk.value

    def ended(self, ticket: Ticket, status: Status) -> Plan[None]:
        """Write down how the job ended.

        Raises:
            LedgerError: It could not be written; the error carries what must not get lost.
        """
        try:
            yield from self._note(ticket, status)
        except LedgerMoveRefused:
            return  # another process has noted it
        except LedgerError as error:
            error.request_id, error.token = ticket.request_id, ticket.token
            error.charged = STATUS.charged.get(status.status, "unknown")
            for url in status.media:
                error.add_note(f"media: {url}")
            raise

    def own(self, result: Result) -> Result:
        """Return the result so that saving it is written down, too."""
        if self.key is None or not self.lasting:
            return result
        return replace(result, _kept=Kept(self.ledger.path, self.key))

    def _note(self, ticket: Ticket, status: Status) -> Plan[None]:
        if self.key is None:
            entry = yield from written(self.ledger.queue_by_request_id(ticket.request_id))
            if entry is None:
                return  # submitted elsewhere
            self.key = entry.key
        state, facts = _end(ticket, status)
        if state == "submitted":
            facts["request_id"] = ticket.request_id
        yield from written(self.ledger.queue_note(self.key, state, **facts))


def _end(ticket: Ticket, status: Status) -> tuple[State, Facts]:
    charged = STATUS.charged.get(status.status, "unknown")
    if status.lacks_media:  # it stays on its way: whoever goes on with it looks again
        said = f"{status.status}, and the answer names no media to fetch"
        return "submitted", {"answer": status.raw, "error": said, "charged": charged}
    took_s = named_s(ticket, status)
    facts: Facts = {"answer": status.raw}
    if took_s is not None or not ticket.recalled:  # who came late saw only that it was done
        facts["elapsed_s"] = status.elapsed_s if took_s is None else took_s
    if status.completed_at is not None:
        facts["completed_at"] = status.completed_at.timestamp()
    if status.outcome == "succeeded":
        return "completed", {**facts, "media": status.media}
    said = f"{status.status}: {status.error}" if status.error else status.status
    return "failed", {**facts, "error": said, "charged": charged}
