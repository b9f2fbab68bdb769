"""Every exchange ends in time and within its bytes."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from pixazo.exchange import MOST_BYTES, AsyncExchange, Exchange
from pixazo.settings import Gateway, Key, find_gateway
from pixazo.steps import Call, Failure, Outcome, Reply
from tests.client.gateway import KEY, KEY_HEADER, Answer, Drip, FakeGateway, Held, Reset, Silence

Send = Callable[..., Outcome]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest, gateway: FakeGateway) -> Send:
    """Return what sends one call and closes."""

    def blocking(call: Call, key: str = KEY, url: str = gateway.url) -> Outcome:
        exchange = Exchange(Key(key, "a test"), KEY_HEADER, find_gateway(url, ""))
        try:
            return exchange.send(call)
        finally:
            exchange.close()

    def awaiting(call: Call, key: str = KEY, url: str = gateway.url) -> Outcome:
        async def go() -> Outcome:
            exchange = AsyncExchange(Key(key, "a test"), KEY_HEADER, find_gateway(url, ""))
            try:
                return await exchange.send(call)
            finally:
                await exchange.close()

        return asyncio.run(go())

    return blocking if request.param == "sync" else awaiting


def look(timeout_s: float = 5.0) -> Call:
    return Call("GET", "/x", timeout_s)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("headers", HEAD + b"X-Slow: " + b"a" * 500),
        ("body", HEAD + b"Content-Length: 500\r\n\r\n" + b"{" * 500),
        ("chunks", HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 100),
    ],
)
def test_a_slow_drip_ends_in_time(send: Send, gateway: FakeGateway, name: str, raw: bytes) -> None:
    """Headers or a body that come byte by byte hold nobody longer than the bound."""
    gateway.get(Drip(raw, 0.02))
    began = time.monotonic()

    outcome = send(look(timeout_s=0.5))

    assert time.monotonic() - began < 1.5
    assert outcome.broken if isinstance(outcome, Reply) else outcome.sent


def test_silence_ends_in_time(send: Send, gateway: FakeGateway) -> None:
    """A gateway that says nothing is left, and its answer is not known."""
    gateway.get(Silence(5))
    began = time.monotonic()

    outcome = send(look(timeout_s=0.3))

    assert outcome == Failure("no answer within 0.3 s", sent=True)
    assert time.monotonic() - began < 1.5


def test_too_many_bytes_are_not_read(send: Send, gateway: FakeGateway) -> None:
    """An answer beyond the cap is cut and says so."""
    gateway.get(Answer(200, b" " * (2 * MOST_BYTES)))

    reply = send(look())

    assert isinstance(reply, Reply)
    assert f"passed {MOST_BYTES} bytes" in reply.broken
    assert len(reply.content) < MOST_BYTES + 200_000


def test_half_an_answer_keeps_its_status(send: Send, gateway: FakeGateway) -> None:
    """A connection that ends too early leaves the status code and what arrived."""
    gateway.get(Answer(402, b'{"error": "Insuff', cut=20))

    reply = send(look())

    assert isinstance(reply, Reply)
    assert (reply.status_code, reply.content) == (402, b'{"error": "Insuff')
    assert "RemoteProtocolError" in reply.broken


def test_what_arrived_in_time_is_kept(send: Send, gateway: FakeGateway) -> None:
    """An answer whose end comes too late keeps what arrived before."""
    raw = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b'11\r\n{"request_id": 1}\r\n'
    gateway.get(Held(raw, 5.0))

    reply = send(look(timeout_s=0.5))

    assert isinstance(reply, Reply)
    assert reply.content == b'{"request_id": 1}'
    assert reply.broken == "the answer took over 0.5 s"


def test_a_reset_may_have_come_after_the_request(send: Send, gateway: FakeGateway) -> None:
    """A connection torn down without an answer counts as sent."""
    gateway.get(Reset())

    outcome = send(look())

    assert isinstance(outcome, Failure)
    assert outcome.sent


def test_a_closed_port_means_that_nothing_was_sent(send: Send) -> None:
    """A refused connection counts as not sent."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        outcome = send(look(), url=url)

    assert isinstance(outcome, Failure)
    assert not outcome.sent
    assert "ConnectError" in outcome.reason


def test_a_host_without_a_name_means_that_nothing_was_sent(send: Send) -> None:
    """A name that cannot be looked up counts as not sent."""
    outcome = send(look(), url="https://gateway.invalid")

    assert isinstance(outcome, Failure)
    assert not outcome.sent


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://gateway..invalid", {}),
        (f"https://{64 * 'a'}.invalid", {}),
        ("https://xn--\x7f.invalid", {}),
        ("", {"X-Odd": "a line\nbreak"}),
        ("", {"X-Odd": "a blank at the end "}),
    ],
)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_cannot_be_written_down_was_not_sent(
    gateway: FakeGateway, colour: str, url: str, headers: dict[str, str]
) -> None:
    """A host that no resolver takes and a header that HTTP has not count as not sent."""
    url = url or gateway.url
    scheme, host, *port = url.replace("//", "").split(":")
    place = Gateway(url, (scheme, host, int(port[0]) if port else 443), loopback=False)
    call = Call("POST", "/x", 5.0, headers, b"{}")

    async def awaiting() -> Outcome:
        exchange = AsyncExchange(Key(KEY, "a test"), KEY_HEADER, place)
        outcome = await exchange.send(call)
        await exchange.close()
        return outcome

    def blocking() -> Outcome:
        exchange = Exchange(Key(KEY, "a test"), KEY_HEADER, place)
        outcome = exchange.send(call)
        exchange.close()
        return outcome

    outcome = blocking() if colour == "sync" else asyncio.run(awaiting())

    assert isinstance(outcome, Failure)
    assert not outcome.sent
    assert gateway.seen == []


def test_an_answer_that_does_not_unpack_is_broken(send: Send, gateway: FakeGateway) -> None:
    """Bytes that are not what their encoding says are an answer with a broken body."""
    gateway.get(Answer(200, b"not gzip", {"Content-Encoding": "gzip"}))

    reply = send(look())

    assert isinstance(reply, Reply)
    assert "DecodingError" in reply.broken


def test_garbage_instead_of_http_is_a_failure(send: Send, gateway: FakeGateway) -> None:
    """Bytes that are no HTTP answer count as sent and unknown."""
    gateway.get(Drip(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", 0))

    outcome = send(look())

    assert isinstance(outcome, Failure)
    assert outcome.sent


@pytest.mark.parametrize("spelling", [KEY + "/+", "with%quotes", 'with"quote-and\\slash'])
def test_an_echoed_key_is_taken_out(send: Send, gateway: FakeGateway, spelling: str) -> None:
    """An answer that repeats the key, in its body or headers, arrives without it."""
    from urllib.parse import quote

    body = {"plain": spelling, "quoted": quote(spelling, safe="")}
    gateway.get(Answer(200, body, {"X-Echo": spelling}))

    reply = send(look(), key=spelling)

    assert isinstance(reply, Reply)
    text = f"{reply.content.decode()} {dict(reply.headers)}"
    assert spelling not in text
    assert quote(spelling, safe="") not in text
    assert text.count("[API key]") == 3


def test_a_transport_of_the_callers_own_is_bounded_between_chunks(gateway: FakeGateway) -> None:
    """The bound holds for a transport that the test brings, as soon as it yields."""

    class Slow(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                time.sleep(0.05)
                yield b"x"

    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, stream=Slow()))
    exchange = Exchange(
        Key(KEY, "a test"), KEY_HEADER, find_gateway(gateway.url, ""), transport=transport
    )
    began = time.monotonic()

    reply = exchange.send(look(timeout_s=0.3))

    assert time.monotonic() - began < 1.0
    assert isinstance(reply, Reply)
    assert "took over 0.3 s" in reply.broken


def _reply(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _unasked(listener: socket.socket) -> None:
    """Answer once and, before closing, send an answer that nobody asked for; then answer again."""
    for later in (_reply(b'"unasked"'), b""):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(_reply(b'"asked"'))
            time.sleep(0.05)
            connection.sendall(later)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_answer_that_nobody_asked_for_is_nobodys(colour: str) -> None:
    """What lies on an idle connection is not taken for the answer of the next look."""
    look = Call("GET", "/a", timeout_s=5)

    async def twice(url: str) -> list[Outcome]:
        exchange = AsyncExchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
        first = await exchange.send(look)
        await asyncio.sleep(0.2)
        second = await exchange.send(look)
        await exchange.close()
        return [first, second]

    def twice_blocking(url: str) -> list[Outcome]:
        exchange = Exchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
        first = exchange.send(look)
        time.sleep(0.2)
        second = exchange.send(look)
        exchange.close()
        return [first, second]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = threading.Thread(target=_unasked, args=(listener,), daemon=True)
        server.start()
        outcomes = twice_blocking(url) if colour == "sync" else asyncio.run(twice(url))
        server.join(timeout=5)

    assert [getattr(outcome, "content", outcome) for outcome in outcomes] == [b'"asked"'] * 2


def _one_each(listener: socket.socket, count: int) -> None:
    """Answer one request on each connection, and keep it open until all have come."""
    kept = []
    for _ in range(count):
        connection = listener.accept()[0]
        kept.append(connection)
        connection.recv(65_536)
        connection.sendall(_reply(b'"asked"'))
    for connection in kept:
        connection.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_shares_no_connection() -> None:
    """Two processes on one connection would hear each other's answers."""
    look = Call("GET", "/a", timeout_s=3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = threading.Thread(target=_one_each, args=(listener, 2), daemon=True)
        server.start()
        exchange = Exchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
        exchange.send(look)
        child = os.fork()
        if child == 0:
            outcome = exchange.send(look)
            os._exit(0 if isinstance(outcome, Reply) else 1)
        code = os.waitpid(child, 0)[1]
        exchange.close()

    assert code == 0


def _answer_all_at_once(listener: socket.socket, count: int) -> None:
    """Answer when so many connections are there, not earlier."""
    connections = [listener.accept()[0] for _ in range(count)]
    for connection in connections:
        with connection:
            connection.recv(65_536)
            connection.sendall(_reply(b'"asked"'))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_no_request_waits_for_the_connection_of_another(colour: str, method: str) -> None:
    """However many requests are under way, each has a connection and all its time."""
    count, call = 130, Call(method, "/a", timeout_s=8, body=b"{}")

    async def together(url: str) -> list[Outcome]:
        exchange = AsyncExchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
        outcomes = await asyncio.gather(*(exchange.send(call) for _ in range(count)))
        await exchange.close()
        return outcomes

    def together_blocking(url: str) -> list[Outcome]:
        exchange = Exchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
        with ThreadPoolExecutor(count) as pool:
            outcomes = list(pool.map(exchange.send, [call] * count))
        exchange.close()
        return outcomes

    with socket.create_server(("127.0.0.1", 0), backlog=count) as listener:
        listener.settimeout(10)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = threading.Thread(target=_answer_all_at_once, args=(listener, count), daemon=True)
        server.start()
        outcomes = together_blocking(url) if colour == "sync" else asyncio.run(together(url))
        server.join(timeout=10)

    assert {getattr(outcome, "content", outcome) for outcome in outcomes} == {b'"asked"'}


class Lingering(httpx2.AsyncByteStream):
    """A whole answer on a connection that takes its time to close."""

    def __init__(self) -> None:
        self.may_close = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"request_id": "x_1"}'

    async def aclose(self) -> None:
        await self.may_close.wait()
        message = "the connection broke when it was closed"
        raise httpx2.CloseError(message)


def test_a_whole_answer_is_heard_before_its_connection_is_closed() -> None:
    """A caller who is cancelled while the connection closes does not lose the id of a paid job."""

    async def go() -> Outcome:
        answer, gateway = Lingering(), find_gateway("http://127.0.0.1:9", "")
        wire = httpx2.MockTransport(lambda _: httpx2.Response(202, stream=answer))
        exchange = AsyncExchange(Key(KEY, "a test"), KEY_HEADER, gateway, transport=wire)
        outcome = await asyncio.wait_for(exchange.send(Call("POST", "/x", 5.0, body=b"{}")), 1.0)
        answer.may_close.set()
        await exchange.close()
        return outcome

    assert asyncio.run(go()) == Reply(202, {}, b'{"request_id": "x_1"}')
