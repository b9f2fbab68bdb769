"""Reading what the gateway sent, leniently: an id and a status are enough to go on.

Nothing here raises on a missing, extra, null or mistyped field or an unknown word. What deviates
from the specification is kept beside the raw answer and logged once in the process.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from pixazo_openapi.catalogue import MODELS, STATUS
from pixazo_openapi.entries import Model, Outcome
from pixazo_openapi.errors import abbreviate
from pixazo_openapi.schema import problems, reference

from pixazo.settings import usable_id
from pixazo.steps import Reply

__all__ = [
    "Delivery",
    "Deviation",
    "Receipt",
    "Status",
    "body_of",
    "excerpt",
    "log_once",
    "model_of",
    "read_delivery",
    "read_receipt",
    "read_status",
]

LONGEST_EXCERPT = 200
YEARS = range(2000, 2200)  # a clock that was never set names another

_MEDIA = {at: at.split("/")[1:] for model in MODELS.values() for at in model.media}
_LOOPBACK = re.compile(r"^http://(?:127\.0\.0\.1|\[::1\])(?=[:/])")
_ADDRESS = re.compile(r"https?://[^\s/?#\\]+\S*", re.IGNORECASE)

log = logging.getLogger("pixazo")
_said: set[str] = set()


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where an answer is not as the specification says.

    Args:
        pointer: The place in the answer, as a JSON pointer.
        what: What is odd there.
    """

    pointer: str
    what: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.what}"


@dataclass(frozen=True, slots=True)
class Status:
    """How a job is doing.

    Args:
        request_id: The gateway's id of the request.
        status: The gateway's word: QUEUED, PROCESSING, COMPLETED, FAILED, ERROR or a new one.
        outcome: What the word means: pending, succeeded, failed, failed-not-charged.
        elapsed_s: Seconds since the job was submitted, or since the wait began.
        error: What the gateway says went wrong.
        media: The addresses of the media.
        model_id: The model that works on it.
        created_at: When the gateway took the request.
        completed_at: When the gateway was done with it.
        deviations: What is not as the specification says.
        raw: The answer as it came.
    """

    request_id: str
    status: str
    outcome: Outcome = "pending"
    elapsed_s: float = 0.0
    error: str | None = None
    media: tuple[str, ...] = ()
    model_id: str | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None
    deviations: tuple[Deviation, ...] = field(default=(), repr=False)
    raw: Any = field(default=None, repr=False, compare=False)

    @property
    def done(self) -> bool:
        """Whether the job has ended, well or badly."""
        return self.outcome != "pending"

    @property
    def duration_s(self) -> float | None:
        """The gateway's own time for the job, in seconds, when it names both ends."""
        if self.created_at is None or self.completed_at is None:
            return None
        return max(0.0, (self.completed_at - self.created_at).total_seconds())

    @property
    def lacks_media(self) -> bool:
        """Whether the job is done and no media are named that can be fetched; look again."""
        return not self.media and STATUS.outcomes.get(self.status) == "succeeded"

    def __str__(self) -> str:
        return self.status


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a queued model answers to a submission.

    Args:
        request_id: The id; empty when the answer names none that could be used.
        status: The job's first status.
    """

    request_id: str
    status: Status


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a direct model answers.

    Args:
        media: The addresses of the media.
        deviations: What is not as the specification says.
        raw: The answer as it came.
    """

    media: tuple[str, ...]
    deviations: tuple[Deviation, ...]
    raw: Any = field(repr=False)


def body_of(reply: Reply) -> object:
    """Return the answer's JSON value; None when there is none, as for HTML or half an answer.

    Its texts can be printed and written to any file: what is no letter is replaced.
    """
    try:
        text = reply.content.decode(json.detect_encoding(reply.content), "replace")
        body: object = json.loads(text)
        if "\\ud" in text.lower():  # the escape of half a letter stands for nothing
            body = json.loads(_paired(json.dumps(body, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return body


def _paired(text: str) -> str:
    """Return a text whose surrogates are letters when they come in pairs, else replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def excerpt(reply: Reply) -> str:
    """Return a short text of what the answer says, whatever it is made of."""
    body = _fields(body_of(reply))
    if body:
        words = [text for name in ("error", "message") if (text := _text(body.get(name)))]
        return _cut(": ".join(dict.fromkeys(words)) or json.dumps(body))
    text = reply.content[: 16 * LONGEST_EXCERPT].decode("utf-8", "replace")
    return _cut(" ".join(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", text, flags=re.S).split()))


def _cut(text: str) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= LONGEST_EXCERPT else text[:LONGEST_EXCERPT] + "…"


def read_receipt(reply: Reply, model: Model, known_url: str) -> Receipt:
    """Return the receipt in an answer of success.

    Args:
        reply: The answer.
        model: The model that was asked.
        known_url: The status address's start; another `polling_url` is noted and never fetched.
    """
    body = _fields(body_of(reply))
    found = body.get("request_id")
    found = str(found) if type(found) is int else found
    request_id = found if isinstance(found, str) and usable_id(found) else ""
    odd = [*_against(model.response_schema, body), *_other_code(reply, model.success_status)]
    url = body.get("polling_url")
    if isinstance(url, str) and not _here(url).startswith(_here(known_url)):
        odd.append(Deviation("/polling_url", f"leads elsewhere ({abbreviate(url)}); not fetched"))
    status = _status(body, request_id, odd, model)
    return Receipt(request_id, status)


def _here(url: str) -> str:
    """Return an address in which this machine has one name; a sandbox cannot know by which."""
    return _LOOPBACK.sub("http://localhost", url)


def read_status(reply: Reply, request_id: str) -> Status | None:
    """Return the status in an answer; None when it holds none of this request (R33).

    An empty answer holds none, nor does one that is no JSON object or names another request.
    """
    fields = _fields(body_of(reply))
    named = fields.get("request_id")
    if not fields or _names_another(named, request_id):
        return None
    odd = _against(STATUS.response_schema, fields)
    if named is not None and named != request_id:
        odd.append(Deviation("/request_id", f"is no id of this gateway: {abbreviate(named)}"))
    return _status(fields, request_id, odd, model_of(request_id, fields.get("model_id")))


def _names_another(named: object, request_id: str) -> bool:
    """Return whether this is the id of another request: each begins with a model's name (R28)."""
    if not isinstance(named, str) or model_of(word := named.strip().lower()) is None:
        return False
    return not f"_{word}".endswith(f"_{request_id.lower()}")  # ours may lack the model's name


def read_delivery(reply: Reply, model: Model) -> Delivery:
    """Return what a direct model delivers."""
    body = body_of(reply)
    odd = [*_against(model.response_schema, body), *_other_code(reply, model.success_status)]
    media, strange = _media(body, model)
    return Delivery(media, _noted(model.model_id, [*odd, *strange]), body)


def model_of(request_id: str, named: object = None) -> Model | None:
    """Return the model of a request: as named, or as its id begins."""
    if isinstance(named, str) and named in MODELS:
        return MODELS[named]
    fitting = [name for name in MODELS if request_id.startswith(f"{name}_")]
    return MODELS[max(fitting, key=len)] if fitting else None


def log_once(key: str, message: str, *values: object) -> None:
    """Log a warning the first time that the process meets this key."""
    if key not in _said and len(_said) < 10_000:
        _said.add(key)
        log.warning(message, *values)


def _status(
    body: Mapping[str, Any], request_id: str, odd: list[Deviation], model: Model | None
) -> Status:
    media, strange = _media(body, model)
    word, outcome, odd_word = _outcome(body.get("status"), media)
    created, completed = _instant(body.get("created_at")), _instant(body.get("completed_at"))
    where = model.model_id if model else "status"
    return Status(
        request_id=request_id,
        status=word,
        outcome=outcome,
        error=_text(body.get("error")) or None,
        media=media,
        model_id=model.model_id if model else None,
        created_at=created,
        completed_at=completed,
        deviations=_noted(where, [*odd, *strange, *odd_word]),
        raw=body,
    )


def _outcome(word: object, media: tuple[str, ...]) -> tuple[str, Outcome, list[Deviation]]:
    """Return the word, what it means, and what is odd; unknown words are pending (R39)."""
    if isinstance(word, str) and word.strip():
        upper = word.strip().upper()
        if upper in STATUS.outcomes:
            odd = [] if word == upper else [Deviation("/status", f"is written {abbreviate(word)}")]
            return upper, STATUS.outcomes[upper], odd
        return _cut(word.strip()), "pending", [Deviation("/status", f"unknown: {abbreviate(word)}")]
    if media:  # no word at all, but a result: done
        done = next(name for name, means in STATUS.outcomes.items() if means == "succeeded")
        return done, "succeeded", [Deviation("/status", "is missing beside media")]
    shown = "" if word is None else _cut(json.dumps(word))
    return shown, "pending", [Deviation("/status", f"is not a word: {abbreviate(word)}")]


def _media(body: object, model: Model | None) -> tuple[tuple[str, ...], list[Deviation]]:
    """Return the addresses of the media, looked for where any model has them."""
    for pointer in dict.fromkeys([*(model.media if model else ()), *_MEDIA]):
        found = tuple(_at(body, _MEDIA[pointer]))
        if found:
            odd = model is not None and pointer not in model.media
            return found, [Deviation(pointer, "holds the media")] if odd else []
    return (), []


def _at(value: object, way: list[str]) -> Iterator[str]:
    """Yield the addresses where the pointer leads; one may stand for what holds it (R40)."""
    if isinstance(value, str):
        if _ADDRESS.fullmatch(value.strip()):
            yield value.strip()
    elif way and isinstance(value, list) and way[0] == "*":
        for item in cast("list[object]", value):
            yield from _at(item, way[1:])
    elif way and isinstance(value, dict):
        steps = way[1:] if way[0] == "*" else way  # one object in place of a list of one
        fields = cast("dict[str, object]", value)
        yield from _at(fields.get(steps[0]), steps[1:]) if steps else ()


def _instant(value: object) -> datetime | None:
    """Return a sensible point in time, however it is written; UTC when it does not say (R44)."""
    try:
        if isinstance(value, str):
            instant = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            instant = datetime.fromtimestamp(value / (1000 if value > 1e11 else 1), UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    if instant.year not in YEARS:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _text(value: object) -> str:
    if isinstance(value, str):
        return _cut(value.strip())
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return _text(fields.get("message")) or _cut(json.dumps(value))
    return "" if value in (None, False, [], 0) else _cut(json.dumps(value))


def _fields(body: object) -> dict[str, Any]:
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _against(name: str, body: object) -> list[Deviation]:
    found = problems(body, reference(name))
    return [Deviation(bad.pointer, f"{bad.rule}, not {abbreviate(bad.value)}") for bad in found]


def _other_code(reply: Reply, expected: int) -> list[Deviation]:
    if reply.status_code == expected:
        return []
    return [Deviation("", f"status code {reply.status_code}, not {expected}")]


def _noted(where: str, odd: Iterable[Deviation]) -> tuple[Deviation, ...]:
    found = tuple(dict.fromkeys(odd))
    for deviation in found:
        key = f"{where} {deviation.pointer} {re.sub(r'[0-9]+', '#', deviation.what)}"
        log_once(key, "an answer of %s deviates from the specification: %s", where, deviation)
    return found
