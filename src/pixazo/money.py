"""What requests cost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from pixazo.errors import InvalidConfiguration

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["Dollars", "dollars", "estimate", "shown"]

Dollars: TypeAlias = Decimal | int | str | float


def estimate(request: Request) -> Decimal | None:
    """Return what a request costs in US dollars as documented; None when no price is (R11, R12)."""
    return request.model.price.usd


def shown(usd: Decimal) -> str:
    """Return US dollars as `$11.25`, `$0.10` or `$0.045`: cents, and finer what is not zero."""
    places = -int(usd.normalize().as_tuple().exponent)
    return f"${usd:.{max(2, places)}f}"


def dollars(amount: Dollars | None, *, name: str) -> Decimal | None:
    """Return an amount of US dollars exactly as it is written; None stays None.

    Args:
        amount: The amount; of a float the shortest decimal that it stands for.
        name: What the amount is called in the error.

    Raises:
        InvalidConfiguration: It is no number, or below 0.
    """
    try:
        exact = None if amount is None else Decimal(str(amount))
    except InvalidOperation:
        exact = Decimal("NaN")
    if exact is not None and not (exact.is_finite() and exact >= 0):
        raise InvalidConfiguration(
            f"{name}={amount!r} is not an amount of US dollars",
            hint="Give 0 or more, for example 2.50.",
        )
    return exact
