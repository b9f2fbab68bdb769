"""The ledger that writes: what `intents` and `changes` do, for threads and for coroutines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar, Unpack

from pixazo.errors import LedgerError
from pixazo.ledger import changes, intents, owners, places, store
from pixazo.ledger.changes import Facts
from pixazo.ledger.entries import Entry, find
from pixazo.ledger.intents import IntentFacts
from pixazo.ledger.moves import State, charged_after, check_states
from pixazo.ledger.permits import Permit
from pixazo.ledger.readonly import ReadOnlyLedger
from pixazo.ledger.reports import Reports, find_request
from pixazo.ledger.writer import Operation, Stake

if TYPE_CHECKING:
    from pixazo_openapi.request import Request

T = TypeVar("T")
_UNFINISHED: tuple[State, ...] = ("intent", "submitted", "completed")


class Ledger(Reports):
    """A ledger in an SQLite file that several threads and processes may share.

    What a method returns is on the disk. `queue_…` returns a future at once, and what is queued
    together is committed together; `…_async` awaits that future.

    Args:
        path: The file; made with its folder when it is missing.
        now: Seconds since 1970.

    Raises:
        LedgerBroken: The file is damaged or no ledger.
        LedgerTooNew: A newer version has written it.
        LedgerReadOnly: It cannot be written to.
        LedgerError: It lies on a network file system, or cannot be used for another reason.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, now: Callable[[], float] = time.time
    ) -> None:
        self.path = places.prepare(Path(path))
        self._now = now
        self._closed = False
        self._store = store.acquire(self.path, now())

    def __repr__(self) -> str:
        return f"<Ledger {self.path}{', closed' if self._closed else ''}>"

    def __reduce__(self) -> NoReturn:
        message = "a ledger is never pickled; open its path where it is used"
        raise TypeError(message)

    @classmethod
    def open_readonly(cls, path: str | os.PathLike[str]) -> ReadOnlyLedger:
        """Return a ledger for reports, which others may be writing or which nobody can write.

        Raises:
            LedgerError: There is no ledger at that path, or it cannot be read.
        """
        return ReadOnlyLedger(path)

    @property
    def owner(self) -> int:
        """The number that stands for this process in `Entry.owner`."""
        return self._live().owner

    def intend(self, request: Request, **facts: Unpack[IntentFacts]) -> Entry:
        """Write down what is wanted before anything is sent; return the entry.

        A key that is there already returns its entry as it stands, so a batch may intend twice.

        Args:
            request: The request.
            facts: Key, price and more: see `IntentFacts`.

        Raises:
            LedgerMoveRefused: The key belongs to a different request.
            InvalidConfiguration: The price cannot be kept exactly.
        """
        return _result(self.queue_intend(request, **facts))

    def queue_intend(self, request: Request, **facts: Unpack[IntentFacts]) -> Future[Entry]:
        """Return the future of `intend`."""
        intent, live, now = intents.intent_of(request, **facts), self._live(), self._now()
        return live.writer.post(lambda c: intents.intend(c, intent, live.owner, now))

    def move(self, key: str, state: State, **facts: Unpack[Facts]) -> Entry:
        """Move a job on; return its entry.

        Args:
            key: The job.
            state: Where it goes; `sending` sets its price aside and refuses over a limit.
            facts: What came to be known: see `Facts`.

        Raises:
            LedgerMoveRefused: The job is not in a state that leads there.
            InvalidConfiguration: There is no such state.
            SpendLimitReached: `sending` would pass a limit; the job stays where it is.
            PriceUnknown: A limit is set and the price is not known; the job stays where it is.
            LedgerError: The move could not be written; the error carries the request id.
        """
        return _result(self.queue_move(key, state, **facts))

    def queue_move(self, key: str, state: State, **facts: Unpack[Facts]) -> Future[Entry]:
        """Return the future of `move`."""
        return self._queue_move(key, state, facts, owed=False)

    def queue_note(self, key: str, state: State, **facts: Unpack[Facts]) -> Future[Entry]:
        """Return the future of a `move` that tells what has happened at the gateway.

        When the disk refuses it, its error is that of `move`, and it is written down with whatever
        this process writes next: what is true of a paid job must not be forgotten.
        """
        return self._queue_move(key, state, facts, owed=True)

    def _queue_move(self, key: str, state: State, facts: Facts, *, owed: bool) -> Future[Entry]:
        check_states([state])
        live, now = self._live(), self._now()
        # a `sending` that could not be written is not sent
        charged = "no" if state == "sending" else charged_after(state, facts.get("charged"))
        stake = Stake(charged=charged, request_id=facts.get("request_id"))
        return live.writer.post(
            lambda c: changes.move(c, key, state, facts, live.owner, now), stake=stake, owed=owed
        )

    async def find_again_async(self, meant: Entry, request_id: str, *, note: str) -> Entry:
        """Give a job of unknown outcome its id; return its entry.

        Args:
            meant: The job as it was when the id was found to be its own.
            request_id: The gateway's id.
            note: How it was found.

        Raises:
            LedgerMoveRefused: It was sent once more or has ended meanwhile, or the id is taken.
        """
        live, now = self._live(), self._now()
        stake = Stake(charged="unknown", request_id=request_id)
        return await _awaited(
            live.writer.post(
                lambda c: changes.find_again(c, meant, request_id, note, live.owner, now),
                stake=stake,
            )
        )

    def permit(
        self,
        key: str,
        sent_from: Collection[State],
        *,
        attempt: int | None = None,
        **facts: Unpack[Facts],
    ) -> Permit:
        """Return the move to `sending` as one that only its winner can take back.

        Args:
            key: The job.
            sent_from: The states from which the caller may send it.
            attempt: How often it may have been sent before; None for however often.
            facts: What is written down with the move.
        """
        live, now = self._live(), self._now()
        return Permit(live.writer, key, sent_from, attempt, facts, live.owner, now)

    async def entry_async(self, key: str) -> Entry | None:
        """Await `entry`."""
        return await _awaited(self._queue_read(lambda c: find(c, key)))

    def queue_by_request_id(self, request_id: str) -> Future[Entry | None]:
        """Return the future of `by_request_id`."""
        return self._queue_read(lambda c: find_request(c, request_id))

    def settle_dead(self) -> list[Entry]:
        """Free the jobs of processes that ended; return those whose outcome became unknown.

        Opening a ledger does the same.
        """
        keys = _result(self.queue_settle_dead())
        return [entry for key in keys if (entry := self.entry(key)) is not None]

    def queue_settle_dead(self) -> Future[tuple[str, ...]]:
        """Return the future of `settle_dead`: the keys alone."""
        live, now = self._live(), self._now()
        return live.writer.post(lambda c: owners.settle_dead(c, live.lock, live.owner, now))

    def claim(
        self,
        states: Collection[State] = _UNFINISHED,
        *,
        run: str | None = None,
        base_url: str | None = None,
        limit: int | None = None,
    ) -> list[Entry]:
        """Take over jobs that no living process works on; return them, oldest first.

        Args:
            states: Only jobs in one of these states.
            run: Only jobs of this run.
            base_url: Only jobs of the gateway with this origin, or of none in particular.
            limit: At most so many.
        """
        check_states(states)
        live, now, most = self._live(), self._now(), -1 if limit is None else limit
        _result(self.queue_settle_dead())
        return _result(
            live.writer.post(
                lambda c: changes.claim(c, states, run, base_url, most, live.owner, now)
            )
        )

    def forget(self, keys: Iterable[str]) -> int:
        """Remove jobs, all or none, and keep the record of their money; return how many.

        Raises:
            LedgerMoveRefused: A job may still cost or deliver something.
        """
        listed = list(keys)
        return _result(self._live().writer.post(lambda c: changes.forget(c, listed)))

    def close(self) -> None:
        """Finish what is queued, leave unfinished jobs to others and close the file.

        A job that is still `sending` becomes `unknown`.
        """
        if not self._closed:
            self._closed = True
            store.release(self._store, self._now())

    def _read(self, question: Operation[T]) -> T:
        return _result(self._queue_read(question))

    def _queue_read(self, question: Operation[T]) -> Future[T]:
        return self._live().writer.post(question, writes=False)

    def _live(self) -> store.Store:
        """Return the open file; a forked child gets one of its own."""
        if self._closed:
            raise LedgerError(
                f"the ledger {self.path} is closed", hint="Open it again.", path=str(self.path)
            )
        if self._store.pid != os.getpid():
            self._store = store.acquire(self.path, self._now())
        return self._store


async def _awaited(future: Future[T]) -> T:
    import asyncio  # takes longer to import than everything else here

    return await asyncio.wrap_future(future)


def _result(future: Future[T]) -> T:
    """Wait for a future; what is interrupted before its turn is not done at all."""
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise
