"""`pixazo status ID`: one look at a job."""

from __future__ import annotations

from pathlib import Path

import click

from pixazo.cli import common, ledgers
from pixazo.cli.connection import connect
from pixazo.cli.reports import print_status

__all__ = ["status"]


def _status(*, id_or_token: str, gateway: str | None, ledger: Path | None, as_json: bool) -> None:
    with connect(gateway, money=ledgers.Money(ledger=ledger)) as client:
        job = client.job(ledgers.asked_for(client.ledger, id_or_token))
        print_status(job.status(), as_json=as_json)


status = click.Command(
    "status",
    callback=_status,
    params=[
        click.Argument(["id_or_token"], metavar="ID"),
        common.gateway(),
        ledgers.option(),
        common.wants_json(),
    ],
    short_help="Tell how a job is doing.",
    help="Tell how a job is doing, in one look.\n\n"
    "ID is a request id, a key of the ledger, how one of them begins, or a resume token. The exit"
    " code is 0 for whatever state the job is in; `pixazo wait` tells success from failure.",
)
