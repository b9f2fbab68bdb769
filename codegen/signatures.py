"""Python types and sentences for the parameters of a request class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codegen.runtime.entries import NO_DEFAULT, Model, Parameter

__all__ = ["accepted", "bounds", "kept", "origin", "price", "sentences"]

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_BOUNDS = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
)
_BEYOND = (("exclusiveMinimum", "More than"), ("exclusiveMaximum", "Less than"))


def kept(parameter: Parameter) -> str:
    """Return the type of the attribute: what the request keeps, which is immutable."""
    return _optional(_type(parameter.schema, "tuple[{0}, ...]"), parameter)


def accepted(parameter: Parameter) -> str:
    """Return the type of the argument: what a caller may give."""
    given = _type(parameter.schema, "list[{0}] | tuple[{0}, ...]")
    inline = " | bytes | PathLike[str]" if parameter.inline else ""
    return _optional(given + inline, parameter)


def _optional(annotation: str, parameter: Parameter) -> str:
    return annotation if parameter.required else f"{annotation} | None"


def _type(schema: Mapping[str, Any], sequence: str) -> str:
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return " | ".join(dict.fromkeys(_type(arm, sequence) for arm in schema[keyword]))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(word) for word in schema['enum'])}]"
    if schema["type"] == "array":
        return sequence.format(_type(schema["items"], sequence))
    if schema["type"] == "object":
        members = schema.get("properties", {}).values()
        values = dict.fromkeys(_type(member, sequence) for member in members)
        return f"Mapping[str, {' | '.join(values) or 'Any'}]"
    return _SCALARS[schema["type"]]


def price(model: Model) -> str:
    """Return what one request costs, as a sentence."""
    rulings = _rulings(model.price.rulings)
    if model.price.usd is None:
        return f"The documents name no price{rulings}."
    return f"Costs {model.price.usd} USD a {model.price.per}{rulings}."


def origin(model: Model) -> str:
    """Return mode, source and rulings of a model, with the way to a ruling's text."""
    said = f"{model.mode.capitalize()}. Source: {model.source}."
    if not model.rulings:
        return said
    way = f"spec/RULINGS.md, or ``pixazo explain {model.rulings[0]}``"
    return f"{said} Rulings: {', '.join(model.rulings)} ({way})."


def sentences(parameter: Parameter) -> str:
    """Return what the parameter does, its bounds, the server's default, source and rulings."""
    facts = [parameter.description]
    facts.append("Required." if parameter.required else "")
    facts += bounds(parameter.schema)
    if parameter.inline:
        facts.append("A path or bytes are sent as a data URI.")
    if parameter.default is not NO_DEFAULT:
        facts.append(f"Server default: {parameter.default!r}.")
    facts.append(f"Source: {parameter.source}{_rulings(parameter.rulings)}.")
    return " ".join(fact for fact in facts if fact)


def _rulings(rulings: tuple[str, ...]) -> str:
    return f" ({', '.join(rulings)})" if rulings else ""


def bounds(schema: Mapping[str, Any]) -> list[str]:
    """Return a sentence for every bound of a number, a length or a number of items."""
    found = [_range(schema)]
    for keyword, words in _BEYOND:
        found.append(f"{words} {schema[keyword]}." if keyword in schema else "")
    for least, most, noun in _BOUNDS:
        found.append(_count(schema.get(least), schema.get(most), noun))
    return [words for words in found if words]


def _range(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and least == most:
        return f"Only {least}."
    if least is not None and most is not None:
        return f"{least} to {most}."
    if least is not None:
        return f"At least {least}."
    return f"At most {most}." if most is not None else ""


def _count(least: int | None, most: int | None, noun: str) -> str:
    if most is None:
        return f"At least {_plural(least, noun)}." if least else ""
    return f"{least or 0} to {_plural(most, noun)}."


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
