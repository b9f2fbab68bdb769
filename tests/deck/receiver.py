"""A receiver of callbacks on loopback that keeps what it was told."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.deck.tapes import Asked

__all__ = ["Receiver"]


class Receiver:
    """Listens on a free port of this machine between `with` and its end."""

    def __init__(self) -> None:
        self._calls: list[Asked] = []
        calls, receiver = self._calls, self

        class Handler(BaseHTTPRequestHandler):
            """Takes every POST."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Keep the call and answer 204."""
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {"content-type": self.headers.get("content-type", "")}
                calls.append(Asked("POST", receiver.url + self.path, headers, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def calls(self) -> list[Asked]:
        """Every call so far, in an order that does not hang on the network."""
        return sorted(self._calls, key=lambda call: (call.url, _moment(call.body), call.body))

    def wait(self, count: int, timeout_s: float = 5.0) -> None:
        """Wait until there were `count` calls, or for `timeout_s` seconds."""
        end = time.monotonic() + timeout_s
        while len(self._calls) < count and time.monotonic() < end:
            time.sleep(0.02)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _moment(body: bytes) -> str:
    """When a callback says that its job changed last; empty when it does not say."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("updated_at", "")) if isinstance(told, dict) else ""
