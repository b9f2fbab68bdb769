"""Can every parameter become an attribute of a request class that people understand?"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

from codegen.body import Leaf, Loose, body
from codegen.catalogue import resolved
from codegen.checks.schemas import nodes
from codegen.document import Document, SpecProblem, escape
from codegen.rulings import rulings
from codegen.runtime.request import Request

__all__ = ["check"]

_TYPE_NAMES = {"bool", "float", "int", "list", "str", "tuple"}
_RESERVED = {*dir(Request), *Request.__annotations__, *_TYPE_NAMES, "self", "undocumented", "key"}
"""Names that mean something else: in the class, in its annotations, in a line of a batch file."""

_SAYS_WHAT = {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"}


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield what the request classes cannot express or explain."""
    texts = {name: " ".join(parts.values()) for name, parts in rulings(document).items()}
    for pointer, _, _, operation in document.operations():
        if "requestBody" not in operation:
            continue
        parts = body(document, pointer)
        for loose in parts.loose:
            yield _loose(document, pointer, operation, loose)
        for leaf in parts.leaves:
            yield from _leaf(document, pointer, operation, leaf)
        for found, node in _nodes(document, parts.schema):
            yield from _node(document, found, node, texts)


def _loose(
    document: Document, pointer: str, operation: Mapping[str, Any], loose: Loose
) -> SpecProblem:
    model = operation["x-pixazo"]["model"]
    if loose.name:
        at = f"{pointer}/x-pixazo/arguments/{escape(loose.name)}"
        return document.problem(at, f"{loose.name} cannot be placed at {loose.pointer}; correct it")
    advice = (
        f"{model} needs {loose.pointer}, which no argument fills; add one to x-pixazo.arguments"
    )
    return document.problem(f"{pointer}/x-pixazo/arguments", advice)


def _leaf(
    document: Document, pointer: str, operation: Mapping[str, Any], leaf: Leaf
) -> Iterator[SpecProblem]:
    stated = document.get(leaf.schema)
    schema = resolved(document, stated)
    at = leaf.schema
    if "arguments" in operation["x-pixazo"]:
        named = f"{pointer}/x-pixazo/arguments/{escape(leaf.name)}"
    else:
        named = at
    yield from _named(document, named, leaf.name)
    if not schema.get("description"):
        yield document.problem(at, f"{leaf.name} has no description; say what it does")
    if "x-pixazo" not in stated:
        advice = f"{leaf.name} has no source; add x-pixazo: {{source: …}}"
        yield document.problem(at, advice)
    if "inline" in stated.get("x-pixazo", {}) and schema.get("type") != "string":
        yield document.problem(f"{at}/x-pixazo/inline", f"{leaf.name} is no string; remove inline")


def _named(document: Document, at: str, name: str) -> Iterator[SpecProblem]:
    way_out = "give it another argument name through x-pixazo.arguments"
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        yield document.problem(at, f"{name} is no name that Python allows; {way_out}")
    elif name in _RESERVED:
        yield document.problem(at, f"{name} is taken by the request classes; {way_out}")


def _nodes(document: Document, schema: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every schema that the body is made of, references followed."""
    seen: set[str] = set()
    waiting = [schema]
    while waiting:
        start = waiting.pop()
        if start in seen:
            continue
        seen.add(start)
        for pointer, node in nodes(document, start):
            if "$ref" in node:
                waiting.append(str(node["$ref"]).removeprefix("#"))
            yield pointer, node


def _node(
    document: Document, pointer: str, node: Mapping[str, Any], texts: Mapping[str, str]
) -> Iterator[SpecProblem]:
    name = pointer.rpartition("/")[2]
    if node.get("type") == "object" and node.get("additionalProperties") is not False:
        advice = f"{name} is part of a request and open; add additionalProperties: false"
        yield document.problem(pointer, advice)
    if not _SAYS_WHAT & node.keys():
        yield document.problem(pointer, f"{name} has no type; state one")
    stated = node.get("type", ())
    types = [stated] if isinstance(stated, str) else [*stated]
    if len({*types} - {"null"}) > 1:
        advice = f"{name} has several types, which a request cannot tell apart; write anyOf"
        yield document.problem(f"{pointer}/type", advice)
    if "null" in types:
        advice = f"{name} may be null, but what is not given is not sent; remove null"
        yield document.problem(f"{pointer}/type", advice)
    if {"integer", "number"} & {*types}:
        named = node.get("x-pixazo", {}).get("rulings", ())
        ruled = " ".join(texts.get(ruling, "") for ruling in named)
        yield from _unbounded(document, pointer, node, ruled)


def _unbounded(
    document: Document, pointer: str, node: Mapping[str, Any], ruled: str
) -> Iterator[SpecProblem]:
    name = pointer.rpartition("/")[2]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        waived = re.search(rf"\bno bounds|\bno {bound}|\bunbounded", ruled)
        if bound not in node and exclusive not in node and not waived:
            advice = f"{name} has no {bound}; state one or rule it unbounded (x-pixazo.rulings)"
            yield document.problem(pointer, advice)
