"""Paid requests that are left together: what rests is ended, what has left is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from pixazo.errors import PixazoError
from pixazo.leaving import leaving

__all__ = ["Leavable"]

T = TypeVar("T")
GRACE_S = 60.0  # for what is on its way to be answered
log = logging.getLogger("pixazo")


class Leavable:
    """Tasks that may cost money.

    Args:
        on_stop: Called when they are left while requests are on their way, with their count; their
            answers are waited for.
    """

    def __init__(self, on_stop: Callable[[int], object] | None = None) -> None:
        self._on_stop = on_stop
        self._left = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._resting: set[asyncio.Task[Any]] = set()

    async def paid(self, sending: Coroutine[Any, Any, T]) -> T:
        """Await what may cost money; whoever is cancelled meanwhile leaves it to `leave`."""
        if self._left:
            sending.close()
            raise asyncio.CancelledError
        task = asyncio.create_task(self._run(sending))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _run(self, sending: Coroutine[Any, Any, T]) -> T:
        leaving.set(self)
        return await sending

    @contextmanager
    def rest(self) -> Generator[None]:
        """Mark that the current task rests: nothing of it is on its way."""
        task = asyncio.current_task()
        if self._left or task is None:
            raise asyncio.CancelledError
        self._resting.add(task)
        try:
            yield
        finally:
            self._resting.discard(task)

    async def leave(self, waiting: Sequence[asyncio.Task[Any]] = ()) -> None:
        """Send nothing more, cancel who rests or waits, and wait for what is on its way.

        Args:
            waiting: Tasks that await these.
        """
        self._left = True
        ended = _of_this_loop((*waiting, *self._resting))
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        tasks = _of_this_loop(self._tasks)
        if not tasks:
            return
        if self._on_stop is not None:
            self._on_stop(len(tasks))
        told = [asyncio.create_task(_accepted(task)) for task in tasks]
        try:
            await asyncio.wait(told, timeout=GRACE_S)
        finally:
            for task in (*told, *tasks):
                task.cancel()


def _of_this_loop(tasks: Iterable[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """Return the tasks that can be waited for: those of an event loop that has ended cannot."""
    loop = asyncio.get_running_loop()
    return [task for task in tasks if task.get_loop() is loop]


async def _accepted(task: asyncio.Task[Any]) -> None:
    """Say which request was accepted after it was left."""
    with suppress(PixazoError):
        found = await asyncio.shield(task)
        log.info("request %s was accepted and goes on", found.request_id)
