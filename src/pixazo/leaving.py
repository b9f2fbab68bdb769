"""How requests that are under way are left: by sending nothing more, and hearing what has left.

A request that waits for its turn, or pauses before another attempt, has nothing at stake: it rests,
and ends there. Whoever leaves says so to a `Rests`, which the drivers of plans find in `leaving`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Protocol

__all__ = ["Rests", "leaving", "rest"]


class Rests(Protocol):
    """Where requests can be left."""

    def rest(self) -> AbstractContextManager[None]:
        """Return the context of a rest; it raises when the request is left."""
        ...


leaving: ContextVar[Rests | None] = ContextVar("leaving", default=None)


def rest() -> AbstractContextManager[None]:
    """Return the context of a turn or a pause."""
    rests = leaving.get()
    return nullcontext() if rests is None else rests.rest()
