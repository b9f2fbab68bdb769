"""The rules that depend on the status accept the examples and refuse what contradicts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

Node = dict[str, Any]
WORDS = ["queued", "processing", "completed", "failed", "error"]


@pytest.fixture(scope="session")
def examples(operations: dict[str, Node]) -> dict[str, Node]:
    """The example answers of the status operation by name."""
    content = operations["status"]["responses"]["200"]["content"]["application/json"]
    return {name: example["value"] for name, example in content["examples"].items()}


@pytest.fixture(scope="session")
def broken(operations: dict[str, Node]) -> Callable[[Node], list[str]]:
    """A function that names the invariants that an answer breaks."""
    rules = operations["status"]["x-pixazo"]["invariants"]

    def named(answer: Node) -> list[str]:
        return [
            rule["id"]
            for rule in rules
            if jsonschema_rs.is_valid(rule["when"], answer)
            and not jsonschema_rs.is_valid(rule["then"], answer)
        ]

    return named


def without(answer: Node, *names: str) -> Node:
    """The answer without some fields."""
    return {key: value for key, value in answer.items() if key not in names}


@pytest.mark.parametrize("name", WORDS)
def test_examples_keep_every_invariant(examples, broken, name: str) -> None:
    """None of the example answers breaks a rule."""
    assert broken(examples[name]) == []


def test_invariants_have_names_of_their_own(operations) -> None:
    """Reports can tell one rule from another."""
    ids = [rule["id"] for rule in operations["status"]["x-pixazo"]["invariants"]]
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("queued", {"error": "late"}, "pending-has-no-outcome"),
        ("queued", {"output": {"media_url": ["https://m.example/a"]}}, "pending-has-no-outcome"),
        ("processing", {"completed_at": "2026-11-22T09:30:12.000Z"}, "pending-has-no-outcome"),
        ("queued", {"created_at": ...}, "pending-has-times"),
        ("completed", {"output": None}, "completed-has-output"),
        ("completed", {"output": ...}, "completed-has-output"),
        ("completed", {"error": "but"}, "completed-has-output"),
        ("completed", {"error": ...}, "completed-has-output"),
        ("completed", {"created_at": ...}, "completed-has-times"),
        ("completed", {"updated_at": ...}, "completed-has-times"),
        ("completed", {"completed_at": ...}, "completed-has-times"),
        ("completed", {"completed_at": None}, "completed-has-times"),
        ("failed", {"error": None}, "failed-has-error"),
        ("failed", {"error": ""}, "failed-has-error"),
        ("failed", {"error": ...}, "failed-has-error"),
        ("failed", {"output": {"media_url": ["https://m.example/a"]}}, "failed-has-error"),
        ("error", {"error": None}, "failed-has-error"),
        ("queued", {"polling_url": "https://g.example/x"}, "polling-url-only-in-receipt"),
        ("completed", {"polling_url": "https://g.example/x"}, "polling-url-only-in-receipt"),
    ],
)
def test_a_contradiction_breaks_its_invariant(
    examples, broken, name: str, change: Node, rule: str
) -> None:
    """Each rule refuses an answer that has what its status forbids, or lacks what it demands."""
    given = {key: value for key, value in change.items() if value is not ...}
    answer = without(examples[name], *change) | given
    assert broken(answer) == [rule]


def test_every_invariant_is_refused_by_a_case(operations) -> None:
    """No rule goes without a case above that breaks it."""
    mark = test_a_contradiction_breaks_its_invariant.pytestmark[0]
    tried = {rule for _, _, rule in mark.args[1]}
    assert tried == {rule["id"] for rule in operations["status"]["x-pixazo"]["invariants"]}


def test_what_the_documents_leave_open_is_not_refused(examples, broken) -> None:
    """Null fields may be absent while pending, and failures may have times or not (R32, R33)."""
    assert broken(without(examples["queued"], "error", "output", "completed_at")) == []
    times = ("created_at", "updated_at", "completed_at")
    assert broken(without(examples["failed"], *times)) == []
    assert broken(examples["error"] | dict.fromkeys(times, "2026-11-22T09:30:12.000Z")) == []
