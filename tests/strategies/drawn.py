"""Values that a schema allows, to be drawn by hypothesis."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from tests.strategies.schemas import LARGE, ODD_TEXTS, Schema, arms_of, resolved, span, within

_TEXT = st.characters(codec="utf-8", exclude_characters="\x00")


def valid(schema: Schema) -> st.SearchStrategy[Any]:
    """Return a strategy for values that the schema allows, its edges drawn more often."""
    schema = resolved(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if arms := arms_of(schema):
        return st.one_of(*(valid(arm) for arm in arms))
    return _STRATEGIES[schema["type"]](schema)


def _integers(schema: Schema) -> st.SearchStrategy[int]:
    least, most = (None if bound is None else int(bound) for bound in span(schema))
    bounds = [bound for bound in (least, most) if bound is not None]
    edges = [edge for edge in (*bounds, *LARGE) if within(edge, least, most)]
    whole = st.integers(least, most)
    return st.sampled_from(edges) | whole if edges else whole


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    least, most = span(schema)
    edges = [edge for edge in (least, most) if edge is not None]
    drawn = st.floats(least, most, allow_nan=False, allow_infinity=False)
    return st.sampled_from(edges) | drawn if edges else drawn


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    pattern = schema.get("pattern")
    if schema.get("format") == "uri":
        return _urls().filter(lambda url: pattern is None or re.search(pattern, url) is not None)
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
    if pattern is not None:
        return st.from_regex(pattern.replace("$", r"\Z"), alphabet=_TEXT)
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    odd = [text for text in ODD_TEXTS if within(len(text), least, most)]
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
