"""A clock for tests against a sandbox that is done at once: pauses are skipped, not slept."""

from __future__ import annotations

import asyncio
import time


class QuickClock:
    """The machine's clock, put forward by every pause."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        return time.monotonic() + self._ahead_s

    def time(self) -> float:
        return time.time() + self._ahead_s

    def sleep(self, seconds: float) -> None:
        self._ahead_s += seconds
        time.sleep(0.002)

    async def sleep_async(self, seconds: float) -> None:
        self._ahead_s += seconds
        await asyncio.sleep(0.002)
