"""Cassettes to play and a folder to write new ones into."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pixazo import AsyncPixazo, Pixazo
from pixazo.polling import PastDurations
from tests.deck.playing import FakeClock, playing
from tests.deck.walks import walk, walk_async

KEY = "a-key-of-the-tests"


class Player:
    """Walks the journey of a cassette with the public client, in either colour."""

    def __init__(self) -> None:
        self.clock = FakeClock()

    def play(self, path: Path, folder: Path, colour: str = "sync") -> Any:
        """How the journey ends."""
        with playing(path) as tape:
            options: Any = {
                "base_url": tape.origin.gateway,
                "clock": self.clock,
                "durations": PastDurations(),
            }
            if colour == "sync":
                with Pixazo(KEY, **options) as client:
                    return walk(client, tape.journey, folder)
            return asyncio.run(self._play_async(options, tape.journey, folder))

    async def _play_async(self, options: Any, journey: Any, folder: Path) -> Any:
        async with AsyncPixazo(KEY, **options) as client:
            return await walk_async(client, journey, folder)


@pytest.fixture
def player() -> Player:
    return Player()


@pytest.fixture(scope="session")
def transport() -> Iterator[httpx2.HTTPTransport]:
    """One connection pool for all tests: to make one takes longer than a test."""
    with httpx2.HTTPTransport() as shared:
        yield shared
