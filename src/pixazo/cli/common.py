"""Options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

__all__ = ["Seconds", "gateway", "no_save", "out", "quiet", "seconds", "wants_json"]


def out(default: str = ".") -> click.Option:
    """Return `-o/--out`.

    Args:
        default: The folder if none is given.
    """
    return click.Option(
        ["-o", "--out"],
        type=click.Path(file_okay=False, path_type=Path),
        default=default,
        show_default="the current folder" if default == "." else default,
        metavar="DIR",
        help="Where the media go; made when it is not there.",
    )


def wants_json() -> click.Option:
    """Return `--json`."""
    return click.Option(
        ["--json", "as_json"], is_flag=True, help="Print one JSON document, errors included."
    )


class Seconds(click.FloatRange):
    """A finite number of seconds."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds of a text."""
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value} is not a number of seconds.", param, ctx)
        return found


def seconds() -> click.Option:
    """Return `--timeout`."""
    return click.Option(
        ["--timeout"],
        type=Seconds(min=0, min_open=True),
        metavar="SECONDS",
        help="Stop waiting after so long; the job goes on and can be resumed.",
    )


def gateway() -> click.Option:
    """Return `--gateway`."""
    return click.Option(
        ["--gateway"],
        metavar="URL",
        help="Another gateway, such as a running sandbox; also PIXAZO_GATEWAY_URL.",
    )


def no_save() -> click.Option:
    """Return `--no-save`."""
    return click.Option(
        ["--no-save"], is_flag=True, help="Print the media's addresses instead of saving them."
    )


def quiet() -> click.Option:
    """Return `-q/--quiet`."""
    return click.Option(["-q", "--quiet"], is_flag=True, help="Show no progress.")
