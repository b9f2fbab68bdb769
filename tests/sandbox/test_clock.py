"""Virtual time."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from pixazo.sandbox import ClientClock, ManualClock, RealClock, ScaledClock


def test_a_manual_clock_stands_still() -> None:
    """Real time that passes does not move a manual clock."""
    clock = ManualClock(start=100)

    time.sleep(0.01)

    assert clock.now() == 100


def test_advance_moves_time_by_exactly_what_was_asked() -> None:
    """Two advances add up to the last digit."""
    clock = ManualClock(start=100)

    clock.advance(1.5)
    clock.advance(0.25)

    assert clock.now() == 101.75


def test_timers_fire_in_order_and_each_at_its_own_moment() -> None:
    """One advance over three timers runs them by moment, each seeing its own time."""
    clock = ManualClock(start=0)
    seen: list[tuple[str, float]] = []
    clock.call_at(3, lambda: seen.append(("late", clock.now())))
    clock.call_at(1, lambda: seen.append(("early", clock.now())))
    clock.call_at(1, lambda: seen.append(("early too", clock.now())))

    clock.advance(5)

    assert seen == [("early", 1), ("early too", 1), ("late", 3)]
    assert clock.now() == 5


def test_a_timer_may_set_another_within_the_same_advance() -> None:
    """A timer that plans a timer before the end of the advance sees it fire."""
    clock = ManualClock(start=0)
    seen: list[float] = []
    clock.call_at(1, lambda: clock.call_later(1, lambda: seen.append(clock.now())))

    clock.advance(3)

    assert seen == [2]


def test_a_timer_for_never_keeps_no_other_from_firing() -> None:
    """A job that never ends plans its end, too; the clock goes on for the others."""
    clock, fired = RealClock(), threading.Event()
    clock.call_at(float("inf"), lambda: None)
    time.sleep(0.05)

    clock.call_later(0.01, fired.set)

    assert fired.wait(5)
    clock.close()


def test_a_cancelled_timer_does_nothing() -> None:
    """A timer that was cancelled before its moment never fires."""
    clock = ManualClock(start=0)
    seen: list[float] = []
    timer = clock.call_at(1, lambda: seen.append(clock.now()))

    timer.cancel()
    clock.advance(2)

    assert seen == []


def test_a_timer_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """An error in one timer is logged, and the next one still fires."""
    clock = ManualClock(start=0)
    seen: list[float] = []
    clock.call_at(1, lambda: 1 / 0)
    clock.call_at(2, lambda: seen.append(clock.now()))

    clock.advance(3)

    assert seen == [2]
    assert "a timer of the sandbox failed" in caplog.text


def test_time_does_not_run_backwards() -> None:
    """A negative advance is refused with the way out."""
    with pytest.raises(ValueError, match="give 0 or more seconds"):
        ManualClock().advance(-1)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e12])
def test_time_does_not_leave_the_calendar(seconds: float) -> None:
    """An advance to where no date can be written is refused, and time stays where it was."""
    clock = ManualClock()
    before = clock.now()

    with pytest.raises(ValueError, match="advance"):
        clock.advance(seconds)

    assert clock.now() == before


def test_a_scaled_clock_runs_as_many_times_as_fast() -> None:
    """At factor 100, at least one virtual second passes in ten real milliseconds."""
    clock = ScaledClock(100, start=0)

    time.sleep(0.02)

    assert clock.now() > 1


def test_a_scaled_clock_needs_a_factor_above_zero() -> None:
    """A factor of zero is refused, naming the clock that stands still."""
    with pytest.raises(ValueError, match="ManualClock"):
        ScaledClock(0)


def test_a_running_clock_fires_its_timers_by_itself() -> None:
    """A timer on the real clock fires without anybody advancing it."""
    clock, fired = RealClock(), threading.Event()
    try:
        clock.call_later(0.01, fired.set)

        assert fired.wait(5)
    finally:
        clock.close()


def test_sleepers_wake_when_time_is_advanced() -> None:
    """A coroutine asleep on a manual clock wakes when another thread advances it."""
    clock = ManualClock(start=0)

    async def sleep_and_tell() -> float:
        asyncio.get_running_loop().call_later(0.01, threading.Thread(target=advance).start)
        await clock.sleep(2)
        return clock.now()

    def advance() -> None:
        clock.advance(5)

    assert 2 <= asyncio.run(asyncio.wait_for(sleep_and_tell(), 5)) <= 5


def test_a_closed_clock_fires_nothing() -> None:
    """After close no timer fires."""
    clock, fired = RealClock(), threading.Event()
    clock.call_later(0.02, fired.set)

    clock.close()

    assert not fired.wait(0.05)


def test_a_client_that_sleeps_moves_a_manual_clock() -> None:
    """Sleeping, with and without asyncio, passes virtual time at once."""
    clock = ManualClock(start=0)
    client = ClientClock(clock)

    client.sleep(3600)
    asyncio.run(client.sleep_async(60))

    assert client.now() == client.time() == clock.now() == 3660


def test_a_client_follows_a_scaled_clock() -> None:
    """At factor 100, a client's sleep of one virtual second takes a hundredth of it."""
    client = ClientClock(ScaledClock(100, start=0))
    start = time.perf_counter()

    client.sleep(1)
    asyncio.run(client.sleep_async(1))

    assert client.now() >= 2
    assert time.perf_counter() - start >= 0.02
