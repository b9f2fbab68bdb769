"""`pixazo forget`: take jobs out of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from pixazo.cli import common, ledgers, words

__all__ = ["forget"]


def _forget(*, ids: Sequence[str], ledger: Path | None, as_json: bool) -> None:
    with ledgers.reading(ledger) as book:
        keys = [entry.key for entry in ledgers.find_all(book, ids)]
    with ledgers.writing(ledger) as book:
        count = book.forget(keys)
    click.echo(f"forgotten: {count}", err=True)
    if as_json:
        click.echo(words.dumped({"forgotten": keys}))


forget = click.Command(
    "forget",
    callback=_forget,
    params=[
        click.Argument(["ids"], nargs=-1, required=True, metavar="ID..."),
        ledgers.option(),
        common.wants_json(),
    ],
    short_help="Take finished jobs out of the ledger.",
    help="Take jobs with prompt, ids and addresses out of the ledger; what they cost stays in"
    " `pixazo spend`.\n\n"
    "ID is a key, a request id, or how one of them begins. Jobs that may still cost or deliver"
    " something are refused. A key that is forgotten is new: it would be paid for again.",
)
