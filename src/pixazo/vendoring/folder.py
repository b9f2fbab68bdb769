"""A copy on disk: what its manifest says, what stands there, and how it is swapped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any, cast

from pixazo_openapi import files

from pixazo.vendoring.bundle import MANIFEST, Bundle, fingerprint
from pixazo.vendoring.faults import VendorError

__all__ = ["Manifest", "put", "read_manifest", "standing"]

LARGEST_MANIFEST = 10_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `VENDORED.json` says.

    Args:
        version: The version of pixazo that the copy was made from.
        spec_version: The version of the document that it describes.
        spec_sha256: The hash of that document.
        wire_only: Whether the client was left out.
        files: The SHA-256 of every file, by path.
    """

    version: str
    spec_version: str
    spec_sha256: str
    wire_only: bool
    files: Mapping[str, str]


def read_manifest(dest: Path) -> Manifest:
    """Return the manifest of a copy.

    Raises:
        VendorError: The folder holds none, or one that cannot be read.
    """
    try:
        text = files.read(dest / MANIFEST, LARGEST_MANIFEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        hint = f"Make one: pixazo vendor {quote(str(dest))}"
        if dest.exists():
            hint = f"Restore {MANIFEST} from version control, or name another folder."
        raise VendorError(
            f"{dest} is not a vendored copy: it holds no readable {MANIFEST}", hint=hint
        ) from error
    try:
        return _manifest(cast("dict[str, Any]", json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VendorError(
            f"{dest / MANIFEST} is damaged: {error}",
            hint="Restore it from version control, or move the folder away and make it anew.",
        ) from error


def _manifest(facts: dict[str, Any]) -> Manifest:
    hashes = {str(path): str(found) for path, found in facts["files"].items()}
    return Manifest(
        str(facts["version"]),
        str(facts["spec"]["version"]),
        str(facts["spec"]["sha256"]),
        bool(facts["options"]["wire_only"]),
        hashes,
    )


def standing(dest: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that stands in a copy, by path, without the manifest.

    Pipes, links to folders or to nothing and the like have an empty one: no copy is made of them.

    Raises:
        VendorError: A file cannot be read.
    """
    try:
        return {path: _hash(dest / path) for path in sorted(_paths(dest)) if path != MANIFEST}
    except OSError as error:
        raise VendorError(
            f"{error.filename} cannot be read: {error.strerror}",
            hint="Let whoever runs this read the whole copy.",
        ) from error


def _hash(path: Path) -> str:
    return "" if not path.is_file() else fingerprint(path.read_bytes())


def _paths(dest: Path) -> Iterator[str]:
    for path in dest.rglob("*"):
        if "__pycache__" not in path.parts and (path.is_symlink() or not path.is_dir()):
            yield path.relative_to(dest).as_posix()


def put(bundle: Bundle, dest: Path) -> None:
    """Put a copy where nothing or an older one stands; the old one goes when the new one is whole.

    Raises:
        VendorError: The folder cannot be written.
    """
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".pixazo-", dir=dest.parent) as folder:
            _write(bundle, Path(folder, "new"))
            _swap(Path(folder, "new"), dest, Path(folder, "old"))
    except OSError as error:
        raise VendorError(
            f"{dest} cannot be written: {error.strerror or error}",
            hint="Choose a folder you may write to.",
        ) from error


def _write(bundle: Bundle, folder: Path) -> None:
    for path, content in {**bundle.files, MANIFEST: bundle.manifest.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _swap(fresh: Path, dest: Path, retired: Path) -> None:
    if not dest.exists():
        fresh.rename(dest)
        return
    dest.rename(retired)
    try:
        fresh.rename(dest)
    except OSError:
        retired.rename(dest)
        raise
    shutil.rmtree(retired)
