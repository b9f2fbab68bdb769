"""Every layer over the target: the same checks as `python -m tests.contract`, a test each."""

from __future__ import annotations

import pytest

from tests.contract.suite import Target
from tests.contract.suite.checks import CHECKS, Check
from tests.contract.suite.lab import Lab
from tests.contract.suite.reports.report import grouped
from tests.contract.suite.reports.terminal import block
from tests.contract.suite.runner import drive, judge_lives
from tests.contract.suite.spec import spec

EVERY = [(number, check) for number, checks in CHECKS.items() for check in checks]


@pytest.mark.timeout(300)  # a gateway behind --target takes its own time
@pytest.mark.parametrize(
    ("layer", "check"), EVERY, ids=[f"{number}-{check.__name__}" for number, check in EVERY]
)
def test_the_target_holds(layer: int, check: Check, target: Target) -> None:
    """Whatever a check of the suite tries, the target keeps to the document."""
    lab = Lab(target, spec())
    try:
        drive(lab, [check(lab)])
        judge_lives(lab)
    finally:
        lab.close()

    broken = grouped(lab.spec, lab.verdicts)

    assert not broken, "\n\n".join(block(finding) for finding in broken)
    assert lab.verdicts or lab.unchecked
