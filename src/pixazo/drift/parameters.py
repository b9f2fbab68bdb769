"""Parameter rows against the request schema: names, types, required, defaults, bounds, choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from pixazo.drift.contract import SEPARATOR, Contract, Field, Operation, child
from pixazo.drift.descriptions import NOTHING, Stated, read_row
from pixazo.drift.edits import Edit
from pixazo.drift.findings import Difference, Kind
from pixazo.drift.literals import JSONValue
from pixazo.drift.page import ModelFacts
from pixazo.drift.tables import Row

__all__ = ["compare_parameters", "row_name", "row_required", "row_schema", "row_stated"]

BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


def row_name(row: Row) -> str:
    """Return the parameter's name in a row."""
    return row.cells.get("field") or row.cells.get("parameter", "")


def row_stated(row: Row) -> Stated:
    """Return what the row states about the parameter."""
    cells = row.cells
    return read_row(cells.get("type", ""), cells.get("description", ""), cells.get("default", ""))


def row_required(row: Row) -> bool | None:
    """Return whether the row calls the parameter required; None when it does not say."""
    cell = row.cells.get("required", "").lower()
    if cell.startswith("y") or cell == "required" or cell == "true":
        return True
    return False if cell.startswith("n") or cell in {"optional", "false"} else None


def row_schema(row: Row, source: str) -> dict[str, Any]:
    """Return a JSON Schema of what the row states, for a proposal.

    Args:
        row: The row.
        source: Section of the page, for `x-pixazo`.
    """
    stated = row_stated(row)
    types: str | list[str] = stated.types[0] if len(stated.types) == 1 else list(stated.types)
    schema: dict[str, Any] = {"type": types, "description": "TODO in our own words"}
    if types == "array":
        item = {"type": "string", "enum": list(stated.enum)} if stated.enum else {"type": "string"}
        schema["items"] = item
    elif stated.enum:
        schema["enum"] = list(stated.enum)
    bounds = dict(stated.bounds)
    schema.update({keyword: bounds[keyword] for keyword in BOUNDS if keyword in bounds})
    if stated.default is not NOTHING:
        schema["default"] = stated.default
    schema["x-pixazo"] = {"source": SEPARATOR.join((source, "Request Parameters", row_name(row)))}
    return schema


def compare_parameters(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield what differs between a page's parameter rows and the request schema.

    Args:
        facts: The page's part about the model.
        operation: The model's operation.
        contract: The spec.
    """
    fields = {found.path: found for found in contract.fields(contract.request(operation))}
    rows = {row_name(row): row for row in facts.parameters}
    view = _View(operation, contract, facts.parameters_line)
    for name, row in rows.items():
        if name in fields:
            yield from view.compare(fields[name], row)
        else:
            yield view.new(name, row, fields)
    for path, found in fields.items():
        if path not in rows and not found.is_container:
            yield view.removed(found)


@dataclass(frozen=True, slots=True)
class _View:
    """Builds the differences of one model."""

    operation: Operation
    contract: Contract
    line: int | None

    def compare(self, found: Field, row: Row) -> Iterator[Difference]:
        stated = row_stated(row)
        required = row_required(row)
        if required is not None and required != found.required:
            yield self._required(found, row, says=required)
        if stated.types and stated.types != found.types:
            yield self._differs("type changed", found, row, "type", _one(stated.types))
        if not found.is_container:
            yield from self._values(found, row, stated)

    def _values(self, found: Field, row: Row, stated: Stated) -> Iterator[Difference]:
        default = None if isinstance(stated.default, EllipsisType) else stated.default
        if default != found.schema.get("default") or _other_type(
            default, found.schema.get("default")
        ):
            yield self._differs("default changed", found, row, "default", default)
        bounds = dict(stated.bounds)
        for keyword in BOUNDS:
            if bounds.get(keyword) != found.schema.get(keyword):
                yield self._differs("bound changed", found, row, keyword, bounds.get(keyword))
        if set(map(repr, stated.enum)) != set(map(repr, found.enum)):
            yield self._differs("enum changed", found, row, "enum", list(stated.enum) or None)
        if stated.joint and not all(stated.joint in str(value) for value in found.enum):
            yield self._differs(
                "format changed", found, row, "format", f"WIDTH{stated.joint}HEIGHT"
            )

    def _differs(
        self, kind: Kind, found: Field, row: Row, aspect: str, says: JSONValue
    ) -> Difference:
        spec: JSONValue = _one(found.types) if aspect == "type" else found.schema.get(aspect)
        if aspect in {"enum", "format"}:
            spec = list(found.enum) or None
        pointer = child(found.pointer, aspect)
        edit = Edit(pointer, says, remove=says is None) if aspect != "format" else None
        return Difference(
            kind,
            self.operation.model,
            f"{found.path}.{aspect}",
            row.line,
            found.pointer,
            says,
            spec,
            f"{found.path}: {aspect} is {_word(says)} on the page, {_word(spec)} in the spec",
            edit,
        )

    def _required(self, found: Field, row: Row, *, says: bool) -> Difference:
        holder = found.pointer.rpartition("/properties/")[0]
        names = list(self.contract.get(holder).get("required", ()))
        name = found.path.rpartition(".")[2]
        wanted = [*names, name] if says else [other for other in names if other != name]
        return Difference(
            "required changed",
            self.operation.model,
            f"{found.path}.required",
            row.line,
            found.pointer,
            says,
            found.required,
            f"{found.path}: {'required' if says else 'optional'} on the page,"
            f" {'required' if found.required else 'optional'} in the spec",
            Edit(child(holder, "required"), wanted),
        )

    def new(self, name: str, row: Row, fields: dict[str, Field]) -> Difference:
        parent, _, leaf = name.rpartition(".")
        siblings = [f for f in fields.values() if f.path.rpartition(".")[0] == parent]
        source = str(self.operation.extension.get("source", "")).removesuffix(" API Documentation")
        pointer = child(self._holder(siblings), "properties", leaf)
        return Difference(
            "new parameter",
            self.operation.model,
            f"{name}.row",
            row.line,
            pointer,
            row.cells.get("type", ""),
            None,
            f"{name}: a row on the page, not in the spec",
            Edit(pointer, row_schema(row, source)),
        )

    def _holder(self, siblings: list[Field]) -> str:
        if siblings:
            return siblings[-1].pointer.rpartition("/properties/")[0]
        request = self.contract.request(self.operation)
        return self.contract.resolve(*request)[1] if request else self.operation.pointer

    def removed(self, found: Field) -> Difference:
        return Difference(
            "removed parameter",
            self.operation.model,
            f"{found.path}.row",
            self.line,
            found.pointer,
            None,
            _one(found.types),
            f"{found.path}: in the spec, no row on the page",
            Edit(found.pointer, remove=True),
        )


def _one(types: tuple[str, ...]) -> JSONValue:
    return types[0] if len(types) == 1 else list(types)


def _other_type(says: JSONValue, spec: JSONValue) -> bool:
    """Tell true from 1, which Python calls equal."""
    return isinstance(says, bool) != isinstance(spec, bool)


def _word(value: JSONValue) -> str:
    if value is None:
        return "not stated"
    text = repr(value) if isinstance(value, str) else str(value)
    return re.sub(r"'([\w*-]+)'", r"\1", text) if isinstance(value, list) else text
