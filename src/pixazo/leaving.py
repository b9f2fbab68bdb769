"""How requests that are under way are left: by sending nothing more, and hearing what has left.

A request that waits for its turn, or pauses before another attempt, has nothing at stake: it rests,
and ends there. Whoever leaves says so to a `Rests`, which the drivers of plans find in `leaving`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # it takes time to import, and threads do without
    import asyncio

__all__ = ["Rests", "TaskRests", "leaving", "rest"]


class Rests(Protocol):
    """Where requests can be left."""

    def rest(self) -> AbstractContextManager[None]:
        """Return the context of a rest; it raises when the request is left."""
        ...


class TaskRests:
    """Tasks that are left together."""

    def __init__(self) -> None:
        self.left = False
        self._resting: set[asyncio.Task[Any]] = set()

    def leave(self) -> Sequence[asyncio.Task[Any]]:
        """Cancel the tasks that rest, let none rest from now on; return those cancelled."""
        self.left = True
        cancelled = tuple(self._resting)
        for task in cancelled:
            task.cancel()
        return cancelled

    @contextmanager
    def rest(self) -> Generator[None]:
        """Mark that the current task rests."""
        import asyncio

        task = asyncio.current_task()
        if self.left or task is None:
            raise asyncio.CancelledError
        self._resting.add(task)
        try:
            yield
        finally:
            self._resting.discard(task)


leaving: ContextVar[Rests | None] = ContextVar("leaving", default=None)


def rest() -> AbstractContextManager[None]:
    """Return the context of a turn or a pause."""
    rests = leaving.get()
    return nullcontext() if rests is None else rests.rest()
