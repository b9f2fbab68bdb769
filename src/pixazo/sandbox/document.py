"""The OpenAPI document, read the way a gateway needs it: routes, rules, answers, prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import cast

from pixazo.sandbox.examples import documented_examples
from pixazo.sandbox.pointers import MISSING, look_up, resolve
from pixazo.sandbox.types import Json
from pixazo.sandbox.validation import Validator

__all__ = ["Document", "Operation", "Render", "Webhook"]

METHODS = ("get", "post", "put", "patch", "delete")

Node = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Render:
    """Where the request says what the result looks like: JSON pointers into the body."""

    prompt: str | None = None
    negative_prompt: str | None = None
    count: str | None = None
    size: str | None = None
    format: str | None = None
    seed: str | None = None
    input: str | None = None
    watermark: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the request says who is to be called back."""

    header: str | None = None
    body_field: str | None = None
    filter_field: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `answers` holds the documented examples by status and name,
    `example` one of a request body."""

    method: str
    path: str
    pattern: re.Pattern[str]
    mode: str
    model_id: str
    price: Decimal | None
    render: Render
    defaults: Mapping[str, Json]
    media: tuple[str, ...]
    kind: str
    webhook: Webhook
    body: Validator | None
    headers: Mapping[str, Validator]
    answers: Mapping[int, Mapping[str, Json]]
    example: Json

    @property
    def queued(self) -> bool:
        """Whether a job is made that is asked about later."""
        return self.mode != "direct"

    @property
    def success(self) -> int:
        """The documented status of a good answer."""
        return min(status for status in self.answers if status < 300)


@dataclass(frozen=True, slots=True)
class Document:
    """The whole gateway as data.

    Args:
        operations: everything that can be asked.
        key_header: the header that carries the key.
        sizes: pixels of the named sizes.
        words: status words by outcome (`pending`, `succeeded`, …), in document order.
        version: the spec's version.
    """

    operations: tuple[Operation, ...]
    key_header: str
    sizes: Mapping[str, tuple[int, int]]
    words: Mapping[str, tuple[str, ...]]
    version: str
    raw: Node = field(repr=False)

    @property
    def models(self) -> Mapping[str, Operation]:
        """The operations that make something, by model id."""
        return {o.model_id: o for o in self.operations if o.model_id}

    @property
    def status(self) -> Operation:
        """The operation that tells how a queued job stands."""
        return next(o for o in self.operations if o.mode == "status")

    def at(self, path: str) -> list[tuple[Operation, dict[str, str]]]:
        """The operations on `path`, each with its path parameters."""
        return [
            (operation, match.groupdict())
            for operation in self.operations
            if (match := operation.pattern.fullmatch(path))
        ]

    @classmethod
    def read(cls, raw: Mapping[str, Json]) -> Document:
        """Read an OpenAPI 3.1 document with x-pixazo."""
        document: Node = dict(raw)
        operations = tuple(
            _operation(document, method, path, cast("Node", item[method]))
            for path, item in cast("dict[str, Node]", document["paths"]).items()
            for method in METHODS
            if method in item
        )
        status = next(o for o in operations if o.mode == "status")
        node = cast(
            "Node", cast("dict[str, Node]", document["paths"])[status.path][status.method.lower()]
        )
        return cls(
            operations=operations,
            key_header=_key_header(document),
            sizes=_sizes(document),
            words=_words(cast("dict[str, str]", cast("Node", node["x-pixazo"])["states"])),
            version=str(cast("Node", document["info"])["version"]),
            raw=document,
        )


def _operation(document: Node, method: str, path: str, node: Node) -> Operation:
    x = cast("Node", node.get("x-pixazo", {}))
    media = cast("Node", x.get("media", {}))
    schema = _body_schema(document, node)
    render = Render(**_known(Render, x.get("render", {})))
    return Operation(
        method=method.upper(),
        path=path,
        pattern=_pattern(path),
        mode=str(x.get("mode", "")),
        model_id=str(x.get("model", "")),
        price=_price(cast("Node", x.get("price", {}))),
        render=render,
        defaults=_defaults(document, schema, render),
        media=tuple(cast("list[str]", media.get("pointers", []))),
        kind=str(media.get("kind", "image")),
        webhook=Webhook(**_known(Webhook, x.get("webhook", {}))),
        body=Validator.of(document, schema) if schema is not None else None,
        headers=_headers(document, node),
        answers=_answers(document, node),
        example=_example(document, node),
    )


def _known(shape: type[Render | Webhook], given: Json) -> dict[str, str]:
    """The parts of `given` that `shape` has a field for."""
    names = {field.name for field in fields(shape)}
    return {n: str(v) for n, v in cast("Node", given).items() if n in names and v is not None}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    texts = [f"(?P<{p}>[^/]+)" if index % 2 else re.escape(p) for index, p in enumerate(parts)]
    return re.compile("".join(texts))


def _price(price: Node) -> Decimal | None:
    usd = price.get("usd")
    return None if usd is None else Decimal(str(usd))


def _content(document: Node, node: Node) -> Node | None:
    """The JSON content of a request or a response."""
    content = look_up(resolve(document, node), "/content/application~1json")
    return content if isinstance(content, dict) else None


def _body_schema(document: Node, node: Node) -> Node | None:
    content = _content(document, cast("Node", node.get("requestBody", {})))
    return cast("Node", content["schema"]) if content else None


def _example(document: Node, node: Node) -> Json:
    """The first documented example of a request body."""
    content = _content(document, cast("Node", node.get("requestBody", {})))
    return next(iter(documented_examples(document, content).values())) if content else None


def _headers(document: Node, node: Node) -> dict[str, Validator]:
    parameters = [
        resolve(document, cast("Node", p)) for p in cast("list[Json]", node.get("parameters", []))
    ]
    return {
        str(p["name"]).lower(): Validator.of(document, cast("Node", p["schema"]))
        for p in parameters
        if p.get("in") == "header"
    }


def _answers(document: Node, node: Node) -> dict[int, dict[str, Json]]:
    answers: dict[int, dict[str, Json]] = {}
    for status, response in cast("dict[str, Node]", node["responses"]).items():
        content = _content(document, response)
        if status.isdigit() and content is not None:
            answers[int(status)] = documented_examples(document, content)
    return answers


def _defaults(document: Node, schema: Node | None, render: Render) -> dict[str, Json]:
    """Documented defaults of what a rendering depends on, by the name in `render`."""
    found: dict[str, Json] = {}
    for part in fields(render):
        pointer: str | None = getattr(render, part.name)
        if schema is not None and pointer is not None:
            default = _default(document, schema, pointer)
            if default is not MISSING:
                found[part.name] = cast("Json", default)
    return found


def _default(document: Node, schema: Node, pointer: str) -> object:
    for token in pointer.strip("/").split("/"):
        schema = resolve(document, schema)
        inner = look_up(schema, f"/properties/{token}")
        if not isinstance(inner, dict):
            return MISSING
        schema = inner
    return resolve(document, schema).get("default", MISSING)


def _key_header(document: Node) -> str:
    schemes = cast("dict[str, Node]", look_up(document, "/components/securitySchemes"))
    return next(str(s["name"]) for s in schemes.values() if s.get("in") == "header")


def _sizes(document: Node) -> dict[str, tuple[int, int]]:
    sizes = look_up(document, "/x-pixazo/sizes")
    named = cast("dict[str, dict[str, int]]", sizes) if isinstance(sizes, dict) else {}
    return {name: (size["width"], size["height"]) for name, size in named.items()}


def _words(states: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for word, outcome in states.items():
        words[outcome] = (*words.get(outcome, ()), word)
    return words
