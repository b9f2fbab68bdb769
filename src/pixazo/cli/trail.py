"""What is known of a paid request while a command runs, so that no interruption loses it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pixazo_openapi.errors import Charged

from pixazo.errors import DownloadError, JobFailed, PixazoError

if TYPE_CHECKING:
    from pixazo.results import Result

__all__ = ["Trail", "again", "keep_trail", "with_options"]

_NAMED = re.compile(r"\bpixazo (jobs unknown|jobs|resume|wait|status|spend|forget)\b")
_ASKING = re.compile(r"\bpixazo (jobs unknown(?= --resend)|resume(?! --gateway)|wait|status)\b")


@dataclass(slots=True)
class Trail:
    """How far a request has come.

    Args:
        out: Where the media shall go.
        gateway: The gateway's address, where one was given.
        lasting: Whether the gateway outlives the process; the built-in sandbox does not.
        sending: Whether the request may be on its way right now.
        request_id: The id of the job, once known, where it can be asked for again.
        media: The addresses of the media, once known.
        kept_as: Our own id of a direct model's answer, which the ledger keeps.
        ledger: The ledger's path, where one was given.
    """

    out: Path
    gateway: str | None = None
    lasting: bool = True
    sending: bool = False
    request_id: str | None = None
    media: tuple[str, ...] = ()
    kept_as: str | None = None
    ledger: Path | None = None

    def has(self, result: Result) -> None:
        """Note that the result is there."""
        self.media = tuple(medium.url for medium in result.media)
        self.kept_as = result.request_id

    def note(self, error: BaseException) -> None:
        """Put onto an error what a person needs to go on."""
        over = isinstance(error, JobFailed)
        request_id = self.request_id or getattr(error, "request_id", None)
        if self.request_id and not over and self.lasting:
            error.add_note(f"resume: {self._command('wait', self.request_id)}")
        elif isinstance(error, DownloadError | KeyboardInterrupt) and self.lasting:
            for url in self.media:
                error.add_note(f"media: {url}")
            if self.kept_as:
                error.add_note(f"resume: {self._command('resume', self.kept_as)}")
        if isinstance(error, KeyboardInterrupt):
            error.add_note(f"charged: {self._charged()}")
        if request_id:
            error.add_note(f"request: {request_id}")

    def _command(self, verb: str, job: str) -> str:
        """Return the command that goes on with a job."""
        words = ["pixazo", verb, job, "-o", str(self.out)]
        for option, value in (("--gateway", self.gateway), ("--ledger", self.ledger)):
            words += [option, str(value)] if value else []
        return shlex.join(words)

    def _charged(self) -> Charged:
        if self.media:
            return "yes"
        return "unknown" if self.request_id or self.sending else "no"


def again() -> str:
    """Return the command line that runs just now."""
    return shlex.join(["pixazo", *click.get_current_context().find_root().obj])


def with_options(text: str, ledger: Path | None, gateway: str | None = None) -> str:
    """Return a text whose commands look into the ledger and ask the gateway that were given.

    Args:
        text: Words that may name commands.
        ledger: The ledger's path, where one was given.
        gateway: The gateway's address, where one was given.
    """
    asking = _with(text, _ASKING, "--gateway", gateway)
    return _with(asking, _NAMED, "--ledger", ledger)


def _with(text: str, named: re.Pattern[str], option: str, value: Path | str | None) -> str:
    if value is None:
        return text
    words = f" {option} {shlex.quote(str(value))}"
    return named.sub(lambda found: found[0] + words, text)


@contextmanager
def keep_trail(trail: Trail) -> Generator[Trail]:
    """Put what a trail knows onto whatever error or Ctrl-C comes through."""
    try:
        yield trail
    except (PixazoError, KeyboardInterrupt) as error:
        trail.note(error)
        raise
