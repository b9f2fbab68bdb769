"""One run of the suite over one target: `run(target) -> Report`."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from pixazo_openapi.catalogue import KEY_HEADER, MODELS

from tests.contract.suite import lifecycle
from tests.contract.suite.checks import CHECKS
from tests.contract.suite.lab import POOR, SECOND, GaveUp, Job, Lab
from tests.contract.suite.reports.report import Report
from tests.contract.suite.spec import spec
from tests.contract.suite.targets import CouldNotRun, Target
from tests.contract.suite.verdicts import ELSEWHERE, LAYERS, rule

__all__ = ["QUICK", "drive", "judge_lives", "probe", "run", "work"]

Result = TypeVar("Result")

UNDERSTOOD = rule(
    "understood",
    1,
    "Answers have the shapes that the checks read",
    "Clients stumble as the check did.",
    advice="See the schema's findings first; without any, the check itself may be wrong.",
)

QUICK = (1, 2, 3, 4, 5, 6, 7)
"""Layers of the quick profile: everything but the ones that search."""

PROBE_TIMEOUT_S = 10.0


def run(
    target: Target,
    *,
    only: Sequence[str] = (),
    layers: Collection[int] = tuple(LAYERS),
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
) -> Report:
    """Hold a target to the document; comes back with everything that was seen.

    Args:
        target: the gateway.
        only: ids of models; all when empty.
        layers: numbers from `LAYERS`; layer 1 looks at every exchange that any other makes.
        seed: decides what is drawn.
        quick: short lists, and no layer that searches.
        full: searches take as long as they need.

    Raises:
        CouldNotRun: nothing can be said of the target.
    """
    for model_id in only:
        if model_id not in MODELS:
            raise CouldNotRun(f"--only {model_id}: no such model; there are {', '.join(MODELS)}")
    wanted = [n for n in sorted(layers) if not quick or n in QUICK]
    began = time.perf_counter()
    lab = Lab(target, spec(), only=only, seed=seed, thorough=not quick, full=full)
    try:
        probe(lab)
        work(lab, wanted)
    except GaveUp as reason:
        lab.notes.append(f"ended early: {reason}")
    finally:
        lab.close()
    return Report.of(lab, layers=wanted, seconds=time.perf_counter() - began)


def work(lab: Lab, layers: Sequence[int]) -> None:
    """Run the checks of the layers, then judge the lives of all jobs."""
    checks = [check for number in layers for check in CHECKS.get(number, ())]
    single = lab.target.quick or lab.target.wallet is not None
    beside = [check for check in checks if not (single and _alone(check))]
    drive(lab, lab.together([partial(understood, lab, partial(check, lab)) for check in beside]))
    for check in checks:
        if check in beside:
            continue
        drive(lab, [understood(lab, partial(check, lab))])
    if 2 in layers:
        judge_lives(lab)


def judge_lives(lab: Lab) -> None:
    """Hold everything that was seen so far to the rules of a job's life."""
    lab.say(
        lifecycle.judge(
            lab.spec,
            list(lab.exchanges),
            base_url=lab.target.url,
            key_header=KEY_HEADER,
            tolerance_s=lab.target.tolerance_s,
        )
    )


def _alone(check: Any) -> bool:
    """Whether a check wants the target for itself."""
    return getattr(check, "alone", False)


def drive(lab: Lab, running: list[Iterator[Sequence[Job]] | None]) -> None:
    """Let checks run side by side: what all of them wait for is waited for at once."""
    current = [each for each in running if each is not None]
    while current:
        steps = lab.together([partial(_step, lab, check) for check in current])
        current = [check for check, jobs in zip(current, steps, strict=True) if jobs is not None]
        jobs = [job for step in steps if step for job in step]
        if jobs:
            lab.wait(jobs)


def _step(lab: Lab, check: Iterator[Sequence[Job]]) -> Sequence[Job] | None:
    """Let a check go on until it waits; None when it is done, or when it stumbled."""
    return understood(lab, partial(next, check, None))


def understood(lab: Lab, call: Callable[[], Result]) -> Result | None:
    """Make a call of a check; answers so odd that it stumbles over them are a broken rule."""
    try:
        return call()
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        seen = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        lab.hold(UNDERSTOOD, seen[:300], operation=ELSEWHERE)
        return None


def probe(lab: Lab, *, looks_only: bool = False) -> None:
    """Make sure that somebody answers who could be the gateway.

    Args:
        lab: over the target.
        looks_only: whether every submission, even an empty one, is under a cap.

    Raises:
        CouldNotRun: nobody does, or nobody who speaks JSON, or the key is refused everywhere.
    """
    status = lab.spec.status.path.replace("{request_id}", "no-such-request")
    model = lab.models[0]
    first = lab.send("GET", status, judged=False, timeout_s=PROBE_TIMEOUT_S)
    nothing: dict[str, Any] = {}
    method, path, body = ("GET", status, None) if looks_only else ("POST", model.path, nothing)
    second = lab.send(method, path, body, judged=False, timeout_s=PROBE_TIMEOUT_S)
    if first.failure and second.failure:
        raise CouldNotRun(f"{lab.target.url} is unreachable: {second.failure}")
    if first.redirected and second.redirected:
        place = first.headers.get("location", "")
        raise CouldNotRun(
            f"{lab.target.url} redirects to {place or 'an address that it does not name'} "
            f"({first.status} to GET {status}): give the address behind it with --target"
        )
    html = [e for e in (first, second) if "html" in e.media_type or e.body[:1] == b"<"]
    if len(html) == 2:
        raise CouldNotRun(
            f"{lab.target.url} answers HTML ({first.status} to GET {status}): not the gateway, "
            "or a proxy before it; give the bare host that --target shall name"
        )
    if first.status == second.status == 401:
        raise CouldNotRun(f"{lab.target.url} refuses the key (401): give one with --key")
    for variable, option in ((SECOND, "--second-key"), (POOR, "--poor-key")):
        if variable in lab.target.keys:
            answer = lab.send("GET", status, key=variable, judged=False, timeout_s=PROBE_TIMEOUT_S)
            if answer.status == 401:
                raise CouldNotRun(
                    f"{lab.target.url} refuses {option} (401): give one that is known"
                )
    lab.exchanges.clear()
