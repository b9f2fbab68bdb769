"""Values of a JSON Schema as people type them, and what to tell people about them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pixazo_openapi.catalogue import NO_DEFAULT, Parameter

__all__ = ["arms", "bounds", "choices", "facts", "items_of", "kind_of", "metavar", "read"]

Schema = Mapping[str, Any]
_ADDRESS = re.compile(r"(https?|data):", re.IGNORECASE)


def arms(schema: Schema) -> Iterator[Schema]:
    """Yield the plain alternatives of a schema, in its order."""
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            for arm in schema[word]:
                yield from arms(arm)
            return
    yield schema


def kind_of(schema: Schema) -> str:
    """Return the JSON type of a plain schema; `object` when it names none."""
    stated = schema.get("type", "object")
    if isinstance(stated, str):
        return stated
    return next((str(word) for word in cast("Sequence[str]", stated) if word != "null"), "null")


def items_of(schema: Schema) -> Schema | None:
    """Return the schema of an array's items, or None when it is no array."""
    for arm in arms(schema):
        if kind_of(arm) == "array":
            return cast("Schema", arm.get("items", {}))
    return None


def choices(schema: Schema) -> tuple[str, ...]:
    """Return the only texts that the schema allows; empty when it is open."""
    plain = list(arms(schema))
    if len(plain) == 1 and kind_of(plain[0]) == "string":
        return tuple(str(word) for word in plain[0].get("enum", ()))
    return ()


def read(text: str, schema: Schema, *, inline: bool = False) -> object:
    """Return the JSON value that a text stands for.

    A text that fits no alternative comes back as it is: the request's own check then names the
    parameter, the value and the rule, together with everything else that is wrong.

    Args:
        text: What was typed.
        schema: The JSON Schema of the value.
        inline: Whether a text that is no address names a file whose content is sent.
    """
    if inline and not _ADDRESS.match(text):
        return Path(text)
    plain = [arm for arm in arms(schema) if kind_of(arm) != "string"]
    for arm in plain:
        value = _READERS[kind_of(arm)](text, arm)
        if value is not None:
            return value
    return _spelled(text, choices(schema))


def _spelled(text: str, allowed: Sequence[str]) -> str:
    """Return the allowed spelling: `*` is awkward in a shell, so `x` will do."""
    starred = text.replace("x", "*")
    return starred if text not in allowed and starred in allowed else text


def _integer(text: str, _: Schema) -> object:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,1000}", text.strip()) else None


def _number(text: str, schema: Schema) -> object:
    whole = _integer(text, schema)
    if whole is not None:
        return whole
    try:
        return float(text)
    except ValueError:
        return None


def _boolean(text: str, _: Schema) -> object:
    return {"true": True, "false": False}.get(text.strip().lower())


def _object(text: str, schema: Schema) -> object:
    names = _integer_fields(schema)
    parts = re.fullmatch("x".join(["([0-9]{1,1000})"] * len(names)), text.replace("*", "x").lower())
    if names and parts:
        return {name: int(part) for name, part in zip(names, parts.groups(), strict=True)}
    return _json(text, dict)


def _array(text: str, _: Schema) -> object:
    return _json(text, list)


def _null(text: str, _: Schema) -> object:  # noqa: ARG001 (a reader like the others)
    return None


def _json(text: str, kind: type[object]) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, kind) else None


_READERS = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "object": _object,
    "array": _array,
    "null": _null,
}


def _integer_fields(schema: Schema) -> tuple[str, ...]:
    """Return the fields of an object that is nothing but integers, such as width and height."""
    fields = cast("Mapping[str, Schema]", schema.get("properties", {}))
    if len(fields) > 1 and all(kind_of(field) == "integer" for field in fields.values()):
        return tuple(fields)
    return ()


def metavar(schema: Schema, *, inline: bool = False) -> str:
    """Return the placeholder of a value in a help text: `INTEGER`, `[png|jpeg]`, `URL|FILE`."""
    allowed = choices(schema)
    if allowed:
        return f"[{'|'.join(allowed)}]"
    if inline:
        return "URL|FILE"
    plain = list(arms(schema))
    return "|".join(dict.fromkeys(_placeholder(arm, alone=len(plain) == 1) for arm in plain))


def _placeholder(schema: Schema, *, alone: bool) -> str:
    kind = kind_of(schema)
    if kind == "object":
        return "x".join(name.upper() for name in _integer_fields(schema)) or "JSON"
    if kind == "string":
        if schema.get("format") == "uri":
            return "URL"
        return "TEXT" if alone else "NAME"
    return {"array": "JSON"}.get(kind, kind.upper())


def facts(parameter: Parameter) -> list[str]:
    """Return what a person must know of a parameter beside its meaning: bounds, default, duty."""
    said = [*bounds(parameter.schema)]
    items = items_of(parameter.schema)
    if items is not None:
        said.append("repeat for more")
        said.extend(bounds(items))
    if parameter.default is not NO_DEFAULT:
        said.append(f"server's default {_shown(parameter.default)}")
    if parameter.required:
        said.append("required")
    return said


_BEYOND = (("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"))


def bounds(schema: Schema) -> Iterator[str]:
    """Yield the documented bounds of a schema in words."""
    for arm in arms(schema):
        yield from _range(arm.get("minimum"), arm.get("maximum"), "")
        yield from (f"{word} {arm[keyword]}" for keyword, word in _BEYOND if keyword in arm)
        yield from _range(_above_one(arm.get("minLength")), arm.get("maxLength"), " characters")
        yield from _range(_above_one(arm.get("minItems")), arm.get("maxItems"), " values")


def _above_one(least: int | None) -> int | None:
    """Return a bound worth telling: that a text or list is not empty goes without saying."""
    return least if least is not None and least > 1 else None


def _range(low: object, high: object, unit: str) -> Iterator[str]:
    if low is not None and high is not None:
        yield f"{low} to {high}{unit}" if low != high else f"only {low}{unit}"
    elif low is not None:
        yield f"at least {low}{unit}"
    elif high is not None:
        yield f"at most {high}{unit}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)
