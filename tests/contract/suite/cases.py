"""Bodies on and past every rule of the request schemas, each with its place in the document."""

from __future__ import annotations

import copy
import functools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pixazo_openapi.catalogue import MODELS, Model
from pixazo_openapi.requests import request_class
from pixazo_openapi.schema import component

from codegen.document import escape
from tests.contract.suite.spec import Spec
from tests.strategies import boundaries, boundary_arguments, invalid, minimal
from tests.strategies.schemas import (
    arms_of,
    places,
    pointer_of,
    put,
    resolved,
    span,
    within,
)

__all__ = ["Tried", "coverage", "distinct", "forbidden", "keywords", "permitted", "place", "tried"]

Path = tuple[str | int, ...]

KEYWORDS = (
    "type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "minItems", "maxItems", "uniqueItems", "pattern", "format", "required",
    "additionalProperties", "anyOf",
)  # fmt: skip
BIG = (2**63, -(2**63) - 1, 10**30)
NO_ADDRESS = "http://[nowhere"
UNSEEN = "\u200b"


@dataclass(frozen=True, slots=True)
class Tried:
    """A body with one thing in it that is special.

    Args:
        pointer: of the schema that it is about, in the document.
        keyword: the rule that it sits on or breaks.
        note: what is special.
    """

    model: Model
    body: Any
    pointer: str
    keyword: str
    note: str

    @property
    def rule_pointer(self) -> str:
        """Where the rule itself stands."""
        return f"{self.pointer}/{self.keyword}"

    def __str__(self) -> str:
        return f"{self.pointer.rpartition('/')[2]} {self.keyword}: {self.note}"


@functools.cache
def tried(spec: Spec, model_id: str) -> tuple[tuple[Tried, ...], tuple[Tried, ...]]:
    """Permitted and forbidden bodies of a model, each once; made once."""
    model = MODELS[model_id]
    return tuple(distinct(permitted(spec, model))), tuple(distinct(forbidden(spec, model)))


def permitted(spec: Spec, model: Model) -> Iterator[Tried]:
    """Bodies that the documents allow, each on one rule: integral floats, both arms, …"""
    for case in boundary_arguments(model):
        body = request_class(model.model_id)(**case.value).to_body()
        outer = model.parameter(case.name).pointer
        path = (*steps(outer), *steps(case.pointer))
        yield Tried(model, body, place(spec, model, path), case.keyword, case.note)
    for name, example in _examples(spec, model):
        where = f"/components/schemas/{model.request_schema}"
        yield Tried(model, example, where, "required", f"the documented example {name}")
    for path, value, keyword, note in _arm_values(model, boundaries):
        yield Tried(model, _body(model, path, value), place(spec, model, path), keyword, note)
    for path, schema in places(component(model.request_schema)):
        for value, keyword, note in _unbounded(schema):
            body = _body(model, path, value)
            yield Tried(model, body, place(spec, model, path), keyword, note)


def _unbounded(schema: Mapping[str, Any]) -> Iterator[tuple[Any, str, str]]:
    """Values far out where no bound is documented."""
    if schema.get("type") == "integer":
        big = [value for value in BIG if within(value, *span(schema))]
        yield from ((value, "type", f"{value}") for value in big)
    bounds = {"maxLength", "enum", "const", "pattern", "format"}
    if schema.get("type") == "string" and not bounds & schema.keys():
        yield "long " * 5_000, "maxLength", "25000 characters"
    if schema.get("type") == "array" and not {"maxItems", "uniqueItems"} & schema.keys():
        item = minimal(schema["items"])
        yield [item] * (int(schema.get("minItems", 0)) + 1), "maxItems", "one item more"


def _examples(spec: Spec, model: Model) -> Iterator[tuple[str, Any]]:
    content = spec.models[model.model_id].content["requestBody"]["content"]["application/json"]
    for name, example in content["examples"].items():
        yield name, example["value"]


def forbidden(spec: Spec, model: Model) -> Iterator[Tried]:
    """Bodies that the documents forbid, each for one reason."""
    whole = component(model.request_schema)
    for case in invalid(whole):
        if not _has_no_json(case.value):
            path = steps(case.pointer)
            where = place(spec, model, path)
            yield Tried(model, case.value, where, case.keyword, case.note)
    for path, value, keyword, note in _arm_values(model, invalid):
        yield Tried(model, _body(model, path, value), place(spec, model, path), keyword, note)
    for path, schema in places(whole):
        yield from _more_breaks(spec, model, path, schema)


def _more_breaks(
    spec: Spec, model: Model, path: Path, schema: Mapping[str, Any]
) -> Iterator[Tried]:
    where = place(spec, model, path)
    found = [*_null(path, schema), *_other_words(path, schema), *_other_numbers(schema)]
    if schema.get("format") == "uri" and re.search(schema.get("pattern", ""), NO_ADDRESS):
        found.append((NO_ADDRESS, "format", f"{NO_ADDRESS!r}"))
    for value, keyword, note in found:
        yield Tried(model, _body(model, path, value), where, keyword, note)


def _null(path: Path, schema: Mapping[str, Any]) -> Iterator[tuple[Any, str, str]]:
    if path and not isinstance(path[-1], int):
        yield None, "anyOf" if "anyOf" in schema else "type", "null"


def _other_words(path: Path, schema: Mapping[str, Any]) -> Iterator[tuple[Any, str, str]]:
    """Look-alikes of listed words, and what other models list under the same name."""
    listed = schema.get("enum", ())
    for word in listed:
        for odd in (f" {word}", f"{word}{UNSEEN}", word[:-1], "", word.replace("*", "x")):
            if odd not in listed:
                yield odd, "enum", f"{odd!a} for {word!r}"
    for word in sorted(_elsewhere(str(path[-1])) - set(listed)) if path and listed else ():
        yield word, "enum", f"another model's {word!r}"


def _other_numbers(schema: Mapping[str, Any]) -> Iterator[tuple[Any, str, str]]:
    """Numbers far out, as a text, and between whole ones."""
    if schema.get("type") not in ("integer", "number"):
        return
    legal = str(int(schema.get("minimum", 0)))
    yield legal, "type", f"{legal!r} as a text"
    if "maximum" in schema:
        yield 10**30, "maximum", "a huge number"
    if schema["type"] == "integer" and "minimum" in schema:
        yield schema["minimum"] + 0.5, "type", f"{schema['minimum'] + 0.5}"


@functools.cache
def _elsewhere(name: str) -> frozenset[str]:
    """Words that any model documents for a parameter of this name."""
    return frozenset(
        word
        for model in MODELS.values()
        for parameter in model.parameters
        if parameter.name == name
        for word in (parameter.enum or ())
        if isinstance(word, str)
    )


def _arm_values(model: Model, special: Any) -> Iterator[tuple[Path, Any, str, str]]:
    """Special values inside of a union's object arms, which stand nowhere else."""
    for path, schema in places(component(model.request_schema)):
        for arm in arms_of(schema):
            if resolved(arm).get("type") != "object":
                continue
            for case in special(arm):
                if case.pointer != "/" and not _has_no_json(case.value):
                    inner = steps(case.pointer)
                    yield (*path, *inner), _inner(case.value, inner), case.keyword, case.note


def _inner(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _body(model: Model, path: Path, value: Any) -> Any:
    """The smallest body with one place changed, also inside of a union's object arm."""
    schema = resolved(component(model.request_schema))
    for depth, step in enumerate(path):
        arms = [a for a in arms_of(schema) if step in a.get("properties", {})]
        if arms:
            inside = put(arms[0], tuple(path[depth:]), value)
            return put(component(model.request_schema), tuple(path[:depth]), inside)
        inner = schema["items"] if isinstance(step, int) else schema["properties"][step]
        schema = resolved(inner)
    return put(component(model.request_schema), tuple(path), value)


def place(spec: Spec, model: Model, path: Iterable[str | int]) -> str:
    """Where the document describes a place of a model's body."""
    pointer, node = spec.follow(f"/components/schemas/{model.request_schema}")
    for step in path:
        arms = [f"{pointer}/anyOf/{n}" for n, _ in enumerate(node.get("anyOf", ()))]
        for arm in arms:
            to, found = spec.follow(arm)
            if step in found.get("properties", {}):
                pointer, node = to, found
        if "properties" in node and step in node["properties"]:
            pointer = f"{pointer}/properties/{escape(str(step))}"
        elif "items" in node:
            pointer = f"{pointer}/items"
        else:
            return pointer
        pointer, node = spec.follow(pointer)
    return pointer


def steps(pointer: str) -> Path:
    """A JSON pointer's steps; numbers for items."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdigit() else part for part in parts if part)


def _has_no_json(value: Any) -> bool:
    """Whether a value holds NaN or infinity, which JSON cannot write."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(_has_no_json(inner) for inner in value.values())
    return isinstance(value, list) and any(_has_no_json(inner) for inner in value)


def keywords(model: Model) -> set[tuple[str, str]]:
    """Every rule of a model's request schema: place in the body and keyword."""
    found: set[tuple[str, str]] = set()
    whole = resolved(component(model.request_schema))
    pending: list[tuple[Path, Mapping[str, Any]]] = [(p, s) for p, s in places(whole)]
    for path, schema in list(pending):
        for arm in arms_of(schema):
            pending += [((*path, *p), s) for p, s in places(arm) if p]
    for path, schema in pending:
        for keyword in KEYWORDS:
            if keyword in schema and not (keyword == "minItems" and schema[keyword] == 0):
                found.add((pointer_of(path), keyword))
    return found


def coverage(spec: Spec, model: Model) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The rules that no permitted body sits on, and those that no forbidden body breaks."""
    wanted = {(place(spec, model, steps(pointer)), word) for pointer, word in keywords(model)}
    top = f"/components/schemas/{model.request_schema}"
    good = {rule for each in permitted(spec, model) for rule in touched(spec, top, each.body)}
    bad = {(each.pointer, each.keyword) for each in forbidden(spec, model)}
    return wanted - good, wanted - bad


def touched(spec: Spec, pointer: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every rule that a permitted value sits on: bounds exactly, all others by being there."""
    pointer, node = spec.follow(pointer)
    for part, _ in enumerate(node.get("allOf", ())):
        yield from ((pointer, word) for _, word in touched(spec, f"{pointer}/allOf/{part}", value))
    arms = [f"{pointer}/anyOf/{arm}" for arm, _ in enumerate(node.get("anyOf", ()))]
    for arm in arms:
        yield from touched(spec, arm, value) if spec.holds(arm, value) else ()
    for keyword in KEYWORDS:
        if keyword in node and _on(keyword, node[keyword], value):
            yield pointer, keyword
    for inner, part in _members(node, value):
        yield from touched(spec, f"{pointer}/{inner}", part)


def _members(node: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    """What stands inside of a value, with the place of its schema."""
    if isinstance(value, dict):
        known = [name for name in node.get("properties", {}) if name in value]
        yield from ((f"properties/{escape(name)}", value[name]) for name in known)
    if isinstance(value, list) and "items" in node:
        yield from (("items", item) for item in value)


def _on(keyword: str, bound: Any, value: Any) -> bool:
    """Whether a permitted value sits on a rule."""
    if keyword in ("minimum", "maximum"):
        return bool(value == bound)
    if keyword in ("minLength", "maxLength", "minItems", "maxItems"):
        return bool(len(value) == bound)
    return True


def distinct(bodies: Iterable[Tried]) -> list[Tried]:
    """Without bodies that stand there twice."""
    seen: dict[str, Tried] = {}
    for each in bodies:
        seen.setdefault(json.dumps(each.body, sort_keys=True), each)
    return [copy.copy(each) for each in seen.values()]
