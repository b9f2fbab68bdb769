"""A server for callbacks and nothing else: for programs that have no web framework around them.

One request for each connection, small heads, a bound on everything. TLS is somebody else's work: a
reverse proxy or a tunnel stands before it and has the public https address.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pixazo.errors import InvalidConfiguration
from pixazo.webhooks.asgi import Message

if TYPE_CHECKING:
    from pixazo.webhooks.receiver import Receiver

__all__ = ["Server", "listening"]

MOST_HEAD_BYTES = 16 * 1024
MOST_LEFTOVER_BYTES = 256 * 1024
LEFTOVER_S = 0.5
ACCEPT_TURNS = 3  # of the event loop, from an accepted connection to `Server._meet`
REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/1\.[01]")
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\x00]*?)[ \t]*")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?\r\n")


class _Refused(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Server:
    """Serves one receiver; use it as an asynchronous context manager.

    Args:
        receiver: Decides about the callbacks.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        head_s: Most seconds for a request's head to arrive.
        most_open: Most connections at once; further ones are closed unheard.
    """

    def __init__(
        self,
        receiver: Receiver,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        head_s: float = 10.0,
        most_open: int = 200,
    ) -> None:
        self._app = receiver.asgi()
        self._host, self.port = host, port
        self._head_s, self._most_open = head_s, most_open
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Server:
        """Begin to listen; `port` is the real one from now on.

        Raises:
            InvalidConfiguration: The address is taken or not this machine's.
        """
        try:
            self._server = await asyncio.start_server(
                self._meet, self._host, self.port, limit=MOST_HEAD_BYTES
            )
        except (OSError, OverflowError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            message = f"cannot listen on {self._host}:{self.port}: {why}"
            hint = "Choose an address of this machine and a free port."
            raise InvalidConfiguration(message, hint=hint) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening and let go of everybody."""
        if self._server is not None:
            await _shut(self._server)
        open_ = dict(self._open)
        for task in open_:
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)
        for writer in open_.values():
            writer.close()  # a task that was cancelled before it began closes nothing

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Who has been answered is not open any more, however long `on_hint` goes on with it.
        if sum(not other.is_closing() for other in self._open.values()) >= self._most_open:
            writer.close()
            return
        task = asyncio.ensure_future(self._serve(_Line(reader, writer)))
        self._open[task] = writer
        task.add_done_callback(self._open.pop)

    async def _serve(self, line: _Line) -> None:
        try:
            scope = await self._head(line)
            if scope is not None:
                await self._app(scope, line.receive, line.send)
        except _Refused as refused:
            await line.answer(refused.status, [])
        finally:
            await line.end()

    async def _head(self, line: _Line) -> Message | None:
        """The head as an ASGI scope; None when the caller has gone."""
        try:
            async with asyncio.timeout(self._head_s):
                head = await line.reader.readuntil(b"\r\n\r\n")
        except TimeoutError:
            raise _Refused(HTTPStatus.REQUEST_TIMEOUT) from None
        except asyncio.LimitOverrunError:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        scope = _scope(head)
        line.expect(scope["headers"])
        return scope


async def _shut(server: asyncio.Server) -> None:
    """Let nobody in any more, then close: asyncio forgets whoever was let in a moment ago."""
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        with suppress(NotImplementedError):  # Windows
            loop.remove_reader(listener.fileno())
    for _ in range(ACCEPT_TURNS):
        await asyncio.sleep(0)
    server.close()


class _Line:
    """One connection: the body as ASGI's `receive`, the answer as ASGI's `send`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._left: int | None = 0  # bytes of the body to come; None: chunks
        self._is_asked_to_go_on = False
        self._leftovers: asyncio.Future[None] | None = None
        self._status, self._headers = HTTPStatus.OK, list[tuple[bytes, bytes]]()

    def expect(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Learn from the headers how the body comes."""
        codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
        lengths = [value for name, value in headers if name == b"content-length"]
        if codings and (codings != [b"chunked"] or lengths):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        digits = lengths[0] if lengths else b"0"
        is_number = digits.isdigit() and len(digits) < 10  # the receiver refuses whatever is not
        self._left = None if codings else int(digits) if is_number else 0
        self._is_asked_to_go_on = any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in headers
        )

    async def receive(self) -> Message:
        """The next bytes of the body."""
        if self._is_asked_to_go_on:
            self._is_asked_to_go_on = False
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await (self._chunk() if self._left is None else self._plain(self._left))
        except (asyncio.IncompleteReadError, ConnectionError):
            return {"type": "http.disconnect"}
        except (asyncio.LimitOverrunError, ValueError):
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        more = bool(body) if self._left is None else self._left > 0
        return {"type": "http.request", "body": body, "more_body": more}

    async def _plain(self, left: int) -> bytes:
        body = await self.reader.read(min(left, 65536)) if left else b""
        if left and not body:
            raise ConnectionResetError
        self._left = left - len(body)
        return body

    async def _chunk(self) -> bytes:
        """One chunk; empty at the end. Trailers are left unread: the connection ends here."""
        found = CHUNK_SIZE.fullmatch(await self.reader.readuntil(b"\r\n"))
        if found is None:
            raise ValueError("not a chunk")
        size = int(found[1], 16)
        if size > MOST_LEFTOVER_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = await self.reader.readexactly(size)
        if size and await self.reader.readexactly(2) != b"\r\n":
            raise ValueError("a chunk without its end")
        return body

    async def send(self, message: Message) -> None:
        """Answer when the application has said everything."""
        if message["type"] == "http.response.start":
            self._status, self._headers = HTTPStatus(message["status"]), message["headers"]
        else:
            await self.answer(self._status, self._headers)

    async def answer(self, status: HTTPStatus, headers: list[tuple[bytes, bytes]]) -> None:
        """Write the answer and begin to end the connection; what follows need not wait for it."""
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), b"connection: close"]
        lines += [name + b": " + value for name, value in headers]
        self.writer.write(b"\r\n".join([*lines, b"", b""]))
        self._leftovers = asyncio.ensure_future(self._take_leftovers())

    async def _take_leftovers(self) -> None:
        """Unread bytes would make the system reset the connection and drop the answer."""
        left = MOST_LEFTOVER_BYTES
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(LEFTOVER_S):
                self.writer.write_eof()
                while left > 0 and (got := await self.reader.read(65536)):
                    left -= len(got)
        self.writer.close()

    async def end(self) -> None:
        """Close the connection once the answer has got away."""
        try:
            if self._leftovers is not None:
                await self._leftovers
        finally:
            self.writer.close()


def _scope(head: bytes) -> dict[str, Any]:
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    asked = REQUEST_LINE.fullmatch(first)
    found = [HEADER.fullmatch(line) for line in rest]
    if asked is None or None in found:
        raise _Refused(HTTPStatus.BAD_REQUEST)
    headers = [(m[1].lower().encode(), m[2].encode("latin-1")) for m in found if m is not None]
    return {"type": "http", "method": asked[1], "path": _path(asked[2]), "headers": headers}


def _path(target: str) -> str:
    try:
        return unquote(urlsplit(target).path if "://" in target else target.partition("?")[0])
    except ValueError:
        raise _Refused(HTTPStatus.BAD_REQUEST) from None


@contextmanager
def listening(receiver: Receiver, host: str = "127.0.0.1", port: int = 0) -> Generator[int]:
    """Serve a receiver in a thread of its own; yields the port.

    Args:
        receiver: Decides about the callbacks.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.

    Raises:
        InvalidConfiguration: The address is taken or not this machine's.
    """
    server = Server(receiver, host, port)
    with _loop() as run:
        run(server.__aenter__())
        try:
            yield server.port
        finally:
            run(server.__aexit__())


@contextmanager
def _loop() -> Generator[Callable[[Coroutine[Any, Any, object]], object]]:
    """An event loop in a thread of its own: in a notebook the caller's thread runs one already."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True, name="pixazo-callbacks")
    thread.start()

    def run(work: Coroutine[Any, Any, object]) -> object:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    try:
        yield run
    finally:
        run(loop.shutdown_default_executor())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
