"""Ctrl-C while a paid request is on its way: its answer is waited for, so that its id is known.

SIGTERM, and SIGHUP of a terminal that is closed, do as Ctrl-C does.
"""

from __future__ import annotations

import _thread
import math
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import click

from pixazo.cli.trail import with_options
from pixazo.cli.words import counted
from pixazo.leaving import leaving

__all__ = ["answered", "endings", "heed", "tell_stop"]

GRACE_S = 10.0
ONCE_S = 1.0  # a terminal that is closed, and `timeout`, send theirs twice


class _Endings:
    """Takes a request to end as a Ctrl-C."""

    def __init__(self) -> None:
        self._last_s = -math.inf

    def take(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        now_s = time.monotonic()
        if now_s - self._last_s < ONCE_S:
            return
        self._last_s = now_s
        ctrl_c = signal.getsignal(signal.SIGINT)
        if ctrl_c is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        elif callable(ctrl_c):
            ctrl_c(signal.SIGINT, frame)


def endings() -> list[int]:
    """Return SIGTERM, SIGHUP and Windows' Ctrl-Break, without what is ignored or not there."""
    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")]
    return [number for number in numbers if number and signal.getsignal(number) != signal.SIG_IGN]


def heed() -> None:
    """Let these signals end this process as Ctrl-C does."""
    take = _Endings().take
    for number in endings():
        signal.signal(number, take)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and hasattr(signal, "pthread_sigmask"):
        # In the background of a script: Ctrl-C stays away, and what it would do can be done.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _heard() -> int:
    """Return a signal that reaches this thread and is a Ctrl-C; see `heed`."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return next((n for n in (signal.SIGINT, *endings()) if n not in blocked), signal.SIGINT)


class _Answers:
    """Keeps Ctrl-C back while a request is on its way; a second one, or the time, ends it."""

    def __init__(self) -> None:
        self._resting = self.stopped = False
        self._timer = threading.Timer(GRACE_S, _another())
        self._timer.daemon = True

    def take(self, *_: object) -> None:
        """Take a Ctrl-C."""
        if self._resting or self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
        self._timer.start()
        with suppress(Exception):  # a stderr that is gone, or in use, must not cut the request
            tell_stop(1)

    @contextmanager
    def rest(self) -> Generator[None]:
        """Let a Ctrl-C end it at once."""
        self._resting = True
        try:
            if self.stopped:
                raise KeyboardInterrupt
            yield
        finally:
            self._resting = False

    def end(self) -> None:
        """Wait no longer."""
        self._timer.cancel()


def _another() -> Callable[[], object]:
    """Return what gives this thread a Ctrl-C from within another one."""
    if hasattr(signal, "pthread_kill"):
        return partial(signal.pthread_kill, threading.get_ident(), _heard())
    return _thread.interrupt_main  # Windows: once a call that waits has come back


@contextmanager
def answered() -> Generator[None]:
    """Bring a paid request to its answer before a Ctrl-C is raised, at the end of the context."""
    here = threading.current_thread() is threading.main_thread()
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not (here and usual):
        yield
        return
    answers = _Answers()
    before, token = signal.signal(signal.SIGINT, answers.take), leaving.set(answers)
    try:
        yield
    finally:
        leaving.reset(token)
        signal.signal(signal.SIGINT, before)
        answers.end()
    if answers.stopped:
        raise KeyboardInterrupt


def tell_stop(on_their_way: int, ledger: Path | None = None) -> None:
    """Say that a Ctrl-C was taken and what is waited for."""
    answers = "answer" if on_their_way == 1 else "answers"
    requests = counted(on_their_way, "request")
    click.echo(f"stopping: waiting for the {answers} to {requests}", err=True)
    which = with_options("`pixazo jobs unknown` then tells which", ledger)
    click.echo(f"Ctrl-C again ends at once; {which}", err=True)
