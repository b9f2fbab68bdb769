"""A receiver of callbacks: a path for each job, every call written down."""

from __future__ import annotations

import json
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Call", "Receiver"]

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One call that came.

    Args:
        headers: names in lower case.
        answered: with which status code.
        at: when it came, on the target's clock.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    answered: int
    at: float

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(slots=True)
class _Box:
    answers: list[int]
    calls: list[Call] = field(default_factory=list[Call])


class _Server(ThreadingHTTPServer):
    """Looks up no names, and does not wait for its threads."""

    daemon_threads = True
    request_queue_size = 256

    def server_bind(self) -> None:
        """Bind without asking for this machine's name, which can take a second."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", int(self.server_address[1])


class Receiver:
    """Listens until `close()`.

    Args:
        url: where the gateway finds this machine; port 0 takes any free one.
        now: the target's clock.
    """

    def __init__(self, url: str, now: Callable[[], float]) -> None:
        self._now = now
        parts = urlsplit(url)
        self._boxes: dict[str, _Box] = {}
        self._strays: list[Call] = []
        self._lock = threading.Lock()
        host = parts.hostname or "127.0.0.1"
        local = host in ("127.0.0.1", "localhost")
        address = "127.0.0.1" if local else ""
        self._server = _Server((address, parts.port or 0), self._handler())
        port = parts.port or self._server.server_address[1]
        self._base = f"{parts.scheme}://{host}:{port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def box(self, answers: Sequence[int] = (204,)) -> str:
        """A new address.

        Args:
            answers: status codes of the calls in order; the last repeats.
        """
        token = secrets.token_hex(12)
        with self._lock:
            self._boxes[token] = _Box(list(answers))
        return f"{self._base}/hook/{token}?from=suite"

    def calls(self, url: str) -> list[Call]:
        """Every call to an address, in order."""
        with self._lock:
            return list(self._boxes[_token(urlsplit(url).path)].calls)

    @property
    def strays(self) -> list[Call]:
        """Calls to addresses that nobody gave out."""
        with self._lock:
            return list(self._strays)

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def _take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        with self._lock:
            box = self._boxes.get(_token(urlsplit(path).path))
            if box is None:
                self._strays.append(Call(method, path, headers, body, 404, self._now()))
                return 404
            status = box.answers[min(len(box.calls), len(box.answers) - 1)]
            box.calls.append(Call(method, path, headers, body, status, self._now()))
            return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                """Acknowledge at once: senders that write head and body apart wait for it."""
                if hasattr(socket, "TCP_QUICKACK"):
                    self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                super().setup()

            def _any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(min(length, LARGEST))
                told = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver._take(self.command, self.path, told, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - names of the library

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library has it
                """Say nothing."""

        return Handler


def _token(path: str) -> str:
    return path.rpartition("/")[2]
