"""Where a ledger may lie."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from pixazo.errors import LedgerBroken, LedgerError, LedgerReadOnly
from pixazo.ledger.faults import unusable

MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = re.compile(
    r"nfs4?|cifs|smb\w*|afs|9p-drvfs|ncpfs?|coda|ceph|lustre|gpfs|beegfs|orangefs|davfs2?"
    r"|fuse\.(sshfs|glusterfs|ceph|davfs2?|rclone|s3fs|gcsfuse|juicefs|moosefs|mfs)"
)
Identity: TypeAlias = tuple[int, int]
_WAY_OUT: Final = "name a file on a local disk with --ledger, PIXAZO_LEDGER or Ledger(path)"


def default_path(environ: Mapping[str, str]) -> Path:
    """Return the ledger of the person at the keyboard: `PIXAZO_LEDGER`, or the XDG state folder.

    Args:
        environ: The environment; only the client and the CLI read the real one.

    Raises:
        LedgerError: The home folder is needed and is not named by an absolute path.
    """
    if named := environ.get("PIXAZO_LEDGER"):
        return Path(re.sub(r"^~(?=/|$)", lambda _: str(_home(environ)), named))
    state = environ.get("XDG_STATE_HOME", "")  # a relative one is to be ignored
    folder = Path(state) if Path(state).is_absolute() else _home(environ) / ".local" / "state"
    return folder / "pixazo" / "ledger.sqlite3"


def _home(environ: Mapping[str, str]) -> Path:
    """Return the home folder; the keys of a ledger that moves about would protect nothing."""
    known = os.path.expanduser("~")  # noqa: PTH111 (Path's raises for a user without a name)
    home = Path(environ.get("HOME", known))
    if not home.is_absolute():
        raise LedgerError(
            f"HOME={environ.get('HOME', '')!r} is not an absolute path, so that no ledger is found",
            hint="Set HOME to one, or name the ledger's file with --ledger or PIXAZO_LEDGER.",
        )
    return home


def prepare(path: Path, *, mounts: Path = MOUNTS) -> Path:
    """Return the real path of a ledger whose folder (0700) and file (0600) exist.

    Args:
        path: Where the ledger is to lie.
        mounts: The kernel's list of mounts; where there is none, network drives go unnoticed.

    Raises:
        LedgerBroken: The path is a folder or something else that is no file.
        LedgerError: The place is on a network file system.
        LedgerReadOnly: The place cannot be written to.
    """
    real = resolve(path)
    refuse_network(real, mounts=mounts)
    try:
        real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # never open a file that exists: closing it would drop SQLite's locks of this process
        os.close(os.open(real, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        if not real.exists():  # it was the folder that exists, as a file
            raise unusable(real, NotADirectoryError(f"{real.parent} is not a folder")) from error
        _refuse_unwritable(real)
    except OSError as error:
        raise unusable(real, error) from error
    return real


def resolve(path: Path) -> Path:
    """Return the real path of something that is a file or not there yet.

    Raises:
        LedgerBroken: The path is a folder or something else that is no file.
    """
    try:
        real = Path(os.path.realpath(path))
        wrong = real.exists() and not real.is_file()
    except PermissionError as error:
        raise unusable(path, error) from error
    except (OSError, ValueError) as error:  # a loop of links, a name too long, a null byte
        raise LedgerBroken(
            f"{str(path)!r} is no usable path: {error}",
            hint=f"Instead, {_WAY_OUT}.",
            path=str(path),
        ) from error
    if wrong:
        kind = "a folder" if real.is_dir() else "not a regular file"
        raise LedgerBroken(
            f"{real} is {kind}",
            hint=f"Name a file in it: {real / 'ledger.sqlite3'}."
            if real.is_dir()
            else f"Instead, {_WAY_OUT}.",
            path=str(real),
        )
    return real


def identity(path: Path) -> Identity | None:
    """Return what tells the file at a path from any other; None when there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def refuse_network(path: Path, *, mounts: Path = MOUNTS) -> None:
    """Make sure that a file lies on a local disk: SQLite's log needs shared memory.

    Raises:
        LedgerError: The place is on a network file system.
    """
    try:
        listing = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    kind = _file_system(path, listing)
    if _NETWORK.fullmatch(kind):
        raise LedgerError(
            f"{path} is on a network file system ({kind}), where a ledger would break",
            hint=f"Instead, {_WAY_OUT}.",
            path=str(path),
        )


def _file_system(path: Path, listing: str) -> str:
    """Return the type of the file system that a path lies on: of the deepest, latest mount."""
    best, kind = -1, ""
    for line in listing.splitlines():
        place, _, origin = line.partition(" - ")
        fields, types = place.split(), origin.split()
        if len(fields) < 5 or not types:
            continue
        mount = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4]))
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), _named(types)
    return kind


def _named(types: list[str]) -> str:
    """Return the type; Windows drives under WSL are told from other uses of 9p by an option."""
    return "9p-drvfs" if types[0] == "9p" and "drvfs" in " ".join(types[2:]) else types[0]


def _refuse_unwritable(path: Path) -> None:
    """Say early what SQLite would only say at the first write."""
    for place in (path, path.parent):
        if not os.access(place, os.W_OK | os.R_OK):
            why = "its disk is read-only" if _is_read_only(place) else f"no permission for {place}"
            raise LedgerReadOnly(
                f"{path} cannot be written to: {why}",
                hint="Make the file and its folder writable, or name another file with --ledger, "
                "PIXAZO_LEDGER or Ledger(path). To read it: `pixazo jobs`, Ledger.open_readonly.",
                path=str(path),
            )


def _is_read_only(place: Path) -> bool:
    """Whether not even the super-user may write there."""
    return sys.platform != "win32" and bool(os.statvfs(place).f_flag & os.ST_RDONLY)
