"""Two origins on loopback, served by one thread."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from pixazo.sandbox.replies import TRANSPORT

__all__ = ["HOST", "PortInUse", "Server"]

HOST = "127.0.0.1"
LONGEST_START_S = 10.0
ACCEPT_TURNS = 3  # of the event loop, from an accepted connection to its protocol


class PortInUse(OSError):  # noqa: N818 - reads as what happened
    """Somebody else listens on the port."""


class Protocol(H11Protocol):
    """HTTP/1.1 that lets an application see its connection, to break it on purpose."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = quiet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Leave the transport in the state that every request of this connection sees."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


quiet = logging.getLogger("pixazo.sandbox.http")
quiet.setLevel(logging.CRITICAL)


class Server:
    """Serves applications until `stop()`, each on its own port of 127.0.0.1.

    Args:
        apps: what to serve, with the port for each; 0 takes any free one.

    Raises:
        PortInUse: a port is taken; nothing is served.
    """

    def __init__(self, *apps: tuple[ASGIApp, int]) -> None:
        self._sockets: list[socket.socket] = []
        try:
            for _, port in apps:
                self._sockets.append(_listen(port))
        except OSError:
            self._close_sockets()
            raise
        self._apps = [app for app, _ in apps]
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._leave: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="pixazo-sandbox", daemon=True)

    @property
    def urls(self) -> list[str]:
        """One address an application, in order."""
        return [f"http://{HOST}:{s.getsockname()[1]}" for s in self._sockets]

    def start(self) -> None:
        """Serve; comes back when every port answers."""
        self._thread.start()
        if not self._ready.wait(LONGEST_START_S):
            self.stop()
            raise RuntimeError(f"the sandbox did not start within {LONGEST_START_S} s")

    def stop(self) -> None:
        """Serve no more; open connections are closed."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leave.set)
            self._thread.join(timeout=5)
        self._close_sockets()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        """Listen until told to leave; what is still running then is cancelled with the loop."""
        self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
        state = ServerState()
        listening = [
            await self._loop.create_server(_protocols(app, state), sock=listener)
            for app, listener in zip(self._apps, self._sockets, strict=True)
        ]
        self._ready.set()
        await self._leave.wait()
        await self._let_nobody_in()
        for server in listening:
            server.close()
        for connection in tuple(state.connections):
            connection.transport.abort()

    async def _let_nobody_in(self) -> None:
        """Accept no more and let the last ones meet the protocol; asyncio would forget them."""
        for listener in self._sockets:
            with suppress(NotImplementedError):  # Windows
                self._loop.remove_reader(listener)
        for _ in range(ACCEPT_TURNS):
            await asyncio.sleep(0)

    def _close_sockets(self) -> None:
        for listener in self._sockets:
            listener.close()


def _protocols(app: ASGIApp, state: ServerState) -> partial[Protocol]:
    """Makes a protocol for every connection to `app`."""
    config = uvicorn.Config(
        cast("Any", app), ws="none", lifespan="off", log_config=None, access_log=False,
        timeout_keep_alive=30,
    )  # fmt: skip
    config.load()
    return partial(Protocol, config, state, {})


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio switches Nagle's delay (40 ms) off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # where it would let a second sandbox onto the same port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # two may bind one port, but only one of them can listen
    except OSError as error:
        listener.close()
        raise PortInUse(
            error.errno,
            f"port {port} on {HOST} is in use or not allowed: choose another, or 0 for any",
        ) from error
    except OverflowError:
        listener.close()
        raise ValueError(f"port {port}: give a number from 0 to 65535") from None
    return listener
