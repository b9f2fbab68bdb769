"""Answers on their way out: whole, slow, cut short or never."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import cast

from starlette.types import Receive, Scope, Send

__all__ = ["Reply", "deliver", "json_reply"]

LONGEST_HANG_S = 120.0
PIECES = 20
TRANSPORT = "sandbox_transport"
"""Name under which the server leaves a connection's transport in the request's state."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Args:
        pace_s: seconds that the body takes; 0 sends it at once.
        cut: `close`, `reset` or `hang` instead of an answer, `half` to stop in the middle of it.
        length: whether Content-Length is said.
        endless: whether the body is repeated until the client goes.
    """

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    pace_s: float = 0.0
    cut: str = ""
    length: bool = True
    endless: bool = False

    @property
    def content(self) -> object:
        """The body as JSON, or None."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer with a JSON body."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, body, headers=headers or {})


async def deliver(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Send `reply`, or break the connection as it says."""
    if reply.cut in ("close", "reset", "hang"):
        await _break(reply.cut, scope, receive)
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": _head(reply)})
    if scope["method"] == "HEAD" or reply.status in (204, 304):
        await send({"type": "http.response.body"})
        return
    if reply.endless:
        await _send_endless(reply, receive, send)
        return
    if reply.cut == "half":
        half = reply.body[: max(1, len(reply.body) // 2)]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.05)
        await _break("close", scope, receive)
        return
    if not reply.pace_s:
        await send({"type": "http.response.body", "body": reply.body})
        return
    for piece in _pieces(reply.body):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(reply.pace_s / PIECES)
    await send({"type": "http.response.body"})


def _head(reply: Reply) -> list[tuple[bytes, bytes]]:
    headers = {"date": formatdate(usegmt=True)}
    if reply.media_type:
        headers["content-type"] = reply.media_type
    if reply.length and not reply.endless and reply.status not in (204, 304):
        headers["content-length"] = str(len(reply.body))
    if reply.cut or reply.endless:
        headers["connection"] = "close"
    headers |= {name.lower(): value for name, value in reply.headers.items()}
    return [(n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in headers.items()]


def _pieces(body: bytes) -> Iterator[bytes]:
    step = max(1, -(-len(body) // PIECES))
    for start in range(0, len(body), step):
        yield body[start : start + step]


async def _send_endless(reply: Reply, receive: Receive, send: Send) -> None:
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        while not gone.done():
            await send({"type": "http.response.body", "body": reply.body, "more_body": True})
            await asyncio.sleep(0.001)
    finally:
        gone.cancel()


async def _break(how: str, scope: Scope, receive: Receive) -> None:
    transport = cast("asyncio.Transport | None", scope.get("state", {}).get(TRANSPORT))
    if how == "hang":
        try:
            await asyncio.wait_for(_until_gone(receive), LONGEST_HANG_S)
        except TimeoutError:
            how = "close"
        else:
            return
    if transport is None:
        raise ConnectionResetError(f"the sandbox was asked to {how} this connection")
    if how == "reset":
        connection = cast("socket.socket", transport.get_extra_info("socket"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
