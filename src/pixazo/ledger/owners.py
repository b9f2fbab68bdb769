"""Who works on a job: a number per process, alive while the process holds its byte of the lock.

These functions run inside a write transaction, so no two processes judge each other at once.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Final

from pixazo.ledger.lock import LockFile

DIED: Final = "the process ended while it was sending; the gateway may have accepted the request"


def register(connection: sqlite3.Connection, lock: LockFile, now: float) -> int:
    """Return the number of this process, shown alive from here on."""
    while True:
        added = connection.execute(
            "insert into owner(pid, started_at) values (?, ?)", (os.getpid(), now)
        )
        number = added.lastrowid
        assert number is not None  # noqa: S101 (an insert has one)
        if lock.take(number):
            return number
        # A process has a file open that was here before and was removed or put back.
        connection.execute("delete from owner where number = ?", (number,))


def stay(connection: sqlite3.Connection, lock: LockFile, number: int, now: float) -> None:
    """Take the number of this process again when somebody took it for dead.

    That happens when the lock file is removed. Without its number nobody would ever find this
    process dead, and what it leaves behind would be `sending` for ever.
    """
    added = connection.execute(
        "insert into owner(number, pid, started_at) values (?, ?, ?) on conflict do nothing",
        (number, os.getpid(), now),
    )
    if added.rowcount:
        lock.take(number)


def settle_dead(
    connection: sqlite3.Connection, lock: LockFile, own: int, now: float
) -> tuple[str, ...]:
    """Free the jobs of processes that ended; return the keys whose sending became unknown."""
    others = connection.execute("select number from owner where number <> ?", (own,)).fetchall()
    dead = [number for (number,) in others if not lock.is_alive(number)]
    return tuple(key for number in dead for key in retire(connection, number, now))


def retire(connection: sqlite3.Connection, number: int, now: float) -> tuple[str, ...]:
    """Free the jobs of one owner and forget it; return the keys whose sending became unknown."""
    connection.execute(
        "update spend set outcome = 'unknown' where (key, attempt) in"
        " (select key, attempt from job where owner = ? and state = 'sending')",
        (number,),
    )
    lost = connection.execute(
        "update job set state = 'unknown', charged = 'unknown', error = ?, updated_at = ?"
        " where owner = ? and state = 'sending' returning key",
        (DIED, now, number),
    ).fetchall()
    connection.execute("update job set owner = null where owner = ?", (number,))
    connection.execute("delete from owner where number = ?", (number,))
    return tuple(key for (key,) in lost)
