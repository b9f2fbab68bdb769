"""Keys: whatever a gateway does with one, no report shows it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from pixazo_openapi.catalogue import KEY_HEADER

from pixazo.sandbox import ManualClock, Sandbox
from tests.contract.suite import Exchange, of_sandbox, run
from tests.contract.suite.keys import Keys
from tests.contract.suite.reports import machine_readable, page, terminal
from tests.contract.suite.targets import KEYS, SANDBOX_LATENCY_S
from tests.mutants.kit.call import Answer, Call
from tests.mutants.kit.gate import put_around
from tests.mutants.kit.mutant import Mutant, Told

KEY = 'a+key/of "these"=tests'


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY).lower(),
        json.dumps(KEY)[1:-1],
        json.dumps(KEY)[1:-1].replace("/", r"\/").replace("+", r"\u002B"),
        "".join(f"\\u{ord(one):04x}" for one in KEY),
        base64.b64encode(KEY.encode()).decode(),
    ],
    ids=["plain", "percent", "lower case", "JSON", "other JSON", "all escaped", "base64"],
)
@pytest.mark.parametrize("place", ["body", "headers", "failure"])
def test_a_key_is_taken_out_in_every_form(form: str, place: str) -> None:
    """Servers write a key in many ways; the exchange says that it was there, and hides it."""
    said = {"body": form.encode(), "headers": {"x-echo": f"for {form}"}, "failure": form}
    exchange = Exchange("GET", "http://127.0.0.1:9/", 401, **{place: said[place]})

    kept = Keys({"$PIXAZO_API_KEY": KEY}).kept(exchange)

    assert kept.leaked
    assert form not in repr(kept)
    assert "[key]" in repr(kept)


def test_a_request_names_the_variable() -> None:
    """A header that is the key shows as the variable, so that the curl line can be run."""
    asked = {KEY_HEADER: KEY, "x-more": f"with {KEY}"}

    kept = Keys({"$PIXAZO_API_KEY": KEY}).kept(Exchange("GET", "http://a/", 200, asked))

    assert kept.request_headers == {KEY_HEADER: "$PIXAZO_API_KEY", "x-more": "with [key]"}
    assert not kept.leaked


def _in_errors(call: Call, answer: Answer) -> Answer | None:
    if answer.status >= 400 and isinstance(answer.json, dict) and call.key:
        answer.json = {**answer.json, "message": f"not for {call.key}"}
        answer.headers["x-echo"] = f"Bearer {call.key}"
    return answer


def _in_calls(told: Told) -> None:
    told.headers["x-auth"] = f"Bearer {told.key}"
    told.body = json.dumps({**json.loads(told.body), "error": f"for {told.key}"}).encode()


@pytest.mark.parametrize(
    ("layer", "change", "tell", "rule"),
    [
        (6, _in_errors, None, "no-key-in-answers"),
        (9, _in_errors, None, "no-key-in-answers"),
        (5, None, _in_calls, "callback-without-key"),
    ],
)
def test_no_report_shows_a_key_that_a_gateway_repeats(
    layer: int,
    change: Callable[[Call, Answer], Answer | None] | None,
    tell: Callable[[Told], None] | None,
    rule: str,
) -> None:
    """Answers to anybody, schemathesis too, and callbacks: the rule is broken, the key hidden."""
    sandbox = Sandbox(
        clock=ManualClock(), latency=SANDBOX_LATENCY_S, balance="100000", key=tuple(KEYS.values())
    )
    put_around(sandbox, Mutant("repeats", "isolation", "the key is told", change=change, tell=tell))
    with sandbox:
        report = run(
            of_sandbox(sandbox, keys_checked=True), layers=[layer], only=["qwen-image-max"]
        )

    assert rule in report.broken_rules
    texts = [terminal.render([report]), page.render([report]), repr(report)]
    texts += [machine_readable.as_json([report]), machine_readable.as_junit([report])]
    assert all(key not in text for text in texts for key in KEYS.values())
