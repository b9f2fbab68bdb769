"""The two drivers of a plan, one blocking and one asynchronous; all decisions are the plan's."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar, cast

import httpx2

from pixazo.clock import Clock
from pixazo.downloads import steps
from pixazo.downloads.watchdog import Watchdog
from pixazo.errors import PixazoError

__all__ = ["AsyncHands", "Hands", "Resolver", "resolve", "run", "run_async"]

T = TypeVar("T")
Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
NO_REUSE = httpx2.Limits(max_keepalive_connections=0)  # a pool keyed by number would mix up names


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the order the system prefers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def run(plan: steps.Plan[T], hands: Hands) -> T:
    """Carry a plan out, blocking, and return its result."""
    try:
        step = next(plan)
        while True:
            try:
                answer = hands.do(step)
            except (steps.LineBroke, PixazoError) as error:
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        plan.close()
        hands.close()


async def run_async(plan: steps.Plan[T], hands: AsyncHands) -> T:
    """Carry a plan out while other tasks run, and return its result."""
    try:
        step = next(plan)
        while True:
            try:
                answer = await hands.do(step)
            except (steps.LineBroke, PixazoError) as error:
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        plan.close()
        await hands.close()


class Hands:
    """Does the steps of a plan one after the other, blocking.

    Args:
        tls: Which certificates are trusted.
        resolver: Names the addresses of a host.
        clock: Waits.
    """

    def __init__(self, tls: ssl.SSLContext, resolver: Resolver, clock: Clock) -> None:
        self._transport = httpx2.HTTPTransport(verify=tls, limits=NO_REUSE)
        self._resolver, self._clock = resolver, clock
        self._answer: httpx2.Response | None = None
        self._chunks: Iterator[bytes] = iter(())
        self._watchdog = Watchdog()

    def do(self, step: steps.Step) -> object:
        """Do one step and return its answer."""
        match step:
            case steps.Resolve():
                return self._resolve(step)
            case steps.Fetch():
                return self._fetch(step)
            case steps.Read():
                with _line():
                    return next(self._chunks, b"")
            case steps.Drop():
                self._drop()
            case steps.Pause():
                self._clock.sleep(step.seconds)
            case steps.Work():
                return step.act()
        return None

    def _resolve(self, step: steps.Resolve) -> tuple[str, ...]:
        """Resolve in a thread of its own: the system's resolver knows no time-out."""
        found: Future[tuple[str, ...]] = Future()

        def look() -> None:
            try:
                found.set_result(tuple(self._resolver(step.target.host, step.target.port)))
            except Exception as error:  # noqa: BLE001 (it belongs to whoever waits)
                found.set_exception(error)

        threading.Thread(target=look, daemon=True, name="pixazo-resolve").start()
        with _name():
            return found.result(min(step.within_s, threading.TIMEOUT_MAX))

    def _fetch(self, step: steps.Fetch) -> steps.Head:
        self._drop()
        self._watchdog.start(step.within_s)
        with _line():
            request = _request(step, self._watchdog.trace)
            self._answer = self._transport.handle_request(request)
            self._chunks = self._answer.iter_raw()
        return _head(self._answer)

    def _drop(self) -> None:
        self._watchdog.stop()
        answer, self._answer, self._chunks = self._answer, None, iter(())
        if answer is not None:
            answer.close()

    def close(self) -> None:
        """Let go of everything."""
        self._drop()
        self._transport.close()


class AsyncHands:
    """Does the steps of a plan one after the other while other tasks run.

    Args:
        tls: Which certificates are trusted.
        resolver: Names the addresses of a host; runs in a thread.
        clock: Waits.
    """

    def __init__(self, tls: ssl.SSLContext, resolver: Resolver, clock: Clock) -> None:
        self._transport = httpx2.AsyncHTTPTransport(verify=tls, limits=NO_REUSE)
        self._resolver, self._clock = resolver, clock
        self._answer: httpx2.Response | None = None
        self._chunks: AsyncIterator[bytes] = _nothing()

    async def do(self, step: steps.Step) -> object:
        """Do one step and return its answer."""
        match step:
            case steps.Resolve():
                return await self._resolve(step)
            case steps.Fetch():
                return await self._fetch(step)
            case steps.Read():
                with _line():
                    async with asyncio.timeout(step.within_s):
                        return await anext(self._chunks, b"")
            case steps.Drop():
                await self._drop()
            case steps.Pause():
                await self._clock.sleep_async(step.seconds)
            case steps.Work():
                return await _to_the_end(asyncio.to_thread(step.act))
        return None

    async def _resolve(self, step: steps.Resolve) -> tuple[str, ...]:
        look = asyncio.to_thread(self._resolver, step.target.host, step.target.port)
        with _name():
            return tuple(await asyncio.wait_for(look, step.within_s))

    async def _fetch(self, step: steps.Fetch) -> steps.Head:
        await self._drop()
        connected = _Connected()
        try:
            with _line():
                async with asyncio.timeout(step.within_s):
                    request = _request(step, connected.trace)
                    self._answer = await self._transport.handle_async_request(request)
        except BaseException:
            await connected.close()
            raise
        self._chunks = self._answer.aiter_raw()
        return _head(self._answer)

    async def _drop(self) -> None:
        answer, self._answer, self._chunks = self._answer, None, _nothing()
        if answer is not None:
            await answer.aclose()

    async def close(self) -> None:
        """Let go of everything."""
        await self._drop()
        await self._transport.aclose()


class _Connected:
    """Holds a new connection: the transport forgets it when a handshake is cut short."""

    def __init__(self) -> None:
        self._stream: Any = None

    async def trace(self, event: str, details: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._stream = details["return_value"]

    async def close(self) -> None:
        if self._stream is not None:
            await self._stream.aclose()


def _request(step: steps.Fetch, trace: Callable[[str, Any], object]) -> httpx2.Request:
    """A GET to the judged address that still names, and verifies, the host it is meant for."""
    times = {"connect": min(step.connect_s, step.within_s), "pool": step.connect_s}
    times |= {"read": min(step.stall_s, step.within_s), "write": step.stall_s}
    extensions: dict[str, Any] = {"timeout": times, "trace": trace}
    if step.target.is_https:
        extensions["sni_hostname"] = step.target.host
    headers = {"host": step.target.host_header, "connection": "close", **step.headers}
    url = step.target.url.copy_with(host=step.address)
    return httpx2.Request("GET", url, headers=headers, extensions=extensions)


def _head(answer: httpx2.Response) -> steps.Head:
    return steps.Head(answer.status_code, dict(answer.headers.items()))


@contextmanager
def _name() -> Generator[None]:
    """Tell the plan of a name without an address."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        why = str(error) or "the name was not resolved in time"
        raise steps.LineBroke(f"the name cannot be resolved: {why}", connected=False) from error


@contextmanager
def _line() -> Generator[None]:
    """Tell the plan of a broken line in its own words."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise steps.LineBroke(_words(error), connected=False) from error
    except (httpx2.TransportError, httpx2.StreamError, TimeoutError) as error:
        raise steps.LineBroke(_words(error)) from error


def _words(error: Exception) -> str:
    return str(error) or {"TimeoutError": "out of time"}.get(type(error).__name__, repr(error))


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _to_the_end(work: Coroutine[Any, Any, object]) -> object:
    """Wait for work on the disk even when cancelled: half of it must not go on alone."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
