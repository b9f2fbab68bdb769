"""The rules of a job's life, on lists of exchanges that were never sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pixazo_openapi.catalogue import KEY_HEADER

from tests.contract.suite import lifecycle
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.spec import spec

BASE = "https://gateway.example"
ID = "qwen-image-max_019d3c1b-0f7d-7c02-8a55-6f5e4d3c2b1a"
START = 1_767_261_600.0
KEYS = {KEY_HEADER: "$PIXAZO_API_KEY"}


def _moment(seconds: float) -> str:
    return f"2026-01-01T10:00:{seconds:06.3f}Z"


EARLY = {"updated_at": _moment(0)}
TOO_EARLY = {"updated_at": _moment(5), "completed_at": _moment(5)}


def _receipt(request_id: str = ID, **more: Any) -> Exchange:
    url = f"{BASE}/qwen-image-max/v1/qwen-image-max-request"
    polling = f"{BASE}/v2/requests/status/{request_id}"
    body = {"request_id": request_id, "status": "QUEUED", "polling_url": polling, **more}
    return Exchange("POST", url, 202, KEYS, body=json.dumps(body).encode(), at=START)


def _look(word: str, at: float, *, status: int = 200, key: str = "", **more: Any) -> Exchange:
    ended = word in lifecycle.ENDS
    body = {
        "request_id": ID,
        "status": word,
        "model_id": "qwen-image-max",
        "created_at": _moment(0),
        "updated_at": _moment(10 if ended else min(at, 3)),
        "completed_at": _moment(10) if ended else None,
        **more,
    }
    keys = {KEY_HEADER: key} if key else KEYS
    url = f"{BASE}/v2/requests/status/{ID}"
    return Exchange("GET", url, status, keys, body=json.dumps(body).encode(), at=START + at)


def _broken(*exchanges: Exchange) -> list[str]:
    found = lifecycle.judge(
        spec(), exchanges, base_url=BASE, key_header=KEY_HEADER, tolerance_s=1.0
    )
    return [verdict.rule.name for verdict in found if verdict.seen]


GOOD = (_receipt(), _look("QUEUED", 1), _look("PROCESSING", 5), _look("COMPLETED", 11))


def test_a_good_life_breaks_nothing() -> None:
    """A job that is queued, works, completes and stays so keeps every rule."""
    assert _broken(*GOOD, _look("COMPLETED", 12)) == []


@pytest.mark.parametrize(
    ("rule", "exchanges"),
    [
        ("id-prefix", [_receipt("019d3c1b")]),
        ("id-prefix", [_receipt("qwen-image_019d3c1b")]),
        ("id-fresh", [_receipt(), _receipt()]),
        ("polling-url", [_receipt(polling_url=f"https://other.example/v2/requests/status/{ID}")]),
        ("polling-url", [_receipt(polling_url=f"{BASE}/v2/requests/status/{ID}0")]),
        ("id-known", [_receipt(), _look("QUEUED", 1, status=404)]),
        ("id-known", [_receipt(), _look("QUEUED", 1, status=500)]),
        ("status-names-job", [_receipt(), _look("QUEUED", 1, request_id="another")]),
        ("status-names-model", [_receipt(), _look("QUEUED", 1, model_id="qwen-image")]),
        ("moves", [_receipt(), _look("PROCESSING", 1), _look("QUEUED", 2)]),
        ("moves", [*GOOD, _look("FAILED", 12)]),
        ("moves", [*GOOD, _look("PROCESSING", 12)]),
        ("end-stays", [*GOOD, _look("COMPLETED", 12, output={"media_url": ["other"]})]),
        ("end-stays", [*GOOD, _look("COMPLETED", 12, updated_at=_moment(12))]),
        ("constants", [_receipt(), _look("QUEUED", 1), _look("QUEUED", 2, created_at=_moment(1))]),
        ("times-forward", [_receipt(), _look("QUEUED", 3), _look("QUEUED", 4, **EARLY)]),
        ("times-ordered", [_receipt(), _look("COMPLETED", 11, completed_at=_moment(9))]),
        ("times-near", [_receipt(), _look("QUEUED", 1, created_at="2026-01-01T11:00:00Z")]),
        ("times-near", [_receipt(), _look("PROCESSING", 8), _look("COMPLETED", 11, **TOO_EARLY)]),
    ],
)  # fmt: skip
def test_a_bad_life_breaks_its_rule(rule: str, exchanges: list[Exchange]) -> None:
    """Each slip in a job's life breaks the rule that forbids it."""
    assert rule in _broken(*exchanges)


@pytest.mark.parametrize("base", ["http://localhost:8787", "http://[::1]:8787"])
@pytest.mark.parametrize(
    ("told", "broken"),
    [
        ("http://127.0.0.1:8787", False),
        ("http://127.0.0.1:8788", True),
        ("http://127.0.0.1.example.com:8787", True),
        ("http://localhost@example.com:8787", True),
        ("https://localhost:8787", True),
    ],
)
def test_this_machine_has_many_names(base: str, told: str, broken: bool) -> None:
    """A gateway here does not know by which of them it is called; all else must be the same."""
    receipt = _receipt(polling_url=f"{told}/v2/requests/status/{ID}")

    found = lifecycle.judge(
        spec(), [receipt], base_url=base, key_header=KEY_HEADER, tolerance_s=1.0
    )

    assert any(verdict.rule.name == "polling-url" and verdict.seen for verdict in found) is broken


def test_strangers_are_not_owners() -> None:
    """A 404 to another key says nothing about the job."""
    stranger = _look("QUEUED", 1, status=404, key="$PIXAZO_SECOND_KEY")

    assert _broken(_receipt(), stranger) == []


def test_a_429_is_no_look() -> None:
    """To be slowed down is no part of a job's life."""
    assert _broken(_receipt(), _look("QUEUED", 1, status=429)) == []


def test_time_zones_are_compared_as_moments() -> None:
    """The same moment in another zone is the same moment."""
    look = _look("QUEUED", 1, updated_at="2026-01-01T11:00:00.500+01:00")

    assert _broken(_receipt(), look) == []
