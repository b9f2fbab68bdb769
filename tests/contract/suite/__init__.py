"""The contract suite: any gateway that claims the documents, held to them.

`run(target) -> Report` is the whole of it; `python -m tests.contract` is the same for people.
"""

from __future__ import annotations

from tests.contract.suite.exchange import Exchange
from tests.contract.suite.reports.report import Report
from tests.contract.suite.runner import run
from tests.contract.suite.targets import CouldNotRun, Target, of_sandbox, of_url, sandbox_target

__all__ = [
    "CouldNotRun",
    "Exchange",
    "Report",
    "Target",
    "of_sandbox",
    "of_url",
    "run",
    "sandbox_target",
]
