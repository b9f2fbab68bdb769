"""Where callbacks and waiters meet: thread-safe, and usable from any event loop."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pixazo.webhooks.tokens import Route

__all__ = ["Hint", "Hints"]


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have moved: ask the gateway.

    Args:
        job_key: The job, as the submitting side called it; proven by the token.
        request_id: What the callback's body claims to be the request id; proven by nothing.
        route: Whether the callback came to the header's address or to the body's.
    """

    job_key: str
    request_id: str | None = None
    route: Route = "header"


@dataclass(slots=True, eq=False)
class _Seat:
    """One waiter: what it got, and how to wake it."""

    ring: Callable[[], object]
    got: Hint | None = None


class Hints:
    """Holds the last hint of each job until somebody waits for it.

    Many hints for a job are one hint. A hint that nobody waits for is kept for the next waiter;
    when more than `most` jobs have one, the oldest are dropped, since polling finds them anyway.

    Args:
        most: Most jobs with a hint that nobody has waited for.
    """

    def __init__(self, *, most: int = 10_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Hint] = OrderedDict()
        self._seats: dict[str, list[_Seat]] = {}

    def give(self, hint: Hint) -> None:
        """Wake everybody who waits for the hint's job; may be called from any thread."""
        with self._lock:
            seats = self._seats.pop(hint.job_key, [])
            for seat in seats:
                seat.got = hint
                with suppress(RuntimeError):  # the waiter's event loop is closed
                    seat.ring()
            if not seats:
                self._keep(hint)

    def wait(self, job_key: str, timeout_s: float | None = None) -> Hint | None:
        """Block until the job has a hint and take it; None when the time is up first."""
        woken = threading.Event()
        with self._seated(job_key, _Seat(woken.set)) as seat:
            if seat.got is None:
                woken.wait(None if timeout_s is None else min(timeout_s, threading.TIMEOUT_MAX))
        return seat.got

    async def wait_async(self, job_key: str, timeout_s: float | None = None) -> Hint | None:
        """Wait until the job has a hint and take it; None when the time is up first."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        seat = _Seat(lambda: loop.call_soon_threadsafe(woken.set))
        with self._seated(job_key, seat):
            if seat.got is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(timeout_s):
                        await woken.wait()
        return seat.got

    def forget(self, job_key: str) -> None:
        """Drop what is kept for a job that is done."""
        with self._lock:
            self._kept.pop(job_key, None)

    @contextmanager
    def _seated(self, job_key: str, seat: _Seat) -> Generator[_Seat]:
        """Take what is kept or have a seat; a hint that an interrupted waiter got is kept again."""
        with self._lock:
            seat.got = self._kept.pop(job_key, None)
            if seat.got is None:
                self._seats.setdefault(job_key, []).append(seat)
        try:
            yield seat
        except BaseException:
            self._leave(job_key, seat)
            if seat.got is not None:
                self.give(seat.got)
            raise
        self._leave(job_key, seat)

    def _keep(self, hint: Hint) -> None:
        self._kept[hint.job_key] = hint
        self._kept.move_to_end(hint.job_key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _leave(self, job_key: str, seat: _Seat) -> None:
        with self._lock:
            seats = self._seats.get(job_key, [])
            if seat in seats:
                seats.remove(seat)
            if not seats:
                self._seats.pop(job_key, None)
