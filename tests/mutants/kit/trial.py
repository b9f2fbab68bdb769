"""One run of the contract suite over one mutant."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pixazo_openapi.catalogue import MODELS

from pixazo.sandbox import ManualClock, Sandbox
from tests.contract.suite import CouldNotRun, of_sandbox, run
from tests.contract.suite.targets import SANDBOX_LATENCY_S
from tests.contract.suite.verdicts import LAYERS
from tests.mutants.catalogue import MUTANTS
from tests.mutants.kit.gate import put_around

__all__ = ["ALL_LAYERS", "Outcome", "trial"]

ALL_LAYERS = tuple(LAYERS)
BALANCE = "100000"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the suite said of a mutant.

    Args:
        name: of the mutant.
        seed: of the run.
        layers: that found it; empty when none did.
        rule: the first broken rule.
        seen: what was seen there.
        slip: how the mutant itself failed, which says nothing of the suite.
        model: one of those that it was seen at, if any.
        seconds: that the run took.
    """

    name: str
    seed: int
    layers: tuple[int, ...]
    rule: str = ""
    seen: str = ""
    model: str = ""
    slip: str = ""
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        """Whether the suite reported it."""
        return bool(self.rule)


def trial(
    name: str, seed: int, layers: Collection[int] = ALL_LAYERS, only: Sequence[str] = ()
) -> Outcome:
    """Run the quick profile of the suite over a sandbox with one mutant.

    Args:
        name: of the mutant.
        seed: of the suite and of the sandbox.
        layers: of the suite.
        only: ids of models; all when empty.
    """
    began = time.perf_counter()
    settings = {"latency": SANDBOX_LATENCY_S, "balance": BALANCE, "seed": seed}
    mutant = MUTANTS[name]
    sandbox = Sandbox(clock=ManualClock(), **{**settings, **mutant.settings})
    gate = put_around(sandbox, mutant)
    with sandbox:
        try:
            report = run(of_sandbox(sandbox), quick=True, seed=seed, layers=layers, only=only)
        except CouldNotRun as error:
            return Outcome(name, seed, (0,), "could not run", str(error))
    if gate.slips:
        return Outcome(name, seed, (), slip=f"the mutant itself fails at {gate.slips[0]}")
    seconds = time.perf_counter() - began
    if not report.findings:
        return Outcome(name, seed, (), seconds=seconds)
    first = report.findings[0]
    at = [name for finding in report.findings for name in finding.operations if name in MODELS]
    return Outcome(
        name,
        seed,
        report.broken_layers,
        rule=first.rule.name,
        seen=first.smallest.seen,
        model=at[0] if at else "",
        seconds=seconds,
    )
