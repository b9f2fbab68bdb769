"""The requests of one blocking client, whatever the number of threads that share it."""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from contextlib import suppress

from pixazo.clock import Clock
from pixazo.fleet.budget import Budget
from pixazo.steps import Outcome

__all__ = ["Turns"]


class _Line:
    """The threads that wait for their turn, in the order in which they came."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._places: deque[threading.Event] = deque()

    def come_first(self, place: threading.Event, patience_s: float | None) -> bool:
        """Come back when everybody before has left; False when that takes longer."""
        with self.lock:
            self._places.append(place)
            if self._places[0] is place:
                return True
        longest_s = None if patience_s is None else min(patience_s, threading.TIMEOUT_MAX)
        return place.wait(longest_s)

    def leave(self, place: threading.Event) -> None:
        """Make room, whether or not the turn came."""
        with self.lock, suppress(ValueError):  # interrupted before it had a place
            self._places.remove(place)
            if self._places:
                self._places[0].set()


class Turns:
    """When each request of any thread may leave, within one budget.

    The thread that came first sleeps until the budget lets it go; the others wait behind it. Nobody
    keeps a place in time: after a 429 it would be as far off as the rate was low.

    Args:
        clock: Time.
        budget: How many requests may leave.
    """

    def __init__(self, clock: Clock, budget: Budget | None = None) -> None:
        self._clock = clock
        self._budget = budget or Budget()
        self._line, self._process = _Line(), os.getpid()

    def heard(self, outcome: Outcome) -> Outcome:
        """Take in what an answer says about the rate, and give it back."""
        with self._line.lock:
            self._budget.hear(outcome, self._clock.now(), self._clock.time())
        return outcome

    def turn(self, patience_s: float | None = None) -> bool:
        """Come back when a request may leave; False when that is after `patience_s` seconds."""
        if self._process != os.getpid():  # forked: who stood in the line is not here
            self._line, self._process = _Line(), os.getpid()
        latest_s = math.inf if patience_s is None else self._clock.now() + patience_s
        line, place = self._line, threading.Event()
        try:
            if self._pause_s(latest_s) is None:  # nor would it behind others
                return False
            return line.come_first(place, patience_s) and self._wait(latest_s)
        finally:
            line.leave(place)

    def _wait(self, latest_s: float) -> bool:
        """Sleep until the budget lets the first one go; False when that is too late."""
        while pause_s := self._pause_s(latest_s, spend=True):
            self._clock.sleep(pause_s)
        return pause_s is not None

    def _pause_s(self, latest_s: float, *, spend: bool = False) -> float | None:
        """Return the seconds until a request may leave; None when that is too late."""
        now_s = self._clock.now()
        with self._line.lock:
            pause_s = self._budget.pause_s(now_s)
            if pause_s == 0 and spend:
                self._budget.spend(now_s)
        return pause_s if pause_s == 0 or now_s + pause_s <= latest_s else None
