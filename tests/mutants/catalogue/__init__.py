"""Every mutant of the gateway, by name."""

from __future__ import annotations

from tests.mutants.catalogue import answers, harmless, jobs, requests, results
from tests.mutants.kit.mutant import Mutant

__all__ = ["FIRST", "HARMLESS", "MUTANTS"]

FIRST: tuple[Mutant, ...] = (
    *answers.MUTANTS, *requests.MUTANTS, *jobs.MUTANTS, *results.MUTANTS,
)  # fmt: skip
"""Harmful ones that were written before the suite was finished."""

HARMLESS: tuple[Mutant, ...] = harmless.MUTANTS

MUTANTS = {mutant.name: mutant for mutant in (*FIRST, *HARMLESS)}
