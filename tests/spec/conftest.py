"""The document, its extension's schema and the rulings, read once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

SPEC = Path(__file__).parents[2] / "spec"
Node = dict[str, Any]


@pytest.fixture(scope="session")
def text() -> str:
    """The document as it is written."""
    return (SPEC / "openapi.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def spec(text: str) -> Node:
    """The document as data; tests do not change it."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


@pytest.fixture(scope="session")
def extension() -> Node:
    """The schema of x-pixazo."""
    return json.loads((SPEC / "x-pixazo.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def rulings() -> str:
    """The rulings as they are written."""
    return (SPEC / "RULINGS.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def resolve(spec: Node) -> Callable[[Node], Node]:
    """A function that follows $ref, and allOf of one, until there is something to read."""

    def follow(node: Node) -> Node:
        while "$ref" in node or len(node.get("allOf", ())) == 1:
            if "$ref" in node:
                node = at(spec, node["$ref"].removeprefix("#"))
            else:
                inner = follow(node["allOf"][0])
                node = inner | {key: value for key, value in node.items() if key != "allOf"}
        return node

    return follow


@pytest.fixture(scope="session")
def operations(spec: Node) -> dict[str, Node]:
    """Operations by model id, the status operation as `status`; path and method are added."""
    found: dict[str, Node] = {}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            name = operation["x-pixazo"].get("model", "status")
            found[name] = operation | {"path": path, "method": method}
    return found


@pytest.fixture(scope="session")
def errors(spec: Node) -> Callable[[Any, Node], list[str]]:
    """A function that lists how a value breaks a schema of the document, formats included."""

    def listed(value: Any, schema: Node) -> list[str]:
        whole = {"allOf": [schema], "components": spec["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]

    return listed


@pytest.fixture(scope="session")
def walk(spec: Node) -> Callable[[], Iterator[tuple[tuple[str, ...], Node]]]:
    """A function that yields every mapping of the document with its path."""

    def inside(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
        if isinstance(node, dict):
            yield path, node
            for key, value in node.items():
                yield from inside(value, (*path, str(key)))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                yield from inside(value, (*path, str(index)))

    return lambda: inside(spec, ())


def at(node: Any, pointer: str) -> Any:
    """What stands at a JSON pointer."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node
