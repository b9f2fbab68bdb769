"""Layer 1: what holds for every exchange, whoever makes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tests.contract.suite.exchange import NOT_JSON, Exchange
from tests.contract.suite.spec import Operation, Spec
from tests.contract.suite.verdicts import ELSEWHERE, RULES, Rule, Verdict, rule

__all__ = ["INVARIANT_PREFIX", "judge", "judge_body"]

ERROR_BODY = "/components/schemas/ErrorBody"
INVARIANT_PREFIX = "invariant-"
STATUS = "/paths/~1v2~1requests~1status~1{request_id}/get"
_TYPE = re.compile(r"""application/json(\s*;\s*charset="?(?P<charset>[\w-]+)"?)?""", re.I)

ANSWERED = rule(
    "answered", 1, "Every request is answered", "Callers hang or lose what they paid for."
)
STATUS_CODE = rule(
    "status-code",
    1,
    "The status code is documented for the operation",
    "Callers take an error for an unknown state, or a refusal for success.",
    advice="Document the code with a source, or rule it out (R26).",
    rulings=("R19", "R26"),
)
MEDIA_TYPE = rule(
    "media-type",
    1,
    "Answers are application/json",
    "Clients that look at the type do not read the body.",
    rulings=("R10",),
)
UTF8 = rule(
    "utf-8",
    1,
    "Bodies are UTF-8, and no other character set is named",
    "Texts outside ASCII arrive broken, or not at all.",
    rulings=("R10",),
)
JSON = rule("json", 1, "The body is JSON", "Clients fail to parse the answer.", rulings=("R10",))
SCHEMA = rule(
    "schema",
    1,
    "The body keeps to the documented schema, formats included",
    "Typed clients stumble, and fields that callers rely on are missing or odd.",
)
HEADERS = rule(
    "headers",
    1,
    "Documented headers have the documented form",
    "Clients wait for no time at all, or for ever.",
    pointer="/components/responses/TooManyRequests/headers/Retry-After",
)
IN_TIME = rule(
    "in-time",
    1,
    "Answers come within the operation's time-out",
    "Clients give up on an answer that would still have come.",
)
NO_KEY = rule(
    "no-key-in-answers",
    1,
    "No answer repeats the caller's key",
    "Keys end in logs and caches.",
    pointer="/components/securitySchemes/subscriptionKey",
)
NO_TRACE = rule(
    "no-internals",
    1,
    "No answer shows the insides of a program",
    "Strangers learn of paths, versions and code.",
    pointer=ERROR_BODY,
)

_TRACES = re.compile(
    rb"Traceback \(most recent|\bat [\w.$]+\([\w.]+:\d+\)|File \"[^\"]+\", line \d+"
    rb"|<html|<!doctype",
    re.IGNORECASE,
)


def judge(spec: Spec, exchange: Exchange) -> Iterator[Verdict]:
    """Hold one exchange to every rule that needs nothing else.

    Args:
        spec: the document.
        exchange: by anyone: a layer, a cassette, a fuzzer.
    """
    operation = spec.operation(exchange.method, exchange.url)
    name = operation.name if operation else ELSEWHERE
    pointer = operation.pointer if operation else ""
    answered = f"no answer: {exchange.failure}" if exchange.failure else ""
    yield Verdict(ANSWERED, name, pointer, answered, exchange)
    if exchange.failure:
        return
    for broken, at, seen in _everywhere(exchange):
        yield Verdict(broken, name, at or pointer, seen, exchange)
    if operation is None:
        yield from _undocumented(spec, exchange)
        return
    yield _in_time(operation, exchange)
    yield from _documented(spec, operation, exchange)


def _everywhere(exchange: Exchange) -> Iterator[tuple[Rule, str, str]]:
    yield NO_KEY, "", "the key stands in the answer" if exchange.leaked else ""
    trace = _TRACES.search(exchange.body)
    yield NO_TRACE, "", f"the body holds {trace[0][:60]!r}" if trace else ""


def _undocumented(spec: Spec, exchange: Exchange) -> Iterator[Verdict]:
    """Judge what answers outside of the documented paths and methods: JSON, an error, no HTML."""
    if exchange.method == "HEAD" or not exchange.body:
        return
    yield from _encoded(ELSEWHERE, ERROR_BODY, exchange)
    if exchange.json is not NOT_JSON:
        yield from judge_body(spec, ELSEWHERE, ERROR_BODY, exchange)


def _in_time(operation: Operation, exchange: Exchange) -> Verdict:
    late = exchange.elapsed_s > operation.timeout_s
    seen = f"took {exchange.elapsed_s:.1f} s, allowed are {operation.timeout_s:g} s" if late else ""
    return Verdict(
        IN_TIME, operation.name, f"{operation.pointer}/x-pixazo/timeout_s", seen, exchange
    )


def _documented(spec: Spec, operation: Operation, exchange: Exchange) -> Iterator[Verdict]:
    found = spec.response(operation, exchange.status)
    codes = ", ".join(operation.content["responses"])
    seen = "" if found else f"{exchange.status}; documented are {codes}"
    yield Verdict(STATUS_CODE, operation.name, f"{operation.pointer}/responses", seen, exchange)
    pointer, response = found or ("/components/responses/BadRequest", None)
    yield from _encoded(operation.name, f"{pointer}/content", exchange)
    if response is None or exchange.json is NOT_JSON:
        return
    for name in response.get("headers", {}):
        yield from _header(operation, f"{pointer}/headers/{name}", name, exchange)
    schema, _ = spec.follow(f"{pointer}/content/application~1json/schema")
    yield from judge_body(spec, operation.name, schema, exchange)


def _encoded(name: str, pointer: str, exchange: Exchange) -> Iterator[Verdict]:
    told = exchange.headers.get("content-type", "")
    match = _TYPE.fullmatch(told.strip())
    seen = "" if match else f"Content-Type: {told or 'missing'}"
    yield Verdict(MEDIA_TYPE, name, pointer, seen, exchange)
    charset = ((match and match["charset"]) or "utf-8").lower()
    seen = "" if charset in ("utf-8", "utf8") else f"charset={charset}"
    yield Verdict(UTF8, name, pointer, seen or _not_utf8(exchange.body), exchange)
    seen = "" if exchange.json is not NOT_JSON else f"{exchange.body[:80]!r} is no JSON"
    yield Verdict(JSON, name, pointer, seen, exchange)


def _not_utf8(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        return "the body begins with a byte order mark"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8 ({error.reason} at byte {error.start})"
    return ""


def _header(operation: Operation, pointer: str, name: str, exchange: Exchange) -> Iterator[Verdict]:
    value = exchange.headers.get(name.lower())
    if value is not None:
        seen = "" if _is_delay(value) else f"{name}: {value[:80]} is neither seconds nor a date"
        yield Verdict(HEADERS, operation.name, pointer, seen, exchange)


def _is_delay(value: str) -> bool:
    if value.isascii() and value.isdigit():
        return True
    try:
        return value.endswith("GMT") and parsedate_to_datetime(value) is not None
    except ValueError:
        return False


def judge_body(spec: Spec, name: str, pointer: str, exchange: Exchange) -> Iterator[Verdict]:
    """Hold a body to a schema; a status body to the invariants as well.

    Args:
        spec: the document.
        name: the operation in the verdicts.
        pointer: of the schema.
        exchange: whose answer is judged.
    """
    if exchange.json is NOT_JSON:
        yield Verdict(JSON, name, pointer, f"{exchange.body[:80]!r} is no JSON", exchange)
        return
    broken = spec.broken(pointer, exchange.json)
    for each in broken:
        seen = f"{each.place or '/'}: {each.message}"
        yield Verdict(SCHEMA, name, each.pointer, seen, exchange)
    if not broken:
        yield Verdict(SCHEMA, name, pointer, "", exchange)
    if pointer == "/components/schemas/RequestStatus":
        yield from _invariants(spec, name, exchange)


def _invariants(spec: Spec, name: str, exchange: Exchange) -> Iterator[Verdict]:
    for at, invariant in enumerate(spec.invariants):
        base = f"{STATUS}/x-pixazo/invariants/{at}"
        if not spec.holds(f"{base}/when", exchange.json):
            continue
        broken = spec.broken(f"{base}/then", exchange.json)
        seen = "; ".join(f"{each.place or '/'}: {each.message}" for each in broken)
        yield Verdict(_invariant_rule(invariant), name, base, seen, exchange)


def _invariant_rule(invariant: Mapping[str, Any]) -> Rule:
    name = f"{INVARIANT_PREFIX}{invariant['id']}"
    if name not in RULES:
        says = str(invariant["id"]).replace("-", " ").capitalize()
        effect = "Callers read a state that cannot be: an end without an outcome, or the reverse."
        rulings = tuple(invariant.get("rulings", ()))
        rule(name, 1, says, effect, pointer=STATUS + "/x-pixazo/invariants", rulings=rulings)
    return RULES[name]
