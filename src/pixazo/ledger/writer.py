"""Group commit: one thread writes, and every operation that waits shares one transaction.

A caller never runs a transaction itself, so Ctrl-C in the caller cannot cut one in half: the
operation is either still queued, and cancelled, or done.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar, cast

from pixazo.errors import Charged, LedgerError
from pixazo.ledger.connections import Held
from pixazo.ledger.faults import explain

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
_LARGEST_GROUP: Final = 512  # keeps one turn of the lock in the order of milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What must not get lost when a note cannot be written: the id, and whether it was charged."""

    charged: Charged = "no"
    request_id: str | None = None


@dataclass(slots=True)
class _Task:
    operation: Operation[Any]  # each task has its own result type
    writes: bool
    stake: Stake
    owed: bool = False
    future: Future[Any] = field(default_factory=lambda: Future[Any]())
    begun: bool | None = None
    result: Any = None
    error: Exception | None = None

    def begin(self) -> bool:
        """Return whether to go on: from here on the caller cannot cancel it any more."""
        if self.begun is None:
            self.begun = self.future.set_running_or_notify_cancel()
        return self.begun

    def answer(self) -> None:
        """Tell the caller, unless the caller has gone."""
        if not self.begin():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs operations on the only connection of this process, in the order they were posted.

    Args:
        held: The file and its connection.
        path: The ledger's path, for errors.
        turn: Gives the writers' turn for one transaction.
        first: What every transaction begins with.
    """

    def __init__(
        self,
        held: Held,
        path: Path,
        turn: Callable[[], AbstractContextManager[None]],
        first: Operation[None] = lambda _: None,
    ) -> None:
        self._first = first
        self._held = held
        self._path = path
        self._turn = turn
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._closed = False
        self._owed: list[Operation[Any]] = []
        self._thread = threading.Thread(target=self._work, name="pixazo-ledger", daemon=True)
        self._thread.start()

    def post(
        self,
        operation: Operation[T],
        *,
        writes: bool = True,
        stake: Stake | None = None,
        owed: bool = False,
    ) -> Future[T]:
        """Queue an operation and return its future; it is done when the result is on the disk.

        Args:
            operation: Called with the connection inside a transaction; its error undoes it alone.
            writes: False for an operation that only reads; it sees everything posted before.
            stake: What an error of the storage has to carry.
            owed: Whether to do it later when the storage refuses it: before what is written next.
        """
        task = _Task(operation, writes, stake or Stake(), owed)
        with self._guard:
            if self._closed:
                raise LedgerError(
                    "the ledger is closed", hint="Open it again.", path=str(self._path)
                )
            self._tasks.put(task)
        return cast("Future[T]", task.future)

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        with self._guard:
            self._closed = True
            self._tasks.put(None)
        self._thread.join()

    def _work(self) -> None:
        more = True
        while more:
            group, more = self._next_group()
            if group:
                self._run(group)

    def _next_group(self) -> tuple[list[_Task], bool]:
        """Wait for one task, then take all that are there; say whether to go on afterwards."""
        group: list[_Task] = []
        task = self._tasks.get()
        while task is not None:
            group.append(task)
            if len(group) >= _LARGEST_GROUP:
                return group, True
            try:
                task = self._tasks.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _run(self, group: list[_Task]) -> None:
        try:
            with self._held.used() as connection:
                if any(task.writes for task in group):
                    self._repay(connection)
                    self._transact(connection, group)
                else:
                    self._perform_all(connection, group)
        except Exception as error:  # noqa: BLE001 (every caller waits for an answer)
            for task in group:
                self._tell(task, error)
        for task in group:
            task.answer()

    def _repay(self, connection: sqlite3.Connection) -> None:
        """Do what the storage has refused before, each in a transaction of its own."""
        owed, self._owed = self._owed, []
        for number, operation in enumerate(owed):
            try:
                self._transact(
                    connection, [_Task(operation, writes=True, stake=Stake(), owed=True)]
                )
            except (sqlite3.Error, LedgerError, OSError):
                self._owed += owed[number:]
                return

    def _transact(self, connection: sqlite3.Connection, group: list[_Task]) -> None:
        with self._turn():
            try:
                connection.execute("begin immediate")
                self._first(connection)
                self._perform_all(connection, group)
                connection.execute("commit")
            finally:
                if connection.in_transaction:
                    connection.execute("rollback")

    def _perform_all(self, connection: sqlite3.Connection, group: list[_Task]) -> None:
        for task in group:
            if not task.begin():
                continue
            if task.writes:
                self._perform_apart(connection, task)
            else:
                self._perform(connection, task)

    def _perform_apart(self, connection: sqlite3.Connection, task: _Task) -> None:
        """Run one task so that its failure undoes nothing of the others."""
        connection.execute("savepoint task")
        self._perform(connection, task)
        if task.error is not None:
            connection.execute("rollback to task")
        connection.execute("release task")

    def _perform(self, connection: sqlite3.Connection, task: _Task) -> None:
        try:
            task.result = task.operation(connection)
        except sqlite3.Error as error:
            if task.writes and not connection.in_transaction:
                raise  # SQLite gave the whole transaction up: disk full, damaged file
            self._tell(task, error)
        except Exception as error:  # noqa: BLE001 (it belongs to the caller, who waits for it)
            task.error = error

    def _tell(self, task: _Task, error: Exception) -> None:
        """Give one caller its own error for a failure that may have hit many of them."""
        stake = task.stake
        told = explain(error, self._path, charged=stake.charged, request_id=stake.request_id)
        told.__cause__ = error
        task.error = told
        is_kept = task.owed and not isinstance(error, sqlite3.IntegrityError)
        if is_kept and task.begin() and task.operation not in self._owed:
            self._owed.append(task.operation)
