"""The client for plain code and threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from pixazo_openapi.catalogue import KEY_HEADER, SERVER

from pixazo.answers import Status
from pixazo.arguments import check_call
from pixazo.client.proxies import find_proxy
from pixazo.client.purse import Purse
from pixazo.client.shared import (
    CLOSED,
    CallbackSource,
    Client,
    Sending,
    check_queued,
    noting,
    plans_of,
)
from pixazo.clock import Clock
from pixazo.drivers import drive
from pixazo.fleet import Turns
from pixazo.jobs import Job
from pixazo.money import Dollars
from pixazo.pace import Durations
from pixazo.results import Result
from pixazo.retries import Retrying
from pixazo.settings import find_gateway, find_key
from pixazo.steps import Call, Outcome, Plan
from pixazo.tickets import ticket_of

if TYPE_CHECKING:  # all take time to import
    import httpx2
    from pixazo_openapi.request import Request

    from pixazo.ledger import Ledger

__all__ = ["Pixazo"]

T = TypeVar("T")


class Pixazo(Client):
    """A client of the gateway; threads may share it.

    However many threads there are, no second holds more than 25 new requests and looks, and a 429
    holds all of them back.

    Args:
        api_key: The key; else `PIXAZO_API_KEY`, else the file `~/.pixazo/api-key`.
        base_url: The gateway; else `PIXAZO_GATEWAY_URL`, else the documented one.
        timeout_s: The bound of one exchange in seconds; None takes the specification's.
        attempts: How often a request is sent at most when it did not leave or was refused for now.
        retry_server_errors: Whether 429 and a documented 500 are waited for, as the documents
            advise.
        clock: Time.
        durations: Where past durations are kept; by default in the ledger, or in this process.
        ledger: Where jobs and money are written down: an open `Ledger`, which stays open, or a
            path. With it the same `key` never pays twice and no crash loses a job.
        spend_limit: US dollars that this client may spend; a request that would pass it is refused.
        spend_limit_call: US dollars that one request may cost.
        spend_limit_day: US dollars that all who share the ledger may spend on one day (UTC).
        assume_price: US dollars to count under a limit for a model whose price is not documented.
        run: The name of what spends; clients of one ledger and name share `spend_limit`.
        transport: Sends instead of real sockets, for tests; the key lock stands before it.

    Raises:
        MissingKey: No key in any of the three places.
        InvalidConfiguration: A setting cannot be used.
        LedgerError: The ledger cannot be used.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout_s: float | None = None,
        attempts: int = 5,
        retry_server_errors: bool = True,
        clock: Clock | None = None,
        durations: Durations | None = None,
        ledger: Ledger | str | os.PathLike[str] | None = None,
        spend_limit: Dollars | None = None,
        spend_limit_call: Dollars | None = None,
        spend_limit_day: Dollars | None = None,
        assume_price: Dollars | None = None,
        run: str | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        try:
            key = find_key(api_key)
        finally:
            del api_key  # a traceback may show local names
        gateway = find_gateway(base_url, SERVER)
        retrying = Retrying(attempts, retry_server_errors)
        plans = plans_of(gateway, retrying, timeout_s, clock, durations)
        from pixazo.exchange import Exchange

        proxy = find_proxy(gateway)
        self._exchange = Exchange(key, KEY_HEADER, gateway, transport=transport, proxy=proxy)
        purse = Purse(
            ledger=ledger,
            spend_limit=spend_limit,
            spend_limit_call=spend_limit_call,
            spend_limit_day=spend_limit_day,
            assume_price=assume_price,
            run=run,
        )
        super().__init__(gateway, plans, purse, learn=durations is None)
        self._turns = Turns(plans.clock)

    def generate(
        self,
        request: Request,
        *,
        key: str | None = None,
        resend: bool = False,
        timeout: float | None = None,
        on_status: Callable[[Status], object] | None = None,
    ) -> Result:
        """Send a request, wait, and return what it came to; queued and direct models alike.

        Args:
            request: The request.
            key: Your own name for the job, with a ledger: the same key never pays again and comes
                to the same result or error; None makes a new one.
            resend: Whether a job of this key whose outcome is unknown is sent once more: it may be
                paid for twice.
            timeout: Seconds for it all; None takes the specification's.
            on_status: Called with each status seen of a queued model.

        Raises:
            OutcomeUnknown: The request may have been accepted and charged.
            RequestRefused, GatewayFailure, GatewayUnreachable: It was not accepted.
            SpendLimitReached, PriceUnknown: A limit forbids it; it was not sent.
            InvalidConfiguration: An argument is not what it must be; nothing was sent.
            LedgerError: The ledger cannot be written; the error says what it knows of the job.
            WaitTimedOut, WaitInterrupted, JobFailed, JobErrored, NothingToDeliver: As `Job.wait`.
        """
        check_call(request, timeout=timeout, on_status=on_status)
        began_s = self._plans.clock.now()
        sending = self._sending(request, key, resend=resend)
        if request.model.mode == "queued":
            job = self._submit(sending, None, timeout)
            return job.wait(self._left_s(timeout, began_s), on_status=on_status)
        return self._paid(self._delivering(sending, timeout), sending)

    def submit(
        self,
        request: Request,
        *,
        key: str | None = None,
        resend: bool = False,
        webhook: str | CallbackSource | None = None,
    ) -> Job:
        """Send a request to a queued model and return the job.

        Args:
            request: The request.
            key: Your own name for the job, with a ledger: the same key never pays again; None makes
                a new one.
            resend: Whether a job of this key whose outcome is unknown is sent once more: it may be
                paid for twice.
            webhook: Where the gateway should call back: an address, or what names one.

        Raises:
            WrongMode: The model answers at once; use `generate`.
            OutcomeUnknown: The request may have been accepted and charged.
            RequestRefused, GatewayFailure, GatewayUnreachable: It was not accepted.
            SpendLimitReached, PriceUnknown: A limit forbids it; it was not sent.
            InvalidConfiguration: An argument is not what it must be; nothing was sent.
            LedgerError: The ledger cannot be written; the error says what it knows of the job.
        """
        check_queued(request, webhook)
        return self._submit(self._sending(request, key, resend=resend), webhook, None)

    def job(self, id_or_token: str) -> Job:
        """Return the job of a request id or of a resume token; nothing is sent.

        Raises:
            UnknownToken: It is neither.
        """
        ticket = ticket_of(id_or_token, self._gateway)
        return Job(ticket, self._plans, self._look, self._turn, keeping=self._keeping())

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        self._exchange.close()
        self._open.close()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _submit(
        self, sending: Sending, webhook: str | CallbackSource | None, timeout_s: float | None
    ) -> Job:
        ticket = self._paid(self._submitting(sending, webhook, timeout_s), sending)
        calling, keeping = self._calling(webhook, sending.stake), self._keeping(sending.key)
        return Job(ticket, self._plans, self._look, self._turn, calling, keeping)

    def _paid(self, plan: Plan[T], sending: Sending) -> T:
        """Return what a plan comes to that may send a paid request."""
        pay, clock = partial(self._pay, sending), self._plans.clock
        with noting(sending):
            return drive(plan, send=pay, turn=self._turn, clock=clock)

    def _turn(self, patience_s: float | None) -> bool:
        self._check_open()
        came = self._turns.turn(patience_s)
        self._check_open()
        return came

    def _pay(self, sending: Sending, call: Call) -> Outcome:
        """Send a paid request whose turn has come; a 429 holds everybody back."""
        if self._closed:
            return CLOSED
        sending.left = True
        return self._turns.heard(self._exchange.send(call))

    def _look(self, call: Call) -> Outcome:
        """Send a status request whose turn has come; a 429 holds everybody back."""
        self._check_open()
        return self._turns.heard(self._exchange.send(call))
