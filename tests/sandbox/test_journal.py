"""The journal."""

from __future__ import annotations

import json

import httpx2

from pixazo.sandbox import Journal, Sandbox

MAX = "/qwen-image-max/v1/qwen-image-max-request"
KEY = "a-key-of-the-tests"


def test_a_request_is_written_down(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """Method, path, body, status, answer, model, id and charge stand in the journal."""
    receipt = gateway.post(MAX, json={"prompt": "a boat"}).json()

    entry = sandbox.journal[-1]

    assert (entry.method, entry.path, entry.status) == ("POST", MAX, 202)
    assert entry.body == {"prompt": "a boat"}
    assert entry.answer == receipt
    assert (entry.model_id, entry.request_id) == ("qwen-image-max", receipt["request_id"])
    assert entry.charged


def test_the_key_is_never_written_down(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """A key in header, path, query, body and other headers leaves no trace in the journal."""
    gateway.post(
        f"{MAX}?key={KEY}", json={"prompt": f"my key is {KEY}"}, headers={"X-Note": f"k {KEY}"}
    )
    gateway.get(f"/v2/requests/status/{KEY}")

    text = json.dumps([entry.to_dict() for entry in sandbox.journal])

    assert KEY not in text
    assert text.count("[redacted]") >= 5


def test_refused_requests_are_written_down_too(sandbox: Sandbox, plain: httpx2.Client) -> None:
    """A request without a key stands there with its 401."""
    plain.post(sandbox.url + MAX, json={"prompt": "x"})

    entry = sandbox.journal[-1]

    assert (entry.status, entry.carried_key, entry.charged) == (401, False, False)


def test_long_texts_are_cut(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """A text of a hundred thousand characters takes a few hundred in the journal."""
    gateway.post(MAX, json={"prompt": "x" * 100_000})

    assert len(json.dumps(sandbox.journal[-1].to_dict())) < 3000


def test_old_entries_go(sandbox: Sandbox) -> None:
    """The journal keeps its last 20,000 entries."""
    journal = Journal("key")
    for number in range(20_010):
        journal.open(time=0, origin="gateway", method="GET", path=str(number), headers={})

    assert len(journal) == 20_000
    assert journal[0].path == "10"


def test_a_very_short_key_does_not_eat_the_text() -> None:
    """A key of one letter is taken out of its header, not out of every word."""
    journal = Journal("X-Key")

    entry = journal.open(
        time=0, origin="gateway", method="GET", path="/kiosk", headers={"x-key": "k"}
    )

    assert entry.path == "/kiosk"
    assert entry.headers == {"x-key": "[redacted]"}
