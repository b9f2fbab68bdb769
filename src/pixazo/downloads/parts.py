"""A file on its way to the disk: `NAME.part`, and beside a medium's a note that allows to resume.

The part is locked while it is written. It outlives its writer only when the server named a strong
entity tag, because only then can the rest be asked for; otherwise it is removed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from pixazo.downloads import disk, formats, names
from pixazo.downloads.bodies import is_strong
from pixazo.errors import DownloadError

__all__ = ["Note", "Part", "Saved"]

IS_POSIX = sys.platform != "win32"  # elsewhere an open file cannot be renamed or removed


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Note:
    """What must be the same for a part to be continued.

    Args:
        url: The medium's address without its query (a new signature is not a new medium).
        etag: The strong entity tag that the server gave.
        total: All bytes of the medium, when the server said so.
    """

    url: str
    etag: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A medium on the disk."""

    path: Path
    sha256: str
    size: int
    media_type: str


class Part:
    """One unfinished file; use it as a context manager, and open it there.

    Args:
        folder: An existing folder.
        name: What `.part` is added to: of a medium the final name without its suffix.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.path = folder / f"{name}.part"
        self._note_path = folder / f"{name}.part.note"
        self.size = 0
        self.note: Note | None = None
        self._hash: _Hash = hashlib.sha256()
        self._file: BinaryIO = io.BytesIO()
        self._file.close()  # there is nothing to let go of yet

    def __enter__(self) -> Part:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Take the part, and what an earlier try left in it.

        Raises:
            DownloadError: Another process or thread is writing this very part.
            FolderUnusable: The part cannot be written.
        """
        self._file = self._open()
        self._recall()

    def _open(self) -> BinaryIO:
        with disk.told("write", self.path):
            while True:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
                file = os.fdopen(os.open(self.path, flags, 0o666), "r+b", buffering=0)
                self._hold(file)
                if self._is_mine(file):
                    return cast("BinaryIO", file)
                file.close()  # another writer finished between our two steps

    def _hold(self, file: BinaryIO) -> None:
        try:
            _lock(file.fileno())
        except BlockingIOError:
            file.close()
            message = f"{self.path} is being written by another download"
            hint = "wait for the other one to end, or save under another name"
            raise DownloadError(message, hint=hint) from None
        except OSError:  # a file system without locks
            return

    def _is_mine(self, file: BinaryIO) -> bool:
        """Whether the locked file is still the one under this name."""
        if not IS_POSIX:
            return True
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def _recall(self) -> None:
        """Take up what an earlier try left, when a readable note says what it is."""
        self.note = _read_note(self._note_path)
        if self.note is None:
            return
        with disk.told("read", self.path):
            while chunk := self._file.read(1 << 20):
                self._hash.update(chunk)
                self.size += len(chunk)

    def begin(self, note: Note | None) -> None:
        """Start from nothing; with a note, an interrupted part can be continued later."""
        with disk.told("write", self.path):
            self._note_path.unlink(missing_ok=True)
            self._part_from_twin()
            self._file.seek(0)
            self._file.truncate()
            if note is not None:
                with self._note_path.open("x", encoding="utf-8") as file:  # through no link
                    json.dump(_as_json(note), file)
        self.size, self.note, self._hash = 0, note, hashlib.sha256()

    def _part_from_twin(self) -> None:
        """Leave a file alone that has another name as well, and take a new one.

        Whoever is killed while a medium gets its name leaves it under both: to start the part anew
        would empty the medium.
        """
        if os.fstat(self._file.fileno()).st_nlink < 2:
            return
        if not IS_POSIX:
            self._file.close()
        self.path.unlink(missing_ok=True)
        self._file.close()
        self._file = self._open()

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        Raises:
            FolderUnusable: The disk is full or failing; the part is removed to make room.
        """
        try:
            with disk.told("write", self.path):
                rest = memoryview(chunk)
                while rest:
                    rest = rest[self._file.write(rest) :]
        except Exception:
            self.discard()
            raise
        self._hash.update(chunk)
        self.size += len(chunk)

    def head(self) -> bytes:
        """The first bytes, enough to tell what they are."""
        with disk.told("read", self.path):
            self._file.seek(0)
            head = self._file.read(formats.HEAD_BYTES)
            self._file.seek(0, os.SEEK_END)
            return head

    def finish(self, kind: formats.Format) -> Saved:
        """Make the file durable and give it the first free name, or keep its twin already there.

        Raises:
            FolderUnusable: The disk is full or failing.
        """
        digest = self._hash.hexdigest()
        with disk.told("write", self.path):
            os.fsync(self._file.fileno())
            if not IS_POSIX:
                self._file.close()
            path = self._settle(kind.suffix, digest)
            self._note_path.unlink(missing_ok=True)
            disk.sync_folder(self.folder)
        self._file.close()
        return Saved(path, digest, self.size, kind.media_type)

    def become(self, path: Path) -> None:
        """Make the file durable and give it this name, in place of what has it.

        Raises:
            FolderUnusable: The disk is full or failing.
        """
        with disk.told("write", path):
            os.fsync(self._file.fileno())
            if not IS_POSIX:
                self._file.close()
            self.path.replace(path)
            disk.sync_folder(self.folder)
        self._file.close()

    def _settle(self, suffix: str, digest: str) -> Path:
        for path in names.free_names(self.folder, self.name, suffix):
            with suppress(FileExistsError):
                disk.put(self.path, path)
                return path
            if _is_same(path, self.size, digest):
                self.path.unlink(missing_ok=True)
                return path
        raise AssertionError("names never end")

    def discard(self) -> None:
        """Remove the part and its note."""
        if self._file.closed:
            return
        if not IS_POSIX:
            self._file.close()
        for path in (self.path, self._note_path):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self._file.close()

    def close(self) -> None:
        """Let go: keep a part that can be continued, remove any other."""
        if self.note is None or not self.size:
            self.discard()
        self._file.close()


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":  # which locks bytes only: one behind most media, as SQLite does
        import msvcrt

        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _as_json(note: Note) -> dict[str, object]:
    """The note as JSON holds it."""
    return {"url": note.url, "etag": note.etag, "total": note.total}


def _read_note(path: Path) -> Note | None:
    try:
        fields: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    match fields:
        case {"url": str(url), "etag": str(etag), "total": int() | None as total} if is_strong(
            etag
        ):
            return Note(url, etag, total)
        case _:
            return None


def _is_same(path: Path, size: int, digest: str) -> bool:
    return path.is_file() and path.stat().st_size == size and disk.file_sha256(path) == digest
