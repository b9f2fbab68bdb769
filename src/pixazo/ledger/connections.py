"""A connection that no fork carries over: let go for that moment, and had again when it is needed.

SQLite keeps in the memory of a process which locks it has. A forked child inherits this memory and
none of the locks: its own connection to the same file would trust locks that nobody holds, and
another process would take the log away under it, with all that the child writes. So no connection
is open while the process forks. Where one is all the same (a server that forks without telling
Python beforehand, a turn that another process keeps for too long), the child refuses the file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final
from weakref import WeakSet

from pixazo.errors import LedgerError

__all__ = ["Held", "opened"]

_BUSY_S: Final = 30.0
_PATIENCE_S: Final = 10.0  # for all files together: what is not closed by then, the child refuses


def opened(
    path: Path, how: str, ready: Callable[[sqlite3.Connection], object]
) -> sqlite3.Connection:
    """Return a connection in working order; one that cannot be brought there is closed.

    Args:
        path: The file, which is there.
        how: What SQLite may do with it: `mode=ro` or `mode=rw`.
        ready: Brings the connection into working order.
    """
    connection = sqlite3.connect(
        f"{path.as_uri()}?{how}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_S,
    )
    try:
        ready(connection)
    except BaseException:
        connection.close()
        raise
    return connection


class Held:
    """One file of this process, and its connection while there is one.

    Args:
        path: The file.
        connect: Opens it.
        turn: What opening and closing happen within; called with the seconds to wait for it, or
            None for as long as is usual.

    Raises:
        LedgerError: The file cannot be opened, or is open in the process that forked this one.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        turn: Callable[[float | None], AbstractContextManager[None]],
    ) -> None:
        self._path, self._connect, self._turn = path, connect, turn
        self._guard = threading.RLock()
        self._closed = False
        self._open: sqlite3.Connection | None = None
        with self._guard:
            with _registry:  # before it is open: no fork may meet one that it does not know
                _all.add(self)
            self._open = self._connected()

    @contextmanager
    def used(self) -> Generator[sqlite3.Connection]:
        """Give the connection to one user at a time.

        Raises:
            LedgerError: It is closed, or cannot be opened again.
        """
        with self._guard:
            if self._closed:
                raise LedgerError(
                    f"the ledger {self._path} is closed",
                    hint="Open it again.",
                    path=str(self._path),
                )
            if self._open is None:
                self._open = self._connected()
            yield self._open

    def close(self) -> None:
        """Close the file for good."""
        with self._guard:
            self._closed = True
            self._let_go()

    def park(self, until: float) -> None:
        """Close the file, if there is time, so that nobody can use it before `unpark`."""
        if self._guard.acquire(timeout=_left(until)):
            with suppress(LedgerError, sqlite3.Error):
                self._let_go(_left(until))

    def unpark(self) -> None:
        """Let it be used again, where `park` kept others from it."""
        with suppress(RuntimeError):
            self._guard.release()

    def abandon(self) -> None:
        """Forget, in a forked child, what belongs to the parent: not even closing is safe there."""
        import ctypes

        was_in_use = not self._guard.acquire(blocking=False)  # by a thread that is not here
        self._guard = threading.RLock()
        if was_in_use or self._open is not None:
            _inherited.add(self._path)
        if self._open is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._open))  # never finalised
            self._open = None

    def _connected(self) -> sqlite3.Connection:
        if self._path in _inherited:
            raise LedgerError(
                f"{self._path} was open when this process was forked",
                hint="Open the ledger after the fork, or start the process anew (spawn).",
                path=str(self._path),
            )
        with self._turn(None):
            return self._connect()

    def _let_go(self, patience_s: float | None = None) -> None:
        if self._open is not None:
            with self._turn(patience_s):
                self._open.close()
            self._open = None


# Locks that know their owner: a Ctrl-C may end `_before` anywhere, and `_in_parent` gives back what
# is had by then.
_registry = threading.RLock()
_all: WeakSet[Held] = WeakSet()
_inherited: set[Path] = set()


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())


def _before() -> None:
    _registry.acquire()
    until = time.monotonic() + _PATIENCE_S
    for held in list(_all):
        held.park(until)


def _in_parent() -> None:
    for held in list(_all):
        held.unpark()
    with suppress(RuntimeError):
        _registry.release()


def _in_child() -> None:
    global _registry
    _registry = threading.RLock()
    for held in list(_all):
        held.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
