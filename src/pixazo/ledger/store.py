"""One open ledger file: one connection per process, whatever the number of `Ledger` objects.

SQLite 3.7.0 to 3.51.2 can damage its log when two connections write or checkpoint at once. So a
process shares one connection per file, writes take turns through the lock file, and opening and
closing (which may recover or checkpoint) happen within a turn, too.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from pixazo.errors import LedgerError
from pixazo.ledger import owners, places, schema
from pixazo.ledger.connections import Held, opened
from pixazo.ledger.faults import explain, unusable
from pixazo.ledger.lock import LockFile
from pixazo.ledger.writer import Writer

_OLDEST_SQLITE: Final = (3, 37, 0)  # strict tables


class Store:
    """The connection, the lock file, the owner number and the writer of one ledger.

    Args:
        path: A real path, prepared.
        now: Seconds since 1970.
    """

    def __init__(self, path: Path, now: float) -> None:
        self.path = path
        self.pid = os.getpid()
        self.users = 0
        self.owner = 0
        self._file: places.Identity | None = None
        self.lock = _lock_beside(path)
        try:
            self.held = Held(path, lambda: self._connect(now), self.lock.turn)
        except BaseException:
            self.lock.close()
            raise
        self.writer = Writer(self.held, path, self.lock.turn, lambda c: self._stay(c, now))

    def close(self, now: float) -> None:
        """Finish what is queued, give the own jobs free and close the file."""
        # when the disk is full the next process finds this owner dead and does the same
        with suppress(LedgerError):
            self.writer.post(lambda c: owners.retire(c, self.owner, now)).result()
        self.writer.close()
        try:
            self.held.close()
        finally:
            self.lock.close()

    def _connect(self, now: float) -> sqlite3.Connection:
        try:
            return opened(self.path, "mode=rw", lambda connection: self._ready(connection, now))
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _ready(self, connection: sqlite3.Connection, now: float) -> None:
        """Bring a connection into working order; with the first one this process gets a number."""
        schema.check(connection, self.path)  # before anything changes somebody else's file
        _keep_log(connection, self.path)
        for pragma in ("synchronous = full", "fullfsync = on", "foreign_keys = on"):
            connection.execute(f"pragma {pragma}")
        if not self.owner:
            self._file = places.identity(self.path)
            self.owner = _begin(connection, self.path, self.lock, now)

    def _stay(self, connection: sqlite3.Connection, now: float) -> None:
        """Begin a transaction of this process: in the file that others find, under its number."""
        if places.identity(self.path) != self._file:
            raise LedgerError(
                f"{self.path} was removed or replaced while this process used it",
                hint="Put it back before you send anything again: the keys that it holds would be"
                " paid for a second time.",
                path=str(self.path),
            )
        owners.stay(connection, self.lock, self.owner, now)


_open: dict[Path, Store] = {}
_guard = threading.Lock()


def acquire(path: Path, now: float) -> Store:
    """Return this process's store of a ledger, opened when it is the first to ask.

    Args:
        path: A real path, prepared.
        now: Seconds since 1970.

    Raises:
        LedgerError: The file cannot be used.
    """
    with _guard:
        store = _open.get(path)
        if store is None:
            _refuse_old_sqlite(path)
            store = _open[path] = Store(path, now)
        store.users += 1
        return store


def release(store: Store, now: float) -> None:
    """Close a store when its last user has gone; a store from before a fork is left alone."""
    with _guard:
        if _open.get(store.path) is not store:
            return
        store.users -= 1
        if store.users == 0:
            del _open[store.path]
            store.close(now)


def _lock_beside(path: Path) -> LockFile:
    beside = path.with_name(path.name + ".lock")
    try:
        return LockFile(beside)
    except OSError as error:
        raise unusable(beside, error) from error


def _begin(connection: sqlite3.Connection, path: Path, lock: LockFile, now: float) -> int:
    """Bring the tables up to date; return the number of this process."""
    connection.execute("begin immediate")
    schema.migrate(connection, path)
    owner = owners.register(connection, lock, now)
    owners.settle_dead(connection, lock, owner, now)
    connection.execute("commit")
    return owner


def _keep_log(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("pragma journal_mode = wal").fetchone()
    if mode != "wal":
        raise LedgerError(
            f"{path} is on a file system that cannot keep SQLite's write-ahead log",
            hint="Name a file on a local disk with --ledger, PIXAZO_LEDGER or Ledger(path).",
            path=str(path),
        )


def _refuse_old_sqlite(path: Path) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        needed = ".".join(map(str, _OLDEST_SQLITE))
        raise LedgerError(
            f"the ledger needs SQLite {needed}; this Python has {sqlite3.sqlite_version}",
            hint="Use a newer build of Python, or the client without a ledger.",
            path=str(path),
        )


def _abandon() -> None:
    """Forget, in a forked child, what belongs to the parent."""
    global _guard
    for store in _open.values():
        store.lock.close()  # the locks are the parent's; a child's closing drops none of them
    _open.clear()
    _guard = threading.Lock()


def _close_all() -> None:
    """Close what the program left open when it ends."""
    import time

    for store in list(_open.values()):
        with suppress(LedgerError, sqlite3.Error):
            store.users = 1
            release(store, time.time())


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon)
