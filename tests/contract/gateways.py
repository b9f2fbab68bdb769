"""Servers that are no gateway: they answer HTML, hang, close, or refuse every key."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator

PAGE = b"<!doctype html><html><title>Welcome</title></html>"


def answer(status: str, kind: str, body: bytes) -> bytes:
    """One answer as bytes."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


HTML = answer("200 OK", "text/html", PAGE)
MOVED = (
    b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://gateway.example/v2\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
REFUSED = answer("401 Unauthorized", "application/json", b'{"error":"Unauthorized","message":"no"}')


@contextlib.contextmanager
def serving(reply: bytes | None, *, hang: bool = False, most: int = 10_000) -> Iterator[str]:
    """A server that gives everybody the same.

    Args:
        reply: what it sends; None closes without a byte.
        hang: whether it never answers.
        most: connections that it takes; then it closes every one.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        kept: list[socket.socket] = []
        taken = itertools.count(1)
        replies = iter(lambda: reply if next(taken) <= most else None, object())
        threading.Thread(target=_serve, args=(listener, replies, hang, kept), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def _serve(
    listener: socket.socket,
    replies: Iterator[bytes | None],
    hang: bool,
    kept: list[socket.socket],
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        if hang:
            kept.append(connection)
            continue
        with connection:
            connection.recv(65536)
            connection.sendall(next(replies) or b"")
