"""The rules of callbacks, on lists of exchanges that were never sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pixazo_openapi.catalogue import KEY_HEADER, MODELS

from tests.contract.suite import called
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.spec import spec

BASE = "https://gateway.example"
TRAINER = MODELS["qwen-image-edit-plus-trainer"]
ID = f"{TRAINER.model_id}_019d3c1b-0f7d-7c02-8a55-6f5e4d3c2b1a"
HEADER, FIELD = "https://hooks.example/h", "https://hooks.example/f"
TIMES = {"created_at": "2026-01-01T10:00:00.000Z", "updated_at": "2026-01-01T10:00:09.000Z"}
DONE = {
    "request_id": ID, "status": "COMPLETED", "model_id": TRAINER.model_id, "error": None,
    "output": {"media_url": ["https://media.example/a.safetensors"], "media_type": "a/b"},
    **TIMES, "completed_at": TIMES["updated_at"],
}  # fmt: skip
STARTED = {**DONE, "status": "PROCESSING", "output": None, "completed_at": None}
JSON = {"content-type": "application/json"}


def _asked(status: int = 202, **more: Any) -> list[Exchange]:
    """A submission that asks for callbacks both ways, and a look at its end."""
    polling = f"{BASE}/v2/requests/status/{ID}"
    told = {"request_id": ID, "status": "QUEUED", "polling_url": polling}
    asked = {"image_data_url": "https://x.example/a.zip", "webhook": FIELD, **more}
    headers = {KEY_HEADER: "$KEY", "x-webhook-url": HEADER}
    raw = json.dumps(asked).encode()
    return [
        Exchange("POST", BASE + TRAINER.path, status, headers, raw, body=json.dumps(told).encode()),
        Exchange("GET", polling, 200, {KEY_HEADER: "$KEY"}, body=json.dumps(DONE).encode()),
    ]


def _call(url: str, body: Any = DONE, method: str = "POST", **headers: str) -> Exchange:
    return Exchange(method, url, 204, headers={**JSON, **headers}, body=json.dumps(body).encode())


GOOD = [_call(HEADER), _call(FIELD)]
BOTH = {"webhook_events_filter": ["*"]}


@pytest.mark.parametrize(
    ("asked", "calls", "broken"),
    [
        ({}, GOOD, set()),
        (BOTH, [_call(HEADER), _call(FIELD, STARTED), _call(FIELD)], set()),
        ({"webhook_events_filter": ["start"]}, [_call(HEADER), _call(FIELD, STARTED)], set()),
        ({}, GOOD[:1], {"callback-comes"}),
        ({}, [*GOOD, _call(FIELD)], {"callback-comes"}),
        (BOTH, GOOD, {"callback-comes", "callback-at-end"}),
        ({}, [*GOOD, _call("https://hooks.example/x")], {"callback-only-when-asked"}),
        ({"status": 400}, GOOD, {"callback-only-when-asked"}),
        ({}, [_call(HEADER, method="PUT"), GOOD[1]], {"callback-posted"}),
        ({}, [_call(HEADER, **{KEY_HEADER: "k"}), GOOD[1]], {"callback-without-key"}),
        ({}, [_call(HEADER, {**DONE, "error": "no"}), GOOD[1]],
         {"callback-equals-status", "invariant-completed-has-output"}),
        ({}, [_call(HEADER, {**DONE, "request_id": "other"}), GOOD[1]], {"callback-equals-status"}),
        ({}, [_call(HEADER, STARTED), GOOD[1]], {"callback-at-end"}),
        ({}, [_call(HEADER, []), GOOD[1]],
         {"callback-at-end", "callback-equals-status", "schema"}),
    ],
)  # fmt: skip
def test_callbacks_are_held_to_what_was_asked(
    asked: dict[str, Any], calls: list[Exchange], broken: set[str]
) -> None:
    """Number, address, form, time and content of callbacks follow from the submission."""
    found = [*called.judge(spec(), _asked(**asked), calls)]

    assert {verdict.rule.name for verdict in found if verdict.seen} == broken


def test_a_recording_that_stops_early_owes_no_callback() -> None:
    """Before the end was seen nobody can say that a call is missing."""
    found = [*called.judge(spec(), _asked()[:1], [])]

    assert all(verdict.held for verdict in found)
