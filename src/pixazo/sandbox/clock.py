"""Virtual time of the sandbox: real, scaled, or standing still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["ClientClock", "Clock", "ManualClock", "RealClock", "ScaledClock", "Timer"]

log = logging.getLogger("pixazo.sandbox")

LAST_MOMENT = 253_370_764_800.0
"""9999-01-01T00:00:00Z: dates have no later year to be written in."""

MANUAL_START = 1_767_225_600.0
"""Where a manual clock starts unless told: 2026-01-01T00:00:00Z, so that runs are comparable."""


@dataclass(order=True, slots=True)
class Timer:
    """One thing to do at one moment; `cancel()` makes it do nothing."""

    when: float
    order: int
    action: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Make the timer do nothing when its moment comes."""
        self.cancelled = True


class Clock:
    """Epoch seconds that run at `rate` times real time, with timers that fire in order.

    Args:
        rate: virtual seconds per real second; 0 stands still.
        start: epoch seconds to start from; now when None.
    """

    def __init__(self, *, rate: float, start: float | None = None) -> None:
        if rate < 0:
            raise ValueError(f"rate={rate}: virtual time cannot run backwards; use 0 or more")
        self.rate = rate
        self._base = time.time() if start is None else start
        self._origin = time.monotonic()
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._changed = threading.Condition(threading.RLock())
        self._advancing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether time passes by itself."""
        return self.rate > 0

    def now(self) -> float:
        """Virtual epoch seconds."""
        return self._base + (time.monotonic() - self._origin) * self.rate

    def call_at(self, when: float, action: Callable[[], object]) -> Timer:
        """Run `action` once virtual time reaches `when` (epoch seconds), in some thread."""
        timer = Timer(when, next(self._order), action)
        with self._changed:
            heapq.heappush(self._timers, timer)
            if self.running and not self._closed:
                self._start()
            self._changed.notify_all()
        return timer

    def call_later(self, delay_s: float, action: Callable[[], object]) -> Timer:
        """Run `action` after `delay_s` virtual seconds."""
        return self.call_at(self.now() + delay_s, action)

    def advance(self, seconds: float) -> None:
        """Move time on by `seconds`; every timer on the way fires at its own moment, in order."""
        if not seconds >= 0:
            raise ValueError(f"advance({seconds}): time only moves forward; give 0 or more seconds")
        with self._advancing:
            target = self.now() + seconds
            if target > LAST_MOMENT:
                raise ValueError(f"advance({seconds}): time ends with the year 9998; give less")
            while (timer := self._take_due(target)) is not None:
                self._move_to(timer.when)
                _run(timer)
            self._move_to(target)
        with self._changed:
            self._changed.notify_all()

    async def sleep(self, seconds: float) -> None:
        """Come back after `seconds` of virtual time."""
        if seconds <= 0:
            return
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        timer = self.call_later(seconds, lambda: loop.call_soon_threadsafe(woken.set))
        try:
            await woken.wait()
        finally:
            timer.cancel()

    def forget_timers(self) -> None:
        """Cancel everything that is still to come."""
        with self._changed:
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()

    def close(self) -> None:
        """Stop the timer thread; nothing fires any more."""
        with self._changed:
            self._closed = True
            self.forget_timers()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=1)

    def _move_to(self, when: float) -> None:
        self._base += max(0.0, when - self.now())

    def _take_due(self, until: float) -> Timer | None:
        with self._changed:
            while self._timers and self._timers[0].when <= until:
                timer = heapq.heappop(self._timers)
                if not timer.cancelled:
                    return timer
            return None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._watch, name="pixazo-sandbox-clock", daemon=True
            )
            self._thread.start()

    def _watch(self) -> None:
        while not self._closed:
            timer = self._take_due(self.now())
            if timer is not None:
                _run(timer)
                continue
            with self._changed:
                if not self._closed:
                    self._changed.wait(self._pause())

    def _pause(self) -> float | None:
        if not self._timers:
            return None
        pause_s = max(0.0, (self._timers[0].when - self.now()) / self.rate)
        return min(pause_s, threading.TIMEOUT_MAX)  # a job that is stuck ends never


def _run(timer: Timer) -> None:
    try:
        timer.action()
    except Exception:
        log.exception("a timer of the sandbox failed")


class RealClock(Clock):
    """Time as it passes."""

    def __init__(self) -> None:
        super().__init__(rate=1)


class ScaledClock(Clock):
    """Time that passes `factor` times as fast: a job of a minute is done in a second at 60."""

    def __init__(self, factor: float, *, start: float | None = None) -> None:
        if not 0 < factor < float("inf"):
            raise ValueError(f"ScaledClock({factor}): give a factor above 0, or use ManualClock")
        super().__init__(rate=factor, start=start)


class ManualClock(Clock):
    """Time that stands still until `advance(seconds)` moves it."""

    def __init__(self, start: float = MANUAL_START) -> None:
        super().__init__(rate=0, start=start)


class ClientClock:
    """The sandbox's time as a client's clock: `Pixazo(…, clock=sandbox.client_clock)`.

    A client that sleeps moves a manual clock on by as much, so that a wait of an hour is over at
    once; on a running clock it sleeps for as long as the sandbox's time needs.

    Args:
        clock: the sandbox's.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Virtual seconds."""
        return self._clock.now()

    def time(self) -> float:
        """Virtual seconds since 1970."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Let virtual `seconds` pass."""
        if self._clock.running:
            time.sleep(seconds / self._clock.rate)
        else:
            self._clock.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Let virtual `seconds` pass, and other tasks run."""
        if self._clock.running:
            await asyncio.sleep(seconds / self._clock.rate)
        else:
            await asyncio.sleep(0)
            self._clock.advance(seconds)
