"""Whole pages against the spec: which model is new, missing or damaged, and what was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pixazo.drift.bodies import compare_answers, compare_errors, compare_requests
from pixazo.drift.contract import Contract, Operation, child
from pixazo.drift.damage import compare_damage, usual_counts
from pixazo.drift.edits import Edit
from pixazo.drift.findings import Difference, Finding, judge
from pixazo.drift.operations import compare_operation, path_of
from pixazo.drift.page import ModelFacts, Page, read_page
from pixazo.drift.parameters import compare_parameters
from pixazo.drift.report import Count, Report
from pixazo.drift.skeleton import model_id, skeleton
from pixazo.drift.states import compare_states

__all__ = ["compare", "compare_pages", "match_model"]

_PRODUCT = re.compile(r"([A-Z][\w.]*(?: [\w.]+)*) API(?=,|$| -)")
_COMPARISONS = (
    compare_operation,
    compare_parameters,
    compare_requests,
    compare_answers,
    compare_errors,
    compare_states,
)


def compare(page_text: str, document: Mapping[str, Any], *, name: str = "page") -> Report:
    """Return how one page differs from a document.

    Args:
        page_text: The page, as a text dump or in markdown.
        document: The OpenAPI document.
        name: What the report calls the page.

    Raises:
        PageUnreadable: the text is no documentation page.
    """
    return compare_pages([read_page(page_text, name)], Contract(document))


def compare_pages(pages: Sequence[Page], contract: Contract, *, only: Sequence[str] = ()) -> Report:
    """Return how pages, which together describe the gateway, differ from the spec.

    Args:
        pages: The pages.
        contract: The spec.
        only: Model ids that the pages should describe; empty stands for every model.
    """
    found: list[Finding] = []
    matched: dict[str, ModelFacts] = {}
    for page in pages:
        usual = usual_counts(page)
        for facts in page.models:
            operation = match_model(facts, contract)
            if operation is not None:
                matched.setdefault(operation.model, facts)
            differences = _model(facts, operation, contract, usual)
            found += [judge(difference, contract, page.name) for difference in differences]
        found += [judge(d, contract, page.name) for d in _whole(page, contract)]
    expected = [model for model in contract.models if not only or model in only]
    last = pages[-1].name if pages else "page"
    found += [
        judge(_missing(contract.models[model]), contract, last)
        for model in expected
        if model not in matched
    ]
    return Report(tuple(found), _counts(matched, expected, contract), tuple(p.name for p in pages))


def match_model(facts: ModelFacts, contract: Contract) -> Operation | None:
    """Return the operation that a part of a page describes: by path first, then by model id."""
    paths = {path_of(call.address, contract) for call in facts.calls}
    by_path = next((o for o in contract.models.values() if o.path in paths), None)
    return by_path or contract.models.get(model_id(facts))


def _model(
    facts: ModelFacts,
    operation: Operation | None,
    contract: Contract,
    usual: Mapping[tuple[bool, str], int],
) -> Iterator[Difference]:
    if operation is None:
        yield _new(facts, contract)
        return
    yield from compare_damage(facts, operation, usual)
    for compare_part in _COMPARISONS:
        if compare_part is compare_parameters and not facts.parameters:
            continue
        yield from compare_part(facts, operation, contract)


def _new(facts: ModelFacts, contract: Contract) -> Difference:
    draft = skeleton(facts, contract)
    pointer = child("/paths", draft.path)
    return Difference(
        "new model", "", draft.model, facts.line, pointer, facts.title, None,
        f"{facts.title!r} ({draft.model}) is on the page, not in the spec;"
        f" pixazo drift --new-model {draft.model} PAGE drafts it",
        Edit(pointer, draft.path_item),
    )  # fmt: skip


def _missing(operation: Operation) -> Difference:
    return Difference(
        "missing model", operation.model, "", None, operation.pointer, None, operation.path,
        f"{operation.model} is in the spec, on no page: removed, renamed, or the page is cut off",
        Edit(child("/paths", operation.path), remove=True),
    )  # fmt: skip


def _whole(page: Page, contract: Contract) -> Iterator[Difference]:
    """Yield what concerns a page as a whole: products nobody documents, headers of answers."""
    first = next((line for line in page.head if line.text), None)
    titles = [set(facts.title.lower().split()) for facts in page.models]
    for match in _PRODUCT.finditer(first.text) if first else ():
        product = match.group(1)
        if first and not any(set(product.lower().split()) <= words for words in titles):
            yield Difference(
                "advertised model", "", f"advertised.{product}", first.number, "/paths", product,
                None, f"{product!r} is advertised at the page's head, no section describes it",
            )  # fmt: skip
    text = "\n".join(line.text for line in page.lines)
    for name, (code, pointer) in _answer_headers(contract).items():
        if name.lower() not in text.lower():
            yield Difference(
                "header", "", f"{code}.{name}", None, pointer, None, name,
                f"header {name} of a {code} is in the spec, nowhere on the page",
                Edit(pointer, remove=True),
            )  # fmt: skip


def _answer_headers(contract: Contract) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for operation in contract.operations:
        for code, node in operation.node.get("responses", {}).items():
            at = child(operation.pointer, "responses", code)
            answer, pointer = contract.resolve(node, at)
            for name in answer.get("headers", {}):
                found.setdefault(name, (code, child(pointer, "headers", name)))
    return found


def _counts(
    matched: Mapping[str, ModelFacts], expected: Sequence[str], contract: Contract
) -> tuple[Count, ...]:
    """Return how much was read of the models the spec knows, against what the spec holds."""
    operations = [contract.models[model] for model in expected]
    parts = [matched[model] for model in expected if model in matched]
    rows = sum(
        sum(not field.is_container for field in contract.fields(contract.request(operation)))
        for operation in operations
    )
    codes = sum(len(contract.codes(operation)) for operation in operations)
    return (
        Count("models", len(parts), len(expected)),
        Count("parameter rows", sum(len(p.parameters) for p in parts), rows),
        Count("status codes", sum(len(_said_codes(p)) for p in parts), codes),
        Count("prices", sum(p.price_said for p in parts), len(expected)),
        Count("calls", sum(len(p.calls) + len(p.status_calls) for p in parts)),
        Count("request examples", sum(len(p.requests) for p in parts)),
        Count("response examples", sum(len(p.answers) + len(p.status_answers) for p in parts)),
        Count("error bodies", sum(len(p.errors) for p in parts)),
        Count("response fields", sum(len(p.field_rows) for p in parts)),
    )


def _said_codes(facts: ModelFacts) -> set[str]:
    return {row.cells["code"] for table in facts.code_tables for row in table.rows}
