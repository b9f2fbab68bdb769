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

    def resume(
        self, request: Request, keys: list[str], *, is_async: bool = False
    ) -> dict[str, int]:
        """Return, by key, how one process ended that brings all these pictures home."""
        report = self.folder / f"report of {keys[0]}"
        assert self.run(request, *keys, report=report, is_async=is_async) == 0
        told = (line.rsplit(" ", 1) for line in report.read_text().splitlines())
        ends = {key: int(code) for key, code in told}
        assert list(ends) == keys
        return ends

    def run(
        self,
        request: Request,
        *keys: str,
        point: int = NEVER,
        is_async: bool = False,
        report: Path | None = None,
    ) -> int:
        """Return how a process ended that brings pictures home, or dies at a point."""
        order = {
            "ledger": str(self.ledger),
            "out": str(self.folder),
            "url": self.sandbox.url,
            "request": request.to_dict(),
            "keys": keys,
            "point": point,
            "is_async": is_async,
            "report": None if report is None else str(report),
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


@pytest.mark.parametrize(
    "colours",  # which of the two clients is killed at the n-th point
    [
        pytest.param((False, True), id="in turn"),
        pytest.param((False,), id="sync", marks=pytest.mark.slow),
        pytest.param((True,), id="async", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("request_", [QUEUED, DIRECT], ids=["queued", "direct"])
def test_a_kill_at_every_step_loses_and_doubles_nothing(
    crash: Crash, request_: Any, colours: tuple[bool, ...]
) -> None:
    """For every point at which a process can die, the next one ends the job or says what is at
    stake, and the wallet has paid once at most."""
    keys: list[str] = []
    ended = KILLED
    while ended == KILLED:
        keys.append(f"point-{len(keys)}")
        point = len(keys) - 1
        is_async = colours[point % len(colours)]
        ended = crash.run(request_, keys[-1], point=point, is_async=is_async)
    assert ended == 0

    ends = crash.resume(request_, keys, is_async=colours[0])

    states = [crash.check(request_, key, ends[key]) for key in keys]
    assert len(states) > 20
    assert states[-1] == "downloaded"
    # Between the commit of `sending` and the one of what it brought: around the call.
    assert states.count("unknown") == 4
    crash.check_money()


def test_kills_after_kills_lose_and_double_nothing(crash: Crash) -> None:
    """A job whose processes are killed again and again, at random points, is paid for once."""
    chance = random.Random(7)  # noqa: S311  (the same points in every run)
    kills = 0
    for request in (QUEUED, DIRECT):
        keys = [f"{request.model_id}-{number}" for number in range(8)]
        for number, key in enumerate(keys):
            ended = KILLED
            for _ in range(chance.randint(1, 4)):
                if ended == KILLED:
                    point, is_async = chance.randint(0, 40), number % 2 == 0
                    ended = crash.run(request, key, point=point, is_async=is_async)
                    kills += ended == KILLED
        for key, code in crash.resume(request, keys).items():
            crash.check(request, key, code)

    assert kills > 10
    crash.check_money()
