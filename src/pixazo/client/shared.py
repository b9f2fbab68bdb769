"""What both colours of the client share."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NoReturn, Protocol, runtime_checkable

from pixazo import money
from pixazo.arguments import (
    check_above_0,
    check_count,
    check_key,
    check_request,
    check_webhook,
)
from pixazo.client.purse import Purse
from pixazo.clock import Clock, SystemClock
from pixazo.errors import ClientClosed, InvalidConfiguration, WrongMode
from pixazo.jobs import Calling
from pixazo.pace import Durations, PastDurations
from pixazo.plans import Plans
from pixazo.results import Result
from pixazo.retries import Retrying, Stake
from pixazo.settings import Gateway
from pixazo.steps import Failure, Plan
from pixazo.tickets import Ticket

if TYPE_CHECKING:  # all take time to import
    from pixazo_openapi.request import Request

    from pixazo.books import Keeping
    from pixazo.ledger import Ledger

__all__ = ["CallbackSource", "Client"]

CLOSED = Failure("the client is closed", sent=False)
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


@dataclass(slots=True)
class Sending:
    """A request that is about to be sent.

    Args:
        request: The request.
        stake: What is at stake.
        key: The job's key in the ledger; None without one.
        resend: Whether to send a job of unknown outcome once more.
        left: Whether the request may have left.
    """

    request: Request
    stake: Stake
    key: str | None = None
    resend: bool = False
    left: bool = False


class Client:
    """What both colours of the client share."""

    def __init__(self, gateway: Gateway, plans: Plans, purse: Purse, *, learn: bool) -> None:
        self._closed = False
        self._gateway = gateway
        self._open = ExitStack()
        self._books = purse.open(plans, self._open, learn=learn)
        self._plans = plans if self._books is None else self._books.plans

    @property
    def base_url(self) -> str:
        """The gateway's address."""
        return self._gateway.url

    @property
    def ledger(self) -> Ledger | None:
        """The ledger that jobs and money are written down in, if one was given."""
        return self._books.ledger if self._books is not None and self._books.lasting else None

    def estimate(self, request: Request) -> Decimal | None:
        """Return what a request costs in US dollars as documented; None when no price is."""
        check_request(request)
        return money.estimate(request)

    def __repr__(self) -> str:
        if not hasattr(self, "_gateway"):  # shown in the traceback of its own making
            return f"<{type(self).__name__} not made>"
        return f"<{type(self).__name__} {self.base_url}{', closed' if self._closed else ''}>"

    def __reduce__(self) -> NoReturn:
        message = f"{type(self).__name__} holds connections and a key; make it where it is used"
        raise TypeError(message)

    def _check_open(self) -> None:
        if self._closed:
            message = "the client is closed"
            raise ClientClosed(message, hint="Make a new one; client.job(token) finds jobs again.")

    def _sending(self, request: Request, key: str | None, *, resend: bool) -> Sending:
        self._check_open()
        if resend and key is None:
            message = "resend=True needs the key of the job to send once more"
            raise InvalidConfiguration(message, hint="Give key=; `pixazo jobs unknown` lists them.")
        if self._books is None:
            if key is not None:
                message = f"key={key!r} means nothing without a ledger"
                raise InvalidConfiguration(message, hint="Make the client with ledger=PATH.")
            return Sending(request, stake_of(request, uuid.uuid4().hex))
        from pixazo.books import idempotency_key

        key = check_key(key) if key is not None else uuid.uuid4().hex
        return Sending(request, stake_of(request, idempotency_key(request, key)), key, resend)

    def _submitting(
        self, sending: Sending, webhook: str | CallbackSource | None, timeout_s: float | None
    ) -> Plan[Ticket]:
        request, stake = sending.request, sending.stake
        if webhook is not None and not isinstance(webhook, str):
            webhook = webhook.callback_url(request, stake.idempotency_key)
        if self._books is None or sending.key is None:
            return self._plans.submit(request, stake, webhook=webhook, timeout_s=timeout_s)
        return self._books.submit(
            request,
            sending.key,
            stake,
            webhook=webhook,
            timeout_s=timeout_s,
            resend=sending.resend,
        )

    def _delivering(self, sending: Sending, timeout_s: float | None) -> Plan[Result]:
        request, stake = sending.request, sending.stake
        if self._books is None or sending.key is None:
            return self._plans.deliver(request, stake, timeout_s=timeout_s)
        return self._books.deliver(
            request, sending.key, stake, timeout_s=timeout_s, resend=sending.resend
        )

    def _keeping(self, key: str | None = None) -> Keeping | None:
        """Return what writes down how a job ends; None without a ledger."""
        return None if self._books is None else self._books.keeping(key)

    def _calling(self, webhook: str | CallbackSource | None, stake: Stake) -> Calling | None:
        """Return how the job's callbacks reach us; None when they go elsewhere."""
        if webhook is None or not isinstance(webhook, WakingSource):
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
    check_count(retrying.attempts, name="attempts", hint="Give 1 to send once and never again.")
    if timeout_s is not None:
        check_above_0(timeout_s, name="timeout_s", rule="a number of seconds above 0")
    return Plans(
        gateway=gateway,
        clock=clock or SystemClock(),
        retrying=retrying,
        durations=durations or PROCESS,
        timeout_s=timeout_s,
    )


def stake_of(request: Request, idempotency_key: str) -> Stake:
    return Stake(request.model_id, money.estimate(request), idempotency_key)


def check_queued(request: Request, webhook: str | CallbackSource | None) -> None:
    """Make sure that there is a job to submit, and somebody to call back."""
    check_request(request)
    check_webhook(webhook)
    if request.model.mode != "queued":
        message = f"{request.model_id} answers at once and has no job to submit"
        raise WrongMode(message, hint="Use client.generate(request).")


@contextmanager
def noting(sending: Sending) -> Generator[None, None, None]:
    """Tell whoever interrupts a paid request what is at stake."""
    stake = sending.stake
    try:
        yield
    except Exception:
        raise
    except BaseException as interruption:
        if sending.left:
            interruption.add_note(
                f"the request to {stake.model_id} may have been accepted: {stake.money} may be"
                f" charged (Idempotency-Key {stake.idempotency_key})"
            )
        if sending.key is not None:
            interruption.add_note(f"the ledger knows: pixazo jobs; its key is {sending.key}")
        raise
