"""`pixazo wait ID`: go on with a job that was submitted before."""

from __future__ import annotations

from pathlib import Path

import click

from pixazo.cli import common, ledgers
from pixazo.cli.journey import Journey

__all__ = ["wait"]


def _wait(
    *,
    id_or_token: str,
    gateway: str | None,
    timeout: float | None,
    out: Path,
    no_save: bool,
    ledger: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    Journey(
        out=out,
        gateway=gateway,
        save=not no_save,
        as_json=as_json,
        quiet=quiet,
        timeout_s=timeout,
        money=ledgers.Money(ledger=ledger),
    ).resume(id_or_token)


wait = click.Command(
    "wait",
    callback=_wait,
    params=[
        click.Argument(["id_or_token"], metavar="ID"),
        common.gateway(),
        common.seconds(),
        common.out(),
        common.no_save(),
        ledgers.option(),
        common.wants_json(),
        common.quiet(),
    ],
    short_help="Wait for a job that was submitted before, and save what it made.",
    help="Wait for a job that was submitted before, and save what it made.\n\n"
    "ID is a request id, a key of the ledger, how one of them begins, or a resume token. Waiting"
    " again for a job that has ended is free and saves its media again.",
)
