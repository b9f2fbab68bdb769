"""Money in the sandbox."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from pixazo.sandbox import Wallet


def charge(wallet: Wallet, name: str, usd: str = "0.05", key: str | None = None) -> bool:
    return wallet.charge(Decimal(usd), request_id=name, model_id="m", idempotency_key=key)


def test_charges_are_exact() -> None:
    """Three charges of 0.1 leave exactly 0.7 of 1."""
    wallet = Wallet("1")

    for number in range(3):
        charge(wallet, str(number), "0.1")

    assert wallet.balance == Decimal("0.7")
    assert wallet.spent == Decimal("0.3")


def test_nothing_is_taken_when_the_balance_is_too_low() -> None:
    """A charge over the balance is refused and the balance stays."""
    wallet = Wallet("0.04")

    assert not charge(wallet, "a")
    assert wallet.balance == Decimal("0.04")
    assert wallet.charges == ()


def test_a_refund_comes_once() -> None:
    """Refunding the same job twice gives its money back once."""
    wallet = Wallet("1")
    charge(wallet, "a")

    wallet.refund("a")
    wallet.refund("a")
    wallet.refund("unknown")

    assert wallet.balance == 1
    assert wallet.spent == 0


def test_a_double_charge_is_found_by_its_idempotency_key() -> None:
    """Two paid jobs with one key are one double charge of the second's price."""
    wallet = Wallet("1")
    charge(wallet, "a", key="k")
    charge(wallet, "b", key="other")
    charge(wallet, "c", key="k")

    (double,) = wallet.double_charges

    assert double.request_ids == ("a", "c")
    assert double.usd == Decimal("0.05")


def test_a_refunded_job_is_no_double_charge() -> None:
    """A job whose money came back does not count as paid twice."""
    wallet = Wallet("1")
    charge(wallet, "a", key="k")
    charge(wallet, "b", key="k")

    wallet.refund("a")

    assert wallet.double_charges == ()


def test_jobs_without_a_key_are_never_double_charges() -> None:
    """Submissions without an Idempotency-Key are told apart by nothing, so none is double."""
    wallet = Wallet("1")

    charge(wallet, "a")
    charge(wallet, "b")

    assert wallet.double_charges == ()


def test_threads_cannot_overdraw_the_wallet() -> None:
    """Fifty threads that each want 0.05 of 1 dollar get exactly twenty charges."""
    wallet, granted = Wallet("1"), list[bool]()

    def take(number: int) -> None:
        granted.append(charge(wallet, str(number)))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert granted.count(True) == 20
    assert wallet.balance == 0


@pytest.mark.parametrize("balance", ["ten", "-1", "NaN", "Infinity", ""])
def test_a_balance_that_is_no_amount_is_refused(balance: str) -> None:
    """A balance that is not zero dollars or more is refused and named."""
    with pytest.raises(ValueError, match="balance="):
        Wallet(balance)


def test_reset_restores_the_opening_balance() -> None:
    """After a reset the opening balance is back and no charge is known."""
    wallet = Wallet("1")
    charge(wallet, "a")

    wallet.reset()

    assert wallet.balance == 1
    assert wallet.charges == ()
