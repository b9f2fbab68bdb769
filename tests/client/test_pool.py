"""The connections of asyncio, against servers that behave badly: real sockets, with TLS and not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest

from pixazo import connections
from pixazo.exchange import AsyncExchange
from pixazo.settings import Key, find_gateway
from pixazo.steps import Call, Failure, Outcome, Reply
from tests.client.gateway import KEY, KEY_HEADER
from tests.client.tls import proof_of

LOOK = Call("GET", "/status", timeout_s=5.0)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWER = HEAD + b'Content-Length: 7\r\n\r\n"asked"'
MEGABYTE = 2**20

Serve = Callable[[socket.socket], object]


class Server:
    """Gives each connection to the next script, in a thread of its own."""

    def __init__(self, proof: ssl.SSLContext | None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.scripts: list[Serve] = []
        self.proof = proof
        scheme = "https" if proof else "http"
        self.url = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []

    def start(self, *scripts: Serve) -> str:
        self.scripts = list(scripts)
        self._spawn(self._accept)
        return self.url

    def _accept(self) -> None:
        for script in self.scripts:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # the test is over, and nobody came
                return
            connection.settimeout(10)
            self._spawn(self._play, script, connection)

    def _play(self, script: Serve, connection: socket.socket) -> None:
        try:
            if self.proof:
                connection = self.proof.wrap_socket(connection, server_side=True)
        except OSError:  # the client does not believe the proof
            connection.close()
            return
        with connection:
            script(connection)

    def _spawn(self, target: Callable[..., object], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        thread.start()
        self._threads.append(thread)

    def join(self) -> None:
        with suppress(OSError):  # elsewhere than on Linux it needs no waking
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def silent_port() -> Iterator[int]:
    """Give a port that neither takes nor refuses connections: its queue is full."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Generator[Server]:
    """Return a server, with TLS and without."""
    proof = proof_of("127.0.0.1", monkeypatch) if request.param == "https" else None
    serving = Server(proof)
    yield serving
    serving.join()


@asynccontextmanager
async def exchange_with(url: str) -> AsyncIterator[AsyncExchange]:
    exchange = AsyncExchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
    try:
        yield exchange
    finally:
        await exchange.close()


def talk(url: str, what: Callable[[AsyncExchange], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with exchange_with(url) as exchange:
            return await what(exchange)

    return asyncio.run(go())


def content(outcome: Outcome) -> object:
    return outcome.content if isinstance(outcome, Reply) else outcome


def two_looks(
    url: str, pause_s: float = 0.02, then: Callable[[], object] = lambda: None
) -> list[object]:
    """Look twice; in the pause the connection is given back, and `then` holds up the event loop."""

    async def looks(exchange: AsyncExchange) -> list[object]:
        first = await exchange.send(LOOK)
        await asyncio.sleep(pause_s)
        then()
        return [content(first), content(await exchange.send(LOOK))]

    heard: list[object] = talk(url, looks)
    return heard


def head_of(connection: socket.socket) -> bytes:
    """Read a request up to its body."""
    read = b""
    while not read.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        read += byte
    return read


def answers(connection: socket.socket) -> None:
    """Answer whatever is asked until the client ends the connection."""
    while head := head_of(connection):
        if b"Content-Length: 2\r\n" in head:
            assert connection.recv(2) == b"{}"
        connection.sendall(ANSWER)


def test_looks_share_one_connection_and_what_is_paid_has_its_own(server: Server) -> None:
    url = server.start(answers, answers, answers)

    async def calls(exchange: AsyncExchange) -> list[Outcome]:
        paid = Call("POST", "/paid", 5.0, body=b"{}")
        outcomes = []
        for call in (LOOK, paid, LOOK, LOOK, paid):
            outcomes.append(await exchange.send(call))
            await asyncio.sleep(0.01)  # in which the connection is given back
        return outcomes

    assert [content(outcome) for outcome in talk(url, calls)] == [b'"asked"'] * 5


@pytest.mark.parametrize("size", [10, 3 * MEGABYTE], ids=["little", "much"])
def test_what_lies_on_an_idle_connection_is_no_answer(server: Server, size: int) -> None:
    """Bytes that nobody asked for end the connection; the next look gets the answer to itself."""

    def unasked(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(ANSWER)
        time.sleep(0.05)
        try:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % size + b"1" * size)
            assert connection.recv(1) == b""
        except OSError:  # the client may leave before it is told all
            pass

    url = server.start(unasked, answers)

    assert two_looks(url, pause_s=0.3) == [b'"asked"'] * 2


def test_two_answers_to_one_look_are_one(server: Server) -> None:
    """What is read together with an answer, beyond its end, is nobody's either."""

    def twice(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(ANSWER + HEAD + b'Content-Length: 9\r\n\r\n"unasked"')
        with suppress(OSError):  # the client leaves without having asked more
            connection.recv(1)

    url = server.start(twice, answers)

    assert two_looks(url) == [b'"asked"'] * 2


def test_bytes_that_the_event_loop_has_not_seen_yet_are_no_answer(server: Server) -> None:
    """A loop that is busy while they arrive has not read them when the next look begins."""
    arrived = threading.Event()

    def unasked(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(ANSWER)
        time.sleep(0.2)
        connection.sendall(HEAD + b'Content-Length: 9\r\n\r\n"unasked"')
        arrived.set()
        with suppress(OSError):  # the client leaves without having read it
            connection.recv(1)

    url = server.start(unasked, answers)

    assert two_looks(url, then=lambda: arrived.wait(5)) == [b'"asked"'] * 2
    assert arrived.is_set()


def test_an_answer_that_ends_with_its_connection_is_whole(server: Server) -> None:
    def ends(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(HEAD + b'\r\n"asked"')

    url = server.start(ends, answers)

    assert two_looks(url) == [b'"asked"'] * 2


def test_an_answer_counts_although_the_body_was_not_read(server: Server) -> None:
    """A server that refuses a large body early, and says no more, is heard before it hangs up."""
    heard = threading.Event()

    def refuses(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(b'HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\n"large"')
        if not server.proof:
            connection.shutdown(socket.SHUT_WR)
        assert heard.wait(5)

    url = server.start(refuses)
    large = Call("POST", "/paid", 3.0, body=b"x" * 20 * MEGABYTE)

    outcome = talk(url, lambda exchange: exchange.send(large))
    heard.set()

    assert isinstance(outcome, Reply)
    assert (outcome.status_code, outcome.content) == (413, b'"large"')


def test_an_answer_that_was_there_first_is_heard(server: Server) -> None:
    """Who is overloaded answers unasked and hangs up: writing fails, reading does not."""

    def overloaded(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\n"busy"')

    url = server.start(*[overloaded] * 5)

    async def busily(exchange: AsyncExchange) -> list[Outcome]:
        async def hold() -> None:
            while True:
                time.sleep(0.01)  # other tasks of the caller are long at work
                await asyncio.sleep(0)

        holding = asyncio.ensure_future(hold())
        paid = Call("POST", "/paid", 5.0, body=b"{}")
        outcomes = [await exchange.send(paid) for _ in range(5)]
        holding.cancel()
        return outcomes

    assert [content(outcome) for outcome in talk(url, busily)] == [b'"busy"'] * 5


def test_a_server_that_talks_without_listening_fills_no_memory(server: Server) -> None:
    """Its bytes wait in its own buffers while the request is still being sent."""
    sent: list[int] = []

    def talks(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 9999999999\r\n\r\n")
        with suppress(OSError):
            while sum(sent) < 100 * MEGABYTE:
                sent.append(connection.send(b"x" * 65_536))

    url = server.start(talks)
    large = Call("POST", "/paid", 1.0, body=b"x" * 20 * MEGABYTE)

    outcome = talk(url, lambda exchange: exchange.send(large))

    assert outcome.sent if isinstance(outcome, Failure) else outcome.broken
    assert sum(sent) < 20 * MEGABYTE


def test_a_slow_reader_gets_a_large_body_whole(server: Server) -> None:
    got: list[int] = []

    def slow(connection: socket.socket) -> None:
        head_of(connection)
        left = 5 * MEGABYTE
        while left:
            left -= len(connection.recv(min(left, 100_000)))
            time.sleep(0.002)
        got.append(left)
        connection.sendall(ANSWER)

    url = server.start(slow)
    large = Call("POST", "/paid", 8.0, body=b"x" * 5 * MEGABYTE)

    outcome = talk(url, lambda exchange: exchange.send(large))

    assert (content(outcome), got) == (b'"asked"', [0])


def test_a_client_that_is_closed_ends_the_look_under_way(server: Server) -> None:
    """Whoever closes a client does not wait for a gateway that is silent."""
    asked, ended = threading.Event(), threading.Event()

    def silent(connection: socket.socket) -> None:
        head_of(connection)
        asked.set()
        with suppress(OSError):
            assert connection.recv(1) == b""
        ended.set()

    url = server.start(silent)

    async def closed(exchange: AsyncExchange) -> tuple[Outcome, float]:
        look = asyncio.ensure_future(exchange.send(LOOK))
        assert await asyncio.to_thread(asked.wait, 5)
        began = time.monotonic()
        await exchange.close()
        return await look, time.monotonic() - began

    outcome, took_s = talk(url, closed)

    assert outcome == Failure("ReadError: the connection was closed", sent=True)
    assert took_s < 1.0
    assert ended.wait(5)


def test_a_client_that_is_closed_sends_nothing_more(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that was still looking for its way is not sent when the way is found."""
    read: list[bytes] = []

    def listens(connection: socket.socket) -> None:
        with suppress(ConnectionResetError):  # the client may have left what TLS told it
            read.append(connection.recv(1))

    url = server.start(listens)
    port = server.listener.getsockname()[1]
    paid = Call("POST", "/paid", 5.0, body=b"{}")

    async def closed(_: AsyncExchange) -> Outcome:
        asked, may_answer = asyncio.Event(), asyncio.Event()

        async def look_up(*_: object, **__: object) -> list[Any]:
            asked.set()
            await may_answer.wait()
            tcp = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
            return [(*tcp, ("127.0.0.1", port))]

        monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", look_up)
        async with exchange_with(url.replace("127.0.0.1", "localhost")) as exchange:
            sending = asyncio.ensure_future(exchange.send(paid))
            await asked.wait()
        may_answer.set()
        return await sending

    outcome = talk(url, closed)
    server.join()

    assert isinstance(outcome, Failure)
    assert not outcome.sent
    assert "the client was closed" in outcome.reason
    assert b"".join(read) == b""


def test_who_is_cancelled_while_closing_has_closed_all(server: Server) -> None:
    ended: list[bytes] = []

    def waits(connection: socket.socket) -> None:
        head_of(connection)
        both.wait(5)
        connection.sendall(ANSWER)
        try:
            ended.append(connection.recv(1))
        except ConnectionResetError:
            ended.append(b"")

    both = threading.Barrier(2)
    url = server.start(waits, waits)

    async def cancelled() -> None:
        exchange = AsyncExchange(Key(KEY, "a test"), KEY_HEADER, find_gateway(url, ""))
        await asyncio.gather(exchange.send(LOOK), exchange.send(LOOK))
        await asyncio.sleep(0.02)  # in which the connections are given back
        closing = asyncio.ensure_future(exchange.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
        await asyncio.to_thread(server.join)

    asyncio.run(cancelled())

    assert ended == [b"", b""]


def test_a_look_that_is_cancelled_leaves_no_connection(server: Server) -> None:
    """The answer to it would be taken for the answer to the next one."""
    asked, ended = threading.Event(), threading.Event()

    def silent(connection: socket.socket) -> None:
        head_of(connection)
        asked.set()
        with suppress(OSError):
            assert connection.recv(1) == b""
        ended.set()

    url = server.start(silent, answers)

    async def cancelled(exchange: AsyncExchange) -> Outcome:
        look = asyncio.ensure_future(exchange.send(LOOK))
        assert await asyncio.to_thread(asked.wait, 5)
        look.cancel()
        await asyncio.wait([look])
        assert await asyncio.to_thread(ended.wait, 5)
        return await exchange.send(LOOK)

    assert content(talk(url, cancelled)) == b'"asked"'


def test_a_server_that_goes_away_frees_its_connection_at_once(server: Server) -> None:
    """Idle connections of a client that has nothing to ask do not pile up half closed."""
    freed = threading.Event()

    def once(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(ANSWER)
        connection.settimeout(5)
        if not server.proof:
            connection.shutdown(socket.SHUT_WR)
        else:
            connection = connection.unwrap()  # type: ignore[attr-defined]
        assert connection.recv(1) == b""
        freed.set()

    url = server.start(once)

    async def idle(exchange: AsyncExchange) -> bool:
        await exchange.send(LOOK)
        return await asyncio.to_thread(freed.wait, 5)

    assert talk(url, idle)


@pytest.mark.parametrize("first", ["refuses", "is silent"])
def test_a_host_with_several_addresses_is_reached_by_one_that_works(
    monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """RFC 8305: what the first address of a name does is not waited for."""
    serving = Server(None)
    port = serving.listener.getsockname()[1]

    with silent_port() as silent:
        other = ("127.0.0.1", silent) if first == "is silent" else ("127.0.0.2", port)

        async def look_up(*_: object, **__: object) -> list[Any]:
            tcp = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
            return [(*tcp, other), (*tcp, ("127.0.0.1", port))]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
        serving.start(answers)
        began = time.monotonic()
        outcome = talk(f"http://localhost:{port}", lambda exchange: exchange.send(LOOK))
        took_s = time.monotonic() - began
        serving.join()

    assert content(outcome) == b'"asked"'
    assert took_s < 2.0


def test_who_is_cancelled_while_connecting_leaves_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TLS that has just begun ends at once, without the other side's goodbye."""
    sending: list[asyncio.Future[Outcome]] = []
    ended = threading.Event()

    class Cancelling(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            sending[0].cancel()

    serving = Server(proof_of("127.0.0.1", monkeypatch))
    connections._tls().sslobject_class = Cancelling

    def silent(connection: socket.socket) -> None:
        with socket.socket(fileno=connection.detach()) as bare, suppress(ConnectionError):
            bare.settimeout(3)
            while bare.recv(65_536):
                pass
        ended.set()

    url = serving.start(silent)

    async def cancelled(exchange: AsyncExchange) -> bool:
        sending.append(asyncio.ensure_future(exchange.send(LOOK)))
        await asyncio.wait(sending)
        await asyncio.to_thread(serving.join)
        return sending[0].cancelled()

    assert talk(url, cancelled)
    assert ended.is_set()


def test_a_host_that_is_silent_was_sent_nothing() -> None:
    """Silence while connecting ends in time, and as "not sent"."""
    with silent_port() as port:
        paid, began = Call("POST", "/paid", 0.5, body=b"{}"), time.monotonic()
        outcome = talk(f"http://127.0.0.1:{port}", lambda exchange: exchange.send(paid))
        took_s = time.monotonic() - began

    assert outcome == Failure("no connection within 0.45 s", sent=False)
    assert took_s < 2.0


def test_a_gateway_that_proves_to_be_another_gets_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate for another name ends the call before a byte of it left."""
    read: list[bytes] = []
    serving = Server(proof_of("another.example", monkeypatch))

    def listens(connection: socket.socket) -> None:
        with suppress(OSError):  # TLS 1.3 tells this side of the client's refusal only here
            read.append(connection.recv(1))

    url = serving.start(listens)
    paid = Call("POST", "/paid", 5.0, body=b"{}")

    outcome = talk(url, lambda exchange: exchange.send(paid))
    serving.join()

    assert isinstance(outcome, Failure)
    assert not outcome.sent
    assert "certificate is not valid for '127.0.0.1'" in outcome.reason
    assert read == []
