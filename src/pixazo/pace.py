"""How often to look at the jobs of a model, learned from those that have ended.

A job is first looked at about when the fastest tenth of its model's past jobs was done, then at a
steady pace until nine tenths were, then ever more slowly.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from pixazo_openapi.entries import Waiting

__all__ = ["Durations", "Pace", "PastDurations", "pace_of"]

ENOUGH = 3  # past durations before they count
UNLEARNED_GROWTH = math.inf  # from the early look straight towards the hint
STEPS_ACROSS = 12  # looks across the time in which most jobs end


class Durations(Protocol):
    """Where past durations come from: this process, or a ledger."""

    def past(self, model: str) -> Sequence[float]:
        """Return the latest durations of a model, in seconds, in any order."""
        ...

    def learn(self, model: str, seconds: float) -> None:
        """Remember one."""
        ...


class PastDurations:
    """The latest durations of each model in this process; safe for threads."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._past: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def past(self, model: str) -> Sequence[float]:
        """Return the latest durations of a model, in seconds."""
        with self._lock:
            return tuple(self._past.get(model, ()))

    def learn(self, model: str, seconds: float) -> None:
        """Remember one, forget the oldest."""
        with self._lock:
            self._past.setdefault(model, deque(maxlen=self._most)).append(seconds)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, by the age of the job; all in seconds but `growth`.

    Args:
        first_s: The age at the first look.
        low_s: From this age on, jobs are expected to end.
        high_s: From this age on, the pauses grow.
        step_s: The pause between these two.
        floor_s: The shortest pause.
        ceiling_s: The longest pause.
        growth: How fast pauses grow with age beyond `high_s`.
        early_growth: The same between `first_s` and `low_s`.
    """

    first_s: float
    low_s: float
    high_s: float
    step_s: float
    floor_s: float
    ceiling_s: float
    growth: float
    early_growth: float

    def pause_s(self, age_s: float) -> float:
        """Return the pause before the next look at a job of this age."""
        if age_s < self.first_s:
            return max(self.floor_s, self.first_s - age_s)
        if age_s < self.low_s:
            return self._within(min(age_s * (self.early_growth - 1), self.low_s - age_s))
        if age_s < self.high_s:
            return self.step_s
        return self._within(self.floor_s + (age_s - self.high_s) * (self.growth - 1))

    def as_backstop(self) -> Pace:
        """Return the pace for a job that calls back: looks only begin when it should have."""
        late_s = 1.5 * self.high_s + self.floor_s
        return replace(self, first_s=late_s, low_s=late_s, high_s=late_s)

    def _within(self, pause_s: float) -> float:
        return min(max(pause_s, self.floor_s), self.ceiling_s)


def pace_of(waiting: Waiting, past: Sequence[float] = ()) -> Pace:
    """Return the pace for a model: from its past durations, or from the specification's hint (R48).

    The first look is never later than twice the fastest past duration: a model that mostly takes a
    minute and sometimes three seconds is looked at early. Where nothing is known yet, one early
    look finds the quick jobs, and the next waits for the hint. Durations beyond the deadline, as
    wrong clocks have them, count for nothing.
    """
    return _pace(waiting, tuple(sorted(s for s in past if 0 <= s <= waiting.deadline_s)))


@lru_cache(maxsize=64)  # many waits begin with the same durations
def _pace(waiting: Waiting, known: tuple[float, ...]) -> Pace:
    learned = len(known) >= ENOUGH
    if learned:
        low_s, high_s = _quantile(known, 0.1), _quantile(known, 0.9)
    else:
        low_s, high_s = min(0.55 * waiting.hint_s, waiting.ceiling_s), 1.5 * waiting.hint_s
    step_s = (high_s - low_s) / STEPS_ACROSS
    step_s = min(max(step_s, waiting.floor_s), waiting.ceiling_s)
    if learned:
        low_s = _best_start(known, low_s, step_s)
    return Pace(
        first_s=max(min(low_s, 2 * known[0]) if learned else 0.0, waiting.floor_s),
        low_s=low_s,
        high_s=high_s,
        step_s=step_s,
        floor_s=waiting.floor_s,
        ceiling_s=waiting.ceiling_s,
        growth=waiting.growth,
        early_growth=waiting.growth if learned else UNLEARNED_GROWTH,
    )


def _best_start(known: Sequence[float], low_s: float, step_s: float) -> float:
    """Return where, within one step, looks would have seen the past jobs' ends soonest.

    It matters for steady models: when all jobs take 11.5 to 12.5 s, looks at 12.5 and 14.5 s are
    better than looks at 11.6 and 13.6 s.
    """
    starts = [low_s, *(seconds for seconds in known if low_s < seconds < low_s + step_s)]
    return min(starts, key=lambda start_s: sum(_late_s(known, start_s, step_s)))


def _late_s(known: Sequence[float], start_s: float, step_s: float) -> Iterator[float]:
    for seconds in known:
        steps = max(0, math.ceil((seconds - start_s) / step_s))
        yield start_s + steps * step_s - seconds


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
