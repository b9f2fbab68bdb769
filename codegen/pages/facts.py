"""What a model's page tells, read from the document: rows of its tables, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from codegen import signatures
from codegen.catalogue import resolved
from codegen.document import Document
from codegen.pages.markdown import code
from codegen.runtime.entries import NO_DEFAULT, Model, Parameter

__all__ = [
    "Answer",
    "Field",
    "Header",
    "answers",
    "default",
    "fields",
    "headers",
    "limits",
    "pointer_of",
    "type_",
]

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Header:
    """One request header.

    Args:
        name: its name.
        required: whether every request carries it.
        schema: what its value may be.
        description: what it is for.
    """

    name: str
    required: bool
    schema: Schema
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status code.

    Args:
        code: the code.
        description: when it comes.
        source: where the documents speak of it.
        schema: what the body holds.
        examples: what bodies look like: their summaries and values.
    """

    code: str
    description: str
    source: str
    schema: Schema
    examples: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an answer.

    Args:
        place: where it stands: `output.media_url[]`.
        schema: what it may be.
        required: whether it is always there.
        description: what it says.
    """

    place: str
    schema: Schema
    required: bool
    description: str


def headers(document: Document, pointer: str) -> tuple[Header, ...]:
    """Return the request headers of an operation: the key's first, then the documented ones."""
    (key,) = document.root["components"]["securitySchemes"].values()
    parameters = document.get(pointer).get("parameters", ())
    said = [document.follow(f"{pointer}/parameters/{at}")[1] for at in range(len(parameters))]
    return (
        Header(key["name"], True, {"type": "string"}, key["description"]),  # noqa: FBT003
        *(_header(document, parameter) for parameter in said if parameter["in"] == "header"),
    )


def _header(document: Document, said: Mapping[str, Any]) -> Header:
    schema = resolved(document, said["schema"])
    return Header(said["name"], said.get("required", False), schema, said["description"])


def answers(document: Document, pointer: str) -> tuple[Answer, ...]:
    """Return the documented answers of an operation, success first as it stands there."""
    operation = document.get(pointer)
    sources = operation["x-pixazo"].get("codes", {})
    return tuple(_answer(document, pointer, number, sources) for number in operation["responses"])


def _answer(document: Document, pointer: str, number: str, sources: Mapping[str, str]) -> Answer:
    _, said = document.follow(f"{pointer}/responses/{number}")
    content = said.get("content", {}).get("application/json", {})
    examples = content.get("examples", {}).values()
    return Answer(
        number,
        said["description"],
        sources.get(number, ""),
        resolved(document, content.get("schema", {})),
        tuple((example.get("summary", ""), example["value"]) for example in examples),
    )


def fields(schema: Schema, place: str = "", *, required: bool = True) -> Iterator[Field]:
    """Yield the fields of an answer, outer before inner; of several forms each in turn.

    Args:
        schema: the answer's schema, resolved.
        place: where it stands; empty for the whole answer.
        required: whether what is around it is always there.
    """
    for keyword in ("anyOf", "oneOf"):
        for arm in schema.get(keyword, ()):
            yield from fields(arm, place, required=False)
    if "items" in schema:
        yield from fields(schema["items"], f"{place}[]", required=required)
    for name, inner in schema.get("properties", {}).items():
        at = f"{place}.{name}".removeprefix(".")
        always = required and name in schema.get("required", ())
        yield Field(at, inner, always, inner.get("description", ""))
        yield from fields(inner, at, required=always)


def type_(schema: Schema) -> str:
    """Return the type of a value in words: `list of string`, `string or {width, height}`."""
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return " or ".join(dict.fromkeys(type_(arm) for arm in schema[keyword]))
    stated = schema.get("type", "any")
    kinds = [stated] if isinstance(stated, str) else list(stated)
    return " or ".join(_kind(kind, schema) for kind in kinds)


def _kind(kind: str, schema: Schema) -> str:
    if kind == "array" and "items" in schema:
        return f"list of {type_(schema['items'])}"
    if kind == "object" and schema.get("properties"):
        return "{" + ", ".join(schema["properties"]) + "}"
    return "URL" if kind == "string" and schema.get("format") == "uri" else kind


def limits(schema: Schema, *, inside: bool = True) -> str:
    """Return what a value must keep to: its words, bounds and pattern.

    Args:
        schema: the value's schema, resolved.
        inside: tell what items and fields must keep to, too.
    """
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            arms = (limits(arm, inside=inside) for arm in schema[keyword])
            return "; or ".join(filter(None, arms))
    found = [*_own(schema)]
    if inside:
        items = {"each": schema["items"]} if "items" in schema else {}
        inner = {**items, **schema.get("properties", {})}
        found += [f"{name} {words}" for name, part in inner.items() if (words := limits(part))]
    return ", ".join(found)


def _own(schema: Schema) -> Iterator[str]:
    if "enum" in schema:
        yield ", ".join(map(code, schema["enum"]))
    for sentence in signatures.bounds(schema):
        yield sentence[0].lower() + sentence[1:].removesuffix(".")
    if "pattern" in schema:
        yield f"matches {code(schema['pattern'])}"


def default(parameter: Parameter) -> str:
    """Return what the gateway takes when a parameter is not sent; a dash when nobody says."""
    return "-" if parameter.default is NO_DEFAULT else code(parameter.default)


def pointer_of(document: Document, model: Model) -> str:
    """Return where a model's operation stands in the document."""
    return next(
        pointer
        for pointer, _, _, operation in document.operations()
        if operation.get("x-pixazo", {}).get("model") == model.model_id
    )
