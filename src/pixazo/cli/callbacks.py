"""What becomes of callbacks that no program waits for: looked at, written down, printed."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.books.binding import misfit
from pixazo.cli.failures import Unusable
from pixazo.cli.interrupts import endings
from pixazo.cli.ledgers import path_of
from pixazo.cli.trail import with_options
from pixazo.cli.words import printable
from pixazo.client import AsyncPixazo
from pixazo.errors import (
    GatewayFailure,
    GatewayUnreachable,
    InvalidConfiguration,
    LedgerError,
    LedgerMoveRefused,
    PixazoError,
    RateLimited,
    RequestNotFound,
)
from pixazo.ledger import FINAL_STATES, Ledger
from pixazo.polling import NOT_FOUND_GRACE_S
from pixazo.settings import origin_of
from pixazo.webhooks import Hint, Receiver, Server

if TYPE_CHECKING:
    from pixazo.answers import Status
    from pixazo.ledger import Entry, State

__all__ = ["Desk"]

PAUSE_S, LONGEST_PAUSE_S, GROWTH = 2.0, 10.0, 1.5
DEADLINE_S = 900.0
FOR_NOW = (GatewayFailure, GatewayUnreachable, RateLimited, LedgerError)  # a full disk gets room
MOST_AT_ONCE = 1_000
MOST_TOLD = 10_000
OPEN: tuple[State, ...] = ("intent", "sending", "submitted", "unknown", "completed")


class Desk:
    """Follows each job from its first callback to its end and prints it once.

    Args:
        gateway: The gateway's address; None takes the environment's or the documented one.
        ledger: The ledger's path; None takes the environment's or the usual one.
    """

    def __init__(self, *, gateway: str | None, ledger: Path | None) -> None:
        self._gateway, self._given, self._path = gateway, ledger, path_of(ledger)
        self._following: dict[str, asyncio.Task[None]] = {}
        self._told: OrderedDict[str, None] = OrderedDict()
        self._client: AsyncPixazo
        self._ledger: Ledger
        self._receiver: Receiver
        self._end: asyncio.Future[None]

    async def serve(
        self, receiver: Receiver, host: str, port: int, ready: Callable[[int], object]
    ) -> None:
        """Serve a receiver until it is told to end, or until stdout cannot be written any more.

        Args:
            receiver: Decides about callbacks; its `on_hint` is `hear`.
            host: The address to listen on.
            port: The port to listen on.
            ready: Called with the port once callbacks are heard.
        """
        self._receiver, self._end = receiver, asyncio.get_running_loop().create_future()
        for number in (signal.SIGINT, *endings()):
            with suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, self._stop)
        with Ledger(self._path) as self._ledger:
            async with AsyncPixazo(base_url=self._gateway, ledger=self._ledger) as self._client:
                try:
                    async with _listening(receiver, host, port) as server:
                        ready(server.port)
                        await self._end
                finally:
                    await self._leave()

    async def hear(self, hint: Hint) -> None:
        """Begin to follow a job; one that is followed already has heard of the hint."""
        running = self._following.get(hint.job_key)
        if running is not None and not running.done():
            return
        if len(self._following) >= MOST_AT_ONCE:
            self._say(f"job {hint.job_key}: too many jobs at once; pixazo resume finds it")
            return
        self._receiver.hints.forget(hint.job_key)
        task = asyncio.create_task(self._follow(hint))
        self._following[hint.job_key] = task
        task.add_done_callback(lambda ended: self._left(hint.job_key, ended))

    def _stop(self, error: BaseException | None = None) -> None:
        if self._end.done():
            return
        if error is None:
            self._end.set_result(None)
        else:
            self._end.set_exception(error)

    def _left(self, job_key: str, ended: asyncio.Task[None]) -> None:
        if not ended.cancelled() and (error := ended.exception()):
            self._stop(error)
        if self._following.get(job_key) is ended:  # not another one that has begun since
            del self._following[job_key]

    async def _follow(self, hint: Hint) -> None:
        """Look at a job until it has ended; further callbacks shorten the pauses."""
        pause_s, now_s = PAUSE_S, asyncio.get_running_loop().time
        began_s = now_s()
        while True:
            try:
                if await self._look(hint):
                    return
            except PixazoError as error:
                if not _may_pass(error, now_s() - began_s):
                    self._say(f"job {hint.job_key}: {error}")
                    return
                self._say(f"job {hint.job_key}: {error.message}; looking again")
            if (waited_s := now_s() - began_s) >= DEADLINE_S:
                self._say(f"job {hint.job_key}: no end in {waited_s:.0f} s; pixazo resume goes on")
                return
            hint = await self._receiver.hints.wait_async(hint.job_key, pause_s) or hint
            pause_s = min(pause_s * GROWTH, LONGEST_PAUSE_S)

    async def _look(self, hint: Hint) -> bool:
        """Look once; return whether there is nothing more to see."""
        meant = await asyncio.to_thread(self._meant, hint)
        if any(entry.state in ("intent", "sending") for entry in meant):
            return False  # the answer to the submission is on its way, or lost
        known = next((entry.request_id for entry in meant if entry.request_id), None)
        request_id = known or hint.request_id
        if request_id is None:
            self._say(f"job {hint.job_key}: the ledger has no id for it, the callback names none")
            return True
        status = await self._client.job(request_id).status()
        if known is None and meant and not await self._bind(status, meant):
            return True  # what is not this job's is not told as its end
        if not status.done or status.lacks_media:
            return False
        await self._tell(hint, status)
        return True

    def _meant(self, hint: Hint) -> list[Entry]:
        """Return the jobs whose callback address holds this name: the one with this id, or all."""
        self._ledger.settle_dead()
        claimed = self._ledger.by_request_id(hint.request_id) if hint.request_id else None
        if claimed is not None and claimed.callback == hint.job_key:
            return [claimed]
        found = self._ledger.entries(OPEN, callback=hint.job_key)
        found = found or self._ledger.entries(FINAL_STATES, callback=hint.job_key)
        if hint.request_id is None or len(found) < 2:
            return found
        return [entry for entry in found if entry.request_id is None]  # others have another id

    async def _bind(self, status: Status, meant: Sequence[Entry]) -> bool:
        """Give a job of unknown outcome its id back, then its end, if that is certain."""
        origin = origin_of(self._client.base_url)
        holder = await asyncio.to_thread(self._ledger.by_request_id, status.request_id)
        problem = misfit(status, meant, holder=holder, origin=origin)
        problem = problem or await self._found(status.request_id, meant[0])
        if problem:
            self._say(f"{status.request_id} stays apart: {problem}")
            return False
        self._say(f"job {meant[0].key} is found again: {status.request_id}")
        await self._client.job(status.request_id).status()  # its end goes into the ledger
        return True

    async def _found(self, request_id: str, meant: Entry) -> str:
        """Write the id down; return why not, when somebody has sent the job once more meanwhile."""
        try:
            await self._ledger.find_again_async(meant, request_id, note="found again by callback")
        except LedgerMoveRefused as error:
            return error.message
        return ""

    async def _tell(self, hint: Hint, status: Status) -> None:
        """Print an ended job, once; and an id that another attempt of it may have."""
        if hint.request_id not in (None, status.request_id):
            said = f"a callback names {hint.request_id}, the ledger {status.request_id}"
            advice = f"if it was sent twice, ask: pixazo status {hint.request_id}"
            self._say(f"job {hint.job_key}: {said}; {advice}")
        if status.request_id in self._told:
            return
        self._told[status.request_id] = None
        if len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)
        entry = await asyncio.to_thread(self._ledger.by_request_id, status.request_id)
        click.echo(json.dumps(_document(hint, status, entry), ensure_ascii=False))

    async def _leave(self) -> None:
        """Let go of the jobs that are followed; the ledger knows them."""
        following = list(self._following.values())
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)

    def _say(self, text: str) -> None:
        click.echo(printable(with_options(text, self._given, self._gateway)), err=True)


def _may_pass(error: PixazoError, waited_s: float) -> bool:
    """Tell whether another look may find what this one did not."""
    if isinstance(error, RequestNotFound):
        return waited_s < NOT_FOUND_GRACE_S
    return isinstance(error, FOR_NOW)


@asynccontextmanager
async def _listening(receiver: Receiver, host: str, port: int) -> AsyncGenerator[Server]:
    """Serve; an address that cannot be had is a slip on the command line."""
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(Server(receiver, host, port))
        except InvalidConfiguration as error:
            raise Unusable(error) from error
        yield server


def _document(hint: Hint, status: Status, entry: Entry | None) -> dict[str, object]:
    return {
        "job": hint.job_key,
        "route": hint.route,
        "request_id": status.request_id,
        "model": status.model_id,
        "status": status.status,
        "outcome": status.outcome,
        "error": status.error,
        "created_at": status.created_at.isoformat() if status.created_at else None,
        "completed_at": status.completed_at.isoformat() if status.completed_at else None,
        "media": list(status.media),
        "key": entry.key if entry else None,
        "state": entry.state if entry else None,
    }
