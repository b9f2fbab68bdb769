"""Layer 8: several jobs interleaved, drawn by hypothesis, held against what each does alone."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    run_state_machine_as_test,
)
from hypothesis.stateful import rule as step
from pixazo_openapi.catalogue import KEY_HEADER

from tests.contract.suite import lifecycle
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import SECOND, GaveUp, Job, Lab
from tests.contract.suite.lifecycle import ENDS
from tests.contract.suite.samples import plain_body
from tests.contract.suite.verdicts import Verdict, rule

__all__ = ["CHECKS"]

INTERLEAVED = rule(
    "interleaved",
    8,
    "Several jobs at once, asked for in any order, behave as each does alone",
    "Under load callers get each other's answers, or pay wrongly.",
    pointer="/paths/~1v2~1requests~1status~1{request_id}/get",
    rulings=("R37", "R45"),
)

PAUSES_S = (0.5, 1.0, 2.5, 6.0, 13.0)
OUTCOMES = {"COMPLETED": "", "FAILED": "failed", "ERROR": "error"}
EPISODES = {True: 20, False: 6}
FEW = 4
STEPS = {True: 25, False: 10}
NUMBERS = st.integers(0, 50)


class _Broken(AssertionError):  # noqa: N818 - reads as what happened
    """An episode showed a broken rule."""


def interleaved(lab: Lab) -> None:
    """Episodes of submissions, looks, refusals and pauses; the first broken one ends it."""
    if not lab.queued:
        return
    found: list[Verdict] = []
    seed = int.from_bytes(hashlib.sha256(f"machine {lab.seed}".encode()).digest()[:4], "big")
    machine = hypothesis.seed(seed)(type("Episode", (Interleaved,), {"outer": lab, "found": found}))
    try:
        run_state_machine_as_test(machine, settings=_settings(lab))
    except (_Broken, Flaky, GaveUp) as error:  # Flaky: the same steps went another way
        worst = found[0] if found else Verdict(INTERLEAVED, "status", "", str(error))
        seen = f"{worst.rule.name}: {worst.seen}"
        pointer = worst.pointer or INTERLEAVED.pointer
        lab.hold(INTERLEAVED, seen, worst.exchange, operation=worst.operation, pointer=pointer)
    else:
        lab.hold(INTERLEAVED, "", operation="status")


def _settings(lab: Lab) -> settings:
    return settings(
        max_examples=EPISODES[lab.thorough] if lab.target.quick else FEW,
        stateful_step_count=STEPS[lab.target.quick],
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )


class Interleaved(RuleBasedStateMachine):
    """The drawn episode; a subclass says which lab it is for and where broken verdicts go."""

    outer: ClassVar[Lab]
    found: ClassVar[list[Verdict]]

    @initialize()
    def begin(self) -> None:
        """Two jobs are under way: hypothesis may draw no other submission."""
        self.lab = self.outer.child()
        self.jobs: list[Job] = []
        purse = self.outer.target.wallet
        self.opening = purse.balance() if purse else Decimal(0)
        for at in range(2):
            self.submit(at, "COMPLETED")

    @step(at=NUMBERS, outcome=st.sampled_from(list(OUTCOMES)))
    def submit(self, at: int, outcome: str) -> None:
        """Submit to some model; the job shall end as drawn, where that can be brought about."""
        model = self.outer.queued[at % len(self.outer.queued)]
        headers = self.outer.target.provoke.get(OUTCOMES[outcome])
        wanted = outcome if headers else "COMPLETED"
        body = plain_body(model, self.outer.target)
        job = self.lab.submit(model, body, headers=headers, wanted=wanted)
        self.jobs += [job] if job else []

    @precondition(lambda self: self.jobs)
    @step(at=NUMBERS)
    def look(self, at: int) -> None:
        """Look at some job."""
        self.lab.look(self.jobs[at % len(self.jobs)])

    @precondition(lambda self: self.jobs and self.outer.target.second_key)
    @step(at=NUMBERS)
    def stranger(self, at: int) -> None:
        """Let somebody else look at some job."""
        path = _status(self.outer, self.jobs[at % len(self.jobs)].request_id)
        answer = self.lab.send("GET", path, key=SECOND)
        self.demand("a stranger sees a job", answer.status in (403, 404), answer)

    @step(at=NUMBERS)
    def refuse(self, at: int) -> None:
        """Send what must be refused."""
        model = self.outer.queued[at % len(self.outer.queued)]
        answer = self.lab.send(model.method, model.path, {"no_such_field": 1})
        self.demand("an invalid body is taken", answer.status == 400, answer)

    @step(seconds=st.sampled_from(PAUSES_S))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.outer.target.clock.sleep(seconds if self.outer.target.quick else seconds / 10)

    @invariant()
    def nothing_broken(self) -> None:
        """No exchange so far broke a rule."""
        if hasattr(self, "lab"):
            self.judge([verdict for verdict in self.lab.verdicts if verdict.seen])

    def teardown(self) -> None:
        """Judge the lives of all jobs, their ends, and the money."""
        if not hasattr(self, "lab"):
            return
        self.outer.exchanges.extend(self.lab.exchanges)
        for job in self.jobs:
            self.lab.look(job)
        self.nothing_broken()
        self.judge([verdict for verdict in _lives(self.lab) if verdict.seen])
        self.money()
        for job in self.jobs:
            word = job.end.json["status"] if job.end else job.wanted
            self.demand(f"{word}, expected {job.wanted}", word == job.wanted, job.end)

    def money(self) -> None:
        """What was paid is the price of every job that did not end ERROR."""
        purse = self.outer.target.wallet
        if purse is None or not self.jobs:
            return
        self.outer.target.clock.sleep(self.outer.target.pauses_s[-1] * 2)
        for job in self.jobs:
            self.lab.look(job)
        kept = [job for job in self.jobs if not _returned(job)]
        owed = sum((purse.price(job.model.model_id) for job in kept), Decimal(0))
        paid = self.opening - purse.balance()
        self.demand(f"paid {paid}, jobs cost {owed}", paid == owed, self.jobs[0].receipt)

    def demand(self, otherwise: str, held: bool, evidence: Exchange | None) -> None:
        """Break the episode unless something is held."""
        if not held:
            self.judge([Verdict(INTERLEAVED, "status", "", otherwise, evidence)])

    def judge(self, broken: list[Verdict]) -> None:
        """Break the episode when anything is broken."""
        if broken:
            self.found[:] = broken
            raise _Broken(broken[0].seen)


def _status(lab: Lab, request_id: str) -> str:
    return lab.spec.status.path.replace("{request_id}", request_id)


def _returned(job: Job) -> bool:
    return job.end is not None and job.end.json["status"] == ENDS[2]


def _lives(lab: Lab) -> list[Verdict]:
    target = lab.target
    return list(
        lifecycle.judge(
            lab.spec,
            lab.exchanges,
            base_url=target.url,
            key_header=KEY_HEADER,
            tolerance_s=target.tolerance_s,
        )
    )


interleaved.alone = True  # type: ignore[attr-defined] # it moves time and counts money

CHECKS = (interleaved,)
