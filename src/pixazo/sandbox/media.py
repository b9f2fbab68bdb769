"""The media origin: files without a key, ranges, and a trap for keys that are brought along."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import replace

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pixazo.sandbox.faults import FAULT_HEADER, Hit
from pixazo.sandbox.jobs import Job
from pixazo.sandbox.journal import Entry
from pixazo.sandbox.rendering.works import Work, render_work
from pixazo.sandbox.replies import Reply, deliver, json_reply
from pixazo.sandbox.tampering import cut_short, html_page, proxy_error, retry_after
from pixazo.sandbox.world import World

__all__ = ["SHELF", "Media"]

KEPT_BYTES = 256 * 1024 * 1024
FORBIDDEN_PLACE = "http://169.254.169.254/latest/meta-data/"
NO_PICTURE = b"This is a plain text that pretends to be a picture.\n" * 40
EXPIRED = Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
_FILE = re.compile(r"/v1/(?P<request_id>[^/]+)/(?P<name>[^/]+)")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Shelf:
    """Rendered files by what was asked, so that equal jobs share them; the least used ones go.

    Args:
        most_bytes: what the files may take, inputs that came inline included.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._files: OrderedDict[Work, tuple[bytes, ...]] = OrderedDict()
        self._busy: dict[Work, threading.Lock] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._files)

    def file(self, work: Work, index: int) -> bytes:
        """One file of `work`; the others are rendered when somebody wants them."""
        part, place = work.part(index)
        return self.files(part)[place]

    def files(self, work: Work) -> tuple[bytes, ...]:
        """The files of `work`, rendered now or before."""
        with self._lock:
            busy = self._busy.setdefault(work, threading.Lock())
        with busy:
            files = self._files.get(work)
            if files is None:
                files = render_work(work)
                self._keep(work, files)
        with self._lock:
            self._busy.pop(work, None)
            if work in self._files:
                self._files.move_to_end(work)
        return files

    def _keep(self, work: Work, files: tuple[bytes, ...]) -> None:
        with self._lock:
            self._files[work] = files
            self._bytes += _weight(work, files)
            while len(self._files) > 1 and self._bytes > self._most_bytes:
                self._bytes -= _weight(*self._files.popitem(last=False))


SHELF = Shelf()
"""One for all sandboxes of a process, so that a test suite draws each picture once."""


def _weight(work: Work, files: tuple[bytes, ...]) -> int:
    return len(work.source) + sum(map(len, files))


class Media:
    """ASGI application: what jobs made, at `/v1/<request id>/<file>`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shelf = SHELF

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        entry = self.world.journal.open(
            time=self.world.clock.now(),
            origin="media",
            method=request.method,
            path=request.url.path,
            headers=dict(request.headers),
        )
        match = _FILE.fullmatch(request.scope["path"])
        job = self.world.jobs.get(match["request_id"]) if match else None
        if request.method not in ("GET", "HEAD"):
            reply = json_reply(405, {"error": "Method Not Allowed"}, {"Allow": "GET, HEAD"})
        elif match is None or job is None or not job.made(self.world.clock.now()):
            reply = html_page(404, "404 Not Found")
        else:
            reply = await self._found(job, match["name"], request, entry)
        entry.status = reply.status or None
        await deliver(reply, scope, receive, send)

    async def _found(self, job: Job, name: str, request: Request, entry: Entry) -> Reply:
        entry.request_id, entry.model_id = job.request_id, job.model_id
        header = request.headers.get(FAULT_HEADER, "")
        try:
            hits = self.world.faults.hits(
                "media", model_id=job.model_id, request_id=job.request_id, header=header
            )
        except ValueError as error:
            message = f"{FAULT_HEADER}: {error}"
            return json_reply(400, {"error": "Bad Request", "message": message})
        entry.faults += [str(hit) for hit in hits]
        return await self._file(job, name, request, hits)

    async def _file(self, job: Job, name: str, request: Request, hits: list[Hit]) -> Reply:
        instead = next((r for hit in hits if (r := self._instead(hit, request)) is not None), None)
        if instead is not None:
            return instead
        if name not in job.work.file_names:
            return html_page(404, "404 Not Found")
        if job.faded:
            return EXPIRED
        index = job.work.file_names.index(name)
        body = await asyncio.to_thread(self.shelf.file, job.work, index)
        wanted = {hit.fault: hit.value for hit in hits}
        whole = Reply(
            200, body, job.work.media_type, {"Accept-Ranges": "bytes", "ETag": _tag(body)}
        )
        return _changed(whole if "no-range" in wanted else _ranged(whole, request), wanted)

    def _instead(self, hit: Hit, request: Request) -> Reply | None:
        """The answer that a fault puts in place of the file."""
        broken = cut_short(hit)
        if broken is not None:
            return broken
        if hit.fault in ("500", "502", "503", "504"):
            return proxy_error(int(hit.fault))
        if hit.fault == "429":
            return html_page(429, "429 Too Many Requests", retry_after(hit.value))
        if hit.fault in ("404", "missing-media"):
            return html_page(404, "404 Not Found")
        if hit.fault in ("403", "expired-media"):
            return EXPIRED
        if hit.fault == "html-media":
            return html_page(200, "Your file is almost ready")
        location = self._redirect(hit, request)
        return Reply(302, media_type="", headers={"Location": location}) if location else None

    def _redirect(self, hit: Hit, request: Request) -> str | None:
        address = f"{self.world.media_url}{request.url.path}"
        if hit.fault == "media-loop":
            return address
        if hit.fault == "media-to":
            return hit.value or FORBIDDEN_PLACE
        hops = int(request.query_params.get("hop", "0"))
        if hit.fault == "media-redirect" and hops < float(hit.value or 1):
            return f"{address}?hop={hops + 1}"
        return None


def _changed(reply: Reply, wanted: dict[str, str]) -> Reply:
    """The file's reply after the faults that change it."""
    if "wrong-media" in wanted:
        reply = replace(reply, body=NO_PICTURE)
    if "truncated-media" in wanted:
        reply = replace(reply, cut="half")
    if "slow-drip" in wanted:
        reply = replace(reply, pace_s=float(wanted["slow-drip"] or 5))
    if "no-length" in wanted:
        reply = replace(reply, length=False)
    if "endless-media" in wanted:
        reply = replace(reply, endless=True)
    return reply


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _ranged(whole: Reply, request: Request) -> Reply:
    """The part that a single Range asks for, when If-Range allows; the whole file otherwise."""
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if (
        match is None
        or request.headers.get("if-range", whole.headers["ETag"]) != whole.headers["ETag"]
    ):
        return whole
    first, last, size = match[1], match[2], len(whole.body)
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, stop = max(0, size - int(last or 0)), size
    if start >= stop:
        return replace(whole, status=416, body=b"", headers={"Content-Range": f"bytes */{size}"})
    told = {**whole.headers, "Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    return replace(whole, status=206, body=whole.body[start:stop], headers=told)
