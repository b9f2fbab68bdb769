"""The requests of one blocking client, whatever the number of threads that share it."""

from __future__ import annotations

import math
import os
import threading

from pixazo.clock import Clock
from pixazo.fleet.budget import Budget
from pixazo.steps import Outcome

__all__ = ["Turns"]


class Turns:
    """When each request of any thread may leave, within one budget.

    One thread at a time stands first and sleeps until the budget lets it go; the others wait behind
    it. Nobody keeps a place in time: after a 429 it would be as far off as the rate was low.

    Args:
        clock: Time.
        budget: How many requests may leave.
    """

    def __init__(self, clock: Clock, budget: Budget | None = None) -> None:
        self._clock = clock
        self._budget = budget or Budget()
        self._new_locks()

    def heard(self, outcome: Outcome) -> Outcome:
        """Take in what an answer says about the rate, and give it back."""
        with self._lock:
            self._budget.hear(outcome, self._clock.now(), self._clock.time())
        return outcome

    def turn(self, patience_s: float | None = None) -> bool:
        """Come back when a request may leave; False when that is after `patience_s` seconds."""
        if self._process != os.getpid():  # forked: who stood first is not here
            self._new_locks()
        latest_s = math.inf if patience_s is None else self._clock.now() + patience_s
        first, is_first = self._first, False
        try:
            is_first = first.acquire(timeout=_longest(patience_s))
            return is_first and self._wait(latest_s)
        finally:
            if is_first:
                first.release()

    def _wait(self, latest_s: float) -> bool:
        """Sleep until the budget lets the first one go; False when that is too late."""
        while True:
            now_s = self._clock.now()
            with self._lock:
                pause_s = self._budget.pause_s(now_s)
                if pause_s == 0:
                    self._budget.spend(now_s)
                    return True
            if now_s + pause_s > latest_s:
                return False
            self._clock.sleep(pause_s)

    def _new_locks(self) -> None:
        self._process = os.getpid()
        self._lock, self._first = threading.Lock(), threading.Lock()


def _longest(patience_s: float | None) -> float:
    """Return how long to wait for a lock: -1 is for ever."""
    return -1 if patience_s is None else min(max(0.0, patience_s), threading.TIMEOUT_MAX)
