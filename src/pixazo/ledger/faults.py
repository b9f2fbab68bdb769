"""What SQLite or the system refuses, as one clear error that names the path and the way out."""

from __future__ import annotations

import errno
import shlex
import sqlite3
from pathlib import Path
from typing import Final

from pixazo.errors import Charged, LedgerBroken, LedgerError, LedgerReadOnly

_ELSEWHERE: Final = "name another file with --ledger, PIXAZO_LEDGER or Ledger(path)"
_RESCUE: Final = (
    "Keep a copy; SQLite's own program (Debian's cannot) rescues rows:"
    " `sqlite3 {path} .recover | sqlite3 rescued.sqlite3`. Name that file with --ledger or"
    " PIXAZO_LEDGER, and compare it with the account's usage: a job that it lacks would be paid"
    " for again."
)
_CONTRADICTION: Final = (
    LedgerBroken,
    "{path} contradicts itself: {error}",
    (
        "It has lost rows, as when it was rescued in part, and the job may be paid for: look at the"
        " account's usage before you send it with another ledger."
    ),
)
_FAULTS: Final[dict[int, tuple[type[LedgerError], str, str]]] = {
    sqlite3.SQLITE_NOTADB: (
        LedgerBroken,
        "{path} is not a ledger: it is no SQLite file",
        (
            f"Move it away and start anew, or {_ELSEWHERE}. If it was a ledger, what it knew would"
            " be paid for again."
        ),
    ),
    sqlite3.SQLITE_CORRUPT: (
        LedgerBroken,
        "{path} is damaged",
        _RESCUE,
    ),
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: _CONTRADICTION,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: _CONTRADICTION,
    sqlite3.SQLITE_READONLY: (
        LedgerReadOnly,
        "{path} cannot be written to",
        f"Make the file and its folder writable, or {_ELSEWHERE}.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        LedgerReadOnly,
        "{path} cannot be opened",
        "Make the file readable, its folder and its -wal and -shm writable, or raise `ulimit -n`.",
    ),
    sqlite3.SQLITE_FULL: (
        LedgerError,
        "the disk that holds {path} is full",
        f"Free some space and run the same again, or {_ELSEWHERE}.",
    ),
    sqlite3.SQLITE_IOERR: (
        LedgerError,
        "{path} cannot be read or written: {error}",
        f"Check the disk and its quota, then run the same again, or {_ELSEWHERE}.",
    ),
    sqlite3.SQLITE_BUSY: (
        LedgerError,
        "another program keeps {path} locked",
        "Close the program that has the file open (an SQLite shell?) and run the same again.",
    ),
}
_SHORTAGES: Final = (
    ({errno.EMFILE, errno.ENFILE}, "Close files, or raise their limit (ulimit -n), and try again."),
    ({errno.ENOSPC, getattr(errno, "EDQUOT", -1)}, "Free some space and run the same again."),
)
_OTHER: Final = (LedgerError, "{path}: {error}", f"Check the file, or {_ELSEWHERE}.")


def explain(
    error: Exception,
    path: Path,
    *,
    charged: Charged | None = None,
    request_id: str | None = None,
) -> LedgerError:
    """Return the error to raise for what SQLite, the lock or the system said.

    Args:
        error: What was said.
        path: The ledger.
        charged: Whether the job that was to be noted is charged.
        request_id: The job's id, which must not get lost with the note.
    """
    if isinstance(error, LedgerError):
        kind, message, hint = type(error), error.message, error.hint
    else:
        kind, message, hint = _fault(error, path)
    return kind(message, hint=hint, path=str(path), charged=charged, request_id=request_id)


def _fault(error: Exception, path: Path) -> tuple[type[LedgerError], str, str]:
    # an error made by the sqlite3 module itself carries no code
    code = getattr(error, "sqlite_errorcode", 0)
    kind, message, hint = _FAULTS.get(code) or _FAULTS.get(code & 0xFF, _OTHER)
    return kind, message.format(path=path, error=error), hint.format(path=shlex.quote(str(path)))


def unusable(path: Path, error: OSError, *, reading: bool = False) -> LedgerError:
    """Return the error to raise when the file or its folder cannot be made, opened or read."""
    what, needed = ("read", "readable") if reading else ("opened for writing", "writable")
    message = f"{path} cannot be {what}: {error.strerror or error}"
    for codes, hint in _SHORTAGES:
        if error.errno in codes:
            return LedgerError(message, hint=hint, path=str(path))
    hint = f"Make the file and its folder {needed}, or {_ELSEWHERE}."
    return LedgerReadOnly(message, hint=hint, path=str(path))
