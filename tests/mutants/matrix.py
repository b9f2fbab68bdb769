"""Every mutant against the suite: who is killed by which layer, and who survives."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from tests.mutants.catalogue import MUTANTS
from tests.mutants.catalogue.names import MAX, T2I
from tests.mutants.kit.mutant import Mutant
from tests.mutants.kit.trial import ALL_LAYERS, Outcome, trial

__all__ = ["Row", "render", "rows", "timed", "wrong"]

FEW = (MAX, T2I)
"""Models that show most mutants of every model: a queued one and a direct one."""
LIFE, LONGEST = 2, 3
"""The layer that makes exchanges for layer 1 to look at, and the one that takes most time."""
EVERY_S = 20.0
"""Seconds between two lines on how far it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """A mutant with the outcome of each seed."""

    mutant: Mutant
    outcomes: tuple[Outcome, ...]

    @property
    def wrong(self) -> bool:
        """Whether a harmful mutant survived a seed, a harmless one was reported, or one failed."""
        return any(o.slip or o.killed == self.mutant.harmless for o in self.outcomes)

    @property
    def layers(self) -> tuple[int, ...]:
        """Layers that reported it with the first seed."""
        return self.outcomes[0].layers


def rows(mutants: Iterable[Mutant], seeds: int, jobs: int) -> Iterator[Row]:
    """Run mutants in processes, the longest first; rows come as they are done."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        longest_first = sorted(mutants, key=lambda mutant: not mutant.harmless)
        running = [pool.submit(_row, mutant.name, seeds) for mutant in longest_first]
        for future in as_completed(running):
            name, outcomes = future.result()
            yield Row(MUTANTS[name], outcomes)


def _row(name: str, seeds: int) -> tuple[str, tuple[Outcome, ...]]:
    """All layers with the first seed; the others ask first where it was seen."""
    first = _settled(_wider(name, 0))
    later = [_settled(_where_seen(first, seed)) for seed in range(1, seeds)]
    return name, (first, *later)


def _settled(tries: Iterable[Outcome]) -> Outcome:
    """The first outcome that settles it: a kill or a slip; else the last one."""
    made: list[Outcome] = []
    for outcome in tries:
        made.append(outcome)
        if outcome.killed or outcome.slip:
            break
    return made[-1]


def _wider(name: str, seed: int) -> Iterator[Outcome]:
    """All layers: over the mutant's own model, or over a few and then over all.

    A harmless mutant goes over all at once: nobody expects a kill that would end it.
    """
    mutant = MUTANTS[name]
    if not mutant.harmless:
        yield trial(name, seed, only=mutant.models or FEW)
    yield trial(name, seed)


def _where_seen(first: Outcome, seed: int) -> Iterator[Outcome]:
    """With another seed: at the layer and the model where it was seen, then as the first time."""
    if first.killed:
        above = sorted((n for n in first.layers if n > 1), key=lambda n: n == LONGEST)
        model = first.model or (MUTANTS[first.name].models or FEW)[0]
        yield trial(first.name, seed, (1, *(above or [LIFE])[:1]), [model])
    yield from _wider(first.name, seed)


def wrong(table: Iterable[Row]) -> list[Row]:
    """Survivors and false alarms."""
    return [row for row in table if row.wrong]


def render(table: Sequence[Row], seconds: float) -> str:
    """The matrix as text."""
    lines = [f"{'mutant':34} {'class':14} {' '.join(str(n) for n in ALL_LAYERS)}  first rule"]
    for row in sorted(table, key=_place):
        marks = " ".join("x" if n in row.layers else "." for n in ALL_LAYERS)
        last = row.outcomes[0].rule or "-"
        held = "" if not row.wrong else "  <- " + _verdict(row)
        lines.append(f"{row.mutant.name:34} {row.mutant.kind:14} {marks}  {last}{held}")
    return "\n".join([*lines, "", *_summary(table, seconds)])


def _place(row: Row) -> int:
    return list(MUTANTS).index(row.mutant.name)


def _verdict(row: Row) -> str:
    if slips := [outcome.slip for outcome in row.outcomes if outcome.slip]:
        return slips[0]
    seeds = ", ".join(str(o.seed) for o in row.outcomes if o.killed == row.mutant.harmless)
    what = "false alarm" if row.mutant.harmless else "survives"
    seen = next((o.seen for o in row.outcomes if o.killed), "") if row.mutant.harmless else ""
    return f"{what} (seeds {seeds}): {row.mutant.says}{f' [{seen}]' if seen else ''}"


def _summary(table: Sequence[Row], seconds: float) -> list[str]:
    harmful = [row for row in table if not row.mutant.harmless]
    harmless = [row for row in table if row.mutant.harmless]
    seeds = len(table[0].outcomes) if table else 0
    killed = sum(not row.wrong for row in harmful)
    quiet = sum(not row.wrong for row in harmless)
    return [
        f"{killed} of {len(harmful)} harmful mutants killed; {seeds} seeds",
        f"{quiet} of {len(harmless)} harmless ones left alone",
        f"{seconds:.0f} s on {os.cpu_count()} cores",
        *(f"{row.mutant.name}: {_verdict(row)}" for row in wrong(table)),
    ]


def timed(mutants: Sequence[Mutant], seeds: int, jobs: int) -> tuple[list[Row], float]:
    """All rows, and the seconds that they took; survivors and progress are told on stderr."""
    began = told = time.perf_counter()
    table: list[Row] = []
    for row in rows(mutants, seeds, jobs):
        table.append(row)
        now = time.perf_counter()
        if row.wrong:
            print(f"{row.mutant.name}: {_verdict(row)}", file=sys.stderr, flush=True)
        if now - told >= EVERY_S:
            told = now
            done = f"{len(table)} of {len(mutants)} mutants in {now - began:.0f} s"
            print(f"{done}, {len(wrong(table))} wrong", file=sys.stderr, flush=True)
    return table, time.perf_counter() - began
