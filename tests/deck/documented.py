"""Cassettes of the documents' answer shapes, made from the examples of the spec: no traffic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pixazo_openapi.catalogue import MODELS, SERVER, STATUS, Model
from pixazo_openapi.requests import request_class
from pixazo_openapi.schema import document

from tests.deck.bodies import wire
from tests.deck.journeys import UNKNOWN_ID, example, example_answers
from tests.deck.library import Recorded
from tests.deck.origin import Origin, operations
from tests.deck.persister import Persister
from tests.deck.types import Json, Tree

__all__ = ["Shape", "make", "shapes"]

RECORDED_FROM = "documents (the examples of spec/openapi.yaml: facts of the pages, own words)"
JSON_TYPE = {"content-type": "application/json"}
ERRORS = {
    "model_not_found": "ModelNotFound", "invalid": "BadRequest", 401: "Unauthorized",
    402: "InsufficientBalance", 403: "Forbidden", 404: "RequestNotFound", 429: "RateLimited",
    500: "GatewayFailure",
}  # fmt: skip
TRIES = 5  # a client's default; 429 and 500 are asked again


@dataclass(frozen=True, slots=True)
class Shape:
    """One answer shape of the documents, as a journey.

    Args:
        model: The model that is asked.
        name: What the cassette is called.
        about: The shape, in words.
        answers: Method, path, status and body of every answer, in order.
        ends: How the journey ends.
        look: The id that is looked at, instead of sending a request.
    """

    model: Model
    name: str
    about: str
    answers: tuple[tuple[str, str, int, Json], ...]
    ends: Tree
    look: str = ""


def shapes() -> Iterator[Shape]:
    """Every documented answer shape: receipts, states, direct answers, error bodies."""
    for model in MODELS.values():
        if model.mode == "queued":
            yield _queued(model, "completed")
        else:
            yield from _direct(model)
    some = next(model for model in MODELS.values() if _status_model() == model.model_id)
    yield from (_queued(some, end) for end in ("failed", "error"))
    yield from _refusals(some)
    yield _unknown(some)


def make(shape: Shape, folder: Path, *, today: str) -> Path:
    """Write the cassette of a shape and return its file."""
    path = folder / shape.model.model_id / f"documented-{shape.name}.yaml"
    journey: Tree = {"model": shape.model.model_id, "about": shape.about}
    if shape.look:
        journey["look"] = shape.look
    else:
        request = request_class(shape.model.model_id)(**example(shape.model, "minimum"))
        journey |= {"request": cast("Json", request.to_dict()), "saves": False}
    persister = Persister(
        origin=Origin(RECORDED_FROM, SERVER, today, "nothing"),
        journey={**journey, "ends": shape.ends},
    )
    pairs = [_pair(shape, *answer) for answer in shape.answers]
    kept = {"requests": [pair[0] for pair in pairs], "responses": [pair[1] for pair in pairs]}
    persister.save_cassette(path, kept, None)
    return path


def _pair(
    shape: Shape, method: str, path: str, status: int, body: Json
) -> tuple[Recorded, dict[str, Any]]:
    asked = b""
    headers = dict(shape.model.headers) if method == "POST" else {"cache-control": "no-cache"}
    if method == "POST":
        model = shape.model
        asked = wire(request_class(model.model_id)(**example(model, "minimum")).to_body())
        headers = {"cache-control": "no-cache", **JSON_TYPE}
    answer = {
        "status": {"code": status, "message": None},
        "headers": {name: [value] for name, value in JSON_TYPE.items()},
        "body": {"string": wire(body)},
    }
    return Recorded(method, SERVER + path, asked, headers), answer


def _states() -> dict[str, dict[str, Any]]:
    answers = operations()[STATUS.operation_id][2]["responses"]["200"]["content"]
    examples = answers["application/json"]["examples"]
    return {name: told["value"] for name, told in examples.items()}


def _status_model() -> str:
    return str(_states()["completed"]["model_id"])


def _queued(model: Model, end: str) -> Shape:
    """A receipt, then every state up to `end`; the examples speak of one model, so names change."""
    receipt = next(iter(example_answers(model).values()))
    words = ("queued", "processing", end, end, end)
    states = [_renamed(_states()[word], model, receipt["request_id"]) for word in words]
    path = STATUS.path.replace("{request_id}", receipt["request_id"])
    last = states[-1]
    ends: Tree = {"words": [str(_states()[word]["status"]) for word in words[:3]]}
    if last["output"]:
        ends["result"] = {
            "media": len(last["output"]["media_url"]), "saved": [], "deviations": [],
        }  # fmt: skip
    else:
        charged = STATUS.charged[str(last["status"])]
        name = "JobErrored" if end == "error" else "JobFailed"
        ends["error"] = {"is": name, "charged": charged}
    answers = (
        ("POST", model.path, model.success_status, receipt),
        *(("GET", path, 200, s) for s in states),
    )
    return Shape(model, end, f"The documented receipt, states and {end} answer.", answers, ends)


def _renamed(state: dict[str, Any], model: Model, request_id: str) -> dict[str, Any]:
    named, before = str(state["request_id"]), len(str(state["model_id"]))
    text = json.dumps(state).replace(named, request_id)
    # An address of a medium holds the first group of the id.
    text = text.replace(named[: before + 9], request_id[: len(model.model_id) + 9])
    return {**json.loads(text), "model_id": model.model_id}


def _direct(model: Model) -> Iterator[Shape]:
    for name, body in example_answers(model).items():
        answers = (("POST", model.path, model.success_status, cast("Json", body)),)
        ends: Tree = {"result": {"media": 1, "saved": [], "deviations": []}}
        yield Shape(model, name, f"The documented answer, form {name}.", answers, ends)


def _refusals(model: Model) -> Iterator[Shape]:
    responses = operations()[model.operation_id][2]["responses"]
    for status in model.error_statuses:
        told = responses[str(status)]
        if "$ref" in told:
            told = document()["components"]["responses"][told["$ref"].rpartition("/")[2]]
        for name, said in told["content"]["application/json"]["examples"].items():
            error = ERRORS.get(name) or ERRORS[status]
            tries = TRIES if status in (429, 500) else 1
            answers = (("POST", model.path, status, cast("Json", said["value"])),) * tries
            ends: Tree = {"error": {"is": error, "charged": "no"}}
            if error != "GatewayFailure":
                ends["error"] = {"is": error, "charged": "no", "status": status}
            title = f"{status}-{name.replace('_', '-')}"
            yield Shape(model, title, f"The documented body of a {status}.", answers, ends)


def _unknown(model: Model) -> Shape:
    told = document()["components"]["responses"]["NotFound"]["content"]["application/json"]
    body = cast("Json", next(iter(told["examples"].values()))["value"])
    look = f"{model.model_id}_{UNKNOWN_ID}"
    answers = (("GET", STATUS.path.replace("{request_id}", look), 404, body),)
    ends: Tree = {"error": {"is": "RequestNotFound", "charged": "unknown", "status": 404}}
    return Shape(model, "404-status", "The documented body for an unknown id.", answers, ends, look)
