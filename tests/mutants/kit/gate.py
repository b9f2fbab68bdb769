"""The gate around a sandbox: every request and answer passes through its mutant."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixazo.sandbox import Sandbox
from tests.mutants.kit.call import STATUS_PREFIX, Answer, Call, Run
from tests.mutants.kit.mutant import Ask, Change, Mutant, Told, ToldToo

__all__ = ["put_around"]

CONTROL = "/_sandbox/"
RELAY = "/relay/"
RELAY_TIMEOUT_S = 5.0


def put_around(sandbox: Sandbox, mutant: Mutant) -> Run:
    """Let every request of a sandbox that has not started pass through a mutant."""
    run = Run(sandbox)
    wanted = mutant.tell or isinstance(mutant.change, ToldToo)
    relay = Relay(sandbox, mutant, run) if wanted else None
    sandbox.app = Gate(  # type: ignore[assignment] # an ASGI application like the one it hides
        sandbox.app, run, "gateway", mutant.ask, mutant.change, relay
    )
    sandbox.media_app = Gate(  # type: ignore[assignment]
        sandbox.media_app, run, "media", mutant.ask_media, mutant.change_media, relay
    )
    if mutant.arrange:
        mutant.arrange(sandbox)
    return run


class Gate:
    """ASGI application around another one.

    Args:
        inner: the application.
        run: the mutant's memory.
        origin: `gateway` or `media`.
        ask: what happens to requests.
        change: what happens to answers.
        relay: what happens to callbacks.
    """

    def __init__(
        self,
        inner: ASGIApp,
        run: Run,
        origin: str,
        ask: Ask | None,
        change: Change | None,
        relay: Relay | None,
    ) -> None:
        self.inner, self.run, self.origin = inner, run, origin
        self.ask, self.change, self.relay = ask, change, relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith(CONTROL):
            await self.inner(scope, receive, send)
            return
        call = await self._read(scope, receive)
        try:
            answer = await self._answer(call, scope)
        except Exception as error:
            self.run.slips.append(f"{call.method} {call.path}: {type(error).__name__}: {error}")
            raise
        await _send(call, answer, send)

    async def _answer(self, call: Call, scope: Scope) -> Answer:
        """What the mutant says, or the application, changed by the mutant."""
        if self.relay and self.origin == "media" and call.path.startswith(RELAY):
            return await asyncio.to_thread(self.relay.pass_on, call)
        answer = self.ask(call) if self.ask else None
        if self.relay and self.origin == "gateway":
            self.relay.take_over(call)
        if answer is None:
            answer = await self._inside(call, scope)
            if self.change:
                answer = self.change(call, answer) or answer
        return answer

    async def _read(self, scope: Scope, receive: Receive) -> Call:
        body, more = bytearray(), True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return Call(
            run=self.run,
            origin=self.origin,
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]},
            body=bytes(body),
        )

    async def _inside(self, call: Call, scope: Scope) -> Answer:
        """What the application says to the request as it is now."""
        inside = {
            **scope,
            "method": call.method,
            "path": call.path,
            "raw_path": call.path.encode(),
            "query_string": call.query.encode("latin-1"),
            "headers": _raw(call.headers),
        }
        messages: list[Message] = [{"type": "http.request", "body": call.body, "more_body": False}]
        said: list[Message] = []

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)

        await self.inner(inside, receive, send)
        start = next(m for m in said if m["type"] == "http.response.start")
        return Answer(
            status=start["status"],
            headers={n.decode("latin-1").lower(): v.decode("latin-1") for n, v in start["headers"]},
            body=b"".join(m.get("body", b"") for m in said),
        )


class Relay:
    """Stands between the sandbox and its receivers: callbacks are made to it and passed on."""

    def __init__(self, sandbox: Sandbox, mutant: Mutant, run: Run) -> None:
        self.sandbox, self.mutant, self.run = sandbox, mutant, run
        self.targets: list[tuple[str, str, str]] = []

    def take_over(self, call: Call) -> None:
        """Put the relay's address in the place of every receiver that a submission names."""
        model = call.model
        if model is None or model.webhook is None:
            return
        header, field = (model.webhook.header or "").lower(), model.webhook.body_field
        if _callable(call.headers.get(header)):
            call.headers[header] = self._address(call.headers[header], "header", call.key)
        body = call.json if field else None
        if field and isinstance(body, dict) and _callable(body.get(field)):
            call.json = {**body, field: self._address(body[field], "body", call.key)}

    def pass_on(self, call: Call) -> Answer:
        """Deliver a callback as the mutant has it; the receiver's answer comes back."""
        url, route, key = self.targets[int(call.path.removeprefix(RELAY))]
        headers = {n: v for n, v in call.headers.items() if n in ("content-type", "user-agent")}
        told = Told(self.run, route, call.method, headers, self._changed(call.body), key)
        if self.mutant.tell:
            self.mutant.tell(told)
        status = 204
        for _ in range(told.times):
            status = _post(url, told)
        return Answer(204 if told.final else status, {}, b"")

    def _changed(self, body: bytes) -> bytes:
        """The body of a callback after what happens to status answers."""
        answer = Answer(200, {"content-type": "application/json"}, body)
        if not isinstance(self.mutant.change, ToldToo) or not isinstance(answer.json, dict):
            return body
        path = STATUS_PREFIX + str(answer.json.get("request_id"))
        look = Call(self.run, "gateway", "GET", path, "", {}, b"")
        return (self.mutant.change(look, answer) or answer).body

    def _address(self, url: str, route: str, key: str) -> str:
        self.targets.append((url, route, key))
        return f"{self.sandbox.media_url}{RELAY}{len(self.targets) - 1}"


def _callable(url: object) -> bool:
    """Whether a URL is one that the sandbox would call."""
    return isinstance(url, str) and url.startswith(("http://127.0.0.1:", "http://localhost:"))


def _post(url: str, told: Told) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=RELAY_TIMEOUT_S
    )
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(told.method, target, told.body, told.headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 502
    finally:
        connection.close()


async def _send(call: Call, answer: Answer, send: Callable[[Message], Any]) -> None:
    bodiless = answer.status in (204, 304)
    headers = {**answer.headers}
    if bodiless:
        headers.pop("content-length", None)
    elif call.method != "HEAD":
        headers["content-length"] = str(len(answer.body))
    await send({"type": "http.response.start", "status": answer.status, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": b"" if bodiless else answer.body})


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in headers.items()]
