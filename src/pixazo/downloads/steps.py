"""What a download asks of the outside world; the plan asks, a driver does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from pixazo.downloads.targets import Target

__all__ = ["Drop", "Fetch", "Head", "LineBroke", "Pause", "Plan", "Read", "Resolve", "Step", "Work"]


@dataclass(frozen=True, slots=True)
class Resolve:
    """Name every address of the target's host → `tuple[str, ...]`."""

    target: Target
    within_s: float


@dataclass(frozen=True, slots=True)
class Fetch:
    """Send a GET to this very address and wait for the head of the answer → `Head`."""

    target: Target
    address: str
    headers: Mapping[str, str]
    within_s: float
    connect_s: float
    stall_s: float


@dataclass(frozen=True, slots=True)
class Read:
    """The next bytes of the body as they came over the wire, empty at its end → `bytes`."""

    within_s: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Let go of the answer and its connection → `None`."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait → `None`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Do something with the disk, which may take a while → whatever it returns."""

    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer; header names in small letters."""

    status: int
    headers: Mapping[str, str]


class LineBroke(Exception):  # noqa: N818 - never leaves this package
    """The network failed: a later try may do better.

    Args:
        reason: What failed, in a few words and without an address.
        connected: Whether there was a connection at all.
    """

    def __init__(self, reason: str, *, connected: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.connected = connected


Step: TypeAlias = Resolve | Fetch | Read | Drop | Pause | Work
T = TypeVar("T")
Plan: TypeAlias = Generator[Step, Any, T]  # Any: each step has its own kind of answer, named above
