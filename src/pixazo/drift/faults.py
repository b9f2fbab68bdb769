"""What can go wrong before a comparison: a page nobody can read, a place nobody knows."""

# ruff: noqa: N818  (an error is named for what happened)

from __future__ import annotations

from pixazo_openapi.errors import PixazoError

__all__ = ["DriftError", "PageUnreadable", "SpecUnusable", "UnknownPlace"]


class DriftError(PixazoError):
    """A page and the spec cannot be compared."""


class PageUnreadable(DriftError):
    """The text is not a documentation page, or it is damaged beyond reading."""


class SpecUnusable(DriftError):
    """The spec file cannot be read, or not be written into."""


class UnknownPlace(DriftError):
    """Nothing in the spec has this name."""
