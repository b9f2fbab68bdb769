"""Callbacks: who was called, when, with what, and how it answered."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pixazo.sandbox.answers import status_body
from pixazo.sandbox.clock import Clock
from pixazo.sandbox.document import Document
from pixazo.sandbox.faults import Faults
from pixazo.sandbox.jobs import Callback, Job

__all__ = ["RETRY_AFTER_S", "Deliveries", "Delivery"]

RETRY_AFTER_S = (1.0, 5.0, 25.0)
"""Virtual seconds between a refused call and the next one; then the sandbox gives up."""

TIMEOUT_S = 5.0
AT_ONCE = 8
MOST_EQUAL_CALLS = 100
FORGED_ID = "somebody-else_00000000-0000-7000-8000-0000000000000"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call to a receiver: `status` is its answer, `error` why there is none."""

    number: int
    time: float
    request_id: str
    url: str
    event: str
    attempt: int
    body: bytes
    status: int | None = None
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the receiver answered with any 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def to_dict(self) -> dict[str, object]:
        """The delivery as JSON."""
        fields: dict[str, object] = {
            name: getattr(self, name) for name in self.__slots__ if name != "body"
        }
        return fields | {"taken": self.taken, "body": self.body.decode("utf-8", "replace")}


@dataclass(frozen=True, slots=True)
class _Call:
    job: Job
    url: str
    event: str
    body: bytes
    attempt: int = 1


class Deliveries:
    """Calls receivers back when their jobs start or end, and again when they do not take it.

    Args:
        clock: tells when; retries wait on it too.
        document: the gateway as data.
        faults: what may go wrong on the way.
    """

    def __init__(self, clock: Clock, document: Document, faults: Faults) -> None:
        self._clock, self._document, self._faults = clock, document, faults
        self._made: list[Delivery] = []
        self._numbers = itertools.count(1)
        self._idle = threading.Condition()
        self._under_way = 0
        self._pool: ThreadPoolExecutor | None = None
        self._round = 0

    def __iter__(self) -> Iterator[Delivery]:
        with self._idle:
            return iter(tuple(self._made))

    def __len__(self) -> int:
        return len(self._made)

    def plan(self, job: Job) -> None:
        """Call back for `job` when its moments come."""
        for callback in job.callbacks:
            moments = {"start": job.timeline.steps[1][0], "complete": job.timeline.ends_at}
            for event, when in moments.items():
                if event in callback.events and when != float("inf"):
                    self._plan_event(job, callback, event, when)

    def settle(self, timeout_s: float = 5.0) -> bool:
        """Wait until every call that is due has been answered; False when that takes longer."""
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, timeout_s)

    def clear(self) -> None:
        """Forget every call; what is under way is not retried."""
        with self._idle:
            self._made.clear()
            self._round += 1

    def close(self) -> None:
        """Call nobody any more."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _plan_event(self, job: Job, callback: Callback, event: str, when: float) -> None:
        hits = {
            hit.fault: hit.value
            for hit in self._faults.hits(
                "callback", model_id=job.model_id, request_id=job.request_id
            )
        }
        told = json.dumps(status_body(self._document, job, when)).encode()
        call = _Call(job, callback.url, event, b"<html>" if "callback-garbage" in hits else told)
        if "callback-drop" in hits:
            self._keep(replace(self._delivery(call), time=when, error="dropped as asked"))
            return
        when = _moment(hits, job, event, when)
        for _ in range(_times(hits)):
            self._at(when, call)
        if "callback-forged" in hits:
            forged = told.replace(job.request_id.encode(), FORGED_ID.encode())
            self._at(when, replace(call, body=forged, event="forged"))

    def _at(self, when: float, call: _Call) -> None:
        self._clock.call_at(when, lambda: self._start(call, self._round))

    def _start(self, call: _Call, round_: int) -> None:
        with self._idle:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pixazo-sandbox-call")
            self._under_way += 1
        try:
            self._pool.submit(self._make, call, round_)
        except RuntimeError:  # the sandbox was closed meanwhile
            self._done()

    def _make(self, call: _Call, round_: int) -> None:
        try:
            delivery = _post(self._delivery(call))
            if round_ == self._round:
                self._keep(delivery)
                self._retry(call, delivery, round_)
        finally:
            self._done()

    def _retry(self, call: _Call, delivery: Delivery, round_: int) -> None:
        if delivery.taken or call.attempt > len(RETRY_AFTER_S):
            return
        again = replace(call, attempt=call.attempt + 1)
        pause = RETRY_AFTER_S[call.attempt - 1]
        self._clock.call_at(delivery.time + pause, lambda: self._start(again, round_))

    def _delivery(self, call: _Call) -> Delivery:
        return Delivery(
            number=next(self._numbers),
            time=self._clock.now(),
            request_id=call.job.request_id,
            url=call.url,
            event=call.event,
            attempt=call.attempt,
            body=call.body,
        )

    def _keep(self, delivery: Delivery) -> None:
        with self._idle:
            self._made.append(delivery)

    def _done(self) -> None:
        with self._idle:
            self._under_way -= 1
            self._idle.notify_all()


def _moment(hits: Mapping[str, str], job: Job, event: str, when: float) -> float:
    """When a call is made, after the faults that move it."""
    if "callback-early" in hits and event == "complete":
        when = job.timeline.steps[1][0]
    if "callback-reorder" in hits and event == "start":
        when = job.timeline.ends_at + 0.5
    return when + float(hits["callback-delay"] or 5) if "callback-delay" in hits else when


def _times(hits: Mapping[str, str]) -> int:
    """How many equal calls are made."""
    if "callback-duplicate" not in hits:
        return 1
    return min(MOST_EQUAL_CALLS, round(float(hits["callback-duplicate"] or 2)))


def _post(delivery: Delivery) -> Delivery:
    """Make the call; redirects are not followed, proxies not used."""
    parts = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": "application/json", "User-Agent": "pixazo-sandbox"}
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", target, delivery.body, headers)
            return replace(delivery, status=connection.getresponse().status)
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return replace(delivery, error=f"{type(error).__name__}: {error}")
