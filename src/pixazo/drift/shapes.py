"""Schemas drafted from what a page shows: requests from parameter rows, answers from examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from pixazo.drift.literals import JSONValue
from pixazo.drift.parameters import row_name, row_required, row_schema, row_stated
from pixazo.drift.tables import Row

__all__ = ["answer_shape", "flat_arguments", "request_shape", "url_pointers"]

_TODO = "TODO in our own words"
_URL = re.compile(r"https?://|\[[A-Z_]*URL\]")


def request_shape(rows: Sequence[Row], source: str, description: str) -> dict[str, Any]:
    """Return a schema of a request body.

    Args:
        rows: The parameter rows; dotted names become nested objects.
        source: The page's section, for `x-pixazo`.
        description: What the body is.
    """
    root = _object(description)
    names = {row_name(row).replace("[]", "") for row in rows}
    for row in rows:
        _place(root, row_name(row).split("."), row, source, names)
    return _pruned(root)


def _pruned(node: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without empty lists of required fields."""
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key == "required" and value == []:
            continue
        found[key] = _pruned(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
    if "anyOf" in found:
        found["anyOf"] = [_pruned(arm) for arm in found["anyOf"]]
    return found


def _object(description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": [],
        "properties": {},
    }


def _place(
    holder: dict[str, Any], path: list[str], row: Row, source: str, names: set[str], at: str = ""
) -> None:
    """Put a row's schema where its dotted name says, making the objects on the way."""
    name, rest = path[0].removesuffix("[]"), path[1:]
    own = f"{at}.{name}" if at else name
    if row_required(row) and (not rest or own not in names) and name not in holder["required"]:
        holder["required"].append(name)
    properties: dict[str, Any] = holder["properties"]
    if not rest:
        properties.setdefault(name, {}).update(row_schema(row, source))
        return
    is_list = path[0].endswith("[]")
    inner = properties.setdefault(name, {} if is_list else _object(_TODO))
    if is_list:
        if "properties" not in inner.get("items", {}):
            inner["items"] = _object(_TODO)
        inner = inner["items"]
    _place(_object_in(inner), rest, row, source, names, own)


def _object_in(node: dict[str, Any]) -> dict[str, Any]:
    """Return the object that a node is or, beside scalars, may be."""
    if "properties" in node:
        return node
    if "anyOf" not in node:
        kinds = [kind for kind in node.pop("type", []) if kind != "object"]
        node["anyOf"] = [{"type": kind} for kind in kinds] + [_object(_TODO)]
    return cast("dict[str, Any]", node["anyOf"][-1])


def flat_arguments(rows: Sequence[Row]) -> dict[str, str]:
    """Return flat argument names and their places in a nested body; empty for a flat one.

    Lists and fields with a single value are left out: the request class fills them in.
    """
    names = {row_name(row) for row in rows}
    nested = any("." in name and name.partition(".")[0] not in names for name in names)
    found: dict[str, str] = {}
    for row in rows if nested else ():
        stated = row_stated(row)
        if stated.types != ("array",) and len(stated.enum) != 1:
            path = row_name(row).replace("[]", ".0").replace(".", "/")
            found.setdefault(path.rpartition("/")[2], f"/{path}")
    return found


def answer_shape(value: JSONValue) -> dict[str, Any]:
    """Return a schema of an example: its types, and its fields, all of them required."""
    if isinstance(value, dict):
        fields = {name: answer_shape(inner) for name, inner in value.items()}
        shape = {"type": "object", "description": _TODO}
        return {**shape, "required": list(value), "properties": fields}
    if isinstance(value, list):
        items = answer_shape(value[0]) if value else {"type": "string"}
        return {"type": "array", "description": _TODO, "items": items}
    return {"type": _kind(value), "description": _TODO}


def _kind(value: JSONValue) -> str | list[str]:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else ["string", "null"]


def url_pointers(value: JSONValue) -> list[str]:
    """Return the JSON pointers of the URLs in an answer, `*` for each element."""
    return list(dict.fromkeys(_urls(value, "")))


def _urls(value: JSONValue, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _urls(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _urls(inner, f"{pointer}/*")
    elif isinstance(value, str) and _URL.match(value):
        yield pointer
