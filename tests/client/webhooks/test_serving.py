"""The server of our own: bounds on heads, connections and chunks, and a clean end."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
import warnings
from contextlib import ExitStack

import pytest

from pixazo.errors import InvalidConfiguration
from pixazo.webhooks import Receiver
from pixazo.webhooks.serving import Server, listening

SECRET = "a secret of at least thirty-two bytes"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver("http://127.0.0.1:1/hooks", SECRET, every_s=0, body_s=0.5)


def path_of(receiver: Receiver) -> bytes:
    return b"/hooks/" + receiver.url_for("a").rpartition("/")[2].encode()


def talk(port: int, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send the parts and return everything that comes until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for part in parts:
            line.sendall(part)
            time.sleep(pause_s)
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
        return answer


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"\r\n\r\n", b"400"),
        (b"POST PATH HTTP/3\r\n\r\n", b"400"),
        (b"POST PATH\r\n\r\n", b"400"),
        (b"POST  PATH HTTP/1.1\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\na b: c\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\na: b\r\n folded\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\na: b\nc: d\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\na: \0\r\n\r\n", b"400"),
        (b"POST http://[::1 HTTP/1.1\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n", b"400"),
        (
            b"POST PATH HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}",
            b"400",
        ),
        (b"POST PATH HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", b"400"),
        (b"POST PATH HTTP/1.1\r\ncontent-length: 123456789x\r\n\r\n{}", b"400"),
        (b"POST PATH HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}x\r\n", b"400"),
        (b"POST PATH HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n", b"413"),
        (b"POST PATH HTTP/1.1\r\na: " + b"b" * 20_000 + b"\r\n\r\n", b"431"),
        (b"POST http://h PATH HTTP/1.1\r\n\r\n", b"400"),
        (b"POST PATH HTTP/1.0\r\n\r\n", b"204"),
        (b"POST http://example.comPATH?a HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", b"204"),
        (b"POST PATH HTTP/1.1\r\nContent-Length:2\r\n\r\n{}", b"204"),
        (
            b"POST PATH HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\n\r\n",
            b"204",
        ),
    ],
)
def test_heads_and_chunks(receiver, head, status):
    """What is not plain HTTP/1 is refused; what is, is heard."""
    with listening(receiver) as port:
        answer = talk(port, head.replace(b"PATH", path_of(receiver)))

    assert answer.split(b" ")[1] == status
    assert (receiver.hints.wait("a", 0) is not None) == (status == b"204")


def test_go_on_is_said_to_the_genuine_only(receiver):
    """Only a caller with a genuine token is told to send its body."""
    ask = b"POST %s HTTP/1.1\r\nexpect: 100-Continue\r\ncontent-length: 2\r\n\r\n"

    with listening(receiver) as port:
        forged = talk(port, ask % b"/hooks/x")
        genuine = talk(port, ask % path_of(receiver), b"{}", pause_s=0.1)

    assert forged.startswith(b"HTTP/1.1 404 ")
    assert genuine.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 ")


def test_silent_bodies_end_in_time(receiver):
    """A body that stops altogether is refused with 408, unlike under WSGI."""
    head = b"POST " + path_of(receiver) + b" HTTP/1.1\r\ncontent-length: 9\r\n\r\n{"
    started = time.monotonic()

    with listening(receiver) as port:
        answer = talk(port, head)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 4


def test_heads_end_in_time(receiver):
    """A head that drips is refused with 408."""

    async def drip() -> bytes:
        async with Server(receiver, head_s=0.3) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            for _ in range(5):
                writer.write(b"a")
                await asyncio.sleep(0.1)
            answer = await reader.read()
            writer.close()
            return answer

    assert asyncio.run(drip()).startswith(b"HTTP/1.1 408 ")


def test_connections_are_bounded(receiver):
    """More connections than allowed are closed unheard, and the others are still served."""

    async def crowd() -> tuple[bytes, bytes]:
        async with Server(receiver, most_open=2) as server:
            first = await asyncio.open_connection("127.0.0.1", server.port)
            second = await asyncio.open_connection("127.0.0.1", server.port)
            await asyncio.sleep(0.05)
            third = await asyncio.open_connection("127.0.0.1", server.port)
            turned_away = await third[0].read()
            first[1].write(b"POST " + path_of(receiver) + b" HTTP/1.1\r\n\r\n")
            served = await first[0].read()
            for _, writer in (first, second, third):
                writer.close()
            return turned_away, served

    turned_away, served = asyncio.run(crowd())

    assert turned_away == b""
    assert served.startswith(b"HTTP/1.1 204 ")


def test_who_is_answered_leaves_room_for_others():
    """However long `on_hint` works at earlier callbacks, later ones are heard."""
    go_on = asyncio.Event()

    async def slow(_: object) -> None:
        await go_on.wait()

    receiver = Receiver("http://127.0.0.1:1/hooks", SECRET, every_s=0, on_hint=slow)

    async def many() -> list[bytes]:
        answers = []
        async with Server(receiver, most_open=2) as server:
            for number in range(6):
                path = receiver.url_for(f"job-{number}").removeprefix("http://127.0.0.1:1")
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                body = b'{"request_id": "a-1", "status": "COMPLETED"}'
                head = f"POST {path} HTTP/1.1\r\ncontent-type: application/json\r\n"
                writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
                answers.append(await reader.readline())
                writer.close()
                await asyncio.sleep(0.05)
            go_on.set()
        return answers

    assert asyncio.run(many()) == [b"HTTP/1.1 204 No Content\r\n"] * 6


def test_answer_survives_a_body_in_flight(receiver):
    """A caller that is still sending a refused body gets the answer, not a reset."""
    head = b"POST /hooks/x HTTP/1.1\r\ncontent-length: 100000\r\n\r\n"

    with listening(receiver) as port:
        answer = talk(port, head + b"x" * 100_000)

    assert answer.startswith(b"HTTP/1.1 404 ")


def test_ends_with_open_connections(receiver):
    """Leaving the server does not wait for callers that say nothing."""
    started, threads = time.monotonic(), set(threading.enumerate())

    with listening(receiver) as port:
        line = socket.create_connection(("127.0.0.1", port))
        time.sleep(0.05)

    line.close()
    assert time.monotonic() - started < 3
    assert set(threading.enumerate()) <= threads


def test_serves_beside_a_running_loop(receiver):
    """In a notebook, where the caller's thread runs an event loop, it serves as anywhere else."""

    async def cell() -> bytes:
        with listening(receiver) as port:
            return await asyncio.to_thread(talk, port, b"GET / HTTP/1.1\r\n\r\n")

    assert asyncio.run(cell()).startswith(b"HTTP/1.1 404 ")


def test_taken_ports_are_told(receiver):
    """A port that is taken is one clear error that names it."""
    with (
        listening(receiver) as port,
        pytest.raises(InvalidConfiguration, match=f"127.0.0.1:{port}"),
        listening(receiver, port=port),
    ):
        pass


@pytest.mark.parametrize(("host", "port"), [("a" * 64, 0), ("127.0.0.1", 70_000)])
def test_addresses_that_are_none_are_told(receiver, host, port):
    """A host or port that cannot be is the same clear error."""
    with (
        pytest.raises(InvalidConfiguration, match="cannot listen"),
        listening(receiver, host, port),
    ):
        pass


@pytest.mark.parametrize("turns", range(6))
def test_whoever_comes_at_the_end_is_let_go(receiver, turns):
    """A connection that is made while the server closes is closed with it."""

    async def meet() -> None:
        async with Server(receiver) as server:
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(turns):
                await asyncio.sleep(0)

    with ExitStack() as stack, warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always")
        asyncio.run(meet())
        gc.collect()

    assert [str(warning.message) for warning in left_open] == []
