"""Layer 2: jobs of every model, followed to their ends and looked at twice more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.contract.suite.lab import OUTCOME, Job, Lab
from tests.contract.suite.samples import plain_body

__all__ = ["CHECKS"]

MUCH_LATER_S = 3600.0
PROVOKED = {"failed": "FAILED", "error": "ERROR"}


def every_model(lab: Lab) -> Iterator[Sequence[Job]]:
    """Two jobs of every queued model end COMPLETED."""
    bodies = [(model, plain_body(model, lab.target)) for model in lab.queued]
    submitted = [lab.submit(model, body, watched=True) for model, body in bodies]
    again = [lab.submit(model, body) for model, body in bodies]
    yield [job for job in [*submitted, *again] if job]
    if lab.target.quick:
        lab.target.clock.sleep(MUCH_LATER_S)
        for job in submitted:
            if job:
                lab.look(job)


def provoked_ends(lab: Lab) -> Iterator[Sequence[Job]]:
    """A job of every queued model ends FAILED, another ERROR, where that can be brought about."""
    jobs: list[Job | None] = []
    for name, word in PROVOKED.items():
        headers = lab.target.provoke.get(name)
        for model in lab.queued:
            if headers is None:
                lab.not_here(OUTCOME, f"no way to make a job end {word}", model.model_id)
                continue
            body = plain_body(model, lab.target)
            jobs.append(lab.submit(model, body, headers=headers, watched=True, wanted=word))
    yield [job for job in jobs if job]


CHECKS = (every_model, provoked_ends)
