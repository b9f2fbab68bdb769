"""What requests cost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from pixazo_openapi.errors import abbreviate

from pixazo.errors import InvalidConfiguration

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["Dollars", "dollars", "estimate", "read_dollars", "shown"]

Dollars: TypeAlias = Decimal | int | str | float
MOST_USD = 1_000_000_000
PLACES = 6  # a millionth of a dollar is what a ledger counts


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
        InvalidConfiguration: It is no number, below 0, or more or finer than can be counted.
    """
    if amount is None:
        return None
    exact = read_dollars(amount)
    if exact is None:
        raise InvalidConfiguration(
            f"{name}={abbreviate(amount)} is not an amount of US dollars: at least 0, at most"
            f" {MOST_USD} and no finer than a millionth",
            hint="Give 0 or more, for example 2.50.",
        )
    return exact


def read_dollars(amount: Dollars) -> Decimal | None:
    """Return an amount exactly as it is written; None when it is none that can be counted."""
    is_whole = isinstance(amount, int) and not isinstance(amount, bool)
    try:
        exact = Decimal(amount if is_whole else str(amount))
    except InvalidOperation:
        return None
    _, digits, exponent = exact.as_tuple()
    if not isinstance(exponent, int) or not 0 <= exact <= MOST_USD:
        return None  # not a number, for one
    finer = digits[exponent + PLACES :] if exponent < -PLACES else ()
    return None if any(finer) else exact
