"""A clock whose pauses end early when a callback comes: waiting by callback and by polling at once.

A plan that pauses and then looks needs to know nothing of callbacks: given this clock, its pause
ends with the hint, and the look that follows is the fetch-back. Without a hint the pause ends on
time, and the look is the back-stop.
"""

from __future__ import annotations

from pixazo.clock import Clock
from pixazo.webhooks.hints import Hints

__all__ = ["WakingClock"]


class WakingClock:
    """The given clock, except that a hint for the job ends a pause.

    Args:
        clock: Tells the time.
        hints: Where the job's hints come in.
        job_key: The job.
    """

    def __init__(self, clock: Clock, hints: Hints, job_key: str) -> None:
        self._clock, self._hints, self._job_key = clock, hints, job_key

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._clock.now()

    def time(self) -> float:
        """Seconds since 1970."""
        return self._clock.time()

    def sleep(self, seconds: float) -> None:
        """Block for `seconds`, or until the job's next hint."""
        self._hints.wait(self._job_key, seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Let other tasks run for `seconds`, or until the job's next hint."""
        await self._hints.wait_async(self._job_key, seconds)
