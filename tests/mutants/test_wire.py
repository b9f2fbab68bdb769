"""Wire mutants: what the spec alone sees, never less than before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contract.suite.answers import judge_body
from tests.contract.suite.exchange import Exchange, parsed
from tests.contract.suite.spec import spec
from tests.mutants.wire import report
from tests.mutants.wire.equal import EQUAL, why_equal
from tests.mutants.wire.goods import Good, goods
from tests.mutants.wire.operators import OPERATORS
from tests.mutants.wire.trials import Score, Survivor, score

ANYTHING = "/paths/~1v2~1requests~1status~1{request_id}/get/x-pixazo/invariants/5/when"
"""A schema of the spec that takes anything."""


@pytest.fixture(scope="module")
def bodies() -> list[Good]:
    """Good bodies, collected once."""
    return goods(spec())


@pytest.fixture(scope="module")
def outcome(bodies: list[Good]) -> Score:
    """The score, counted once."""
    return score(spec(), bodies)


def test_the_spec_kills_no_fewer_than_the_floor(outcome: Score) -> None:
    """The share of changed bodies that the spec alone refuses never falls."""
    assert outcome.share >= report.floor(), report.render(outcome)


def test_the_floor_is_not_far_below(outcome: Score) -> None:
    """A better spec raises the floor: `python -m tests.mutants wire --raise-floor`."""
    assert outcome.share - report.floor() < 1, report.render(outcome)


def test_good_bodies_are_good(bodies: list[Good]) -> None:
    """What is changed keeps to the spec before it is changed."""
    for good in bodies:
        exchange = Exchange("GET", "https://gateway.example.com", 200, body=_bytes(good.body))
        seen = [v.seen for v in judge_body(spec(), good.operation, good.pointer, exchange)]

        assert not any(seen), (good.origin, seen)


def test_every_state_and_shape_is_among_the_good_bodies(bodies: list[Good]) -> None:
    """All five states, the receipt, an error and both direct shapes are changed."""
    words = {good.body.get("status") for good in bodies}
    schemas = {good.pointer.rpartition("/")[2] for good in bodies}

    assert {"QUEUED", "PROCESSING", "COMPLETED", "FAILED", "ERROR"} <= words
    assert {"SubmitReceipt", "ErrorBody", "ChoicesAnswer", "TextToImageAnswer"} <= schemas


def test_every_operator_makes_a_mutant(bodies: list[Good]) -> None:
    """No operator is idle: against a spec that takes anything each leaves a survivor."""
    anything = [Good(good.operation, ANYTHING, good.body, good.origin) for good in bodies]

    survivors = score(spec(), anything).survivors

    assert {s.operator.name for s in survivors} == {operator.name for operator in OPERATORS}


def test_survivors_name_the_missing_keyword(bodies: list[Good]) -> None:
    """A survivor tells schema, place, change, missing keyword and where the body is from."""
    good = next(good for good in bodies if good.pointer.endswith("ErrorBody"))
    loose = Good(good.operation, ANYTHING, good.body, good.origin)

    told = [str(s) for s in score(spec(), [loose]).survivors]

    assert f"when /error: absent is taken; required is missing ({good.origin})" in told


def test_every_reason_is_used(outcome: Score) -> None:
    """No change is declared equal that the spec refuses anyway."""
    assert set(outcome.equal) == {reason for *_, reason in EQUAL}


def test_a_dropped_id_is_never_equal() -> None:
    """What a caller cannot do without is not excused."""
    assert not why_equal("/components/schemas/SubmitReceipt", "QUEUED", "/request_id", "absent")
    assert not why_equal("/components/schemas/RequestStatus", "COMPLETED", "/output", "absent")


def test_the_floor_only_rises(outcome: Score, tmp_path: Path) -> None:
    """A lower share leaves the floor where it is, a higher one raises it."""
    path = tmp_path / "floor.json"
    path.write_text('{"killed_percent": 99.95}')
    survivor = Survivor("/components/schemas/ErrorBody", "/error", OPERATORS[0], "", "an example")

    assert report.raise_floor(Score(99, (survivor,), {}), path) == 99.95

    path.write_text('{"killed_percent": 10.0}')

    assert report.raise_floor(Score(100, (), {}), path) == 100.0


def test_a_survivor_names_the_missing_keyword(bodies: list[Good], tmp_path: Path) -> None:
    """Where a looser document takes a changed body, the report says which keyword would not."""
    path = tmp_path / "openapi.yaml"
    text = Path("spec/openapi.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("          pattern: \\S\n", "", 1), encoding="utf-8")

    looser = score(spec(path), bodies)

    assert 90 < looser.share < 100
    assert "ErrorBody /error: blank-text is taken; pattern is missing" in report.render(looser)


def _bytes(body: object) -> bytes:
    text = json.dumps(body).encode()
    assert parsed(text) == body
    return text
