"""Ctrl-C while a paid request is on its way: its answer is waited for, so that its id is known."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

import click

from pixazo.cli.words import counted
from pixazo.leaving import leaving

__all__ = ["answered", "tell_stop"]

GRACE_S = 10.0


class _Answers:
    """Keeps Ctrl-C back while a request is on its way; a second one, or the time, ends it."""

    def __init__(self) -> None:
        self._resting = self.stopped = False
        target = threading.get_ident()
        self._timer = threading.Timer(GRACE_S, signal.pthread_kill, (target, signal.SIGINT))
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


@contextmanager
def answered() -> Generator[None]:
    """Bring a paid request to its answer before a Ctrl-C is raised, at the end of the context."""
    here = threading.current_thread() is threading.main_thread()
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not (here and usual and hasattr(signal, "pthread_kill")):
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


def tell_stop(on_their_way: int) -> None:
    """Say that a Ctrl-C was taken and what is waited for."""
    answers = "answer" if on_their_way == 1 else "answers"
    requests = counted(on_their_way, "request")
    click.echo(f"stopping: waiting for the {answers} to {requests}", err=True)
    click.echo("Ctrl-C again ends at once; `pixazo jobs unknown` then tells which", err=True)
