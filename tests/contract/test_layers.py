"""Every layer over the target: the same checks as `python -m tests.contract`, a test each."""

from __future__ import annotations

import pytest
from pixazo_openapi.catalogue import MODELS

from tests.contract.suite import Target
from tests.contract.suite.checks import CHECKS, Check
from tests.contract.suite.checks.second_opinion import second_opinion
from tests.contract.suite.lab import Lab
from tests.contract.suite.reports.report import grouped
from tests.contract.suite.reports.terminal import block
from tests.contract.suite.runner import drive, judge_lives
from tests.contract.suite.spec import spec

EVERY = [(number, check) for number, checks in CHECKS.items() for check in checks]
ONE_OF_A_MODE = list({model.mode: name for name, model in MODELS.items()}.values())


@pytest.mark.timeout(300)  # a gateway behind --target takes its own time
@pytest.mark.parametrize(
    ("layer", "check"), EVERY, ids=[f"{number}-{check.__name__}" for number, check in EVERY]
)
def test_the_target_holds(layer: int, check: Check, target: Target) -> None:
    """Whatever a check of the suite tries, the target keeps to the document."""
    holds(check, Lab(target, spec(), only=ONE_OF_A_MODE if check is second_opinion else ()))


@pytest.mark.slow
@pytest.mark.timeout(300)  # as above
def test_the_second_opinion_holds_for_every_model(target: Target) -> None:
    """Schemathesis, which asks 2,000 times, finds nothing to say about any operation."""
    holds(second_opinion, Lab(target, spec()))


def holds(check: Check, lab: Lab) -> None:
    try:
        drive(lab, [check(lab)])
        judge_lives(lab)
    finally:
        lab.close()

    broken = grouped(lab.spec, lab.verdicts)

    assert not broken, "\n\n".join(block(finding) for finding in broken)
    assert lab.verdicts or lab.unchecked
