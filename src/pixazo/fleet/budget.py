"""How many requests may leave, and when the next one may."""

from __future__ import annotations

import math

from pixazo.refusals import retry_after_s
from pixazo.steps import Outcome, Reply

__all__ = ["Budget"]

STEADY_PER_S = 20.0
BURST = 5  # with the steady rate: no second holds more than 25 requests
SLOWEST = 1 / 32  # of the full rate, however often the gateway says 429
RECOVERY = 1 / 64  # of the full rate, for each answer
CUT_PAUSE_S = 1.0  # 429s that come together are one
LONGEST_HELD_S = 60.0
ALMOST_S = 1e-6


class Budget:
    """How many requests may leave, exactly: in no span of t seconds more than burst + rate x t.

    It is written here because it shares the client's clock and gives way to a 429, which the rate
    limiters on the package index do not.

    Args:
        per_s: Requests per second.
        burst: How many may leave together after a rest.
    """

    def __init__(self, per_s: float = STEADY_PER_S, burst: int = BURST) -> None:
        self._full = self._per_s = per_s
        self._burst = burst
        self._due_s = self._held_s = self._cut_s = -math.inf

    @property
    def per_s(self) -> float:
        """The rate just now: the full one, or less after a 429."""
        return self._per_s

    def pause_s(self, now_s: float) -> float:
        """Return the seconds until a request may leave; 0 when one may leave now."""
        credit_s = (self._burst - 1) / self._per_s
        pause_s = max(self._due_s - credit_s, self._held_s) - now_s
        return pause_s if pause_s > ALMOST_S else 0.0

    def spend(self, now_s: float) -> None:
        """Count a request that leaves."""
        self._due_s = max(self._due_s, now_s) + 1 / self._per_s

    def hear(self, outcome: Outcome, now_s: float, epoch_s: float) -> None:
        """Take in what an answer says about the rate.

        Args:
            outcome: What came of a request.
            now_s: The clock.
            epoch_s: Seconds since 1970.
        """
        if not isinstance(outcome, Reply):
            return
        if outcome.status_code == 429:
            self.refused(now_s, retry_after_s(outcome.headers, epoch_s))
        elif outcome.status_code < 500:
            self.answered()

    def refused(self, now_s: float, asked_s: float | None = None) -> None:
        """Take a 429 in: half the rate, and a pause for everybody.

        Args:
            now_s: The clock.
            asked_s: The pause that the gateway asks for, in seconds.
        """
        pause_s = min(1 / self._per_s if asked_s is None else asked_s, LONGEST_HELD_S)
        self._held_s = max(self._held_s, now_s + pause_s)
        if now_s - self._cut_s >= CUT_PAUSE_S:
            self._cut_s = now_s
            debt = max(0.0, self._due_s - now_s) * self._per_s  # what has just left still counts
            self._per_s = max(self._per_s / 2, self._full * SLOWEST)
            self._due_s = now_s + debt / self._per_s

    def answered(self) -> None:
        """Take a good answer in: a little more of the full rate."""
        self._per_s = min(self._full, self._per_s + self._full * RECOVERY)
