"""Media on cassettes: small stand-ins of the same kind, stored once, and the true file's facts."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image

from tests.deck.faults import CassetteBroken
from tests.deck.types import Json, Tree

__all__ = ["FOLDER", "load_medium", "store_medium"]

FOLDER = "media"
SMALL = 512  # bytes; such a medium is kept as it is

STAND_INS = {  # two by two pixels each
    "png": "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR42mOs6FnAwMDAxMDAwMDAAAATsgGo"
    "ZbEgcQAAAABJRU5ErkJggg==",
    "png with alpha": "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFElEQVR42mOs6FnQwMDAwMDEAAUA"
    "IU4CKOmSz08AAAAASUVORK5CYII=",
    "jpeg": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmB"
    "anGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAACAAIDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAA"
    "AAAAAAL/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAgP/xAAUEQEAAAAAAAAAAAAA"
    "AAAAAAAA/9oADAMBAAIRAxEAPwCgFAf/2Q==",
    "webp": "UklGRh4AAABXRUJQVlA4TBEAAAAvAUAAAAdQxuIVtP+BiOh/AAA=",
}
SUFFIXES = {"jpeg": "jpg", "png with alpha": "png", "safetensors": "safetensors"}


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pixels: str = ""


def store_medium(content: bytes, folder: Path, check: Callable[[bytes], None]) -> Tree:
    """Write the stand-in of a medium, unless it is there already; what the cassette says of it.

    Args:
        content: The true file.
        folder: The folder of all cassettes; stand-ins go into its `media/`.
        check: Raises when bytes that would be written hold a secret.
    """
    kind = _kind(content)
    stand_in = content if len(content) <= SMALL else _stand_in(kind, content)
    check(stand_in)
    digest = hashlib.sha256(stand_in).hexdigest()
    name = f"{FOLDER}/{digest[:16]}.{SUFFIXES.get(kind.name, kind.name)}"
    path = folder / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stand_in)
    true: Tree = {"kind": kind.name, "bytes": len(content)}
    if kind.pixels:
        true["pixels"] = kind.pixels
    true["sha256"] = hashlib.sha256(content).hexdigest()
    return {"file": name, "sha256": digest, "stands for": true}


def load_medium(told: Tree, folder: Path, place: str) -> bytes:
    """Return a stand-in.

    Args:
        told: What the cassette says of it.
        folder: The folder of all cassettes.
        place: The cassette and line, for messages.

    Raises:
        CassetteBroken: The file is missing, or is not the one that was stored.
    """
    name = str(told.get("file"))
    path = folder / name
    if path.parent != folder / FOLDER:
        raise CassetteBroken(f"{place}: file {name!r} is not in {FOLDER}/; record it again")
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{place}: {name} is missing; restore it, or record the cassette again"
        raise CassetteBroken(message) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != told.get("sha256") or not path.name.startswith(digest[:16]):
        message = f"{place}: {name} has the hash {digest[:16]}…, another than was recorded"
        raise CassetteBroken(f"{message}; restore the file or the cassette")
    return content


def _kind(content: bytes) -> _Kind:
    if _is_safetensors(content):
        return _Kind("safetensors")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
            alpha = picture.mode in ("RGBA", "LA", "PA") and picture.format == "PNG"
            name = str(picture.format).lower() + (" with alpha" if alpha else "")
            return _Kind(name, f"{width}x{height}")
    except OSError:  # no picture
        return _Kind("bin")


def _stand_in(kind: _Kind, content: bytes) -> bytes:
    if kind.name in STAND_INS:
        return base64.b64decode(STAND_INS[kind.name])
    if kind.name == "safetensors":
        return _small_tensors()
    return content[:SMALL]


def _is_safetensors(content: bytes) -> bool:
    if len(content) < 10 or content[8:9] != b"{":
        return False
    length = cast("int", struct.unpack("<Q", content[:8])[0])
    try:
        header: Json = json.loads(content[8 : 8 + length])
    except ValueError:
        return False
    return isinstance(header, dict)


def _small_tensors() -> bytes:
    header = {"stand_in": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"\0\0"
