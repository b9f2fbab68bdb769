"""Versions: which one the changes ask for, and whether all who name one agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from changes.findings import Level

__all__ = ["Version", "disagreements", "proposed"]

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Three numbers, as semantic versioning wants them."""

    major: int
    minor: int
    patch: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the version of a text such as `0.1.0`; raises ValueError for anything else."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a version of the form 1.2.3")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def proposed(released: Version, level: Level | None) -> Version:
    """Return the least version that may follow a release.

    Before 1.0.0 the first number rests: breaks raise the second one, everything else the third.

    Args:
        released: The last release.
        level: The gravest change since; None when there is none.
    """
    if level is None:
        return released
    if released.major == 0:
        level = Level.MINOR if level is Level.MAJOR else Level.PATCH
    match level:
        case Level.MAJOR:
            return Version(released.major + 1, 0, 0)
        case Level.MINOR:
            return Version(released.major, released.minor + 1, 0)
        case Level.PATCH:
            return Version(released.major, released.minor, released.patch + 1)


def disagreements(
    named: Mapping[str, str], released: Version | None, level: Level | None
) -> list[str]:
    """Return a sentence for everything that does not fit.

    Args:
        named: Who names which version: `spec/openapi.yaml info.version`, …
        released: The last release; None before the first one.
        level: The gravest change since.
    """
    problems: list[str] = []
    found: dict[str, Version] = {}
    for who, text in named.items():
        try:
            found[who] = Version.read(text)
        except ValueError as error:
            problems.append(f"{who}: {error}")
    if len(set(found.values())) > 1:
        told = ", ".join(f"{who} says {version}" for who, version in found.items())
        problems.append(f"the versions disagree: {told}; give all the same")
    if released is not None:
        least = proposed(released, level)
        problems += [
            f"{who} says {version}, the changes since {released} ask for {least}; raise it"
            for who, version in found.items()
            if version < least
        ]
    return problems
