"""What is compared with: the last release by its tag, or the spec that was recorded for it.

A tag tells the whole truth, but a clone may lack it: shallow ones do, and before the first release
there is none. `changes/recorded/` holds a copy of the spec for those; where the tag is there, the
copy must equal it, so that it is neither forgotten nor edited.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["RECORDED", "HistoryError", "Past", "find", "record", "stale"]

HELD = ("spec", "src", "generated")
RECORDED = Path("changes", "recorded")
FILES = ("openapi.yaml", "RULINGS.md")


class HistoryError(Exception):
    """What was released cannot be found; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is compared with.

    Args:
        name: What to call it: a tag, a commit, a folder, `changes/recorded`.
        spec: The folder that holds `spec/`.
        packages: The folder that holds `src/` and `generated/`; None where they are not known.
        tag: Whether it is a release by its tag.
    """

    name: str
    spec: Path
    packages: Path | None
    tag: bool = False


def find(root: Path, since: str | None, folder: Path) -> Past | None:
    """Return what to compare with; None when nothing was released or recorded.

    Args:
        root: The repository.
        since: A commit or a folder; the last release by default.
        folder: Where files of the past may be written.

    Raises:
        HistoryError: There is nothing to compare with, although there should be.
    """
    if since is not None:
        if not since:
            raise HistoryError("--since is empty; give a commit or a folder, or leave it out")
        place = Path(since) if Path(since).is_dir() else _exported(root, since, folder)
        _check(place, since)
        return Past(since, place, place)
    recorded = root / RECORDED
    kept = (recorded / "spec" / FILES[0]).is_file()
    try:
        tag = last_release(root)
    except HistoryError:
        if not kept:
            raise
        return Past(RECORDED.as_posix(), recorded, None)
    if tag is not None:
        _check(_exported(root, tag, folder), tag)
        return Past(tag, folder, folder, tag=True)
    return Past(RECORDED.as_posix(), recorded, _packages(root, folder)) if kept else None


def _packages(root: Path, folder: Path) -> Path | None:
    """Return the packages as they were when the spec was recorded, where the history has them."""
    path = (RECORDED / "spec" / FILES[0]).as_posix()
    commit = _git(root, "log", "-1", "--format=%H", "--", path).decode().strip()
    if not commit:
        return None
    _exported(root, commit, folder)
    return folder if (folder / "src" / "pixazo").is_dir() else None


def record(past: Path, root: Path) -> None:
    """Keep a spec and its rulings as what the next changes are compared with.

    Args:
        past: The folder that holds `spec/`.
        root: The repository.
    """
    folder = root / RECORDED / "spec"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(past / "spec" / name, folder / name)


def stale(past: Past, root: Path) -> list[str]:
    """Return what to do when the recorded spec is not that of the release that was tagged."""
    kept = (root / RECORDED).is_dir()
    if not past.tag or not kept or all(_same(past.spec, root / RECORDED, name) for name in FILES):
        return []
    told = f"{RECORDED.as_posix()} is not the spec of {past.name}"
    return [f"{told}; run: python -m changes --since {past.name} --record"]


def _same(one: Path, other: Path, name: str) -> bool:
    texts = [
        path.read_bytes() if path.is_file() else b""
        for path in (one / "spec" / name, other / "spec" / name)
    ]
    return texts[0] == texts[1]


def _exported(root: Path, reference: str, folder: Path) -> Path:
    export(root, reference, folder)
    return folder


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


def _check(folder: Path, name: str) -> None:
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
