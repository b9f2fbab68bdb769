"""Many callbacks, few looks: how often one job's hints are passed on."""

from __future__ import annotations

import threading
from collections import OrderedDict

from pixazo.webhooks.hints import Hint

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
        self._waiting: dict[str, Hint | None] = {}  # the latest hint that came during a look

    def begin(self, hint: Hint) -> bool:
        """Whether the caller may look now; if not, whoever is looking will look once more."""
        with self._lock:
            is_free = hint.job_key not in self._waiting
            self._waiting[hint.job_key] = None if is_free else hint
            return is_free

    def again(self, job_key: str) -> Hint | None:
        """The hint for which the caller must look once more; None: its turn has ended."""
        with self._lock:
            hint = self._waiting.pop(job_key)
            if hint is not None:
                self._waiting[job_key] = None
            return hint

    def leave(self, job_key: str) -> None:
        """End a turn that was broken off; does nothing when it has ended."""
        with self._lock:
            self._waiting.pop(job_key, None)
