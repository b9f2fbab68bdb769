"""The sandbox as the target: the layers that search in a process beside the others."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.contract.suite.reports.report import Report
from tests.contract.suite.runner import QUICK, run
from tests.contract.suite.spec import spec
from tests.contract.suite.targets import sandbox_target
from tests.contract.suite.verdicts import LAYERS, RULES, Rule

__all__ = ["run_sandbox"]

SEARCHING = tuple(number for number in LAYERS if number not in QUICK)


def run_sandbox(
    *,
    only: Sequence[str] = (),
    layers: Sequence[int] = tuple(LAYERS),
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
) -> Report:
    """Hold the sandbox to the document; the arguments are those of `run`.

    Nothing is shared but the report: each of the two processes has a sandbox of its own.
    """
    apart = [number for number in layers if number in SEARCHING and not quick]
    here = [number for number in layers if number not in apart]
    alone = partial(_run, only=only, seed=seed, quick=quick, full=full)
    if not apart or not here:
        return alone(layers)[0]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        beside = pool.submit(alone, apart)
        report, _ = alone(here)
        other, rules = beside.result()
    for name, rule in rules.items():
        RULES.setdefault(name, rule)
    return report.joined(other, spec())


def _run(
    layers: Sequence[int], *, only: Sequence[str], seed: int, quick: bool, full: bool
) -> tuple[Report, Mapping[str, Rule]]:
    """A report on a sandbox of its own, and the rules that it may speak of."""
    with sandbox_target(seed) as target:
        report = run(target, only=only, layers=layers, seed=seed, quick=quick, full=full)
    return report, dict(RULES)
