"""The ledger of the person at the keyboard: its option, how it is opened, how a job is named."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click
from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.errors import abbreviate

if TYPE_CHECKING:
    from pixazo.ledger import Entry, Ledger, Reports

__all__ = [
    "Amount",
    "Money",
    "asked_for",
    "find",
    "find_all",
    "limits",
    "money_of",
    "option",
    "path_of",
    "reading",
    "settle",
    "short",
    "writing",
]

SHORTEST_PREFIX = 4
MADE_KEY = 32  # characters of a key that nobody chose
SHOWN = 12


def option() -> click.Option:
    """Return `--ledger`."""
    return click.Option(
        ["--ledger"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PATH",
        help="The ledger's file; also PIXAZO_LEDGER.  [default: ~/.local/state/pixazo/]",
    )


class Amount(click.ParamType[Decimal] if TYPE_CHECKING else click.ParamType):  # type: ignore[misc]
    """An amount of US dollars."""

    name = "usd"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the amount of a text."""
        from pixazo.money import read_dollars

        amount = read_dollars(str(value).removeprefix("$"))
        if amount is None:
            message = f"{abbreviate(value)} is not an amount of US dollars, like 2.50"
            raise click.BadParameter(message, ctx, param)
        return amount


def limits() -> list[click.Option]:
    """Return `--max-spend`, `--max-spend-call`, `--max-spend-day` and `--assume-price`."""
    said = {
        "--max-spend": "Send nothing that would cost this command more US dollars.",
        "--max-spend-call": "Send nothing that would cost more US dollars by itself.",
        "--max-spend-day": "Send nothing that would cost more on one day (UTC), all commands that"
        " share the ledger together.",
        "--assume-price": "What to count under a limit where the documents name no price.",
    }
    return [
        click.Option([name], type=Amount(), metavar="USD", help=words)
        for name, words in said.items()
    ]


class Limits(TypedDict):
    """Limits as a client takes them."""

    spend_limit: Decimal | None
    spend_limit_call: Decimal | None
    spend_limit_day: Decimal | None
    assume_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Where a command writes down what it pays for, and how much it may spend.

    Args:
        ledger: The ledger's path, where one was given.
        max_spend: The most US dollars for this command.
        max_spend_call: The most US dollars for one request.
        max_spend_day: The most US dollars for one day.
        assume_price: What to count where no price is documented.
    """

    ledger: Path | None = None
    max_spend: Decimal | None = None
    max_spend_call: Decimal | None = None
    max_spend_day: Decimal | None = None
    assume_price: Decimal | None = None

    @property
    def limits(self) -> Limits:
        """The limits as a client takes them."""
        return {
            "spend_limit": self.max_spend,
            "spend_limit_call": self.max_spend_call,
            "spend_limit_day": self.max_spend_day,
            "assume_price": self.assume_price,
        }

    @property
    def is_limited(self) -> bool:
        """Whether any limit holds."""
        return any(
            limit is not None for limit in (self.max_spend, self.max_spend_call, self.max_spend_day)
        )


def money_of(values: dict[str, Any]) -> Money:
    """Take the ledger and the limits out of a command's options."""
    return Money(**{name: values.pop(name) for name in Money.__slots__ if name in values})


def path_of(given: Path | None) -> Path:
    """Return where the ledger lies: the option, then `PIXAZO_LEDGER`, then the state folder."""
    from pixazo.ledger import default_path

    return default_path(os.environ) if given is None else given


@contextmanager
def writing(given: Path | None) -> Generator[Ledger]:
    """Give the ledger, made when it is missing.

    Raises:
        LedgerError: It cannot be used.
    """
    from pixazo.ledger import Ledger

    with Ledger(path_of(given)) as ledger:
        yield ledger


@contextmanager
def reading(given: Path | None) -> Generator[Reports | None]:
    """Give the ledger for a report; None when there is none yet.

    It is opened for writing where that is possible, because that is how it is noticed that a
    process has died while it was sending.

    Raises:
        LedgerError: It cannot be read.
    """
    from pixazo.errors import LedgerReadOnly
    from pixazo.ledger import Ledger

    path = path_of(given)
    if not _is_there(path):
        yield None
        return
    try:
        opened: Ledger = Ledger(path)
    except LedgerReadOnly:
        with Ledger.open_readonly(path) as report:
            yield report
        return
    with opened:
        yield opened


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # whoever opens it hears why it cannot be used


def find(ledger: Reports | None, word: str) -> Entry:
    """Return the job that a person names: by key, by request id, or by how one of them begins.

    Raises:
        click.BadParameter: There is no such job, or there are several.
    """
    found = _keys(ledger, word)
    if ledger is not None and len(found) == 1 and (entry := ledger.entry(found[0])):
        return entry
    many = f"{len(found)} jobs begin with {word!r}" if found else f"there is no job {word!r}"
    raise click.BadParameter(f"{many}; `pixazo jobs` lists them", param_hint="ID")


def _keys(ledger: Reports | None, word: str) -> Sequence[str]:
    """Return the key of the job with this key or request id, else of all that begin so."""
    word = word.strip().encode(errors="replace").decode()  # a shell takes bytes that are no text
    if ledger is None:
        return ()
    if exact := ledger.entry(word) or ledger.by_request_id(word):
        return (exact.key,)
    return ledger.keys_beginning(word) if len(word) >= SHORTEST_PREFIX else ()


def find_all(ledger: Reports | None, words: Sequence[str]) -> list[Entry]:
    """Return the jobs that a person names, each once however often it is named."""
    found = [find(ledger, word) for word in words]
    return list({entry.key: entry for entry in found}.values())


def asked_for(ledger: Reports | None, word: str) -> str:
    """Return what the gateway knows a job by: for what `find` takes its request id.

    Raises:
        click.BadParameter: The gateway cannot be asked for that job; the ledger can.
    """
    if not _keys(ledger, word):
        return word
    entry = find(ledger, word)
    model = MODELS.get(entry.model_id)  # another version may have sent it
    if model is not None and model.mode == "direct":
        said = f"{entry.model_id} answers at once and has no job to ask for"
    elif entry.request_id is None:
        said = f"the job {short(entry.key)} is {entry.state} and has no request id"
    else:
        return entry.request_id
    way = f"pixazo resume {short(entry.key)}"
    raise click.BadParameter(f"{said}; `{way}` goes on with it", param_hint="ID")


def settle(ledger: Ledger | None, request_id: str) -> None:
    """Note that nobody wants a job's media saved, so that `pixazo resume` leaves them alone."""
    entry = ledger.by_request_id(request_id) if ledger else None
    if ledger and entry and entry.state == "completed":
        ledger.move(entry.key, "downloaded", note="addresses told instead of saving")


def short(key: str) -> str:
    """Return a key as a table shows it: one that was made up by its beginning."""
    return key[:SHOWN] if len(key) == MADE_KEY and key.isalnum() else key
