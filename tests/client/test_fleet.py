"""Many waits of one client: turns, budget, hurry, deadlines and memory."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixazo import GatewayUnreachable
from pixazo.fleet import Budget, Fleet, Line
from pixazo.steps import Reply
from tests.client.fleet_waits import Waits
from tests.client.virtual_time import VirtualClock, run


@given(st.integers(1, 50), st.integers(1, 8), st.lists(st.floats(0, 2), max_size=60))
def test_no_span_holds_more_requests_than_the_budget_says(
    per_s: int, burst: int, rests: list[float]
) -> None:
    """However requests come, t seconds hold at most burst + rate x t of them."""
    budget, now_s, sent = Budget(per_s, burst), 0.0, []
    for rest_s in rests:
        now_s += rest_s if rest_s > 1 else 0.0
        now_s += budget.pause_s(now_s)
        budget.spend(now_s)
        sent.append(now_s)
    for first, start_s in enumerate(sent):
        for count, end_s in enumerate(sent[first:], 1):
            assert count <= burst + per_s * (end_s - start_s) + 0.01


def test_a_429_stops_everybody_and_halves_the_rate_once() -> None:
    """Refusals that come together are one; good answers bring the full rate back."""
    budget = Budget(20, 1)
    budget.refused(10.0, 3.0)
    budget.refused(10.1, 3.0)
    assert budget.per_s == 10
    assert budget.pause_s(10.1) == pytest.approx(3.0)
    for _ in range(32):
        budget.answered()
    assert budget.per_s == 20


@given(st.floats(0, 2))
def test_a_429_leaves_no_room_for_a_burst(refused_s: float) -> None:
    """At the lower rate, too, what has just left counts: no second holds more than 25."""
    budget, now_s, sent = Budget(), 0.0, list[float]()
    while now_s < 4:
        if now_s >= refused_s:
            budget.refused(now_s)
            refused_s = math.inf
        if budget.pause_s(now_s) == 0:
            budget.spend(now_s)
            sent.append(now_s)
        now_s += min(0.01, budget.pause_s(now_s))

    assert max(sum(at <= other < at + 0.999 for other in sent) for at in sent) <= 25


def test_a_gateway_that_always_refuses_is_still_asked_now_and_then() -> None:
    """The rate never falls to nothing, and no Retry-After holds everybody for over a minute."""
    budget = Budget(20, 1)
    for second in range(100):
        budget.refused(10.0 * second, 86_400)
    assert budget.per_s == pytest.approx(20 / 32)
    assert budget.pause_s(990.0) <= 60


def test_first_come_first_served_but_for_those_who_must_end() -> None:
    """The line is fair; an end within half a minute goes before it, a past end goes away."""
    line = Line()
    first, second = line.join(), line.join(500)
    hasty, late = line.join(120), line.join(99)
    assert line.too_late(100) is late
    assert line.too_late(100) is None
    assert [line.next(100), line.next(100), line.next(100)] == [hasty, first, second]
    assert line.next(100) is None
    assert not line


def test_nobody_waits_for_ever_behind_those_in_a_hurry() -> None:
    """Whoever waits without an end has every other turn, however many must end soon."""
    line = Line()
    patient = [line.join(), line.join()]

    def turn(now_s: float) -> object:
        line.join(now_s + 5)
        line.join(now_s + 5)
        return line.next(now_s)

    turns = [turn(100 + n / 20) for n in range(4)]

    assert [turn for turn in turns if turn in patient] == patient


def test_fifty_equal_jobs_are_seen_at_once_when_the_first_is_done() -> None:
    """50 jobs of 12 s: at most 100 looks, at most 25 in any second, none seen over 3 s late."""
    waits = Waits([12.0] * 50)
    run(waits.all())
    assert waits.timed_out == 0
    assert len(waits.gatekeeper.asked) <= 100
    assert waits.gatekeeper.most_in_a_second() <= 25
    assert max(waits.ended) <= 12 + 50 / 20 + 0.5


def test_many_who_come_late_do_not_all_look_at_once() -> None:
    """A hundred waits that begin when jobs are 5 s old: a few look for all of them."""
    waits = Waits([12.0] * 100)

    async def late() -> None:
        await waits.clock.sleep_async(5)
        await waits.all()

    run(late())

    assert len(waits.gatekeeper.asked) <= 150
    assert max(waits.ended) <= 12 + 100 / 20 + 1


def test_few_waits_are_left_alone() -> None:
    """Seven waits look when their own plans say so: nobody ends another's pause."""
    few, many = Waits([12.0] * 7), Waits([12.0] * 8)
    run(few.all())
    run(many.all())
    assert max(few.ended) - min(few.ended) > 0
    assert max(many.ended) - min(many.ended) < max(few.ended) - min(few.ended) + 0.5


def test_a_429_of_one_look_holds_all_of_them() -> None:
    """While the gateway refuses, only the burst under way and one look each pause reach it."""
    waits = Waits([12.0] * 40)
    waits.gatekeeper.refusing_until = 20.0
    run(waits.all())
    refused = [at for at in waits.gatekeeper.asked if at < 20]
    assert len(refused) <= 30
    assert waits.timed_out == 0


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_ten_thousand_stuck_jobs_end_their_waits_in_time() -> None:
    """When no job ever ends, every wait gives up at its deadline, however long the line is."""
    waits = Waits([1e9] * 10_000)
    run(waits.all(60))
    assert waits.timed_out == 10_000
    assert max(waits.ended) <= 62


def test_waits_that_are_cancelled_leave_the_line() -> None:
    """Those behind 1,000 cancelled waits do not wait for their turns."""

    async def main() -> None:
        clock = VirtualClock()
        fleet = Fleet(clock)
        gone = [asyncio.create_task(fleet.turn()) for _ in range(1000)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        assert await fleet.turn()
        assert clock.now() < 1

    run(main())


def test_whoever_cancels_all_tasks_can_go_on() -> None:
    """The sleeping task is one of them; another one serves those who come next."""

    async def main() -> None:
        fleet = Fleet(VirtualClock())
        gone = [asyncio.create_task(fleet.turn()) for _ in range(40)]
        await asyncio.sleep(0.1)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        assert await asyncio.wait_for(fleet.turn(), 5)
        await asyncio.gather(*gone, return_exceptions=True)

    run(main())


def test_single_looks_all_get_their_turns_however_many_begin_at_once() -> None:
    """A thousand looks leave at 20 a second and all bring a status, first come first."""
    waits = Waits([1e9] * 1000)

    statuses = run(waits.looks())

    assert [status.status for status in statuses] == ["PROCESSING"] * 1000
    assert waits.ended[-1] <= 1000 / 20 + 1
    assert waits.gatekeeper.most_in_a_second() <= 25


def test_a_single_look_is_told_soon_that_a_429_holds_everybody() -> None:
    """In a pause of a minute nobody who asks once is kept waiting to its end."""
    waits = Waits([1e9])

    async def refused() -> None:
        waits.fleet.heard(Reply(429, {"retry-after": "60"}, b"{}"))
        await waits.looks()

    with pytest.raises(GatewayUnreachable, match="its turn did not come in time"):
        run(refused())

    assert waits.gatekeeper.asked == []
    assert waits.ended[-1] < 5


def test_closing_lets_everybody_go() -> None:
    """Whoever waits for a turn or in a pause comes back when the client is closed."""

    async def main() -> None:
        fleet = Fleet(VirtualClock())
        waiting = [asyncio.create_task(fleet.turn()) for _ in range(50)]
        await asyncio.sleep(0)
        fleet.close()
        assert all(await asyncio.gather(*waiting))

    run(main())


TEN_THOUSAND = """
import json, random, re, sys
sys.path[:0] = {path!r}
import pixazo.exchange  # the HTTP library, as a client has it
from tests.client.fleet_waits import Waits
from tests.client.virtual_time import run
draw = random.Random(7)
waits = Waits([draw.uniform(30, 300) for _ in range(10_000)])
run(waits.all(3600))
asked = waits.gatekeeper.asked
print(json.dumps({{
    "ended": len(waits.ended),
    "timed_out": waits.timed_out,
    "last_s": max(waits.ended),
    "closest_s": min(b - a for a, b in zip(asked, asked[25:])),
    "megabytes": int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024,
}}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.slow
@pytest.mark.timeout(120)
def test_ten_thousand_jobs_are_all_delivered_from_one_small_process() -> None:
    """10,000 jobs of half to five minutes: none late, 25 looks a second, 100 MB at the peak."""
    code = TEN_THOUSAND.format(path=sys.path)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["ended"], seen["timed_out"]) == (10_000, 0)
    assert seen["closest_s"] >= 1 - 1e-3
    assert seen["last_s"] <= 3600
    assert seen["megabytes"] <= 100  # of this process alone: ru_maxrss would count its parent


def test_those_who_follow_keep_their_deadlines() -> None:
    """Where a few look for all, nobody's wait becomes longer than it was to be."""
    waits = Waits([1e9] * 40)
    run(waits.all(6))
    assert waits.timed_out == 40
    assert max(waits.ended) <= 6 + 40 / 20 + 0.5


def test_a_slow_scout_keeps_nobody_waiting_for_long() -> None:
    """When the first eight take a minute and the others seven seconds, those are seen by 20 s."""
    waits = Waits([60.0] * 8 + [7.0] * 32)
    run(waits.all())
    assert sorted(waits.ended)[31] <= 20


def test_the_first_end_is_seen_soon_however_long_jobs_take() -> None:
    """The few that look for all do it one after another, not all just before the end."""
    late_s: list[float] = []
    for half_seconds in range(16, 40):
        waits = Waits([half_seconds / 2] * 30)
        run(waits.all())
        late_s.append(min(waits.ended) - half_seconds / 2)
    assert max(late_s) <= 1.2


def test_the_oldest_look_for_all() -> None:
    """Of jobs that begin one after another they end first, and what they see ends all pauses."""
    late_s: list[float] = []
    for half_seconds in range(16, 30):
        waits = Waits([half_seconds / 2] * 50, apart_s=0.05)
        run(waits.all())
        late_s.append(max(waits.late))
    assert max(late_s) <= 1.2
    assert sum(late_s) / len(late_s) <= 0.7


def test_jobs_without_time_stamps_are_seen_soon_too() -> None:
    """Where the gateway names no times, what the first took here ends the others' pauses."""
    waits = Waits([7.0] * 40)
    waits.gatekeeper.names_times = False
    run(waits.all())
    assert max(waits.ended) <= 7 + 40 / 20 + 3


def test_waits_outlive_whoever_cancels_all_other_tasks() -> None:
    """A program that cancels what it does not know, its last waits excepted, still gets them."""
    waits = Waits([5.0] * 20)

    async def go() -> None:
        tasks = [asyncio.create_task(waits.one(number, 60.0)) for number in range(20)]
        await waits.clock.sleep_async(1)
        meant = {asyncio.current_task(), *tasks[-4:]}
        for task in asyncio.all_tasks() - meant:
            task.cancel()
        await asyncio.gather(*tasks[-4:])

    run(go())

    assert len(waits.ended) == 4
    assert waits.timed_out == 0
