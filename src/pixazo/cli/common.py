"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["gateway", "no_save", "out", "quiet", "seconds", "wants_json"]


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


def seconds() -> click.Option:
    """Return `--timeout`."""
    return click.Option(
        ["--timeout"],
        type=click.FloatRange(min=0, min_open=True),
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
