"""The short drivers that do what plans ask for, one blocking and one for asyncio.

What interrupts a driver closes the plan, which may have something to undo. What a step says goes to
the log, as INFO.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing, closing, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pixazo.clock import Clock
from pixazo.leaving import rest
from pixazo.steps import Call, Failure, Moment, Outcome, Plan, Sleep, Step, Turn, Walk, Write

if TYPE_CHECKING:  # whoever writes has imported it
    from concurrent.futures import Future

__all__ = ["drive", "drive_async", "watch", "watch_async"]

T = TypeVar("T")
TOO_LATE = Failure("its turn did not come in time", sent=False)
log = logging.getLogger("pixazo")


def watch(
    walk: Walk[T],
    *,
    send: Callable[[Call], Outcome],
    clock: Clock,
    turn: Callable[[float | None], bool],
) -> Generator[object, None, None]:
    """Do the steps and yield the news as they come."""
    step = walk.go()
    while step is not None:
        outcome = None
        _log(step)
        if isinstance(step, Call):
            outcome = send(step)
        elif isinstance(step, Sleep):
            with rest():
                clock.sleep(step.seconds)
        elif isinstance(step, Turn):
            with rest():
                outcome = None if turn(step.patience_s) else TOO_LATE
        elif isinstance(step, Write):
            _await(step.future)
        else:
            yield step.news
        step = walk.go(Moment(clock.now(), clock.time(), outcome))


async def watch_async(
    walk: Walk[T],
    *,
    send: Callable[[Call], Awaitable[Outcome]],
    clock: Clock,
    turn: Callable[[float | None], Awaitable[bool]],
) -> AsyncGenerator[object, None]:
    """Do the steps and yield the news as they come."""
    step = walk.go()
    while step is not None:
        outcome = None
        _log(step)
        if isinstance(step, Call):
            outcome = await send(step)
        elif isinstance(step, Sleep):
            with rest():
                await clock.sleep_async(step.seconds)
        elif isinstance(step, Turn):
            with rest():
                outcome = None if await turn(step.patience_s) else TOO_LATE
        elif isinstance(step, Write):
            await _await_async(step.future)
        else:
            yield step.news
        step = walk.go(Moment(clock.now(), clock.time(), outcome))


def drive(
    plan: Plan[T],
    *,
    send: Callable[[Call], Outcome],
    clock: Clock,
    turn: Callable[[float | None], bool],
) -> T:
    """Return what the plan comes to; its news are nobody's."""
    walk = Walk(plan)
    with closing(plan):
        for _ in watch(walk, send=send, clock=clock, turn=turn):
            pass
    return walk.value


async def drive_async(
    plan: Plan[T],
    *,
    send: Callable[[Call], Awaitable[Outcome]],
    clock: Clock,
    turn: Callable[[float | None], Awaitable[bool]],
) -> T:
    """Return what the plan comes to; its news are nobody's."""
    walk = Walk(plan)
    with closing(plan):
        async with aclosing(watch_async(walk, send=send, clock=clock, turn=turn)) as steps:
            async for _ in steps:
                pass
    return walk.value


def _log(step: Step) -> None:
    if isinstance(step, Call | Sleep) and step.says:
        log.info("%s", step.says)


def _await(future: Future[Any]) -> None:
    from concurrent.futures import wait

    wait([future])


async def _await_async(future: Future[Any]) -> None:
    import asyncio

    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(done.set)

    future.add_done_callback(tell)
    await done.wait()
