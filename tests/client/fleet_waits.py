"""Many jobs that one client waits for, in virtual time and without sockets."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from pixazo import PastDurations, Status, WaitTimedOut
from pixazo.fleet import Fleet
from pixazo.jobs import AsyncJob
from pixazo.plans import Plans
from pixazo.retries import Retrying
from pixazo.settings import Gateway
from pixazo.steps import Call, Outcome, Reply
from pixazo.tickets import Ticket
from tests.client.virtual_time import START, VirtualClock

LORA = "qwen-image-edit-plus-lora"
PICTURE = "https://media.example/0.png"
GATEWAY = Gateway("https://gateway.example", ("https", "gateway.example", 443), loopback=False)


def _stamp(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat().replace("+00:00", "Z")


class Gatekeeper:
    """The gateway's side: when jobs begin and are done, and when it was asked."""

    def __init__(self, born_s: list[float], done_s: list[float], clock: VirtualClock) -> None:
        self.born_s, self.done_s, self.clock = born_s, done_s, clock
        self.asked: list[float] = []
        self.refusing_until = 0.0
        self.names_times = True

    async def send(self, call: Call) -> Outcome:
        now_s = self.clock.now()
        self.asked.append(now_s)
        await asyncio.sleep(0.01)
        if now_s < self.refusing_until:
            return Reply(429, {"retry-after": "3"}, b"{}")
        number = int(call.path.rsplit("_", 1)[1])
        done = now_s >= self.done_s[number]
        body = {
            "request_id": f"{LORA}_{number}",
            "status": "COMPLETED" if done else "PROCESSING",
            "model_id": LORA,
            "error": None,
            "output": {"media_url": [PICTURE], "media_type": "image/png"} if done else None,
            "created_at": _stamp(START + self.born_s[number]),
            "updated_at": _stamp(START + self.born_s[number]),
            "completed_at": _stamp(START + self.done_s[number]) if done else None,
        }
        if not self.names_times:
            body |= dict.fromkeys(("created_at", "updated_at", "completed_at"))
        return Reply(200, {}, json.dumps(body).encode())

    def most_in_a_second(self) -> int:
        return max(sum(at <= other < at + 1 for other in self.asked) for at in self.asked)


class Waits:
    """As many jobs as there are durations, and what became of each wait.

    Args:
        durations: How long each job takes, in seconds.
        apart_s: Each is submitted so many seconds after the one before it; all at 0 without it.
    """

    def __init__(self, durations: list[float], apart_s: float = 0.0) -> None:
        self.clock = VirtualClock()
        born_s = [number * apart_s for number in range(len(durations))]
        done_s = [born + took for born, took in zip(born_s, durations, strict=True)]
        self.gatekeeper = Gatekeeper(born_s, done_s, self.clock)
        self.fleet = Fleet(self.clock)
        self.plans = Plans(
            gateway=GATEWAY, clock=self.clock, retrying=Retrying(), durations=PastDurations()
        )
        self.ended: list[float] = []
        self.late: list[float] = []
        self.timed_out = 0

    async def all(self, timeout_s: float | None = None) -> None:
        numbers = range(len(self.gatekeeper.done_s))
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                group.create_task(self.one(number, timeout_s))

    async def one(self, number: int, timeout_s: float | None) -> None:
        await self.clock.sleep_async(self.gatekeeper.born_s[number])
        try:
            await self._job(number).wait(timeout_s)
        except WaitTimedOut:
            self.timed_out += 1
        self.ended.append(self.clock.now())
        self.late.append(self.clock.now() - self.gatekeeper.done_s[number])

    async def looks(self) -> list[Status]:
        """Look at each job once, all at once."""
        numbers = range(len(self.gatekeeper.done_s))
        return await asyncio.gather(*(self._once(number) for number in numbers))

    async def _once(self, number: int) -> Status:
        try:
            return await self._job(number).status()
        finally:
            self.ended.append(self.clock.now())

    def _job(self, number: int) -> AsyncJob:
        submitted_s = START + self.gatekeeper.born_s[number]
        ticket = Ticket(f"{LORA}_{number}", LORA, GATEWAY.url, submitted_s=submitted_s)
        return AsyncJob(ticket, self.plans, self._look, self.fleet.turn, fleet=self.fleet)

    async def _look(self, call: Call) -> Outcome:
        return self.fleet.heard(await self.gatekeeper.send(call))
