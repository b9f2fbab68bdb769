"""The gateway's own origin: submissions and status, as the document describes them."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from pixazo.sandbox import answers
from pixazo.sandbox.control import PREFIX, Control
from pixazo.sandbox.document import Operation
from pixazo.sandbox.faults import FAULT_HEADER, Hit
from pixazo.sandbox.jobs import Job
from pixazo.sandbox.journal import Entry
from pixazo.sandbox.replies import Reply, deliver, json_reply
from pixazo.sandbox.submissions import accept, owner_of, refused_callback
from pixazo.sandbox.tampering import (
    INSTEAD,
    cut_short,
    html_page,
    proxy_error,
    retry_after,
    tamper,
)
from pixazo.sandbox.types import Json
from pixazo.sandbox.world import World

__all__ = ["Gateway"]

log = logging.getLogger("pixazo.sandbox")

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes that a request body may have."""

UNREADABLE = (ValueError, RecursionError)


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of ours
    """The request gets this answer and nothing else."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Call:
    """One request on a documented operation."""

    operation: Operation
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    entry: Entry

    @property
    def fault_header(self) -> str:
        """What the request wants to go wrong."""
        return self.headers.get(FAULT_HEADER.lower(), "")


class Gateway:
    """ASGI application: every documented operation, and JSON errors for everything else."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.control = Control(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == "/" or scope["path"].startswith(PREFIX):
            await self.control(scope, receive, send)
            return
        request = Request(scope, receive)
        entry = self.world.journal.open(
            time=self.world.clock.now(),
            origin="gateway",
            method=request.method,
            path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            headers=dict(request.headers),
        )
        try:
            reply = await self._answer(request, entry)
        except Refusal as refusal:
            reply = refusal.reply
        except ClientDisconnect:
            return
        except Exception:
            log.exception("the sandbox failed at %s %s", request.method, request.url.path)
            reply = self._error(None, 500)
        entry.status = reply.status or None
        entry.answer = self.world.journal.readable(reply.body) if not reply.cut else reply.cut
        await deliver(reply, scope, receive, send)

    async def _answer(self, request: Request, entry: Entry) -> Reply:
        operation, parameters = self._route(request)
        entry.model_id = operation.model_id or None
        headers = dict(request.headers)
        self._check_key(operation, headers)
        raw = await self._read(operation, request)
        entry.body = self.world.journal.readable(raw)
        call = Call(operation, parameters, headers, raw, entry)
        if operation.mode == "status":
            return self._status(call)
        return await self._submit(call)

    def _route(self, request: Request) -> tuple[Operation, Mapping[str, str]]:
        # Not `request.url.path`: on its way through a URL a path loses its line breaks.
        candidates = self.world.document.at(request.scope["path"])
        for operation, parameters in candidates:
            if operation.method == request.method:
                return operation, parameters
        if not candidates:
            raise Refusal(self._error(None, 404))
        allowed = ", ".join(sorted({operation.method for operation, _ in candidates}))
        body = answers.error_body(self.world.document, None, 405)
        raise Refusal(json_reply(405, body, {"Allow": allowed}))

    def _check_key(self, operation: Operation, headers: Mapping[str, str]) -> None:
        given, accepted = headers.get(self.world.document.key_header.lower(), ""), self.world.keys
        if accepted is not None:
            found = [hmac.compare_digest(given.encode(), key.encode()) for key in accepted]
            given = given if any(found) else ""
        if not given:
            raise Refusal(self._error(operation, 401))

    async def _read(self, operation: Operation, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise self._invalid(operation, f"body: larger than {LARGEST_BODY} bytes")
        return bytes(body)

    def _status(self, call: Call) -> Reply:
        request_id = next(iter(call.parameters.values()))
        job = self._job_of(call, request_id)
        if job is not None:
            call.entry.request_id, call.entry.model_id = request_id, job.model_id
        hits = self._hits(call, "status", job.model_id if job else "", request_id)
        for hit in hits:
            if hit.fault in INSTEAD:
                return self._instead(call, hit)
        if job is None:
            return self._error(call.operation, 404)
        self.world.settle(job)
        body = answers.status_body(self.world.document, job, self.world.clock.now())
        body = answers.twisted(body, job, self.world.document.words["succeeded"])
        reply = json_reply(call.operation.success, body)
        return tamper(reply, hits, canary=self.world.canary)

    def _job_of(self, call: Call, request_id: str) -> Job | None:
        """The job, unless it is unknown, somebody else's, direct, or not visible yet."""
        job = self.world.jobs.get(request_id)
        key = call.headers[self.world.document.key_header.lower()]
        if job is None or not job.queued or job.owner != owner_of(key):
            return None
        late = float(job.twists["late"] or 2) if "late" in job.twists else 0.0
        return job if self.world.clock.now() >= job.timeline.created_at + late else None

    async def _submit(self, call: Call) -> Reply:
        operation = call.operation
        hits = self._hits(call, "submit", operation.model_id)
        instead = next((hit for hit in hits if hit.fault in INSTEAD), None)
        if instead and instead.value != "charged" and instead.fault != "lost-answer":
            return self._instead(call, instead)
        body = self._valid_body(call)
        key = call.headers[self.world.document.key_header.lower()]
        job = accept(self.world, operation, body, call.headers, owner_of(key))
        if job is None:
            return self._error(operation, 402)
        call.entry.request_id, call.entry.charged = job.request_id, True
        if instead:
            return self._instead(call, instead)
        reply = await self._accepted(operation, job, hits)
        return tamper(reply, hits, canary=self.world.canary)

    async def _accepted(self, operation: Operation, job: Job, hits: list[Hit]) -> Reply:
        if job.queued:
            status_url = self.world.status_url(job.request_id)
            body = answers.receipt(self.world.document, operation, job, status_url)
        else:
            await self.world.clock.sleep(self.world.direct_latency)
            shape = next((hit.value for hit in hits if hit.fault == "other-shape"), None)
            body = answers.direct_answer(operation, job, shape)
        return json_reply(operation.success, body)

    def _valid_body(self, call: Call) -> Json:
        """The body, when type, syntax, schema, headers and callbacks are all right."""
        operation = call.operation
        kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise self._invalid(operation, f"Content-Type: {kind[:80]!r} is not application/json")
        try:
            body = cast("Json", json.loads(call.raw, parse_constant=_no_constant))
            _check_texts(call.raw, body)
        except UNREADABLE as error:
            raise self._invalid(operation, f"body: not JSON ({error})") from error
        problems = self._header_problems(call)
        problems += operation.body.problems(body) if operation.body else []
        if not problems and (refused := refused_callback(operation, body, call.headers)):
            problems = [refused]
        if problems:
            raise self._invalid(operation, "; ".join(problems))
        return body

    def _header_problems(self, call: Call) -> list[str]:
        return [
            f"{name}: {problem.removeprefix('body: ')}"
            for name, validator in call.operation.headers.items()
            if name in call.headers
            for problem in validator.problems(call.headers[name])
        ]

    def _hits(self, call: Call, stage: str, model_id: str, request_id: str = "") -> list[Hit]:
        try:
            hits = self.world.faults.hits(
                stage, model_id=model_id, request_id=request_id, header=call.fault_header
            )
        except ValueError as error:
            raise self._invalid(call.operation, f"{FAULT_HEADER}: {error}") from error
        call.entry.faults += [str(hit) for hit in hits]
        return hits

    def _instead(self, call: Call, hit: Hit) -> Reply:
        """The answer that a fault puts in place of the good one."""
        broken = cut_short(hit)
        if broken is not None:
            return broken
        if hit.fault == "redirect":
            target = self.world.canary + quote(call.entry.path, safe="/?=&%")
            return html_page(307, "Moved", {"Location": target})
        if hit.fault == "disabled-model":
            return json_reply(400, answers.model_not_found(self.world.document, call.operation))
        status = int(hit.fault)
        if status in (502, 503, 504):
            return proxy_error(status)
        reply = self._error(call.operation, status)
        return json_reply(status, reply.content, retry_after(hit.value) if status == 429 else {})

    def _error(self, operation: Operation | None, status: int) -> Reply:
        return json_reply(status, answers.error_body(self.world.document, operation, status))

    def _invalid(self, operation: Operation, message: str) -> Refusal:
        return Refusal(
            json_reply(400, answers.invalid_body(self.world.document, operation, message))
        )


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _check_texts(raw: bytes, body: Json) -> None:
    """Refuse half characters, which JSON can write and UTF-8 cannot."""
    if b"\\ud" in raw.lower():
        json.dumps(body, ensure_ascii=False).encode()
