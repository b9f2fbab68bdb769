"""`pixazo batch FILE`: many requests, one line each, gone on with by the same command."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pixazo_openapi import files

from pixazo.cli import common, ledgers
from pixazo.cli.batch_outcomes import summary, tell
from pixazo.cli.batch_progress import BatchProgress, Pauses, open_batch_progress
from pixazo.cli.exits import Exit
from pixazo.cli.interrupts import tell_stop
from pixazo.cli.ledgers import Money
from pixazo.cli.trail import again
from pixazo.cli.words import counted, money
from pixazo.clock import SystemClock
from pixazo.errors import FolderUnusable, LedgerError, PixazoError, PriceUnknown, SpendLimitReached

if TYPE_CHECKING:
    from pixazo.batches import Folder, Item, Outcomes, Shard
    from pixazo.results import Result

__all__ = ["Rate", "batch"]

CONCURRENCY = 32
ATTEMPTS = 8
UNITS_S = {"s": 1.0, "min": 60.0, "h": 3600.0}


class Rate(click.ParamType[float] if TYPE_CHECKING else click.ParamType):  # type: ignore[misc]
    """Requests per second, written as `5/s`, `90/min` or `1000/h`."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the requests per second of a text."""
        found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:/(s|min|h))?", str(value).strip())
        per_s = float(found[1]) / UNITS_S[found[2] or "s"] if found else 0.0
        if per_s <= 0:
            self.fail(f"{value!r} is no rate, like 5/s, 90/min or 1000/h", param, ctx)
        return per_s


class Part(click.ParamType["Shard"] if TYPE_CHECKING else click.ParamType):  # type: ignore[misc]
    """A shard, written as `2/8`."""

    name = "shard"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Shard:
        """Return the shard of a text."""
        from pixazo.batches import Shard

        if isinstance(value, Shard):
            return value
        try:
            found = Shard.parse(str(value))
        except PixazoError as error:
            self.fail(f"{error.message}: {error.hint}", param, ctx)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line says."""

    file: Path
    out: Path
    shard: Shard | None
    concurrency: int
    rate: float | None
    attempts: int
    gateway: str | None
    no_save: bool
    as_json: bool
    quiet: bool
    money: Money


def _batch(**asked: Any) -> int:
    import asyncio

    from pixazo_openapi.catalogue import SERVER

    from pixazo.batches import Folder, Outcomes, Shard, read_lines
    from pixazo.settings import find_gateway

    purse = ledgers.money_of(asked)
    work = _Asked(money=purse, **asked)
    shard = work.shard or Shard()
    url = find_gateway(work.gateway, SERVER).url
    items = shard.of(read_lines(work.file, url, read=_read))
    _check_prices(items, purse)
    outcomes = Outcomes(items)
    with Folder(work.out, shard) as folder:
        with (
            _written(outcomes, folder, purse),
            open_batch_progress(len(items), quiet=work.quiet) as progress,
        ):
            asyncio.run(_run(work, items, outcomes, progress))
        tell(outcomes, folder, purse.ledger, as_json=work.as_json)
    return Exit.OK if outcomes.counts()["done"] == len(items) else Exit.PARTIAL


def _read(file: Path) -> bytes:
    """Return what a file holds; `-` is stdin."""
    from pixazo.batches.lines import MOST_BYTES

    if str(file) == "-":
        return files.whole(sys.stdin.buffer, MOST_BYTES)
    return files.read(file, MOST_BYTES)


@contextmanager
def _written(outcomes: Outcomes, folder: Folder, purse: Money) -> Generator[None]:
    """Write the results, however it ends, and put what they come to onto the error that ends it."""
    try:
        try:
            yield
        except BaseException:
            _look_up(outcomes, purse)
            raise
        finally:
            _write(outcomes, folder)
    except (PixazoError, KeyboardInterrupt) as error:
        error.add_note(f"resume: {again()}")
        error.add_note(summary(outcomes, purse.ledger))
        raise


def _write(outcomes: Outcomes, folder: Folder) -> None:
    try:
        folder.write(outcomes.to_jsonl())
    except FolderUnusable as error:
        error.charged = outcomes.charged()
        raise


def _look_up(outcomes: Outcomes, purse: Money) -> None:
    """Learn from the ledger what became of the requests that were cut off."""
    with suppress(LedgerError), ledgers.reading(purse.ledger) as book:
        if book is not None:
            outcomes.look_up(book)


def _check_prices(items: Sequence[Item], purse: Money) -> None:
    """Refuse before the first cent what a limit cannot count, or would never let through."""
    _check_dearest(items, purse)
    unknown = [item for item in items if item.request.model.price.usd is None]
    if unknown and purse.is_limited and purse.assume_price is None:
        models = ", ".join(sorted({item.request.model_id for item in unknown}))
        raise PriceUnknown(
            f"the price of {counted(len(unknown), 'line')} (the first: {unknown[0].number}) is not"
            f" documented ({models}), so the limit cannot hold; nothing was sent",
            hint="State a price to count with --assume-price, or run without a limit.",
        )


def _check_dearest(items: Sequence[Item], purse: Money) -> None:
    most = purse.max_spend_call
    if most is None:
        return
    prices = [item.request.model.price.usd or purse.assume_price or Decimal(0) for item in items]
    dear = [item for item, price in zip(items, prices, strict=True) if price > most]
    if dear:
        raise SpendLimitReached(
            f"{counted(len(dear), 'line')} (the first: {dear[0].number}, {money(max(prices))})"
            f" would each pass the limit of {money(most)} for one request; nothing was sent",
            hint="Raise --max-spend-call, or take these lines out.",
            limit_usd=most,
            asked_usd=max(prices),
        )


async def _run(
    work: _Asked, items: Sequence[Item], outcomes: Outcomes, progress: BatchProgress
) -> None:
    import asyncio
    from contextlib import aclosing

    from pixazo.batches import Run, Saver
    from pixazo.client import AsyncPixazo

    where = hashlib.sha256(os.fsencode(work.out.absolute())).hexdigest()[:12]
    async with AsyncPixazo(
        base_url=work.gateway,
        attempts=1,  # the batch tries again by itself, all of it at one pace
        ledger=ledgers.path_of(work.money.ledger),
        **work.money.limits,
        run=f"batch {where}",
    ) as client:
        saver = Saver(work.out, client.ledger, lambda id_: client.job(id_).wait())

        async def settle(result: Result) -> Sequence[Path]:
            await asyncio.to_thread(ledgers.settle, client.ledger, result.request_id)
            return ()

        run = Run(
            client,
            items,
            clock=SystemClock(),
            concurrency=work.concurrency,
            per_s=work.rate,
            tries=work.attempts,
            on_stop=lambda count: _tell_stop(count, work.money.ledger),
            on_pause=Pauses(progress).tell,
            save=settle if work.no_save else saver.save,
        )
        async with aclosing(run.outcomes()) as told:
            async for outcome in told:
                outcomes.take(outcome)
                progress.show(outcomes)


def _tell_stop(on_their_way: int, ledger: Path | None) -> None:
    tell_stop(on_their_way, ledger)
    click.echo(f"resume: {again()}", err=True)


batch = click.Command(
    "batch",
    callback=_batch,
    params=[
        click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE"),
        common.out(),
        click.Option(
            ["--shard"], type=Part(), metavar="I/N", help="Only the I-th of N parts of the lines."
        ),
        click.Option(
            ["--concurrency"],
            type=common.Whole(min=1),
            default=CONCURRENCY,
            show_default=True,
            metavar="INTEGER",
            help="How many requests are under way at once.",
        ),
        click.Option(
            ["--rate"],
            type=Rate(),
            metavar="N/s",
            help="Send no more than that: 5/s, 90/min, 1000/h.",
        ),
        click.Option(
            ["--attempts"],
            type=common.Whole(min=1),
            default=ATTEMPTS,
            show_default=True,
            metavar="INTEGER",
            help="How often to send a line at most. Sent again is only what never left, what the"
            " gateway refused for now (429, a documented 500), and, twice, what ended as ERROR,"
            " which is not charged. 1 sends once.",
        ),
        *ledgers.limits(),
        ledgers.option(),
        common.gateway(),
        common.no_save("Save no media; their addresses are in results.jsonl."),
        common.wants_json(),
        common.quiet(),
    ],
    short_help="Run many requests from a file; the same command goes on after a stop.",
    help="Run many requests from a file (- is stdin), one JSON object on each line.\n\n"
    'A line names its model and parameters: {"model": "qwen-image", "prompt": "fog"}; "key" may'
    " name the job. All lines are checked before the first is sent. results.jsonl in the folder has"
    " a line for each of them, in their order. Run the same command again to go on: what was paid"
    " for is never paid again.",
)
