"""Results on stdout: paths or addresses, a line each, or one JSON document."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.cli.words import dumped, printable

if TYPE_CHECKING:
    from pixazo.answers import Status
    from pixazo.results import Result

__all__ = ["print_path", "print_result", "print_status"]


def print_path(path: Path) -> None:
    """Print a path: as the bytes of the file system, where stdout takes bytes."""
    click.echo(os.fsencode(path) if hasattr(sys.stdout, "buffer") else str(path))


def print_result(result: Result, paths: Sequence[Path] | None, *, as_json: bool) -> None:
    """Print what a request brought.

    Args:
        result: The result.
        paths: Where its media were saved; None when they were not.
        as_json: Whether to print one JSON document.
    """
    if as_json:
        click.echo(dumped(_result(result, paths)))
    elif paths is None:
        for medium in result.media:
            click.echo(printable(medium.url))
    else:
        for path in paths:
            print_path(path)


def _result(result: Result, paths: Sequence[Path] | None) -> dict[str, object]:
    media: list[dict[str, object]] = [{"url": medium.url} for medium in result.media]
    for entry, path in zip(media, paths or (), strict=False):
        entry |= {"path": str(path), "bytes": path.stat().st_size}
    return {
        "model": result.model_id,
        "request_id": result.request_id,
        "price_usd": None if result.price_usd is None else str(result.price_usd),
        "elapsed_s": result.elapsed_s,
        "created_at": _moment(result.created_at),
        "completed_at": _moment(result.completed_at),
        "media": media,
        "deviations": [str(deviation) for deviation in result.deviations],
    }


def print_status(status: Status, *, as_json: bool) -> None:
    """Print how a job is doing.

    Args:
        status: What the gateway says.
        as_json: Whether to print one JSON document.
    """
    said: dict[str, object] = {
        "request_id": status.request_id,
        "model": status.model_id,
        "status": status.status,
        "outcome": status.outcome,
        "error": status.error,
        "created_at": _moment(status.created_at),
        "completed_at": _moment(status.completed_at),
        "media": list(status.media),
        "deviations": [str(deviation) for deviation in status.deviations],
    }
    if as_json:
        click.echo(dumped(said))
        return
    media = [("media", url) for url in status.media]
    for name, value in [*((n, v) for n, v in said.items() if isinstance(v, str)), *media]:
        click.echo(printable(f"{name}: {value}"))


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
