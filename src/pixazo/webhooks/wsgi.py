"""The receiver as a WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from pixazo.webhooks.tokens import Claim

if TYPE_CHECKING:
    from pixazo.webhooks.receiver import Receiver, Reply

__all__ = ["WsgiApp"]

Environ: TypeAlias = dict[str, Any]


class _Start(Protocol):
    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> object: ...


class _Input(Protocol):
    def read(self, size: int, /) -> bytes: ...


class WsgiApp:
    """Answers callbacks under WSGI; hints are passed on in threads of their own.

    Some servers hold an answer back, and all of them a worker, until the answer is closed.

    WSGI gives no way to leave a read that waits: a body that drips is refused in time, one that
    stops altogether holds a worker until the server's own time-out.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def __call__(self, environ: Environ, start_response: _Start) -> Iterator[bytes]:
        """Serve one request."""
        path = str(environ.get("PATH_INFO", ""))
        verdict = self._receiver.head(str(environ["REQUEST_METHOD"]), path, _headers(environ))
        reply = self._heard(verdict, environ) if isinstance(verdict, Claim) else verdict
        start_response(f"{reply.status.value} {reply.status.phrase}", reply.headers)
        return _Answer(partial(self._receiver.pass_on, reply.hint))

    def _heard(self, claim: Claim, environ: Environ) -> Reply:
        try:
            return self._read(claim, environ)
        except OSError:  # broken chunks, or the caller has gone
            return self._receiver.refuse(HTTPStatus.BAD_REQUEST, "length")

    def _read(self, claim: Claim, environ: Environ) -> Reply:
        """Read the body within its limits."""
        receiver, length = self._receiver, _length(environ)
        if length is None:
            return receiver.refuse(HTTPStatus.LENGTH_REQUIRED, "length")
        source, body = cast("_Input", environ["wsgi.input"]), bytearray()
        deadline = receiver.clock.now() + receiver.body_s
        while len(body) < length:
            if not (byte := source.read(1)):  # a larger read would wait for all of it
                break
            body += byte
            if receiver.is_too_long(len(body)):
                return receiver.too_long()
            if receiver.clock.now() > deadline:
                return receiver.too_slow()
        return receiver.body(claim, bytes(body))


class _Answer:
    """An empty body whose end, when the server closes it, passes the hint on."""

    def __init__(self, after: Callable[[], None]) -> None:
        self._after = after

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        raise StopIteration

    def close(self) -> None:
        """Pass the hint on; called by the server once, after the answer was sent."""
        self._after()


def _headers(environ: Environ) -> list[tuple[str, str]]:
    headers = [("content-encoding", str(environ.get("HTTP_CONTENT_ENCODING", "")))]
    if length := environ.get("CONTENT_LENGTH"):
        headers.append(("content-length", str(length)))
    return headers


def _length(environ: Environ) -> float | None:
    """How many bytes to read; None when nobody can tell where the body ends."""
    if length := environ.get("CONTENT_LENGTH"):
        return int(length)
    if environ.get("wsgi.input_terminated"):
        return float("inf")
    return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
