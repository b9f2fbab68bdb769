"""The receiver as an ASGI application."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pixazo.webhooks.hints import Hint
from pixazo.webhooks.tokens import Claim

if TYPE_CHECKING:
    from pixazo.webhooks.receiver import OnHint, Receiver, Reply

__all__ = ["AsgiApp"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
log = logging.getLogger("pixazo.webhooks")


class AsgiApp:
    """Answers callbacks under ASGI; hints are passed on after the answer was sent."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection of the server."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        given = cast("list[tuple[bytes, bytes]]", scope["headers"])
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in given]
        verdict = self._receiver.head(scope["method"], scope["path"], headers)
        reply = await self._read(verdict, receive) if isinstance(verdict, Claim) else verdict
        if reply is None:
            return
        await _answer(reply, send)
        if reply.hint is not None:
            await self._pass_on(reply.hint)

    async def _read(self, claim: Claim, receive: Receive) -> Reply | None:
        """Read the body within its limits; None when the caller has gone."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._receiver.body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if self._receiver.is_too_long(len(body)):
                        return self._receiver.too_long()
                    if not message.get("more_body", False):
                        return self._receiver.body(claim, bytes(body))
        except TimeoutError:
            return self._receiver.too_slow()

    async def _pass_on(self, hint: Hint) -> None:
        receiver = self._receiver
        if (delay_s := receiver.delay_s(hint)) is None:
            return
        if delay_s:
            await receiver.clock.sleep_async(delay_s)
        receiver.hints.give(hint)
        if receiver.on_hint is None or not receiver.turns.begin(hint):
            return
        try:
            await _look(receiver.on_hint, hint)
            while (later := receiver.turns.again(hint.job_key)) is not None:
                await _look(receiver.on_hint, later)
        except BaseException:
            receiver.turns.leave(hint.job_key)
            raise


async def _look(on_hint: OnHint, hint: Hint) -> None:
    """Run the owner's function where it disturbs nobody; its errors end in the log."""
    try:
        if inspect.iscoroutinefunction(on_hint):
            await on_hint(hint)
            return
        result = await asyncio.to_thread(on_hint, hint)
        if inspect.isawaitable(result):
            await result
    except Exception:
        log.exception("on_hint failed for job %s", hint.job_key)


async def _answer(reply: Reply, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": int(reply.status), "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    """Agree to start and to stop; there is nothing to prepare."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
