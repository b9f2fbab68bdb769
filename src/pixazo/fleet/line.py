"""Who waits for a turn, and whose turn it is."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Line", "Turn"]

NEAR_END_S = 30.0  # whose end is nearer need not wait for those before


@dataclass(order=True, slots=True)
class Turn:
    """Somebody's place in the line."""

    latest_s: float
    number: int
    told: asyncio.Future[bool] | None = field(default=None, compare=False)
    gone: bool = field(default=False, compare=False)


class Line:
    """Who waits for a turn: every other one is for whoever must end soon, else first come first.

    Not every one: short looks that never cease would leave none to those who wait without an end.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._hurried = False  # whether the last turn was of one who must end soon
        self._line: deque[Turn] = deque()
        self._ends: list[Turn] = []

    def join(self, latest_s: float = math.inf) -> Turn:
        """Return a place.

        Args:
            latest_s: The point of the clock after which the turn is of no use.
        """
        turn = Turn(latest_s, next(self._numbers))
        self._line.append(turn)
        if latest_s < math.inf:
            heapq.heappush(self._ends, turn)
        return turn

    def too_late(self, now_s: float) -> Turn | None:
        """Take out somebody for whom it is too late."""
        turn = self._nearest_end()
        return self._take(turn) if turn is not None and turn.latest_s <= now_s else None

    def next(self, now_s: float) -> Turn | None:
        """Take out the one whose turn it is."""
        soon = self._nearest_end()
        first = self._line[0] if self else None
        hasty = soon is not None and soon.latest_s - now_s <= NEAR_END_S
        self._hurried = hasty and not self._hurried
        turn = soon if self._hurried else first
        return None if turn is None else self._take(turn)

    def told(self) -> Iterator[asyncio.Future[bool]]:
        """Yield where each of those who wait is told."""
        return (turn.told for turn in self._line if turn.told is not None and not turn.gone)

    @property
    def next_end_s(self) -> float:
        """The point of the clock at which it is too late for the first."""
        turn = self._nearest_end()
        return math.inf if turn is None else turn.latest_s

    def __bool__(self) -> bool:
        while self._line and self._line[0].gone:
            self._line.popleft()
        return bool(self._line)

    def _nearest_end(self) -> Turn | None:
        while self._ends and self._ends[0].gone:
            heapq.heappop(self._ends)
        return self._ends[0] if self._ends else None

    def _take(self, turn: Turn) -> Turn:
        turn.gone = True
        return turn
