"""Processes that die on the way to a picture, for tests: one line on stdin, one process, one line.

A line is a JSON object: where the ledger, the folder and the gateway are, what is asked under which
key, and at which point to die. Points are passed before and after each commit, each call to the
gateway, each chunk of a download, each rename. The answer is the exit status; -9 is a kill.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any

import httpx2
from pixazo_openapi import schema

from pixazo import AsyncPixazo, OutcomeUnknown, Pixazo, request_from_dict
from pixazo.books import paying  # noqa: F401  (loaded once, not by every process)
from pixazo.downloads import disk, drivers, parts  # noqa: F401
from pixazo.exchange import AsyncExchange, Exchange
from tests.client.quick import QuickClock

UNKNOWN = 7


def die_at(wanted: int) -> None:
    """Kill this process at its n-th point."""
    passed = iter(range(1_000_000))

    def point() -> None:
        if next(passed) == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    class Dying(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql != "commit":
                return super().execute(sql, *args)
            point()
            done = super().execute(sql, *args)
            point()
            return done

    def around(home: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(home, name)

        @wraps(inner)
        def outer(*args: Any, **more: Any) -> Any:
            point()
            done = inner(*args, **more)
            point()
            return done

        @wraps(inner)
        async def outer_async(*args: Any, **more: Any) -> Any:
            point()
            done = await inner(*args, **more)
            point()
            return done

        setattr(home, name, outer_async if asyncio.iscoroutinefunction(inner) else outer)

    sqlite3.connect = partial(sqlite3.connect, factory=Dying)  # type: ignore[assignment]
    around(Exchange, "send")
    around(AsyncExchange, "send")
    around(parts.Part, "write")
    around(disk, "put")


def work(order: Any) -> None:
    """Bring the pictures of all keys home; write down how each ended when that is asked for."""
    request = request_from_dict(order["request"])
    settings = {
        "base_url": order["url"],
        "ledger": order["ledger"],
        "assume_price": "0.05",
        "clock": QuickClock(),
    }
    if order.get("is_async"):
        asyncio.run(work_async(order, request, settings))
        return
    with Pixazo("any", **settings) as client:
        for key in order["keys"]:
            with noting(order, key):
                client.generate(request, key=key).save(Path(order["out"], key))


async def work_async(order: Any, request: Any, settings: Any) -> None:
    """Bring them home with the other client."""
    async with AsyncPixazo("any", **settings) as client:
        for key in order["keys"]:
            with noting(order, key):
                result = await client.generate(request, key=key)
                await result.save_async(Path(order["out"], key))


@contextmanager
def noting(order: Any, key: str) -> Iterator[None]:
    """Add a line on how a key ended, when there are several."""
    code = 0
    try:
        yield
    except OutcomeUnknown:
        code = UNKNOWN
        if order["report"] is None:
            raise
    if order["report"] is not None:
        with Path(order["report"]).open("a") as report:
            print(key, code, file=report)


def run(order: Any) -> int:
    """Return how a process that does this ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        die_at(order["point"])
        work(order)
    except OutcomeUnknown:
        os._exit(UNKNOWN)
    except BaseException:  # noqa: BLE001  (a child must not go on as its parent)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Run each line's order; what takes long to make is made here, once."""
    for late in ("anyio._backends._asyncio", "encodings.idna"):
        importlib.import_module(late)
    schema.document()
    tls = httpx2.create_ssl_context()
    httpx2.create_ssl_context = lambda *_, **__: tls
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
