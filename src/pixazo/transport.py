"""The key lock: what stands between the client and the sockets.

It sits below the client: a request holds the key only while it is sent, to the gateway's origin
alone. Redirects stay off, and a client that was told to follow them would still meet the lock on
every hop.
"""

from __future__ import annotations

import logging
import threading
from weakref import WeakSet

import httpx2

from pixazo.settings import Gateway, Key

__all__ = [
    "AsyncKeyLock",
    "KeyLock",
]

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
        with _secrets_lock:
            _secrets.add(key)

    def _check(self, request: httpx2.Request) -> None:
        url = request.url
        port = url.port or {"https": 443, "http": 80}.get(url.scheme)
        if (url.scheme, url.raw_host.decode("ascii"), port) != self._gateway.origin:
            message = f"refused: {url.host} is not the gateway, the key is for it alone"
            raise httpx2.UnsupportedProtocol(message, request=request)

    def _unlock(self, request: httpx2.Request) -> None:
        request.headers[self._header] = self._key.reveal()

    def _lock(self, request: httpx2.Request) -> None:
        if self._header in request.headers:
            del request.headers[self._header]


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
        """Send it with the key."""
        self._check(request)
        try:
            self._unlock(request)
            return self._inner.handle_request(request)
        except BaseException as error:
            _forget(error)
            raise
        finally:
            self._lock(request)

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
        """Send it with the key."""
        self._check(request)
        try:
            self._unlock(request)
            return await self._inner.handle_async_request(request)
        except BaseException as error:
            _forget(error)
            raise
        finally:
            self._lock(request)

    async def aclose(self) -> None:
        """Close the transport inside."""
        await self._inner.aclose()
