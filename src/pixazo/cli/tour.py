"""`pixazo tour`: every model of the catalogue, end to end, against a sandbox in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pixazo_openapi.catalogue import MODELS, Model

from pixazo.cli import common, tables, words
from pixazo.cli.connection import SANDBOX_KEY, offline
from pixazo.cli.example import example_request
from pixazo.cli.exits import exit_for
from pixazo.cli.failures import complain, tell
from pixazo.cli.progress import Progress, open_progress
from pixazo.errors import PixazoError

if TYPE_CHECKING:
    from pixazo.client import AsyncPixazo

__all__ = ["Stop", "rows", "tour", "visit"]

HEADS = ("model", "request id", "time", "size", "price", "path")


@dataclass(frozen=True, slots=True)
class Stop:
    """What one model brought.

    Args:
        model: The model.
        request_id: The gateway's id of the request.
        seconds: From sending the request to the last byte on disk.
        paths: The files.
        error: Why there are none.
    """

    model: Model
    request_id: str
    seconds: float
    paths: tuple[Path, ...] = ()
    error: PixazoError | None = None


async def visit(client: AsyncPixazo, model: Model, out: Path, progress: Progress) -> Stop:
    """Return what a model makes of its documented example, saved into a folder."""
    start = time.monotonic()
    try:
        progress.state("sending", of=model.model_id)
        result = await client.generate(
            example_request(model),
            on_status=lambda status: progress.state(status.status, of=model.model_id),
        )
        progress.state(f"saving {len(result.media)}", of=model.model_id)
        paths = await result.save_async(out)
    except PixazoError as error:
        progress.state("failed", of=model.model_id)
        return Stop(model, error.request_id or "", time.monotonic() - start, error=error)
    seconds = time.monotonic() - start
    progress.state(f"done, {len(paths)} saved", of=model.model_id)
    return Stop(model, result.request_id or "", seconds, tuple(paths))


def rows(stops: Sequence[Stop]) -> list[list[str]]:
    """Return the table's rows, one for each model."""
    return [
        [
            stop.model.model_id,
            stop.request_id,
            words.duration(stop.seconds),
            words.size(sum(path.stat().st_size for path in stop.paths)),
            words.money(stop.model.price.usd),
            numbered(stop.paths) or "failed",
        ]
        for stop in stops
    ]


def numbered(paths: Sequence[Path]) -> str:
    """Return paths as a shell writes them: those of one result differ by a number alone."""
    first, last = paths[:1], len(paths) - 1
    for path in first:
        stem = path.stem.removesuffix("0")
        expected = [path.with_name(f"{stem}{at}{path.suffix}") for at in range(len(paths))]
        if last and [*paths] == expected:
            return str(path.with_name(f"{stem}{{0..{last}}}{path.suffix}"))
    return " ".join(map(str, paths))


async def _visit_all(url: str, out: Path, progress: Progress) -> list[Stop]:
    import asyncio

    from pixazo.client import AsyncPixazo

    async with AsyncPixazo(SANDBOX_KEY, base_url=url) as client:
        visits = [visit(client, model, out, progress) for model in MODELS.values()]
        return await asyncio.gather(*visits)


def _document(stops: Sequence[Stop]) -> str:
    listed = [
        {
            "model": stop.model.model_id,
            "request_id": stop.request_id or None,
            "elapsed_s": round(stop.seconds, 3),
            "bytes": sum(path.stat().st_size for path in stop.paths),
            "price_usd": None if stop.model.price.usd is None else str(stop.model.price.usd),
            "paths": [str(path) for path in stop.paths],
            "error": complain(stop.error).document() if stop.error else None,
        }
        for stop in stops
    ]
    return words.dumped({"models": listed})


def _tour(*, out: Path, latency: float, as_json: bool, quiet: bool) -> int:
    import asyncio

    with offline(latency=latency) as box, open_progress(quiet=quiet) as progress:
        stops = asyncio.run(_visit_all(box.url, out, progress))
    if as_json:
        click.echo(_document(stops))
    else:
        tables.show(HEADS, rows(stops), right=("time", "size", "price"))
    errors = [stop.error for stop in stops if stop.error]
    for error in errors:
        tell(complain(error), as_json=False)
    return exit_for(errors[0]) if errors else 0


tour = click.Command(
    "tour",
    callback=_tour,
    params=[
        common.out("out"),
        click.Option(
            ["--latency"],
            type=common.Seconds(min=0),
            default=2.0,
            show_default=True,
            metavar="SECONDS",
            help="How long the sandbox takes for a job.",
        ),
        common.wants_json(),
        common.quiet(),
    ],
    short_help="Run every model offline and save what they make.",
    help="Run every model once against a sandbox in this process and save what they make.\n\n"
    "Needs no key, costs nothing. The requests are the documented examples.",
)
