"""A cassette held against the spec by the contract suite's rules, with the lines of findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pixazo_openapi.catalogue import KEY_HEADER

from tests.contract.suite import answers, called, lifecycle
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.spec import Spec, spec
from tests.contract.suite.verdicts import Verdict
from tests.deck.listing import Finding
from tests.deck.tapes import Interaction, Tape

__all__ = ["Held", "callbacks", "exchanges", "findings"]

TOLERANCE_S = 60.0
SERVER_ERROR = 500
_PLACE = re.compile(r"^(/\S*?):? ")
# What differs from one cassette to the next in a finding that is the same.
_VARIES = (
    (re.compile(r"\b[a-z][a-z-]*_[0-9a-f]{8}-[0-9a-f-]{20,}"), "{request_id}"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?"), "{moment}"),
)


@dataclass(frozen=True, slots=True)
class Held:
    """An exchange of a cassette as the contract suite sees it, and where it stands.

    Args:
        exchange: The exchange.
        pointer: The place of its request and response on the cassette.
        body: The place of the body that is judged.
    """

    exchange: Exchange
    pointer: str
    body: str


def exchanges(tape: Tape) -> list[Held]:
    """Every exchange with the gateway, polls as often as they came."""
    return [
        Held(_exchange(interaction), interaction.pointer, f"{interaction.pointer}/response/body")
        for interaction in tape.interactions
        if interaction.asked.url.startswith(f"{tape.origin.gateway}/")
        for _ in range(interaction.polls)
    ]


def findings(tape: Tape, document: Spec | None = None, *, name: str = "") -> Iterator[Finding]:
    """What on a cassette breaks a rule for one exchange, for a job's life or for callbacks.

    Args:
        tape: The cassette.
        document: The spec; the repository's when None.
        name: What places call the cassette; its path when empty.
    """
    document = document or spec()
    held = exchanges(tape)
    heard = callbacks(tape)
    where = {id(each.exchange): each for each in (*held, *heard)}
    seen: set[Finding] = set()
    for verdict in _verdicts(tape, document, held, heard):
        if verdict.held or verdict.exchange is None:
            continue
        finding = _finding(tape, document, verdict, where[id(verdict.exchange)], name)
        if finding not in seen:
            seen.add(finding)
            yield finding


def _verdicts(tape: Tape, document: Spec, held: list[Held], heard: list[Held]) -> Iterator[Verdict]:
    each = [one.exchange for one in held]
    for exchange in each:
        yield from answers.judge(document, exchange)
        yield from _accepted(document, exchange)
    yield from lifecycle.judge(
        document,
        [exchange for exchange in each if exchange.status < SERVER_ERROR],
        base_url=tape.origin.gateway,
        key_header=KEY_HEADER,
        tolerance_s=None if tape.origin.documents else TOLERANCE_S,
    )
    yield from called.judge(document, each, [one.exchange for one in heard])


def _accepted(document: Spec, exchange: Exchange) -> Iterator[Verdict]:
    """What was accepted must be what the documents allow."""
    operation = document.operation(exchange.method, exchange.url)
    if operation is None or exchange.status != operation.success or exchange.method != "POST":
        return
    pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
    for broken in document.broken(pointer, exchange.request_json):
        seen = f"{broken.place or '/'}: accepted, though {broken.message}"
        yield Verdict(answers.SCHEMA, operation.name, broken.pointer, seen, exchange)


def _exchange(interaction: Interaction) -> Exchange:
    asked, answered = interaction.asked, interaction.answered
    return Exchange(
        method=asked.method,
        url=asked.url,
        status=answered.status,
        request_headers=asked.headers,
        request_body=asked.body,
        headers=answered.headers,
        body=answered.body,
        at=lifecycle.moment(interaction.at) or 0.0,
    )


def callbacks(tape: Tape) -> list[Held]:
    """Every callback, whose request is judged as an answer is."""
    return [
        Held(
            Exchange(
                method=call.asked.method,
                url=call.asked.url,
                status=200,
                headers=call.asked.headers,
                body=call.asked.body,
            ),
            call.pointer,
            f"{call.pointer}/request/body",
        )
        for call in tape.callbacks
    ]


def _finding(tape: Tape, document: Spec, verdict: Verdict, held: Held, name: str) -> Finding:
    match = _PLACE.match(verdict.seen)
    place = match[1].rstrip("/") if match else ""
    line = tape.line(f"{held.body}/json{place}" if match else held.pointer)
    rulings = ", ".join(verdict.rule.rulings or document.rulings(verdict.pointer))
    stated = document.line(verdict.pointer) if verdict.pointer else "the contract suite"
    rule = f"{verdict.rule.says} ({stated}{f'; {rulings}' if rulings else ''})"
    what = f"{verdict.operation} {_stem(held.exchange)}: {_general(verdict.seen)}"
    return Finding(f"{name or tape.path}:{line}", what, rule, verdict.rule.advice)


def _stem(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.status}" if urlsplit(exchange.url).path else ""


def _general(seen: str) -> str:
    for pattern, word in _VARIES:
        seen = pattern.sub(word, seen)
    return seen
