"""A connection that no fork carries over: let go for that moment, and had again when it is needed.

SQLite keeps in the memory of a process which locks it has. A forked child inherits this memory and
none of the locks: its own connection to the same file would trust locks that nobody holds, and
another process would take the log away under it, with all that the child writes. So no connection
is open while the process forks. Where one is all the same (a server that forks without telling
Python beforehand), the child refuses the file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final
from weakref import WeakSet

from pixazo.errors import LedgerError

__all__ = ["Held", "opened"]

_BUSY_S: Final = 30.0
_PATIENCE_S: Final = 150.0  # longer than whoever uses a connection may wait for its turn


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
        turn: What opening and closing happen within.

    Raises:
        LedgerError: The file cannot be opened, or is open in the process that forked this one.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        turn: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._path, self._connect, self._turn = path, connect, turn
        self._guard = threading.Lock()
        self._closed = False
        with _opening:
            self._open: sqlite3.Connection | None = self._connected()
            _all.add(self)

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

    def park(self) -> bool:
        """Close the file until it is used again; return whether nobody can before `unpark`."""
        if not self._guard.acquire(timeout=_PATIENCE_S):
            return False
        with suppress(LedgerError, sqlite3.Error):
            self._let_go()
        return True

    def unpark(self) -> None:
        """Let it be used again."""
        self._guard.release()

    def abandon(self) -> None:
        """Forget, in a forked child, what belongs to the parent: not even closing is safe there."""
        import ctypes

        self._guard = threading.Lock()
        if self._open is not None:
            _inherited.add(self._path)
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._open))  # never finalised
            self._open = None

    def _connected(self) -> sqlite3.Connection:
        if self._path in _inherited:
            raise LedgerError(
                f"{self._path} was open when this process was forked",
                hint="Open the ledger after the fork, or start the process anew (spawn).",
                path=str(self._path),
            )
        with self._turn():
            return self._connect()

    def _let_go(self) -> None:
        if self._open is not None:
            with self._turn():
                self._open.close()
            self._open = None


_opening = threading.Lock()
_all: WeakSet[Held] = WeakSet()
_inherited: set[Path] = set()
_parked: list[Held] = []
_forks = threading.local()


def _before() -> None:
    _forks.keeps = _opening.acquire(timeout=_PATIENCE_S)
    _parked.extend(held for held in list(_all) if held.park())


def _in_parent() -> None:
    while _parked:
        _parked.pop().unpark()
    if getattr(_forks, "keeps", False):
        _forks.keeps = False
        _opening.release()


def _in_child() -> None:
    global _opening
    _opening = threading.Lock()
    _parked.clear()
    for held in list(_all):
        held.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
