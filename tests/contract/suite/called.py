"""Layer 5, pure: what holds of the callbacks that came, on any target and in any recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixazo_openapi.catalogue import KEY_HEADER, MODELS

from tests.contract.suite.answers import judge_body
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lifecycle import ENDS, Life, lives
from tests.contract.suite.spec import Spec
from tests.contract.suite.verdicts import Verdict, rule

__all__ = ["ARRIVES", "AT_END", "BODY", "EQUAL", "KEYLESS", "POSTED", "UNASKED", "Wish"]
__all__ += ["differing", "events_of", "judge", "judge_form", "mistimed", "word_of"]

BODY = "/components/schemas/RequestStatus"
WEBHOOK = "/components/parameters/WebhookUrl"
EVERY = ("start", "complete")

ARRIVES = rule(
    "callback-comes",
    5,
    "A callback comes for each event that was asked for, and no other",
    "Callers that wait to be called wait for ever, or act twice.",
    pointer=WEBHOOK,
    rulings=("R52", "R53", "R54"),
)
POSTED = rule(
    "callback-posted",
    5,
    "A callback is a POST of JSON to the very address that was given",
    "Receivers do not recognise the call.",
    pointer=WEBHOOK,
    rulings=("R51",),
)
KEYLESS = rule(
    "callback-without-key",
    5,
    "A callback carries no key",
    "Whoever reads the receiver's log can spend.",
    pointer="/components/securitySchemes/subscriptionKey",
    rulings=("R55",),
)
EQUAL = rule(
    "callback-equals-status",
    5,
    "A callback says what the status operation says",
    "Callers that trust the call see another outcome than those that ask.",
    pointer=BODY,
    rulings=("R51",),
)
AT_END = rule(
    "callback-at-end",
    5,
    "A callback for the end tells of an end, one for the start of none",
    "Callers fetch results that are not there yet.",
    pointer=BODY,
    rulings=("R52", "R54"),
)
UNASKED = rule(
    "callback-only-when-asked",
    5,
    "Nobody is called for a request that was refused or did not ask",
    "Receivers act on jobs that do not exist.",
    pointer=WEBHOOK,
    rulings=("R52",),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One address that a submission gave.

    Args:
        url: where callbacks shall come to.
        events: `start` and `complete`, as many calls as events.
        route: `header` or `body`.
    """

    url: str
    events: tuple[str, ...]
    route: str


def judge(
    spec: Spec, exchanges: Sequence[Exchange], calls: Sequence[Exchange]
) -> Iterator[Verdict]:
    """Hold recorded callbacks to what the recorded submissions asked for.

    Args:
        spec: the document.
        exchanges: with the gateway, in order of time.
        calls: the callbacks, each with its body in the place of an answer's.
    """
    known: set[str] = set()
    for life in lives(spec, exchanges, KEY_HEADER).values():
        for wish in _wishes(life):
            known.add(wish.url)
            yield from _judge_wish(spec, life, wish, [c for c in calls if c.url == wish.url])
    for call in calls:
        seen = "" if call.url in known else f"{call.url} was given with no accepted submission"
        yield Verdict(UNASKED, "callback", WEBHOOK, seen, call)


def _wishes(life: Life) -> Iterator[Wish]:
    """The addresses that a submission gave, and what shall be told there."""
    model, receipt = MODELS[life.model_id], life.receipts[0]
    if model.webhook is None:
        return
    given = {name.lower(): value for name, value in receipt.request_headers.items()}
    if url := given.get((model.webhook.header or "").lower()):
        yield Wish(url, ("complete",), "header")
    body = receipt.request_json if isinstance(receipt.request_json, dict) else {}
    if url := body.get(model.webhook.body_field):
        yield Wish(url, events_of(body.get(model.webhook.filter_field)), "body")


def events_of(wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The events that a filter names, in order of time; the end without one (R54)."""
    words = ("complete",) if wanted is None else EVERY if "*" in wanted else wanted
    return tuple(event for event in EVERY if event in words)


def _judge_wish(spec: Spec, life: Life, wish: Wish, calls: Sequence[Exchange]) -> Iterator[Verdict]:
    end = next((look for look in life.looks if word_of(look) in ENDS), None)
    if end is not None:
        said = f"{len(calls)} calls ({[word_of(call) for call in calls]}) for {wish.events}"
        seen = "" if len(calls) == len(wish.events) else f"{said}, by {wish.route}"
        yield Verdict(ARRIVES, life.model_id, WEBHOOK, seen, calls[-1] if calls else end)
    for call, event in zip(calls, wish.events, strict=False):
        yield from judge_form(life.model_id, call)
        yield from judge_body(spec, "callback", BODY, call)
        yield Verdict(AT_END, life.model_id, BODY, mistimed(call, event), call)
        yield Verdict(EQUAL, life.model_id, BODY, _differs(spec, life, call), call)


def _differs(spec: Spec, life: Life, call: Exchange) -> str:
    """Why a call is none of this job, or says otherwise than the status answer of its state."""
    told = call.json if isinstance(call.json, dict) else {}
    if told.get("request_id") != life.request_id:
        return f"it names {told.get('request_id')!r}, not {life.request_id!r}"
    same = next((look for look in life.looks if word_of(look) == word_of(call)), None)
    return differing(spec, call.json, same.json) if same is not None else ""


def judge_form(
    name: str, call: Exchange, *, address: str = "", leaked: str = ""
) -> Iterator[Verdict]:
    """Hold that a call is a POST of JSON without a key.

    Args:
        name: of the operation in the verdicts.
        call: with its body in the place of an answer's.
        address: where it went, when that is not where it should.
        leaked: how a key stands in it, when one does.
    """
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    wrong = [] if call.method == "POST" else [call.method]
    wrong += [] if kind == "application/json" else [f"Content-Type: {kind or 'missing'}"]
    wrong += [f"to {address}"] if address else []
    yield Verdict(POSTED, name, POSTED.pointer, ", ".join(wrong), call)
    carried = {KEY_HEADER.lower(), "authorization"} & {header.lower() for header in call.headers}
    seen = leaked or ("the call carries a key header" if carried else "")
    yield Verdict(KEYLESS, name, KEYLESS.pointer, seen, call)


def word_of(exchange: Exchange) -> str:
    """The state that a body tells."""
    told = exchange.json
    return str(told.get("status")) if isinstance(told, Mapping) else "not JSON"


def mistimed(call: Exchange, event: str) -> str:
    """Why a call does not fit its event; empty when it does."""
    fits = (word_of(call) in ENDS) == (event == "complete")
    return "" if fits else f"{word_of(call)} for {event}"


def differing(spec: Spec, told: Any, asked: Any) -> str:
    """Documented fields in which a call and a status answer differ."""
    if not isinstance(told, dict) or not isinstance(asked, dict):
        return "the call holds no object"
    names = [n for n in spec.get(BODY)["properties"] if told.get(n) != asked.get(n)]
    return "; ".join(f"{n}: called {told.get(n)!r}, status {asked.get(n)!r}" for n in names)
