"""What a file is, by its bytes alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

__all__ = ["MIME", "Seen", "inspect"]

MIME = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "safetensors": "application/octet-stream",
}
_ENDS: Mapping[str, Callable[[bytes], bool]] = {
    "png": lambda body: body.endswith(b"IEND\xaeB`\x82"),
    "jpeg": lambda body: body.endswith(b"\xff\xd9"),
    "webp": lambda body: int.from_bytes(body[4:8], "little") + 8 == len(body),
    "safetensors": lambda _: True,
}
LONGEST_HEADER = 100_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A file.

    Args:
        format: `png`, `jpeg`, `webp`, `safetensors`, or empty for anything else.
        size: width and height in pixels; None without a picture.
        alpha: lowest and highest alpha value; None without transparency.
        problem: why it is not whole; empty when it is.
    """

    format: str
    size: tuple[int, int] | None = None
    alpha: tuple[int, int] | None = None
    problem: str = ""


def inspect(body: bytes, *, whole: bool = True) -> Seen:
    """Tell what a file is.

    Args:
        body: its bytes.
        whole: whether every pixel is decoded, not only the head and the end.
    """
    form = _format(body)
    if form == "":
        return Seen("", problem=f"begins with {body[:12]!r}, no known kind of file")
    if not _ENDS[form](body):
        return Seen(form, problem=f"{len(body)} bytes, and the end of the file is missing")
    return _adapter(body) if form == "safetensors" else _picture(form, body, whole)


def _format(body: bytes) -> str:
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if body.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    header = int.from_bytes(body[:8], "little") if len(body) > 8 else 0
    return "safetensors" if 2 <= header < LONGEST_HEADER and body[8:9] == b"{" else ""


def _picture(form: str, body: bytes, whole: bool) -> Seen:
    try:
        with Image.open(io.BytesIO(body)) as picture:
            alpha = None
            if whole:
                picture.load()
                bands = picture.getchannel("A").getextrema() if "A" in picture.getbands() else None
                alpha = (int(bands[0]), int(bands[1])) if bands else None  # type: ignore[arg-type] # one band
            return Seen(form, picture.size, alpha)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        return Seen(form, problem=f"does not decode: {error}")


def _adapter(body: bytes) -> Seen:
    """Check the table of a `.safetensors` file against its length (R77)."""
    length = int.from_bytes(body[:8], "little")
    try:
        table = json.loads(body[8 : 8 + length])
        tensors = [entry for name, entry in table.items() if name != "__metadata__"]
        ends = [entry["data_offsets"][1] for entry in tensors]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        return Seen("safetensors", problem=f"the table does not read: {error}")
    if not tensors:
        return Seen("safetensors", problem="the table names no tensor")
    if max(ends) != len(body) - 8 - length:
        return Seen(
            "safetensors",
            problem=f"tensors end at {max(ends)}, data has {len(body) - 8 - length} bytes",
        )
    return Seen("safetensors")
