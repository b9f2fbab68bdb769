"""Examples against schemas: what is wrong with a value, at which path, by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pixazo.drift.contract import Contract, Node
from pixazo.drift.literals import JSONValue

__all__ = ["Fault", "check", "extra_fields", "shown_fields"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: dotted path of the value, the value itself, the rule in words."""

    path: str
    value: JSONValue
    rule: str


def check(value: JSONValue, schema: tuple[Node, str], contract: Contract) -> list[Fault]:
    """Return what is wrong with an example.

    Args:
        value: The example.
        schema: The schema and its pointer.
        contract: The spec that its references lead into.
    """
    node, pointer = contract.resolve(*schema)
    arms = node.get("anyOf") or node.get("oneOf")
    if not arms:
        return _faults(value, node, pointer, contract)
    at = f"{pointer}/{'anyOf' if 'anyOf' in node else 'oneOf'}"
    tried = [check(value, (arm, f"{at}/{i}"), contract) for i, arm in enumerate(arms)]
    return min(tried, key=len)


def _faults(value: JSONValue, node: Node, pointer: str, contract: Contract) -> list[Fault]:
    try:
        import jsonschema_rs
    except ModuleNotFoundError:
        return _own_faults(value, node)
    if pointer not in contract.validators:
        schema = {**node, "components": contract.document.get("components", {})}
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        contract.validators[pointer] = validator
    return [
        Fault(_dotted(error.instance_path), _at(value, error.instance_path), error.message)
        for error in contract.validators[pointer].iter_errors(value)
    ]


def _own_faults(value: JSONValue, node: Node) -> list[Fault]:
    """Check without jsonschema-rs; references lead into the shipped document then."""
    from pixazo_openapi.schema import problems

    return [
        Fault(_dotted(found.pointer.split("/")[1:]), cast("JSONValue", found.value), found.rule)
        for found in problems(value, node)
    ]


def _dotted(path: Sequence[Any]) -> str:
    text = ""
    for token in path:
        number = isinstance(token, int) or str(token).isdigit()
        text += "[]" if number else f".{token}"
    return text.removeprefix(".")


def _at(value: JSONValue, path: Sequence[Any]) -> JSONValue:
    for token in path:
        value = cast("Any", value)[token]
    return value


def shown_fields(value: JSONValue, path: str = "") -> Iterator[str]:
    """Yield the dotted path of every field in an example, `[]` for each element."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            at = f"{path}.{name}" if path else name
            yield at
            yield from shown_fields(inner, at)
    elif isinstance(value, list):
        for inner in value:
            yield from shown_fields(inner, f"{path}[]")


def extra_fields(
    value: JSONValue, schema: tuple[Node, str], contract: Contract
) -> list[tuple[str, JSONValue]]:
    """Return the fields of an example that the schema does not know, and their values."""
    known = {found.path for found in contract.fields(schema)}
    return [
        (path, _example_at(value, path))
        for path in dict.fromkeys(shown_fields(value))
        if path not in known and path.rpartition(".")[0] in known | {""}
    ]


def _example_at(value: JSONValue, path: str) -> JSONValue:
    for token in path.replace("[]", ".0").split("."):
        value = cast("Any", value)[int(token) if token.isdigit() else token]
    return value
