"""A fake gateway, a driven clock, and one caller for each colour of the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pixazo import AsyncPixazo, PastDurations, Pixazo, Result, Status
from tests.client.gateway import KEY, FakeGateway


class DrivenClock:
    """A clock on which sleeping takes no time; it starts when the gateway's examples do."""

    def __init__(self) -> None:
        self.at = 0.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return 1000.0 + self.at

    def time(self) -> float:
        return 1774951200.0 + self.at  # 2026-03-31T10:00:00Z

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.at += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


class Blocking:
    """Calls through `Pixazo`."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    def generate(self, request: Any, **options: Any) -> Result:
        with Pixazo(**self._settings) as client:
            return client.generate(request, **options)

    def submit(self, request: Any, **options: Any) -> str:
        with Pixazo(**self._settings) as client:
            return client.submit(request, **options).token()

    def wait(self, id_or_token: str, **options: Any) -> Result:
        with Pixazo(**self._settings) as client:
            return client.job(id_or_token).wait(**options)

    def watch(self, id_or_token: str, **options: Any) -> list[Status]:
        with Pixazo(**self._settings) as client:
            return list(client.job(id_or_token).watch(**options))

    def status(self, id_or_token: str) -> Status:
        with Pixazo(**self._settings) as client:
            return client.job(id_or_token).status()

    def save(self, result: Result, folder: Any) -> list[Any]:
        return result.save(folder)


class Asyncio:
    """Calls through `AsyncPixazo`."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    def generate(self, request: Any, **options: Any) -> Result:
        async def call() -> Result:
            async with AsyncPixazo(**self._settings) as client:
                return await client.generate(request, **options)

        return asyncio.run(call())

    def submit(self, request: Any, **options: Any) -> str:
        async def call() -> str:
            async with AsyncPixazo(**self._settings) as client:
                return (await client.submit(request, **options)).token()

        return asyncio.run(call())

    def wait(self, id_or_token: str, **options: Any) -> Result:
        async def call() -> Result:
            async with AsyncPixazo(**self._settings) as client:
                return await client.job(id_or_token).wait(**options)

        return asyncio.run(call())

    def watch(self, id_or_token: str, **options: Any) -> list[Status]:
        async def call() -> list[Status]:
            async with AsyncPixazo(**self._settings) as client:
                return [status async for status in client.job(id_or_token).watch(**options)]

        return asyncio.run(call())

    def status(self, id_or_token: str) -> Status:
        async def call() -> Status:
            async with AsyncPixazo(**self._settings) as client:
                return await client.job(id_or_token).status()

        return asyncio.run(call())

    def save(self, result: Result, folder: Any) -> list[Any]:
        return asyncio.run(result.save_async(folder))


Caller = Blocking | Asyncio


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    server = FakeGateway()
    yield server
    server.close()


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.fixture(params=[Blocking, Asyncio], ids=["sync", "async"])
def calling(
    request: pytest.FixtureRequest, gateway: FakeGateway, clock: DrivenClock
) -> Callable[..., Caller]:
    """Return what makes a caller with other settings."""

    def make(**settings: Any) -> Caller:
        usual = {
            "api_key": KEY,
            "base_url": gateway.url,
            "clock": clock,
            "durations": PastDurations(),
        }
        caller: Caller = request.param(**{**usual, **settings})
        return caller

    return make


@pytest.fixture
def caller(calling: Callable[..., Caller]) -> Caller:
    return calling()
