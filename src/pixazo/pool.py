"""The connections of asyncio: each has one request at a time, and idle ones are used again.

The HTTP library speaks HTTP/1.1 on them. Its own pool looks through all connections and requests
at both ends of each request, to keep limits that the request budget keeps here, and its sockets
take a time-out and several rounds of the event loop for each read and write: together a quarter
of a job's CPU time.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, cast

import httpcore2
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]

__all__ = ["Pool"]

AHEAD_BYTES = 2**18  # how much may wait to be read
NEXT_ADDRESS_S = 0.25  # RFC 8305: when the next address of a host is tried beside the last


class _Stream(asyncio.Protocol, httpcore2.AsyncNetworkStream):
    """The bytes of one connection; the exchange around it has the time-out.

    It reads always, so that a server that goes away frees its socket at once.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._abort: Callable[[], None] = sock.close
        self._received, self._ended = bytearray(), False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._abort = self._transport.abort

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > AHEAD_BYTES:
            self._transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> None:
        self._ended = True
        _wake(self._reader)
        _wake(self._writer)  # who says no more may listen no more

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._error = True, self._error or exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._writer = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        _wake(self._writer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        if not self._received and not self._ended:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        if not self._received and self._error is not None:
            raise httpcore2.ReadError(self._error) from self._error
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        while buffer and not self._received and not self._ended and self._is_readable():
            await asyncio.sleep(0)  # a write that fails would lose what came before it
        if buffer and not self._transport.is_closing():
            self._transport.write(buffer)
            if self._writer is not None:
                await self._writer
        if self._transport.is_closing():
            raise httpcore2.WriteError(self._error)

    async def aclose(self) -> None:
        """Close it at once; nothing is waited for, so that nobody can be cancelled here."""
        self._error = self._error or ConnectionAbortedError("the connection was closed")
        self._abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return bool(self._received) or self._ended or self._is_readable()
        return self._transport.get_extra_info(info)

    def _is_readable(self) -> bool:
        """Tell whether something arrived that the event loop has not brought yet."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


class _Connection(httpcore2.AsyncHTTP11Connection):
    """A connection that is not used again when more was read than was asked for."""

    def has_expired(self) -> bool:
        return bool(self._h11_state.trailing_data[0]) or super().has_expired()


class _Body:
    """The body of an answer, whose end gives its connection back."""

    def __init__(self, inner: Any, ended: Callable[[], Awaitable[None]]) -> None:
        self._inner, self._ended = inner, ended

    def __aiter__(self) -> AsyncIterator[bytes]:
        return cast("AsyncIterator[bytes]", self._inner.__aiter__())

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            await self._ended()


class Pool:
    """Connections to one origin, without a limit to wait for.

    Args:
        tls: What connections to an https origin are checked by.
        kept: How many idle connections stay open.
        kept_s: For how many seconds they are used again.
    """

    def __init__(self, tls: ssl.SSLContext, *, kept: int, kept_s: float) -> None:
        self._tls, self._kept, self._kept_s = tls, kept, kept_s
        self._closed = False
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()

    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        """Return the answer; its connection is free again when its body is closed.

        Raises:
            httpcore2.ConnectError: There is no way to the host: nothing was sent.
            httpcore2.ConnectTimeout: There was none in time: nothing was sent.
            httpcore2.ReadError: The connection broke.
            httpcore2.RemoteProtocolError: What came is no HTTP, or ended too early.
        """
        connection = await self._ready() or await self._connected(request)
        self._busy.add(connection)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:  # the connection has closed itself
            self._busy.discard(connection)
            raise
        response.stream = cast("Any", _Body(response.stream, partial(self._free, connection)))
        return response

    async def _ready(self) -> _Connection | None:
        """Return an idle connection on which nothing has arrived since."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def _connected(self, request: httpcore2.Request) -> _Connection:
        origin = request.url.origin
        tls = self._tls if origin.scheme == b"https" else None
        try:
            async with asyncio.timeout(_connect_s(request)):
                stream = await _connect(origin.host.decode("ascii"), origin.port, tls)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(error) from error
        except OSError as error:
            raise httpcore2.ConnectError(error) from error
        if self._closed:
            await stream.aclose()
            message = "the client was closed"
            raise httpcore2.ConnectError(message)
        return _Connection(origin, stream, keepalive_expiry=self._kept_s)

    async def _free(self, connection: _Connection) -> None:
        self._busy.discard(connection)
        if connection.is_idle() and len(self._idle) < self._kept:
            self._idle.append(connection)
        else:
            await connection.aclose()

    async def aclose(self) -> None:
        """Close all connections, those in use too, and take up no other."""
        self._closed = True
        for connection in (*self._idle, *self._busy):
            await connection.aclose()
        self._idle.clear()
        self._busy.clear()
        await asyncio.sleep(0)  # in which the sockets are closed


def _connect_s(request: httpcore2.Request) -> float | None:
    extensions = cast("dict[str, dict[str, float]]", request.extensions)  # pyright: ignore
    return extensions.get("timeout", {}).get("connect")


async def _connect(host: str, port: int, tls: ssl.SSLContext | None) -> _Stream:
    addresses = await _addresses(host, port)
    sock = await start_connection(addresses, happy_eyeballs_delay=NEXT_ADDRESS_S)
    stream, loop = _Stream(sock), asyncio.get_running_loop()
    try:
        await loop.create_connection(
            lambda: stream, sock=sock, ssl=tls, server_hostname=host if tls else None
        )
    except BaseException:  # for half a minute, asyncio waits for the other side's goodbye
        await stream.aclose()
        raise
    return stream


async def _addresses(host: str, port: int) -> list[Any]:
    try:  # a number needs no look-up, which would take a thread
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
