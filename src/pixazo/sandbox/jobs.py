"""Queued jobs: what stands where at which moment, decided when they are submitted."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import cast

from pixazo.sandbox.rendering.works import Work

__all__ = ["Callback", "Job", "Jobs", "Timeline"]

KEPT_BYTES = 512 * 1024 * 1024
LONG_TEXT = 10_000
"""A text of a request that is longer is a picture that came inline."""
QUEUED_SHARE = 0.2
"""Share of a job's time that it spends in the queue."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A job's state as a pure function of time; all moments are epoch seconds.

    Args:
        outcome: `succeeded`, `failed` or `failed-not-charged`.
        steps: state words with the moment each begins, in order; the last is the end word.
    """

    outcome: str
    steps: tuple[tuple[float, str], ...]

    @property
    def created_at(self) -> float:
        """When the job was submitted."""
        return self.steps[0][0]

    @property
    def ends_at(self) -> float:
        """When the job ends; `inf` when it never does."""
        return self.steps[-1][0]

    def word(self, now: float) -> str:
        """The status word at `now`."""
        return self._step(now)[1]

    def updated_at(self, now: float) -> float:
        """When the status word last changed."""
        return self._step(now)[0]

    def ended(self, now: float) -> bool:
        """Whether the job is over at `now`."""
        return now >= self.ends_at

    def progress(self, now: float) -> float:
        """The share of the job's time that has passed: 0 to 1."""
        length = self.ends_at - self.created_at
        return min(1.0, (now - self.created_at) / length) if length > 0 else 1.0

    def _step(self, now: float) -> tuple[float, str]:
        past = [step for step in self.steps if step[0] <= now]
        return past[-1] if past else self.steps[0]


@dataclass(frozen=True, slots=True)
class Callback:
    """Who wants to be called: `events` names what for (`start`, `complete`)."""

    url: str
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Job:
    """One queued job, or the files of one direct answer."""

    request_id: str
    model_id: str
    owner: str
    usd: Decimal
    work: Work
    timeline: Timeline
    media_urls: tuple[str, ...]
    error: str = ""
    callbacks: tuple[Callback, ...] = ()
    idempotency_key: str | None = None
    body: object = None
    twists: Mapping[str, str] = field(default_factory=dict[str, str])
    queued: bool = True
    faded: bool = False

    @property
    def weight(self) -> int:
        """How many bytes the pictures take that came inline."""
        return _weight(self.body)

    def fade(self) -> Job:
        """The same job without its inline pictures, so that its files cannot be drawn any more."""
        return replace(self, work=replace(self.work, source=""), body=None, faded=True)

    def made(self, now: float) -> bool:
        """Whether its files are there at `now`."""
        return self.timeline.ended(now) and not self.error

    def to_dict(self, now: float) -> dict[str, object]:
        """The job as JSON, as it stands at `now`."""
        return {
            "request_id": self.request_id,
            "model_id": self.model_id,
            "status": self.timeline.word(now),
            "phase": self.timeline.outcome if self.timeline.ended(now) else "pending",
            "progress": self.timeline.progress(now),
            "kind": self.work.kind,
            "usd": str(self.usd),
            "created_at": self.timeline.created_at,
            "ends_at": self.timeline.ends_at if self.timeline.ends_at != float("inf") else None,
            "media": list(self.media_urls) if self.made(now) else [],
            "prompt": self.work.caption[:300],
            "error": self.error or None,
            "faults": dict(self.twists),
        }


class Jobs:
    """All jobs of a sandbox, by id, oldest first.

    Args:
        most_bytes: what pictures that came inline may take; beyond, the oldest jobs lose theirs.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._jobs: dict[str, Job] = {}
        self._most_bytes, self._bytes = most_bytes, 0
        self._weights: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> None:
        """Keep a job."""
        weight = job.weight
        with self._lock:
            self._jobs[job.request_id] = job
            if weight:
                self._weights[job.request_id] = weight
                self._bytes += weight
            while self._bytes > self._most_bytes and len(self._weights) > 1:
                oldest = next(iter(self._weights))
                self._jobs[oldest] = self._jobs[oldest].fade()
                self._bytes -= self._weights.pop(oldest)

    def get(self, request_id: str) -> Job | None:
        """The job with this id, if there is one."""
        return self._jobs.get(request_id)

    def clear(self) -> None:
        """Forget every job."""
        with self._lock:
            self._jobs.clear()
            self._weights.clear()
            self._bytes = 0

    def __getitem__(self, request_id: str) -> Job:
        return self._jobs[request_id]

    def __iter__(self) -> Iterator[Job]:
        with self._lock:
            return iter(tuple(self._jobs.values()))

    def __len__(self) -> int:
        return len(self._jobs)


def _weight(value: object) -> int:
    """How many letters the long texts in a JSON value have."""
    match value:
        case str():
            return len(value) if len(value) > LONG_TEXT else 0
        case dict():
            return sum(map(_weight, cast("dict[str, object]", value).values()))
        case list():
            return sum(map(_weight, cast("list[object]", value)))
        case _:
            return 0
