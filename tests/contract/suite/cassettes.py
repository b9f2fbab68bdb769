"""Recorded traffic as a target: what needs no gateway is judged, everything else is not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from pixazo_openapi.catalogue import KEY_HEADER

from tests.contract.suite import answers, called, lifecycle
from tests.contract.suite.reports.report import Report, grouped, table
from tests.contract.suite.spec import ROOT, spec
from tests.contract.suite.targets import CouldNotRun
from tests.contract.suite.verdicts import RULES, Verdict

__all__ = ["run_cassettes"]

FOLDER = ROOT / "cassettes"
TOLERANCE_S = 60.0
OUTAGES_FROM = 500


def run_cassettes(folder: Path = FOLDER, *, only: Sequence[str] = ()) -> Report:
    """Hold every cassette to the rules of exchanges, lives and callbacks.

    Args:
        folder: where they lie.
        only: ids of models; all when empty.

    Raises:
        CouldNotRun: there are none, or one does not read.
    """
    from tests.deck.faults import CassetteError
    from tests.deck.holding import callbacks, exchanges
    from tests.deck.tapes import every

    began = time.perf_counter()
    verdicts: list[Verdict] = []
    count = 0
    try:
        for tape in every(folder):
            if only and tape.model_id not in only:
                continue
            seen = [held.exchange for held in exchanges(tape)]
            heard = [held.exchange for held in callbacks(tape)]
            count += len(seen) + len(heard)
            verdicts += called.judge(spec(), seen, heard)
            verdicts += [verdict for each in seen for verdict in answers.judge(spec(), each)]
            verdicts += lifecycle.judge(
                spec(),
                [each for each in seen if each.status < OUTAGES_FROM],
                base_url=tape.origin.gateway,
                key_header=KEY_HEADER,
                tolerance_s=None if tape.origin.documents else TOLERANCE_S,
            )
    except CassetteError as error:
        raise CouldNotRun(f"--target cassettes: {error}") from error
    if not count:
        of = f" of {', '.join(only)}" if only else ""
        raise CouldNotRun(f"--target cassettes: no cassettes{of} in {folder}")
    told = {verdict.rule.name for verdict in verdicts}
    why = "a recording cannot be asked"
    return Report(
        target="cassettes",
        seed=0,
        layers=(1, 2, 5),
        seconds=time.perf_counter() - began,
        exchanges=count,
        capabilities={},
        cells=table(verdicts, {(name, ""): why for name in RULES if name not in told}),
        findings=grouped(spec(), verdicts),
    )
