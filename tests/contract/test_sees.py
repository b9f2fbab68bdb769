"""The suite sees what it is for: the sandbox goes wrong on purpose, and the right rule breaks."""

from __future__ import annotations

import pytest

from pixazo.sandbox import ManualClock, Sandbox
from tests.contract.suite import Report, of_sandbox, run
from tests.contract.suite.targets import SANDBOX_LATENCY_S

SEEN = [
    ("submit:html-body", [2], "media-type"),
    ("submit:empty-body", [2], "json"),
    ("status:broken-json", [2], "json"),
    ("status:wrong-types", [2], "schema"),
    ("status:odd-case", [2], "schema"),
    ("submit:no-id", [2], "schema"),
    ("submit:502", [2], "status-code"),
    ("submit:402", [2], "accepted"),
    ("submit:lost-answer*2", [2], "answered"),
    ("submit:redirect", [2], "status-code"),
    ("submit:foreign-polling-url", [2], "polling-url"),
    ("job:late", [2], "id-known"),
    ("job:backwards", [2], "moves"),
    ("job:unknown-status", [2], "schema"),
    ("job:stuck", [2], "ends"),
    ("job:failed", [2], "outcome"),
    ("job:null-output", [2], "invariant-completed-has-output"),
    ("job:no-times", [2], "invariant-completed-has-times"),
    ("job:bare-url", [2], "schema"),
    ("job:no-media", [4], "schema"),
    ("media:missing-media", [4], "result-reachable"),
    ("media:truncated-media", [4], "result-reachable"),
    ("media:wrong-media", [4], "result-format"),
    ("media:html-media", [4], "result-format"),
    ("callback:callback-drop", [5], "callback-comes"),
    ("callback:callback-duplicate", [5], "callback-comes"),
    ("callback:callback-early", [5], "callback-at-end"),
    ("callback:callback-garbage", [5], "callback-equals-status"),
    ("callback:callback-forged", [5], "callback-comes"),
]

HARMLESS = ["submit:extra-fields", "status:extra-fields", "media:no-length", "job:slow=2"]


def _run(fault: str, layers: list[int]) -> Report:
    with Sandbox(
        latency=SANDBOX_LATENCY_S, clock=ManualClock(), balance="100000", faults=[fault]
    ) as sandbox:
        return run(of_sandbox(sandbox), layers=layers, quick=True, only=["qwen-image-layered"])


@pytest.mark.parametrize(("fault", "layers", "rule"), SEEN, ids=[fault for fault, *_ in SEEN])
def test_a_fault_breaks_its_rule(fault: str, layers: list[int], rule: str) -> None:
    """A fault that the documents do not allow is reported under the rule that forbids it."""
    report = _run(fault, layers)

    assert report.exit_code == 1
    assert rule in report.broken_rules, report.broken_rules


@pytest.mark.parametrize("fault", HARMLESS)
def test_a_harmless_change_breaks_nothing(fault: str) -> None:
    """What the documents leave open is not reported."""
    report = _run(fault, [2, 4, 5, 7])

    assert report.findings == ()
    assert report.exit_code == 0
