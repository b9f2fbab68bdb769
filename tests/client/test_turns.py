"""One blocking client in many threads: turns within one budget, and a 429 that holds everybody."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixazo import (
    AsyncPixazo,
    GatewayUnreachable,
    Pixazo,
    QwenImage,
    QwenImageEditPlusLora,
    RateLimited,
    Result,
    WaitTimedOut,
)
from pixazo.clock import SystemClock
from pixazo.fleet import Budget, Turns
from pixazo.sandbox import Sandbox
from pixazo.steps import Outcome, Reply
from tests.client.conftest import DrivenClock
from tests.client.gateway import ID, KEY, Answer, FakeGateway, Silence

# 25 leave in a second; on a busy machine some come late, and so with those behind them.
BUNCHED = 32
NOT_YET = Reply(200, {}, b"{}")


class Threads:
    """A clock on which others may come while one sleeps; sleeps are written down.

    Args:
        meanwhile: Called in each sleep, with its end.
    """

    def __init__(self, meanwhile: Callable[[float], object] = lambda _: None) -> None:
        self.at = 0.0
        self.woken_s: list[float] = []
        self.meanwhile = meanwhile

    def now(self) -> float:
        return self.at

    def time(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        end_s = self.at + seconds
        self.woken_s.append(end_s)
        self.meanwhile(end_s)
        self.at = end_s

    async def sleep_async(self, seconds: float) -> None:
        raise NotImplementedError

    def left_s(self, turns: Turns) -> float:
        """Return when somebody who comes now may leave."""
        assert turns.turn()
        return self.at


@given(st.integers(1, 50), st.integers(1, 8), st.lists(st.floats(0, 2), max_size=60))
def test_no_span_holds_more_requests_than_the_budget_says(
    per_s: int, burst: int, rests: list[float]
) -> None:
    """Whenever threads come, t seconds hold at most burst + rate x t requests, first come first."""
    clock = Threads()
    turns = Turns(clock, Budget(per_s, burst))
    left = []
    for rest_s in rests:
        clock.at += rest_s if rest_s > 1 else 0.0
        left.append(clock.left_s(turns))
    assert left == sorted(left)
    for first, start_s in enumerate(left):
        for count, end_s in enumerate(left[first:], 1):
            assert count <= burst + per_s * (end_s - start_s) + 0.01


def test_whoever_comes_while_a_429_holds_leaves_no_burst_behind() -> None:
    """After the pause that a 429 asks for, requests leave at half the rate, not all at once."""
    clock = Threads()
    turns = Turns(clock, Budget(20, 5))

    assert turns.turn()
    turns.heard(Reply(429, {"retry-after": "3"}, b"{}"))
    left = [clock.left_s(turns) for _ in range(20)]

    assert min(left) == pytest.approx(3.0)
    assert sum(at < 3.01 for at in left) <= 5
    assert max(left) == pytest.approx(3 + 15 / 10)


def test_whoever_sleeps_when_a_429_comes_waits_for_its_end() -> None:
    """A place that was taken before the refusal is given up for one after it."""
    budget = Budget(20, 1)

    def refuse(until_s: float) -> None:
        if until_s < 1:
            budget.refused(until_s, 3.0)

    clock = Threads(refuse)
    turns = Turns(clock, budget)

    assert turns.turn()
    assert turns.turn()
    assert clock.at >= 3.05


class Quick:
    """The machine's clock, a hundred times as fast."""

    def now(self) -> float:
        return 100 * time.monotonic()

    def time(self) -> float:
        return 100 * time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 100)

    async def sleep_async(self, seconds: float) -> None:
        raise NotImplementedError


def test_threads_that_wait_leave_sooner_when_the_rate_recovers() -> None:
    """Many 429s make the rate low; once answers are good again nobody waits at the low rate."""
    budget, clock = Budget(20, 1), Quick()
    turns = Turns(clock, budget)
    for at_s in range(-10, 0):
        budget.refused(clock.now() + 2 * at_s)
    began_s = clock.now()

    def look() -> Outcome:
        assert turns.turn()
        return turns.heard(NOT_YET)

    with ThreadPoolExecutor(40) as threads:
        waits = [threads.submit(look) for _ in range(40)]

    assert all(wait.result() is NOT_YET for wait in waits)
    assert clock.now() - began_s < 40


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    """Who stood first when a process was forked is not in the child, which takes its own turn."""
    clock = Threads()
    turns = Turns(clock, Budget(1, 1))

    def fork(_: float) -> None:
        clock.meanwhile = lambda _: None
        child = os.fork()
        if child == 0:
            os._exit(0 if turns.turn(1.0) else 1)
        assert os.waitpid(child, 0)[1] == 0

    assert turns.turn()
    clock.meanwhile = fork
    assert turns.turn()


def test_a_turn_that_would_come_too_late_is_not_waited_for() -> None:
    """Who may wait half a second gets no turn that is later; others lose nothing."""
    clock = Threads()
    turns = Turns(clock, Budget(1, 1))

    assert turns.turn()
    assert not turns.turn(0.5)
    assert clock.woken_s == []
    assert turns.turn()
    assert clock.woken_s == [1.0]


REQUEST = QwenImageEditPlusLora(prompt="fog", image_urls=["https://example.com/a.png"])


def submit_in_threads(url: str, count: int) -> list[str]:
    """Send requests from as many threads, and return their ids."""
    with Pixazo("any", base_url=url) as client, ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda _: client.submit(REQUEST).request_id, range(count)))


async def submit_in_tasks(url: str, count: int) -> list[str]:
    """Do the same with asyncio."""
    async with AsyncPixazo("any", base_url=url) as client:
        jobs = await asyncio.gather(*(client.submit(REQUEST) for _ in range(count)))
    return [job.request_id for job in jobs]


def busiest_second(sandbox: Sandbox) -> int:
    """Return the most paid requests that came within a second."""
    came = [entry.time for entry in sandbox.journal if entry.method == "POST"]
    return max(sum(at <= other < at + 1 for other in came) for at in came)


def test_threads_of_one_client_keep_to_25_requests_a_second() -> None:
    """Forty threads that begin at once reach the gateway within the budget, and all get a job."""
    with Sandbox(latency=60, balance=100) as sandbox:
        ids = submit_in_threads(sandbox.url, 40)

        assert len(set(ids)) == len(sandbox.jobs) == 40
        assert busiest_second(sandbox) <= BUNCHED


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_is_sent_again_takes_a_turn_like_what_is_new(colour: str) -> None:
    """Thirty requests that the gateway refuses for now do not come back all at once."""
    refusals = {"fault": "500", "stage": "submit", "times": 30}
    with Sandbox(latency=60, balance=100, faults=[refusals]) as sandbox:
        if colour == "sync":
            ids = submit_in_threads(sandbox.url, 30)
        else:
            ids = asyncio.run(submit_in_tasks(sandbox.url, 30))

        assert len(set(ids)) == len(sandbox.jobs) == 30
        assert sum(entry.method == "POST" for entry in sandbox.journal) == 60
        assert busiest_second(sandbox) <= BUNCHED


def look_and_generate(url: str, clock: DrivenClock, timeout: float) -> Result:
    """Look at a job, which is refused, and generate with the same client."""
    with Pixazo(KEY, base_url=url, clock=clock) as client:
        with pytest.raises(RateLimited):
            client.job(ID).status()
        return client.generate(QwenImage(prompt="fog"), timeout=timeout)


async def look_and_generate_async(url: str, clock: DrivenClock, timeout: float) -> Result:
    """Do the same with asyncio."""
    async with AsyncPixazo(KEY, base_url=url, clock=clock) as client:
        with pytest.raises(RateLimited):
            await client.job(ID).status()
        return await client.generate(QwenImage(prompt="fog"), timeout=timeout)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_429_never_makes_a_call_outlast_its_timeout(
    colour: str, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """What cannot begin in time is not sent at all; with time enough it waits for its turn."""
    gateway.get(Answer(429, {}, {"Retry-After": "30"}))
    gateway.post(Answer(200, {"output": f"{gateway.url}/media/0.png"}))

    def generate(timeout: float) -> Result:
        if colour == "sync":
            return look_and_generate(gateway.url, clock, timeout)
        return asyncio.run(look_and_generate_async(gateway.url, clock, timeout))

    began_s = clock.at
    with pytest.raises(GatewayUnreachable, match="was not sent: its turn") as caught:
        generate(5)
    assert clock.at - began_s <= 5
    assert (caught.value.charged, gateway.count("POST")) == ("no", 0)

    assert generate(60).media
    assert clock.at - began_s >= 30
    assert gateway.count("POST") == 1


def pay_and_look(url: str, clock: DrivenClock) -> None:
    """Send a paid request, which is refused, and look at a job with the same client."""
    with Pixazo(KEY, base_url=url, clock=clock, attempts=1) as client:
        with pytest.raises(RateLimited):
            client.generate(QwenImage(prompt="fog"))
        client.job(ID).status()


async def pay_and_look_async(url: str, clock: DrivenClock) -> None:
    """Do the same with asyncio."""
    async with AsyncPixazo(KEY, base_url=url, clock=clock, attempts=1) as client:
        with pytest.raises(RateLimited):
            await client.generate(QwenImage(prompt="fog"))
        await client.job(ID).status()


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_429_of_a_paid_request_holds_looks_back_too(
    colour: str, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """Whoever met the 429, a look waits for the end of the pause that it asks for."""
    gateway.post(Answer(429, {}, {"Retry-After": "4"}))

    if colour == "sync":
        pay_and_look(gateway.url, clock)
    else:
        asyncio.run(pay_and_look_async(gateway.url, clock))

    assert clock.at == pytest.approx(4)
    assert (gateway.count("POST"), gateway.count("GET")) == (1, 1)


def wait_behind_a_429(url: str, timeout: float) -> None:
    """Wait for a job whose next look is held back by the 429 that another call met."""
    with Pixazo(KEY, base_url=url, attempts=1) as client:
        job = client.job(ID)
        with pytest.raises(RateLimited):
            client.generate(QwenImage(prompt="fog"))
        with pytest.raises(WaitTimedOut):
            job.wait(timeout)


async def wait_behind_a_429_async(url: str, timeout: float) -> None:
    """Do the same with asyncio."""
    async with AsyncPixazo(KEY, base_url=url, attempts=1) as client:
        job = client.job(ID)
        with pytest.raises(RateLimited):
            await client.generate(QwenImage(prompt="fog"))
        with pytest.raises(WaitTimedOut):
            await job.wait(timeout)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_look_that_waited_for_its_turn_has_what_is_left_of_the_time(
    colour: str, gateway: FakeGateway
) -> None:
    """A wait ends at its deadline, though its turn came late and the gateway says nothing then."""
    gateway.post(Answer(429, {}, {"Retry-After": "2"}))
    gateway.get(Silence(10))

    began_s = time.monotonic()
    if colour == "sync":
        wait_behind_a_429(gateway.url, 2.5)
    else:
        asyncio.run(wait_behind_a_429_async(gateway.url, 2.5))

    assert 2.5 <= time.monotonic() - began_s < 4.2
    assert gateway.count("GET") >= 1


def test_turns_come_in_the_order_in_which_threads_came() -> None:
    """Nobody who comes again at once goes before those who wait, however busy the machine is."""
    turns, ends_s = Turns(SystemClock(), Budget(500, 1)), time.monotonic() + 2

    def come(_: int) -> int:
        count = 0
        while time.monotonic() < ends_s:
            count += turns.turn()
        return count

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(come, range(8)))

    assert max(counts) <= 1.5 * min(counts)


def test_no_thread_stands_in_line_for_a_turn_that_cannot_come_in_time() -> None:
    """When a 429 holds everybody for half a minute, who has less hears it at once."""
    budget = Budget()
    clock, began_s, came = Threads(), time.monotonic(), list[bool]()
    turns = Turns(clock, budget)
    budget.refused(0, 30)
    clock.meanwhile = lambda _: came.append(turns.turn(8))

    assert turns.turn()

    assert came == [False]
    assert time.monotonic() - began_s < 2


def test_no_task_stands_in_line_for_a_turn_that_cannot_come_in_time(gateway: FakeGateway) -> None:
    """The same with asyncio: who has less time than the 429 asks for sends nothing, and says so."""
    gateway.post(Answer(429, {}, {"Retry-After": "30"}))
    began_s = time.monotonic()

    async def go() -> None:
        async with AsyncPixazo(KEY, base_url=gateway.url, attempts=1) as client:
            with pytest.raises(RateLimited):
                await client.generate(QwenImage(prompt="fog"))
            with pytest.raises(GatewayUnreachable, match="its turn would have left too little"):
                await client.generate(QwenImage(prompt="rain"), timeout=8)

    asyncio.run(go())

    assert time.monotonic() - began_s < 2
