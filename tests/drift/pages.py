"""Pages made from a document in our own words, in the forms that the vendor's pages come in.

A page made from the spec agrees with the spec in everything; a page made from a changed copy of
the document differs in just that change. Nothing here is the vendor's text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pixazo.drift.contract import Contract, Field, Operation

Form = Literal["dump", "flat", "markdown", "stacked"]
FORMS: tuple[Form, ...] = ("dump", "flat", "markdown", "stacked")
SILENT = "—"


@dataclass(frozen=True)
class Title:
    """The heading of a model."""

    text: str


@dataclass(frozen=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True)
class Words:
    """A line of text."""

    text: str


@dataclass(frozen=True)
class Code:
    """An example, several lines."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Title | Heading | Words | Code | Grid


def render_page(document: dict[str, Any], form: Form = "dump") -> str:
    """Return a page about every model of the document.

    Args:
        document: An OpenAPI document with `x-pixazo`.
        form: `dump` is a text dump with piped tables, `flat` the same with tables and examples
            run together, `markdown` has headings, fences and piped tables, `stacked` has
            markdown tables of one cell a line.
    """
    contract = Contract(document)
    blocks: list[Block] = [Words("A page of our own, drawn from the spec.")]
    for operation in contract.models.values():
        blocks += _model(operation, contract)
    printers = {"dump": _dump, "flat": _flat, "markdown": _markdown, "stacked": _stacked}
    return "\n".join(printers[form](blocks)) + "\n"


def _model(operation: Operation, contract: Contract) -> Iterator[Block]:
    said = operation.extension
    title = str(said["source"]).removesuffix(" API Documentation")
    yield Title(title)
    yield Heading("Base URL")
    yield Words(contract.server)
    yield Heading("Authentication")
    columns = ("Header", "Type", "Required", "Description")
    yield Grid(columns, [(contract.key_header, "string", "Yes", "The key of your account")])
    yield from _calls(operation, contract)
    yield Heading("Output")
    yield Code(_json(_examples(operation, contract)[0]))
    if operation.is_queued:
        header = said["webhook"]["header"]
        yield Heading("Webhook (Optional)")
        yield Words(f"{header}: https://hooks.example.com/done")
    yield Heading(f"Request Parameters - {said['model']}")
    yield Grid(
        ("Field", "Type", "Required", "Default", "Description"),
        [_row(field) for field in contract.fields(contract.request(operation)) if _has_row(field)],
    )
    for key, heading in (("minimum", "Minimum Request"), ("full", "Full Request (everything)")):
        yield Heading(heading)
        yield Code(_json(_content(operation.node["requestBody"])["examples"][key]["value"]))
    yield Heading("Response")
    for example in _examples(operation, contract):
        yield Code(_json(example))
    if not operation.is_queued:
        yield from _response_fields(operation, contract)
    yield Heading("Request Headers")
    yield Grid(("Header", "Value"), [*_headers(operation, contract).items()])
    yield Heading("Response Handling")
    yield Grid(("Code", "Meaning"), [(c, _meaning(c)) for c in contract.codes(operation)])
    yield Heading("Error Responses")
    for code, body in _errors(operation, contract):
        yield Code(f"// {code} — {_meaning(code)}\n{_json(body)}")
    if operation.is_queued and contract.status:
        yield from _status(contract.status, contract)
    yield from _advice(operation, contract)
    yield from _price(operation, title)


def _calls(operation: Operation, contract: Contract) -> Iterator[Block]:
    """Yield the call in four languages, as the vendor's pages show it."""
    url = f"{contract.server}{operation.path}"
    headers = _headers(operation, contract)
    body = _json(_content(operation.node["requestBody"])["examples"]["minimum"]["value"])
    yield Heading("Request Code")
    lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
    yield Code(f"{operation.method.upper()} {url}\n{lines}\n{body}")
    python = body.replace("true", "True").replace("false", "False")
    yield Code(
        f'import requests\nurl = "{url}"\nheaders = {_json(headers)}\ndata = {python}\n'
        "response = requests.post(url, json=data, headers=headers)"
    )
    yield Code(
        f"fetch('{url}', {{\n  method: 'POST',\n  headers: {_json(headers)},\n"
        f"  body: JSON.stringify({body})\n}})\n.then(answer => answer.json())"
    )
    flags = " \\\n".join(f'-H "{name}: {value}"' for name, value in headers.items())
    yield Code(f"curl -X POST \"{url}\" \\\n{flags} \\\n--data-raw '{body}'")


def _headers(operation: Operation, contract: Contract) -> dict[str, str]:
    found = {"Content-Type": "application/json"}
    for name, (node, _) in contract.headers(operation).items():
        found[name] = str(node["schema"].get("enum", ["https://hooks.example.com/done"])[0])
    return {**found, contract.key_header: "YOUR_KEY"}


def _content(node: dict[str, Any]) -> dict[str, Any]:
    return next(iter(node["content"].values()))


def _examples(operation: Operation, contract: Contract) -> list[Any]:
    node = operation.node["responses"][contract.success(operation)]
    return [example["value"] for example in _content(dict(node))["examples"].values()]


def _errors(operation: Operation, contract: Contract) -> Iterator[tuple[str, Any]]:
    for code, node in operation.node["responses"].items():
        if code[0] in "45":
            answer, _ = contract.resolve(node, "")
            for example in _content(dict(answer))["examples"].values():
                yield code, example["value"]


def _has_row(field: Field) -> bool:
    return not field.is_container


def _row(field: Field) -> tuple[str, ...]:
    default = json.dumps(field.schema["default"]) if "default" in field.schema else SILENT
    return (field.path, _type(field), "Yes" if field.required else "No", default, _describe(field))


def _type(field: Field) -> str:
    return " or ".join(reversed(field.types)).replace("array", "array of things")


def _describe(field: Field) -> str:
    words = ["Said in our own words."]
    schema = field.schema
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ):
        least, most = schema.get(low), schema.get(high)
        if least is not None and most is not None:
            words.append(f"Must be between {least} and {most}{unit}.")
        elif least is not None:
            words.append(f"At least {least}{unit}.")
        elif most is not None:
            words.append(f"Maximum value is {most}{unit}.")
    if field.enum:
        words.append("Supported values: " + ", ".join(f'"{value}"' for value in field.enum) + ".")
    return " ".join(words)


def _response_fields(operation: Operation, contract: Contract) -> Iterator[Block]:
    fields = contract.fields(contract.answer(operation, contract.success(operation)))
    yield Heading("Response Fields")
    yield _fields_grid(fields)


def _fields_grid(fields: Sequence[Field]) -> Grid:
    rows = {field.path: field for field in fields if "properties" not in field.schema}
    return Grid(
        ("Field", "Type", "Description"),
        [(path, "|".join(reversed(field.types)), "Said so") for path, field in rows.items()],
    )


def _status(status: Operation, contract: Contract) -> Iterator[Block]:
    said = status.extension
    node = dict(status.node["responses"][contract.success(status)])
    yield Heading("Error via Status/Webhook")
    yield Code(_json(_content(node)["examples"]["error"]["value"]))
    yield Heading("Retrieving Results")
    yield Heading("Endpoint")
    yield Code(f"GET {contract.server}{status.path}\n{contract.key_header}: YOUR_KEY")
    yield Heading("cURL Example")
    address = f"{contract.server}{status.path}".replace("{request_id}", "some-id_1")
    yield Code(f'curl -H "{contract.key_header}: YOUR_KEY" \\\n"{address}"')
    yield Heading("Response (Completed)")
    for example in _examples(status, contract):
        yield Code(_json(example))
    yield Heading("Response Fields")
    yield _fields_grid(contract.fields(contract.answer(status, contract.success(status))))
    yield Heading("Status Codes")
    yield Grid(("Code", "Meaning"), [(c, _meaning(c)) for c in contract.codes(status)])
    yield Heading("Status Values")
    notes = {"failed-not-charged": "it broke, you are not charged"}
    rows = [(word, notes.get(outcome, f"it {outcome}")) for word, outcome in said["states"].items()]
    yield Grid(("Status", "Description"), rows)
    yield Heading("Status Flow")
    moves = said["moves"].items()
    yield Code("\n".join(f"{before} → {after}" for before, then in moves for after in then))


def _advice(operation: Operation, contract: Contract) -> Iterator[Block]:
    yield Heading("Notes & Tips")
    yield Words("- A 429 may carry Retry-After")
    if operation.is_queued and contract.status:
        waiting = operation.extension["waiting"]
        states = contract.status.extension["states"]
        ends = [word for word, outcome in states.items() if outcome != "pending"]
        until = f"{', '.join(ends[:-1])} or {ends[-1]}"
        yield Words(
            f"- Poll every {waiting['floor_s']}-{waiting['ceiling_s']} seconds"
            f" until status is {until}"
        )


def _price(operation: Operation, title: str) -> Iterator[Block]:
    price = operation.extension["price"]
    yield Heading(f"{title} API Pricing")
    if price["usd"] is None:
        yield Words("No data available")
    else:
        yield Words(f"What is due per {price['per']}")
        yield Grid(("Resolution", "Price (USD)"), [("All Resolution", f"${price['usd']}")])


def _meaning(code: str) -> str:
    return {"2": "All is well", "4": "It is you", "5": "It is us"}[code[0]]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _piped(grid: Grid) -> Iterator[str]:
    yield f"| {' | '.join(grid.columns)} |"
    yield "|" + "---|" * len(grid.columns)
    for row in grid.rows:
        yield f"| {' | '.join(row)} |"


def _dump(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Title(text):
                yield f"{text} API Documentation"
            case Heading("Base URL"):
                continue
            case Heading(text) | Words(text):
                yield text
            case Code(text):
                yield from (line.strip() for line in text.split("\n"))
            case Grid():
                yield from _piped(block)


def _flat(blocks: Sequence[Block]) -> Iterator[str]:  # noqa: C901 (a case for each block)
    """As a dump, but what follows the request headers of each model is run together."""
    running, line = False, ""
    for block in blocks:
        match block:
            case Title(text):
                running = False
                yield f"{text} API Documentation"
            case Heading("Base URL"):
                continue
            case Heading(text):
                running = running or text == "Response Handling"
                if text.endswith("API Pricing") and line:
                    yield line
                    line = ""
                yield line + text
                line = ""
                running = running and not text.endswith("Pricing")
            case Words(text):
                yield text
            case Code(text) if running and "→" not in text:
                line += " ".join(piece.strip() for piece in text.split("\n"))
            case Code(text):
                yield from (piece.strip() for piece in text.split("\n"))
            case Grid(columns, rows) if running:
                line = " ".join((*columns, *(cell for row in rows for cell in row))) + " "
            case Grid():
                yield from _piped(block)


def _markdown(  # noqa: C901 (a case for each block)
    blocks: Sequence[Block], *, stacked: bool = False
) -> Iterator[str]:
    for block in blocks:
        match block:
            case Title(text):
                yield f"# {text}"
            case Heading(text):
                yield f"## {'Pricing' if text.endswith('Pricing') else text}"
            case Words(text):
                yield text
            case Code(text):
                yield from ("```", *text.split("\n"), "```")
            case Grid(columns, rows) if stacked:
                for cell in (*columns, *(cell for row in rows for cell in row)):
                    yield from (cell, "")
            case Grid():
                yield from _piped(block)
        yield ""


def _stacked(blocks: Sequence[Block]) -> Iterator[str]:
    return _markdown(blocks, stacked=True)
