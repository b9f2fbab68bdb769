"""One file whose bytes are locks shared by every process that uses the ledger.

Byte 0 is the writers' turn; byte n says that owner n is alive. The kernel drops both when a process
ends, however it ends, so no process id is compared and none can be mistaken for a later one. The
locks are POSIX record locks (`fcntl`): a forked child does not inherit them. On Windows the same
bytes are locked with `msvcrt`; a platform with neither is refused with a `LedgerError`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pixazo.errors import LedgerError
from pixazo.ledger.faults import unusable

_TURN: Final = 0
_FIRST_PAUSE_S: Final = 0.0002
_LONGEST_PAUSE_S: Final = 0.005
PATIENCE_S: Final = 60.0

if sys.platform == "win32":
    import msvcrt

    def _lock_byte(file: int, byte: int) -> None:
        os.lseek(file, byte, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock_byte(file: int, byte: int) -> None:
        os.lseek(file, byte, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    try:
        import fcntl
    except ImportError as missing:  # WebAssembly
        raise LedgerError(
            f"the ledger needs file locks, which {sys.platform} does not have",
            hint="Use the client without a ledger on this platform.",
        ) from missing

    def _lock_byte(file: int, byte: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)

    def _unlock_byte(file: int, byte: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, byte)


class LockFile:
    """The lock file of one ledger, opened once per process.

    A process must not open the file a second time: closing any handle would drop its locks. When
    somebody removes the file nevertheless, the next turn begins with the one that is there then.

    Args:
        path: The lock file; made when it is missing, never removed.
        patience_s: Seconds to wait for the writers' turn.
    """

    def __init__(self, path: Path, *, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self._patience_s = patience_s
        self._shown: set[int] = set()
        self._file = self._opened()

    def close(self) -> None:
        """Give every lock of this process back."""
        os.close(self._file)

    @contextmanager
    def turn(self, patience_s: float | None = None) -> Generator[None, None, None]:
        """Hold the writers' turn for one transaction.

        Args:
            patience_s: Seconds to wait for it, where the usual ones are too many.

        Raises:
            LedgerError: Another process kept the turn for too long.
        """
        patience_s = self._patience_s if patience_s is None else patience_s
        self._wait(patience_s)
        while self._is_gone():
            self._renew()
            self._wait(patience_s)
        try:
            yield
        finally:
            _unlock_byte(self._file, _TURN)

    def take(self, owner: int) -> bool:
        """Show that this owner is alive until the process ends.

        Return False when another process does.
        """
        taken = self._try(owner)
        if taken:
            self._shown.add(owner)
        return taken

    def is_alive(self, owner: int) -> bool:
        """Return whether another process shows this owner alive; never ask for an own one."""
        if not self._try(owner):
            return True
        _unlock_byte(self._file, owner)
        return False

    def _try(self, byte: int) -> bool:
        try:
            _lock_byte(self._file, byte)
        except (BlockingIOError, PermissionError):  # EAGAIN, or EACCES as POSIX also allows
            return False
        except OSError as error:
            raise LedgerError(
                f"{self.path} cannot be locked: {error.strerror or error}",
                hint="Name a file on a local disk with --ledger, PIXAZO_LEDGER or Ledger(path).",
                path=str(self.path),
            ) from error
        return True

    def _opened(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)

    def _is_gone(self) -> bool:
        """Return whether the name stands for another file by now, or for none."""
        try:
            return not os.path.samestat(os.fstat(self._file), self.path.stat())
        except FileNotFoundError:
            return self.path.parent.is_dir()  # without its folder there is nothing to share

    def _renew(self) -> None:
        """Open the file that the name stands for, and be alive in it, too."""
        gone = self._file
        try:
            self._file = self._opened()
        except OSError as error:
            raise unusable(self.path, error) from error
        os.close(gone)
        for owner in self._shown:
            self._try(owner)

    def _wait(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        pause_s = _FIRST_PAUSE_S
        while not self._try(_TURN):
            if time.monotonic() > deadline:
                raise LedgerError(
                    f"another process has kept the ledger locked for {patience_s:g} s",
                    hint=f"Find the stopped process that holds {self.path}; continue or end it.",
                    path=str(self.path),
                )
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
