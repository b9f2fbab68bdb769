"""The guide's four applications, served for real and called back by the sandbox."""

from __future__ import annotations

import http.client
import re
import socket
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import uvicorn

from pixazo.sandbox import Sandbox
from pixazo.webhooks import new_secret

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "webhooks.md"
ORDER = "order-17"


def example(framework: str) -> str:
    """The Python of the guide's section on a framework."""
    section = GUIDE.read_text("utf-8").split(f"### {framework}\n", 1)[1]
    found = re.search(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


class QuietHandler(WSGIRequestHandler):
    def log_request(self, *args: object) -> None:  # noqa: ARG002
        return


@contextmanager
def served(app: Any, listener: socket.socket) -> Iterator[None]:
    """Serve an ASGI or WSGI application on a socket that is bound already."""
    if type(app).__module__.partition(".")[0] in {"fastapi", "starlette"}:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        stop = lambda: setattr(server, "should_exit", True)  # noqa: E731
    else:
        port = listener.getsockname()[1]
        listener.close()
        wsgi = make_server("127.0.0.1", port, app, handler_class=QuietHandler)
        thread = threading.Thread(target=wsgi.serve_forever, args=(0.02,), daemon=True)
        stop = lambda: (wsgi.shutdown(), wsgi.server_close())  # noqa: E731
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


def post(port: int, path: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("POST", path, b"{}")
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def post_when_up(port: int, path: str) -> tuple[int, bytes]:
    deadline = time.monotonic() + 10
    while True:
        try:
            return post(port, path)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.mark.parametrize("framework", ["FastAPI", "Starlette", "Flask", "Django"])
def test_example_gets_its_pictures(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order placed with the guide's application is fetched because the gateway called back."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    module = types.ModuleType(f"guide_{framework.lower()}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACK_BASE", f"http://127.0.0.1:{port}/pixazo/callbacks")
    monkeypatch.setenv("CALLBACK_SECRET", new_secret())
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    with Sandbox(latency=0.5) as sandbox:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", sandbox.url)
        exec(compile(example(framework), str(GUIDE), "exec"), module.__dict__)  # noqa: S102

        with served(module.app, listener):
            placed, request_id = post_when_up(port, f"/orders/{ORDER}?prompt=a%20paper%20boat")
            forged, _ = post(port, "/pixazo/callbacks/v1.header.order-17." + "A" * 43)
            deadline = time.monotonic() + 12
            while ORDER not in module.pictures and time.monotonic() < deadline:
                time.sleep(0.02)

    assert placed == 202
    assert forged == 404
    (picture,) = module.pictures[ORDER]
    assert Path(picture).read_bytes().startswith(b"\x89PNG")
    assert request_id.decode().strip('"') in picture
    assert module.receiver.stats["hint"] >= 1
