"""The command line: `pixazo`, a thin layer over the library (extra `cli`)."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from pixazo.cli.streams import prepare

__all__ = ["main"]

INTERRUPTED = 130


def main(args: Sequence[str] | None = None) -> int:
    """Return the exit code of a command line, after it has run.

    Args:
        args: The words after `pixazo`; None takes them from the process.
    """
    if args is None:
        prepare()
    if not all(find_spec(package) for package in ("click", "rich")):
        print("error: the command line is an extra: pip install 'pixazo[cli]'", file=sys.stderr)  # noqa: T201
        return 3
    from pixazo.cli.app import run

    if args is not None:
        return run(list(args))
    from pixazo.cli.interrupts import heed

    heed()
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # another one ends what is left at once
    return code
