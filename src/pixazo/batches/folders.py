"""The folder that a batch writes to: one batch at a time, results whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from pixazo.batches.shards import Shard
from pixazo.downloads.disk import LEAST_ROOM
from pixazo.errors import BatchBusy, FolderUnusable

__all__ = ["Folder"]

LOCK = ".pixazo-batch.lock"


class Folder:
    """A batch's folder, locked while it is open; the shards of one batch may share it.

    The kernel drops the lock when the process ends, however it ends.

    Args:
        path: The folder; made when it is missing.
        shard: The part of the batch.

    Raises:
        BatchBusy: Another batch works on it.
        FolderUnusable: It cannot be written to.
    """

    def __init__(self, path: Path, shard: Shard) -> None:
        self.path = path
        self._shard = shard
        self._locks: list[int] = []

    @property
    def results(self) -> Path:
        """Where the results stand."""
        return self.path / f"results{self._shard.suffix}.jsonl"

    def write(self, text: str) -> None:
        """Write the results: whole or not at all.

        Raises:
            FolderUnusable: The folder cannot be written to, or the disk is full.
        """
        part = self._part
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.results)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise self._unusable(error, self.results) from error

    def __enter__(self) -> Folder:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock(LOCK, shared=self._shard.count > 1)
            if self._shard.count > 1:
                self._lock(f".pixazo-batch{self._shard.suffix}.lock", shared=False)
            self._try()
        except BlockingIOError as error:
            self._close()
            raise BatchBusy(
                f"another batch works on {self.path}",
                hint="Wait for it, or give this one another folder with -o.",
            ) from error
        except OSError as error:
            self._close()
            raise self._unusable(error, self.path) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def _part(self) -> Path:
        return self.results.with_suffix(".jsonl.part")

    def _try(self) -> None:
        """See before anything is paid for that results can be written, and that there is room."""
        if self.results.is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{self.results.name} is a folder")
        try:
            self._part.write_bytes(bytes(LEAST_ROOM))
        finally:
            self._part.unlink(missing_ok=True)

    def _lock(self, name: str, *, shared: bool) -> None:
        file = os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)
        self._locks.append(file)
        _take(file, shared=shared)

    def _close(self) -> None:
        for file in self._locks:
            os.close(file)
        self._locks.clear()

    def _unusable(self, error: OSError, path: Path) -> FolderUnusable:
        return FolderUnusable(
            f"{path} cannot be written to: {error.strerror or error}",
            hint="Make room or give another folder with -o; the same command goes on.",
            charged="no",
        )


if sys.platform == "win32":
    import msvcrt

    def _take(file: int, *, shared: bool) -> None:
        if shared:
            return  # Windows has no shared lock here; the shard's own lock holds
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error

else:
    import fcntl

    def _take(file: int, *, shared: bool) -> None:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
