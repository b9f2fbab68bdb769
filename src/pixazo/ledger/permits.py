"""The permit to send a request: asked for, given back when it is not used, doubted when lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from concurrent.futures import Future
from contextlib import suppress

from pixazo.errors import LedgerError, LedgerMoveRefused
from pixazo.ledger import changes
from pixazo.ledger.changes import Facts
from pixazo.ledger.entries import Entry, existing, find
from pixazo.ledger.moves import State
from pixazo.ledger.writer import Operation, Writer

__all__ = ["Permit"]


class Permit:
    """One caller's move to `sending`.

    Several callers may ask for the same job, and one of them wins. Whoever is interrupted while it
    asks cannot know whether it has won: what it gives back is its own, or nothing.

    Args:
        writer: What runs the operations, in the order they are posted.
        key: The job.
        sent_from: The states from which this caller may send it.
        attempt: How often it may have been sent before; None for however often.
        facts: What is written down with the move.
        owner: The process.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        writer: Writer,
        key: str,
        sent_from: Collection[State],
        attempt: int | None,
        facts: Facts,
        owner: int,
        now: float,
    ) -> None:
        self._writer, self._key = writer, key
        self._sent_from, self._attempt = sent_from, attempt
        self._facts, self._owner, self._now = facts, owner, now
        self._won: Entry | None = None
        self._asked: Future[Entry] | None = None

    @property
    def is_won(self) -> bool:
        """Whether this caller sends: what it won is on the disk, or in this very transaction."""
        asked = self._asked
        holds = asked is None or not asked.done() or asked.exception() is None
        return self._won is not None and holds

    def ask(self) -> Future[Entry]:
        """Return the future of the move.

        Its errors are those of `Ledger.move`; somebody else was faster: `LedgerMoveRefused`.
        """
        self._asked = self._writer.post(self._move)
        return self._asked

    def withdraw(self, reason: str) -> None:
        """Give back what was won, if it was; call it when nothing has left."""
        if self._asked is None or not self._asked.cancel():
            self._post(lambda connection: self._leave(connection, "intent", reason))

    def doubt(self, reason: str) -> None:
        """Say that nobody knows what became of it, if it was won and nobody has said what did."""
        self._post(lambda connection: self._leave(connection, "unknown", reason))

    def _post(self, operation: Operation[None]) -> None:
        with suppress(LedgerError):  # closed: then the job is settled already
            self._writer.post(operation, owed=True)

    def _move(self, connection: sqlite3.Connection) -> Entry:
        entry = existing(connection, self._key)
        if entry.state not in self._sent_from or self._attempt not in (None, entry.attempt):
            raise LedgerMoveRefused(
                f"the job {self._key} is {entry.state}, on attempt {entry.attempt}",
                hint="Ask again with the same key.",
                charged=entry.charged,
                request_id=entry.request_id,
            )
        self._won = changes.move(
            connection, self._key, "sending", self._facts, self._owner, self._now
        )
        return self._won

    def _leave(self, connection: sqlite3.Connection, state: State, reason: str) -> None:
        entry = find(connection, self._key)
        if not self.is_won or self._won is None or entry is None:
            return
        if (entry.state, entry.attempt) == ("sending", self._won.attempt):
            facts: Facts = {"error": reason}
            changes.move(connection, self._key, state, facts, self._owner, self._now)
