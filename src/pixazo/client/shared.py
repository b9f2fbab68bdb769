"""What both colours of the client share."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pixazo import money
from pixazo.clock import Clock, SystemClock
from pixazo.errors import ClientClosed, InvalidConfiguration, WrongMode
from pixazo.jobs import Calling
from pixazo.plans import Plans
from pixazo.polling import Durations, PastDurations
from pixazo.retries import Retrying, Stake
from pixazo.settings import Gateway

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["CallbackSource", "Client"]

PROCESS = PastDurations()  # what this process learned, by gateway and model


class CallbackSource(Protocol):
    """Whatever receives callbacks: it names an address for each request."""

    def callback_url(self, request: Request, reference: str) -> str:
        """Return the address for one request.

        Args:
            request: What is asked.
            reference: Unique and unguessable, sent as the `Idempotency-Key`.
        """
        ...


class Hints(Protocol):
    """Where callbacks are kept until somebody waits for them."""

    def forget(self, job_key: str) -> None:
        """Drop what is kept for a job."""
        ...


@runtime_checkable
class WakingSource(CallbackSource, Protocol):
    """A source that also ends the pauses of a wait when a callback comes."""

    @property
    def hints(self) -> Hints:
        """Where callbacks are kept."""
        ...

    def waking(self, job_key: str, clock: Clock) -> Clock:
        """Return the clock, except that a callback for the job ends its pauses."""
        ...


class Client:
    """What both colours of the client share."""

    def __init__(self, gateway: Gateway, plans: Plans) -> None:
        self._gateway, self._plans = gateway, plans
        self._closed = False

    @property
    def base_url(self) -> str:
        """The gateway's address."""
        return self._gateway.url

    def estimate(self, request: Request) -> Decimal | None:
        """Return what a request costs in US dollars as documented; None when no price is."""
        return money.estimate(request)

    def __repr__(self) -> str:
        if not hasattr(self, "_gateway"):  # shown in the traceback of its own making
            return f"<{type(self).__name__} not made>"
        return f"<{type(self).__name__} {self.base_url}{', closed' if self._closed else ''}>"

    def _check_open(self) -> None:
        if self._closed:
            message = "the client is closed"
            raise ClientClosed(message, hint="Make a new one; client.job(token) finds jobs again.")

    def _calling(self, webhook: str | CallbackSource | None, stake: Stake) -> Calling | None:
        """Return how the job's callbacks reach us; None when they go elsewhere."""
        if not isinstance(webhook, WakingSource):
            return None
        key = stake.idempotency_key
        clock = webhook.waking(key, self._plans.clock)
        return Calling(clock, partial(webhook.hints.forget, key))

    def _left_s(self, timeout_s: float | None, began_s: float) -> float | None:
        if timeout_s is None:
            return None
        return max(0.0, timeout_s - (self._plans.clock.now() - began_s))


def plans_of(
    gateway: Gateway,
    retrying: Retrying,
    timeout_s: float | None,
    clock: Clock | None,
    durations: Durations | None,
) -> Plans:
    if timeout_s is not None and not 0 < timeout_s < float("inf"):
        message = f"timeout_s={timeout_s!r} is not a number of seconds above 0"
        raise InvalidConfiguration(message, hint="Leave it out for the specification's.")
    return Plans(
        gateway=gateway,
        clock=clock or SystemClock(),
        retrying=retrying,
        durations=durations or PROCESS,
        timeout_s=timeout_s,
    )


def retrying_of(attempts: int, *, server_errors: bool) -> Retrying:
    if attempts < 1:
        message = f"attempts={attempts!r} sends nothing"
        raise InvalidConfiguration(message, hint="Give 1 to send once and never again.")
    return Retrying(attempts, server_errors)


def stake_of(request: Request) -> Stake:
    return Stake(request.model_id, money.estimate(request), uuid.uuid4().hex)


def queued_stake(request: Request) -> Stake:
    """Return the stake of a request to a queued model."""
    if request.model.mode != "queued":
        message = f"{request.model_id} answers at once and has no job to submit"
        raise WrongMode(message, hint="Use client.generate(request).")
    return stake_of(request)


def callback_address(
    webhook: str | CallbackSource | None, request: Request, stake: Stake
) -> str | None:
    if webhook is None or isinstance(webhook, str):
        return webhook
    return webhook.callback_url(request, stake.idempotency_key)


@contextmanager
def noting(stake: Stake) -> Generator[None, None, None]:
    """Tell whoever interrupts a paid request what is at stake."""
    try:
        yield
    except Exception:
        raise
    except BaseException as interruption:
        interruption.add_note(
            f"the request to {stake.model_id} may have been accepted: {stake.money} may be charged"
            f" (Idempotency-Key {stake.idempotency_key})"
        )
        raise
