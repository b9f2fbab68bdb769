"""What the deck uses of vcrpy, in one place: vcrpy has no types."""

from __future__ import annotations

from vcr import VCR  # type: ignore[import-untyped]
from vcr.cassette import Cassette, CassetteContextDecorator  # type: ignore[import-untyped]
from vcr.patch import PATCHER_NAMES  # type: ignore[import-untyped]
from vcr.persisters.filesystem import CassetteNotFoundError  # type: ignore[import-untyped]
from vcr.record_mode import RecordMode  # type: ignore[import-untyped]
from vcr.request import Request as Recorded  # type: ignore[import-untyped]

__all__ = [
    "PATCHER_NAMES",
    "VCR",
    "Cassette",
    "CassetteContextDecorator",
    "CassetteNotFoundError",
    "RecordMode",
    "Recorded",
]
