"""Kill -9 anywhere between a wish and its picture: no id lost, nothing paid twice, no part left."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixazo import Ledger, QwenImage, QwenImageMax, Request
from pixazo.books import idempotency_key
from pixazo.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
KILLED, UNKNOWN, NEVER = -9, 7, 1_000_000
QUEUED, DIRECT = QwenImageMax(prompt="a white tiger"), QwenImage(prompt="a white tiger")


@dataclass
class Crash:
    """Processes that share a ledger and a folder, and the sandbox that counts what they pay."""

    actor: subprocess.Popen[str]
    sandbox: Sandbox
    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    def run(self, request: Request, key: str, point: int = NEVER, *, is_async: bool = False) -> int:
        """Return how a process ended that brings a picture home, or dies at a point."""
        order = {
            "ledger": str(self.ledger),
            "out": str(self.folder / key),
            "url": self.sandbox.url,
            "request": request.to_dict(),
            "key": key,
            "point": point,
            "is_async": is_async,
        }
        assert self.actor.stdin is not None
        assert self.actor.stdout is not None
        self.actor.stdin.write(json.dumps(order) + "\n")
        self.actor.stdin.flush()
        return int(self.actor.stdout.readline())

    def check(self, request: Request, key: str, ended: int) -> str:
        """Hold a job against the wallet after its last process; return the job's state."""
        reference = idempotency_key(request, key)
        charges = [c for c in self.sandbox.wallet.charges if c.idempotency_key == reference]
        with Ledger(self.ledger) as ledger:
            entry = ledger.entry(key)
        assert entry is not None
        assert len(charges) <= 1
        files = list((self.folder / key).glob("*")) if (self.folder / key).exists() else []
        assert not [file for file in files if ".part" in file.name]
        if ended == 0:
            assert entry.state == "downloaded"
            assert len(charges) == 1
            assert request.model.mode == "direct" or entry.request_id == charges[0].request_id
            assert sorted(map(str, files)) == sorted(
                [*entry.files, *(str(file) for file in files if file.suffix == ".json")]
            )
        else:
            assert (ended, entry.state, entry.charged) == (UNKNOWN, "unknown", "unknown")
        return entry.state

    def check_money(self) -> None:
        """Hold the ledger's sums against the wallet: what is not sure is said to be unknown."""
        wallet = self.sandbox.wallet
        with Ledger(self.ledger) as ledger:
            sums = ledger.spent()
        sure = sum(spent.charged_usd for spent in sums)
        at_stake = sum(spent.unknown_usd for spent in sums)
        assert wallet.double_charges == ()
        assert sure <= wallet.spent <= sure + at_stake
        assert sum(spent.reserved_usd for spent in sums) == 0


@pytest.fixture
def crash(tmp_path: Path) -> Iterator[Crash]:
    prices = {"qwen-image-max": "0.05"}
    command = [sys.executable, "-m", "tests.client.crash_actor"]
    with (
        Sandbox(latency=0, balance="1000", prices=prices) as sandbox,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as actor,
    ):
        yield Crash(actor, sandbox, tmp_path)
        assert actor.stdin is not None
        actor.stdin.close()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("request_", [QUEUED, DIRECT], ids=["queued", "direct"])
def test_a_kill_at_every_step_loses_and_doubles_nothing(
    crash: Crash, request_: Any, is_async: bool
) -> None:
    """For every point at which a process can die, the next one ends the job or says what is at
    stake, and the wallet has paid once at most."""
    states = []
    for point in range(1_000):
        key = f"point-{point}"
        first = crash.run(request_, key, point, is_async=is_async)
        last = crash.run(request_, key, is_async=is_async) if first == KILLED else first
        states.append(crash.check(request_, key, last))
        if first == 0:
            break
        assert first == KILLED

    assert len(states) > 20
    assert states[-1] == "downloaded"
    # Between the commit of `sending` and the one of what it brought: around the call.
    assert states.count("unknown") == 4
    crash.check_money()


def test_kills_after_kills_lose_and_double_nothing(crash: Crash) -> None:
    """A job whose processes are killed again and again, at random points, is paid for once."""
    chance = random.Random(7)  # noqa: S311  (the same points in every run)
    kills = 0
    for number in range(30):
        key, request = f"job-{number}", chance.choice([QUEUED, DIRECT])
        ended = KILLED
        for _ in range(chance.randint(1, 4)):
            if ended == KILLED:
                ended = crash.run(request, key, chance.randint(0, 40), is_async=number % 2 == 0)
                kills += ended == KILLED
        crash.check(request, key, crash.run(request, key) if ended == KILLED else ended)

    assert kills > 25
    crash.check_money()
