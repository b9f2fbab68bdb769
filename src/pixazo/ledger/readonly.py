"""A ledger for reports: reads while others write, and on a read-only disk, too."""

from __future__ import annotations

import os
import sqlite3
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from pixazo.errors import LedgerError
from pixazo.ledger import places, schema
from pixazo.ledger.connections import Held, opened
from pixazo.ledger.faults import explain, unusable
from pixazo.ledger.reports import Reports
from pixazo.ledger.writer import Operation

T = TypeVar("T")
_HEAD: Final = 32  # bytes of a log before its first frame
_MOST_COPIES: Final = 100


class ReadOnlyLedger(Reports):
    """Answers questions about a ledger and never changes it.

    Args:
        path: The ledger's file.

    Raises:
        LedgerBroken: The file is damaged or no ledger.
        LedgerTooNew: A newer version has written it.
        LedgerError: There is none, or it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = places.resolve(Path(path))
        if not self.path.exists():
            raise LedgerError(
                f"there is no ledger at {self.path}",
                hint="Send something with --ledger, or name the right file with PIXAZO_LEDGER.",
                path=str(self.path),
            )
        self._held = Held(self.path, partial(_connect, self.path), lambda _: nullcontext())

    def close(self) -> None:
        """Close the file."""
        self._held.close()

    def _read(self, question: Operation[T]) -> T:
        with self._held.used() as connection:
            try:
                return question(connection)
            except sqlite3.Error as error:
                raise explain(error, self.path) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads, in the gentlest of three ways that works."""
    try:
        return _opened(path, "mode=ro")
    except sqlite3.Error as error:
        # a folder that cannot be written to gives SQLite no shared memory for the log
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise explain(error, path) from error
    try:
        if (log := _log_of(path)).exists() and log.stat().st_size:
            return _opened_copy(path)
        return _opened(path, "mode=ro&immutable=1")
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except OSError as error:
        raise unusable(Path(error.filename or path), error, reading=True) from error


def _opened(path: Path, how: str) -> sqlite3.Connection:
    return opened(path, how, lambda connection: schema.check_readable(connection, path))


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _opened_copy(path: Path) -> sqlite3.Connection:
    """Return a connection to a copy, into which the log that a crash left behind can be worked."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pixazo-") as folder:
        copy = Path(folder, path.name)
        _copy(path, copy)
        return _opened(copy, "mode=rw")  # open files outlive their folder


def _copy(path: Path, copy: Path) -> None:
    """Copy a file and its log as they belong together, though somebody else may be writing.

    All that is written to the file stands in the log until the log begins anew, under new numbers
    in its head: when the head is the same before and after, the two make one ledger.
    """
    import shutil

    log = _log_of(path)
    for _ in range(_MOST_COPIES):
        before = _head(log)
        shutil.copyfile(path, copy)
        shutil.copyfile(log, _log_of(copy))
        if _head(log) == before:
            return
    raise LedgerError(
        f"{path} cannot be read: others write to it without a pause",
        hint="Ask again in a moment.",
        path=str(path),
    )


def _head(log: Path) -> bytes:
    with log.open("rb") as file:
        return file.read(_HEAD)
