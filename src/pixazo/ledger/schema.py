"""The tables, step by step: each step leads from one `user_version` to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from pixazo.errors import LedgerBroken, LedgerTooNew

APPLICATION_ID: Final = 0x7078_617A  # "pxaz": tells a ledger from any other SQLite file

Step = tuple[str, ...]

_STEP_1: Final[Step] = (
    """
    create table owner (
      number     integer primary key autoincrement,
      pid        integer not null,  -- for people; liveness is a lock, see lock.py
      started_at real not null
    ) strict
    """,
    """
    create table job (
      key          text primary key,
      model_id     text not null,
      body_sha256  text not null,
      state        text not null check (state in ('intent', 'sending', 'submitted', 'completed',
                                        'downloaded', 'unknown', 'rejected', 'failed')),
      attempt      integer not null default 0,
      owner        integer,         -- who works on it; null when nobody does
      run          text not null,
      request_id   text unique,
      base_url     text not null,
      price_micros integer check (price_micros >= 0),
      charged      text not null default 'no' check (charged in ('no', 'yes', 'unknown')),
      callback     text,
      created_at   real not null,
      updated_at   real not null,
      sent_at      real,
      completed_at real,
      elapsed_s    real,
      media        text,
      answer       text,
      files        text,
      error        text,
      note         text
    ) strict
    """,
    # apart from the job: an update rewrites its whole row, and a request may hold a picture
    """
    create table request (
      key  text primary key references job(key) on delete cascade,
      json text not null
    ) strict
    """,
    # one row per attempt; outlives its job, so that forgetting a job forgets no money
    """
    create table spend (
      key      text not null,
      attempt  integer not null,
      model_id text not null,
      run      text not null,
      at       real not null,
      micros   integer check (micros >= 0),  -- null: nobody knows the price
      assumed  integer not null default 0,
      outcome  text not null check (outcome in ('reserved', 'charged', 'returned', 'unknown')),
      primary key (key, attempt)
    ) strict, without rowid
    """,
    "create index job_open on job(state) where state not in ('downloaded', 'rejected', 'failed')",
    "create index job_durations on job(model_id, completed_at) where elapsed_s is not null",
    # what counts under a limit, kept by the two triggers: a sum over a day's attempts would be slow
    """
    create table purse (
      run      text not null,
      day      integer not null,    -- since 1970, UTC
      micros   integer not null,
      unpriced integer not null,
      primary key (run, day)
    ) strict, without rowid
    """,
    """
    create trigger spend_begun after insert on spend begin
      insert into purse(run, day, micros, unpriced)
        values (new.run, cast(new.at / 86400 as integer),
                coalesce(new.micros, 0), new.micros is null)
        on conflict(run, day) do update
          set micros = micros + excluded.micros, unpriced = unpriced + excluded.unpriced;
    end
    """,
    """
    create trigger spend_settled after update of outcome on spend
      when (old.outcome = 'returned') <> (new.outcome = 'returned')
    begin
      update purse set
        micros = micros + iif(new.outcome = 'returned', -1, 1) * coalesce(new.micros, 0),
        unpriced = unpriced + iif(new.outcome = 'returned', -1, 1) * (new.micros is null)
      where run = new.run and day = cast(new.at / 86400 as integer);
    end
    """,
    "create index purse_day on purse(day)",
)

# no question and no process that comes or goes reads all jobs of a long-lived ledger
_STEP_2: Final[Step] = (
    "drop index job_open",  # its condition kept SQLite from ever using it
    "create index job_state on job(state)",
    "create index job_owner on job(owner) where owner is not null",
    "create index job_callback on job(callback) where callback is not null",
    "drop index job_durations",
    """
    create index job_durations on job(model_id, base_url, completed_at) where elapsed_s is not null
    """,
)

STEPS: Final[tuple[Step, ...]] = (_STEP_1, _STEP_2)


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[Step] = STEPS) -> None:
    """Bring the tables up to date; call it inside a transaction.

    Raises:
        LedgerBroken: The file belongs to another program.
        LedgerTooNew: A newer version has written the file.
    """
    version = check(connection, path, steps)
    for number, step in enumerate(steps[version:], start=version + 1):
        for statement in step:
            connection.execute(statement)
        connection.execute(f"pragma user_version = {number:d}")
    connection.execute(f"pragma application_id = {APPLICATION_ID:d}")


def check(connection: sqlite3.Connection, path: Path, steps: Sequence[Step] = STEPS) -> int:
    """Return the version of the tables; 0 for a new file.

    Raises:
        LedgerBroken: The file belongs to another program.
        LedgerTooNew: A newer version has written the file.
    """
    version, application = (
        int(connection.execute(f"pragma {name}").fetchone()[0])
        for name in ("user_version", "application_id")
    )
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise LedgerBroken(
            f"{path} is an SQLite file of another program, not a ledger",
            hint="Name another file with --ledger, PIXAZO_LEDGER or Ledger(path).",
            path=str(path),
        )
    if version > len(steps):
        _refuse_newer(path, version, len(steps))
    return version


def check_readable(connection: sqlite3.Connection, path: Path) -> None:
    """Make sure that a ledger can be read as it is; every version so far has the same tables.

    Raises:
        LedgerBroken: The file is empty or belongs to another program.
        LedgerTooNew: A newer version has written the file.
    """
    if check(connection, path) == 0:
        raise LedgerBroken(
            f"{path} is empty, not a ledger",
            hint="Name the right file with --ledger or PIXAZO_LEDGER.",
            path=str(path),
        )


def _refuse_newer(path: Path, version: int, known: int) -> NoReturn:
    raise LedgerTooNew(
        f"{path} has version {version}; this pixazo knows versions up to {known}",
        hint="Update pixazo, or name another file with --ledger, PIXAZO_LEDGER or Ledger(path).",
        path=str(path),
    )
