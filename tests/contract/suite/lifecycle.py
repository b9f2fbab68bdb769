"""Layer 2, pure: what holds over a list of exchanges, on any target and in any recording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from tests.contract.suite.exchange import Exchange
from tests.contract.suite.spec import Spec
from tests.contract.suite.verdicts import Rule, Verdict, rule

__all__ = ["ENDS", "Life", "judge", "lives", "moment"]

_LOOPBACK = re.compile(r"(?<=^http:)//(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?=[:/])")
RECEIPT = "/components/schemas/SubmitReceipt/properties"
STATUS = "/components/schemas/RequestStatus/properties"
OPERATION = "/paths/~1v2~1requests~1status~1{request_id}/get"

PREFIX = rule(
    "id-prefix",
    2,
    "A fresh id begins with the model's id and an underscore",
    "Logs and lists cannot tell which model an id belongs to.",
    pointer="/components/schemas/RequestId",
)
FRESH = rule(
    "id-fresh",
    2,
    "No two jobs have the same id",
    "A caller gets somebody else's picture, or loses a paid one.",
    pointer="/components/schemas/RequestId",
)
POLLING_URL = rule(
    "polling-url",
    2,
    "polling_url is the status operation of the same host for this very id",
    "Clients that follow it ask in vain, or send their key to a stranger.",
    pointer=f"{RECEIPT}/polling_url",
)
DIRECT_FRESH = rule(
    "direct-id-fresh",
    2,
    "No two direct answers have the same id",
    "Two calls cannot be told apart in logs, nor named to the gateway's people.",
    pointer="/components/schemas/ChoicesAnswer/properties/request_id",
    rulings=("R85",),
)
KNOWN = rule(
    "id-known",
    2,
    "A known id is always answered 200",
    "A paid job looks lost.",
    pointer=OPERATION,
    rulings=("R45",),
)
SAME_ID = rule(
    "status-names-job",
    2,
    "A status answer names the job that was asked for",
    "Answers are taken for those of another job.",
    pointer=f"{STATUS}/request_id",
)
SAME_MODEL = rule(
    "status-names-model",
    2,
    "A status answer names the model that was submitted to",
    "Results are read and billed as another model's.",
    pointer=f"{STATUS}/model_id",
    rulings=("R05",),
)
MOVES = rule(
    "moves",
    2,
    "A job only makes documented moves, and none after its end",
    "Clients that stopped at the end show a wrong outcome.",
    pointer=f"{OPERATION}/x-pixazo/moves",
    rulings=("R37", "R38"),
)
END_STAYS = rule(
    "end-stays",
    2,
    "An ended job is answered the same, byte for byte",
    "A result that was announced cannot be relied on.",
    pointer=OPERATION,
    rulings=("R37", "R45"),
)
CONSTANTS = rule(
    "constants",
    2,
    "What a status answer once said of created_at stays",
    "Durations and lists are wrong.",
    pointer=f"{STATUS}/created_at",
)
ORDERED = rule(
    "times-ordered",
    2,
    "created_at is not after updated_at, nor updated_at after completed_at when ended",
    "Durations come out negative.",
    pointer=f"{STATUS}/completed_at",
    rulings=("R44",),
)
FORWARD = rule(
    "times-forward",
    2,
    "updated_at never goes back",
    "Clients that keep the newest answer keep the wrong one.",
    pointer=f"{STATUS}/updated_at",
    rulings=("R34", "R44"),
)
NEAR = rule(
    "times-near",
    2,
    "Time stamps lie where things happened, between submission and look",
    "Clients learn wrong durations and wait at the wrong time.",
    pointer=f"{STATUS}/created_at",
    rulings=("R44",),
)

ENDS = ("COMPLETED", "FAILED", "ERROR")


@dataclass(slots=True)
class Life:
    """Everything that was seen of one job, in order of time.

    Args:
        owner: the key's variable that submitted it.
        looks: status answers to its owner.
    """

    request_id: str
    model_id: str
    owner: str
    receipts: list[Exchange] = field(default_factory=list[Exchange])
    looks: list[Exchange] = field(default_factory=list[Exchange])


def judge(
    spec: Spec,
    exchanges: Sequence[Exchange],
    *,
    base_url: str,
    key_header: str,
    tolerance_s: float | None = 60.0,
) -> Iterator[Verdict]:
    """Hold a list of exchanges to the rules of a job's life.

    Args:
        spec: the document.
        exchanges: in order of time; other traffic may lie between.
        base_url: the gateway's address as the caller wrote it.
        key_header: whose value tells owners apart.
        tolerance_s: how far the target's clock may be off; None leaves the hour out.
    """
    found = lives(spec, exchanges, key_header)
    for life in found.values():
        yield from _receipts(spec, life, base_url)
        yield from _looks(spec, life)
        if tolerance_s is not None:
            yield from _hours(life, tolerance_s)
    yield from _direct(spec, exchanges)


def _direct(spec: Spec, exchanges: Sequence[Exchange]) -> Iterator[Verdict]:
    """Hold that each direct answer has an id of its own."""
    known: dict[str, Exchange] = {}
    for exchange in exchanges:
        operation = spec.operation(exchange.method, exchange.url)
        request_id = _text(exchange.json, "request_id") if exchange.status == 200 else ""
        if operation is None or operation.name == "status" or not request_id:
            continue
        seen = f"{request_id!r} was given again" if request_id in known else ""
        known[request_id] = exchange
        yield Verdict(DIRECT_FRESH, operation.name, DIRECT_FRESH.pointer, seen, exchange)


def lives(spec: Spec, exchanges: Sequence[Exchange], key_header: str) -> Mapping[str, Life]:
    """Sort exchanges by the job that they belong to."""
    found: dict[str, Life] = {}
    for exchange in exchanges:
        operation = spec.operation(exchange.method, exchange.url)
        if operation is None or exchange.probe:
            continue
        owner = exchange.request_headers.get(key_header, "")
        if operation.name != "status":
            request_id = _text(exchange.json, "request_id") if exchange.status == 202 else ""
            if request_id:
                life = found.setdefault(request_id, Life(request_id, operation.name, owner))
                life.receipts.append(exchange)
            continue
        asked = found.get(unquote(exchange.path.rpartition("/")[2]))
        if asked is not None and asked.owner == owner:
            asked.looks.append(exchange)
    return found


def _receipts(spec: Spec, life: Life, base_url: str) -> Iterator[Verdict]:
    first = life.receipts[0]

    def told(broken: Rule, seen: str, evidence: Exchange = first) -> Verdict:
        return Verdict(broken, life.model_id, broken.pointer, seen, evidence)

    wrong = not life.request_id.startswith(f"{life.model_id}_")
    yield told(PREFIX, f"{life.request_id!r} of {life.model_id}" if wrong else "")
    again = life.receipts[1:]
    evidence = again[0] if again else first
    yield told(FRESH, f"{life.request_id!r} was given again" if again else "", evidence)
    wanted = base_url.rstrip("/") + spec.status.path.replace("{request_id}", life.request_id)
    for receipt in life.receipts:
        given = _text(receipt.json, "polling_url")
        same = given == wanted or _here(given) == _here(wanted)
        seen = "" if same else f"{given!r}, expected {wanted!r}"
        yield told(POLLING_URL, seen, receipt)


def _here(url: str) -> str:
    """An address in which this machine has one name: a gateway cannot know which was used."""
    return _LOOPBACK.sub("//127.0.0.1", url, count=1)


def _looks(spec: Spec, life: Life) -> Iterator[Verdict]:
    moves: Mapping[str, list[str]] = spec.status.extension["moves"]
    before: Exchange | None = None
    for look in life.looks:
        if look.failure or look.status == 429:
            continue
        known = "" if look.status == 200 else f"{look.status} for an id that was given out"
        yield Verdict(KNOWN, "status", OPERATION, known, look)
        if look.status != 200 or not isinstance(look.json, dict):
            continue
        yield from _names(life, look)
        yield from _order(look)
        if before is not None:
            yield from _step(moves, before, look)
        before = look


def _names(life: Life, look: Exchange) -> Iterator[Verdict]:
    for broken, name, wanted in (
        (SAME_ID, "request_id", life.request_id),
        (SAME_MODEL, "model_id", life.model_id),
    ):
        given = look.json.get(name)
        seen = "" if given == wanted else f"{name}={given!r}, expected {wanted!r}"
        yield Verdict(broken, "status", broken.pointer, seen, look)


def _step(moves: Mapping[str, list[str]], before: Exchange, look: Exchange) -> Iterator[Verdict]:
    was, now = _text(before.json, "status"), _text(look.json, "status")
    allowed = was == now or now in moves.get(was, [now])
    seen = "" if allowed else f"{was} → {now}"
    yield Verdict(MOVES, "status", f"{MOVES.pointer}/{was}", seen, look)
    if was in ENDS:
        seen = "" if look.body == before.body else _difference(before.json, look.json)
        yield Verdict(END_STAYS, "status", OPERATION, seen, look)
    first, then = before.json.get("created_at"), look.json.get("created_at")
    if first is not None and then is not None:
        seen = "" if first == then else f"created_at was {first}, now {then}"
        yield Verdict(CONSTANTS, "status", CONSTANTS.pointer, seen, look)
    old, new = moment(before.json.get("updated_at")), moment(look.json.get("updated_at"))
    if old is not None and new is not None:
        seen = "" if old <= new else f"updated_at went back by {old - new:g} s"
        yield Verdict(FORWARD, "status", FORWARD.pointer, seen, look)


def _difference(before: Any, now: Any) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        names = [n for n in {**before, **now} if before.get(n, "∅") != now.get(n, "∅")]
        if names:
            return "; ".join(f"{n}: {before.get(n, '∅')!r} → {now.get(n, '∅')!r}" for n in names)
    return "other bytes than before"


def _order(look: Exchange) -> Iterator[Verdict]:
    times = [moment(look.json.get(f"{name}_at")) for name in ("created", "updated", "completed")]
    known = [time for time in times if time is not None]
    if len(known) > 1:
        seen = (
            ""
            if known == sorted(known)
            else f"{ {k: v for k, v in look.json.items() if k.endswith('_at')} }"
        )
        yield Verdict(ORDERED, "status", ORDERED.pointer, seen, look)


def _hours(life: Life, tolerance_s: float) -> Iterator[Verdict]:
    submitted = life.receipts[0]
    pending = submitted.at
    for look in life.looks:
        if look.status != 200 or not isinstance(look.json, dict):
            continue
        latest = look.at + look.elapsed_s
        between = {
            "created_at": (submitted.at, submitted.at + submitted.elapsed_s),
            "updated_at": (submitted.at, latest),
            "completed_at": (pending, latest),
        }
        for name, (first, last) in between.items():
            told = moment(look.json.get(name))
            if told is None:
                continue
            off = max(first - told, told - last, 0.0)
            seen = f"{name} is {off:.0f} s off" if off > tolerance_s else ""
            yield Verdict(NEAR, "status", f"{STATUS}/{name}", seen, look)
        if _text(look.json, "status") not in ENDS:
            pending = look.at


def moment(value: object) -> float | None:
    """Epoch seconds of a zoned time stamp; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.timestamp() if read.tzinfo else None


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
