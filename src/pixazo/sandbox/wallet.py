"""The sandbox's wallet: what jobs cost, what comes back, and who paid twice."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Charge", "DoubleCharge", "Wallet"]


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken for one job; `refunded` says that it came back."""

    request_id: str
    model_id: str
    usd: Decimal
    idempotency_key: str | None = None
    refunded: bool = False


@dataclass(frozen=True, slots=True)
class DoubleCharge:
    """Several paid jobs that carried the same Idempotency-Key: what a careless retry costs."""

    idempotency_key: str
    request_ids: tuple[str, ...]
    usd: Decimal


class Wallet:
    """US dollars that jobs are paid from; safe to use from several threads.

    Args:
        balance: dollars at the start, exact (`"10"`, `Decimal("0.05")`).
    """

    def __init__(self, balance: Decimal | str | int = "10") -> None:
        self._opening = _dollars(balance)
        self._balance = self._opening
        self._charges: dict[str, Charge] = {}
        self._lock = threading.Lock()

    @property
    def balance(self) -> Decimal:
        """Dollars left."""
        return self._balance

    @property
    def spent(self) -> Decimal:
        """Dollars paid for jobs and not refunded."""
        with self._lock:
            return sum((c.usd for c in self._charges.values() if not c.refunded), Decimal(0))

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Every charge, oldest first."""
        with self._lock:
            return tuple(self._charges.values())

    @property
    def double_charges(self) -> tuple[DoubleCharge, ...]:
        """Jobs that were paid more than once for one Idempotency-Key."""
        by_key: dict[str, list[Charge]] = {}
        for charge in self.charges:
            if charge.idempotency_key and not charge.refunded:
                by_key.setdefault(charge.idempotency_key, []).append(charge)
        return tuple(
            DoubleCharge(
                key, tuple(c.request_id for c in paid), sum((c.usd for c in paid[1:]), Decimal(0))
            )
            for key, paid in by_key.items()
            if len(paid) > 1
        )

    def charge(
        self, usd: Decimal, *, request_id: str, model_id: str, idempotency_key: str | None = None
    ) -> bool:
        """Take `usd` for a job; False, and nothing taken, when the balance does not cover it."""
        with self._lock:
            if usd > self._balance:
                return False
            self._balance -= usd
            self._charges[request_id] = Charge(request_id, model_id, usd, idempotency_key)
            return True

    def refund(self, request_id: str) -> None:
        """Give a job's money back; a second time, or for an unknown job, nothing happens."""
        with self._lock:
            charge = self._charges.get(request_id)
            if charge is None or charge.refunded:
                return
            self._balance += charge.usd
            self._charges[request_id] = Charge(
                charge.request_id,
                charge.model_id,
                charge.usd,
                charge.idempotency_key,
                refunded=True,
            )

    def set_balance(self, balance: Decimal | str | int) -> None:
        """Set what is left, in dollars."""
        dollars = _dollars(balance)
        with self._lock:
            self._balance = dollars

    def reset(self) -> None:
        """Go back to the opening balance and forget every charge."""
        with self._lock:
            self._balance = self._opening
            self._charges.clear()


def _dollars(value: Decimal | str | int) -> Decimal:
    try:
        dollars = Decimal(value)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise ValueError(
            f"balance={value!r}: give US dollars as a decimal number, like 10 or 0.05"
        ) from error
    if not dollars.is_finite() or dollars < 0:
        raise ValueError(f"balance={value!r}: a wallet holds 0 dollars or more")
    return dollars
