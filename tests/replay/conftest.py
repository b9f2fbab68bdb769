"""Cassettes to play and a folder to write new ones into."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pixazo import AsyncPixazo, Pixazo
from pixazo.pace import PastDurations
from tests.deck.playing import FakeClock, downloader_for, playing
from tests.deck.tapes import Tape
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
                    return walk(client, tape.journey, folder, downloader=downloader_for(tape))
            return asyncio.run(self._play_async(options, tape, folder))

    async def _play_async(self, options: Any, tape: Tape, folder: Path) -> Any:
        async with AsyncPixazo(KEY, **options) as client:
            downloader = downloader_for(tape)
            return await walk_async(client, tape.journey, folder, downloader=downloader)


@pytest.fixture
def player() -> Player:
    return Player()
