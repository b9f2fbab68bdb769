"""A deadline for blocking reads: when it passes, the socket is cut under whoever reads it.

A time-out on each read is no deadline: a server that drips one byte of a header now and then keeps
a reader for ever. So a timer shuts the socket down, which ends the read at once.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol, cast

__all__ = ["Watchdog"]

CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class _Stream(Protocol):
    def get_extra_info(self, info: str) -> object: ...


class Watchdog:
    """Cuts the connection that it was shown when its time is up."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None
        self._socket: socket.socket | None = None

    def start(self, within_s: float) -> None:
        """Begin to count."""
        self.stop()
        self._timer = threading.Timer(min(within_s, threading.TIMEOUT_MAX), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def trace(self, event: str, details: Mapping[str, object]) -> None:
        """Take note of the connection; the HTTP client calls this for each of its events."""
        if event in CONNECTED:
            found = cast("_Stream", details["return_value"]).get_extra_info("socket")
            self._socket = found if isinstance(found, socket.socket) else None

    def stop(self) -> None:
        """Stop counting and forget the connection."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._socket = None

    def _cut(self) -> None:
        if (held := self._socket) is not None:
            with suppress(OSError):  # it may be closed by now
                socket.socket.shutdown(held, socket.SHUT_RDWR)  # TLS says no good-bye here
