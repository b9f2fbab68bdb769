"""What a plan asks for, and the short drivers that do it.

A plan is a generator without I/O: it yields a `Call` to be sent, a `Sleep` to be slept or a `Tell`
for whoever watches, and is told the `Moment` after each. Sync and async share every plan.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from pixazo.clock import Clock

__all__ = [
    "Call",
    "Failure",
    "Moment",
    "Outcome",
    "Plan",
    "Reply",
    "Sleep",
    "Step",
    "Tell",
    "Walk",
    "drive",
    "drive_async",
    "watch",
    "watch_async",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the gateway, without the key.

    Args:
        method: The HTTP method.
        path: The path below the gateway's address, encoded.
        timeout_s: The bound of the whole exchange, in seconds.
        headers: Headers besides the usual ones.
        body: The JSON body's bytes.
    """

    method: str
    path: str
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sleep:
    """A pause of so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tell:
    """Something for whoever watches."""

    news: object


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status code, headers (names in lower case) and the bytes that arrived.

    Args:
        broken: Why the body is not whole; empty when it is.
    """

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer.

    Args:
        reason: What happened, in words.
        sent: Whether bytes of the request may have left.
    """

    reason: str
    sent: bool


Outcome: TypeAlias = Reply | Failure
Step: TypeAlias = Call | Sleep | Tell


@dataclass(frozen=True, slots=True)
class Moment:
    """What a plan hears after each step.

    Args:
        now_s: The clock that never goes back, in seconds.
        epoch_s: Seconds since 1970.
        outcome: What a `Call` brought; None after the other steps.
    """

    now_s: float
    epoch_s: float
    outcome: Outcome | None = None


Plan: TypeAlias = Generator[Step, Moment, T]


class Walk(Generic[T]):
    """A plan on its way: the step to do next, and the value once there is none.

    Args:
        plan: The generator that decides.
    """

    value: T

    def __init__(self, plan: Plan[T]) -> None:
        self._plan = plan

    def go(self, moment: Moment | None = None) -> Step | None:
        """Return the next step, or None when the plan has come to its value."""
        try:
            return next(self._plan) if moment is None else self._plan.send(moment)
        except StopIteration as stop:
            self.value = stop.value
            return None


def watch(
    walk: Walk[T], *, send: Callable[[Call], Outcome], clock: Clock
) -> Generator[object, None, None]:
    """Do the steps and yield the news as they come."""
    step = walk.go()
    while step is not None:
        outcome = None
        if isinstance(step, Call):
            outcome = send(step)
        elif isinstance(step, Sleep):
            clock.sleep(step.seconds)
        else:
            yield step.news
        step = walk.go(Moment(clock.now(), clock.time(), outcome))


async def watch_async(
    walk: Walk[T], *, send: Callable[[Call], Awaitable[Outcome]], clock: Clock
) -> AsyncGenerator[object, None]:
    """Do the steps and yield the news as they come."""
    step = walk.go()
    while step is not None:
        outcome = None
        if isinstance(step, Call):
            outcome = await send(step)
        elif isinstance(step, Sleep):
            await clock.sleep_async(step.seconds)
        else:
            yield step.news
        step = walk.go(Moment(clock.now(), clock.time(), outcome))


def drive(
    plan: Plan[T],
    *,
    send: Callable[[Call], Outcome],
    clock: Clock,
    tell: Callable[[object], object] | None = None,
) -> T:
    """Return what the plan comes to; news go to `tell`."""
    walk = Walk(plan)
    for news in watch(walk, send=send, clock=clock):
        if tell is not None:
            tell(news)
    return walk.value


async def drive_async(
    plan: Plan[T],
    *,
    send: Callable[[Call], Awaitable[Outcome]],
    clock: Clock,
    tell: Callable[[object], object] | None = None,
) -> T:
    """Return what the plan comes to; news go to `tell`."""
    walk = Walk(plan)
    async with aclosing(watch_async(walk, send=send, clock=clock)) as steps:
        async for news in steps:
            if tell is not None:
                tell(news)
    return walk.value
