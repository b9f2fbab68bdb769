"""Connections to the gateway, under one bound: an exchange ends in time, however bytes drip.

The HTTP library's own time-outs start anew with every byte. Threads have `ends_at` instead, and
tasks `asyncio.timeout` around the whole exchange.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from typing import Any, cast

import httpcore2
import httpx2

from pixazo.pool import Pool

__all__ = ["async_transport", "ends_at", "sync_transport"]

KEPT, KEPT_ALIVE_S = 20, 30.0

# When the exchange under way must end, on time.monotonic().
ends_at: ContextVar[float | None] = ContextVar("pixazo_exchange_ends_at", default=None)


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
    context = httpx2.create_ssl_context()  # 20 ms; one for the process
    context.set_alpn_protocols(["http/1.1"])
    return context


def _limits(*, keep_alive: bool) -> httpx2.Limits:
    # A stale kept-alive socket makes the fate of a POST unknown, so paid requests get a fresh one.
    # The request budget bounds how many there are; who waited for a place would lack that time.
    return httpx2.Limits(
        max_connections=None,
        max_keepalive_connections=KEPT if keep_alive else 0,
        keepalive_expiry=KEPT_ALIVE_S,
    )


# httpx2 has no public way to connections of one's own; tests drip bytes to see that they are used.


def sync_transport(*, keep_alive: bool, proxy: str | None) -> httpx2.HTTPTransport:
    """Return a transport whose exchanges end at `ends_at`, however slowly bytes drip."""
    transport = httpx2.HTTPTransport(
        verify=_tls(), limits=_limits(keep_alive=keep_alive), proxy=proxy
    )
    transport._pool._network_backend = _BoundBackend()  # pyright: ignore[reportPrivateUsage]
    return transport


def async_transport(*, keep_alive: bool, proxy: str | None) -> httpx2.AsyncHTTPTransport:
    """Return a transport; `asyncio.timeout` bounds its exchanges."""
    transport = httpx2.AsyncHTTPTransport(
        verify=_tls(), limits=_limits(keep_alive=keep_alive), proxy=proxy
    )
    if proxy is None:
        pool = Pool(_tls(), kept=KEPT if keep_alive else 0, kept_s=KEPT_ALIVE_S)
        transport._pool = cast("Any", pool)  # pyright: ignore[reportPrivateUsage]
    return transport
