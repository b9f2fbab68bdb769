"""One change, and how grave it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Change", "Level", "shown"]


class Level(IntEnum):
    """What a change asks of those who upgrade.

    MAJOR: something that worked may not work any more. MINOR: there is something new, or something
    to know. PATCH: nobody has to know.
    """

    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Args:
        level: How grave it is.
        place: What changed, as callers call it: `qwen-image-max.num_images`.
        what: The change itself: `maximum 4 → 2`.
        reason: Why it has this level.
        told: Whether the changelog tells of it; words and sources stay out.
    """

    level: Level
    place: str
    what: str
    reason: str
    told: bool = True

    def __str__(self) -> str:
        return f"{self.level.name.lower():5}  {self.place}: {self.what} ({self.reason})"


def shown(value: object) -> str:
    """Return a value in few words; `none` when there is none."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
