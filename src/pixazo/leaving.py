"""How many requests that are under way together are left, by sending no more of them.

Whoever leaves wants the answers to what has left, and nothing else sent: a request that waits for
its turn, or pauses before another attempt, ends there, while nothing is at stake.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it takes time to import, and threads do without
    import asyncio

__all__ = ["Leaving", "leaving", "rest"]


class Leaving:
    """Which of some tasks rest just now, and whether they may go on afterwards."""

    def __init__(self) -> None:
        self.begun = False
        self._resting: set[asyncio.Task[Any]] = set()

    def leave(self) -> Sequence[asyncio.Task[Any]]:
        """End the tasks that rest, let none rest from now on; return those that were ended."""
        self.begun = True
        ended = tuple(self._resting)
        for task in ended:
            task.cancel()
        return ended

    @contextmanager
    def rest(self) -> Generator[None]:
        """Mark that the current task rests: it waits, and nothing of it is on its way."""
        import asyncio

        task = asyncio.current_task()
        if self.begun or task is None:
            raise asyncio.CancelledError
        self._resting.add(task)
        try:
            yield
        finally:
            self._resting.discard(task)


leaving: ContextVar[Leaving | None] = ContextVar("leaving", default=None)


def rest() -> AbstractContextManager[None]:
    """Return the context of a pause, in which the current task can be left."""
    found = leaving.get()
    return nullcontext() if found is None else found.rest()
