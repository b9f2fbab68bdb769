"""The leaves of a request body: which arguments stand where, and which fields never change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from codegen.document import Document, escape, tokens

__all__ = ["Body", "Constant", "Leaf", "Loose", "body"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One argument of a request.

    Args:
        name: the argument's name.
        pointer: where it stands in the body.
        schema: where its schema stands in the document, references not followed.
        required: whether the body is invalid without it.
    """

    name: str
    pointer: str
    schema: str
    required: bool


@dataclass(frozen=True, slots=True)
class Constant:
    """A required field that may have one value only.

    Args:
        pointer: where it stands in the body.
        value: that value.
    """

    pointer: str
    value: Any


@dataclass(frozen=True, slots=True)
class Loose:
    """A required part of the body that no argument reaches, or an argument that reaches nothing.

    Args:
        pointer: the body's part.
        name: the argument; empty when a part of the body has none.
    """

    pointer: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body, taken apart.

    Args:
        schema: where the body's schema stands in the document.
        leaves: every argument, in the order of the document.
        constants: the only allowed value of required fields that no argument fills.
        loose: what does not fit; empty in a sound document.
    """

    schema: str
    leaves: tuple[Leaf, ...]
    constants: Mapping[str, Any]
    loose: tuple[Loose, ...]


def body(document: Document, operation: str) -> Body:
    """Take the JSON body of the operation apart.

    Args:
        document: the document.
        operation: pointer of an operation that has a JSON body.
    """
    start = f"{operation}/requestBody/content/application~1json/schema"
    root, schema = document.follow(start)
    named = document.get(operation).get("x-pixazo", {}).get("arguments")
    if named is None:
        named = {name: f"/{escape(name)}" for name in schema.get("properties", {})}
    found = [*_Walk(document, named).at(root, "", required=True)]
    leaves = {leaf.name: leaf for leaf in found if isinstance(leaf, Leaf)}
    lost = [Loose(pointer, name) for name, pointer in named.items() if name not in leaves]
    return Body(
        schema=root,
        leaves=tuple(leaves[name] for name in named if name in leaves),
        constants={item.pointer: item.value for item in found if isinstance(item, Constant)},
        loose=(*(item for item in found if isinstance(item, Loose)), *lost),
    )


_Found = Iterator[Leaf | Constant | Loose]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Walks a body's schema along the arguments' pointers."""

    document: Document
    named: Mapping[str, str]

    def at(self, schema: str, pointer: str, *, required: bool) -> _Found:
        for name, place in self.named.items():
            if place == pointer:
                yield Leaf(name, pointer, schema, required)
                return
        resolved, node = self.document.follow(schema)
        inner = self._tokens_below(pointer)
        constant, value = _only_value(node)
        if constant and required:
            yield Constant(pointer, value)
        elif "anyOf" in node or "oneOf" in node:
            yield from self._union(resolved, node, pointer, inner, required=required)
        elif node.get("type") == "array" and inner:
            yield from self._array(resolved, node, pointer, inner, required=required)
        elif node.get("type") == "object" and (inner or required):
            yield from self._object(resolved, node, pointer, inner, required=required)
        elif required:
            yield Loose(pointer)

    def _tokens_below(self, pointer: str) -> list[str]:
        """Return the next tokens of the arguments that lie below the pointer, each once."""
        depth = len(tokens(pointer)) if pointer else 0
        below = (place for place in self.named.values() if place.startswith(f"{pointer}/"))
        return [*dict.fromkeys(tokens(place)[depth] for place in below)]

    def _union(
        self,
        schema: str,
        node: Mapping[str, Any],
        pointer: str,
        inner: list[str],
        *,
        required: bool,
    ) -> _Found:
        keyword = "anyOf" if "anyOf" in node else "oneOf"
        for index in range(len(node[keyword])):
            arm, content = self.document.follow(f"{schema}/{keyword}/{index}")
            if inner and all(token in content.get("properties", {}) for token in inner):
                yield from self.at(arm, pointer, required=required)
                return
        if required:
            yield Loose(pointer)

    def _array(
        self,
        schema: str,
        node: Mapping[str, Any],
        pointer: str,
        inner: list[str],
        *,
        required: bool,
    ) -> _Found:
        least = node.get("minItems", 0) if required else 0
        for index in range(least):
            if str(index) not in inner:
                yield Loose(f"{pointer}/{index}")
        for token in inner:
            if token.isdigit():
                needed = int(token) < least
                yield from self.at(f"{schema}/items", f"{pointer}/{token}", required=needed)

    def _object(
        self,
        schema: str,
        node: Mapping[str, Any],
        pointer: str,
        inner: list[str],
        *,
        required: bool,
    ) -> _Found:
        for name in node.get("properties", {}):
            token = escape(name)
            needed = required and name in node.get("required", ())
            if needed or name in inner:
                yield from self.at(
                    f"{schema}/properties/{token}", f"{pointer}/{token}", required=needed
                )


def _only_value(node: Mapping[str, Any]) -> tuple[bool, Any]:
    if "const" in node:
        return True, node["const"]
    if len(node.get("enum", ())) == 1:
        return True, node["enum"][0]
    return False, None
