"""`pixazo jobs`: what the ledger knows, and what a person decides where nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from pixazo.cli import common, ledgers, tables, words
from pixazo.cli.resume_commands import Resuming

if TYPE_CHECKING:
    from pixazo.errors import Charged
    from pixazo.ledger import Entry, Ledger, State

__all__ = ["jobs"]

HEADS = ("key", "state", "model", "request id", "since (UTC)", "price", "charged", "said")
STATES = (
    "intent", "sending", "submitted", "completed", "downloaded", "unknown", "rejected", "failed",
)  # fmt: skip
LONGEST_SAID = 60


def document(entry: Entry) -> dict[str, object]:
    """Return a job as JSON shows it."""
    return {
        "key": entry.key,
        "state": entry.state,
        "model": entry.model_id,
        "request_id": entry.request_id,
        "prompt": entry.request.get("prompt"),
        "attempts": entry.attempt,
        "price_usd": None if entry.price_usd is None else str(entry.price_usd),
        "charged": entry.charged,
        "gateway": entry.base_url,
        "run": entry.run,
        "created_at": _moment(entry.created_at),
        "updated_at": _moment(entry.updated_at),
        "sent_at": _moment(entry.sent_at),
        "completed_at": _moment(entry.completed_at),
        "elapsed_s": entry.elapsed_s,
        "media": list(entry.media),
        "files": list(entry.files),
        "error": entry.error,
        "note": entry.note,
    }


def _moment(epoch_s: float | None) -> str | None:
    """Return a point in time as text; None where there is none or no calendar has it."""
    try:
        return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _row(entry: Entry) -> list[str]:
    said = entry.error or entry.note or str(entry.request.get("prompt") or "")
    said = " ".join(said.split())
    return [
        ledgers.short(entry.key),
        entry.state,
        entry.model_id,
        entry.request_id or "-",
        datetime.fromtimestamp(entry.created_at, UTC).strftime("%Y-%m-%d %H:%M"),
        words.money(entry.price_usd),
        entry.charged,
        said if len(said) <= LONGEST_SAID else said[:LONGEST_SAID] + "…",
    ]


def _show(entries: Sequence[Entry], *, as_json: bool, none: str) -> None:
    if as_json:
        click.echo(words.dumped([document(e) for e in entries]))
    elif entries:
        tables.show(HEADS, [_row(entry) for entry in entries], right=("price",), prose=("said",))
    else:
        click.echo(none, err=True)


def _jobs(*, state: Sequence[str], limit: int, ledger: Path | None, as_json: bool) -> None:
    if click.get_current_context().invoked_subcommand:
        return
    states = cast("Sequence[State]", state) or None
    with ledgers.reading(ledger) as book:
        found = [] if book is None else book.entries(states, limit=limit, latest=True)
    _show(found, as_json=as_json, none="no jobs")


def _unknown(
    *,
    resend: Sequence[str],
    abandon: Sequence[str],
    charged: str | None,
    ledger: Path | None,
    as_json: bool,
    **going_on: Any,
) -> int:
    if charged and not abandon:
        raise click.UsageError("--charged says what became of the money of --abandon ID")
    if not resend and not abandon:
        return _list_unknown(ledger, as_json=as_json)
    with ledgers.writing(ledger) as book:
        given_up, again = _decided(book, abandon, resend)
        for entry in given_up:
            _abandon(book, entry, cast("Charged | None", charged))
    if again:
        going_on["ledger"] = ledger
        money = ledgers.money_of(going_on)
        resuming = Resuming(money=money, resend=True, as_json=as_json, **going_on)
        return resuming.run([entry.key for entry in again], given_up=given_up)
    if as_json:
        click.echo(words.dumped({"jobs": [], "given_up": [entry.key for entry in given_up]}))
    return 0


def _list_unknown(path: Path | None, *, as_json: bool) -> int:
    with ledgers.reading(path) as book:
        found = [] if book is None else book.entries(["unknown"])
        known, unpriced = (Decimal(0), 0) if book is None else book.at_stake()
    _show(found, as_json=as_json, none="no job of unknown outcome")
    if found:
        more = f" and {unpriced} of unknown price" if unpriced else ""
        click.echo(
            f"at stake: {words.money(known)}{more}. The account's usage at the gateway tells"
            " whether they were charged; then --resend ID or --abandon ID.",
            err=True,
        )
    return 0


def _decided(
    book: Ledger, abandon: Sequence[str], resend: Sequence[str]
) -> tuple[list[Entry], list[Entry]]:
    """Return the jobs to give up and those to send once more, each of them in doubt."""
    given_up, again = ledgers.find_all(book, abandon), ledgers.find_all(book, resend)
    for entry in given_up:
        _check(entry, also_bare=True)
        if entry in again:
            key = ledgers.short(entry.key)
            raise click.UsageError(f"--resend and --abandon both name {key}")
    for entry in again:
        _check(entry)
    return given_up, again


def _check(entry: Entry, *, also_bare: bool = False) -> None:
    """Refuse what is not in doubt; a job that is done and names no media may be given up, too."""
    is_bare = entry.state == "submitted" and entry.charged == "yes"
    if entry.state != "unknown" and not (also_bare and is_bare):
        raise click.BadParameter(
            f"the job {ledgers.short(entry.key)} is {entry.state}; nothing is to be decided",
            param_hint="ID",
        )


def _abandon(book: Ledger, entry: Entry, charged: Charged | None) -> None:
    said = f"given up by hand; before: {entry.error}"
    known = charged or ("yes" if entry.charged == "yes" else "unknown")
    book.move(entry.key, "failed", error=said, charged=known)
    click.echo(f"given up: {ledgers.short(entry.key)}", err=True)


jobs = click.Group(
    "jobs",
    callback=_jobs,
    invoke_without_command=True,
    subcommand_metavar="[unknown]",
    params=[
        click.Option(
            ["--state"],
            type=click.Choice(STATES),
            multiple=True,
            metavar="STATE",
            help=f"Only jobs in this state; repeat for more: {', '.join(STATES)}.",
        ),
        click.Option(
            ["--limit"],
            type=common.Whole(min=1),
            default=100,
            show_default=True,
            metavar="INTEGER",
            help="At most so many, the latest.",
        ),
        ledgers.option(),
        common.wants_json(),
    ],
    short_help="List what was sent and what became of it.",
    help="List the jobs of the ledger, oldest first.\n\n"
    "Every command that sends writes its jobs down before it sends them. `intent` was never sent;"
    " `submitted` is on its way; `completed` is paid for and not saved; `unknown` may have been"
    " charged: see `pixazo jobs unknown`.",
)

jobs.add_command(
    click.Command(
        "unknown",
        callback=_unknown,
        params=[
            click.Option(
                ["--resend"],
                multiple=True,
                metavar="ID",
                help="Send the job once more, wait and save: it may be paid for twice.",
            ),
            click.Option(
                ["--abandon"], multiple=True, metavar="ID", help="Give the job up; send nothing."
            ),
            click.Option(
                ["--charged"],
                type=click.Choice(["yes", "no"]),
                metavar="yes|no",
                help="What the account's usage says of the jobs that are given up.",
            ),
            common.gateway(),
            *ledgers.limits(),
            common.seconds(),
            common.out(),
            ledgers.option(),
            common.wants_json(),
            common.quiet(),
        ],
        short_help="List or decide jobs whose outcome nobody knows.",
        help="List the jobs that may have been charged without anybody seeing the answer, and"
        " decide about them.\n\n"
        "They are never sent again by themselves. ID is a key or how it begins.",
    )
)
