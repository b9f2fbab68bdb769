"""The command `pixazo` itself: its subcommands, and what becomes of errors."""

from __future__ import annotations

import logging
import signal
import threading
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import click

from pixazo.cli.batch_commands import batch
from pixazo.cli.drift_commands import drift
from pixazo.cli.exits import Exit
from pixazo.cli.explain_commands import explain
from pixazo.cli.failures import complain, tell
from pixazo.cli.forget_commands import forget
from pixazo.cli.jobs_commands import jobs
from pixazo.cli.models import models
from pixazo.cli.resume_commands import resume
from pixazo.cli.run import run as run_model
from pixazo.cli.sandbox import sandbox
from pixazo.cli.spend_commands import spend
from pixazo.cli.status import status
from pixazo.cli.streams import ReaderGone, Unwritable
from pixazo.cli.tour import tour
from pixazo.cli.vendor_commands import vendor
from pixazo.cli.wait import wait
from pixazo.cli.webhook_commands import webhook
from pixazo.cli.words import printable
from pixazo.errors import PixazoError

__all__ = ["pixazo", "run"]


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 (click's signature)
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"pixazo {version('pixazo')}")
    except PackageNotFoundError:
        click.echo("pixazo (vendored)")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
def pixazo() -> None:
    """Qwen Image models behind gateway.pixazo.ai, from the command line (unofficial).

    The API key comes from PIXAZO_API_KEY or ~/.pixazo/api-key. Nothing but `run`, `batch`,
    `status`, `wait`, `resume`, `webhook serve` and `jobs unknown --resend` talks to the gateway;
    `run --sandbox`, `run --dry-run` and `tour` need no key. What is sent is written down first:
    `jobs` lists it, `resume` goes on.
    """


for _command in (
    models,
    run_model,
    status,
    wait,
    batch,
    jobs,
    resume,
    forget,
    spend,
    webhook,
    sandbox,
    tour,
    explain,
    drift,
    vendor,
):
    pixazo.add_command(_command)


def run(args: Sequence[str]) -> int:
    """Return the exit code of a command line, after it has run and told of its errors.

    Args:
        args: The words after `pixazo`.
    """
    as_json, given = "--json" in args, _Given.of(args)
    try:
        with _warnings():
            code = pixazo.main(list(args), "pixazo", standalone_mode=False, obj=tuple(args))
    except click.exceptions.NoArgsIsHelpError as bare:  # a group without arguments
        bare.show()
        return Exit.USAGE
    except (click.ClickException, PixazoError, Unwritable) as error:
        if isinstance(error, click.UsageError) and error.ctx is None:
            error.ctx = _named(args)
        return _told(error, given, as_json=as_json)
    except click.Abort as abort:
        return _told(abort.__cause__ or KeyboardInterrupt(), given, as_json=as_json)
    except Exception:  # noqa: BLE001  (a bug is shown whole, with its own exit code)
        traceback.print_exc()
        return Exit.BUG
    return code if isinstance(code, int) else Exit.OK


class _Warnings(logging.Handler):
    """Prints what the library warns of as lines on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line."""
        click.echo(f"warning: {printable(record.getMessage())}", err=True)


@contextmanager
def _warnings() -> Generator[None]:
    """Show the library's warnings while a command runs."""
    log, handler = logging.getLogger("pixazo"), _Warnings(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _named(args: Sequence[str]) -> click.Context:
    """Return the command that a command line names, as far as it names one."""
    found = click.Context(pixazo, info_name="pixazo")
    for word in args:
        group = found.command
        command = group.get_command(found, word) if isinstance(group, click.Group) else None
        if command is None:
            break
        found = click.Context(command, info_name=word, parent=found)
    return found


class _Given(NamedTuple):
    """What a command line gives that the commands in its errors have to name."""

    ledger: Path | None
    gateway: str | None

    @classmethod
    def of(cls, args: Sequence[str]) -> _Given:
        """Return what a command line gives."""
        ledger = _value(args, "--ledger")
        return cls(None if ledger is None else Path(ledger), _value(args, "--gateway"))


def _value(args: Sequence[str], option: str) -> str | None:
    given = [word.removeprefix(f"{option}=") for word in args if word.startswith(f"{option}=")]
    given += [value for word, value in pairwise(args) if word == option]
    return given[-1] if given else None


def _told(error: BaseException, given: _Given, *, as_json: bool) -> int:
    complaint = complain(error, given.ledger, given.gateway)
    if isinstance(error, ReaderGone) and not hasattr(error, "__notes__"):
        return complaint.code  # as every command that `head` has read enough of
    with _undisturbed(), suppress(Unwritable):  # the words are on stderr
        tell(complaint, as_json=as_json)
    return complaint.code


@contextmanager
def _undisturbed() -> Generator[None]:
    """Let another Ctrl-C not cut the words that tell how to go on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
