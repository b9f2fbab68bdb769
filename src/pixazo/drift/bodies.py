"""Bodies on the page against the schemas: request examples, answers, errors, response fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from pixazo.drift.checks import check, extra_fields, shown_fields
from pixazo.drift.contract import Contract, Field, Node, Operation, child
from pixazo.drift.descriptions import read_row
from pixazo.drift.edits import Edit
from pixazo.drift.examples import Example
from pixazo.drift.findings import Difference
from pixazo.drift.literals import JSONValue
from pixazo.drift.page import ModelFacts
from pixazo.drift.tables import Row

__all__ = ["compare_answers", "compare_errors", "compare_fields", "compare_requests", "examples"]

_LONGEST = 60


def compare_requests(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield request examples that the spec would refuse, and a minimum that is none."""
    schema = contract.request(operation)
    if schema is None:
        return
    yield from examples(facts.requests, schema, "request", operation, contract)
    if facts.minimum is None or not isinstance(facts.minimum.value, dict):
        return
    required = sorted(contract.resolve(*schema)[0].get("required", ()))
    says = sorted(facts.minimum.value)
    if says != required:
        holder = contract.resolve(*schema)[1]
        yield Difference(
            "required changed", operation.model, "minimum_request", facts.minimum.line,
            child(holder, "required"), list[JSONValue](says), list[JSONValue](required),
            f"the smallest request holds {', '.join(says)} on the page,"
            f" {', '.join(required)} in the spec",
            Edit(child(holder, "required"), says),
        )  # fmt: skip


def examples(
    found: Sequence[Example],
    schema: tuple[Node, str],
    where: str,
    operation: Operation,
    contract: Contract,
) -> Iterator[Difference]:
    """Yield what is wrong with examples, each broken rule once.

    Args:
        found: The examples.
        schema: The schema they should match, and its pointer.
        where: `request`, `response` or `status`: begins the name of the place.
        operation: Whose examples they are.
        contract: The spec.
    """
    seen: set[str] = set()
    for example in found:
        for fault in check(example.value, schema, contract):
            place = f"{where}.{fault.path}" if fault.path else where
            says = fault.value if not isinstance(fault.value, (dict, list)) else fault.rule
            if f"{place} {says}" not in seen:
                seen.add(f"{place} {says}")
                yield Difference(
                    "example invalid", operation.model, place, example.line, schema[1], says, None,
                    f"the {where} example breaks the spec at"
                    f" {fault.path or 'its root'}: {_short(fault.rule)}",
                )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 2 * _LONGEST else f"{text[: 2 * _LONGEST]}…"


def compare_answers(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield what differs in the answer of success: examples, new fields, fields never shown."""
    schema = contract.answer(operation, contract.success(operation))
    if schema is None:
        return
    yield from examples(facts.answers, schema, "response", operation, contract)
    rows = () if operation.is_queued else facts.field_rows
    yield from _fields(facts.answers, rows, schema, "response", operation, contract)


def compare_fields(
    found: Sequence[Example],
    rows: Sequence[Row],
    schema: tuple[Node, str],
    also: Iterable[str],
    operation: Operation,
    contract: Contract,
    line: int | None,
) -> Iterator[Difference]:
    """Yield what differs between a table of status fields and the status schema.

    Args:
        found: Status answers on the page.
        rows: The rows of the table "Response Fields".
        schema: The status answer's schema and its pointer.
        also: Fields that the table may hold as well: those of the receipt.
        operation: The status operation.
        contract: The spec.
        line: The table's line.
    """
    known = set(also)
    fields = {field.path for field in contract.fields(schema)}
    own = [row for row in rows if row.cells["field"] in fields or row.cells["field"] not in known]
    yield from _fields(found, own, schema, "status", operation, contract, line)


def _fields(
    found: Sequence[Example],
    rows: Sequence[Row],
    schema: tuple[Node, str],
    where: str,
    operation: Operation,
    contract: Contract,
    line: int | None = None,
) -> Iterator[Difference]:
    fields = {field.path: field for field in contract.fields(schema)}
    by_name = {row.cells["field"]: row for row in rows}
    for name, row in by_name.items():
        if name in fields:
            yield from _field_type(fields[name], row, where, operation)
        else:
            yield _new_field(name, row.line, row.cells.get("type", ""), where, schema, operation)
    for example in found:
        for path, value in extra_fields(example.value, schema, contract):
            if path not in by_name:
                by_name[path] = Row(example.line, {})
                kind = type(value).__name__
                yield _new_field(path, example.line, kind, where, schema, operation)
    shown = {path for example in found for path in shown_fields(example.value)}
    at = line or (rows[0].line if rows else found[0].line if found else None)
    yield from _unseen(fields, shown, by_name, bool(rows), at, where, schema, operation, contract)


def _unseen(
    fields: dict[str, Field],
    shown: set[str],
    by_name: dict[str, Row],
    has_table: bool,  # noqa: FBT001 (private)
    line: int | None,
    where: str,
    schema: tuple[Node, str],
    operation: Operation,
    contract: Contract,
) -> Iterator[Difference]:
    """Yield the spec's fields that the page shows nowhere, a whole unseen shape at once."""
    if not by_name and not shown:
        return
    skipped: set[str] = set()
    for name, paths in _shapes(schema, contract):
        if not paths & (shown | set(by_name)):
            skipped |= paths
            yield Difference(
                "response field", operation.model, f"{where}.{name}", line, schema[1], None, name,
                f"the answer's shape {name} is in the spec, nowhere on the page",
            )  # fmt: skip
    for path, field in fields.items():
        if path in by_name or path in skipped or "properties" in field.schema:
            continue
        if path not in shown or has_table:
            says = "examples only" if path in shown else None
            yield Difference(
                "response field", operation.model, f"{where}.{path}", line, field.pointer, says,
                path, f"{path}: in the spec, {says or 'nowhere'} on the page",
                Edit(field.pointer, remove=True) if says is None else None,
            )  # fmt: skip


def _shapes(schema: tuple[Node, str], contract: Contract) -> Iterator[tuple[str, set[str]]]:
    node, pointer = contract.resolve(*schema)
    for index, arm in enumerate(node.get("anyOf", ())):
        _, at = contract.resolve(arm, f"{pointer}/anyOf/{index}")
        yield at.rpartition("/")[2], {field.path for field in contract.fields((arm, at))}


def _field_type(field: Field, row: Row, where: str, operation: Operation) -> Iterator[Difference]:
    types = read_row(row.cells.get("type", ""), "", "").types
    spec = tuple(kind for kind in field.types)
    if types and types != spec:
        yield Difference(
            "response field", operation.model, f"{where}.{field.path}.type", row.line,
            field.pointer, list[JSONValue](types), list[JSONValue](spec),
            f"{field.path}: {' or '.join(types)} on the page, {' or '.join(spec)} in the spec",
            Edit(child(field.pointer, "type"), types[0] if len(types) == 1 else list(types)),
        )  # fmt: skip


def _new_field(
    path: str,
    line: int,
    kind: str,
    where: str,
    schema: tuple[Node, str],
    operation: Operation,
) -> Difference:
    pointer = child(schema[1], "properties", path.rpartition(".")[2])
    names = {"str": "string", "int": "integer", "float": "number", "bool": "boolean",
             "list": "array", "dict": "object", "NoneType": "null"}  # fmt: skip
    return Difference(
        "response field", operation.model, f"{where}.{path}", line, pointer, kind, None,
        f"{path}: on the page, not in the spec",
        Edit(pointer, {"type": names.get(kind, kind), "description": "TODO in our own words"}),
    )  # fmt: skip


def compare_errors(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield what differs in the bodies of refusals: which are shown, their shape, their words."""
    spec = sorted(code for code in contract.codes(operation) if code[0] in "45")
    says = sorted({str(found.code) for found in facts.errors if found.code})
    if says != spec:
        yield Difference(
            "error body", operation.model, "error_bodies",
            facts.errors[0].line if facts.errors else facts.line,
            child(operation.pointer, "responses"), list[JSONValue](says), list[JSONValue](spec),
            f"error bodies are shown for {', '.join(says) or 'no code'} on the page,"
            f" described for {', '.join(spec)} in the spec",
        )  # fmt: skip
    for found in facts.errors:
        schema = contract.answer(operation, str(found.code))
        if schema:
            yield from examples([found], schema, f"{found.code}.body", operation, contract)
            yield from _words(found, operation, contract)


def _words(found: Example, operation: Operation, contract: Contract) -> Iterator[Difference]:
    """Compare the title and the sentence of an error with the spec's examples of its code."""
    if not isinstance(found.value, dict):
        return
    known = [
        {key: _general(text, contract) for key, text in body.items()}
        for body in _bodies(operation, str(found.code), contract)
    ]
    said = {key: _general(text, contract) for key, text in found.value.items()}
    if any(all(body.get(key) == text for key, text in said.items()) for body in known):
        return
    titles = {body.get("error") for body in known}
    place = f"{found.code}.{'message' if said.get('error') in titles else 'error'}"
    text = found.value.get(place.rpartition(".")[2])
    pointer = child(operation.pointer, "responses", str(found.code))
    yield Difference(
        "error body", operation.model, place, found.line, pointer, text, None,
        f"the body of {found.code} says {text!r}, no example in the spec does",
        Edit(child(pointer, "content", "application/json", "examples", "new"),
             {"value": found.value}),
    )  # fmt: skip


def _bodies(operation: Operation, code: str, contract: Contract) -> Iterator[dict[str, Any]]:
    node = contract.resolve(operation.node["responses"].get(code, {}), "")[0]
    for content in node.get("content", {}).values():
        for example in content.get("examples", {}).values():
            if isinstance(example.get("value"), dict):
                yield cast("dict[str, Any]", example["value"])


def _general(text: object, contract: Contract) -> str:
    """Return a text with every model id taken out, the longest first."""
    words = str(text)
    for model in sorted(contract.models, key=len, reverse=True):
        words = words.replace(model, "{model}")
    return words
