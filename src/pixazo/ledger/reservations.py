"""Spend limits: money is set aside in the transaction that allows a request to be sent."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

from pixazo.errors import PriceUnknown, SpendLimitReached
from pixazo.ledger.amounts import micros, usd
from pixazo.ledger.moves import Outcome
from pixazo.money import shown

_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent, in US dollars; None is no limit.

    Args:
        call_usd: By one request.
        run_usd: By one run: a client, a command or a batch.
        day_usd: By everyone who shares the ledger, on one day (UTC).
        assume_usd: What to count for a request whose price is not documented.

    Raises:
        InvalidConfiguration: An amount is negative or finer than a millionth.
    """

    call_usd: Decimal | None = None
    run_usd: Decimal | None = None
    day_usd: Decimal | None = None
    assume_usd: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("call_usd", "run_usd", "day_usd", "assume_usd"):
            if (amount := getattr(self, name)) is not None:
                micros(amount, name=name)

    @property
    def is_set(self) -> bool:
        """Whether any limit holds."""
        return any(limit is not None for limit in (self.call_usd, self.run_usd, self.day_usd))


@dataclass(frozen=True, slots=True)
class _Scope:
    """One limit: its name, how it is set, its amount and the reservations that count under it."""

    name: str
    setting: str
    limit: int
    where: str
    values: tuple[object, ...]


def reserve(
    connection: sqlite3.Connection,
    *,
    key: str,
    attempt: int,
    model_id: str,
    run: str,
    price: int | None,
    limits: Limits,
    now: float,
) -> None:
    """Set the price of one attempt aside, or refuse.

    Raises:
        PriceUnknown: A limit is set, and a price under it is neither known nor assumed.
        SpendLimitReached: The request would pass a limit.
    """
    assumed = None if limits.assume_usd is None else micros(limits.assume_usd)
    amount = assumed if price is None else price
    if limits.is_set:
        if amount is None:
            _refuse_unpriced(f"the price of {model_id} is not documented")
        for scope in _scopes(limits, run, now):
            _check(connection, scope, amount, assumed)
    connection.execute(
        "insert into spend(key, attempt, model_id, run, at, micros, assumed, outcome)"
        " values (?, ?, ?, ?, ?, ?, ?, 'reserved')",
        (key, attempt, model_id, run, now, amount, price is None and assumed is not None),
    )


def settle(connection: sqlite3.Connection, key: str, attempt: int, outcome: Outcome) -> None:
    """Say what became of the money that one attempt had set aside."""
    connection.execute(
        "update spend set outcome = ? where key = ? and attempt = ?", (outcome, key, attempt)
    )


def give_back(connection: sqlite3.Connection, key: str) -> None:
    """Return the money of all attempts of a job of which nobody knew whether they were charged."""
    connection.execute(
        "update spend set outcome = 'returned' where key = ? and outcome = 'unknown'", (key,)
    )


def _scopes(limits: Limits, run: str, now: float) -> list[_Scope]:
    day = int(now // _DAY_S)
    candidates = [
        ("one request", "--max-spend-call, spend_limit_call", limits.call_usd, "false", ()),
        ("this run", "--max-spend, spend_limit", limits.run_usd, "run = ?", (run,)),
        ("today (UTC)", "--max-spend-day, spend_limit_day", limits.day_usd, "day = ?", (day,)),
    ]
    return [
        _Scope(name, setting, micros(limit), where, values)
        for name, setting, limit, where, values in candidates
        if limit is not None
    ]


def _check(connection: sqlite3.Connection, scope: _Scope, amount: int, assumed: int | None) -> None:
    known, unpriced = connection.execute(
        "select coalesce(sum(micros), 0), coalesce(sum(unpriced), 0) from purse"  # noqa: S608
        f" where {scope.where}",  # one of the constants above
        scope.values,
    ).fetchone()
    if unpriced and assumed is None:
        _refuse_unpriced(f"requests of unknown price ({unpriced}) count for {scope.name}")
    spent = known + unpriced * (assumed or 0)
    if spent + amount > scope.limit:
        so_far = f"{shown(usd(spent))} is spent or reserved and " if scope.values else ""
        raise SpendLimitReached(
            f"{shown(usd(scope.limit))} is the limit for {scope.name}; {so_far}the next request"
            f" costs {shown(usd(amount))}: it was not sent",
            hint=f"Raise the limit ({scope.setting}), or send less.",
            limit_usd=usd(scope.limit),
            spent_usd=usd(spent),
            asked_usd=usd(amount),
        )


def _refuse_unpriced(why: str) -> NoReturn:
    raise PriceUnknown(
        f"{why}, so the spend limit cannot hold: it was not sent",
        hint="State a price to count with (--assume-price, assume_price), or send without a limit.",
    )
