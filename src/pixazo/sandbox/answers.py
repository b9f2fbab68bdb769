"""Bodies to the letter of the document: its examples, with this job's facts filled in."""

from __future__ import annotations

import copy
import http
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from pixazo.sandbox.document import Document, Operation
from pixazo.sandbox.jobs import Job
from pixazo.sandbox.pointers import fill, hits
from pixazo.sandbox.types import Json

__all__ = [
    "direct_answer",
    "error_body",
    "invalid_body",
    "model_not_found",
    "receipt",
    "status_body",
    "twisted",
]

Body = dict[str, Json]


def error_body(document: Document, operation: Operation | None, status: int) -> Body:
    """The documented body of an error status, to the letter."""
    examples = _error_examples(document, operation, status)
    return copy.deepcopy(examples[0]) if examples else _made_up(status)


def invalid_body(document: Document, operation: Operation | None, message: str) -> Body:
    """The body for a request that breaks a rule: the documented title, and which rule."""
    examples = _error_examples(document, operation, 400)
    plain = [e for e in examples if _named_model(document, e) is None] or [_made_up(400)]
    return {**plain[-1], "message": message}


def model_not_found(document: Document, operation: Operation) -> Body:
    """The body for a model that is unknown or switched off."""
    for example in _error_examples(document, operation, 400):
        if (named := _named_model(document, example)) is not None:
            message = str(example["message"]).replace(f"'{named}'", f"'{operation.model_id}'")
            return {**example, "message": message}
    return error_body(document, operation, 400)


def receipt(document: Document, operation: Operation, job: Job, status_url: str) -> Body:
    """The answer to a queued submission."""
    example = cast("Body", next(iter(operation.answers[operation.success].values())))
    return {
        **copy.deepcopy(example),
        "request_id": job.request_id,
        "status": document.words["pending"][0],
        "polling_url": status_url,
    }


def status_body(document: Document, job: Job, now: float) -> Body:
    """How a job stands at `now`: the documented example for its word, with its facts."""
    word = job.timeline.word(now)
    media = document.models[job.model_id].media
    body = copy.deepcopy(_status_example(document, word, media))
    facts: Body = {
        "request_id": job.request_id,
        "status": word,
        "model_id": job.model_id,
        "error": job.error,
        "created_at": iso(job.timeline.created_at),
        "updated_at": iso(job.timeline.updated_at(now)),
        "completed_at": iso(job.timeline.ends_at) if job.timeline.ended(now) else None,
    }
    body |= {name: fact for name, fact in facts.items() if body.get(name) is not None}
    return _with_media(body, document.models[job.model_id], job)


def twisted(body: Body, job: Job, completed: Sequence[str]) -> Body:
    """A status body after the faults that its job carries.

    Args:
        body: the good one.
        job: whose faults apply.
        completed: the words that come with media.
    """
    if "no-times" in job.twists:
        body = {name: value for name, value in body.items() if not name.endswith("_at")}
    if body.get("status") not in completed:
        return body
    if "null-output" in job.twists:
        return {**body, "output": None}
    output = body.get("output")
    if isinstance(output, dict):
        for name, value in output.items():
            if isinstance(value, list) and "bare-url" in job.twists:
                output[name] = value[0]
            if isinstance(value, list) and "no-media" in job.twists:
                output[name] = []
    return body


def direct_answer(operation: Operation, job: Job, shape: str | None = None) -> Body:
    """The answer of a direct model.

    Args:
        operation: the model's operation.
        job: whose media are answered.
        shape: name of the documented example to answer in; the first when None, the last when
            there is none of that name.
    """
    examples = operation.answers[operation.success]
    every = list(examples.values())
    example = every[0] if shape is None else examples.get(shape, every[-1])
    return _with_media(cast("Body", copy.deepcopy(example)), operation, job)


def iso(moment: float) -> str:
    """A moment as the gateway writes it: `2026-11-22T09:30:12.000Z`."""
    text = datetime.fromtimestamp(round(moment, 3), UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _status_example(document: Document, word: str, media: Sequence[str]) -> Body:
    """Return the example of a status word; a model whose media stand elsewhere has its own."""
    examples = [cast("Body", e) for e in document.status.answers[200].values()]
    same = [example for example in examples if example.get("status") == word]
    if same:
        own = (e for e in same if any(hits(e, pointer) for pointer in media))
        return next(own, same[0])
    return [e for e in examples if e.get("status") in document.words["pending"]][-1]


def _with_media(body: Body, operation: Operation, job: Job) -> Body:
    _tell(body, _facts(job, 0))
    pointer = next((p for p in operation.media if hits(body, p)), None)
    if pointer is None:
        return body
    urls: Sequence[Json] = list(job.media_urls)
    return cast("Body", fill(body, pointer, urls, lambda item, at: _tell(item, _facts(job, at))))


def _facts(job: Job, index: int) -> Body:
    """What an example says of a job, by the names that the documents use."""
    width, height = job.work.size
    return {
        "request_id": job.request_id,
        "file_name": job.work.file_names[index],
        "content_type": job.work.media_type,
        "width": width,
        "height": height,
        "image_count": len(job.media_urls),
    }


def _tell(value: Json, facts: Body) -> None:
    if isinstance(value, list):
        for item in value:
            _tell(item, facts)
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in facts and not isinstance(inner, dict | list):
                value[name] = facts[name]
            else:
                _tell(inner, facts)


def _error_examples(document: Document, operation: Operation | None, status: int) -> list[Body]:
    """Examples of an error status: the operation's own, else any that the document has."""
    asked = [operation] if operation and status in operation.answers else document.operations
    for candidate in asked:
        if status in candidate.answers:
            return [cast("Body", example) for example in candidate.answers[status].values()]
    return []


def _named_model(document: Document, example: Body) -> str | None:
    message = str(example.get("message", ""))
    return next((m for m in document.models if f"'{m}'" in message), None)


def _made_up(status: int) -> Body:
    phrase = http.HTTPStatus(status).phrase
    return {"error": phrase, "message": http.HTTPStatus(status).description or phrase}
