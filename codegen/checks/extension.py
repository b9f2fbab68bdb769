"""Does x-pixazo hold what it may hold, and does what it points at exist?"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

from codegen.catalogue import resolved
from codegen.checks.judge import judge
from codegen.checks.reach import reaches
from codegen.document import Document, SpecProblem, tokens
from codegen.runtime.words import closest

__all__ = ["check"]

_BODY = "requestBody/content/application~1json/schema"

# fmt: off
_TAKEN = {  # what the module of the request classes has besides them
    "Any", "ClassVar", "Final", "JSON", "Literal", "MODELS", "Mapping", "MappingProxyType", "Model",
    "PathLike", "REQUESTS", "Request",
}
# fmt: on


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield what the schema of the extension forbids, then what its pointers miss."""
    path = document.path.with_name("x-pixazo.schema.json")
    if not path.exists():
        yield document.problem("", f"{path.name} is missing beside the document; write it")
        return
    definitions = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    found = [*_judged(document, definitions)] or [*_unique(document)]
    yield from found
    if not found:
        for pointer, _, _, operation in document.operations():
            yield from _operation(document, pointer, operation)


def _judged(document: Document, definitions: Mapping[str, Any]) -> Iterator[SpecProblem]:
    modes = {found[0]: found[3]["x-pixazo"]["mode"] for found in document.operations()}
    places: dict[str, list[str]] = {}
    for pointer, _ in document.walk():
        if pointer.endswith("/x-pixazo"):
            places.setdefault(_kind(pointer, modes), []).append(pointer)
    for pointer in places.pop("", ()):
        yield document.problem(pointer, "x-pixazo means nothing here; move or remove it")
    for kind, pointers in places.items():
        schema = {"$defs": definitions, "$ref": f"#/$defs/{kind}"}
        yield from judge(document, pointers, schema)


def _kind(pointer: str, modes: Mapping[str, str]) -> str:
    """Return the definition that holds for x-pixazo at this place; empty when none does."""
    parent = pointer.removesuffix("/x-pixazo")
    if not parent:
        return "document"
    return "schema" if parent.startswith("/components/schemas/") else modes.get(parent, "")


def _unique(document: Document) -> Iterator[SpecProblem]:
    for key in ("model", "class"):
        seen: set[str] = set()
        for pointer, _, _, operation in document.operations():
            name = operation["x-pixazo"].get(key)
            if name in seen:
                at = f"{pointer}/x-pixazo/{key}"
                yield document.problem(at, f"{key} {name} is taken by another operation; rename it")
            seen.add(name)
    modes = [operation["x-pixazo"]["mode"] for _, _, _, operation in document.operations()]
    if modes.count("status") != 1:
        advice = f"{modes.count('status')} operations have mode status; exactly one must"
        yield document.problem("/paths", advice)


def _operation(
    document: Document, pointer: str, operation: Mapping[str, Any]
) -> Iterator[SpecProblem]:
    extension = operation["x-pixazo"]
    at = f"{pointer}/x-pixazo"
    yield from _codes(document, at, extension, operation)
    yield from _path(document, pointer, extension["mode"])
    if extension["mode"] == "status":
        yield from _states(document, at, extension)
        yield from _status_words(document, pointer, operation)
        yield from _invariants(document, at, extension)
        return
    if "requestBody" not in operation:
        yield document.problem(pointer, f"{extension['model']} has no requestBody; describe it")
        return
    if keyword.iskeyword(extension["class"]) or extension["class"] in _TAKEN:
        advice = f"class {extension['class']} means something else in the module; rename it"
        yield document.problem(f"{at}/class", advice)
    body = f"{pointer}/{_BODY}"
    for key in ("render", "arguments"):
        for name, target in extension.get(key, {}).items():
            if not reaches(document, body, target):
                advice = (
                    f"{key}.{name} points at {target}, which the body does not have; correct it"
                )
                yield document.problem(f"{at}/{key}/{name}", advice)
    yield from _media(document, pointer, operation)
    if extension["mode"] == "queued":
        yield from _queued(document, pointer, extension)


def _path(document: Document, pointer: str, mode: str) -> Iterator[SpecProblem]:
    """Yield a path that the client could not fill: it knows a request's id and nothing else."""
    path = tokens(pointer)[1]
    holes = re.findall(r"\{(.*?)\}", path)
    wanted = ["request_id"] if mode == "status" else []
    if holes != wanted:
        said = "hold {request_id} and no other" if wanted else "hold no"
        advice = f"{path} must {said} parameter; write it so"
        yield document.problem(pointer.rpartition("/")[0], advice)


def _codes(
    document: Document, at: str, extension: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[SpecProblem]:
    for code in operation["responses"].keys() - extension["codes"].keys():
        advice = f"no source for status {code}; add it to x-pixazo.codes"
        yield document.problem(f"{at}/codes", advice)
    for code in extension["codes"].keys() - operation["responses"].keys():
        advice = f"there is no response {code}; describe it or remove its source"
        yield document.problem(f"{at}/codes/{code}", advice)


def _states(document: Document, at: str, extension: Mapping[str, Any]) -> Iterator[SpecProblem]:
    states, moves = extension["states"], extension["moves"]
    if "succeeded" not in states.values():
        advice = "no word means succeeded, so no request would ever end well; give one that meaning"
        yield document.problem(f"{at}/states", advice)
    for word in states.keys() - moves.keys():
        yield document.problem(f"{at}/states/{word}", f"{word} has no moves; list what may follow")
    for word, following in moves.items():
        for other in (word, *following):
            if other not in states:
                hint = closest(other, states)
                yield document.problem(
                    f"{at}/moves/{word}", f"{other} is no state{hint or '; add it'}"
                )


def _status_words(
    document: Document, pointer: str, operation: Mapping[str, Any]
) -> Iterator[SpecProblem]:
    """Yield words that have a meaning and no place in an answer, or the other way round."""
    states = operation["x-pixazo"]["states"]
    code = next((code for code in operation["responses"] if code.startswith("2")), "")
    at = f"{pointer}/responses/{code}/content/application~1json/schema"
    words = _status_schema(document, at).get("enum", ())
    for word in words and [word for word in states if word not in words]:
        advice = f"{word} is not in the enum of status; add it there or remove it"
        yield document.problem(f"{pointer}/x-pixazo/states/{word}", advice)
    for word in words:
        if word not in [*states]:  # a list, for a word may be anything by mistake
            advice = f"{word} is in the enum of status and has no meaning; add it"
            yield document.problem(f"{pointer}/x-pixazo/states", advice)


def _status_schema(document: Document, pointer: str) -> Mapping[str, Any]:
    try:
        answer = resolved(document, document.get(pointer))
    except KeyError:
        return {}
    schema: Mapping[str, Any] = answer.get("properties", {}).get("status", {})
    return schema


def _invariants(document: Document, at: str, extension: Mapping[str, Any]) -> Iterator[SpecProblem]:
    seen: set[str] = set()
    for index, invariant in enumerate(extension["invariants"]):
        name = invariant["id"]
        if name in seen:
            advice = f"{name} is the id of an invariant above; rename one of the two"
            yield document.problem(f"{at}/invariants/{index}/id", advice)
        seen.add(name)


def _media(document: Document, pointer: str, operation: Mapping[str, Any]) -> Iterator[SpecProblem]:
    extension = operation["x-pixazo"]
    answer = pointer
    if extension["mode"] == "queued":
        answer, operation = next(
            (found[0], found[3])
            for found in document.operations()
            if found[3]["x-pixazo"]["mode"] == "status"
        )
    code = next((code for code in operation["responses"] if code.startswith("2")), "")
    schema = f"{answer}/responses/{code}/content/application~1json/schema"
    for index, target in enumerate(extension["media"]["pointers"]):
        if code and not reaches(document, schema, target):
            advice = f"media points at {target}, which the answer does not have; correct it"
            yield document.problem(f"{pointer}/x-pixazo/media/pointers/{index}", advice)


def _queued(
    document: Document, pointer: str, extension: Mapping[str, Any]
) -> Iterator[SpecProblem]:
    at = f"{pointer}/x-pixazo"
    webhook = extension["webhook"]
    for key in ("body_field", "filter_field"):
        if key in webhook and not reaches(document, f"{pointer}/{_BODY}", f"/{webhook[key]}"):
            advice = f"{key} names {webhook[key]}, which the body does not have; correct it"
            yield document.problem(f"{at}/webhook/{key}", advice)
    headers = [
        document.follow(f"{pointer}/parameters/{index}")[1]["name"]
        for index in range(len(document.get(pointer).get("parameters", ())))
    ]
    if webhook["header"] not in headers:
        advice = f"{webhook['header']} is no parameter of the operation; describe it there"
        yield document.problem(f"{at}/webhook/header", advice)
    waiting = extension["waiting"]
    if waiting["floor_s"] > waiting["ceiling_s"]:
        advice = "waiting has a floor_s above its ceiling_s; swap or correct them"
        yield document.problem(f"{at}/waiting/floor_s", advice)
    if waiting["floor_s"] >= waiting["deadline_s"]:
        advice = "waiting has a deadline_s that ends before the first look; raise it above floor_s"
        yield document.problem(f"{at}/waiting/deadline_s", advice)
    asked = waiting["status"]
    known = {
        found[3]["operationId"]: found[3]["x-pixazo"]["mode"] for found in document.operations()
    }
    if known.get(asked) != "status":
        advice = f"waiting.status names {asked}, which is no status operation; name one"
        yield document.problem(f"{at}/waiting/status", advice)
