"""How far a batch is, on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

import click

from pixazo.cli.progress import redraws
from pixazo.cli.words import duration, money, printable
from pixazo.clock import Clock, SystemClock
from pixazo.errors import PixazoError

if TYPE_CHECKING:
    from rich.progress import Progress

    from pixazo.batches import Outcomes

__all__ = [
    "Bar",
    "BatchProgress",
    "Lines",
    "Pauses",
    "open_batch_progress",
    "paid",
    "words_of",
]

LINE_EVERY_S = 10.0
BAR_EVERY_S = 0.2  # counting ten thousand lines takes a while


class BatchProgress:
    """Somewhere to say how far a batch is; this one says nothing (`--quiet`)."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def show(self, outcomes: Outcomes) -> None:
        """Say how far it is."""

    def note(self, text: str) -> None:
        """Say something that stays."""


class Lines(BatchProgress):
    """A line every ten seconds: for logs and pipes.

    Args:
        total: How many requests there are.
        clock: Time.
    """

    def __init__(self, total: int, clock: Clock | None = None) -> None:
        self._total, self._clock = total, clock or SystemClock()
        self._start_s = self._last_s = self._clock.now()

    def show(self, outcomes: Outcomes) -> None:
        """Print a line when the last one is old, and at the end."""
        now_s = self._clock.now()
        if now_s - self._last_s >= LINE_EVERY_S or len(outcomes) == self._total:
            self._last_s = now_s
            click.echo(words_of(outcomes, self._total, now_s - self._start_s), err=True)

    def note(self, text: str) -> None:
        """Print a line."""
        click.echo(printable(text), err=True)


class Bar(BatchProgress):
    """A bar with the count, rate, time left, failures and money, gone at the end.

    Args:
        total: How many requests there are.
        clock: Time.
    """

    def __init__(self, total: int, clock: Clock | None = None) -> None:
        from rich import progress
        from rich.console import Console

        self._total, self._clock = total, clock or SystemClock()
        self._start_s, self._last_s = self._clock.now(), -math.inf
        self._console = Console(stderr=True)
        self._bars: Progress = progress.Progress(
            progress.BarColumn(),
            progress.TextColumn("{task.description}", markup=False),
            console=self._console,
            transient=True,
        )
        self._row = self._bars.add_task(f"0 of {total}", total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, outcomes: Outcomes) -> None:
        """Move the bar, a few times a second."""
        now_s = self._clock.now()
        if now_s - self._last_s >= BAR_EVERY_S:
            self._last_s = now_s
            words = words_of(outcomes, self._total, now_s - self._start_s)
            self._bars.update(self._row, completed=len(outcomes), description=words)

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


class Pauses:
    """Tells why lines wait before they are sent again: each kind of trouble now and then.

    Args:
        progress: Where it is told.
        clock: Time.
    """

    def __init__(self, progress: BatchProgress, clock: Clock | None = None) -> None:
        self._progress, self._clock = progress, clock or SystemClock()
        self._told_s: dict[type[PixazoError], float] = {}

    def tell(self, number: int, error: PixazoError, pause_s: float) -> None:
        """Tell of a line that was not accepted.

        Args:
            number: The line.
            error: Why.
            pause_s: When it is sent again, in seconds.
        """
        now_s, kind = self._clock.now(), type(error)
        if now_s - self._told_s.get(kind, -math.inf) >= LINE_EVERY_S:
            self._told_s[kind] = now_s
            self._progress.note(f"line {number} again in {duration(pause_s)}: {error.message}")


def words_of(outcomes: Outcomes, total: int, elapsed_s: float) -> str:
    """Return how far a batch is: `120 of 1000, 4.0/s, 3:40 min left, 2 not done, $5.40`."""
    ended = len(outcomes)
    rate = ended / elapsed_s if elapsed_s > 0 else 0.0
    left = f"{duration((total - ended) / rate)} left" if rate and ended < total else ""
    missed = ended - outcomes.counts()["done"]
    parts = [
        f"{ended} of {total}",
        f"{rate:.1f}/s",
        left,
        f"{missed} not done" if missed else "",
        paid(outcomes),
    ]
    return ", ".join(part for part in parts if part)


def paid(outcomes: Outcomes) -> str:
    """Return what is done in money: `$5.40`, or `$5.40 and 3 of unknown price`."""
    unpriced = outcomes.unpriced()
    return money(outcomes.paid_usd()) + (f" and {unpriced} of unknown price" if unpriced else "")


def open_batch_progress(total: int, *, quiet: bool = False) -> BatchProgress:
    """Return the progress that suits stderr.

    Args:
        total: How many requests there are.
        quiet: Whether to say nothing at all.
    """
    if quiet:
        return BatchProgress()
    return Bar(total) if redraws() else Lines(total)
