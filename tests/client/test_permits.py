"""Several callers want to send one job: one does, and nobody takes that away from it."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from pixazo import AsyncPixazo, Ledger, LedgerMoveRefused, OutcomeUnknown, Pixazo, QwenImageMax
from pixazo.ledger import Limits, Permit
from pixazo.sandbox import Sandbox
from tests.client.gateway import KEY, FakeGateway, Silence, receipt

REQUEST = QwenImageMax(prompt="a white tiger")
PRICE = Decimal("0.05")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@contextmanager
def held(path: Path) -> Generator[None]:
    """Keep everybody else from writing, as another process in a long transaction does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


def intended(path: Path) -> Ledger:
    ledger = Ledger(path)
    ledger.intend(REQUEST, key="k", price_usd=PRICE, base_url="http://127.0.0.1:1")
    return ledger


def new(ledger: Ledger) -> Permit:
    return ledger.permit("k", ["intent"])


def at_stake(ledger: Ledger) -> Decimal:
    return sum((row.total_usd for row in ledger.spent()), Decimal(0))


@pytest.mark.parametrize("behind", [False, True], ids=["alone", "behind another operation"])
def test_who_lost_takes_nothing_back(path: Path, behind: bool) -> None:
    """The second of two callers is interrupted; the first goes on sending, its money set aside."""
    with intended(path) as ledger:
        with held(path):
            if behind:
                ledger.queue_settle_dead()
            winner, loser = new(ledger), new(ledger)
            won = winner.ask()
            loser.ask()
            loser.withdraw("interrupted")
        assert won.result().state == "sending"

        assert [entry.state for entry in ledger.entries()] == ["sending"]
        assert at_stake(ledger) == PRICE
        assert ledger.move("k", "submitted", request_id="a-1").attempt == 1


@pytest.mark.parametrize("late", [False, True], ids=["in the queue", "after it was won"])
def test_who_won_gives_all_of_it_back(path: Path, late: bool) -> None:
    """The only caller is interrupted before anything left: an intent, and no money at stake."""
    with intended(path) as ledger:
        with held(path):
            ledger.queue_settle_dead()
            permit = new(ledger)
            asked = permit.ask()
            if not late:
                permit.withdraw("interrupted")
        if late:
            asked.result()
            permit.withdraw("interrupted")

        (entry,) = ledger.entries()
        assert (entry.state, entry.charged) == ("intent", "no")
        assert at_stake(ledger) == 0


def test_who_was_refused_by_a_limit_takes_nothing_back(path: Path) -> None:
    """A permit over the limit is none, and withdrawing it changes nothing for the next caller."""
    with intended(path) as ledger:
        refused = ledger.permit("k", ["intent"], limits=Limits(call_usd=Decimal("0.01")))
        assert refused.ask().exception() is not None
        assert new(ledger).ask().result().state == "sending"
        refused.withdraw("interrupted")
        with pytest.raises(LedgerMoveRefused):
            new(ledger).ask().result()


def test_what_became_unknown_meanwhile_is_not_sent(path: Path) -> None:
    """Another caller has sent it and lost the answer: only who asked to resend may send it."""
    with intended(path) as ledger:
        ledger.move("k", "sending")
        ledger.move("k", "unknown", error="lost")
        with pytest.raises(LedgerMoveRefused, match="is unknown"):
            new(ledger).ask().result()
        assert ledger.permit("k", ["intent", "unknown"]).ask().result().attempt == 2


def test_who_saw_another_attempt_sends_none(path: Path) -> None:
    """A permit is for the job as it was seen: somebody has sent it once more meanwhile."""
    with intended(path) as ledger:
        for _ in range(2):
            ledger.move("k", "sending")
            ledger.move("k", "unknown", error="lost")
        with pytest.raises(LedgerMoveRefused, match="attempt 2"):
            ledger.permit("k", ["unknown"], attempt=1).ask().result()
        assert ledger.permit("k", ["unknown"], attempt=2).ask().result().attempt == 3


def test_a_doubt_is_ended_by_one_attempt_whoever_asks(path: Path, gateway: FakeGateway) -> None:
    """Of three who send a job once more at the same time one does; its loss is a new doubt."""
    with Ledger(path) as ledger:
        ledger.intend(REQUEST, key="k", base_url=gateway.url)
        ledger.move("k", "sending")
        ledger.move("k", "unknown", error="lost")
    gateway.post(Silence(0.8), receipt())
    came: list[str] = []

    def send() -> None:
        with Pixazo(KEY, base_url=gateway.url, ledger=path) as client:
            try:
                came.append(client.submit(REQUEST, key="k", resend=True).request_id)
            except OutcomeUnknown as error:
                came.append(error.charged)

    asking = [threading.Thread(target=send) for _ in range(3)]
    for thread in asking:
        thread.start()
        time.sleep(0.1)
    for thread in asking:
        thread.join()

    assert came == ["unknown"] * 3
    assert gateway.count("POST") == 1


DYING = """
import os, sys
from pixazo import Ledger

ledger = Ledger(sys.argv[1])
ledger.move("k", "sending")
os._exit(0)
"""


def test_what_a_dead_process_was_sending_is_a_doubt_at_once(
    path: Path, gateway: FakeGateway
) -> None:
    """A process that died a moment ago leaves its job to whoever asks to send it once more."""
    gateway.post(receipt())
    with Ledger(path) as ledger, Pixazo(KEY, base_url=gateway.url, ledger=ledger) as client:
        ledger.intend(REQUEST, key="k", base_url=gateway.url)
        subprocess.run([sys.executable, "-c", DYING, str(path)], check=True)

        assert client.submit(REQUEST, key="k", resend=True).request_id

    assert gateway.count("POST") == 1


def test_doubt_leaves_what_is_known(path: Path) -> None:
    """A permit that was won becomes unknown, unless somebody has said what became of it."""
    with intended(path) as ledger:
        first = new(ledger)
        first.doubt("never asked")
        first.ask().result()
        first.doubt("interrupted")
        assert [(e.state, e.error) for e in ledger.entries()] == [("unknown", "interrupted")]
        again = ledger.permit("k", ["unknown"])
        again.ask().result()
        first.doubt("of the first attempt")
        assert [entry.state for entry in ledger.entries()] == ["sending"]
        ledger.move("k", "submitted", request_id="a-1")
        again.doubt("too late")
        assert [entry.state for entry in ledger.entries()] == ["submitted"]


def keep_busy(path: Path, over: threading.Event) -> None:
    while not over.is_set():
        with held(path):
            over.wait(0.01)
        over.wait(0.02)


def test_one_of_two_tasks_may_be_cancelled_at_any_moment(path: Path) -> None:
    """Pairs of tasks share a key, one of each is cancelled; each job is paid for once."""

    async def pairs(url: str) -> None:
        async with AsyncPixazo(KEY, base_url=url, ledger=path) as client:
            for number in range(40):
                request = QwenImageMax(prompt=f"tiger {number}")
                one, two = (
                    asyncio.create_task(client.submit(request, key=f"k{number}")) for _ in range(2)
                )
                await asyncio.sleep(number * 0.0015)
                two.cancel()
                await asyncio.gather(two, return_exceptions=True)
                assert (await one).request_id

    over = threading.Event()
    Ledger(path).close()
    busy = threading.Thread(target=keep_busy, args=(path, over))
    busy.start()
    try:
        with Sandbox(latency=60, balance=100) as sandbox:
            asyncio.run(pairs(sandbox.url))
            assert len(sandbox.jobs) == 40
            assert not sandbox.double_charges
    finally:
        over.set()
        busy.join()
