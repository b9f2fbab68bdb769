"""The last release: which tag it has, and what the repository held then."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

__all__ = ["HistoryError", "check", "export", "last_release"]

HELD = ("spec", "src", "generated")


class HistoryError(Exception):
    """What was released cannot be found; the text says what to do."""


def last_release(root: Path) -> str | None:
    """Return the newest tag `v1.2.3` before the present commit; None when there is none.

    Raises:
        HistoryError: There is no git, no repository, or not the whole of it.
    """
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
        raise HistoryError("this clone is shallow; run: git fetch --unshallow --tags")
    found = _git(root, "tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v[0-9]*")
    tags = found.decode().split()
    return tags[0] if tags else None


def export(root: Path, reference: str, folder: Path) -> None:
    """Write what a commit held of spec and packages into a folder; the work tree is left alone.

    Raises:
        HistoryError: There is no such commit.
    """
    held = _git(root, "ls-tree", "--name-only", reference).decode().split()
    archive = _git(root, "archive", "--format=tar", reference, *(set(HELD) & set(held)))
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(folder, filter="data")


def check(folder: Path, name: str) -> None:
    """Check that a folder holds what is compared.

    Args:
        folder: The folder.
        name: What callers called it.

    Raises:
        HistoryError: Something is not there.
    """
    for path in ("spec/openapi.yaml", "src/pixazo", "generated/pixazo_openapi"):
        if not (folder / path).exists():
            raise HistoryError(f"{name} holds no {path}; give another --since")


def _git(root: Path, *words: str) -> bytes:
    try:
        command = ["git", "-C", str(root), *words]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 (fixed words)
    except FileNotFoundError as error:
        raise HistoryError("git is not installed; give a folder with --since") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise HistoryError(f"git {words[0]} failed: {said}; or give a folder with --since")
    return done.stdout
