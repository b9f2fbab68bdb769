"""One call, one answer, within its time: the only place where bytes meet the gateway.

Calls go to the transport itself. A client of httpx2 would add redirects, cookies, logins from a
.netrc and log lines with whole addresses, none of which we want, and two fifths of the CPU time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from functools import lru_cache
from importlib import metadata
from typing import Any, cast

import httpx2

from pixazo.connections import async_transport, ends_at, sync_transport
from pixazo.settings import Gateway, Key
from pixazo.steps import Call, Failure, Outcome, Reply
from pixazo.transport import AsyncKeyLock, KeyLock

__all__ = ["AsyncExchange", "Exchange"]

MOST_BYTES = 4 * 2**20
CONNECT_S = 10.0
SHORTEST_SECRET = 8  # a shorter key is a word of a test; taking it out would tear answers
NO_TIME = Failure("no time was left", sent=False)
TIMED_OUT = (TimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout)
TROUBLE = (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError)
# Raised before a byte of the request leaves: a refused proxy tunnel, a header that cannot be
# written (LocalProtocolError) and a host that no resolver takes (UnicodeError) included.
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.InvalidURL,
    httpx2.LocalProtocolError,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    UnicodeError,
)


def _agent() -> str:
    try:
        return f"pixazo/{metadata.version('pixazo')}"
    except metadata.PackageNotFoundError:  # vendored
        return "pixazo"


class _Departure:
    """Whether a request has begun to leave; what its proxy is asked before that is not it."""

    def __init__(self, *, left: bool) -> None:
        self.left = left

    def hear(self, event: str, about: Mapping[str, Any]) -> None:
        """Take in what the HTTP library does."""
        if event == "http11.send_request_headers.started" and about["request"].method != b"CONNECT":
            self.left = True

    async def hear_async(self, event: str, about: Mapping[str, Any]) -> None:
        """Do as `hear`."""
        self.hear(event, about)


class _Wire:
    """What both colours of the exchange share: how a call looks, what may be repeated of it."""

    def __init__(self, key: Key, gateway: Gateway, *, proxied: bool) -> None:
        self._gateway, self._proxied = gateway, proxied
        self._clean = _cleaner(key)
        # `identity`: a small answer must not unpack into a large one.
        self._headers = [
            ("Accept", "application/json"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", _agent()),
        ]

    def _request(self, call: Call, hear: Callable[..., object]) -> httpx2.Request:
        url = _url(self._gateway.address(call.path))
        headers = [("Host", url.netloc.decode("ascii")), *self._headers, *call.headers.items()]
        if call.body is not None:
            length = str(len(call.body))
            headers += [("Content-Length", length), ("Content-Type", "application/json")]
        timeout: dict[str, float] = dict.fromkeys(("read", "write", "pool"), call.timeout_s)
        timeout["connect"] = _connect_s(call)
        # A stream, since the library's own way from bytes to a request costs three times as much.
        request = httpx2.Request(
            call.method,
            url,
            headers=headers,
            stream=httpx2.ByteStream(call.body or b""),
            extensions={"timeout": timeout, **({"trace": hear} if self._proxied else {})},
        )
        request.read()  # for transports that ask for its content
        return request

    def _failure(self, error: BaseException, call: Call, departure: _Departure) -> Failure:
        sent = departure.left and not isinstance(error, NOT_SENT)
        if isinstance(error, TIMED_OUT):
            who = "" if sent else " of the proxy"
            return Failure(f"no answer{who} within {round(call.timeout_s, 1):g} s", sent=sent)
        if isinstance(error, httpx2.ConnectTimeout):
            return Failure(f"no connection within {_connect_s(call):.2g} s", sent=False)
        return Failure(self._words(error), sent=sent)

    def _broken(self, error: BaseException, call: Call) -> str:
        """Return why an answer is not whole."""
        return _late(call) if isinstance(error, TIMED_OUT) else self._words(error)

    def _words(self, error: BaseException) -> str:
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if isinstance(error, httpx2.ConnectError) and self._gateway.loopback:
            words += "; is `pixazo sandbox` running?"
        return self._clean(words.encode(errors="replace")).decode()

    def _reply(self, response: httpx2.Response, content: bytearray, broken: str) -> Reply:
        headers = {
            name.lower(): self._clean(value.encode()).decode()
            for name, value in response.headers.items()
        }
        return Reply(response.status_code, headers, self._clean(bytes(content)), broken)


@lru_cache(maxsize=256)
def _url(address: str) -> httpx2.URL:
    """Return an address taken apart, once for all looks at a job."""
    return httpx2.URL(address)


def _cleaner(key: Key) -> Callable[[bytes], bytes]:
    """Return what takes an echoed key out of an answer."""

    if len(key.reveal()) < SHORTEST_SECRET:
        return lambda content: content
    spellings = tuple(spelling.encode() for spelling in key.spellings())

    def clean(content: bytes) -> bytes:
        for spelling in spellings:
            content = content.replace(spelling, b"[API key]")
        return content

    return clean


def _connect_s(call: Call) -> float:
    return min(CONNECT_S, 0.9 * call.timeout_s)  # earlier, so that "not sent" is known as such


def _too_much(content: bytearray) -> str:
    return "" if len(content) <= MOST_BYTES else f"the answer passed {MOST_BYTES} bytes"


def _late(call: Call) -> str:
    return f"the answer took over {call.timeout_s:.4g} s"


class Exchange(_Wire):
    """Calls to the gateway over real sockets: one connection for each paid call, few for polls.

    Args:
        key: The API key.
        header: The name of the header that carries it.
        gateway: Where calls go.
        transport: Sends instead of real sockets; the key lock stands before it.
        proxy: The proxy's address.
    """

    def __init__(
        self,
        key: Key,
        header: str,
        gateway: Gateway,
        *,
        transport: httpx2.BaseTransport | None = None,
        proxy: str | None = None,
    ) -> None:
        super().__init__(key, gateway, proxied=proxy is not None and transport is None)

        def lock(*, keep_alive: bool) -> KeyLock:
            inner = transport or sync_transport(keep_alive=keep_alive, proxy=proxy)
            return KeyLock(inner, key, header, gateway)

        self._lock, self._process = lock, os.getpid()
        self._paid, self._free = lock(keep_alive=False), lock(keep_alive=True)

    def send(self, call: Call) -> Outcome:
        """Return the answer, or how the exchange failed, within the call's time."""
        if call.timeout_s <= 0:
            return NO_TIME
        self._settle()
        end = time.monotonic() + call.timeout_s
        before = ends_at.set(end)
        wire = self._free if call.method == "GET" else self._paid
        departure = _Departure(left=not self._proxied)
        response: httpx2.Response | None = None
        content = bytearray()  # what arrived counts, whatever comes after it
        try:
            response = wire.handle_request(self._request(call, departure.hear))
            with contextlib.closing(response):
                broken = self._read(response, content, call, end)
        except TROUBLE as error:
            if response is None:
                return self._failure(error, call, departure)
            broken = self._broken(error, call)
        finally:
            ends_at.reset(before)
        return self._reply(response, content, broken)

    def _read(self, response: httpx2.Response, content: bytearray, call: Call, end: float) -> str:
        """Take in the body and return why it is not whole."""
        encoded = "Content-Encoding" in response.headers  # although none was asked for
        parts = response.iter_bytes() if encoded else response.stream
        for part in cast("Iterable[bytes]", parts):
            content += part
            late = _late(call) if time.monotonic() > end else ""
            if broken := _too_much(content) or late:
                return broken
        return ""

    def _settle(self) -> None:
        """Make sure that no connection is shared with the process that this one was forked from."""
        if self._process != os.getpid():
            self._paid, self._free = self._lock(keep_alive=False), self._lock(keep_alive=True)
            self._process = os.getpid()

    def close(self) -> None:
        """Close every connection."""
        self._settle()
        self._paid.close()
        self._free.close()


class _Parting(httpx2.AsyncByteStream):
    """An answer that is closed in a task of its own: who is cancelled meanwhile has heard it."""

    def __init__(self, inner: object, partings: set[asyncio.Future[None]]) -> None:
        self._inner, self._partings = cast("httpx2.AsyncByteStream", inner), partings

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._inner.__aiter__()

    async def aclose(self) -> None:
        parting = asyncio.ensure_future(self._inner.aclose())
        self._partings.add(parting)
        parting.add_done_callback(self._parted)

    def _parted(self, parting: asyncio.Future[None]) -> None:
        self._partings.discard(parting)
        if not parting.cancelled():
            parting.exception()  # what was read counts, however the connection ended


class AsyncExchange(_Wire):
    """The same exchange for asyncio.

    Args:
        key: The API key.
        header: The name of the header that carries it.
        gateway: Where calls go.
        transport: Sends instead of real sockets; the key lock stands before it.
        proxy: The proxy's address.
    """

    def __init__(
        self,
        key: Key,
        header: str,
        gateway: Gateway,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        proxy: str | None = None,
    ) -> None:
        super().__init__(key, gateway, proxied=proxy is not None and transport is None)

        def lock(*, keep_alive: bool) -> AsyncKeyLock:
            inner = transport or async_transport(keep_alive=keep_alive, proxy=proxy)
            return AsyncKeyLock(inner, key, header, gateway)

        self._lock = lock
        self._paid, self._free = lock(keep_alive=False), lock(keep_alive=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._partings: set[asyncio.Future[None]] = set()

    async def send(self, call: Call) -> Outcome:
        """Return the answer, or how the exchange failed, within the call's time."""
        self._settle()
        wire = self._free if call.method == "GET" else self._paid
        if call.timeout_s <= 0:
            return NO_TIME
        departure = _Departure(left=not self._proxied)
        response: httpx2.Response | None = None
        content = bytearray()
        try:
            async with asyncio.timeout(call.timeout_s):
                request = self._request(call, departure.hear_async)
                response = await wire.handle_async_request(request)
                response.stream = _Parting(response.stream, self._partings)
                async with contextlib.aclosing(response):
                    broken = await self._read(response, content)
        except TROUBLE as error:
            if response is None:
                return self._failure(error, call, departure)
            broken = self._broken(error, call)
        return self._reply(response, content, broken)

    async def _read(self, response: httpx2.Response, content: bytearray) -> str:
        """Take in the body and return why it is not whole."""
        encoded = "Content-Encoding" in response.headers  # although none was asked for
        parts = response.aiter_bytes() if encoded else response.stream
        async for part in cast("AsyncIterable[bytes]", parts):
            content += part
            if broken := _too_much(content):
                return broken
        return ""

    def _settle(self) -> None:
        """Make sure that no connection is one of an event loop that has ended."""
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            self._paid, self._free = self._lock(keep_alive=False), self._lock(keep_alive=True)
            self._partings = set()
        self._loop = loop

    async def close(self) -> None:
        """Close every connection."""
        self._settle()
        async with contextlib.aclosing(self._free), contextlib.aclosing(self._paid):
            await asyncio.gather(*self._partings, return_exceptions=True)
