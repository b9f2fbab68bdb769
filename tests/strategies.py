"""Values from the document's schemas: valid ones to draw, and listed ones on and past every bound.

``valid(schema)`` is a hypothesis strategy. ``boundaries(schema)`` and ``invalid(schema)`` list
cases, each labelled with the place it changes and the keyword it sits on or breaks. The
``*_arguments`` functions do the same for the request class of a model.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from pixazo_openapi.catalogue import Model
from pixazo_openapi.request import Request
from pixazo_openapi.requests import request_class
from pixazo_openapi.schema import component

__all__ = [
    "Case",
    "boundaries",
    "boundary_arguments",
    "invalid",
    "invalid_arguments",
    "minimal",
    "requests",
    "valid",
    "valid_arguments",
]

Schema = Mapping[str, Any]

_UNIONS = ("anyOf", "oneOf")
_TEXT = st.characters(codec="utf-8", exclude_characters="\x00")
_ODD_TEXTS = ("", " ", "0", "null", "漢字 \U0001f600 é", 'quo"te\\ \n tab\t', "\u202eright to left")
_LARGE = (0, -1, 2**31 - 1, 2**53)
_WRONG_TYPES: Mapping[str, tuple[Any, ...]] = {
    "string": (7, True, ["x"], {}),
    "boolean": ("true", 1, 0.0),
    "integer": ("1", 1.5, True, math.nan, math.inf),
    "number": ("1.0", True, math.nan, -math.inf),
    "array": ("x", 3, {}),
    "object": ("x", 3, []),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One value with its label.

    Args:
        value: the whole value, or the parameter's value for arguments.
        pointer: the place in it that is special, as a JSON pointer.
        keyword: the rule that this place sits on or breaks.
        note: what is special, for the test's id.
        name: the parameter; empty for cases of a bare schema.
    """

    value: Any
    pointer: str
    keyword: str
    note: str
    name: str = ""

    def __str__(self) -> str:
        where = self.name + (self.pointer if self.pointer != "/" else "")
        return f"{where or '/'} {self.keyword}: {self.note}"


def _resolved(schema: Schema) -> Schema:
    """Follow references and merge ``allOf``, so that one mapping says everything."""
    while "$ref" in schema:
        schema = component(schema["$ref"].rpartition("/")[2])
    if "allOf" not in schema:
        return schema
    merged: dict[str, Any] = {}
    for part in schema["allOf"]:
        merged |= _resolved(part)
    return merged | {name: value for name, value in schema.items() if name != "allOf"}


def _arms(schema: Schema) -> list[Schema]:
    """Return the choices of a union; empty for any other schema."""
    for keyword in _UNIONS:
        if keyword in schema:
            return [_resolved(arm) for arm in schema[keyword]]
    stated = schema.get("type")
    return [{**schema, "type": name} for name in stated] if isinstance(stated, list) else []


# --- valid values to draw


def valid(schema: Schema) -> st.SearchStrategy[Any]:
    """Return a strategy for values that the schema allows, its edges drawn more often."""
    schema = _resolved(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if arms := _arms(schema):
        return st.one_of(*(valid(arm) for arm in arms))
    return _STRATEGIES[schema["type"]](schema)


def _integers(schema: Schema) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum"), schema.get("maximum")
    bounds = [bound for bound in (least, most) if bound is not None]
    edges = [edge for edge in (*bounds, *_LARGE) if _within(edge, least, most)]
    whole = st.integers(least, most)
    return st.sampled_from(edges) | whole if edges else whole


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    least, most = schema.get("minimum"), schema.get("maximum")
    edges = [edge for edge in (least, most) if edge is not None]
    drawn = st.floats(least, most, allow_nan=False, allow_infinity=False)
    return st.sampled_from(edges) | drawn if edges else drawn


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    pattern = schema.get("pattern")
    if schema.get("format") == "uri":
        return _urls().filter(lambda url: pattern is None or re.search(pattern, url) is not None)
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
    if pattern is not None:
        return st.from_regex(pattern.replace("$", r"\Z"), alphabet=_TEXT)
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    odd = [text for text in _ODD_TEXTS if _within(len(text), least, most)]
    drawn = st.text(_TEXT, min_size=least, max_size=most)
    return st.sampled_from(odd) | drawn if odd else drawn


def _urls() -> st.SearchStrategy[str]:
    hosts = st.sampled_from(["cdn.example.com", "a-b.example", "203.0.113.7:8443", "[2001:db8::1]"])
    paths = st.lists(st.sampled_from([*"abcz019_-.~/", "%20", "%C3%A9"]), max_size=20).map("".join)
    return st.builds("{}://{}/{}".format, st.sampled_from(["http", "https"]), hosts, paths)


def _arrays(schema: Schema) -> st.SearchStrategy[list[Any]]:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    unique = repr if schema.get("uniqueItems") else None
    size = least + 3 if most is None else most
    return st.lists(valid(schema["items"]), min_size=least, max_size=size, unique_by=unique)


def _objects(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    members = {name: valid(inner) for name, inner in schema.get("properties", {}).items()}
    required = {name: members.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=members)


def _null(_: Schema) -> st.SearchStrategy[None]:
    return st.none()


def _booleans(_: Schema) -> st.SearchStrategy[bool]:
    return st.booleans()


_STRATEGIES: Mapping[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
    "null": _null,
    "boolean": _booleans,
    "integer": _integers,
    "number": _numbers,
    "string": _strings,
    "array": _arrays,
    "object": _objects,
}


# --- the plainest value, to put special ones into


def minimal(schema: Schema) -> Any:
    """Return the plainest value that the schema allows."""
    schema = _resolved(schema)
    for keyword in ("examples", "enum"):
        if keyword in schema:
            return copy.deepcopy(schema[keyword][0])
    if "const" in schema:
        return schema["const"]
    if arms := _arms(schema):
        return minimal(arms[0])
    if schema["type"] == "object":
        return {name: minimal(schema["properties"][name]) for name in schema.get("required", ())}
    if schema["type"] == "array":
        return [minimal(schema["items"]) for _ in range(schema.get("minItems", 0))]
    return _plain(schema)


def _plain(schema: Schema) -> Any:
    match schema["type"]:
        case "string" if schema.get("format") == "uri":
            return "https://pictures.example.com/a.png"
        case "string" if schema.get("format") == "date-time":
            return "2026-01-31T10:00:00.000Z"
        case "string":
            return "a" * max(1, schema.get("minLength", 1))
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return schema.get("minimum", 1)


def _places(schema: Schema, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Schema]]:
    """Yield every place in a value of the schema, with the schema of the place."""
    schema = _resolved(schema)
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _places(inner, (*path, name))
    if "items" in schema:
        yield from _places(schema["items"], (*path, 0))


def _put(schema: Schema, path: tuple[str | int, ...], value: Any) -> Any:
    """Return the plainest value of the schema with one place in it changed."""
    if not path:
        return copy.deepcopy(value)
    schema = _resolved(schema)
    whole = minimal(schema)
    head, *rest = path
    if isinstance(head, int):
        whole = whole or [None]
        whole[head] = _put(schema["items"], tuple(rest), value)
    else:
        whole[head] = _put(schema["properties"][head], tuple(rest), value)
    return whole


def _pointer(path: Iterable[str | int]) -> str:
    return "/" + "/".join(map(str, path))


_Special = Iterator[tuple[Any, str, str]]


def _cases(schema: Schema, special: Callable[[Schema], _Special]) -> Iterator[Case]:
    for path, inner in _places(schema):
        for value, keyword, note in special(inner):
            yield Case(_put(schema, path, value), _pointer(path), keyword, note)


# --- values on every bound


def boundaries(schema: Schema) -> Iterator[Case]:
    """Yield allowed values, each of which sits on one rule of the schema."""
    return _cases(schema, _edges)


def _edges(schema: Schema) -> _Special:
    if "enum" in schema:
        yield from ((word, "enum", f"listed {word!r}") for word in schema["enum"])
    elif arms := _arms(schema):
        for arm in arms:
            yield from _edges(_resolved(arm))
    else:
        yield from _EDGES[schema["type"]](schema)


def _number_edges(schema: Schema) -> _Special:
    least, most = schema.get("minimum"), schema.get("maximum")
    for keyword in ("minimum", "maximum"):
        if keyword in schema:
            yield schema[keyword], keyword, f"exactly {schema[keyword]}"
            yield float(schema[keyword]), keyword, f"exactly {float(schema[keyword])}"
    for large in _LARGE:
        if _within(large, least, most):
            yield large, "type", f"{large}"
    if schema["type"] == "number" and least is not None and most is not None:
        yield math.nextafter(least, most), "minimum", "just inside the minimum"
        yield math.nextafter(most, least), "maximum", "just inside the maximum"


def _string_edges(schema: Schema) -> _Special:
    if "format" in schema or "pattern" in schema:
        yield minimal(schema), "pattern", "plain"
        return
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    yield "a" * least, "minLength", f"length {least}"
    yield "a" * (most or 4000), "maxLength", f"length {most or 4000}"
    for text in _ODD_TEXTS:
        if _within(len(text), least, most):
            yield text, "type", f"{text!a}"


def _array_edges(schema: Schema) -> _Special:
    for keyword in ("minItems", "maxItems"):
        if keyword in schema and not schema.get("uniqueItems"):
            yield [minimal(schema["items"])] * schema[keyword], keyword, f"{schema[keyword]} items"
    inner = _resolved(schema["items"])
    if schema.get("uniqueItems") and "enum" in inner:
        yield [*inner["enum"]], "uniqueItems", "each word once"


def _object_edges(schema: Schema) -> _Special:
    yield minimal(schema), "required", "only what is required"
    members = schema.get("properties", {})
    yield {name: minimal(inner) for name, inner in members.items()}, "properties", "everything"


def _boolean_edges(_: Schema) -> _Special:
    yield True, "type", "true"
    yield False, "type", "false"


def _null_edges(_: Schema) -> _Special:
    yield None, "type", "null"


_EDGES: Mapping[str, Callable[[Schema], _Special]] = {
    "null": _null_edges,
    "boolean": _boolean_edges,
    "integer": _number_edges,
    "number": _number_edges,
    "string": _string_edges,
    "array": _array_edges,
    "object": _object_edges,
}


# --- values past every bound


def invalid(schema: Schema) -> Iterator[Case]:
    """Yield forbidden values, each of which breaks one rule of the schema in one place."""
    return _cases(schema, _breaks)


def _breaks(schema: Schema) -> _Special:
    arms = _arms(schema)
    if arms:
        yield from _union_breaks(schema, arms)
        return
    for value in _WRONG_TYPES.get(schema["type"], ()):
        yield value, "type", f"{value!r} for {schema['type']}"
    if "enum" in schema:
        yield from _enum_breaks(schema)
    elif schema["type"] in {"integer", "number"}:
        yield from _number_breaks(schema)
    elif schema["type"] == "string":
        yield from _string_breaks(schema)
    elif schema["type"] == "array":
        yield from _array_breaks(schema)
    elif schema["type"] == "object":
        yield from _object_breaks(schema)


def _union_breaks(schema: Schema, arms: list[Schema]) -> _Special:
    types = {arm["type"] for arm in arms}
    keyword = next((name for name in _UNIONS if name in schema), "type")
    for value, name in ((3.25, "number"), (["x"], "array"), (True, "boolean")):
        if name not in types:
            yield value, keyword, f"{value!r} fits no arm"
    for arm in arms:
        for value, broken, note in _breaks(arm):
            if broken != "type":
                yield value, broken, f"{note} in one arm"


def _enum_breaks(schema: Schema) -> _Special:
    yield "not-listed", "enum", "unlisted"
    for word in schema["enum"]:
        yield f"{word} ", "enum", f"{word!r} with a space"
        if word.swapcase() != word:
            yield word.swapcase(), "enum", f"{word!r} in other case"


def _number_breaks(schema: Schema) -> _Special:
    step = 1 if schema["type"] == "integer" else 1e-6
    if "minimum" in schema:
        yield schema["minimum"] - step, "minimum", "just below"
    if "maximum" in schema:
        yield schema["maximum"] + step, "maximum", "just above"


def _string_breaks(schema: Schema) -> _Special:
    if schema.get("minLength"):
        yield "a" * (schema["minLength"] - 1), "minLength", "one short"
    if "maxLength" in schema:
        yield "a" * (schema["maxLength"] + 1), "maxLength", "one long"
    if "pattern" in schema:
        for text in ("", "Not A Match!", " ", "ftp://example.com/x", "javascript:alert(1)"):
            if not re.search(schema["pattern"], text):
                yield text, "pattern", f"{text!r}"
        broken = "pattern" if schema["pattern"].endswith("$") else "format"
        if broken in schema:
            yield f"{minimal(schema)}\n", broken, "line break at the end"
    elif schema.get("format") == "date-time":
        yield "yesterday", "format", "a word"


def _array_breaks(schema: Schema) -> _Special:
    item = minimal(schema["items"])
    if schema.get("minItems"):
        yield [item] * (schema["minItems"] - 1), "minItems", "one item fewer"
    if "maxItems" in schema:
        yield [item] * (schema["maxItems"] + 1), "maxItems", "one item more"
    if schema.get("uniqueItems"):
        yield [item, item], "uniqueItems", "an item twice"


def _object_breaks(schema: Schema) -> _Special:
    whole = minimal(schema)
    for name in schema.get("required", ()):
        lacking = {other: value for other, value in whole.items() if other != name}
        yield lacking, "required", f"without {name}"
    if schema.get("additionalProperties") is False:
        yield {**whole, "zzz": 1}, "additionalProperties", "an unknown name"


# --- arguments of request classes


def valid_arguments(model: Model) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for arguments that the model's request class takes."""
    drawn = {parameter.name: valid(parameter.schema) for parameter in model.parameters}
    required = {p.name: drawn.pop(p.name) for p in model.parameters if p.required}
    return st.fixed_dictionaries(required, optional=drawn)


def requests(model: Model) -> st.SearchStrategy[Request]:
    """Return a strategy for requests to the model."""
    kind: Any = request_class(model.model_id)
    return valid_arguments(model).map(lambda given: kind(**given))


def boundary_arguments(model: Model) -> Iterator[Case]:
    """Yield allowed arguments, all that is required with one parameter on one of its bounds."""
    return _arguments(model, boundaries)


def invalid_arguments(model: Model) -> Iterator[Case]:
    """Yield forbidden arguments, all that is required with one parameter past one of its bounds."""
    return _arguments(model, invalid)


def _arguments(model: Model, special: Callable[[Schema], Iterator[Case]]) -> Iterator[Case]:
    plain = {p.name: minimal(p.schema) for p in model.parameters if p.required}
    for parameter in model.parameters:
        for case in special(parameter.schema):
            given = {**copy.deepcopy(plain), parameter.name: case.value}
            yield Case(given, case.pointer, case.keyword, case.note, parameter.name)
