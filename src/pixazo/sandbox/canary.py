"""An address that nobody has business with: whoever fetches it has believed a stranger."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Canary", "canary"]

DIGITS = 8


class Canary:
    """Addresses by number, all of one length, and how often each was fetched.

    Args:
        root: what the addresses begin with.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self.fetched: Counter[int] = Counter()
        self.with_key: set[int] = set()

    def address(self, number: int) -> str:
        """The address with this number."""
        return f"{self._root}{number:0{DIGITS}d}"

    def note(self, path: str, names: list[str]) -> None:
        """Note a request by its path and the names of its headers."""
        digits = path[-DIGITS:]
        if digits.isdecimal():
            self.fetched[int(digits)] += 1
            if any("key" in name.lower() or name.lower() == "authorization" for name in names):
                self.with_key.add(int(digits))


@contextmanager
def canary() -> Generator[Canary]:
    """Listen on this machine while the block runs."""

    class Cage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            bird.note(self.path, list(self.headers))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002 - as above
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Cage) as server:
        bird = Canary(f"http://127.0.0.1:{server.server_port}/canary/")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield bird
        finally:
            server.shutdown()
            thread.join()
