"""Bytes to the target and back, with keys kept out of what is remembered."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.contract.suite.exchange import Exchange
from tests.contract.suite.keys import Keys

__all__ = ["Wire", "connections", "encoded"]


class Wire:
    """Sends requests as they are: no redirects, no normalised paths, no added headers.

    Args:
        transport: how bytes get there.
        keys: fills them in, and keeps them out of what is remembered.
    """

    def __init__(self, transport: httpx2.BaseTransport, keys: Keys) -> None:
        self._transport = transport
        self._keys = keys
        self._hear: Callable[[Exchange], object] = _ignore

    @contextmanager
    def heard_by(self, hear: Callable[[Exchange], object]) -> Generator[None]:
        """Tell of each answer as soon as it is there, before anybody can stumble over it."""
        self._hear = hear
        try:
            yield
        finally:
            self._hear = _ignore

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        at: float = 0.0,
        timeout_s: float = 60.0,
        probe: bool = False,
    ) -> Exchange:
        """Send one request; headers may hold a key's variable, which is filled in on the way.

        Args:
            method: as it goes over the wire.
            url: absolute, sent as written.
            headers: names and values; a value that names a key's variable gets the key.
            body: of the request.
            at: now, on the target's clock.
            timeout_s: real seconds until it is given up.
            probe: whether it leaves the documents on purpose.
        """
        started = time.perf_counter()
        status, told, content, failure = 0, dict[str, str](), b"", ""
        try:
            request = self._request(method, url, headers, body, timeout_s)
            answer = self._transport.handle_request(request)
            try:
                content = answer.read()
                told = {name.lower(): value for name, value in answer.headers.items()}
                status = answer.status_code
            finally:
                answer.close()
        except httpx2.TimeoutException:
            failure = f"nothing within {timeout_s:g} s"
        except (httpx2.TransportError, httpx2.DecodingError, OSError) as error:
            failure = f"{type(error).__name__}: {error}"[:300]
        elapsed_s = time.perf_counter() - started
        exchange = self._keys.kept(
            Exchange(
                method=method,
                url=url,
                status=status,
                request_headers=dict(headers),
                request_body=body,
                headers=told,
                body=content,
                at=at,
                elapsed_s=elapsed_s,
                failure=failure,
                probe=probe,
            )
        )
        self._hear(exchange)
        return exchange

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> httpx2.Request:
        parts = urlsplit(url)
        filled = {name: self._keys.filled(value) for name, value in headers.items()}
        raw = [(name.encode(), value.encode("utf-8")) for name, value in filled.items()]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        within = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
        request = httpx2.Request(
            method, _origin(parts.scheme, parts.netloc), headers=raw, content=body
        )
        request.extensions = {"timeout": within, "target": target.encode("ascii", "replace")}
        return request


def _ignore(exchange: Exchange) -> None:
    """Who has not asked is not told."""


def connections(url: str) -> httpx2.BaseTransport:
    """A connection pool; without the certificates that a gateway on this machine has no use for."""
    local = url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    return httpx2.HTTPTransport(verify=not local)


def encoded(body: Any) -> bytes:
    """A body as JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


@functools.cache
def _origin(scheme: str, netloc: str) -> httpx2.URL:
    """The address of a server; what it is asked for goes beside it, unchanged."""
    return httpx2.URL(f"{scheme}://{netloc}/")
