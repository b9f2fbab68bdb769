"""The draft of a new operation, made from a page's part and the spec's other operations."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pixazo.drift.contract import SEPARATOR, Contract, Operation
from pixazo.drift.operations import path_of, stated_price
from pixazo.drift.page import ModelFacts
from pixazo.drift.parameters import row_name
from pixazo.drift.shapes import answer_shape, flat_arguments, request_shape, url_pointers

__all__ = ["Draft", "find_part", "model_id", "skeleton"]

_TODO = "TODO in our own words"


@dataclass(frozen=True, slots=True)
class Draft:
    """A new operation to be reviewed by a person.

    Args:
        model: The model id.
        path: The operation's path.
        path_item: What stands under the path.
        schemas: New component schemas, by name.
    """

    model: str
    path: str
    path_item: dict[str, Any]
    schemas: dict[str, Any]


def model_id(facts: ModelFacts) -> str:
    """Return the model id that a part of a page uses in bodies, request ids or the path."""
    for example in facts.requests:
        if isinstance(example.value, dict) and isinstance(example.value.get("model"), str):
            return str(example.value["model"])
    for example in (*facts.answers, *facts.status_answers):
        value = example.value
        if isinstance(value, dict) and "_" in str(value.get("request_id", "")):
            return str(value["request_id"]).rpartition("_")[0]
    tail = re.split(r"[/?]", facts.calls[0].address.rstrip("/")) if facts.calls else [facts.title]
    words = [word for word in tail if word not in {"generate", "v1", "v2"}]
    return (
        re.sub(r"[^a-z0-9]+", "-", (words or tail)[-1].lower()).strip("-").removesuffix("-request")
    )


_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def find_part(parts: Iterable[ModelFacts], name: str) -> ModelFacts | None:
    """Return the part of a page about a model, found by model id or by title."""
    found = list(parts)
    by_id = next((facts for facts in found if model_id(facts) == name), None)
    return by_id or next((f for f in found if name.lower() in f.title.lower()), None)


def skeleton(facts: ModelFacts, contract: Contract, name: str | None = None) -> Draft:
    """Return the draft of the operation that a part of a page describes.

    Args:
        facts: The part of the page.
        contract: The spec, whose operations lend answers, headers and waiting.
        name: The model id; None, or words of the title, which are none, read it from the page.
    """
    given = name if name and _ID.fullmatch(name) else model_id(facts)
    return _Drafter(facts, contract, given).draft()


@dataclass(slots=True)
class _Drafter:
    facts: ModelFacts
    contract: Contract
    model: str

    @property
    def class_name(self) -> str:
        return "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", self.model))

    @property
    def is_queued(self) -> bool:
        return "202" in self.codes or bool(self.facts.status_answers)

    @property
    def codes(self) -> list[str]:
        tables = self.facts.code_tables
        return sorted({row.cells["code"] for table in tables for row in table.rows})

    @property
    def source(self) -> str:
        return self.facts.title.removesuffix(" API Documentation")

    def _source(self, *parts: str) -> str:
        return SEPARATOR.join((self.source, *parts))

    def draft(self) -> Draft:
        addresses = [path_of(call.address, self.contract) for call in self.facts.calls]
        path = next((p for p in addresses if p.startswith("/")), f"/{self.model}/v1/TODO")
        lender = self._lender()
        operation: dict[str, Any] = {
            "operationId": ("submit" if self.is_queued else "generate") + self.class_name,
            "tags": list(lender.node.get("tags", [])) if lender else [],
            "summary": f"TODO {self.facts.title.removesuffix(' API Documentation')}",
            "description": _TODO,
        }
        parameters = self._parameters()
        if parameters:
            operation["parameters"] = parameters
        operation["requestBody"] = self._request_body()
        operation["responses"] = self._responses(lender)
        if self.is_queued and lender and "callbacks" in lender.node:
            operation["callbacks"] = self._callbacks(lender)
        operation["x-pixazo"] = self._extension(lender)
        return Draft(self.model, path, {"post": operation}, self._schemas())

    def _lender(self) -> Operation | None:
        """Return an operation of the same mode, whose answers and waiting can be borrowed."""
        alike = (o for o in self.contract.models.values() if o.is_queued == self.is_queued)
        return next(alike, None)

    def _parameters(self) -> list[dict[str, str]]:
        said = {row.cells["header"] for table in self.facts.header_tables for row in table.rows}
        if self.facts.webhook:
            said.add(self.facts.webhook.text)
        references: dict[str, dict[str, str]] = {}
        for operation in self.contract.models.values():
            for parameter in operation.node.get("parameters", ()):
                node, _ = self.contract.resolve(parameter, "")
                if node.get("name") in said:
                    references[str(node["name"])] = dict(parameter)
        return list(references.values())

    def _request_body(self) -> dict[str, Any]:
        content: dict[str, Any] = {"schema": _reference(f"{self.class_name}Request")}
        minimum = self.facts.minimum or (self.facts.requests[0] if self.facts.requests else None)
        if minimum is not None:
            content["examples"] = {
                "minimum": {"summary": "TODO our own values", "value": minimum.value}
            }
        return {"required": True, "content": {"application/json": content}}

    def _responses(self, lender: Operation | None) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for operation in self.contract.models.values():
            for code, answer in operation.node["responses"].items():
                if code.startswith(("4", "5")):
                    known.setdefault(code, answer)
        found: dict[str, Any] = {}
        for code in self.codes:
            if code.startswith("2"):
                found[code] = self._success(lender, code)
            else:
                found[code] = copy.deepcopy(known.get(code, {"description": _TODO}))
        return found

    def _success(self, lender: Operation | None, code: str) -> dict[str, Any]:
        reference = _reference(f"{self.class_name}Answer")
        if self.is_queued and lender is not None:
            answer = self.contract.answer(lender, self.contract.success(lender))
            reference = dict(answer[0]) if answer else reference
        content: dict[str, Any] = {"schema": reference}
        if self.facts.answers:
            value = self.facts.answers[0].value
            content["examples"] = {"answer": {"summary": "TODO our own values", "value": value}}
        text = f"TODO {code}: what the caller gets."
        return {"description": text, "content": {"application/json": content}}

    def _callbacks(self, lender: Operation) -> dict[str, Any]:
        """Return the lender's callbacks with operationIds of this model."""
        old, new = (
            f"{name[0].lower()}{name[1:]}" for name in (lender.extension["class"], self.class_name)
        )
        text = json.dumps(lender.node["callbacks"]).replace(old, new)
        summary = json.dumps(_TODO)
        text = re.sub(r'"summary": "(?:[^"\\]|\\.)*"', f'"summary": {summary}', text)
        return cast("dict[str, Any]", json.loads(text))

    def _extension(self, lender: Operation | None) -> dict[str, Any]:
        lent: Mapping[str, Any] = lender.extension if lender else {}
        usd = stated_price(self.facts)
        found: dict[str, Any] = {
            "model": self.model,
            "class": self.class_name,
            "mode": "queued" if self.is_queued else "direct",
            "price": {
                "usd": usd,
                "per": lent.get("price", {}).get("per", "request"),
                "source": self._source("Pricing"),
                "rulings": self._price_rulings(known=usd is not None),
            },
        }
        if self.is_queued:
            found["webhook"] = self._webhook(lent)
        found["media"] = self._media(lent)
        arguments = flat_arguments(self.facts.parameters)
        if arguments:
            found["arguments"] = arguments
        if self.is_queued:
            found["waiting"] = copy.deepcopy(lent.get("waiting", {}))
        found["timeout_s"] = lent.get("timeout_s", 60)
        found["codes"] = {code: self._source("Response Handling", code) for code in self.codes}
        found["source"] = self.facts.title
        found["rulings"] = _shared(o.extension["rulings"] for o in self.contract.models.values())
        return found

    def _price_rulings(self, *, known: bool) -> list[str]:
        prices = [o.extension["price"] for o in self.contract.models.values()]
        return _shared(p["rulings"] for p in prices if (p["usd"] is not None) == known)

    def _webhook(self, lent: Mapping[str, Any]) -> dict[str, Any]:
        names = {row_name(row) for row in self.facts.parameters}
        found: dict[str, Any] = {"header": lent.get("webhook", {}).get("header")}
        for operation in self.contract.models.values():
            webhook = operation.extension.get("webhook", {})
            if {webhook.get("body_field"), webhook.get("filter_field")} <= names:
                found["body_field"] = webhook["body_field"]
                found["filter_field"] = webhook["filter_field"]
        found["source"] = self._source("Webhook")
        found["rulings"] = list(lent.get("webhook", {}).get("rulings", []))
        return found

    def _media(self, lent: Mapping[str, Any]) -> dict[str, Any]:
        media = dict(lent.get("media", {}))
        if not self.is_queued and self.facts.answers:
            media["pointers"] = url_pointers(self.facts.answers[0].value)
        return {"pointers": media.get("pointers", []), "kind": "image", "rulings": media["rulings"]}

    def _schemas(self) -> dict[str, Any]:
        root = request_shape(self.facts.parameters, self.source, f"Parameters of {self.model}.")
        found = {f"{self.class_name}Request": root}
        if not self.is_queued and self.facts.answers:
            found[f"{self.class_name}Answer"] = answer_shape(self.facts.answers[0].value)
        return found


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _shared(lists: Iterable[Iterable[str]]) -> list[str]:
    """Return the rulings that all lists name."""
    sets = [frozenset(found) for found in lists]
    shared = sets[0].intersection(*sets) if sets else frozenset[str]()
    return sorted(shared)
