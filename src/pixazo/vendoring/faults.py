"""What can go wrong with a vendored copy."""

from __future__ import annotations

from pixazo_openapi.errors import PixazoError

__all__ = ["VendorError"]


class VendorError(PixazoError):
    """A copy cannot be made, read or replaced; nothing was changed."""
