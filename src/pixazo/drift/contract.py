"""The spec as drift and explain look at it: models, flattened fields, codes, covers, lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from pixazo.drift.faults import SpecUnusable
from pixazo.drift.literals import JSONValue

__all__ = ["SEPARATOR", "Contract", "Field", "Node", "Operation", "canonical", "child"]

Node = Mapping[str, Any]  # JSON: whatever the document holds
_METHODS = ("get", "post", "put", "patch", "delete")
_EXTENSION = "x-pixazo"
SEPARATOR = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "  # between the parts of a source


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body, wherever it is nested.

    Args:
        path: Dotted path with `[]` for each element: `input.messages[].role`.
        pointer: JSON pointer of the property in the document.
        node: The property as written.
        schema: The property with references, `allOf` and `anyOf` worked in.
        required: Whether the object that holds it requires it.
    """

    path: str
    pointer: str
    node: Node
    schema: Node
    required: bool

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON Schema type names, in alphabetical order."""
        return cast("tuple[str, ...]", self.schema["types"])

    @property
    def is_container(self) -> bool:
        """Whether the field only holds other fields."""
        return self.types == ("object",) and "properties" in self.schema

    @property
    def enum(self) -> tuple[JSONValue, ...]:
        """The allowed values of the field, or of each element."""
        return tuple(self.schema.get("enum", ()))

    @property
    def rulings(self) -> tuple[str, ...]:
        """The rulings that the field names."""
        return tuple(self.node.get(_EXTENSION, {}).get("rulings", ()))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it stands, and what its extension says."""

    pointer: str
    path: str
    method: str
    node: Node

    @property
    def extension(self) -> Node:
        """What stands under the vendor extension."""
        return cast("Node", self.node.get(_EXTENSION, {}))

    @property
    def model(self) -> str:
        """The model id; empty for the status operation."""
        return str(self.extension.get("model", ""))

    @property
    def is_queued(self) -> bool:
        """Whether the answer is a receipt."""
        return self.extension.get("mode") == "queued"


@dataclass(frozen=True)
class Contract:
    """A document, ready to be compared with pages.

    Args:
        document: The OpenAPI document.
        locate: Line of a JSON pointer in the spec file; None where no file is at hand.
        validators: Compiled schemas by pointer, kept because compiling takes longest.
    """

    document: Node
    locate: Callable[[str], int | None] = field(default=lambda _pointer: None)
    validators: dict[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)

    _flattened: dict[str, tuple[Field, ...]] = field(
        default_factory=dict[str, tuple[Field, ...]], init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if not isinstance(self.document.get("paths"), Mapping):
            raise SpecUnusable("the spec has no paths", hint="give an OpenAPI document")

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, in the document's order."""
        return tuple(
            Operation(child("/paths", path, method), path, method, item[method])
            for path, item in self.document["paths"].items()
            for method in _METHODS
            if method in item
        )

    @cached_property
    def models(self) -> dict[str, Operation]:
        """The operation of each model, by model id."""
        return {found.model: found for found in self.operations if found.model}

    @cached_property
    def status(self) -> Operation | None:
        """The operation that tells a request's state."""
        found = (o for o in self.operations if o.extension.get("mode") == "status")
        return next(found, None)

    @property
    def server(self) -> str:
        """The server's URL without a slash at its end."""
        servers: Sequence[Node] = self.document.get("servers") or ({"url": ""},)
        return str(servers[0]["url"]).rstrip("/")

    @cached_property
    def key_header(self) -> str:
        """Name of the header that carries the key."""
        schemes: Node = self.document.get("components", {}).get("securitySchemes", {})
        return next((str(s["name"]) for s in schemes.values() if s.get("in") == "header"), "")

    @cached_property
    def extension(self) -> Node:
        """What the vendor extension says about the whole document."""
        return cast("Node", self.document.get(_EXTENSION, {}))

    def get(self, pointer: str) -> Any:
        """Return what stands at a JSON pointer of the document."""
        found: Any = self.document
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            found = _step(found, key)
        return found

    def resolve(self, node: Node, pointer: str) -> tuple[Node, str]:
        """Follow references; return the node they lead to and its pointer."""
        while "$ref" in node:
            pointer = str(node["$ref"]).removeprefix("#")
            node = cast("Node", self.get(pointer))
        return node, pointer

    def request(self, operation: Operation) -> tuple[Node, str] | None:
        """Return the schema of the request body and its pointer."""
        pointer = child(operation.pointer, "requestBody")
        body = operation.node.get("requestBody")
        return self._schema(body, pointer) if body else None

    def answer(self, operation: Operation, code: str) -> tuple[Node, str] | None:
        """Return the schema of an answer's body and its pointer."""
        pointer = child(operation.pointer, "responses", code)
        found = operation.node.get("responses", {}).get(code)
        return self._schema(*self.resolve(found, pointer)) if found else None

    def _schema(self, node: Node, pointer: str) -> tuple[Node, str] | None:
        for media_type, content in node.get("content", {}).items():
            if "schema" in content:
                return content["schema"], child(pointer, "content", media_type, "schema")
        return None

    def codes(self, operation: Operation) -> tuple[str, ...]:
        """Return the documented status codes."""
        return tuple(operation.node.get("responses", {}))

    def success(self, operation: Operation) -> str:
        """Return the status code of success."""
        return next((code for code in self.codes(operation) if code.startswith("2")), "200")

    def headers(self, operation: Operation) -> dict[str, tuple[Node, str]]:
        """Return the operation's request headers and their pointers, by name."""
        found: dict[str, tuple[Node, str]] = {}
        for index, parameter in enumerate(operation.node.get("parameters", ())):
            at = child(operation.pointer, "parameters", str(index))
            node, pointer = self.resolve(parameter, at)
            if node.get("in") == "header":
                found[str(node["name"])] = (node, pointer)
        return found

    def fields(self, schema: tuple[Node, str] | None) -> tuple[Field, ...]:
        """Return every field of a body, outermost first.

        Args:
            schema: The body's schema and its pointer; None has no fields.
        """
        if schema is None:
            return ()
        if schema[1] not in self._flattened:
            self._flattened[schema[1]] = tuple(self._fields(*schema, path=""))
        return self._flattened[schema[1]]

    def _fields(self, node: Node, pointer: str, path: str) -> Iterator[Field]:
        node, pointer = self.resolve(node, pointer)
        for arm, at in self._arms(node, pointer):
            yield from self._fields(arm, at, path)
        if "items" in node:
            yield from self._fields(node["items"], child(pointer, "items"), f"{path}[]")
        for name, sub in node.get("properties", {}).items():
            at = child(pointer, "properties", name)
            inner = f"{path}.{name}" if path else name
            required = name in node.get("required", ())
            yield Field(inner, at, sub, self._merged(sub, at), required)
            yield from self._fields(sub, at, inner)

    def _arms(self, node: Node, pointer: str) -> Iterator[tuple[Node, str]]:
        for keyword in ("anyOf", "oneOf", "allOf"):
            for index, arm in enumerate(node.get(keyword, ())):
                yield arm, child(pointer, keyword, str(index))

    def _merged(self, node: Node, pointer: str) -> dict[str, Any]:
        """Return the node with its references and arms worked in, and its `types`."""
        whole, _ = self.resolve(node, pointer)
        merged: dict[str, Any] = {k: v for k, v in whole.items() if k != _EXTENSION}
        kind = whole.get("type", ())
        types = {kind} if isinstance(kind, str) else set(cast("Sequence[str]", kind))
        for arm, at in self._arms(whole, pointer):
            inner = self._merged(arm, at)
            types.update(inner.pop("types"))
            merged = {**inner, **merged}
        if "items" in whole:
            items = self._merged(whole["items"], child(pointer, "items"))
            merged.setdefault("enum", items.get("enum", []))
        merged["types"] = tuple(sorted(types))
        return merged

    def ruling(self, model: str, place: str, says: JSONValue) -> str | None:
        """Return the ruling that covers what a page says at a place, or None.

        Args:
            model: The model whose part of the page says it; may be empty.
            place: Name of the place: `num_images.minimum`, `402`, `base_url`.
            says: The page's word; None when it is silent.
        """
        for covers in self._covers(model):
            for ruling, places in covers.items():
                if place in places and _agrees(places[place], says):
                    return str(ruling)
        return None

    def _covers(self, model: str) -> Iterator[Mapping[str, Mapping[str, JSONValue]]]:
        operations = (self.models.get(model), self.status)
        for operation in operations:
            if operation is not None:
                yield operation.extension.get("covers", {})
        yield self.extension.get("covers", {})


def _step(node: object, key: str) -> Any:
    """Return what stands under a key of an object or at an index of a list."""
    if isinstance(node, Mapping):
        return cast("Node", node)[key]
    return cast("Sequence[Any]", node)[int(key)]


def _agrees(covered: JSONValue, says: JSONValue) -> bool:
    return canonical(covered) == canonical(says)


def canonical(value: JSONValue) -> str:
    """Return one text for equal values; the order of a list does not count."""
    if isinstance(value, list):
        return json.dumps(sorted(canonical(item) for item in value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def child(pointer: str, *tokens: str) -> str:
    """Return the JSON pointer of something below a pointer."""
    escaped = (token.replace("~", "~0").replace("/", "~1") for token in tokens)
    return "/".join((pointer, *escaped))
