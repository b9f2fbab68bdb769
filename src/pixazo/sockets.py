"""Connections for asyncio: the HTTP library's own way to them costs a fifth of the CPU time.

Reads and writes know no time-outs of their own: `asyncio.timeout` bounds the whole exchange. The
making of a connection has one, so that a request that never left is known as such.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import httpcore2

__all__ = ["Backend", "Stream"]

MOST_HELD = 16 * 1024
NAMES = {"client_addr": "sockname", "server_addr": "peername"}  # httpcore2's and asyncio's


@contextmanager
def _told(kind: type[Exception]) -> Generator[None]:
    """Turn what the system says into the HTTP library's own error."""
    try:
        yield
    except OSError as error:
        raise kind(str(error) or type(error).__name__) from error


class Stream(httpcore2.AsyncNetworkStream):
    """An open connection.

    Args:
        reader: What comes in.
        writer: What goes out.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._out = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (see above)
        """Return the next bytes; none at the end."""
        await self._flush()
        with _told(httpcore2.ReadError):
            return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Take bytes to be sent: head and body of a request leave together, before the answer."""
        self._out += buffer
        if len(self._out) > MOST_HELD:
            await self._flush()

    async def _flush(self) -> None:
        if self._out:
            out, self._out = self._out, b""
            with _told(httpcore2.WriteError):
                self._writer.write(out)
                await self._writer.drain()

    async def aclose(self) -> None:
        """Close the connection without waiting for the other side."""
        self._writer.close()
        await asyncio.sleep(0)  # what was written gets its chance
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return the same connection, encrypted and proven."""
        await self._flush()
        with _told(httpcore2.ConnectError):
            await self._writer.start_tls(
                ssl_context, server_hostname=server_hostname, ssl_handshake_timeout=timeout
            )
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return what the HTTP library asks; an idle connection that ended is `is_readable`."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.is_closing()
        return self._writer.get_extra_info(NAMES.get(info, info))


class Backend(httpcore2.AsyncNetworkBackend):
    """Makes connections."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a connection; several addresses of a name are tried side by side."""
        local = None if local_address is None else (local_address, 0)
        try:
            async with asyncio.timeout(timeout):
                with _told(httpcore2.ConnectError):
                    reader, writer = await asyncio.open_connection(
                        host, port, local_addr=local, happy_eyeballs_delay=0.25
                    )
        except TimeoutError as error:
            message = f"no connection within {timeout:g} s"
            raise httpcore2.ConnectTimeout(message) from error
        for option in socket_options or ():
            writer.get_extra_info("socket").setsockopt(*option)
        return Stream(reader, writer)

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run for `seconds`."""
        await asyncio.sleep(seconds)
