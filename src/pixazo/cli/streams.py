"""The process's streams: a loss on stdout is an error, words on stderr may get lost."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["ReaderGone", "Unwritable", "missing", "prepare"]

ESCAPING = "pixazo.escaping"


class Unwritable(Exception):  # noqa: N818  (named for what happened, as those of the library)
    """Stdout cannot be written to."""


class ReaderGone(Unwritable):
    """Whoever read stdout has gone, as `head` does."""


def prepare() -> None:
    """Make the streams of this process ones that every command can write to.

    A closed stream is the null device; a character that stdout's encoding lacks is escaped as in
    JSON; what cannot be written to stdout is `Unwritable`, and to stderr it is dropped, because a
    paid request shall not end for a word about it.
    """
    codecs.register_error(ESCAPING, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    sys.stdout = _over(sys.stdout, _Data, ESCAPING)
    sys.stderr = _over(sys.stderr, _Words, "backslashreplace")


@contextmanager
def missing(*notes: str) -> Generator[None]:
    """Put notes onto the error when what is printed inside does not arrive."""
    try:
        yield
    except Unwritable as error:
        for note in notes:
            error.add_note(note)
        raise


class _Raw(io.RawIOBase):
    """What a stream writes to."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream  # which would close the file when nobody held it
        raw = getattr(stream.buffer, "raw", stream.buffer)  # itself raw under PYTHONUNBUFFERED
        self._raw = cast("io.RawIOBase", raw)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()


class _Data(_Raw):
    """Stdout: the first loss is told, what comes after it is dropped."""

    _lost = False

    def write(self, data: ReadableBuffer, /) -> int | None:
        if self._lost:
            return memoryview(data).nbytes
        try:
            return self._raw.write(data)
        except OSError as error:
            self._lost = True
            if error.errno == errno.EPIPE:
                raise ReaderGone("nobody reads stdout any more") from error
            raise Unwritable(f"cannot write to stdout: {error.strerror}") from error


class _Words(_Raw):
    """Stderr."""

    def write(self, data: ReadableBuffer, /) -> int | None:
        try:
            return self._raw.write(data)
        except OSError:
            return memoryview(data).nbytes


def _over(stream: TextIO, kind: type[_Raw], errors: str) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(kind(stream)),
        encoding=stream.encoding,
        errors=errors,
        line_buffering=kind is _Words or stream.isatty(),
    )


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101  (stdout only writes)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
