"""The permit to send a request: asked for, and given back when it is not used."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future
from contextlib import suppress

from pixazo.errors import LedgerError
from pixazo.ledger import changes
from pixazo.ledger.changes import Facts
from pixazo.ledger.entries import Entry
from pixazo.ledger.writer import Writer

__all__ = ["Permit"]


class Permit:
    """One caller's move to `sending`.

    Several callers may ask for the same job, and one of them wins. Whoever is interrupted while it
    asks cannot know whether it has won: what it gives back is its own, or nothing.

    Args:
        writer: What runs the operations, in the order they are posted.
        key: The job.
        facts: What is written down with the move.
        owner: The process.
        now: Seconds since 1970.
    """

    def __init__(self, writer: Writer, key: str, facts: Facts, owner: int, now: float) -> None:
        self._writer, self._key, self._facts = writer, key, facts
        self._owner, self._now = owner, now
        self._won: Entry | None = None
        self.future: Future[Entry] = writer.post(self._move)

    def withdraw(self, reason: str) -> None:
        """Give back what was won, if it was; call it when nothing has left, and at most once."""
        if not self.future.cancel():
            with suppress(LedgerError):  # closed: then the job is settled already
                self._writer.post(lambda connection: self._undo(connection, reason))

    def _move(self, connection: sqlite3.Connection) -> Entry:
        entry = changes.move(connection, self._key, "sending", self._facts, self._owner, self._now)
        self._won = entry
        return entry

    def _undo(self, connection: sqlite3.Connection, reason: str) -> None:
        # What was won in a transaction that failed later was not won; its future says so.
        if self._won is None or (self.future.done() and self.future.exception() is not None):
            return
        facts: Facts = {"error": reason}
        changes.move(connection, self._key, "intent", facts, self._owner, self._now)
