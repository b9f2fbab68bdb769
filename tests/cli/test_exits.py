"""Exit codes: every error has one, and the documented table is the code's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixazo import errors
from pixazo.cli.exits import Exit, exit_for
from pixazo.cli.streams import ReaderGone, Unwritable

ROOT = Path(__file__).parents[2]


def leaves(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    """Yield the classes of our own tree below a class, and the class itself."""
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ in ("pixazo.errors", "pixazo_openapi.errors"):
            yield from leaves(child)


NAMED = [
    kind
    for kind in leaves(errors.PixazoError)
    if kind is not errors.PixazoError and not kind.__name__.startswith("_")
]


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code(kind: type[BaseException]) -> None:
    """No class of the error tree ends as a bug or as success."""
    error = kind.__new__(kind)

    assert exit_for(error) not in (Exit.BUG, Exit.OK)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.JobErrored, 1),
        (errors.JobFailed, 1),
        (errors.InvalidRequest, 2),
        (errors.UnknownToken, 2),
        (errors.MissingKey, 3),
        (errors.Unauthorized, 3),
        (errors.ModelNotFound, 4),
        (errors.Forbidden, 4),
        (errors.InsufficientBalance, 5),
        (errors.GatewayUnreachable, 6),
        (errors.RateLimited, 6),
        (errors.GatewayFailure, 6),
        (errors.OutcomeUnknown, 7),
        (errors.WaitTimedOut, 8),
        (errors.FolderUnusable, 9),
        (errors.LedgerBroken, 10),
        (errors.WaitInterrupted, 130),
        (KeyboardInterrupt, 130),
        (Unwritable, 74),
        (ReaderGone, 141),
        (ZeroDivisionError, 70),
    ],
)
def test_the_codes_stay_what_scripts_rely_on(kind: type[BaseException], code: int) -> None:
    """The exit code of an error is a promise: it does not change."""
    assert exit_for(kind.__new__(kind)) == code


def test_the_documented_table_is_the_codes() -> None:
    """docs/cli.md names every exit code with its meaning, and no other."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    table = text.split("## Exit codes")[1].split("##")[0]

    rows = re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE)

    assert rows == [(str(int(code)), code.meaning) for code in Exit]
