"""Every example of the document fits its schema, and the bodies show what they promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

Node = dict[str, Any]
SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"
PATHS = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["paths"].values()
MODELS = [item["post"]["x-pixazo"]["model"] for item in PATHS if "post" in item]


def bodies(operation: Node) -> Node:
    """The example bodies of a request by name."""
    content = operation["requestBody"]["content"]["application/json"]
    return {name: example["value"] for name, example in content["examples"].items()}


def test_examples_fit_their_schemas(walk, errors) -> None:
    """Bodies, answers, headers and values in examples are valid, formats included."""
    seen, wrong = 0, []
    for path, node in walk():
        if "schema" in node:
            given = [e["value"] for e in node.get("examples", {}).values()]
            given += [node["example"]] if "example" in node else []
            schema = node["schema"]
        elif isinstance(node.get("examples"), list):
            given, schema = node["examples"], node
        else:
            continue
        for value in given:
            seen += 1
            wrong += [(*path, text) for text in errors(value, schema)]
    assert wrong == []
    assert seen > 40


def test_a_wrong_example_would_be_found(errors) -> None:
    """The check of examples asserts types, patterns and formats, and is not merely silent."""
    names = ("Timestamp", "MediaUrl", "RequestId", "SubmitReceipt")
    for name in names:
        assert errors("not a/valid value", {"$ref": f"#/components/schemas/{name}"})


def test_every_json_answer_has_an_example(operations, resolve) -> None:
    """The sandbox answers from examples, so every documented code has one."""
    bare = [
        (model, code)
        for model, operation in operations.items()
        for code, response in operation["responses"].items()
        if not resolve(response)["content"]["application/json"].get("examples")
    ]
    assert bare == []


@pytest.mark.parametrize("model", MODELS)
def test_the_full_example_shows_every_parameter(operations, resolve, model: str) -> None:
    """The body called full holds every documented field, at every level of a nested body."""
    operation = operations[model]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    missing: list[str] = []

    def look(value: Any, node: Node, where: str) -> None:
        flat = resolve(node)
        if isinstance(value, dict) and "properties" in flat:
            missing.extend(f"{where}.{name}" for name in flat["properties"] if name not in value)
            for name, inner in value.items():
                look(inner, flat["properties"][name], f"{where}.{name}")

    look(bodies(operation)["full"], schema, model)
    assert missing == []


@pytest.mark.parametrize("model", MODELS)
def test_the_minimum_example_holds_nothing_that_can_go(operations, errors, model: str) -> None:
    """The body called minimum is valid, and invalid as soon as any field of it is left out."""
    operation = operations[model]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    minimum = bodies(operation)["minimum"]
    assert errors(minimum, schema) == []
    for name in minimum:
        assert errors({k: v for k, v in minimum.items() if k != name}, schema), name


@pytest.mark.parametrize("model", MODELS)
def test_a_body_refuses_what_no_page_knows(operations, errors, model: str) -> None:
    """A field that is not documented, and null for a documented one, break the request schema."""
    operation = operations[model]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    minimum = bodies(operation)["minimum"]
    assert errors(minimum | {"quality": "high"}, schema)
    for name in minimum:
        assert errors(minimum | {name: None}, schema)


def test_the_status_examples_show_every_state_once(operations) -> None:
    """There is one example for each of the five words, under a name of its own."""
    content = operations["status"]["responses"]["200"]["content"]["application/json"]
    words = [example["value"]["status"] for example in content["examples"].values()]
    assert words == ["QUEUED", "PROCESSING", "COMPLETED", "FAILED", "ERROR"]
    assert list(content["examples"]) == [word.lower() for word in words]


def test_examples_name_reserved_hosts_only(text: str) -> None:
    """Addresses in examples are ours: reserved names, and the gateway itself."""
    hosts = {url.split("/")[2] for url in re.findall(r"https?://[a-z0-9.-]+", text)}
    ours = [host for host in hosts if host.endswith(".example.com")]
    assert hosts - set(ours) == {"gateway.pixazo.ai"}
