"""Any order of moves, refusals, crashes and reopenings: the ledger against a model in memory."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from pixazo.errors import Charged, LedgerMoveRefused, PriceUnknown, SpendLimitReached
from pixazo.ledger import MOVES, STATES, Ledger, Limits, State

DAY_S = 86_400.0
RUNS = ("one", "two")
prices = st.sampled_from([None, Decimal("0.04"), Decimal("0.05"), Decimal("0.055")])
amounts = st.none() | st.integers(0, 12).map(lambda cents: Decimal(cents) / 50)


class Wish:
    """A request of any model."""

    model_id = "qwen-image-layered"

    def to_dict(self) -> dict[str, Any]:
        return {"model": self.model_id}

    def to_body(self) -> dict[str, Any]:
        return {}


@dataclass
class Attempt:
    """What one sending did to the money."""

    run: str
    day: int
    usd: Decimal | None
    outcome: str = "reserved"


@dataclass
class Job:
    """What the ledger should know of a job."""

    price: Decimal | None
    run: str
    state: State = "intent"
    request_id: str | None = None
    attempts: list[Attempt] = field(default_factory=list)


class LedgerMachine(RuleBasedStateMachine):
    """Does to a ledger what clients do, in any order, and keeps a simple account beside it."""

    keys = Bundle("keys")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.time = 20_000 * DAY_S
        self.jobs: dict[str, Job] = {}
        self.ledger = self.opened()

    def opened(self) -> Ledger:
        return Ledger(self.folder / "ledger.sqlite3", now=lambda: self.time)

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    @rule(target=keys, price=prices, run=st.sampled_from(RUNS))
    def intend(self, price: Decimal | None, run: str) -> str:
        key = self.ledger.intend(Wish(), price_usd=price, run=run).key
        self.jobs[key] = Job(price, run)
        return key

    @rule(key=keys, call=amounts, run=amounts, day=amounts, assume=amounts)
    def send(
        self,
        key: str,
        call: Decimal | None,
        run: Decimal | None,
        day: Decimal | None,
        assume: Decimal | None,
    ) -> None:
        job = self.jobs[key]
        limits = Limits(call_usd=call, run_usd=run, day_usd=day, assume_usd=assume)
        refusal = self.refusal(job, limits)
        if refusal is None:
            self.ledger.move(key, "sending", limits=limits)
            job.state = "sending"
            usd = assume if job.price is None else job.price
            job.attempts.append(Attempt(job.run, int(self.time // DAY_S), usd))
        else:
            with pytest.raises(refusal):
                self.ledger.move(key, "sending", limits=limits)

    def refusal(self, job: Job, limits: Limits) -> type[Exception] | None:
        """Return what sending this job must raise."""
        if "sending" not in MOVES[job.state]:
            return LedgerMoveRefused
        usd = limits.assume_usd if job.price is None else job.price
        counted = [a for other in self.jobs.values() for a in other.attempts]
        scopes = [
            (limits.call_usd, []),
            (limits.run_usd, [a for a in counted if a.run == job.run]),
            (limits.day_usd, [a for a in counted if a.day == self.time // DAY_S]),
        ]
        for limit, attempts in scopes:
            if limit is None:
                continue
            spent = [
                limits.assume_usd if attempt.usd is None else attempt.usd
                for attempt in attempts
                if attempt.outcome != "returned"
            ]
            known = [amount for amount in (usd, *spent) if amount is not None]
            if len(known) <= len(spent):
                return PriceUnknown
            if sum(known) > limit:
                return SpendLimitReached
        return None

    @rule(
        key=keys,
        state=st.sampled_from([state for state in STATES if state != "sending"]),
        charged=st.none() | st.sampled_from(get_args(Charged)),
    )
    def move(self, key: str, state: State, charged: Charged | None) -> None:
        job = self.jobs[key]
        facts: Any = {"request_id": f"id-of-{key}"} if state == "submitted" else {}
        if charged and state == "failed":
            facts["charged"] = charged
        if state not in MOVES[job.state]:
            with pytest.raises(LedgerMoveRefused):
                self.ledger.move(key, state, **facts)
            return
        self.ledger.move(key, state, **facts)
        job.attempts[-1].outcome = self.outcome(state, facts.get("charged"))
        at_stake = any(attempt.outcome == "unknown" for attempt in job.attempts)
        job.state = "unknown" if at_stake and state in ("intent", "rejected") else state
        job.request_id = facts.get("request_id") or job.request_id

    def outcome(self, state: State, charged: Charged | None) -> str:
        by_state = {
            "intent": "returned",
            "rejected": "returned",
            "submitted": "reserved",
            "completed": "charged",
            "downloaded": "charged",
            "unknown": "unknown",
            "failed": "unknown",
        }
        by_word = {"no": "returned", "yes": "charged", "unknown": "unknown"}
        return by_word[charged] if charged else by_state[state]

    @rule()
    def reopen(self) -> None:
        self.ledger.close()
        self.ledger = self.opened()
        for job in self.jobs.values():
            if job.state == "sending":
                job.state = "unknown"
                job.attempts[-1].outcome = "unknown"

    @rule()
    def sleep(self) -> None:
        self.time += DAY_S / 3

    @rule(key=keys)
    def forget(self, key: str) -> None:
        job = self.jobs[key]
        # forgetting for good is tested apart: here it would end the job's story
        if job.state in ("sending", "submitted", "unknown"):
            with pytest.raises(LedgerMoveRefused):
                self.ledger.forget([key])

    @invariant()
    def every_job_is_where_it_should_be(self) -> None:
        found = {
            entry.key: (entry.state, entry.request_id, entry.attempt)
            for entry in self.ledger.entries()
        }
        assert found == {
            key: (job.state, job.request_id, len(job.attempts)) for key, job in self.jobs.items()
        }

    @invariant()
    def every_cent_is_where_it_should_be(self) -> None:
        attempts = [attempt for job in self.jobs.values() for attempt in job.attempts]
        for line in self.ledger.spent(by="run"):
            own = [attempt for attempt in attempts if attempt.run == line.label]
            sums = {
                outcome: sum((a.usd or Decimal(0) for a in own if a.outcome == outcome), Decimal(0))
                for outcome in ("charged", "reserved", "unknown", "returned")
            }
            assert line.attempts == len(own)
            assert sums == {
                "charged": line.charged_usd,
                "reserved": line.reserved_usd,
                "unknown": line.unknown_usd,
                "returned": line.returned_usd,
            }

    @invariant()
    def no_charge_is_denied(self) -> None:
        for entry in self.ledger.entries():
            outcomes = {attempt.outcome for attempt in self.jobs[entry.key].attempts}
            if entry.charged == "no":
                assert outcomes <= {"returned"}
            if entry.charged == "yes":
                assert "charged" in outcomes


LedgerMachine.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.__doc__ = "Whatever happens in whatever order, states and money add up."
