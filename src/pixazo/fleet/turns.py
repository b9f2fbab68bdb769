"""The requests of one blocking client, whatever the number of threads that share it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from pixazo.clock import Clock
from pixazo.fleet.budget import Budget
from pixazo.steps import TOO_LATE, Call, Outcome

__all__ = ["Turns"]


class Turns:
    """When each request of any thread may leave: first come, first served, within one budget.

    Args:
        clock: Time.
        budget: How many requests may leave.
    """

    def __init__(self, clock: Clock, budget: Budget | None = None) -> None:
        self._clock = clock
        self._budget = budget or Budget()
        self._lock = threading.Lock()

    def send(self, call: Call, send: Callable[[Call], Outcome]) -> Outcome:
        """Send when it is the call's turn, and take in what the answer says about the rate."""
        if not self.turn(call.patience_s):
            return TOO_LATE
        return self.heard(send(call))

    def heard(self, outcome: Outcome) -> Outcome:
        """Take in what an answer says about the rate, and give it back."""
        with self._lock:
            self._budget.hear(outcome, self._clock.now(), self._clock.time())
        return outcome

    def turn(self, patience_s: float | None = None) -> bool:
        """Come back when a request may leave; False when that is after `patience_s` seconds.

        Whoever sleeps when a 429 comes takes another place afterwards.
        """
        now_s = self._clock.now()
        latest_s = math.inf if patience_s is None else now_s + patience_s
        while True:
            slot_s = self._slot_s(now_s, latest_s)
            if slot_s is None:
                return False
            if slot_s > now_s:
                self._clock.sleep(slot_s - now_s)
                now_s = self._clock.now()
            if not self._budget.is_held(slot_s):
                return True

    def _slot_s(self, now_s: float, latest_s: float) -> float | None:
        """Take the next place and return its point of the clock; None when that is too late."""
        with self._lock:
            slot_s = now_s + self._budget.pause_s(now_s)
            if slot_s > max(latest_s, now_s):
                return None
            self._budget.spend(slot_s)
            return slot_s
