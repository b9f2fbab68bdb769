"""What a person sees while waiting, on stderr: a spinner on a terminal, lines elsewhere."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import click

from pixazo.cli.words import printable, size
from pixazo.clock import Clock, SystemClock

if TYPE_CHECKING:
    from rich.progress import TaskID

__all__ = ["Arrival", "Lines", "Progress", "Spinner", "listening", "open_progress", "redraws"]

FIRST_SPEED_S = 0.5  # before that a speed is a guess
LINE_EVERY_S = 10.0


class Progress:
    """Somewhere to say how it goes; this one says nothing (`--quiet`)."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def note(self, text: str) -> None:
        """Say something that stays."""

    def state(self, text: str, *, of: str = "") -> None:
        """Say what is going on now, with one of several things when `of` names it."""

    def received(self, done: int, total: int | None) -> None:
        """Say how many bytes have arrived, of how many when that is known."""


class Arrival:
    """What has arrived of a file and how fast, in words."""

    def __init__(self) -> None:
        self._begun = (0.0, 0)
        self._done: int | None = None

    def words(self, done: int, total: int | None, now: float) -> str:
        """Return `12.0 MB of 80.0 MB, 2.1 MB/s`; a smaller count than before is another file.

        Args:
            done: Bytes that have arrived.
            total: All bytes, when that is known.
            now: The clock, in seconds.
        """
        if self._done is None or done < self._done:
            self._begun = (now, done)
        self._done = done
        counted = size(done) if total is None else f"{size(done)} of {size(total)}"
        since, before = self._begun
        if now - since < FIRST_SPEED_S:
            return counted
        return f"{counted}, {size(round((done - before) / (now - since)))}/s"


class Lines(Progress):
    """A line for each change, with the seconds since the start: for logs and pipes.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._start = self._told = self._clock.now()
        self._last: dict[str, str] = {}
        self._arrival = Arrival()

    def note(self, text: str) -> None:
        """Print a line."""
        self._told = self._clock.now()
        elapsed = self._told - self._start
        click.echo(f"[{elapsed:6.1f} s] {printable(text)}", err=True)

    def state(self, text: str, *, of: str = "") -> None:
        """Print a line when something has changed."""
        if text != self._last.get(of):
            self._last[of] = text
            self.note(f"{of}: {text}" if of else text)

    def received(self, done: int, total: int | None) -> None:
        """Print a line now and then while a long file arrives."""
        now = self._clock.now()
        words = self._arrival.words(done, total, now)
        if now - self._told >= LINE_EVERY_S:
            self.note(f"received {words}")


class Spinner(Progress):
    """A line with spinner, state, bytes and elapsed time for each thing, gone at the end."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        self._console = Console(stderr=True)
        self._bars = progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}", markup=False),
            progress.TextColumn("{task.fields[bytes]}", markup=False),
            progress.TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._rows: dict[str, TaskID] = {}
        self._arrival = Arrival()
        self._clock = SystemClock()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def note(self, text: str) -> None:
        """Print a line above the spinner."""
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def state(self, text: str, *, of: str = "") -> None:
        """Change the words of a line."""
        said = printable(f"{of}: {text}" if of else text)
        self._bars.update(self._row(of), description=said, bytes="")

    def received(self, done: int, total: int | None) -> None:
        """Change the byte counter."""
        self._bars.update(self._row(""), bytes=self._arrival.words(done, total, self._clock.now()))

    def _row(self, name: str) -> TaskID:
        if name not in self._rows:
            self._rows[name] = self._bars.add_task(name, total=None, bytes="")
        return self._rows[name]


class _News(logging.Handler):
    """Hands on what the library says of its steps; warnings are told elsewhere."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on a line."""
        if record.levelno == logging.INFO:
            self._tell(record.getMessage())


@contextmanager
def listening(tell: Callable[[str], object]) -> Generator[None]:
    """Hear what is sent and what is waited for before it is sent again.

    Args:
        tell: Called with the words.
    """
    log, news = logging.getLogger("pixazo"), _News(tell)
    before = log.level
    log.addHandler(news)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(before)
        log.removeHandler(news)


def open_progress(*, quiet: bool = False) -> Progress:
    """Return the progress that suits stderr.

    Args:
        quiet: Whether to say nothing at all.
    """
    if quiet:
        return Progress()
    return Spinner() if redraws() else Lines()


def redraws() -> bool:
    """Return whether stderr can be drawn over; rich would show nothing where it cannot."""
    return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
