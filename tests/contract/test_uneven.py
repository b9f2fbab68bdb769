"""Gateways that are right in another way, or wrong now and then: reported is what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pixazo.sandbox import ManualClock, Sandbox
from tests.contract.suite import of_sandbox, of_url, run
from tests.contract.suite.targets import SANDBOX_LATENCY_S, Target
from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.edits import put, receipt
from tests.mutants.kit.gate import put_around
from tests.mutants.kit.mutant import Mutant

MODELS = ("qwen-image-layered", "qwen-image")
KEY = "a-key-of-these-tests"
EMPTY_WALLET = ("Insufficient Balance", "Your wallet does not have enough balance.")

Ask = Callable[[Call], Answer | None]


@contextmanager
def _asked_first(ask: Ask) -> Iterator[Sandbox]:
    sandbox = Sandbox(clock=ManualClock(), latency=SANDBOX_LATENCY_S, balance="100000")
    put_around(sandbox, Mutant("uneven", "status code", "refuses now and then", ask=ask))
    with sandbox:
        yield sandbox


@contextmanager
def _in_real_time(ask: Ask) -> Iterator[Target]:
    sandbox = Sandbox(latency=0.1, direct_latency=0, balance="1000", key=KEY)
    put_around(sandbox, Mutant("uneven", "status code", "refuses now and then", ask=ask))
    with sandbox:
        yield of_url(sandbox.url, KEY)


def _too_many(call: Call) -> Answer:
    answer = refusal(429, "Too Many Requests", "Slow down.")
    answer.headers["retry-after"] = "0"
    return answer


def _now_and_then(call: Call) -> Answer | None:
    return _too_many(call) if call.run.count("calls") % 9 == 0 else None


@pytest.mark.parametrize("layers", [range(1, 8), (9,)], ids=["asked", "second opinion"])
def test_a_429_now_and_then_breaks_nothing(layers: range | tuple[int, ...]) -> None:
    """A limit of requests is documented: whatever was asked is asked again after the pause."""
    with _asked_first(_now_and_then) as sandbox:
        report = run(of_sandbox(sandbox), layers=layers, only=MODELS)

    assert report.broken_rules == ()
    assert report.exit_code == 0


def test_a_429_for_ever_ends_the_run() -> None:
    """A limit that no pause gets under is reported, and nothing more is sent."""
    with _asked_first(lambda call: _too_many(call) if call.model else None) as sandbox:
        report = run(of_sandbox(sandbox), layers=[2, 3], quick=True, only=MODELS)

    assert report.broken_rules == ("limit-ends",)
    assert report.notes == ("ended early: still 429 after 10 pauses",)
    assert report.exchanges < 30


def test_a_second_opinion_that_is_only_refused_is_none() -> None:
    """schemathesis waits for nobody: when most of its requests meet a 429 it has said nothing."""
    with _asked_first(lambda call: _too_many(call) if call.run.count("calls") > 3 else None) as box:
        report = run(of_sandbox(box), layers=[9], only=MODELS[:1])

    state, why = report.rule_state("schemathesis-runs")
    assert state == "not checked here"
    assert "met a 429" in why


def test_a_wallet_that_empties_is_no_finding_of_the_second_opinion() -> None:
    """A 402 to a valid request says as little as a 429, where the wallet cannot be seen."""

    def ask(call: Call) -> Answer | None:
        paid = call.model and call.key == KEY and call.run.count("paid") > 12
        return refusal(402, *EMPTY_WALLET) if paid else None

    with _in_real_time(ask) as target:
        report = run(target, layers=[9], only=MODELS[:1])

    assert report.broken_rules == ()


def test_a_failure_that_does_not_come_again_is_told() -> None:
    """A 500 to every tenth submission breaks its rule, also where hypothesis meets it only once."""

    def ask(call: Call) -> Answer | None:
        failed = call.model and call.run.count("submissions") % 10 == 0
        return refusal(500, "Internal Server Error", "Sorry.") if failed else None

    with _asked_first(ask) as sandbox:
        report = run(of_sandbox(sandbox), layers=[3], only=MODELS)

    assert {"no-failure", "combinations"} <= {*report.broken_rules}
    assert "understood" not in report.broken_rules


@pytest.mark.parametrize(
    ("status", "told"), [(500, "no-failure: 500"), (429, "limit-ends: still 429")]
)
def test_jobs_are_interleaved_in_real_time_too(status: int, told: str) -> None:
    """Where time cannot be moved few episodes are drawn, and each of them submits jobs."""

    def ask(call: Call) -> Answer | None:
        wrong = _too_many(call) if status == 429 else refusal(500, "Internal", "Sorry.")
        return wrong if call.run.count("jobs" if call.model else "others") > 2 else None

    with _in_real_time(ask) as target:
        report = run(target, layers=[8])

    assert report.broken_rules == ("interleaved",)
    assert told in report.findings[0].smallest.seen


def test_a_gateway_below_a_path() -> None:
    """Where the paths of the document begin below a prefix, all of them are known there."""

    def ask(call: Call) -> Answer | None:
        below = call.path.startswith("/below/")
        call.path = call.path.removeprefix("/below")
        return None if below else refusal(404, "Not Found", "Nothing is here.")

    change = receipt(put("/polling_url", lambda url: url.replace("/v2/", "/below/v2/")))
    sandbox = Sandbox(latency=0.1, direct_latency=0, balance="1000", key=KEY)
    put_around(sandbox, Mutant("below", "harmless", "paths have a prefix", ask=ask, change=change))
    with sandbox:
        report = run(of_url(f"{sandbox.url}/below", KEY), layers=[2, 7, 8], only=MODELS)

    assert report.broken_rules == ()
    assert report.rule_state("schema")[0] == "held"
