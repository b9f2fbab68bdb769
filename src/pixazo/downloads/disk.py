"""The few things asked of a disk, each durable when it returns."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from pixazo.downloads import formats
from pixazo.errors import Charged, FolderUnusable

__all__ = [
    "LEAST_ROOM",
    "as_folder",
    "check_folder",
    "file_sha256",
    "make_folder",
    "put",
    "sync_folder",
    "told",
]

log = logging.getLogger("pixazo")

LONGEST_NAME = 255  # bytes, on all usual file systems
LEAST_ROOM = 64 * 1024  # bytes: with less room than that nothing is paid for; our choice
ANOTHER = "choose a folder that you can write to, then save again"
HINTS = {
    errno.ENOSPC: "make room on the disk, then save again; the media stay paid for",
    errno.EDQUOT: "make room in your quota, then save again; the media stay paid for",
    errno.EFBIG: "a limit on file sizes is set here; raise it or choose another folder",
}


@contextmanager
def told(what: str, path: Path) -> Generator[None]:
    """Turn what the operating system says into one error that names the place.

    Raises:
        FolderUnusable: Something on the disk did not work.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = HINTS.get(error.errno or 0, ANOTHER)
        raise FolderUnusable(f"cannot {what} {path}: {reason}", hint=hint) from error


def as_folder(folder: str | Path) -> Path:
    """Return what a caller gave as a folder as a path.

    Raises:
        FolderUnusable: It is none: None, of a setting that nobody made, or with a zero in it.
    """
    try:
        if "\0" not in str(folder):
            return Path(folder)
    except TypeError:
        pass
    raise FolderUnusable(f"cannot use the folder {folder!r}: it is no path", hint=ANOTHER)


def make_folder(folder: Path) -> None:
    """Make the folder and its parents when they are not there.

    One that is called like a picture is made, too, and told of: what is saved is paid for.
    """
    with told("use the folder", folder):
        is_surprising = formats.named_like_a_medium(folder) and not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
    if is_surprising:
        log.warning("%s is a folder now: the media in it have names of their own", folder)


def check_folder(folder: Path, *, charged: Charged = "no") -> None:
    """Make sure, without leaving anything there, that a folder can be made and has some room.

    Args:
        folder: Where media shall go.
        charged: Whether they are paid for already.

    Raises:
        FolderUnusable: It cannot.
    """
    if why := _unusable(folder):
        raise FolderUnusable(
            f"cannot use the folder {folder}: {why}",
            hint="Choose a folder that you can write to and that has room; nothing was sent.",
            charged=charged,
        )


def _unusable(folder: Path) -> str:
    """Return why a folder cannot be used; nothing when it can."""
    try:
        places = (folder, *folder.absolute().parents)
    except OSError as error:
        return f"the current folder is gone: {error.strerror}"
    there = next(place for place in places if os.path.lexists(place))
    if not there.is_dir():
        return f"{there} is not a folder"
    if refused := _refused(there):
        return f"{there} cannot be written to: {refused}"
    is_too_long = any(len(os.fsencode(name)) > LONGEST_NAME for name in folder.parts)
    return "a name in it is too long" if is_too_long else ""


def _refused(folder: Path) -> str:
    """Return why no file can be written there; as root, asking for permission tells nothing."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(LEAST_ROOM))  # on a full disk a file can be made, and no byte written
            file.flush()
            return ""
    except OSError as error:
        return error.strerror or str(error)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse; the file itself is synced
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put(source: Path, destination: Path) -> None:
    """Give a file its final name at once, never over another file.

    Raises:
        FileExistsError: The name is taken.
    """
    try:
        os.link(source, destination)  # unlike a rename, it fails when the name is taken
    except FileExistsError:
        raise
    except (OSError, AttributeError):  # no hard links on this disk, or on this system (Android)
        if destination.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), destination) from None
        source.rename(destination)
    with suppress(PermissionError):  # Windows: the next writer has it open, and sees both names
        source.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
