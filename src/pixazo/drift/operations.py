"""What surrounds a call: title, base URL, path, headers, webhook, status codes, price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from pixazo.drift.contract import Contract, Operation, child
from pixazo.drift.edits import Edit
from pixazo.drift.examples import Call
from pixazo.drift.findings import Difference
from pixazo.drift.literals import JSONValue
from pixazo.drift.page import ModelFacts, Said
from pixazo.drift.tables import Table

__all__ = ["compare_codes", "compare_operation", "path_of", "stated_price"]


def path_of(address: str, contract: Contract) -> str:
    """Return the path of an address at the spec's server; other addresses stay as they are."""
    if address.startswith(f"{contract.server}/"):
        return address.removeprefix(contract.server)
    return address


def compare_operation(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield what differs around a call: everything but bodies.

    Args:
        facts: The page's part about the model.
        operation: The model's operation.
        contract: The spec.
    """
    yield from _title(facts, operation)
    yield from _base_url(facts, operation, contract)
    yield from _paths(facts, operation, contract)
    yield from _authentication(facts, operation, contract)
    yield from _headers(facts, operation, contract)
    yield from _webhook(facts, operation)
    yield from compare_codes(facts.code_tables, operation, contract)
    yield from _price(facts, operation)


def _title(facts: ModelFacts, operation: Operation) -> Iterator[Difference]:
    source = str(operation.extension.get("source", ""))
    suffix = " API Documentation"
    if facts.title.removesuffix(suffix) != source.removesuffix(suffix):
        pointer = child(operation.pointer, "x-pixazo", "source")
        yield Difference(
            "title changed",
            operation.model,
            "title",
            facts.line,
            pointer,
            facts.title,
            source,
            f"the page calls the model {facts.title!r}, the spec names {source!r} as its source",
            Edit(pointer, facts.title),
        )


def _base_url(facts: ModelFacts, operation: Operation, contract: Contract) -> Iterator[Difference]:
    says = facts.base_url.text.rstrip("/") if facts.base_url else None
    if says != contract.server:
        yield Difference(
            "base url",
            operation.model,
            "base_url",
            facts.base_url.line if facts.base_url else facts.line,
            "/servers/0/url",
            says,
            contract.server,
            f"base URL is {says or 'not named'} on the page, {contract.server} in the spec",
            Edit("/servers/0/url", says) if says else None,
        )


def _paths(facts: ModelFacts, operation: Operation, contract: Contract) -> Iterator[Difference]:
    wanted = f"{operation.method.upper()} {operation.path}"
    seen: set[str] = set()
    for call in facts.calls:
        says = f"{call.method} {path_of(call.address, contract)}"
        if says != wanted and says not in seen:
            seen.add(says)
            yield Difference(
                "path changed",
                operation.model,
                "path",
                call.line,
                operation.pointer,
                says,
                wanted,
                f"the page calls {says}, the spec {wanted}",
                Edit(child("/paths", path_of(call.address, contract)), {"post": "TODO: move it"}),
            )


def _authentication(
    facts: ModelFacts, operation: Operation, contract: Contract
) -> Iterator[Difference]:
    rows = facts.authentication.rows if facts.authentication else []
    says = ", ".join(row.cells["header"] for row in rows) or None
    if says != contract.key_header:
        yield Difference(
            "authentication",
            operation.model,
            "authentication",
            rows[0].line if rows else facts.authentication_line or facts.line,
            "/components/securitySchemes",
            says,
            contract.key_header,
            f"the key's header is {says or 'not named'} on the page,"
            f" {contract.key_header} in the spec",
        )
    for row in rows:
        if row.cells.get("required", "Yes") != "Yes":
            text = "the page calls the key optional, the spec demands it"
            yield Difference(
                "authentication",
                operation.model,
                "authentication.required",
                row.line,
                "/security",
                says=False,
                spec=True,
                text=text,
            )


def _expected_headers(operation: Operation, contract: Contract) -> dict[str, tuple[str, str]]:
    """Return the headers a call may carry: name to its only value (or none) and pointer."""
    content = operation.node.get("requestBody", {}).get("content", {})
    body = child(operation.pointer, "requestBody", "content")
    found = {"Content-Type": (next(iter(content), ""), body)}
    found[contract.key_header] = ("", "/components/securitySchemes")
    for name, (node, pointer) in contract.headers(operation).items():
        enum: Sequence[Any] = contract.resolve(node["schema"], pointer)[0].get("enum", ())
        found[name] = (str(enum[0]) if len(enum) == 1 else "", pointer)
    return found


def _headers(facts: ModelFacts, operation: Operation, contract: Contract) -> Iterator[Difference]:
    expected = _expected_headers(operation, contract)
    for table in facts.header_tables:
        said = {row.cells["header"]: (row.cells.get("value", ""), row.line) for row in table.rows}
        for name, (value, line) in said.items():
            yield from _header(operation, name, value, line, expected)
        for name, (_, pointer) in expected.items():
            if name not in said:
                yield _no_header(operation, f"header.{name}", name, None, table.line, pointer)
    if not facts.header_tables:
        yield _no_header(operation, "header", "any", None, facts.line, operation.pointer)
    yield from _sent(facts.calls, operation, contract, expected)


def _header(
    operation: Operation, name: str, value: str, line: int, expected: dict[str, tuple[str, str]]
) -> Iterator[Difference]:
    if name in expected and expected[name][0] in ("", value):
        return
    known = name in expected
    pointer = expected[name][1] if known else child(operation.pointer, "parameters")
    spec = expected[name][0] if known else None
    new = {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
    yield Difference(
        "header",
        operation.model,
        f"header.{name}",
        line,
        pointer,
        value,
        spec,
        f"header {name}: {value!r} on the page, {spec or 'not in the spec'}",
        None if known else Edit(pointer, [new]),
    )


def _no_header(
    operation: Operation, place: str, name: str, says: str | None, line: int, pointer: str
) -> Difference:
    where = f"missing in {says}" if says else "not among the page's headers"
    if place.startswith("call.") and not says:
        where = "missing in every call on the page"
    return Difference(
        "header", operation.model, place, line, pointer, says, name, f"header {name}: {where}"
    )


def _sent(
    calls: Sequence[Call],
    operation: Operation,
    contract: Contract,
    expected: dict[str, tuple[str, str]],
) -> Iterator[Difference]:
    """Yield headers that the page's calls forget, and headers that nobody knows."""
    for name in ("Content-Type", contract.key_header):
        lacking = [call for call in calls if name not in {header.name for header in call.headers}]
        if lacking:
            says = f"{len(lacking)} of {len(calls)} calls" if len(lacking) < len(calls) else None
            pointer = expected.get(name, ("", operation.pointer))[1]
            yield _no_header(operation, f"call.{name}", name, says, lacking[0].line, pointer)
    seen: set[str] = set()
    for header in (header for call in calls for header in call.headers):
        if header.name not in expected and header.name not in seen:
            seen.add(header.name)
            yield from _header(operation, header.name, header.value, header.line, expected)


def _webhook(facts: ModelFacts, operation: Operation) -> Iterator[Difference]:
    spec = operation.extension.get("webhook", {}).get("header")
    says: Said | None = facts.webhook
    if (says.text if says else None) != spec:
        pointer = child(operation.pointer, "x-pixazo", "webhook")
        text = says.text if says else None
        yield Difference(
            "webhook",
            operation.model,
            "webhook",
            says.line if says else facts.line,
            pointer,
            text,
            spec,
            f"webhook header is {text or 'not named'} on the page, {spec or 'unknown'} in the spec",
            Edit(child(pointer, "header"), text, remove=text is None),
        )


def compare_codes(
    tables: Sequence[Table], operation: Operation, contract: Contract
) -> Iterator[Difference]:
    """Yield status codes that stand only on the page, only in the spec, or in some tables."""
    said: dict[str, list[tuple[int, str]]] = {}
    for table in tables:
        for row in table.rows:
            said.setdefault(row.cells["code"], []).append((row.line, row.cells.get("meaning", "")))
    spec = contract.codes(operation)
    for code, found in said.items():
        if code not in spec:
            yield _code(operation, code, found[0][0], found[0][1], None)
        elif len(found) < len(tables):
            says = f"{len(found)} of {len(tables)} tables"
            yield _code(operation, code, found[0][0], says, code)
    for code in spec if tables else ():
        if code not in said:
            yield _code(operation, code, tables[0].line, None, code)


def _code(
    operation: Operation, code: str, line: int, says: str | None, spec: str | None
) -> Difference:
    pointer = child(operation.pointer, "responses", code)
    edit = None
    if spec is None:
        edit = Edit(pointer, {"description": "TODO", "content": {"application/json": "TODO"}})
    elif says is None:
        edit = Edit(pointer, remove=True)
    where = {True: "in no table of the page"}.get(says is None, f"{says!r} on the page")
    known = "in the spec" if spec else "not in the spec"
    return Difference(
        "status code", operation.model, code, line, pointer, says, spec,
        f"status code {code}: {where}, {known}", edit,
    )  # fmt: skip


def _price(facts: ModelFacts, operation: Operation) -> Iterator[Difference]:
    if facts.price_line is None:
        return
    price = operation.extension.get("price", {})
    pointer = child(operation.pointer, "x-pixazo", "price")
    says = stated_price(facts)
    line = facts.prices[0].line if facts.prices else facts.price_line
    if says != _plain(price.get("usd")):
        yield Difference(
            "price changed", operation.model, "price", line, child(pointer, "usd"),
            says, price.get("usd"),
            f"price is {_dollars(says)} on the page, {_dollars(price.get('usd'))} in the spec",
            Edit(child(pointer, "usd"), says),
        )  # fmt: skip
    if facts.prices and facts.price_unit != price.get("per"):
        unit = facts.price_unit
        yield Difference(
            "price changed", operation.model, "price.per", line, child(pointer, "per"),
            unit, price.get("per"),
            f"price is {'per ' + unit if unit else 'for an unnamed unit'} on the page,"
            f" per {price.get('per')} in the spec",
            Edit(child(pointer, "per"), unit) if unit else None,
        )  # fmt: skip


def stated_price(facts: ModelFacts) -> JSONValue:
    """Return the page's price: a decimal text, None for unknown, a list for several rows."""
    found: list[str] = []
    for row in facts.prices:
        cell = next((text for name, text in row.cells.items() if name.startswith("price")), "")
        found.append(_decimal(cell))
    if not found:
        return None
    return found[0] if len(set(found)) == 1 else list[JSONValue](found)


def _decimal(cell: str) -> str:
    return _plain(cell.strip().lstrip("$").replace(",", "")) or ""


def _plain(amount: str | None) -> str | None:
    """Return one text for equal amounts: 0.050 is 0.05; what is no amount stays as it is."""
    try:
        return None if amount is None else format(Decimal(amount).normalize(), "f")
    except InvalidOperation:
        return amount


def _dollars(value: JSONValue) -> str:
    return "unknown" if value is None else f"{value} USD"
