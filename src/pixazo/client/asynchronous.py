"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar
from weakref import WeakSet

from pixazo_openapi.catalogue import KEY_HEADER, SERVER

from pixazo.answers import Status
from pixazo.arguments import check_call, check_pace, check_requests
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
from pixazo.drivers import drive_async
from pixazo.fleet import Fleet
from pixazo.jobs import AsyncJob
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

    from pixazo.batches import Outcome as BatchOutcome
    from pixazo.batches import Run
    from pixazo.ledger import Ledger

__all__ = ["AsyncPixazo"]

T = TypeVar("T")


class AsyncPixazo(Client):
    """The same client for asyncio, in one event loop at a time.

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
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        try:
            key = find_key(api_key)
        finally:
            del api_key  # a traceback may show local names
        gateway = find_gateway(base_url, SERVER)
        retrying = Retrying(attempts, retry_server_errors)
        plans = plans_of(gateway, retrying, timeout_s, clock, durations)
        from pixazo.exchange import AsyncExchange

        proxy = find_proxy(gateway)
        self._exchange = AsyncExchange(key, KEY_HEADER, gateway, transport=transport, proxy=proxy)
        purse = Purse(
            ledger=ledger,
            spend_limit=spend_limit,
            spend_limit_call=spend_limit_call,
            spend_limit_day=spend_limit_day,
            assume_price=assume_price,
            run=run,
        )
        super().__init__(gateway, plans, purse, learn=durations is None)
        self._fleet = Fleet(plans.clock)
        self._batches: WeakSet[Run] = WeakSet()

    async def generate(
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
            WaitTimedOut, JobFailed, JobErrored, NothingToDeliver: As `AsyncJob.wait`.
        """
        check_call(request, timeout=timeout, on_status=on_status)
        began_s = self._plans.clock.now()
        sending = self._sending(request, key, resend=resend)
        if request.model.mode == "queued":
            job = await self._submit(sending, None, timeout)
            return await job.wait(self._left_s(timeout, began_s), on_status=on_status)
        return await self._paid(self._delivering(sending, timeout), sending)

    async def submit(
        self,
        request: Request,
        *,
        key: str | None = None,
        resend: bool = False,
        webhook: str | CallbackSource | None = None,
    ) -> AsyncJob:
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
        return await self._submit(self._sending(request, key, resend=resend), webhook, None)

    def batch(
        self, requests: Iterable[Request], *, concurrency: int = 32, rate: float | None = None
    ) -> AsyncGenerator[BatchOutcome, None]:
        """Send many requests and yield what becomes of each, as it becomes known.

        An outcome has `item.number` (the place in `requests`, from 1), `state`, `result` and
        `error`. With a ledger the same requests never pay again: run the batch anew to go on with
        it. A 429 slows all of it down. What was not accepted is sent again, up to eight times; a
        client made with `attempts=1` sends once, one with `retry_server_errors=False` again only
        what never left.

        Args:
            requests: The requests, of any models.
            concurrency: How many are under way at once.
            rate: How many are sent per second at most.

        Raises:
            InvalidConfiguration: At once, when an argument is not what it must be.
            InsufficientBalance, SpendLimitReached, PriceUnknown, Unauthorized, LedgerError: At the
                end, when it stopped the batch; what was not sent is `open`.
        """
        from pixazo.batches import TRIES, Run, items_of

        check_pace(concurrency, rate)
        items = items_of(check_requests(requests), self.base_url)
        clock = self._plans.clock
        retrying = self._plans.retrying
        run = Run(
            self,
            items,
            clock=clock,
            concurrency=concurrency,
            per_s=rate,
            tries=1 if retrying.attempts == 1 else TRIES,
            server_errors=retrying.server_errors,
        )
        self._batches.add(run)
        return run.outcomes()

    def job(self, id_or_token: str) -> AsyncJob:
        """Return the job of a request id or of a resume token; nothing is sent.

        Raises:
            UnknownToken: It is neither.
        """
        ticket = ticket_of(id_or_token, self._gateway)
        keeping = self._keeping()
        return AsyncJob(ticket, self._plans, self._look, self._turn, self._fleet, keeping=keeping)

    async def close(self) -> None:
        """Close every connection, once the requests of a batch that is left are answered."""
        self._closed = True
        self._fleet.close()
        try:
            try:
                await asyncio.gather(*(batch.leave() for batch in self._batches))
            finally:
                await self._exchange.close()
        finally:
            if self._books is not None:
                await asyncio.to_thread(self._open.close)

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _submit(
        self, sending: Sending, webhook: str | CallbackSource | None, timeout_s: float | None
    ) -> AsyncJob:
        ticket = await self._paid(self._submitting(sending, webhook, timeout_s), sending)
        calling, keeping = self._calling(webhook, sending.stake), self._keeping(sending.key)
        return AsyncJob(ticket, self._plans, self._look, self._turn, self._fleet, calling, keeping)

    async def _paid(self, plan: Plan[T], sending: Sending) -> T:
        """Return what a plan comes to that may send a paid request."""
        pay, clock = partial(self._pay, sending), self._plans.clock
        with noting(sending):
            return await drive_async(plan, send=pay, turn=self._turn, clock=clock)

    async def _turn(self, patience_s: float | None) -> bool:
        self._check_open()
        came = await self._fleet.turn(patience_s)
        self._check_open()
        return came

    async def _pay(self, sending: Sending, call: Call) -> Outcome:
        """Send a paid request whose turn has come; a 429 holds everybody back."""
        if self._closed:
            return CLOSED
        sending.left = True
        return self._fleet.heard(await self._exchange.send(call))

    async def _look(self, call: Call) -> Outcome:
        """Send a status request whose turn has come; a 429 holds everybody back."""
        self._check_open()
        return self._fleet.heard(await self._exchange.send(call))
