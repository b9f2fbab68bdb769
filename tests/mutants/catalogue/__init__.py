"""Every mutant of the gateway, by name."""

from __future__ import annotations

from tests.mutants.catalogue import answers, harmless, jobs, late_answers, late_jobs, results
from tests.mutants.catalogue import requests as requests_
from tests.mutants.kit.mutant import Mutant

__all__ = ["CONTROL", "FIRST", "HARMLESS", "LATE", "MUTANTS"]

FIRST: tuple[Mutant, ...] = (
    *answers.MUTANTS,
    *requests_.MUTANTS,
    *jobs.MUTANTS,
    *results.MUTANTS,
)
"""Harmful ones that were written before the suite was finished."""

LATE: tuple[Mutant, ...] = (*late_answers.MUTANTS, *late_jobs.MUTANTS)
"""Harmful ones that were written after it, by the same hand, without looking at its checks."""

HARMLESS: tuple[Mutant, ...] = harmless.MUTANTS

CONTROL = Mutant("control", "harmless", "nothing is changed")
"""The sandbox as it is: when the suite reports it, no mutant can be judged."""

MUTANTS = {mutant.name: mutant for mutant in (*FIRST, *LATE, *HARMLESS, CONTROL)}
