"""A proxy hears where calls go and nothing of what they say; its own failures cost nothing."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
import trustme

from pixazo import connections
from pixazo.exchange import AsyncExchange, Exchange
from pixazo.settings import Key, find_gateway
from pixazo.steps import Call, Failure, Outcome, Reply
from tests.client.gateway import KEY, KEY_HEADER

HOST = "gateway.example"
TUNNEL = b"HTTP/1.1 200 OK\r\n\r\n"
RECEIPT = b'HTTP/1.1 202 Accepted\r\nContent-Length: 19\r\n\r\n{"request_id": "a"}'
PAID = Call("POST", "/paid", timeout_s=1.0, body=b"{}")

Talk = Callable[[socket.socket], object]
Send = Callable[[Talk], Outcome]


class Proxy:
    """A proxy that talks as a test tells it; `heard` is what came to it in clear.

    Args:
        talk: What it says to each connection, once it was asked for a tunnel.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://user:word@127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                connection.settimeout(5)
                with connection, suppress(OSError):
                    while not self.heard.endswith(b"\r\n\r\n"):
                        self.heard += connection.recv(4096)
                    self._talk(connection)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def proof(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return what proves to be the gateway; the client trusts it."""
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    monkeypatch.setattr(connections, "_tls", lambda: trust)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    return context


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Send:
    """Return what sends a paid call through a proxy; the proxy hears no key."""
    gateway, key = find_gateway(f"https://{HOST}", ""), Key(KEY, "a test")

    def blocking(proxy: str) -> Outcome:
        exchange = Exchange(key, KEY_HEADER, gateway, proxy=proxy)
        try:
            return exchange.send(PAID)
        finally:
            exchange.close()

    async def awaiting(proxy: str) -> Outcome:
        exchange = AsyncExchange(key, KEY_HEADER, gateway, proxy=proxy)
        try:
            return await exchange.send(PAID)
        finally:
            await exchange.close()

    def through(talk: Talk) -> Outcome:
        proxy = Proxy(talk)
        try:
            if request.param == "sync":
                return blocking(proxy.url)
            return asyncio.run(awaiting(proxy.url))
        finally:
            proxy.close()
            assert proxy.heard.startswith(f"CONNECT {HOST}:443 ".encode())
            assert KEY.encode() not in proxy.heard

    return through


def says(text: bytes) -> Talk:
    return lambda connection: connection.sendall(text)


def silence(connection: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(4096):
            pass


def in_tunnel(proof: ssl.SSLContext, talk: Talk) -> Talk:
    """Return the gateway behind the proxy, which reads a request and then talks."""

    def gateway(connection: socket.socket) -> None:
        connection.sendall(TUNNEL)
        with proof.wrap_socket(connection, server_side=True) as secure:
            text = b""
            while b"{}" not in text:
                text += secure.recv(4096)
            assert KEY.encode() in text
            talk(secure)

    return gateway


@pytest.mark.parametrize(
    "talk",
    [silence, says(b""), says(b"no HTTP\r\n\r\n"), says(b"HTTP/1.1 407 No\r\n\r\n"), says(TUNNEL)],
    ids=["silence", "hang-up", "noise", "refusal", "tunnel to nowhere"],
)
def test_a_proxy_that_fails_has_sent_nothing(send: Send, talk: Talk) -> None:
    """What goes wrong before the tunnel stands is no request of unknown fate."""
    outcome = send(talk)

    assert isinstance(outcome, Failure)
    assert not outcome.sent


def test_what_left_through_a_tunnel_has_left(send: Send, proof: ssl.SSLContext) -> None:
    """A gateway behind a proxy that says nothing, or hangs up, may have taken the request."""
    for talk in (silence, says(b"")):
        outcome = send(in_tunnel(proof, talk))

        assert isinstance(outcome, Failure)
        assert outcome.sent


def test_an_answer_comes_through_a_tunnel(send: Send, proof: ssl.SSLContext) -> None:
    """The key goes through the tunnel, under the gateway's own TLS, and the answer comes back."""
    outcome = send(in_tunnel(proof, says(RECEIPT)))

    assert outcome == Reply(202, {"content-length": "19"}, b'{"request_id": "a"}')
