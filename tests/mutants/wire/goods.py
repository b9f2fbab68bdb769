"""Good answers: from the cassettes, and from a sandbox that is asked for everything once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pixazo_openapi.catalogue import KEY_HEADER

from pixazo.sandbox import FAULT_HEADER, ManualClock, Sandbox
from tests.contract.suite.exchange import NOT_JSON, Exchange
from tests.contract.suite.spec import Operation, Spec
from tests.deck.holding import exchanges
from tests.deck.tapes import every

__all__ = ["Good", "goods"]

CASSETTES = Path(__file__).resolve().parents[3] / "cassettes"
CALLBACK = "/components/schemas/RequestStatus"
LATENCY_S = 10.0
REFUSALS = ("402", "403", "429=2", "500", "disabled-model")


@dataclass(frozen=True, slots=True)
class Good:
    """A body that keeps to the spec.

    Args:
        operation: that it answers; `callback` for what receivers are told.
        pointer: of its schema.
        body: the JSON.
        origin: where it is from.
    """

    operation: str
    pointer: str
    body: Any
    origin: str


def goods(document: Spec) -> list[Good]:
    """One good body of every form that cassettes and sandbox show."""
    forms: dict[tuple[str, frozenset[str]], Good] = {}
    for good in (*_recorded(document), *_played(document)):
        forms.setdefault((good.pointer, frozenset(_form(good.body))), good)
    return list(forms.values())


def _recorded(document: Spec) -> Iterator[Good]:
    for tape in every(CASSETTES):
        origin = f"cassettes/{Path(str(tape.path)).parent.name}/{Path(str(tape.path)).name}"
        for held in exchanges(tape):
            yield from _good(document, held.exchange, origin)
        for call in tape.callbacks:
            told = Exchange("POST", call.asked.url, 200, body=call.asked.body)
            if told.json is not NOT_JSON:
                yield Good("callback", CALLBACK, told.json, origin)


def _played(document: Spec) -> Iterator[Good]:
    with (
        Sandbox(latency=LATENCY_S, clock=ManualClock(), balance="1000") as sandbox,
        httpx2.Client(base_url=sandbox.url, headers={KEY_HEADER: "a-key"}) as client,
    ):
        for operation in document.models.values():
            for exchange in _asked(sandbox, client, document, operation):
                yield from _good(document, exchange, "the sandbox")


def _asked(
    sandbox: Sandbox, client: httpx2.Client, document: Spec, operation: Operation
) -> Iterator[Exchange]:
    """Everything that one operation answers, and the lives of its jobs."""
    body = _example(operation)
    for fault in REFUSALS:
        yield _send(client, "POST", operation.path, body, fault)
    yield _send(client, "POST", operation.path, {})
    yield _send(client, "GET", document.status.path.replace("{request_id}", "no-such-id"))
    if operation.success == httpx2.codes.OK:
        for fault in ("", "other-shape"):
            yield _send(client, "POST", operation.path, body, fault)
        return
    for fault in ("", "failed", "error"):
        receipt = _send(client, "POST", operation.path, body, fault)
        yield receipt
        for _ in range(3):
            path = document.status.path.replace("{request_id}", receipt.json["request_id"])
            yield _send(client, "GET", path)
            sandbox.clock.advance(LATENCY_S / 2)


def _send(
    client: httpx2.Client, method: str, path: str, body: Any = None, fault: str = ""
) -> Exchange:
    answer = client.request(method, path, json=body, headers={FAULT_HEADER: fault} if fault else {})
    url = str(answer.request.url)
    return Exchange(method, url, answer.status_code, {}, b"", dict(answer.headers), answer.content)


def _example(operation: Operation) -> Mapping[str, Any]:
    content = operation.content["requestBody"]["content"]["application/json"]
    example: Mapping[str, Any] = content["examples"]["minimum"]["value"]
    return example


def _good(document: Spec, exchange: Exchange, origin: str) -> Iterator[Good]:
    operation = document.operation(exchange.method, exchange.url)
    found = document.response(operation, exchange.status) if operation else None
    if operation and found and exchange.json is not NOT_JSON:
        pointer, _ = document.follow(f"{found[0]}/content/application~1json/schema")
        yield Good(operation.name, pointer, exchange.json, origin)


def _form(value: Any, path: str = "") -> Iterator[str]:
    """Every node with its type, and the status word: what makes two bodies different."""
    yield f"{path}: {type(value).__name__}{value if path == '/status' else ''}"
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _form(inner, f"{path}/{name}")
    if isinstance(value, list):
        for inner in value[:1]:
            yield from _form(inner, f"{path}/0")
