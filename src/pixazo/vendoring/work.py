"""The three things one does with copies: make, check, update."""

from __future__ import annotations

import keyword
import os
from pathlib import Path
from shlex import quote

from pixazo.vendoring.bundle import MANIFEST, bundle
from pixazo.vendoring.faults import VendorError
from pixazo.vendoring.folder import put, read_manifest, standing
from pixazo.vendoring.report import Report, compare
from pixazo.vendoring.source import Source, installed

__all__ = ["check", "inside", "update", "vendor"]


def vendor(dest: Path, *, wire_only: bool = False, source: Source | None = None) -> Report:
    """Write a copy of the library into a new folder, which is then a package of that name.

    Args:
        dest: The folder; it must not exist, or be empty.
        wire_only: Leave the client out.
        source: What to copy; the installed version by default.

    Raises:
        VendorError: The folder cannot be a package, is taken, or cannot be written.
    """
    dest = dest.absolute()
    _check_name(dest.name)
    _check_free(dest)
    fresh = bundle(source or installed(), wire_only=wire_only)
    put(fresh, dest)
    return compare(read_manifest(dest), standing(dest), fresh)


def check(dest: Path, *, source: Source | None = None) -> Report:
    """Return what was edited in a copy, and whether the installed version would write another.

    Args:
        dest: The folder of the copy.
        source: What to compare with; the installed version by default.

    Raises:
        VendorError: The folder is not a copy.
    """
    manifest = read_manifest(dest)
    today = bundle(source or installed(), wire_only=manifest.wire_only)
    return compare(manifest, standing(dest), today)


def update(dest: Path, *, force: bool = False, source: Source | None = None) -> Report:
    """Replace a copy by what the installed version writes, in one move; return what it was like.

    Args:
        dest: The folder of the copy.
        force: Overwrite edited files, and remove added ones.
        source: What to copy; the installed version by default.

    Raises:
        VendorError: The folder is not a copy, cannot be written, or was worked in and `force` is
            not given.
    """
    dest = dest.resolve()
    manifest = read_manifest(dest)
    fresh = bundle(source or installed(), wire_only=manifest.wire_only)
    before = compare(manifest, standing(dest), fresh)
    if before.touched and not force:
        count = len(before.edited) + len(before.missing) + len(before.added)
        raise VendorError(
            f"{dest} was worked in ({count} files; pixazo vendor --check names them)",
            hint="Save what is worth keeping, then give --force.",
        )
    if not before.clean:
        put(fresh, dest)
    return before


def inside(dest: Path, name: str) -> Path:
    """Return the folder of a copy in another folder.

    Args:
        dest: The folder that holds copies.
        name: What the copy is called.

    Raises:
        VendorError: The name is none that a package can have, so it may lead elsewhere.
    """
    _check_name(name)
    return dest / name


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise VendorError(
            f"{name!r} cannot be imported: a package's name is a Python identifier",
            hint="Give a folder such as src/yours/_vendor/pixazo, or a --name.",
        )


def _check_free(dest: Path) -> None:
    if (dest / MANIFEST).is_file():
        raise VendorError(
            f"{dest} is a vendored copy already",
            hint=f"Bring it up to date: pixazo vendor --update {quote(str(dest))}",
        )
    is_empty = dest.is_dir() and not dest.is_symlink() and not any(dest.iterdir())
    if os.path.lexists(dest) and not is_empty:  # a pipe or a socket is somebody's, too
        raise VendorError(
            f"{dest} exists and is not a vendored copy; nothing was changed",
            hint="Give a folder that does not exist: it becomes the package itself.",
        )
