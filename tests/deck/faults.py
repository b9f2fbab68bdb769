"""What can be wrong with a cassette: one line each, with the file, the place and the way out."""

# ruff: noqa: N818  (an error is named for what happened)

from __future__ import annotations

__all__ = [
    "CassetteBroken",
    "CassetteError",
    "NotOnCassette",
    "NotRecordable",
    "SecretFound",
]


class CassetteError(Exception):
    """Something about a cassette stops us; the text is one line."""


class CassetteBroken(CassetteError):
    """The file, or a file that it needs, is not as it was written."""


class NotOnCassette(CassetteError):
    """A request that the cassette has no answer to, or none any more."""


class NotRecordable(CassetteError):
    """A journey that the target cannot show, or that may not be paid."""


class SecretFound(CassetteError):
    """A secret stands in what would be written; nothing was."""
