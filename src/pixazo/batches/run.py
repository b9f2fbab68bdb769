"""The machine of a batch: so many at once, so many per second, none lost, none paid twice."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pixazo.batches.items import Item
from pixazo.batches.leavable import Leavable
from pixazo.batches.outcomes import Outcome
from pixazo.clock import Clock
from pixazo.errors import (
    ClientClosed,
    ConfigurationError,
    FolderUnusable,
    Forbidden,
    GatewayFailure,
    GatewayUnreachable,
    InsufficientBalance,
    JobErrored,
    LedgerError,
    LedgerMoveRefused,
    PixazoError,
    PriceUnknown,
    RateLimited,
    SpendLimitReached,
    Unauthorized,
)
from pixazo.fleet import Budget, Fleet
from pixazo.jobs import AsyncJob
from pixazo.results import Result
from pixazo.retries import backoff_s

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

    from pixazo.ledger import Ledger

__all__ = ["Run", "Sender"]

GO_ON = "Run the batch again with a new client; with a ledger it goes on where it stopped."
TRIES = 8  # of a request that was not accepted
TRIES_AFTER_ERROR = 3  # of a job that ended as ERROR, which is not charged
NOT_ACCEPTED: tuple[type[PixazoError], ...] = (RateLimited, GatewayFailure, GatewayUnreachable)
log = logging.getLogger("pixazo")
# What no later request can be spared: the rest would fail alike.
STOPPING = (
    ConfigurationError,
    FolderUnusable,
    Forbidden,
    InsufficientBalance,
    LedgerError,
    PriceUnknown,
    SpendLimitReached,
    Unauthorized,
)


class Sender(Protocol):
    """What a batch needs of a client."""

    @property
    def ledger(self) -> Ledger | None:
        """The ledger, if there is one."""
        ...

    async def submit(self, request: Request, *, key: str | None = None) -> AsyncJob:
        """Send a request to a queued model."""
        ...

    async def generate(self, request: Request, *, key: str | None = None) -> Result:
        """Send a request and wait."""
        ...


class Run:
    """One run of a batch.

    Args:
        client: What sends.
        items: What to send.
        clock: Time.
        concurrency: How many are under way at once.
        per_s: How many are sent per second at most; None leaves it to the client's own budget.
        save: Saves the media of a result and returns the files; None saves nothing.
        tries: How often a request is sent at most when it was not accepted.
        server_errors: Whether 429 and a documented 500 are among that (R25).
        on_stop: Called when the batch is left while requests are on their way, with their count;
            their answers are waited for.
        on_pause: Called with an item's number, why it was not accepted, and the seconds before it
            is sent again.
    """

    def __init__(
        self,
        client: Sender,
        items: Sequence[Item],
        *,
        clock: Clock,
        concurrency: int,
        per_s: float | None = None,
        save: Callable[[Result], Awaitable[Sequence[Path]]] | None = None,
        tries: int = TRIES,
        server_errors: bool = True,
        on_stop: Callable[[int], object] | None = None,
        on_pause: Callable[[int, PixazoError, float], object] | None = None,
    ) -> None:
        self._on_pause = on_pause
        self._client, self._items, self._clock = client, items, clock
        self._concurrency, self._save = concurrency, save
        self._tries, self._leavable = tries, Leavable(on_stop)
        self._again = NOT_ACCEPTED if server_errors else (GatewayUnreachable,)
        self._budget = Budget(per_s or 1000.0, burst=1)
        self._pace = Fleet(clock, self._budget)
        self._left: Iterator[Item] = iter(items)
        self._workers: list[asyncio.Task[None]] = []
        self._stopped_by: PixazoError | None = None

    async def outcomes(self) -> AsyncGenerator[Outcome, None]:
        """Yield what becomes of each request, as it becomes known.

        What stops the whole batch (an empty wallet, a spend limit, a refused key) is raised at the
        end, when everything that was under way is told; the rest is told as open.
        """
        ended: asyncio.Queue[Outcome | None] = asyncio.Queue()
        self._workers = workers = [
            asyncio.create_task(self._work(ended), name=f"pixazo batch {number}")
            for number in range(min(self._concurrency, len(self._items)))
        ]
        watching = asyncio.create_task(_tell_end(workers, ended))
        try:
            while (outcome := await ended.get()) is not None:
                yield outcome
            if any(worker.cancelled() for worker in workers):
                message = "the client was closed under its batch"
                raise ClientClosed(message, hint=GO_ON, charged="unknown")
            for worker in workers:
                worker.result()  # a bug is not passed over
            for item in self._left:
                yield Outcome(item)
        finally:
            await self._leavable.leave([*workers, watching])
            self._pace.close()
        if self._stopped_by is not None:
            raise self._stopped_by

    async def leave(self) -> None:
        """Send nothing more and wait for the answers to what has left, as long as `Leavable` does.

        A generator that nobody holds any more is closed some time later; who needs it closed first,
        such as the client that sends, leaves it.
        """
        await self._leavable.leave(self._workers)

    async def _work(self, ended: asyncio.Queue[Outcome | None]) -> None:
        while self._stopped_by is None and (item := next(self._left, None)) is not None:
            ended.put_nowait(await self._one(item))

    async def _one(self, item: Item) -> Outcome:
        result: Result | None = None
        try:
            result = await self._result(item)
            files = () if self._save is None else tuple(await self._save(result))
        except PixazoError as error:
            if isinstance(error, STOPPING) and not isinstance(error, LedgerMoveRefused):
                self._stopped_by = self._stopped_by or error
            return Outcome(item, result, error=error)
        return Outcome(item, result, files)

    async def _result(self, item: Item) -> Result:
        """Return what a request comes to; what is not charged is tried again."""
        refused, errored, key = 0, 0, await self._key(item.key)
        while True:
            try:
                result = await self._once(item, key)
            except self._again as error:
                refused += 1
                self._slow_down(error)
                if refused >= self._tries or self._stopped_by is not None:
                    raise
                await self._pause(item, error, backoff_s(refused, random.random()))  # noqa: S311
            except JobErrored:
                errored += 1
                if errored >= min(self._tries, TRIES_AFTER_ERROR):
                    raise
                key = await self._key(item.key)
            else:
                self._budget.answered()
                return result

    async def _once(self, item: Item, key: str | None) -> Result:
        if await self._is_new(key):
            await self._pace.turn()
        if item.request.model.mode == "direct":
            return await self._leavable.paid(self._client.generate(item.request, key=key))
        job = await self._leavable.paid(self._client.submit(item.request, key=key))
        return await job.wait()

    async def _pause(self, item: Item, error: PixazoError, pause_s: float) -> None:
        log.info("request %d again in %.1f s: %s", item.number, pause_s, error.message)
        if self._on_pause is not None:
            self._on_pause(item.number, error, pause_s)
        await self._clock.sleep_async(pause_s)

    async def _key(self, key: str) -> str | None:
        """Return the key to send under: a new one after each job that ended as ERROR."""
        ledger = self._client.ledger
        if ledger is None:
            return None
        found, number = key, 1
        while (entry := await ledger.entry_async(found)) is not None:
            if entry.state != "failed" or entry.charged != "no":
                break
            number += 1
            found = f"{key}~{number}"
        return found

    async def _is_new(self, key: str | None) -> bool:
        ledger = self._client.ledger
        if ledger is None or key is None:
            return True
        entry = await ledger.entry_async(key)
        return entry is None or entry.state == "intent"

    def _slow_down(self, error: PixazoError) -> None:
        if isinstance(error, RateLimited):
            self._budget.refused(self._clock.now(), error.retry_after_s)


async def _tell_end(
    workers: Sequence[asyncio.Task[None]], ended: asyncio.Queue[Outcome | None]
) -> None:
    if workers:
        await asyncio.wait(workers)
    ended.put_nowait(None)
