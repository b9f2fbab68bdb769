"""A job that the gateway works on: look at it, watch it, wait for it, find it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, cast

from pixazo_openapi.catalogue import STATUS

from pixazo.answers import Status
from pixazo.arguments import check_callable
from pixazo.clock import Clock
from pixazo.drivers import drive, drive_async, watch, watch_async
from pixazo.ends import ended
from pixazo.errors import ClientClosed, PixazoError, WaitInterrupted
from pixazo.plans import Plans
from pixazo.polling import forward
from pixazo.results import Result
from pixazo.steps import Call, Outcome, Plan, Walk
from pixazo.tickets import Ticket, named_s

if TYPE_CHECKING:  # both take time to import
    from pixazo_openapi.request import Request

    from pixazo.books import Keeping
    from pixazo.fleet import Fleet

__all__ = ["AsyncJob", "Job"]


@dataclass(frozen=True, slots=True)
class Calling:
    """How a job's callbacks reach whoever waits for it.

    Args:
        clock: A clock whose pauses end with a callback.
        forget: Called when the job has ended.
    """

    clock: Clock
    forget: Callable[[], object]


class _Job:
    """What both colours of a job share."""

    __slots__ = ("_calling", "_keeping", "_plans", "_ticket")

    def __init__(
        self, ticket: Ticket, plans: Plans, calling: Calling | None, keeping: Keeping | None
    ) -> None:
        self._ticket, self._plans = ticket, plans
        self._calling, self._keeping = calling, keeping

    @property
    def request_id(self) -> str:
        """The gateway's id."""
        return self._ticket.request_id

    @property
    def model_id(self) -> str | None:
        """The model that works on it; None when only the id is known and says nothing."""
        return self._ticket.model_id

    @property
    def request(self) -> Request | None:
        """What was asked, where this process knows."""
        return self._ticket.request

    @property
    def last_status(self) -> Status | None:
        """The last status seen, without asking for it."""
        return self._ticket.status

    def token(self) -> str:
        """Return a text that finds the job again anywhere: `client.job(token)`; it is no secret."""
        return self._ticket.token

    def __reduce__(self) -> NoReturn:
        message = f"{type(self).__name__} belongs to its client; pass token() on: client.job(token)"
        raise TypeError(message)

    def __repr__(self) -> str:
        word = self._ticket.status.status if self._ticket.status else "not looked at"
        return f"<{type(self).__name__} {self.request_id} {word}>"

    def _seen(self, news: object) -> Status:
        ticket = self._ticket  # another thread, or another task, may have seen more meanwhile
        status = forward(ticket.known or ticket.status, cast("Status", news))
        known = status if status.status in STATUS.outcomes else ticket.known
        model_id = ticket.model_id or status.model_id
        self._ticket = replace(ticket, status=status, known=known, model_id=model_id)
        if status.done and self._calling is not None:
            self._calling.forget()
        return status

    @property
    def _clock(self) -> Clock:
        return self._plans.clock if self._calling is None else self._calling.clock

    def _known_end(self) -> Status | None:
        status = self._ticket.status
        return status if status is not None and status.done and not status.lacks_media else None

    def _waiting(self, timeout_s: float | None) -> Walk[Status]:
        calls_back = self._calling is not None
        plan = self._plans.wait(self._ticket, timeout_s=timeout_s, calls_back=calls_back)
        return Walk(self._kept(plan))

    def _looking(self) -> Plan[Status]:
        return self._kept(self._plans.look(self._ticket))

    def _kept(self, plan: Plan[Status]) -> Plan[Status]:
        return plan if self._keeping is None else self._keeping.until_end(plan, self._ticket)

    def _result(self, status: Status | None) -> Result:
        assert status is not None and status.done, "a wait ends with the job's end"  # noqa: S101, PT018
        plans = self._plans
        result = ended(self._ticket, status, gateway=plans.gateway, clock=plans.clock)
        return result if self._keeping is None else self._keeping.own(result)


class _WayOn:
    """Tells whoever interrupts a wait how to go on; a class, because ten thousand are small."""

    __slots__ = ("_job",)

    def __init__(self, job: _Job) -> None:
        self._job = job

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, ClientClosed):  # somebody closed it under a job that was accepted
            error.request_id, error.token = self._job.request_id, self._job.token()
            error.charged = "unknown"
        if error is None or isinstance(error, WaitInterrupted | PixazoError):
            return
        request_id, token = self._job.request_id, self._job.token()
        said = f"the job {request_id} goes on; wait again: pixazo wait {request_id}"
        if isinstance(error, KeyboardInterrupt):
            raise WaitInterrupted(said, request_id=request_id, token=token) from None
        if isinstance(error, Exception | asyncio.CancelledError):  # of on_status, or of a driver
            error.add_note(f"{said}, or client.job({token!r})")


class Job(_Job):
    """A job of a `Pixazo` client; `submit()` and `job()` make it."""

    __slots__ = ("_send", "_turn")

    def __init__(
        self,
        ticket: Ticket,
        plans: Plans,
        send: Callable[[Call], Outcome],
        turn: Callable[[float | None], bool],
        calling: Calling | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        super().__init__(ticket, plans, calling, keeping)
        self._send, self._turn = send, turn

    def status(self) -> Status:
        """Ask the gateway once and return how the job is doing; an end is asked for only once.

        Raises:
            GatewayFailure, GatewayUnreachable: No usable answer came; the job goes on.
            RequestRefused: The gateway said no, for example that it does not know the id.
        """
        if end := self._known_end():
            return end
        plan, clock = self._looking(), self._plans.clock
        return self._seen(drive(plan, send=self._send, turn=self._turn, clock=clock))

    def watch(self, *, timeout: float | None = None) -> Generator[Status, None, None]:
        """Yield each status seen until the job has ended, well or badly.

        Args:
            timeout: Seconds until the watch gives up, as `wait`; None takes the specification's.

        Raises:
            WaitTimedOut: The job goes on.
            WaitInterrupted: Ctrl-C; the job goes on.
        """
        with _WayOn(self):
            yield from self._statuses(timeout)

    def wait(
        self,
        timeout: float | None = None,
        *,
        on_status: Callable[[Status], object] | None = None,
    ) -> Result:
        """Wait for the job's end and return what it came to.

        Args:
            timeout: Seconds until the wait gives up, with a last look that takes 1 s at most; None
                takes the specification's deadline.
            on_status: Called with each status seen.

        Raises:
            WaitTimedOut: The job goes on.
            WaitInterrupted: Ctrl-C; the job goes on.
            JobFailed, JobErrored: It ended badly.
            NothingToDeliver: It ended well and named no media for a minute; wait again.
        """
        check_callable(on_status, name="on_status")
        status = None
        with _WayOn(self):
            for status in self._statuses(timeout):
                if on_status is not None:
                    on_status(status)
        return self._result(status)

    def _statuses(self, timeout_s: float | None) -> Generator[Status, None, None]:
        if end := self._known_end():
            yield end
            return
        walk = self._waiting(timeout_s)
        for news in watch(walk, send=self._send, turn=self._turn, clock=self._clock):
            yield self._seen(news)


class AsyncJob(_Job):
    """A job of an `AsyncPixazo` client; `submit()` and `job()` make it."""

    __slots__ = ("_fleet", "_send", "_turn")

    def __init__(
        self,
        ticket: Ticket,
        plans: Plans,
        send: Callable[[Call], Awaitable[Outcome]],
        turn: Callable[[float | None], Awaitable[bool]],
        fleet: Fleet,
        calling: Calling | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        super().__init__(ticket, plans, calling, keeping)
        self._send, self._turn, self._fleet = send, turn, fleet

    async def status(self) -> Status:
        """Ask the gateway once and return how the job is doing; an end is asked for only once.

        Raises:
            GatewayFailure, GatewayUnreachable: No usable answer came; the job goes on.
            RequestRefused: The gateway said no, for example that it does not know the id.
        """
        if end := self._known_end():
            return end
        plan, clock = self._looking(), self._plans.clock
        return self._seen(await drive_async(plan, send=self._send, turn=self._turn, clock=clock))

    async def watch(self, *, timeout: float | None = None) -> AsyncGenerator[Status, None]:
        """Yield each status seen until the job has ended, well or badly.

        Args:
            timeout: Seconds until the watch gives up, as `wait`; None takes the specification's.

        Raises:
            WaitTimedOut: The job goes on.
        """
        with _WayOn(self):
            async for status in self._statuses(timeout):
                yield status

    async def wait(
        self,
        timeout: float | None = None,
        *,
        on_status: Callable[[Status], object] | None = None,
    ) -> Result:
        """Wait for the job's end and return what it came to.

        Args:
            timeout: Seconds until the wait gives up, with a last look that takes 1 s at most; None
                takes the specification's deadline.
            on_status: Called with each status seen.

        Raises:
            WaitTimedOut: The job goes on.
            JobFailed, JobErrored: It ended badly.
            NothingToDeliver: It ended well and named no media for a minute; wait again.
        """
        check_callable(on_status, name="on_status")
        with _WayOn(self):
            async for status in self._statuses(timeout):
                if on_status is not None:
                    on_status(status)
                del status  # ten thousand waits would hold as many answers
        return self._result(self.last_status)

    async def _statuses(self, timeout_s: float | None) -> AsyncGenerator[Status, None]:
        if end := self._known_end():
            yield end
            return
        with self._joined(timeout_s) as clock:
            walk = self._waiting(timeout_s)
            async for news in watch_async(walk, send=self._send, turn=self._turn, clock=clock):
                yield self._learned(self._seen(news))
                del news

    def _joined(self, timeout_s: float | None) -> AbstractContextManager[Clock]:
        """Return the clock to wait by: among many waits the fleet's, unless a callback comes."""
        if self._calling is not None:
            return nullcontext(self._clock)
        born_s = self._ticket.submitted_s
        age_s = None if born_s is None else max(0.0, self._plans.clock.time() - born_s)
        left_s = self._plans.deadline_s(self._ticket, timeout_s)
        return self._fleet.join(self.model_id or "", age_s, left_s)

    def _learned(self, status: Status) -> Status:
        """Tell the other waits how long the job took: the gateway's word, or what we saw."""
        took_s = named_s(self._ticket, status)
        if took_s is None and self._ticket.submitted_s is not None:
            took_s = status.elapsed_s
        if status.media and status.done and took_s is not None:
            self._fleet.learn(self.model_id or "", took_s)
        return status
