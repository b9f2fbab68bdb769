"""Pixels of a size, however it was asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pixazo.sandbox.types import Json

__all__ = ["pixels"]

Size = tuple[int, int]

DEFAULT: Size = (1024, 1024)
LONGEST_SIDE = 4096
SHORTEST_SIDE = 1
_JOINED = re.compile(r"(\d{1,6})\s*[*xX]\s*(\d{1,6})")


def pixels(asked: Json, names: Mapping[str, Size]) -> Size:
    """Width and height for `asked`: a name, `"1328*1328"`, `{"width": …, "height": …}` or nothing.

    A side is at most 4096 pixels, whatever was asked: the picture keeps its proportions.

    Args:
        asked: the value from the request.
        names: pixels of the named sizes (R62).
    """
    width, height = _read(asked, names)
    share = min(1.0, LONGEST_SIDE / max(width, height, 1))
    return max(SHORTEST_SIDE, round(width * share)), max(SHORTEST_SIDE, round(height * share))


def _read(asked: Json, names: Mapping[str, Size]) -> Size:
    if isinstance(asked, str):
        if asked in names:
            return names[asked]
        if joined := _JOINED.fullmatch(asked.strip()):
            return int(joined[1]), int(joined[2])
    if isinstance(asked, dict):
        width, height = asked.get("width"), asked.get("height")
        if isinstance(width, int | float) and isinstance(height, int | float):
            return int(width), int(height)
    return DEFAULT
