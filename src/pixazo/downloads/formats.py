"""What a file is, told by its own bytes: the server's word for it is not asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

__all__ = [
    "HEAD_BYTES",
    "Format",
    "excerpt",
    "identify",
    "is_text",
    "missing_end",
    "named_like_a_medium",
]

HEAD_BYTES = 512
TAIL_BYTES = 66_000  # a zip archive's comment may be 65,535 bytes long
LARGEST_HEADER = 64 << 20


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its suffix without the dot and its media type."""

    suffix: str
    media_type: str


UNKNOWN = Format("bin", "application/octet-stream")
SAFETENSORS = Format("safetensors", "application/octet-stream")
BY_MAGIC: tuple[tuple[int, bytes, Format], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", Format("png", "image/png")),
    (0, b"\xff\xd8\xff", Format("jpg", "image/jpeg")),
    (8, b"WEBP", Format("webp", "image/webp")),
    (0, b"GIF87a", Format("gif", "image/gif")),
    (0, b"GIF89a", Format("gif", "image/gif")),
    (4, b"ftypavif", Format("avif", "image/avif")),
    (4, b"ftypheic", Format("heic", "image/heic")),
    (4, b"ftypqt", Format("mov", "video/quicktime")),
    (4, b"ftyp", Format("mp4", "video/mp4")),
    (0, b"\x1aE\xdf\xa3", Format("webm", "video/webm")),
    (0, b"PK\x03\x04", Format("zip", "application/zip")),
    (0, b"\x1f\x8b\x08", Format("gz", "application/gzip")),
    (0, b"II*\x00", Format("tiff", "image/tiff")),
    (0, b"MM\x00*", Format("tiff", "image/tiff")),
    (8, b"WAVE", Format("wav", "audio/wav")),
    (0, b"ID3", Format("mp3", "audio/mpeg")),
    (0, b"OggS", Format("ogg", "audio/ogg")),
    (0, b"fLaC", Format("flac", "audio/flac")),
    (0, b"%PDF-", Format("pdf", "application/pdf")),
    (0, b"BM", Format("bmp", "image/bmp")),
)

SUFFIXES = {f".{kind.suffix}" for *_, kind in BY_MAGIC} | {".jpeg", ".tif", ".safetensors"}


def named_like_a_medium(path: Path) -> bool:
    """Whether a path reads like that of one file: `tiger.png`, but not `v1.0`."""
    return path.suffix.lower() in SUFFIXES


def identify(head: bytes) -> Format:
    """The kind of a file by its first bytes; `bin` when nobody knows."""
    for offset, magic, kind in BY_MAGIC:
        if head[offset : offset + len(magic)] == magic and not is_text(head):
            return kind
    if _header_length(head) is not None:
        return SAFETENSORS
    return UNKNOWN


def is_text(head: bytes) -> bool:
    """Whether a file begins like words: a page, an error message, JSON. Media never do."""
    if not head or head.startswith((b"%PDF-", b"\xff\xd8\xff")):
        return False
    try:
        words = head[:HEAD_BYTES].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < min(len(head), HEAD_BYTES) - 4:  # not just a character cut in two
            return False
        words = head[: error.start].decode("utf-8")
    return all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in words)


def excerpt(head: bytes) -> str:
    """The first words of a text that came in place of a medium, on one line."""
    words = " ".join(head[:HEAD_BYTES].decode("utf-8", "replace").split())
    words = "".join(letter if letter.isprintable() else "?" for letter in words)
    return words if len(words) <= 200 else words[:199] + "…"


def missing_end(path: Path, kind: Format) -> str:
    """What the file lacks of its own end; empty when it looks whole or cannot be told."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
        file.seek(0)
        return _missing_end(kind.suffix, file, tail, size)


def _missing_end(suffix: str, file: BinaryIO, tail: bytes, size: int) -> str:
    match suffix:
        case "png" if b"IEND" not in tail:
            return "the PNG has no end mark"
        case "jpg" if b"\xff\xd9" not in tail:
            return "the JPEG has no end mark"
        case "gif" if not tail.rstrip(b"\x00").endswith(b";"):
            return "the GIF has no end mark"
        case "zip" if b"PK\x05\x06" not in tail:
            return "the archive has no directory"
        case "webp":
            stated = int.from_bytes(file.read(8)[4:], "little") + 8
            return _shorter(size, stated)
        case "safetensors":
            return _shorter(size, _safetensors_size(file))
        case _:
            return ""


def _shorter(size: int, stated: int) -> str:
    return f"the file states {stated} bytes" if size < stated else ""


def _header_length(head: bytes) -> int | None:
    """The length of a safetensors header, when the file begins like one."""
    length = int.from_bytes(head[:8], "little")
    return length if head[8:9] == b"{" and 2 <= length <= LARGEST_HEADER else None


def _safetensors_size(file: BinaryIO) -> int:
    """The size that a safetensors file's own header adds up to."""
    length = int.from_bytes(file.read(8), "little")
    try:
        header: object = json.loads(file.read(length))
    except (ValueError, RecursionError):
        return 8 + length + 1  # the header itself is cut or broken: larger than any such file
    ends = [0]
    for tensor in cast("dict[str, object]", header).values() if isinstance(header, dict) else ():
        if isinstance(tensor, dict):
            offsets = cast("dict[str, object]", tensor).get("data_offsets")
            offsets = cast("list[object]", offsets) if isinstance(offsets, list) else []
            ends += [end for end in offsets if isinstance(end, int)]
    return 8 + length + max(ends)
