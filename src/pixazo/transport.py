"""The key lock and the bound: what stands between the client and the sockets.

The lock sits below the client: it sends a copy of the request that carries the key, to the
gateway's origin alone. The request that errors and answers point to never held it. Redirects stay
off, and a client that was told to follow them would still meet the lock on every hop.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from typing import Any
from weakref import WeakSet

import httpcore2
import httpx2

from pixazo.settings import Gateway, Key

__all__ = [
    "AsyncKeyLock",
    "KeyLock",
    "async_transport",
    "ends_at",
    "sync_transport",
]

KEPT_ALIVE_S = 30.0

# When the exchange under way must end, on time.monotonic().
ends_at: ContextVar[float | None] = ContextVar("pixazo_exchange_ends_at", default=None)


_secrets: WeakSet[Key] = WeakSet()
_secrets_lock = threading.Lock()


class _Redact(logging.Filter):
    """Takes a key that the gateway echoes out of the HTTP library's own log lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through, without a key."""
        text = record.getMessage()
        with _secrets_lock:
            keys = tuple(_secrets)
        for spelling in (spelling for key in keys for spelling in key.spellings()):
            if spelling in text:
                text = text.replace(spelling, "[API key]")
                record.msg, record.args = text, ()
        return True


for _name in ("httpx2", "httpcore2.http11"):
    logging.getLogger(_name).addFilter(_Redact(__name__))


class _Lock:
    """What both colours of the lock share.

    Args:
        key: The API key.
        header: The name of the header that carries it.
        gateway: The only origin that gets it.
    """

    def __init__(self, key: Key, header: str, gateway: Gateway) -> None:
        self._key, self._header, self._gateway = key, header, gateway
        self._name = header.lower().encode()
        with _secrets_lock:
            _secrets.add(key)

    def _copy(self, request: httpx2.Request) -> httpx2.Request:
        """Return a copy that may carry the key, or refuse the address."""
        url = request.url
        port = url.port or {"https": 443, "http": 80}.get(url.scheme)
        if (url.scheme, url.raw_host.decode("ascii"), port) != self._gateway.origin:
            message = f"refused: {url.host} is not the gateway, the key is for it alone"
            raise httpx2.UnsupportedProtocol(message, request=request)
        return httpx2.Request(
            request.method,
            url,
            headers=[pair for pair in request.headers.raw if pair[0].lower() != self._name],
            stream=request.stream,
            extensions=request.extensions,
        )

    def _unlock(self, sent: httpx2.Request) -> None:
        sent.headers[self._header] = self._key.reveal()

    def _lock(self, sent: httpx2.Request) -> None:
        sent.headers.pop(self._header, None)


def _forget(error: BaseException) -> None:
    """Drop the frames below from a traceback: their locals hold the bytes that were sent."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__


class KeyLock(_Lock, httpx2.BaseTransport):
    """A transport that adds the key on the way out, for the gateway alone.

    Args:
        inner: The transport that sends.
        key: The API key.
        header: The name of the header that carries it.
        gateway: The only origin that gets it.
    """

    def __init__(
        self, inner: httpx2.BaseTransport, key: Key, header: str, gateway: Gateway
    ) -> None:
        super().__init__(key, header, gateway)
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a copy that carries the key."""
        sent = self._copy(request)
        try:
            self._unlock(sent)
            return self._inner.handle_request(sent)
        except BaseException as error:
            _forget(error)
            raise
        finally:
            self._lock(sent)

    def close(self) -> None:
        """Close the transport inside."""
        self._inner.close()


class AsyncKeyLock(_Lock, httpx2.AsyncBaseTransport):
    """The same lock for asyncio.

    Args:
        inner: The transport that sends.
        key: The API key.
        header: The name of the header that carries it.
        gateway: The only origin that gets it.
    """

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, key: Key, header: str, gateway: Gateway
    ) -> None:
        super().__init__(key, header, gateway)
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a copy that carries the key."""
        sent = self._copy(request)
        try:
            self._unlock(sent)
            return await self._inner.handle_async_request(sent)
        except BaseException as error:
            _forget(error)
            raise
        finally:
            self._lock(sent)

    async def aclose(self) -> None:
        """Close the transport inside."""
        await self._inner.aclose()


class _BoundStream(httpcore2.NetworkStream):
    """A connection whose every read and write ends when the exchange must."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        stream = self._inner.start_tls(ssl_context, server_hostname, left)
        return _in_time(stream)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _BoundBackend(httpcore2.SyncBackend):
    """Connections under the bound; a time-out of httpx2 alone starts anew with every byte."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _in_time(super().connect_tcp(host, port, left, local_address, socket_options))


def _in_time(stream: httpcore2.NetworkStream) -> httpcore2.NetworkStream:
    """Return the connection, unless its making took all the time: then nothing is sent on it."""
    try:
        _left(None, httpcore2.ConnectTimeout)
    except httpcore2.ConnectTimeout:
        stream.close()
        raise
    return _BoundStream(stream)


def _left(timeout_s: float | None, error: type[Exception]) -> float | None:
    end = ends_at.get()
    if end is None:
        return timeout_s
    left = end - time.monotonic()
    if left <= 0:
        message = "the exchange took too long"
        raise error(message)
    return left if timeout_s is None else min(left, timeout_s)


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # 20 ms; one for the process


def _limits(*, keep_alive: bool) -> httpx2.Limits:
    # A stale kept-alive socket makes the fate of a POST unknown, so paid requests get a fresh one.
    kept = 20 if keep_alive else 0
    # The request budget bounds how many there are; who waited for a place would lack that time.
    return httpx2.Limits(
        max_connections=None, max_keepalive_connections=kept, keepalive_expiry=KEPT_ALIVE_S
    )


def sync_transport(*, keep_alive: bool, proxy: str | None) -> httpx2.HTTPTransport:
    """Return a transport whose exchanges end at `ends_at`, however slowly bytes drip."""
    transport = httpx2.HTTPTransport(
        verify=_tls(), limits=_limits(keep_alive=keep_alive), proxy=proxy
    )
    # httpx2 has no public way to a backend of one's own; a test drips headers to prove the bound.
    transport._pool._network_backend = _BoundBackend()  # pyright: ignore[reportPrivateUsage]
    return transport


def async_transport(*, keep_alive: bool, proxy: str | None) -> httpx2.AsyncHTTPTransport:
    """Return a transport; `asyncio.timeout` bounds its exchanges."""
    return httpx2.AsyncHTTPTransport(
        verify=_tls(), limits=_limits(keep_alive=keep_alive), proxy=proxy
    )
