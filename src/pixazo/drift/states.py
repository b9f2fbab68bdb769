"""The status operation on a page: its path, words, flow, fields, answers and polling advice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

from pixazo.drift.bodies import compare_fields, examples
from pixazo.drift.checks import check
from pixazo.drift.contract import Contract, Operation, child
from pixazo.drift.edits import Edit
from pixazo.drift.findings import Difference
from pixazo.drift.literals import JSONValue
from pixazo.drift.operations import compare_codes, path_of
from pixazo.drift.page import ModelFacts

__all__ = ["compare_states"]

_PENDING = "pending"
_UNCHARGED = "failed-not-charged"


def compare_states(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield what differs between a queued model's words on its status and the status operation.

    Args:
        facts: The page's part about the model.
        operation: The model's operation.
        contract: The spec.
    """
    status = contract.status
    if status is None or not operation.is_queued:
        return
    for difference in (
        *_paths(facts, status, contract),
        *_words(facts, status),
        *_flow(facts, status),
        *_polling(facts, operation, status),
        *_codes(facts, status, contract),
        *_answers(facts, operation, status, contract),
    ):
        yield _of(difference, operation)


def _of(difference: Difference, operation: Operation) -> Difference:
    """Return the difference under the model on whose part of the page it stands."""
    place = difference.place
    named = place if place.startswith("status") else f"status.{place}"
    return replace(difference, model=operation.model, place=named)


def _paths(facts: ModelFacts, status: Operation, contract: Contract) -> Iterator[Difference]:
    pattern = re.sub(r"\\\{\w+\\\}", r"[^/\\s]+", re.escape(status.path))
    for call in facts.status_calls:
        path = path_of(call.address, contract)
        if call.method.lower() != status.method or not re.fullmatch(pattern, path):
            says = f"{call.method} {path}"
            wanted = f"{status.method.upper()} {status.path}"
            yield Difference(
                "path changed", "", "path", call.line, status.pointer, says, wanted,
                f"the page asks {says} for the status, the spec {wanted}",
                Edit(child("/paths", path), {"get": "TODO: move it"}),
            )  # fmt: skip


def _words(facts: ModelFacts, status: Operation) -> Iterator[Difference]:
    states: dict[str, str] = dict(status.extension.get("states", {}))
    pointer = child(status.pointer, "x-pixazo", "states")
    said = {row.cells["status"]: row for row in facts.words}
    for word, row in said.items():
        text = row.cells.get("description", "")
        if word not in states:
            yield Difference(
                "status word", "", word, row.line, pointer, text, None,
                f"status {word} is on the page ({text}), not in the spec",
                Edit(child(pointer, word), _PENDING),
            )  # fmt: skip
        elif ("not charged" in text.lower()) != (states[word] == _UNCHARGED):
            free = "not charged" in text.lower()
            yield Difference(
                "status word", "", f"{word}.charged", row.line, child(pointer, word),
                "not charged" if free else None, states[word],
                f"status {word} is{'' if free else ' not'} called not charged on the page,"
                f" {states[word]} in the spec",
                Edit(child(pointer, word), _UNCHARGED if free else "failed"),
            )  # fmt: skip
    for word in states if said else ():
        if word not in said:
            yield Difference(
                "status word", "", word, facts.words_line, child(pointer, word), None,
                states[word], f"status {word} is in the spec, not in the page's table",
                Edit(child(pointer, word), remove=True),
            )  # fmt: skip


def _flow(facts: ModelFacts, status: Operation) -> Iterator[Difference]:
    moves: dict[str, list[str]] = dict(status.extension.get("moves", {}))
    if facts.flow is None:
        return
    spec = {(before, after) for before, followers in moves.items() for after in followers}
    if _drawn(facts.flow.text) != spec:
        listed = "; ".join(f"{b} → {', '.join(a)}" for b, a in moves.items() if a)
        yield Difference(
            "status flow", "", "flow", facts.flow.line, child(status.pointer, "x-pixazo", "moves"),
            facts.flow.text, listed,
            f"the flow is drawn as {facts.flow.text!r}, the spec allows {listed}",
        )  # fmt: skip


def _drawn(text: str) -> set[tuple[str, str]]:
    """Return the moves that a drawing shows; a branch leaves where the first chain ends."""
    found: set[tuple[str, str]] = set()
    fork = ""
    for piece in text.split(" | "):
        words = [word.strip() for word in piece.split("→")]
        chain = words if len(words) > 1 else [fork, *words]
        found.update(pairwise(chain))
        fork = chain[-2]
    return found


def _polling(facts: ModelFacts, operation: Operation, status: Operation) -> Iterator[Difference]:
    waiting = operation.extension.get("waiting", {})
    pointer = child(operation.pointer, "x-pixazo", "waiting")
    spec = f"{waiting.get('floor_s')}-{waiting.get('ceiling_s')}"
    for said in facts.intervals:
        if said.text != spec:
            low, high = said.text.split("-")
            yield Difference(
                "polling", "", "interval", said.line, pointer, said.text, spec,
                f"the page polls every {said.text} s, the spec every {spec} s",
                Edit(pointer, {"floor_s": int(low), "ceiling_s": int(high)}),
            )  # fmt: skip
    states: dict[str, str] = dict(status.extension.get("states", {}))
    ends = sorted(word for word, outcome in states.items() if outcome != _PENDING)
    for said in facts.ends:
        words = sorted(re.findall(r"[A-Z_]{3,}", said.text))
        if words != ends:
            yield Difference(
                "polling", "", "until", said.line, child(status.pointer, "x-pixazo", "states"),
                list[JSONValue](words), list[JSONValue](ends),
                f"the page polls until {', '.join(words)}, the spec until {', '.join(ends)}",
            )  # fmt: skip


def _codes(facts: ModelFacts, status: Operation, contract: Contract) -> Iterator[Difference]:
    if facts.status_code_tables:
        yield from compare_codes(facts.status_code_tables, status, contract)
    elif facts.status_line is not None:
        spec = list[JSONValue](contract.codes(status))
        yield Difference(
            "status code", "", "codes", facts.status_line, child(status.pointer, "responses"),
            None, spec, "the page lists no codes of the status operation, the spec"
            f" {', '.join(contract.codes(status))}",
        )  # fmt: skip


def _answers(
    facts: ModelFacts, operation: Operation, status: Operation, contract: Contract
) -> Iterator[Difference]:
    schema = contract.answer(status, contract.success(status))
    receipt = contract.answer(operation, contract.success(operation))
    if schema is None:
        return
    yield from examples(facts.status_answers, schema, "status", status, contract)
    also = [field.path for field in contract.fields(receipt)]
    yield from compare_fields(
        facts.status_answers, facts.field_rows, schema, also, status, contract, facts.fields_line
    )
    yield from _invariants(facts, status, contract)


def _invariants(facts: ModelFacts, status: Operation, contract: Contract) -> Iterator[Difference]:
    rules: list[dict[str, Any]] = list(status.extension.get("invariants", ()))
    for example in facts.status_answers:
        for index, rule in enumerate(rules):
            pointer = child(status.pointer, "x-pixazo", "invariants", str(index))
            if check(example.value, (rule["when"], child(pointer, "when")), contract):
                continue
            then = (cast("dict[str, Any]", rule["then"]), child(pointer, "then"))
            for fault in check(example.value, then, contract):
                yield Difference(
                    "example invalid", "", f"status.{rule['id']}", example.line, pointer,
                    fault.rule, rule["id"],
                    f"the status example breaks {rule['id']}: {fault.rule}",
                )  # fmt: skip
