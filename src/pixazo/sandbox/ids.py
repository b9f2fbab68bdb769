"""Request ids as the gateway makes them: opaque, ordered by time, not quite a UUID."""

from __future__ import annotations

import random
import threading

__all__ = ["RequestIds"]


class RequestIds:
    """Ids that sort by time and never repeat; the same seed and clock give the same ids.

    The last group has 13 digits, as ids of the real gateway do, so that code which takes an id for
    a UUID is found here and not in production.

    Args:
        seed: decides the random part.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible on purpose, no secret
        self._last = 0
        self._lock = threading.Lock()

    def for_job(self, model_id: str, now: float) -> str:
        """The id of a queued job of `model_id`, submitted at `now` (epoch seconds)."""
        return f"{model_id}_{self._unique(now)}"

    def for_answer(self, now: float) -> str:
        """The id of a direct answer."""
        return self._unique(now)

    def _unique(self, now: float) -> str:
        with self._lock:
            moment = max(int(now * 1000) << 12, self._last + 1)
            self._last = moment
            tail = self._random.getrandbits(66)
        head, sequence = moment >> 12, moment & 0xFFF
        variant = 0x8000 | (tail >> 52) & 0x3FFF
        digits = f"{head:012x}"
        return (
            f"{digits[:8]}-{digits[8:]}-7{sequence:03x}-{variant:04x}-{tail & 0xFFFFFFFFFFFFF:013x}"
        )
