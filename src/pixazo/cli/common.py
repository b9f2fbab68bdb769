"""Options that several commands share."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

__all__ = [
    "Folder",
    "Seconds",
    "Whole",
    "gateway",
    "no_save",
    "out",
    "quiet",
    "seconds",
    "wants_json",
]


class Folder(click.Path):
    """A folder's path.

    An empty text, as of a variable that is not set, is none; neither is the name of a picture.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of a text."""
        if value == "":
            self.fail("it is empty; name a folder, or . for the current one", param, ctx)
        found: Any = super().convert(value, param, ctx)
        if _is_file_name(found):
            self.fail(
                f"{str(found)!r} reads like a file, and a folder is wanted, in which files get"
                " names of their own; if you mean a folder of that name, make it first",
                param,
                ctx,
            )
        return found


def _is_file_name(path: Path) -> bool:
    if not path.suffix or os.path.isdir(path):  # noqa: PTH112 (Path's raises on a long name)
        return False
    from pixazo.downloads.formats import named_like_a_medium

    return named_like_a_medium(path)


def out(default: str = ".") -> click.Option:
    """Return `-o/--out`.

    Args:
        default: The folder if none is given.
    """
    return click.Option(
        ["-o", "--out"],
        type=Folder(file_okay=False, path_type=Path),
        default=default,
        show_default="the current folder" if default == "." else default,
        metavar="DIR",
        help="The folder where the media go; made when it is not there.",
    )


def wants_json() -> click.Option:
    """Return `--json`."""
    return click.Option(
        ["--json", "as_json"], is_flag=True, help="Print one JSON document, errors included."
    )


class Whole(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"


class Seconds(click.FloatRange):
    """A finite number of seconds."""

    name = "number of seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds of a text."""
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value} is not a number of seconds.", param, ctx)
        return found


def seconds(
    help_: str = "Stop waiting after so long; the job goes on and can be resumed.",
) -> click.Option:
    """Return `--timeout`.

    Args:
        help_: What becomes of the job.
    """
    return click.Option(
        ["--timeout"],
        type=Seconds(min=0, min_open=True),
        metavar="SECONDS",
        help=help_,
    )


def gateway() -> click.Option:
    """Return `--gateway`."""
    return click.Option(
        ["--gateway"],
        metavar="URL",
        help="Another gateway, such as a running sandbox; also PIXAZO_GATEWAY_URL.",
    )


def no_save(
    help_: str = "Print the media's addresses instead of saving them.",
) -> click.Option:
    """Return `--no-save`.

    Args:
        help_: What comes instead.
    """
    return click.Option(["--no-save"], is_flag=True, help=help_)


def quiet() -> click.Option:
    """Return `-q/--quiet`."""
    return click.Option(["-q", "--quiet"], is_flag=True, help="Show no progress.")
