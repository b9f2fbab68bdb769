"""What a batch came to: words on stderr, the results' place or the counts on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.cli.batch_progress import paid
from pixazo.cli.reports import print_path
from pixazo.cli.streams import missing
from pixazo.cli.trail import again, with_options
from pixazo.cli.words import dumped, printable

if TYPE_CHECKING:
    from pixazo.batches import Folder, Outcome, Outcomes

__all__ = ["summary", "tell"]

MOST_TOLD = 10


def summary(outcomes: Outcomes, ledger: Path | None) -> str:
    """Return what a batch came to: counts, money, and what is to decide about."""
    counts = outcomes.counts()
    if not outcomes.all():
        return "the shard has no lines"
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    decide = "; to decide about: pixazo jobs unknown" if counts["unknown"] else ""
    return with_options(f"{said}; {paid(outcomes)} for what is done{decide}", ledger)


def tell(outcomes: Outcomes, folder: Folder, ledger: Path | None, *, as_json: bool) -> None:
    """Tell what is not done, what it all came to, and the way on; stdout gets the results.

    Args:
        outcomes: What became of the lines.
        folder: Where the results are.
        ledger: The ledger's path, where one was given.
        as_json: Whether stdout gets one JSON document.
    """
    _tell_missed([o for o in outcomes.all() if o.state != "done"], folder)
    click.echo(summary(outcomes, ledger), err=True)
    if outcomes.counts()["failed"]:
        click.echo(
            "hint: a failed line is sent again under a new key, or when it changes", err=True
        )
    if outcomes.counts()["open"]:
        click.echo(f"resume: {again()}", err=True)
    with missing(f"results: {folder.results}"):
        if as_json:
            click.echo(_document(outcomes, folder))
        else:
            print_path(folder.results)


def _tell_missed(missed: Sequence[Outcome], folder: Folder) -> None:
    for outcome in missed[:MOST_TOLD]:
        why = outcome.error.message if outcome.error else "not sent"
        click.echo(printable(f"line {outcome.item.number}: {outcome.state}: {why}"), err=True)
    if len(missed) > MOST_TOLD:
        click.echo(f"and {len(missed) - MOST_TOLD} more, see {folder.results}", err=True)


def _document(outcomes: Outcomes, folder: Folder) -> str:
    said: dict[str, object] = {
        **dict(outcomes.counts().items()),
        "paid_usd": str(outcomes.paid_usd()),
        "of_unknown_price": outcomes.unpriced(),
        "results": str(folder.results),
    }
    return dumped(said)
