"""Input pictures that came along in the request, and what an edit makes of them."""

from __future__ import annotations

import base64
import binascii
import io
import warnings

from PIL import Image, ImageOps

from pixazo.sandbox.rendering.palettes import Palette

__all__ = ["read_source", "recolour", "source_size"]

READABLE = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 40_000_000
BROKEN = (OSError, SyntaxError, ValueError, binascii.Error, Image.DecompressionBombError)
STRENGTH = 0.55
"""How far an edit goes towards the new colours."""


def read_source(address: str) -> Image.Image | None:
    """The picture in a data URI; None for a URL (nothing is fetched) and for what is no picture."""
    try:
        picture = _opened(address)
        return picture.convert("RGB") if picture else None
    except BROKEN:
        return None


def source_size(address: str) -> tuple[int, int] | None:
    """Width and height of the picture in a data URI, from its head alone; None as above."""
    try:
        picture = _opened(address)
    except BROKEN:
        return None
    return picture.size if picture else None


def _opened(address: str) -> Image.Image | None:
    head, comma, text = address.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(base64.b64decode(text)), formats=READABLE)
    return picture if picture.width * picture.height <= MOST_PIXELS else None


def recolour(picture: Image.Image, palette: Palette) -> Image.Image:
    """The picture in the colours of `palette`: what an edit looks like here."""
    grey = ImageOps.autocontrast(picture.convert("L"))
    painted = ImageOps.colorize(grey, palette.near, palette.light, mid=palette.far)
    return Image.blend(picture, painted, STRENGTH)
