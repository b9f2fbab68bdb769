"""Client, receiver and sandbox together: waiting is fed by callbacks, and polling is behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from pixazo import AsyncPixazo, Pixazo, QwenImageMax, Result
from pixazo.sandbox import Sandbox
from pixazo.webhooks import Receiver, Server, listening

LATENCY_S = 0.3  # without a callback, the first look at a model never seen comes some seconds later


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(latency=LATENCY_S) as sandbox:
        yield sandbox


@pytest.fixture
def receiver() -> Receiver:
    return Receiver("http://127.0.0.1:1/never-called")


def rebased(receiver: Receiver, port: int) -> Receiver:
    """Give the receiver the address it really has; tests take any free port."""
    receiver.base = f"http://127.0.0.1:{port}/hooks"
    return receiver


def looks(sandbox: Sandbox) -> int:
    return sum(entry.method == "GET" and "/status/" in entry.path for entry in sandbox.journal)


def wait_blocking(sandbox: Sandbox, receiver: Receiver, timeout_s: float) -> Result:
    with listening(receiver) as port, Pixazo("any", base_url=sandbox.url) as client:
        job = client.submit(QwenImageMax(prompt="fog"), webhook=rebased(receiver, port))
        return job.wait(timeout=timeout_s)


async def wait_async(sandbox: Sandbox, receiver: Receiver, timeout_s: float) -> Result:
    async with Server(receiver) as server, AsyncPixazo("any", base_url=sandbox.url) as client:
        webhook = rebased(receiver, server.port)
        job = await client.submit(QwenImageMax(prompt="fog"), webhook=webhook)
        return await job.wait(timeout=timeout_s)


@pytest.fixture(params=["sync", "async"])
def wait(request: pytest.FixtureRequest, sandbox: Sandbox, receiver: Receiver):
    """Submit a job with the receiver, wait for it, and return the result and the seconds."""

    def run(timeout_s: float = 15) -> tuple[Result, float]:
        started = time.monotonic()
        if request.param == "sync":
            result = wait_blocking(sandbox, receiver, timeout_s)
        else:
            result = asyncio.run(wait_async(sandbox, receiver, timeout_s))
        return result, time.monotonic() - started

    return run


def test_callback_ends_the_wait(sandbox, receiver, wait):
    """With a callback, a job costs two requests and its end is known at once."""
    result, took_s = wait()

    assert result.media
    assert looks(sandbox) == 1
    assert LATENCY_S <= took_s < LATENCY_S + 1.5
    assert receiver.stats["hint"] == 1


@pytest.mark.parametrize(
    "fault", ["callback-duplicate", "callback-reorder", "callback-garbage", "callback-forged"]
)
def test_odd_callbacks_do_no_harm(sandbox, receiver, wait, fault):
    """Repeated, reordered, unreadable and forged news lead to the true result all the same."""
    sandbox.faults.add(fault)

    result, took_s = wait()

    assert result.media
    assert result.request_id.startswith("qwen-image-max_")
    assert took_s < LATENCY_S + 3
    assert looks(sandbox) <= 3


def test_early_callback_is_no_news(sandbox, receiver, wait):
    """A callback that tells the end too early is checked, and polling finds the real end."""
    sandbox.faults.add("callback-early")

    result, took_s = wait()

    assert result.media
    assert took_s >= LATENCY_S


def test_lost_callback_costs_time_only(sandbox, receiver, wait):
    """When no callback comes, a look ends the wait, at its deadline at the latest."""
    sandbox.faults.add("callback-drop")

    result, _ = wait(timeout_s=1)

    assert result.media
    assert receiver.stats == {}
    assert looks(sandbox) >= 1
