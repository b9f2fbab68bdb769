"""A sandbox whose time stands still, and a client that talks to it over a real socket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import jsonschema_rs
import pytest
from pixazo_openapi import schema

from pixazo.sandbox import ManualClock, Sandbox

KEY = "a-key-of-the-tests"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(latency=10, clock=ManualClock(), balance="10") as running:
        yield running


@pytest.fixture(scope="session")
def transport() -> Iterator[httpx2.HTTPTransport]:
    """One connection pool for all tests: to make one takes longer than a test."""
    with httpx2.HTTPTransport() as shared:
        yield shared


@pytest.fixture
def plain(transport: httpx2.HTTPTransport) -> httpx2.Client:
    """A client without a key, for any origin."""
    return httpx2.Client(transport=transport, trust_env=False, timeout=10)


@pytest.fixture
def gateway(sandbox: Sandbox, transport: httpx2.HTTPTransport) -> httpx2.Client:
    """A client with a key, for the gateway."""
    headers = {"Ocp-Apim-Subscription-Key": KEY}
    return httpx2.Client(
        transport=transport, trust_env=False, timeout=10, base_url=sandbox.url, headers=headers
    )


class Contract:
    """Holds answers to `openapi.json` with a validator of its own."""

    def __init__(self) -> None:
        self.document = schema.document()
        self._paths = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), item)
            for path, item in self.document["paths"].items()
        ]

    def operation(self, model_id: str) -> Any:
        """The path and operation of a model."""
        for path, item in self.document["paths"].items():
            for operation in item.values():
                if operation["x-pixazo"].get("model") == model_id:
                    return path, operation
        raise LookupError(model_id)

    def example(self, model_id: str, name: str = "minimum") -> Any:
        """A documented example body, without callbacks to other hosts."""
        _, operation = self.operation(model_id)
        body = dict(
            operation["requestBody"]["content"]["application/json"]["examples"][name]["value"]
        )
        return {k: v for k, v in body.items() if not k.startswith("webhook")}

    def check(self, answer: httpx2.Response) -> httpx2.Response:
        """Assert that status, media type and body are documented; the answer."""
        operation = self._operation_of(answer)
        responses = operation["responses"]
        assert str(answer.status_code) in responses, (answer.status_code, answer.text)
        response = self._resolved(responses[str(answer.status_code)])
        assert answer.headers["content-type"] == "application/json"
        self._validate(response["content"]["application/json"]["schema"], answer.json())
        for rule in operation["x-pixazo"].get("invariants", []) if answer.is_success else []:
            if self._validator(rule["when"]).is_valid(answer.json()):
                self._validate(rule["then"], answer.json())
        return answer

    def _operation_of(self, answer: httpx2.Response) -> Any:
        path, method = answer.request.url.path, answer.request.method.lower()
        return next(item[method] for pattern, item in self._paths if pattern.fullmatch(path))

    def _resolved(self, node: Any) -> Any:
        if "$ref" in node:
            node, parts = self.document, node["$ref"].removeprefix("#/").split("/")
            for part in parts:
                node = node[part]
        return node

    def _validator(self, rule: Any) -> Any:
        whole = {**rule, "components": self.document["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)

    def _validate(self, rule: Any, value: Any) -> None:
        errors = [
            f"{e.instance_path}: {e.message}" for e in self._validator(rule).iter_errors(value)
        ]
        assert not errors, errors


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract()
