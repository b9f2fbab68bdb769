"""Connections for asyncio: plain, encrypted, refused, slow, torn and gone stale."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpcore2
import pytest
import trustme

from pixazo.sockets import Backend

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
    writer.close()


def against(serve: Serve, act: Callable[[int], Awaitable[Any]], **more: Any) -> Any:
    """Return what comes of acting against a server on a free port."""

    served: list[asyncio.Task[None]] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.ensure_future(_to_end(serve, reader, writer)))
        await served[-1]

    async def main() -> Any:
        server = await asyncio.start_server(meet, "127.0.0.1", 0, **more)
        async with server:
            came = await act(server.sockets[0].getsockname()[1])
            await asyncio.gather(*served)
            return came

    return asyncio.run(main())


async def _to_end(serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await serve(reader, writer)
    writer.transport.abort()


def test_bytes_go_there_and_back() -> None:
    """What is written is read; the ends know their addresses; the other side's end is empty."""

    async def act(port: int) -> None:
        stream = await Backend().connect_tcp("127.0.0.1", port, timeout=5)
        await stream.write(b"fog\n")
        assert await stream.read(100) == b"fog\n"
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        assert stream.get_extra_info("ssl_object") is None
        assert not stream.get_extra_info("is_readable")
        await stream.aclose()
        assert stream.get_extra_info("is_readable")

    against(echo, act)


@pytest.mark.parametrize(("name", "fits"), [("gateway.test", True), ("evil.test", False)])
def test_the_certificate_is_checked_for_the_name(name: str, fits: bool) -> None:
    """TLS begins on the open connection, asks for the name and refuses another one's proof."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("gateway.test").configure_cert(server)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    long = b"x" * 1_000_000 + b"\n"

    async def act(port: int) -> None:
        plain = await Backend().connect_tcp("127.0.0.1", port)
        if not fits:
            with pytest.raises(httpcore2.ConnectError, match="certificate verify failed"):
                await plain.start_tls(trust, server_hostname=name, timeout=5)
            return
        stream = await plain.start_tls(trust, server_hostname=name, timeout=5)
        assert stream.get_extra_info("ssl_object").version().startswith("TLS")
        writing = asyncio.create_task(stream.write(long))
        came = b""
        while len(came) < len(long):
            came += await stream.read(65536)
        await writing
        assert came == long
        await stream.aclose()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()

    against(serve, act, ssl=server)


def test_a_refused_connection_is_known_as_not_made() -> None:
    """A port where nobody listens is a ConnectError."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(httpcore2.ConnectError):
            asyncio.run(Backend().connect_tcp("127.0.0.1", taken.getsockname()[1]))


def test_a_connection_that_takes_too_long_is_known_as_not_made() -> None:
    """A queue that is full answers nobody: ConnectTimeout, in time."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]

        async def main() -> None:
            waiting = [asyncio.create_task(Backend().connect_tcp("127.0.0.1", port, 0.3))
                       for _ in range(8)]  # fmt: skip
            found = await asyncio.gather(*waiting, return_exceptions=True)
            assert any(isinstance(each, httpcore2.ConnectTimeout) for each in found)
            for each in found:
                if not isinstance(each, BaseException):
                    await each.aclose()

        asyncio.run(main())


def test_a_reset_is_a_read_error() -> None:
    """A connection that is torn down while its answer is awaited is no end of the answer."""

    async def act(port: int) -> None:
        stream = await Backend().connect_tcp("127.0.0.1", port)
        await stream.write(b"fog\n")
        with pytest.raises(httpcore2.ReadError):
            await stream.read(100)
        await stream.aclose()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        linger = socket.SO_LINGER
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, linger, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    against(serve, act)


def test_an_idle_connection_that_has_ended_is_not_used_again() -> None:
    """The HTTP library asks whether an idle connection is readable, which its end makes it."""

    async def act(port: int) -> None:
        stream = await Backend().connect_tcp("127.0.0.1", port)
        await asyncio.sleep(0.05)
        assert stream.get_extra_info("is_readable")
        await stream.aclose()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    against(serve, act)
