"""The waits of one client: one heap of pauses, one line for turns, one budget, one task."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from pixazo.clock import Clock
from pixazo.errors import InvalidConfiguration
from pixazo.fleet.budget import ALMOST_S, Budget
from pixazo.fleet.line import Line
from pixazo.steps import Outcome

__all__ = ["Fleet", "Member"]

T = TypeVar("T")
MANY = 8  # waits from which on they share one task and tell each other
TELL_AGAIN_S = 0.5
SCOUTS = 8  # of one kind that look at their own pace, as long as none has ended
SPREAD = 0.4  # how much longer the last one pauses: all at once would see an end late together
QUIET_S = 15.0  # the pause of the others until then, as the pages have it (R48)
SLACK_S = 0.15  # after the moment at which a job should be done


@dataclass(order=True, slots=True)
class _Pause:
    """A job's pause in the heap."""

    due_s: float
    number: int
    over: asyncio.Future[None] = field(compare=False)


class Member:
    """One wait: the client's clock, except that its pauses lie in the fleet's heap."""

    __slots__ = ("_fleet", "born_s", "ends_s", "hurried", "kind", "pause")

    def __init__(self, fleet: Fleet, kind: str, born_s: float, ends_s: float) -> None:
        self._fleet, self.kind, self.born_s, self.ends_s = fleet, kind, born_s, ends_s
        self.hurried = False
        self.pause: _Pause | None = None

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._fleet.clock.now()

    def time(self) -> float:
        """Seconds since 1970."""
        return self._fleet.clock.time()

    def sleep(self, seconds: float) -> None:
        """Block for `seconds`."""
        self._fleet.clock.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Let other tasks run for `seconds`, or until the job should be done."""
        await self._fleet.pause(self, seconds)

    def __enter__(self) -> Clock:
        self._fleet.enter(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._fleet.leave(self)


class Fleet:
    """The waits of one client, for asyncio: in one event loop at a time.

    Args:
        clock: Time.
        budget: How many requests may leave.
    """

    def __init__(self, clock: Clock, budget: Budget | None = None) -> None:
        self.clock = clock
        self._budget = budget or Budget()
        self._line = Line()
        self._heap: list[_Pause] = []
        self._numbers = itertools.count()
        self._members: dict[str, set[Member]] = defaultdict(set)
        self._took_s: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MANY))
        self._told_s: dict[str, float] = {}
        self._scouts: dict[str, list[Member]] = defaultdict(list)
        self._size = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pump: asyncio.Task[None] | None = None
        self._nap: asyncio.Task[None] | None = None
        self._nap_until_s = math.inf

    def join(self, kind: str, age_s: float | None, left_s: float = math.inf) -> Member:
        """Return the clock of a wait, to be used in a `with`.

        Args:
            kind: What takes equally long: the model.
            age_s: Seconds since the job was submitted; None when nobody knows.
            left_s: Seconds until the wait ends; no pause is made longer than that.
        """
        now_s = self.clock.now()
        born_s = math.inf if age_s is None else now_s - age_s
        return Member(self, kind, born_s, now_s + left_s)

    def enter(self, member: Member) -> None:
        """Count a wait in."""
        self._members[member.kind].add(member)
        self._size += 1

    def leave(self, member: Member) -> None:
        """Count a wait out."""
        self._members[member.kind].discard(member)
        if member in self._scouts[member.kind]:
            self._scouts[member.kind].remove(member)
        self._size -= 1

    def learn(self, kind: str, seconds: float) -> None:
        """Hear how long a job took, and end the pauses of those that should be done by then."""
        known, now_s = self._took_s[kind], self.clock.now()
        before = max(known, default=0.0)
        known.append(seconds)
        told_s = self._told_s.get(kind, -math.inf)
        if self._size >= MANY and max(known) != before and now_s - told_s >= TELL_AGAIN_S:
            self._told_s[kind] = now_s
            self._hurry(kind)

    def _hurry(self, kind: str) -> None:
        for member in self._members[kind]:
            pause = member.pause
            if pause is not None and not pause.over.done():
                due_s = self._hurried_s(member, pause.due_s)
                if due_s < pause.due_s:
                    self._put(member, due_s, pause.over)

    def heard(self, outcome: Outcome) -> Outcome:
        """Take in what an answer says about the rate, and give it back."""
        self._budget.hear(outcome, self.clock.now(), self.clock.time())
        return outcome

    async def turn(self, patience_s: float | None = None) -> bool:
        """Come back when a request may leave; False when that is after `patience_s` seconds.

        Raises:
            InvalidConfiguration: Another event loop is at it.
        """
        loop, now_s = self._here(), self.clock.now()
        pause_s = self._budget.pause_s(now_s)
        if not self._line and pause_s == 0:
            self._budget.spend(now_s)
            return True
        if patience_s is not None and pause_s > patience_s:
            return False
        turn = self._line.join(math.inf if patience_s is None else now_s + patience_s)
        turn.told = loop.create_future()
        self._stir(now_s + pause_s)
        try:
            return await turn.told
        finally:
            turn.gone = True

    async def pause(self, member: Member, seconds: float) -> None:
        """Come back after a pause, or when the job should be done.

        Raises:
            InvalidConfiguration: Another event loop is at it.
        """
        loop = self._here()
        if self._size < MANY:
            await self.clock.sleep_async(seconds)
            return
        now_s = self.clock.now()
        if self._follows(member):
            seconds = max(seconds, QUIET_S)
        elif not self._took_s[member.kind]:
            seconds *= 1 + SPREAD * self._scouts[member.kind].index(member) / SCOUTS
        due_s = min(now_s + seconds, max(member.ends_s, now_s))
        over: asyncio.Future[None] = loop.create_future()
        self._put(member, self._hurried_s(member, due_s), over)
        try:
            await over
        finally:
            member.pause = None

    def close(self) -> None:
        """Stop the sleeping task; whoever still waits is told to go on."""
        for task in (self._pump, self._nap):
            if task is not None and not task.get_loop().is_closed():
                task.cancel()
        for pause in self._heap:
            _end(pause.over, None)
        while turn := self._line.next(math.inf):
            _end(turn.told, True)  # noqa: FBT003 (what the future holds)

    def _here(self) -> asyncio.AbstractEventLoop:
        """Return the event loop that runs; what slept in one that has ended is slept anew."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            if self._loop is not None and self._loop.is_running():
                message = "another event loop is using this client"
                raise InvalidConfiguration(message, hint="Make one for each loop or thread.")
            self._loop, self._pump = loop, None
        return loop

    def _follows(self, member: Member) -> bool:
        """Return whether others look for it: when none has ended yet, the oldest are scouts."""
        scouts = self._scouts[member.kind]
        if self._took_s[member.kind] or member in scouts:
            return False
        if len(scouts) < SCOUTS:
            scouts.append(member)
            return False
        youngest = max(range(SCOUTS), key=lambda place: scouts[place].born_s)
        if member.born_s >= scouts[youngest].born_s:
            return True
        scouts[youngest] = member
        return False

    def _hurried_s(self, member: Member, due_s: float) -> float:
        """Return when the pause ends: as planned, or when the job should be done."""
        took_s = self._took_s[member.kind]
        if member.hurried or not took_s:
            return due_s
        ready_s = max(member.born_s + max(took_s) + SLACK_S, self.clock.now())
        if ready_s >= due_s:
            return due_s
        member.hurried = True
        return ready_s

    def _put(self, member: Member, due_s: float, over: asyncio.Future[None]) -> None:
        member.pause = _Pause(due_s, next(self._numbers), over)
        heapq.heappush(self._heap, member.pause)
        self._stir(due_s)

    def _stir(self, due_s: float) -> None:
        """Make sure that somebody is awake at that point of the clock."""
        if self._pump is None or self._pump.done() or self._pump.cancelling():
            self._pump = asyncio.create_task(self._serve(), name="pixazo fleet")
            self._pump.add_done_callback(self._served)
        elif due_s < self._nap_until_s and self._nap is not None:
            self._nap.cancel()

    def _served(self, pump: asyncio.Task[None]) -> None:
        """Begin anew when a stranger cancelled the task and somebody still waits."""
        if pump is self._pump and pump.cancelled() and self._is_awaited(pump.get_loop()):
            self._stir(self.clock.now())

    def _is_awaited(self, loop: asyncio.AbstractEventLoop) -> bool:
        waits: Iterable[asyncio.Future[None] | asyncio.Future[bool]] = itertools.chain(
            (pause.over for pause in self._heap), self._line.told()
        )
        return any(wait.get_loop() is loop and not wait.done() for wait in waits)

    async def _serve(self) -> None:
        """Wake whoever is due and give turns, until nobody waits."""
        while True:
            until_s = self._serve_now(self.clock.now())
            if until_s == math.inf:
                return
            await self._sleep_until(until_s)

    def _serve_now(self, now_s: float) -> float:
        """Do what is due and return when there is more to do."""
        while self._heap and (self._heap[0].due_s <= now_s + ALMOST_S or self._heap[0].over.done()):
            _end(heapq.heappop(self._heap).over, None)
        while late := self._line.too_late(now_s):
            _end(late.told, False)  # noqa: FBT003 (what the future holds)
        while self._line and self._budget.pause_s(now_s) == 0:
            turn = self._line.next(now_s)
            if turn is not None and _end(turn.told, True):  # noqa: FBT003
                self._budget.spend(now_s)
        due_s = self._heap[0].due_s if self._heap else math.inf
        if self._line:
            slot_s = now_s + self._budget.pause_s(now_s)
            due_s = min(due_s, slot_s, self._line.next_end_s)
        return due_s

    async def _sleep_until(self, until_s: float) -> None:
        pause_s = max(0.0, until_s - self.clock.now())
        nap = asyncio.ensure_future(self.clock.sleep_async(pause_s))
        self._nap, self._nap_until_s = nap, until_s
        try:
            await asyncio.wait([nap])
        finally:
            nap.cancel()
            if self._nap is nap:  # and not that of another task, in another event loop
                self._nap, self._nap_until_s = None, math.inf


def _end(future: asyncio.Future[T] | None, value: T) -> bool:
    """Tell whoever waits; False when nobody does."""
    if future is None or future.done() or future.get_loop().is_closed():
        return False
    future.set_result(value)
    return True
