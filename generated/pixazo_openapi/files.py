# Made by `python -m codegen` from codegen/runtime/files.py. Do not edit: change what it is made from.
"""Files that somebody names, read so that no odd one waits for ever or fills the memory."""

from __future__ import annotations

import errno
import io
import os
import stat
import time
from pathlib import Path
from typing import IO, Any

__all__ = ["opened", "read", "whole"]

_CHUNK = 1024 * 1024
_PATIENCE_S = 1.0  # the program that writes to a pipe may start a moment later
_REFUSED = ((stat.S_ISDIR, "Is a directory"), (stat.S_ISSOCK, "Is a socket"))


def read(path: Path, most: int) -> bytes:
    """Return what a file holds.

    Args:
        path: The file, or a pipe.
        most: How many bytes it may hold.

    Raises:
        OSError: It cannot be read, holds more, or is neither; the text says which.
    """
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise _too_large(most)
        return whole(file, most)


def whole(file: IO[bytes], most: int) -> bytes:
    """Return what is left in an open file.

    Raises:
        OSError: It cannot be read, or holds more.
    """
    content = bytearray()
    while chunk := file.read(min(_CHUNK, most + 1 - len(content))):
        content += chunk
    if len(content) > most:
        raise _too_large(most)
    return bytes(content)


def opened(path: Path) -> IO[bytes]:
    """Return an open file, or an open pipe that somebody writes to.

    Raises:
        OSError: It cannot be opened, is something else, or a pipe that nobody writes to.
    """
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return path.open("rb")
    if stat.S_ISFIFO(mode):
        return _pipe(path)
    kind = next((words for is_one, words in _REFUSED if is_one(mode)), "Is a device")
    raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.ENODEV, kind)


def _pipe(path: Path) -> IO[bytes]:
    """Return an open pipe; opened as other files are, it would wait for a writer for ever."""
    file = io.FileIO(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)))
    until = time.monotonic() + _PATIENCE_S
    while (first := file.read(1)) == b"" and time.monotonic() < until:
        time.sleep(0.01)
    if first == b"":  # not None, which says that there is a writer who has written nothing yet
        file.close()
        raise OSError(errno.ENXIO, "Is a pipe that nobody writes to")
    os.set_blocking(file.fileno(), True)
    return io.BufferedReader(_Begun(first or b"", file))


class _Begun(io.RawIOBase):
    """A pipe whose first byte has been read."""

    def __init__(self, first: bytes, rest: io.FileIO) -> None:
        self._first, self._rest = first, rest

    def readable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The number of the open pipe."""
        return self._rest.fileno()

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there."""
        if not self._first:
            return self._rest.readinto(buffer)
        memoryview(buffer)[:1] = self._first
        self._first = b""
        return 1

    def close(self) -> None:
        """Close the pipe."""
        self._rest.close()
        super().close()


def _too_large(most: int) -> OSError:
    return OSError(errno.EFBIG, f"Is larger than {most:,} bytes")
