"""Callbacks: when receivers are called, with what, and how often."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from pixazo.sandbox import Sandbox

MAX = "/qwen-image-max/v1/qwen-image-max-request"
LORA = "/qwen-image-edit-plus/v1/qwen-image-edit-plus-lora/generate"


class Receiver:
    """Takes callbacks; `answers` are the statuses to give, the last one for ever."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes]] = []
        self.answers = [204]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((self.path, body))
                answers = receiver.answers
                self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.calls]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.server.shutdown()
    running.server.server_close()
    running.thread.join()


def advance(sandbox: Sandbox, seconds: float) -> None:
    """Move time on and wait until every call that fell due has been answered."""
    sandbox.clock.advance(seconds)
    assert sandbox.deliveries.settle()


def submit(gateway: httpx2.Client, receiver: Receiver, fault: str = "", **body: Any) -> Any:
    headers = {"X-Webhook-URL": receiver.url, "X-Sandbox-Fault": fault}
    return gateway.post(MAX, json={"prompt": "x", **body}, headers=headers).json()


def submit_by_field(
    gateway: httpx2.Client, receiver: Receiver, events: list[str] | None, fault: str = ""
) -> Any:
    body: dict[str, Any] = {"prompt": "x", "image_urls": ["https://pictures.example.com/a.png"]}
    body |= {"webhook": receiver.url}
    if events is not None:
        body |= {"webhook_events_filter": events}
    return gateway.post(LORA, json=body, headers={"X-Sandbox-Fault": fault}).json()


def test_the_end_is_told_once(sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver) -> None:
    """The header's receiver is called at the end, with the status answer of that moment."""
    receipt = submit(gateway, receiver)

    advance(sandbox, 9.9)
    before = len(receiver.calls)
    advance(sandbox, 100)

    assert before == 0
    assert receiver.bodies == [gateway.get(receipt["polling_url"]).json()]
    assert receiver.calls[0][0] == "/hook"


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (None, ["COMPLETED"]),
        (["complete"], ["COMPLETED"]),
        (["start"], ["PROCESSING"]),
        (["*"], ["PROCESSING", "COMPLETED"]),
        (["start", "complete"], ["PROCESSING", "COMPLETED"]),
    ],
)
def test_the_filter_says_which_events_are_told(
    sandbox: Sandbox,
    gateway: httpx2.Client,
    receiver: Receiver,
    events: list[str] | None,
    told: list[str],
) -> None:
    """By body field, the filter decides; without one the end alone is told (R54)."""
    submit_by_field(gateway, receiver, events)

    advance(sandbox, 5)
    advance(sandbox, 5)

    assert [body["status"] for body in receiver.bodies] == told


@pytest.mark.parametrize(("fault", "word"), [("failed", "FAILED"), ("error", "ERROR")])
def test_every_end_is_told(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver, fault: str, word: str
) -> None:
    """A job that fails calls back too."""
    submit(gateway, receiver, fault)

    advance(sandbox, 10)

    assert [body["status"] for body in receiver.bodies] == [word]


def test_a_call_that_is_not_taken_comes_again(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """After 1, 5 and 25 seconds the call is made again, then no more."""
    receiver.answers = [503]
    submit(gateway, receiver)

    for seconds in (10, 1, 5, 25, 1000):
        advance(sandbox, seconds)

    assert len(receiver.calls) == 4
    assert [d.attempt for d in sandbox.deliveries] == [1, 2, 3, 4]
    assert not any(d.taken for d in sandbox.deliveries)


def test_a_call_that_is_taken_at_last_is_not_repeated(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """A receiver that answers 500 and then 200 is called twice."""
    receiver.answers = [500, 200]
    submit(gateway, receiver)

    for seconds in (10, 1, 5, 25):
        advance(sandbox, seconds)

    assert [(d.status, d.taken) for d in sandbox.deliveries] == [(500, False), (200, True)]


def test_a_receiver_that_is_not_there_is_noted(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """A refused connection stands in the deliveries with its reason."""
    submit(gateway, receiver)
    receiver.server.shutdown()
    receiver.server.server_close()

    advance(sandbox, 10)

    (delivery,) = sandbox.deliveries
    assert delivery.status is None
    assert "refused" in delivery.error.lower()


def test_both_ways_at_once_deliver_twice(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """Header and body field are independent: the receiver named in both is called twice (R53)."""
    body = {
        "prompt": "x",
        "image_urls": ["https://pictures.example.com/a.png"],
        "webhook": receiver.url,
    }
    gateway.post(LORA, json=body, headers={"X-Webhook-URL": receiver.url})

    advance(sandbox, 10)

    assert [b["status"] for b in receiver.bodies] == ["COMPLETED", "COMPLETED"]


def test_a_dropped_call_is_never_made(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """`callback-drop`: nothing arrives, and the sandbox notes that it was on purpose."""
    submit(gateway, receiver, "callback-drop")

    advance(sandbox, 100)

    assert receiver.calls == []
    assert [d.error for d in sandbox.deliveries] == ["dropped as asked"]


def test_a_call_may_come_several_times(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """`callback-duplicate=3`: three equal calls."""
    submit(gateway, receiver, "callback-duplicate=3")

    advance(sandbox, 10)

    assert len(receiver.calls) == 3
    assert len(set(receiver.calls)) == 1


def test_a_call_may_come_late_or_early(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """`callback-delay=4` tells after the end, `callback-early` before it."""
    submit(gateway, receiver, "callback-delay=4")
    early = submit(gateway, receiver, "callback-early")

    advance(sandbox, 5)
    first = receiver.bodies
    state = gateway.get(early["polling_url"]).json()["status"]
    advance(sandbox, 8.9)
    before = len(receiver.calls)
    advance(sandbox, 0.1)

    assert [body["status"] for body in first] == ["COMPLETED"]
    assert state == "PROCESSING"
    assert (before, len(receiver.calls)) == (1, 2)


def test_calls_may_come_in_the_wrong_order(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """`callback-reorder`: the end is told before the start."""
    submit_by_field(gateway, receiver, ["*"], "callback-reorder")

    advance(sandbox, 10)
    advance(sandbox, 1)

    assert [body["status"] for body in receiver.bodies] == ["COMPLETED", "PROCESSING"]


def test_a_call_may_be_forged(sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver) -> None:
    """`callback-forged`: a second call names a job that nobody submitted."""
    receipt = submit(gateway, receiver, "callback-forged")

    advance(sandbox, 10)

    ids = {body["request_id"] for body in receiver.bodies}
    assert len(ids) == 2
    assert [gateway.get(f"/v2/requests/status/{i}").status_code for i in sorted(ids)] == [200, 404]
    assert receipt["request_id"] in ids


def test_a_call_may_be_garbage(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """`callback-garbage`: the body is no JSON."""
    submit(gateway, receiver, "callback-garbage")

    advance(sandbox, 10)

    assert [body for _, body in receiver.calls] == [b"<html>"]


def test_reset_forgets_what_was_to_be_called(
    sandbox: Sandbox, gateway: httpx2.Client, receiver: Receiver
) -> None:
    """After a reset no call of an earlier job is made."""
    submit(gateway, receiver)

    sandbox.reset()
    advance(sandbox, 100)

    assert receiver.calls == []
    assert list(sandbox.deliveries) == []
