"""What can be asked of a ledger: the same questions for one that writes and one that only reads."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, Self, TypeVar

from pixazo_openapi.errors import abbreviate

from pixazo.errors import InvalidConfiguration
from pixazo.ledger.amounts import usd
from pixazo.ledger.entries import SELECT, Entry, entry_of, find
from pixazo.ledger.moves import State, check_states
from pixazo.ledger.writer import Operation

T = TypeVar("T")
By = Literal["day", "model", "run"]
_LABELS: Final[dict[By, str]] = {
    "day": "date(at, 'unixepoch')",
    "model": "model_id",
    "run": "run",
}
_LAST: Final = chr(0x10FFFF)  # sorts behind whatever a key may hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Money by one label, in US dollars.

    Args:
        label: The day (UTC, `2026-03-31`), the model id or the run.
        attempts: How many requests were sent or begun.
        charged_usd: Charged for sure.
        reserved_usd: Set aside for jobs that are on their way.
        unknown_usd: At stake: nobody knows whether it was charged.
        returned_usd: Given back: not sent, refused, or ended as ERROR.
        assumed_usd: The part of the first three that counts with an assumed price.
        unpriced: How many requests have no price at all and are in none of the sums.
    """

    label: str
    attempts: int
    charged_usd: Decimal
    reserved_usd: Decimal
    unknown_usd: Decimal
    returned_usd: Decimal
    assumed_usd: Decimal
    unpriced: int

    @property
    def total_usd(self) -> Decimal:
        """What counts under a limit: charged, reserved and unknown."""
        return self.charged_usd + self.reserved_usd + self.unknown_usd


class Reports(ABC):
    """Questions to a ledger."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def _read(self, question: Operation[T]) -> T:
        """Return the answer to one question."""

    def entry(self, key: str) -> Entry | None:
        """Return the job of a key."""
        return self._read(lambda connection: find(connection, key))

    def by_request_id(self, request_id: str) -> Entry | None:
        """Return the job that the gateway knows by this id."""
        return self._read(lambda c: find_request(c, request_id))

    def entries(
        self,
        states: Collection[State] | None = None,
        *,
        model_id: str | None = None,
        run: str | None = None,
        callback: str | None = None,
        since: float | None = None,
        limit: int | None = None,
        latest: bool = False,
    ) -> list[Entry]:
        """Return jobs, oldest first.

        Args:
            states: Only jobs in one of these states.
            model_id: Only jobs of this model.
            run: Only jobs of this run.
            callback: Only jobs whose callback address holds this name.
            since: Only jobs made at or after this time, in seconds since 1970.
            limit: At most so many.
            latest: Whether these are the latest of all instead of the oldest.

        Raises:
            InvalidConfiguration: There is no such state, or `since` is no number.
        """
        check_states(states or ())
        _check_since(since or 0)
        named: list[tuple[str, object]] = [
            ("model_id = ?", model_id),
            ("run = ?", run),
            ("callback = ?", callback),
            ("created_at >= ?", since),
        ]
        wheres = [where for where, value in named if value is not None]
        values = [value for _, value in named if value is not None]
        if states is not None:
            wheres.append(f"state in ({', '.join('?' * len(states))})")
            values.extend(states)
        where = " and ".join(wheres) or "true"
        most = -1 if limit is None else limit
        return self._read(lambda c: _entries(c, where, values, most, latest=latest))

    def count(self, states: Collection[State], *, free: bool = False) -> int:
        """Return how many jobs are in one of these states.

        Args:
            states: The states.
            free: Only jobs that no process works on.

        Raises:
            InvalidConfiguration: There is no such state.
        """
        check_states(states)
        return self._read(lambda c: _count(c, states, free=free))

    def gateways(self, states: Collection[State]) -> list[str]:
        """Return the origins of the gateways of jobs in these states that no process works on.

        Raises:
            InvalidConfiguration: There is no such state.
        """
        check_states(states)
        return self._read(lambda c: _gateways(c, states))

    def keys_beginning(self, word: str) -> list[str]:
        """Return the keys of the jobs whose key or request id begins with a word."""
        return self._read(lambda c: _keys_beginning(c, word))

    def at_stake(self) -> tuple[Decimal, int]:
        """Return the money that jobs of unknown outcome may have cost, in US dollars.

        Every attempt of a job counts. The number is that of the attempts without a price, which are
        not in the sum.
        """
        return self._read(_at_stake)

    def durations(
        self, model_id: str, *, base_url: str | None = None, limit: int = 200
    ) -> list[float]:
        """Return how long the last jobs of a model took, in seconds, latest first.

        Args:
            model_id: The model.
            base_url: Only jobs of the gateway with this origin.
            limit: At most so many.
        """
        return self._read(lambda c: _durations(c, model_id, base_url, limit))

    def spent(self, since: float = 0.0, *, by: By = "day") -> list[Spent]:
        """Return the money since a time (seconds since 1970), summed by day, model or run.

        Raises:
            InvalidConfiguration: `since` is no number, or `by` is none of the three.
        """
        _check_since(since)
        if by not in _LABELS:
            message = f"by={abbreviate(by)} sums up nothing"
            raise InvalidConfiguration(message, hint=f"Give one of {', '.join(_LABELS)}.")
        return self._read(lambda c: _spent(c, since, by))


def _check_since(since: object) -> None:
    if not isinstance(since, int | float):
        message = f"since={abbreviate(since)} is no number of seconds since 1970"
        raise InvalidConfiguration(message, hint="Of a datetime, timestamp() gives them.")


def _entries(
    connection: sqlite3.Connection,
    where: str,
    values: Collection[object],
    limit: int,
    *,
    latest: bool = False,
) -> list[Entry]:
    order = "desc" if latest else "asc"
    rows = connection.execute(  # which ones first: sorting whole rows would copy every request
        f"{SELECT} where job.rowid in (select rowid from job where {where}"  # noqa: S608
        f" order by rowid {order} limit ?) order by job.rowid",
        (*values, limit),
    )
    return [entry_of(row) for row in rows]


def _count(connection: sqlite3.Connection, states: Collection[State], *, free: bool) -> int:
    (count,) = connection.execute(
        f"select count(*) from job where state in ({', '.join('?' * len(states))})"  # noqa: S608
        + (" and owner is null" if free else ""),
        tuple(states),
    ).fetchone()
    return int(count)


def _gateways(connection: sqlite3.Connection, states: Collection[State]) -> list[str]:
    rows = connection.execute(
        f"select distinct base_url from job where state in ({', '.join('?' * len(states))})"  # noqa: S608
        " and owner is null",
        tuple(states),
    )
    return [base_url for (base_url,) in rows]


def _keys_beginning(connection: sqlite3.Connection, word: str) -> list[str]:
    span = (word, word + _LAST)
    rows = connection.execute(
        "select key from job where key between ? and ? or request_id between ? and ?", span * 2
    )
    return [key for (key,) in rows]


def _at_stake(connection: sqlite3.Connection) -> tuple[Decimal, int]:
    known, unpriced = connection.execute(
        "select coalesce(sum(micros), 0), count(*) filter (where micros is null)"
        " from job join spend using (key) where job.state = 'unknown' and outcome = 'unknown'"
    ).fetchone()
    return usd(known), unpriced


def find_request(connection: sqlite3.Connection, request_id: str) -> Entry | None:
    """Return the entry that the gateway knows by this id."""
    found = _entries(connection, "request_id = ?", [request_id], 1)
    return found[0] if found else None


def _durations(
    connection: sqlite3.Connection, model_id: str, base_url: str | None, limit: int
) -> list[float]:
    here = "" if base_url is None else " and base_url = ?"
    rows = connection.execute(
        f"select elapsed_s from job where model_id = ? and elapsed_s is not null{here}"  # noqa: S608
        " order by completed_at desc limit ?",
        [value for value in (model_id, base_url, limit) if value is not None],
    )
    return [elapsed_s for (elapsed_s,) in rows]


def _spent(connection: sqlite3.Connection, since: float, by: By) -> list[Spent]:
    sums = ", ".join(
        f"coalesce(sum(micros) filter (where {condition}), 0)"
        for condition in (
            "outcome = 'charged'",
            "outcome = 'reserved'",
            "outcome = 'unknown'",
            "outcome = 'returned'",
            "outcome <> 'returned' and assumed",
        )
    )
    rows = connection.execute(
        f"select {_LABELS[by]} as label, count(*), {sums},"  # noqa: S608 (constants)
        " count(*) filter (where micros is null and outcome <> 'returned')"
        " from spend where at >= ? group by label order by label",
        (since,),
    )
    return [
        Spent(
            label=label,
            attempts=attempts,
            charged_usd=usd(charged),
            reserved_usd=usd(reserved),
            unknown_usd=usd(unknown),
            returned_usd=usd(returned),
            assumed_usd=usd(assumed),
            unpriced=unpriced,
        )
        for label, attempts, charged, reserved, unknown, returned, assumed, unpriced in rows
    ]
