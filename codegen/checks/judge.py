"""Holds parts of the document to JSON Schemas and turns what is found into advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import jsonschema_rs

from codegen.document import Document, SpecProblem, escape
from codegen.runtime.words import closest

__all__ = ["broken", "judge"]


def broken(value: Any, schema: Mapping[str, Any]) -> str:
    """Return why the value breaks the schema; empty when it does not, or when that is no schema.

    Args:
        value: a value of the document.
        schema: a schema without references.
    """
    try:
        validator = jsonschema_rs.validator_for(dict(schema), validate_formats=True)
    except jsonschema_rs.ValidationError:  # a keyword that we do not know: another check says so
        return ""
    return "; ".join(error.message for error in validator.iter_errors(value))


def judge(
    document: Document, pointers: Iterable[str], schema: Mapping[str, Any]
) -> Iterator[SpecProblem]:
    """Yield what the schema does not allow in parts of the document.

    Args:
        document: the document.
        pointers: the parts.
        schema: a JSON Schema; its descriptions become advice.
    """
    validator = jsonschema_rs.validator_for(dict(schema), validate_formats=True)
    for pointer in pointers:
        for error in validator.iter_errors(document.get(pointer)):
            yield from _told(document, pointer, schema, error)


def _told(
    document: Document,
    pointer: str,
    schema: Mapping[str, Any],
    error: jsonschema_rs.ValidationError,
) -> Iterator[SpecProblem]:
    said = cast("Mapping[str, Any]", error.kind.as_dict())
    path = [str(part) for part in error.instance_path]
    at = pointer + "".join(f"/{escape(part)}" for part in path)
    name = path[-1] if path else pointer.rpartition("/")[2] or "the document"
    advice = _description(schema, schema, path)
    for place, sentence in _sentences(error.kind.name, said, error.message, at, name, schema):
        yield document.problem(place, _joined(sentence, advice))


def _joined(sentence: str, advice: str) -> str:
    if not advice:
        return sentence
    return f"{sentence} {advice}" if sentence.endswith("?") else f"{sentence}. {advice}"


def _sentences(
    keyword: str,
    said: Mapping[str, Any],
    message: str,
    at: str,
    name: str,
    schema: Mapping[str, Any],
) -> Iterator[tuple[str, str]]:
    """Yield where something is wrong and what, for one error."""
    match keyword:
        case "required":
            yield at, f"{name} has no {said['property']}; add it"
        case "additionalProperties":
            for unknown in said["unexpected"]:
                hint = closest(unknown, _names(schema))
                yield f"{at}/{escape(unknown)}", f"{name}.{unknown} is unknown; remove it{hint}"
        case "anyOf" | "oneOf":
            yield at, f"{name} does not fit: {message.split(' is not valid')[0]}; correct it"
        case _:
            yield at, f"{name}: {message}; correct it"


def _description(root: Mapping[str, Any], schema: Mapping[str, Any], path: Sequence[str]) -> str:
    """Return what the schema says of the place, the nearest description when it says nothing."""
    while "$ref" in schema and "description" not in schema:
        schema = _resolve(root, schema)
    own = str(schema.get("description", ""))
    if not path:
        return own
    resolved = _resolve(root, schema)
    inner = resolved.get("properties", {}).get(path[0]) or resolved.get("additionalProperties")
    inner = inner or resolved.get("items")
    if not isinstance(inner, Mapping):
        return own
    return _description(root, cast("Mapping[str, Any]", inner), path[1:]) or own


def _resolve(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = root["$defs"][str(schema["$ref"]).rpartition("/")[2]]
    return schema


def _names(node: Any) -> set[str]:
    """Return every property name that a schema speaks of."""
    if isinstance(node, list):
        return {name for item in cast("list[object]", node) for name in _names(item)}
    if not isinstance(node, Mapping):
        return set()
    schema = cast("Mapping[str, Any]", node)
    own = set(schema.get("properties", ()))
    return own.union(*(_names(value) for value in schema.values()))
