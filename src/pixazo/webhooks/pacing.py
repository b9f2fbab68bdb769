"""Many callbacks, few looks: how often one job's hints are passed on."""

from __future__ import annotations

import threading
from collections import OrderedDict

__all__ = ["Pacing", "Turns"]


class Pacing:
    """Lets the first hint of a job through at once and the next ones together, a little later.

    Args:
        every_s: Least seconds between two hints of one job.
        most: Most jobs remembered; the oldest are forgotten.
    """

    def __init__(self, every_s: float, *, most: int = 100_000) -> None:
        self._every_s = every_s
        self._most = most
        self._lock = threading.Lock()
        self._passes: OrderedDict[str, float] = OrderedDict()  # the last pass, maybe yet to come

    def delay_s(self, job_key: str, now: float) -> float | None:
        """Seconds until this hint is to be passed on; None when one yet to come covers it."""
        with self._lock:
            last = self._passes.get(job_key)
            if last is not None and last > now:
                return None
            at = now if last is None else max(now, last + self._every_s)
            self._passes[job_key] = at
            self._passes.move_to_end(job_key)
            if len(self._passes) > self._most:
                self._passes.popitem(last=False)
            return at - now


class Turns:
    """Lets one job's looks happen one after the other, so that an older look never ends last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wants_more: dict[str, bool] = {}

    def begin(self, job_key: str) -> bool:
        """Whether the caller may look now; if not, whoever is looking will look once more."""
        with self._lock:
            is_free = job_key not in self._wants_more
            self._wants_more[job_key] = not is_free
            return is_free

    def again(self, job_key: str) -> bool:
        """Whether the caller, who has looked, must look once more; if not, its turn ends."""
        with self._lock:
            if self._wants_more[job_key]:
                self._wants_more[job_key] = False
                return True
            del self._wants_more[job_key]
            return False

    def leave(self, job_key: str) -> None:
        """End a turn that was broken off; does nothing when it has ended."""
        with self._lock:
            self._wants_more.pop(job_key, None)
