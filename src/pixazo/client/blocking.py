"""The client for plain code and threads."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pixazo_openapi.catalogue import KEY_HEADER, SERVER

from pixazo.answers import Status
from pixazo.client.shared import (
    CallbackSource,
    Client,
    callback_address,
    noting,
    plans_of,
    queued_stake,
    retrying_of,
    stake_of,
)
from pixazo.clock import Clock
from pixazo.jobs import Job
from pixazo.polling import Durations
from pixazo.results import Result
from pixazo.settings import find_gateway, find_key, find_proxy
from pixazo.steps import Call, Outcome, drive
from pixazo.tickets import ticket_of

if TYPE_CHECKING:  # both take time to import
    import httpx2
    from pixazo_openapi.request import Request

__all__ = ["Pixazo"]


class Pixazo(Client):
    """A client of the gateway; threads may share it.

    Args:
        api_key: The key; else `PIXAZO_API_KEY`, else the file `~/.pixazo/api-key`.
        base_url: The gateway; else `PIXAZO_GATEWAY_URL`, else the documented one.
        timeout_s: The bound of one exchange in seconds; None takes the specification's.
        attempts: How often a request is sent at most when it did not leave or was refused for now.
        retry_server_errors: Whether 429 and a documented 500 are waited for, as the documents
            advise.
        clock: Time.
        durations: Where past durations are kept; by default in this process.
        transport: Sends instead of real sockets, for tests; the key lock stands before it.

    Raises:
        MissingKey: No key in any of the three places.
        InvalidConfiguration: A setting cannot be used.
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
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        try:
            key = find_key(api_key)
        finally:
            del api_key  # a traceback may show local names
        gateway = find_gateway(base_url, SERVER)
        retrying = retrying_of(attempts, server_errors=retry_server_errors)
        super().__init__(gateway, plans_of(gateway, retrying, timeout_s, clock, durations))
        from pixazo.exchange import Exchange

        proxy = find_proxy(gateway)
        self._exchange = Exchange(key, KEY_HEADER, gateway, transport=transport, proxy=proxy)

    def generate(
        self,
        request: Request,
        *,
        timeout: float | None = None,
        on_status: Callable[[Status], object] | None = None,
    ) -> Result:
        """Send a request, wait, and return what it came to; queued and direct models alike.

        Args:
            request: The request.
            timeout: Seconds for it all; None takes the specification's.
            on_status: Called with each status seen of a queued model.

        Raises:
            OutcomeUnknown: The request may have been accepted and charged.
            RequestRefused, GatewayFailure, GatewayUnreachable: It was not accepted.
            WaitTimedOut, WaitInterrupted, JobFailed, JobErrored, NothingToDeliver: As `Job.wait`.
        """
        began_s = self._plans.clock.now()
        if request.model.mode == "queued":
            job = self._submit(request, None, timeout)
            return job.wait(self._left_s(timeout, began_s), on_status=on_status)
        stake = stake_of(request)
        with noting(stake):
            plan = self._plans.deliver(request, stake, timeout_s=timeout)
            return drive(plan, send=self._send, clock=self._plans.clock)

    def submit(self, request: Request, *, webhook: str | CallbackSource | None = None) -> Job:
        """Send a request to a queued model and return the job.

        Args:
            request: The request.
            webhook: Where the gateway should call back: an address, or what names one.

        Raises:
            WrongMode: The model answers at once; use `generate`.
            OutcomeUnknown: The request may have been accepted and charged.
            RequestRefused, GatewayFailure, GatewayUnreachable: It was not accepted.
        """
        return self._submit(request, webhook, None)

    def job(self, id_or_token: str) -> Job:
        """Return the job of a request id or of a resume token; nothing is sent.

        Raises:
            UnknownToken: It is neither.
        """
        return Job(ticket_of(id_or_token, self._gateway), self._plans, self._send)

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        self._exchange.close()

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
        self, request: Request, webhook: str | CallbackSource | None, timeout_s: float | None
    ) -> Job:
        stake = queued_stake(request)
        url = callback_address(webhook, request, stake)
        with noting(stake):
            plan = self._plans.submit(request, stake, webhook=url, timeout_s=timeout_s)
            ticket = drive(plan, send=self._send, clock=self._plans.clock)
        return Job(ticket, self._plans, self._send, self._calling(webhook, stake))

    def _send(self, call: Call) -> Outcome:
        self._check_open()
        return self._exchange.send(call)
