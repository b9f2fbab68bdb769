"""Receivers behind real servers, and a caller that speaks raw HTTP."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import uvicorn
import werkzeug.serving

from pixazo.webhooks import Receiver
from pixazo.webhooks.serving import listening

SECRET = "a secret of at least thirty-two bytes"


class Served:
    """A receiver behind a server: where it listens and how to call it."""

    def __init__(self, receiver: Receiver, port: int) -> None:
        self.receiver = receiver
        self.port = port

    def path(self, job_key: str = "job-1", **route: Any) -> str:
        return "/" + self.receiver.url_for(job_key, **route).split("/", 3)[3]

    def raw(self, *parts: bytes, pause_s: float = 0.0, wait_s: float = 10.0) -> bytes:
        """Send parts with pauses between them and return all that comes until the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait_s) as line:
            for part in parts:
                with contextlib.suppress(ConnectionError):
                    line.sendall(part)
                time.sleep(pause_s)
            return receive(line)

    def call(
        self, path: str, body: bytes = b"{}", method: str = "POST", **headers: str | None
    ) -> int:
        """Call and return the status."""
        fields: dict[str, str | None] = {
            "host": "h",
            "connection": "close",
            "content-type": "application/json",
            "content-length": str(len(body)),
        }
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        return status(self.raw(head.encode("latin-1") + body))

    def wait_for(self, **stats: int) -> None:
        """Wait until the receiver has counted this much, or fail."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if all(self.receiver.stats[name] >= count for name, count in stats.items()):
                return
            time.sleep(0.005)
        raise AssertionError(f"{dict(self.receiver.stats)} never became {stats}")


def receive(line: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionError):
        while chunk := line.recv(65536):
            answer += chunk
            if b"\r\n\r\n" in answer and not answer.startswith(b"HTTP/1.1 100"):
                break
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


class QuietHandler(WSGIRequestHandler):
    def log_request(self, *args: object) -> None:  # noqa: ARG002
        return


class Threading(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def serve_threaded(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietWerkzeug(werkzeug.serving.WSGIRequestHandler):
    def log_request(self, *args: object) -> None:  # noqa: ARG002
        return


class Stage:
    """One server for many tests: it passes each request to the receiver of the moment."""

    def __init__(self) -> None:
        self.receiver: Receiver | None = None

    def asgi(self) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            receiver = self.receiver or Receiver("https://example.com")
            await receiver.asgi()(scope, receive, send)

        return app

    def wsgi(self) -> Any:
        def app(environ: Any, start_response: Any) -> Any:
            assert self.receiver is not None
            return self.receiver.wsgi()(environ, start_response)

        return app


def wsgiref_server(stage: Stage) -> Any:
    return make_server("127.0.0.1", 0, stage.wsgi(), Threading, QuietHandler)


def werkzeug_server(stage: Stage) -> Any:
    server = werkzeug.serving.make_server(
        "127.0.0.1", 0, stage.wsgi(), threaded=True, request_handler=QuietWerkzeug
    )
    server.daemon_threads, server.block_on_close = True, False
    return server


@contextlib.contextmanager
def serve_uvicorn(app: Any) -> Iterator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


Serve = Callable[..., Served]


def server_of(kind: str, stage: Stage) -> contextlib.AbstractContextManager[int]:
    match kind:
        case "own":
            return listening(cast("Receiver", stage))  # it asks for asgi() only
        case "uvicorn":
            return serve_uvicorn(stage.asgi())
        case "wsgiref":
            return serve_threaded(wsgiref_server(stage))
        case _:
            return serve_threaded(werkzeug_server(stage))


@pytest.fixture(scope="session", params=["uvicorn", "wsgiref", "werkzeug", "own"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def staged(kind: str) -> Iterator[tuple[Stage, int]]:
    stage = Stage()
    with server_of(kind, stage) as port:
        yield stage, port


@pytest.fixture
def serve(staged: tuple[Stage, int]) -> Serve:
    """`serve(**arguments of Receiver)` behind each server in turn."""

    def start(**arguments: Any) -> Served:
        stage, port = staged
        arguments = {"every_s": 0.0, **arguments}
        stage.receiver = Receiver("http://127.0.0.1:1/hooks", SECRET, **arguments)
        return Served(stage.receiver, port)

    return start


@pytest.fixture
def over_uvicorn() -> Callable[[Any], contextlib.AbstractContextManager[int]]:
    """Serve any ASGI application; yields its port."""
    return serve_uvicorn
