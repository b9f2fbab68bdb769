"""What requests cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["estimate"]


def estimate(request: Request) -> Decimal | None:
    """Return what a request costs in US dollars as documented; None when no price is (R11, R12)."""
    return request.model.price.usd
