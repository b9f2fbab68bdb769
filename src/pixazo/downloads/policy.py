"""What a download may cost: bytes, seconds, hops, tries."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The limits of one medium's download.

    Args:
        allow_loopback: Accept addresses of this machine, also without TLS (for the sandbox).
        max_bytes: Most bytes of one medium.
        timeout_s: Most seconds for one medium, all tries, hops and pauses included.
        max_hops: Most redirects of one try.
        attempts: Most tries in a row that bring nothing new.
        connect_s: Most seconds for one connection to be made.
        stall_s: Most seconds without a byte.
    """

    allow_loopback: bool = False
    max_bytes: int = 1 << 30
    timeout_s: float = 600.0
    max_hops: int = 3
    attempts: int = 4
    connect_s: float = 10.0
    stall_s: float = 30.0
