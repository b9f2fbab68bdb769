"""A media server that does as it is told, and downloads in both colours."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from pixazo.downloads import Downloader
from tests.client.gateway import Server

Answer = Callable[[BaseHTTPRequestHandler], None]


class SkippingClock:
    """The real clock, except that a pause takes no time and is remembered."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def now(self) -> float:
        return time.monotonic() + sum(self.pauses)

    def time(self) -> float:
        return time.time() + sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def sleep_async(self, seconds: float) -> None:
        self.pauses.append(seconds)


class MediaServer:
    """Answers each path as a test says and remembers what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                self.close_connection = True
                queue = server.answers[self.path.split("?")[0]]
                answer = queue.pop(0) if len(queue) > 1 else queue[0]
                try:
                    answer(self)
                except OSError:
                    return  # the client left, as some tests want

            def log_request(self, *args: object) -> None:  # noqa: ARG002
                return

        self.http = Server(("127.0.0.1", 0), Handler)
        self.http.block_on_close = False
        self.port = self.http.server_port
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path: str, *answers: Answer) -> str:
        """Answer this path in this way, the last one for ever; returns its address."""
        self.answers[path] = list(answers)
        return self.url(path)

    def headers(self, index: int = -1) -> dict[str, str]:
        return self.seen[index][1]


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    """An honest answer."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        fields = {"content-length": str(len(content))}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        head(request, status, fields)
        request.wfile.write(content)

    return answer


def head(request: BaseHTTPRequestHandler, status: int, fields: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in fields.items():
        request.send_header(name, value)
    request.end_headers()


def ranged(content: bytes, etag: str = '"v1"', stop_at: int | None = None) -> Answer:
    """An answer that knows ranges and may break off before the end."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        start, asked = 0, request.headers.get("range")
        if asked and request.headers.get("if-range") == etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        rest = content[start:]
        fields = {"content-length": str(len(rest)), "etag": etag}
        if start:
            fields["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        head(request, 206 if start else 200, fields)
        request.wfile.write(content[start:stop_at])

    return answer


def png(size: int = 2000, seed: int = 0) -> bytes:
    """A small valid PNG of about this many bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)

    noise = hashlib.shake_128(str(seed).encode()).digest(size)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
            chunk(b"noIs", noise),
            chunk(b"IDAT", zlib.compress(b"\0\0")),
            chunk(b"IEND", b""),
        )
    )


@pytest.fixture
def media() -> Iterator[MediaServer]:
    server = MediaServer()
    server.thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    server.thread.join()


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """The system's certificates, loaded once."""
    return ssl.create_default_context()


@pytest.fixture(params=["sync", "async"])
def save(
    request: pytest.FixtureRequest, clock: SkippingClock, tls: ssl.SSLContext
) -> Callable[..., list[Path]]:
    """`save(urls, folder, **what)` in both colours; unknown arguments go to the downloader."""

    def run(urls: list[str], folder: Path, **what: Any) -> list[Path]:
        here = {name: what.pop(name) for name in ("stem", "sidecar") if name in what}
        here.setdefault("stem", "job")
        downloader = Downloader(
            **{"allow_loopback": True, "clock": clock, "ssl_context": tls, **what}
        )
        if request.param == "sync":
            return downloader.save(urls, folder, **here)
        return asyncio.run(downloader.save_async(urls, folder, **here))

    return run


def names(*answers: str | list[str]) -> Callable[[str, int], list[str]]:
    """A resolver that gives these addresses; lists are given one after the other."""
    queue = [answer for answer in answers if isinstance(answer, list)]
    always = [answer for answer in answers if isinstance(answer, str)]

    def resolver(host: str, port: int) -> list[str]:
        return queue.pop(0) if queue else always

    return resolver


@pytest.fixture
def kit() -> type:
    """The server's ways to answer, for tests in other files."""

    class Kit:
        body = staticmethod(body)
        head = staticmethod(head)
        ranged = staticmethod(ranged)
        png = staticmethod(png)
        names = staticmethod(names)

    return Kit
