"""Money in the database: whole millionths of a US dollar, exact in every sum."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

from pixazo_openapi.errors import abbreviate

from pixazo.errors import InvalidConfiguration

_MILLION: Final = 1_000_000
_LARGEST_USD: Final = Decimal(1_000_000_000)
_MOST_SHOWN: Final = 40
_EXACT: Final = Context(prec=40)  # whatever precision the caller's own context has


def micros(usd: Decimal, *, name: str = "price_usd") -> int:
    """Return a US dollar amount in millionths.

    Args:
        usd: The amount; at least 0, no finer than a millionth.
        name: What the amount is called in the error.

    Raises:
        InvalidConfiguration: The amount cannot be kept exactly.
    """
    try:
        exact = _EXACT.multiply(Decimal(usd), _MILLION)
        fits = 0 <= exact <= _LARGEST_USD * _MILLION and exact == exact.to_integral_value()
    except (ArithmeticError, TypeError, ValueError):  # for who does not check types
        fits, exact = False, Decimal(0)
    if not fits:
        raise InvalidConfiguration(
            f"{name}={_told(usd)}: an amount is at least 0, at most {_LARGEST_USD} US"
            f" dollars and no finer than a millionth",
            hint='Pass a Decimal made from text: Decimal("0.045").',
        )
    return int(exact)


def _told(usd: object) -> str:
    if not isinstance(usd, Decimal):
        return abbreviate(usd)
    text = f"{usd:f}" if abs(usd.adjusted()) < _MOST_SHOWN else f"{usd:.3e}"
    return text[:_MOST_SHOWN]


def usd(amount: int) -> Decimal:
    """Return millionths as US dollars, without trailing zeros after the cents."""
    exact = _EXACT.divide(Decimal(amount), Decimal(_MILLION))
    return (
        exact
        if -int(exact.as_tuple().exponent) >= 2
        else exact.quantize(Decimal("0.01"), context=_EXACT)
    )
