"""The sandbox in two processes: one report, as if one had done it all."""

from __future__ import annotations

import pytest

from tests.contract.suite.sandboxed import run_sandbox


@pytest.mark.slow
def test_layers_that_search_run_beside_the_others() -> None:
    """Both halves stand in one report, whose exchanges are counted together."""
    report = run_sandbox(only=["qwen-image-layered"], layers=[2, 8])

    assert report.exit_code == 0, report.findings
    assert (report.target, report.layers) == ("sandbox", (2, 8))
    assert report.rule_state("interleaved")[0] == "held"
    assert report.rule_state("ends")[0] == "held"


def test_one_half_alone_needs_no_second_process() -> None:
    """Without a layer that searches, or in a quick run, everything is done here."""
    report = run_sandbox(only=["qwen-image-layered"], layers=[2, 8], quick=True)

    assert report.layers == (2,)
    assert report.rule_state("interleaved")[0] == "not tried"
