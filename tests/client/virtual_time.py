"""An event loop whose time passes only when nothing is left to do: hours in a moment."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
START = 1774951200.0  # 2026-03-31T10:00:00Z


class _Selector(selectors.SelectSelector):
    """A selector that does not wait: it moves the loop's time on."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.at += timeout or 0.0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.at


class VirtualClock:
    """The loop's time as a client's clock."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def time(self) -> float:
        return START + self.now()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"a coroutine must not block for {seconds} s")

    async def sleep_async(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
