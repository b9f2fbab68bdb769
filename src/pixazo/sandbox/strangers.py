"""A connection that says what it likes, and what it hears."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pixazo.sandbox.attacks import Mark, Wire

__all__ = ["ANSWER_S", "Heard", "connected", "send"]

ANSWER_S: Final = 3.0
"""How long a receiver may take to answer what it has whole, in seconds; our choice."""

GRACE_S: Final = 0.3
MOST_BYTES: Final = 64 * 1024
STATUS = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)\b")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one connection brought.

    Args:
        statuses: the final status of each answer.
        took_s: how long it lasted, in seconds.
        ended: whether the receiver answered or let go.
    """

    statuses: tuple[int, ...]
    took_s: float
    ended: bool

    def __str__(self) -> str:
        words = " and ".join(map(str, self.statuses)) or ("closed" if self.ended else "no answer")
        return words if self.took_s < 1 else f"{words} after {self.took_s:.0f} s"


def send(mark: Mark, wire: Wire, limit_s: float) -> Heard:
    """Send until all is sent, an answer comes or the time is over; then listen.

    A connection that is refused or reset counts as let go.
    """
    started = time.monotonic()
    try:
        with connected(mark) as line:
            with suppress(ConnectionError, TimeoutError):
                for part in _parts(wire):
                    if _readable(line) or time.monotonic() - started > limit_s:
                        break
                    line.sendall(part)
            answer, ended = _listen(line, started + limit_s)
    except OSError:
        answer, ended = b"", True
    statuses = tuple(int(found) for found in STATUS.findall(answer))
    return Heard(statuses, time.monotonic() - started, ended)


def connected(mark: Mark) -> socket.socket:
    """A fresh connection."""
    return socket.create_connection((mark.host, mark.port), timeout=ANSWER_S)


def _parts(wire: Wire) -> Iterator[bytes]:
    for part in wire:
        if isinstance(part, bytes):
            yield part
            continue
        while True:
            yield part.content
            time.sleep(part.pause_s)


def _readable(line: socket.socket) -> bool:
    return bool(select.select([line], [], [], 0)[0])


def _listen(line: socket.socket, until: float) -> tuple[bytes, bool]:
    """All that comes until the end, the time, or shortly after a first answer."""
    answer, answered = b"", False
    while (left := until - time.monotonic()) > 0 and len(answer) < MOST_BYTES:
        line.settimeout(min(left, GRACE_S) if answered else left)
        try:
            got = line.recv(MOST_BYTES)
        except TimeoutError:
            return answer, answered
        except ConnectionError:
            return answer, True
        if not got:
            return answer, True
        answer += got
        answered = STATUS.search(answer) is not None
    return answer, answered
