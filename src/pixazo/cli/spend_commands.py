"""`pixazo spend`: money by day, model or run."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from pixazo.cli import common, ledgers, tables, words

if TYPE_CHECKING:
    from pixazo.ledger import Spent
    from pixazo.ledger.reports import By

__all__ = ["spend"]

COLUMNS = ("charged_usd", "reserved_usd", "unknown_usd", "returned_usd", "total_usd")
SUMS = (*COLUMNS, "assumed_usd")
UNITS_S = {"h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


class Since(click.ParamType[float] if TYPE_CHECKING else click.ParamType):  # type: ignore[misc]
    """A point in time: a date (UTC), or how long ago."""

    name = "since"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds since 1970."""
        text = str(value)
        if ago := re.fullmatch(r"(\d{1,5})([hdw])", text):
            return time.time() - int(ago[1]) * UNITS_S[ago[2]]
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is neither a date like 2026-03-31 nor 24h, 7d, 4w", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _facts(spent: Spent) -> dict[str, object]:
    return {**asdict(spent), "total_usd": spent.total_usd}


def _sum(found: Sequence[Spent]) -> dict[str, object]:
    amounts = {name: sum((getattr(s, name) for s in found), Decimal("0.00")) for name in SUMS}
    return {
        "attempts": sum(spent.attempts for spent in found),
        **amounts,
        "unpriced": sum(spent.unpriced for spent in found),
    }


def _row(label: str, facts: Mapping[str, object]) -> list[str]:
    amounts = (cast("Decimal", facts[name]) for name in COLUMNS)
    unpriced = str(facts["unpriced"] or "")
    return [label, str(facts["attempts"]), *map(words.money, amounts), unpriced]


def _readable(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: str(v) if isinstance(v, Decimal) else v for name, v in facts.items()}


def _spend(*, since: float | None, by: str, ledger: Path | None, as_json: bool) -> None:
    with ledgers.reading(ledger) as book:
        found = [] if book is None else book.spent(since or 0.0, by=cast("By", by))
    if as_json:
        rows = [_readable(_facts(spent)) for spent in found]
        shown = {"by": by, "rows": rows, "sum": _readable(_sum(found))}
        click.echo(words.dumped(shown))
    elif found:
        heads = (by, "attempts", "charged", "reserved", "unknown", "returned", "counts", "no price")
        table = [_row(spent.label, _facts(spent)) for spent in found]
        tables.show(heads, [*table, _row("sum", _sum(found))], right=heads[1:])
    else:
        click.echo("nothing was sent", err=True)


spend = click.Command(
    "spend",
    callback=_spend,
    params=[
        click.Option(
            ["--since"],
            type=Since(),
            metavar="DATE",
            help="Only what was sent since then: 2026-03-31 (UTC), or 24h, 7d, 4w ago.",
        ),
        click.Option(
            ["--by"],
            type=click.Choice(["day", "model", "run"]),
            default="day",
            show_default=True,
            metavar="day|model|run",
            help="What a line sums up; days are UTC.",
        ),
        ledgers.option(),
        common.wants_json(),
    ],
    short_help="Sum up what was spent.",
    help="Sum up what was spent, by the documented prices.\n\n"
    "`reserved` is on its way; of `unknown` nobody knows whether it was charged; `returned` was not"
    " charged; `counts` is what a limit counts: charged, reserved and unknown. The last column is"
    " the number of requests without any price, which are in none of the sums.",
)
