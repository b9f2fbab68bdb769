"""The catalogue's entries, read from a document that was checked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from codegen.body import Leaf, body
from codegen.document import Document
from codegen.runtime.entries import (
    NO_DEFAULT,
    Charged,
    Model,
    Parameter,
    Price,
    StatusOperation,
    Waiting,
    Webhook,
)

__all__ = ["models", "resolved", "status"]

_CHARGED: Mapping[str, Charged] = {
    "succeeded": "yes",
    "failed": "unknown",
    "failed-not-charged": "no",
}
_WORDS_FOR_PEOPLE = {"x-pixazo", "title"}


def models(document: Document) -> tuple[Model, ...]:
    """Return every model of the document, in its order."""
    return tuple(
        _model(document, pointer, method, path)
        for pointer, method, path, operation in document.operations()
        if "model" in operation.get("x-pixazo", {})
    )


def status(document: Document) -> StatusOperation:
    """Return the operation that tells how a queued request is doing."""
    method, path, operation = next(
        (method, path, operation)
        for _, method, path, operation in document.operations()
        if operation.get("x-pixazo", {}).get("mode") == "status"
    )
    extension = operation["x-pixazo"]
    states = extension["states"]
    return StatusOperation(
        operation_id=operation["operationId"],
        method=method.upper(),
        path=path,
        outcomes=states,
        charged={
            word: _CHARGED[outcome] for word, outcome in states.items() if outcome in _CHARGED
        },
        moves={word: tuple(following) for word, following in extension.get("moves", {}).items()},
        invariants=tuple(extension.get("invariants", ())),
        timeout_s=extension["timeout_s"],
        response_schema=_component(operation, _success(operation)),
        error_statuses=_errors(operation),
        rulings=tuple(extension.get("rulings", ())),
    )


def _model(document: Document, pointer: str, method: str, path: str) -> Model:
    operation = document.get(pointer)
    extension = operation["x-pixazo"]
    parts = body(document, pointer)
    return Model(
        model_id=extension["model"],
        class_name=extension["class"],
        operation_id=operation["operationId"],
        mode=extension["mode"],
        method=method.upper(),
        path=path,
        headers=_headers(document, pointer),
        summary=operation["summary"],
        description=_line(operation["description"]),
        price=_price(extension["price"]),
        media=tuple(extension["media"]["pointers"]),
        media_kind=extension["media"]["kind"],
        parameters=tuple(_parameter(document, leaf) for leaf in parts.leaves),
        constants=parts.constants,
        render=extension.get("render", {}),
        webhook=_webhook(extension.get("webhook")),
        waiting=_waiting(extension.get("waiting")),
        timeout_s=extension["timeout_s"],
        success_status=int(_success(operation)),
        error_statuses=_errors(operation),
        request_schema=parts.schema.rpartition("/")[2],
        response_schema=_component(operation, _success(operation)),
        source=extension["source"],
        rulings=tuple(extension.get("rulings", ())),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _headers(document: Document, pointer: str) -> tuple[tuple[str, str], ...]:
    """Return the documented request headers that may have one value only."""
    found: list[tuple[str, str]] = []
    for index in range(len(document.get(pointer).get("parameters", ()))):
        where, parameter = document.follow(f"{pointer}/parameters/{index}")
        _, schema = document.follow(f"{where}/schema")
        if parameter["in"] == "header" and len(schema.get("enum", ())) == 1:
            found.append((parameter["name"], schema["enum"][0]))
    return tuple(found)


def _success(operation: Mapping[str, Any]) -> str:
    return next(str(code) for code in operation["responses"] if code.startswith("2"))


def _errors(operation: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(code) for code in operation["responses"] if not code.startswith("2"))


def _component(operation: Mapping[str, Any], code: str) -> str:
    reference = operation["responses"][code]["content"]["application/json"]["schema"]["$ref"]
    return str(reference).rpartition("/")[2]


def _price(said: Mapping[str, Any]) -> Price:
    usd = said["usd"]
    return Price(
        usd=None if usd is None else Decimal(usd),
        per=said["per"],
        rulings=tuple(said.get("rulings", ())),
        source=said["source"],
    )


def _webhook(said: Mapping[str, Any] | None) -> Webhook | None:
    if said is None:
        return None
    return Webhook(
        header=said.get("header"),
        body_field=said.get("body_field"),
        filter_field=said.get("filter_field"),
    )


def _waiting(said: Mapping[str, Any] | None) -> Waiting | None:
    if said is None:
        return None
    names = ("hint_s", "floor_s", "growth", "ceiling_s", "deadline_s")
    return Waiting(**{name: said[name] for name in names})


def _parameter(document: Document, leaf: Leaf) -> Parameter:
    stated = document.get(leaf.schema)
    schema = resolved(document, stated)
    extension = stated.get("x-pixazo", {})
    return Parameter(
        name=leaf.name,
        pointer=leaf.pointer,
        types=_types(schema),
        required=leaf.required,
        default=schema.get("default", NO_DEFAULT),
        enum=tuple(schema.get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        min_length=schema.get("minLength"),
        max_length=schema.get("maxLength"),
        min_items=schema.get("minItems"),
        max_items=schema.get("maxItems"),
        pattern=schema.get("pattern"),
        format=schema.get("format"),
        schema={name: value for name, value in schema.items() if name != "description"},
        description=_line(schema["description"]),
        inline=extension.get("inline", False),
        rulings=tuple(extension.get("rulings", ())),
        source=extension["source"],
    )


def resolved(document: Document, node: Any) -> Any:
    """Return the schema with references replaced by what they name and ``allOf`` merged.

    Args:
        document: where references are looked up.
        node: a schema, or a part of one.
    """
    if isinstance(node, list):
        return [resolved(document, item) for item in cast("list[object]", node)]
    if not isinstance(node, Mapping):
        return node
    schema = cast("Mapping[str, Any]", node)
    if "$ref" in schema:
        return resolved(document, document.get(str(schema["$ref"]).removeprefix("#")))
    merged: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        merged.update(resolved(document, part))
    for name, value in schema.items():
        if name not in _WORDS_FOR_PEOPLE and name != "allOf":
            merged[name] = resolved(document, value)
    return merged


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the JSON types that the schema allows, each once."""
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            arms = (name for arm in schema[keyword] for name in _types(arm))
            return tuple(dict.fromkeys(arms))
    stated = schema.get("type", ())
    return (stated,) if isinstance(stated, str) else tuple(stated)
