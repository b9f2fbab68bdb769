"""The layers, a module each: functions that send through a lab and may yield jobs to wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.contract.suite.checks import (
    callbacks,
    errors,
    life,
    machine,
    money,
    parameters,
    results,
    second_opinion,
)
from tests.contract.suite.lab import Job, Lab

__all__ = ["CHECKS", "Check"]

Check = Callable[[Lab], Iterator[Sequence[Job]] | None]
"""Sends through the lab; a generator yields jobs and goes on when they have ended."""

CHECKS: Mapping[int, Sequence[Check]] = {
    2: life.CHECKS,
    3: parameters.CHECKS,
    4: results.CHECKS,
    5: callbacks.CHECKS,
    6: money.CHECKS,
    7: errors.CHECKS,
    8: machine.CHECKS,
    9: second_opinion.CHECKS,
}
"""The checks by layer."""
