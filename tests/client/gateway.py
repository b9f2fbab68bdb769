"""A gateway over real sockets that answers what a test tells it, faults included.

Start one by hand: `python -m tests.client.gateway` prints its address and completes every job.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

KEY = "secret-key-0123456789"
KEY_HEADER = "Ocp-Apim-Subscription-Key"
ID = "qwen-image-max_019d3c1b-0f7d-7c02-8a55-6f5e4d3c2b1a"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
)


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """A whole answer; a body that is not bytes or text is written as JSON."""

    status: int
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0  # bytes that are promised and never sent

    def give(self, handler: _Handler) -> None:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content) + self.cut))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = handler.close_connection or bool(self.cut)


@dataclass(frozen=True)
class Reset:
    """The connection is torn down without an answer."""

    def give(self, handler: _Handler) -> None:
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Silence:
    """Nothing comes for so many seconds, then the connection ends."""

    seconds: float

    def give(self, handler: _Handler) -> None:
        handler.gateway.closing.wait(self.seconds)
        handler.close_connection = True


@dataclass(frozen=True)
class Drip:
    """Bytes as they stand, one by one."""

    raw: bytes
    pause_s: float

    def give(self, handler: _Handler) -> None:
        handler.close_connection = True
        for byte in self.raw:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if handler.gateway.closing.wait(self.pause_s):
                return


@dataclass(frozen=True)
class Held:
    """Bytes as they stand, all at once; the connection ends so many seconds later."""

    raw: bytes
    seconds: float

    def give(self, handler: _Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(self.raw)
        handler.wfile.flush()
        handler.gateway.closing.wait(self.seconds)


Reaction = Answer | Reset | Silence | Drip | Held
Rule = Reaction | Callable[[Seen], Reaction]


def receipt(request_id: str = ID, **more: object) -> Answer:
    return Answer(202, {"request_id": request_id, "status": "QUEUED", **more})


def status(word: str, *urls: str, request_id: str = ID, **more: object) -> Answer:
    """Return a status answer as the documents have it."""
    done = word in ("COMPLETED", "FAILED")
    fields = {
        "request_id": request_id,
        "status": word,
        "model_id": request_id.split("_")[0],
        "error": None,
        "output": {"media_url": list(urls), "media_type": "image/png"} if urls else None,
        "created_at": "2026-03-31T10:00:00.000Z",
        "updated_at": "2026-03-31T10:00:12.000Z",
        "completed_at": "2026-03-31T10:00:12.000Z" if done else None,
        **more,
    }
    return Answer(200, fields)


def ended(*urls: str, **more: object) -> Callable[[Seen], Answer]:
    """Return what answers whichever job is asked for that it is done."""

    def answer(seen: Seen) -> Answer:
        asked = unquote(seen.path.rpartition("/")[2])
        return status("COMPLETED", *urls, request_id=asked, **more)

    return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one packet; two would wait for each other
    gateway: FakeGateway

    def do_GET(self) -> None:
        self._react()

    def do_POST(self) -> None:
        self._react()

    def _react(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        try:
            self.gateway.reaction(seen).give(self)
        except OSError:
            self.close_connection = True  # the client went away

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    """A server that says nothing of clients that went away in the middle."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class FakeGateway:
    """A server on loopback: `posts` and `gets` are answered in turn, the last one for ever."""

    def __init__(self) -> None:
        handler = type("Handler", (_Handler,), {"gateway": self})
        self._server = Server(("127.0.0.1", 0), handler)
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.posts: deque[Rule] = deque([receipt()])
        self.gets: deque[Rule] = deque([ended(f"{self.url}/media/0.png")])
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def post(self, *rules: Rule) -> None:
        self.posts = deque(rules)

    def get(self, *rules: Rule) -> None:
        self.gets = deque(rules)

    def reaction(self, seen: Seen) -> Reaction:
        with self._lock:
            self.seen.append(seen)
            if seen.path.startswith("/media/"):
                return Answer(200, PNG, {"Content-Type": "image/png"})
            rules = self.posts if seen.method == "POST" else self.gets
            rule = rules.popleft() if len(rules) > 1 else rules[0]
        return rule(seen) if callable(rule) else rule

    def count(self, method: str) -> int:
        """Return how many API requests of this method arrived."""
        return sum(s.method == method and not s.path.startswith("/media/") for s in self.seen)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    print(FakeGateway().url, flush=True)
    while True:
        time.sleep(60)
