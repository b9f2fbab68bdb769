"""Files that somebody names: read whole, or refused before they hang or fill the memory."""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pixazo_openapi import files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and sockets have no names")
MOST = 3_000_000


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(path))


def a_huge_file(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**42)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.mkdir, "Is a directory"),
        (lambda path: path.symlink_to("/dev/zero"), "Is a device"),
        (a_socket, "Is a socket"),
        (os.mkfifo, "Is a pipe that nobody writes to"),
        (a_huge_file, "Is larger than 3,000,000 bytes"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda _: None, "No such file or directory"),
    ],
)
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    """Whatever stands under a name, the answer comes within a moment, and says what it is."""
    make(tmp_path / "odd")
    start = time.monotonic()

    with pytest.raises(OSError, match=re.escape(said)) as refused:
        files.read(tmp_path / "odd", MOST)

    assert refused.value.strerror == said
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("size", [0, 1, 2, MOST - 1, MOST])
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_file_and_a_pipe_are_read_whole(tmp_path: Path, kind: str, size: int) -> None:
    """To the last byte that is allowed, in as many pieces as it takes."""
    path, content = tmp_path / "it", os.urandom(size)
    if kind == "file":
        path.write_bytes(content)
        found = files.read(path, MOST)
    else:
        found = from_pipe(path, content, after_s=0.0) if size else content

    assert found == content


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_one_byte_too_many_is_too_many(tmp_path: Path, kind: str) -> None:
    """Nothing is cut off silently."""
    path, content = tmp_path / "it", bytes(MOST + 1)

    with pytest.raises(OSError, match="larger than"):  # noqa: PT012 (one of two ways)
        if kind == "file":
            path.write_bytes(content)
            files.read(path, MOST)
        else:
            from_pipe(path, content, after_s=0.0)


def test_a_pipe_may_get_its_writer_and_its_first_byte_later(tmp_path: Path) -> None:
    """A program that starts a moment later, and then thinks, is waited for."""
    assert from_pipe(tmp_path / "it", b"late", after_s=0.3, thinks_s=1.3) == b"late"


def from_pipe(path: Path, content: bytes, *, after_s: float, thinks_s: float = 0.0) -> bytes:
    """Return what is read from a pipe that a thread writes to."""
    os.mkfifo(path)

    def write() -> None:
        time.sleep(after_s)
        try:
            with path.open("wb") as pipe:
                time.sleep(thinks_s)
                pipe.write(content)
        except BrokenPipeError:  # the reader has had enough
            return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return files.read(path, MOST)
    finally:
        writer.join()
