# Made by `python -m codegen` from codegen/runtime/inline.py. Do not edit: change what it is made from.
"""Pictures given as a path or as bytes, turned into the data URI that the gateway takes."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from .files import opened

__all__ = ["NotInline", "data_uri", "sniff"]

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


_HEAD = 12  # bytes that tell every kind of picture above
_MOST = 100 * 1024 * 1024  # the documents name no limit (R82); no picture for a request is larger


class NotInline(ValueError):  # noqa: N818 (it is caught one module further)
    """The value cannot be sent inside the body; the text says why, as the end of a sentence."""


def data_uri(value: bytes | os.PathLike[str]) -> str:
    """Return the picture as ``data:image/png;base64,…``, its type taken from its first bytes.

    Raises:
        NotInline: the file cannot be read, is no picture of a known kind, or is too large.
    """
    content = value if isinstance(value, bytes) else _read(value)
    kind = sniff(content)
    if kind is None:
        known = ", ".join(dict.fromkeys(kind.removeprefix("image/") for _, kind in _MAGIC))
        raise NotInline(f"must be a picture ({known}, webp); its first bytes are {content[:8]!r}")
    if len(content) > _MOST:
        most = f"{_MOST // 1024**2} MiB"
        raise NotInline(f"must be at most {most}; pass a URL that the gateway can fetch")
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def sniff(content: bytes) -> str | None:
    """Return the media type that the first bytes of a picture betray, or None."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)


def _read(path: os.PathLike[str]) -> bytes:
    """Return what the file holds: its head when that is no picture's, one byte past the limit."""
    try:
        with opened(Path(os.fsdecode(path)).expanduser()) as file:
            head = file.read(_HEAD)
            return head + file.read(_MOST + 1 - len(head)) if sniff(head) else head
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, the home of nobody
        why = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise NotInline(f"must be a readable file: {why.lower()}") from error
