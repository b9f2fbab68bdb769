"""Connections to a gateway with TLS: bytes go over them whole, and an idle one may end."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pixazo import connections
from pixazo.exchange import AsyncExchange, Exchange
from pixazo.settings import Key, find_gateway
from pixazo.steps import Call, Failure, Outcome, Reply
from tests.client.gateway import KEY, KEY_HEADER
from tests.client.tls import proof_of

LOOK = Call("GET", "/status", timeout_s=5.0)
LARGE = Call("POST", "/paid", timeout_s=5.0, body=b"x" * 3_000_000)

Talk = Callable[[list[Call]], list[Outcome]]


class Gateway(BaseHTTPRequestHandler):
    """Says how long a body was, and after the path `/last` ends the connection unasked."""

    protocol_version = "HTTP/1.1"
    ports: list[int]

    def setup(self) -> None:
        super().setup()
        self.ports.append(self.client_address[1])

    def answer(self) -> None:
        left = length = int(self.headers.get("Content-Length", 0))
        while left:
            left -= len(self.rfile.read(min(left, 65536)))
        text = f"{length}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.close_connection = self.path == "/last"

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def ports() -> list[int]:
    """Where the connections came from, in order."""
    return []


@pytest.fixture
def url(ports: list[int], monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Serve a gateway that proves to be one to the client."""
    handler = type("Serving", (Gateway,), {"ports": ports})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    proof = proof_of("127.0.0.1", monkeypatch)
    server.socket = proof.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["sync", "async"])
def talk(request: pytest.FixtureRequest, url: str) -> Talk:
    """Return what makes calls one after another, over the connections of one exchange."""
    key, gateway = Key(KEY, "a test"), find_gateway(url, "")

    def blocking(calls: list[Call]) -> list[Outcome]:
        exchange = Exchange(key, KEY_HEADER, gateway)
        try:
            return [exchange.send(call) for call in calls]
        finally:
            exchange.close()

    async def awaiting(calls: list[Call]) -> list[Outcome]:
        exchange = AsyncExchange(key, KEY_HEADER, gateway)
        try:
            return [await exchange.send(call) for call in calls]
        finally:
            await exchange.close()

    return blocking if request.param == "sync" else lambda calls: asyncio.run(awaiting(calls))


def contents(outcomes: list[Outcome]) -> list[bytes]:
    return [outcome.content for outcome in outcomes if isinstance(outcome, Reply)]


def test_a_large_body_arrives_whole(talk: Talk, ports: list[int]) -> None:
    """Looks share a connection, the paid call between them has one of its own."""
    outcomes = talk([LOOK, LARGE, LOOK])

    assert contents(outcomes) == [b"0", b"3000000", b"0"]
    assert len(ports) == 2


def test_an_idle_connection_that_ended_fails_no_look(talk: Talk, ports: list[int]) -> None:
    """A gateway that ends a connection after its answer is asked anew over another."""
    last = Call("GET", "/last", timeout_s=5.0)

    outcomes = talk([last, last, LOOK])

    assert contents(outcomes) == [b"0", b"0", b"0"]
    assert len(ports) == 3


def test_a_gateway_that_proves_nothing_gets_nothing(
    talk: Talk, ports: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that nobody trusts ends the call before a byte of it left."""
    monkeypatch.setattr(connections, "_tls", ssl.create_default_context)

    (outcome,) = talk([LARGE])

    assert isinstance(outcome, Failure)
    assert not outcome.sent
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.reason
    assert ports == []
