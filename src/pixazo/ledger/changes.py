"""What is done to a ledger's rows; each function runs inside a write transaction."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn, TypedDict

from pixazo.errors import Charged, LedgerMoveRefused
from pixazo.ledger import reservations
from pixazo.ledger.amounts import micros
from pixazo.ledger.entries import Entry, existing, find, storable
from pixazo.ledger.moves import FINAL_STATES, MOVES, State, charged_after, outcome_after
from pixazo.ledger.reservations import Limits

_FORGETTABLE: Final = frozenset({"intent", "completed"}) | FINAL_STATES
_NO_LIMITS: Final = Limits()


class Facts(TypedDict, total=False):
    """What may be written down with a move.

    Args:
        limits: With `sending`: what may be spent.
        run: With `sending`: whose limit counts, when it is not the intent's run.
        request_id: The gateway's id; `submitted` needs one.
        media: Addresses of the media.
        answer: The gateway's answer, a JSON value.
        files: Names of the files that were saved.
        error: What went wrong.
        charged: Whether this attempt was charged, when more is known than the state says. `no` with
            the step from `unknown` to `failed` speaks of all attempts.
        elapsed_s: Seconds that the gateway took.
        completed_at: When the gateway finished, in seconds since 1970.
        note: A remark.
    """

    limits: Limits
    run: str
    request_id: str
    media: Sequence[str]
    answer: Any
    files: Sequence[str]
    error: str
    charged: Charged
    elapsed_s: float
    completed_at: float
    note: str


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


_STORED: Final[Mapping[str, Callable[[Any], object]]] = {
    "request_id": str,
    "media": _json,
    "answer": _json,
    "files": _json,
    "error": storable,
    "elapsed_s": float,
    "completed_at": float,
    "note": storable,
}


def move(
    connection: sqlite3.Connection, key: str, state: State, facts: Facts, owner: int, now: float
) -> Entry:
    """Move a job on; return its entry.

    Raises:
        LedgerMoveRefused: The job is not in a state that leads there, or the id is taken.
        SpendLimitReached: `sending` would pass a limit.
        PriceUnknown: A limit is set and the price is not known.
    """
    entry = existing(connection, key)
    _check_move(connection, entry, state, facts.get("request_id"))
    attempt = entry.attempt + (state == "sending")
    charged = charged_after(state, facts.get("charged"))
    if state == "sending":
        _reserve(connection, entry, attempt, facts, now)
    else:
        reservations.settle(connection, key, attempt, outcome_after(state, charged))
    if entry.state == "unknown" and state == "failed" and charged == "no":
        reservations.give_back(connection, key)  # who gives a job up speaks of all its attempts
    charged = _all_attempts(connection, key, charged)
    if charged == "unknown" and state in ("intent", "rejected"):
        state = "unknown"  # this attempt was not accepted, an earlier one may have been
    changes = {
        "state": state,
        "attempt": attempt,
        "updated_at": now,
        "owner": _owner_after(state, entry, owner),
        "charged": charged,
        **_columns(state, facts, now),
    }
    names = ", ".join(f"{name} = ?" for name in changes)
    connection.execute(f"update job set {names} where key = ?", (*changes.values(), key))  # noqa: S608 (names are ours)
    return existing(connection, key)


def find_again(
    connection: sqlite3.Connection, meant: Entry, request_id: str, note: str, owner: int, now: float
) -> Entry:
    """Give a job of unknown outcome its id; return its entry.

    Raises:
        LedgerMoveRefused: It is not the unknown job any more that it was, or the id is taken.
    """
    entry = existing(connection, meant.key)
    if (entry.state, entry.attempt) != ("unknown", meant.attempt):
        _refuse(
            entry, f"the job {entry.key} is {entry.state} by now, on attempt {entry.attempt}", ""
        )
    return move(
        connection, entry.key, "submitted", {"request_id": request_id, "note": note}, owner, now
    )


def claim(
    connection: sqlite3.Connection,
    states: Collection[State],
    run: str | None,
    base_url: str | None,
    limit: int,
    owner: int,
    now: float,
) -> list[Entry]:
    """Take over jobs that nobody works on; return them, oldest first."""
    taken = connection.execute(
        "update job set owner = ?, updated_at = ? where key in (select key from job"  # noqa: S608
        f" where owner is null and state in ({', '.join('?' * len(states))})"
        " and (? is null or run = ?) and (? is null or base_url in ('', ?))"
        " order by rowid limit ?) returning rowid, key",
        (owner, now, *states, run, run, base_url, base_url, limit),
    ).fetchall()
    return [existing(connection, key) for _, key in sorted(taken)]


def forget(connection: sqlite3.Connection, keys: Iterable[str]) -> int:
    """Remove jobs and keep the record of their money; return how many there were.

    Raises:
        LedgerMoveRefused: A job may still cost or deliver something.
    """
    known = [entry for key in dict.fromkeys(keys) if (entry := find(connection, key)) is not None]
    for entry in known:
        if entry.state not in _FORGETTABLE:
            raise LedgerMoveRefused(
                f"the job {entry.key} is {entry.state} and may have been paid for",
                hint="Wait for it, or abandon it first: pixazo jobs unknown --abandon.",
                charged=entry.charged,
                request_id=entry.request_id,
            )
    gone = [(entry.key,) for entry in known]
    connection.executemany("delete from job where key = ?", gone)
    # The money stays, under a name that no later job of the same key can meet.
    apart = f"forgotten {uuid.uuid4().hex} "
    connection.executemany(f"update spend set key = '{apart}' || key where key = ?", gone)  # noqa: S608
    return len(known)


def _check_move(
    connection: sqlite3.Connection, entry: Entry, state: State, request_id: str | None
) -> None:
    if state not in MOVES[entry.state]:
        following = ", ".join(sorted(MOVES[entry.state])) or "nothing: it is final"
        _refuse(entry, f"the job {entry.key} is {entry.state} and cannot become {state}", following)
    if state == "submitted" and not request_id:
        _refuse(entry, f"the job {entry.key} cannot become submitted without a request id", "")
    if request_id and entry.request_id not in (None, request_id):
        _refuse(entry, f"the job {entry.key} has another request id than {request_id}", "")
    if request_id and (taken := _key_of(connection, request_id)) not in (None, entry.key):
        _refuse(entry, f"the request id {request_id} belongs to the job {taken} already", "")


def _refuse(entry: Entry, why: str, following: str) -> NoReturn:
    raise LedgerMoveRefused(
        why,
        hint=f"From {entry.state} it goes to: {following}."
        if following
        else "Keep it as unknown until its own id is known.",
        charged=entry.charged,
        request_id=entry.request_id,
    )


def _owner_after(state: State, entry: Entry, owner: int) -> int | None:
    """Return who works on a job: who sends or claims it, not who brings news of it."""
    if state == "unknown" or state in FINAL_STATES:
        return None
    return owner if state == "sending" else entry.owner


def _key_of(connection: sqlite3.Connection, request_id: str) -> str | None:
    row = connection.execute("select key from job where request_id = ?", (request_id,)).fetchone()
    return None if row is None else str(row[0])


def _reserve(
    connection: sqlite3.Connection, entry: Entry, attempt: int, facts: Facts, now: float
) -> None:
    reservations.reserve(
        connection,
        key=entry.key,
        attempt=attempt,
        model_id=entry.model_id,
        run=facts.get("run") or entry.run,
        price=None if entry.price_usd is None else micros(entry.price_usd),
        limits=facts.get("limits", _NO_LIMITS),
        now=now,
    )


def _all_attempts(connection: sqlite3.Connection, key: str, charged: Charged) -> Charged:
    """Return whether the job was charged, when an earlier attempt may have been."""
    if charged != "no":
        return charged
    at_stake = connection.execute(
        "select 1 from spend where key = ? and outcome = 'unknown'", (key,)
    ).fetchone()
    return "no" if at_stake is None else "unknown"


def _columns(state: State, facts: Facts, now: float) -> dict[str, object]:
    """Return the columns that a move writes: the time of the step, then what is told."""
    columns: dict[str, object] = {}
    if state == "sending":
        columns["sent_at"] = now
    if state in ("completed", "failed"):
        columns["completed_at"] = now
    if state in ("sending", "submitted", "completed", "downloaded"):
        columns["error"] = None  # what went wrong before has been overcome
    given: Mapping[str, Any] = {**facts}
    told = {name: _STORED[name](value) for name, value in given.items() if name in _STORED}
    return columns | told
