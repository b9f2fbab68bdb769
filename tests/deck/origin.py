"""Where a cassette comes from: the block on top of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from pixazo_openapi.catalogue import SPEC_SHA256, SPEC_VERSION
from pixazo_openapi.schema import document

from tests.deck.faults import CassetteBroken
from tests.deck.types import Json, Tree

__all__ = ["Origin", "hashes", "operation_at", "operation_hash", "operations"]

# Words for people: a change of them makes no cassette stale.
PROSE = {"summary", "description", "example", "examples", "tags", "source", "rulings", "covers"}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cassette comes from.

    Args:
        recorded_from: `sandbox 0.1.0`, the gateway's address, or `documents`.
        gateway: The base URL as it stands on the cassette.
        date: The day of the recording, `2026-11-23`.
        cost: What it cost, in words.
        spec_version: The version of the spec at that time.
        spec_sha256: Its hash.
        operations: The hash of each operation on the cassette, by operation id.
    """

    recorded_from: str
    gateway: str
    date: str
    cost: str
    spec_version: str = SPEC_VERSION
    spec_sha256: str = SPEC_SHA256
    operations: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def documents(self) -> bool:
        """Whether the cassette was made from the documents, not from an answer."""
        return self.recorded_from.startswith("documents")

    def to_tree(self) -> Tree:
        """Return the block as it stands on a cassette."""
        return {
            "recorded from": self.recorded_from,
            "gateway": self.gateway,
            "date": self.date,
            "cost": self.cost,
            "spec": {"version": self.spec_version, "sha256": self.spec_sha256},
            "operations": cast("Json", self.operations),
        }

    @classmethod
    def from_tree(cls, told: Json, path: Path) -> Origin:
        """Return the origin of a cassette.

        Raises:
            CassetteBroken: The block is missing or says too little.
        """
        try:
            block = cast("dict[str, Any]", told)
            spec, operations = block["spec"], block["operations"]
            return cls(
                recorded_from=str(block["recorded from"]),
                gateway=str(block["gateway"]),
                date=str(block["date"]),
                cost=str(block["cost"]),
                spec_version=str(spec["version"]),
                spec_sha256=str(spec["sha256"]),
                operations={str(name): str(value) for name, value in operations.items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            lacking = f"lacks {error}" if isinstance(error, KeyError) else "is missing or no block"
            message = f"{path}:1: the origin block {lacking}; record it again"
            raise CassetteBroken(message) from error

    def changed(self) -> list[str]:
        """Return the operations that the spec describes otherwise by now; empty: not stale."""
        if self.spec_sha256 == SPEC_SHA256:
            return []
        return [name for name, value in self.operations.items() if operation_hash(name) != value]


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every operation of the spec by its id: method, path, and what is said of it."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def operation_at(method: str, path: str) -> str | None:
    """Return the id of the operation that a request is for; None when there is none."""
    for name, (wanted, template, _) in operations().items():
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if wanted == method and re.fullmatch(pattern, path):
            return name
    return None


@cache
def operation_hash(name: str) -> str:
    """Return a hash of all that the spec demands of an operation; empty when there is none.

    References are followed; words for people do not count.
    """
    if name not in operations():
        return ""
    method, path, operation = operations()[name]
    told = json.dumps([method, path, _meaning(operation, names=False)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _meaning(node: Any, *, names: bool, seen: tuple[str, ...] = ()) -> Any:
    """What a part of the spec demands; `names`: its keys are names and not the spec's words."""
    if isinstance(node, list):
        return [_meaning(item, names=False, seen=seen) for item in node]
    if not isinstance(node, dict):
        return node
    part = cast("dict[str, Any]", node)
    reference = part.get("$ref")
    if isinstance(reference, str) and not names:
        known = reference in seen
        return (
            reference if known else _meaning(_at(reference), names=False, seen=(*seen, reference))
        )
    return {
        key: _meaning(value, names=key == "properties" and not names, seen=seen)
        for key, value in part.items()
        if names or key not in PROSE
    }


def _at(reference: str) -> Any:
    node: Any = document()
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


def hashes(used: Iterable[str]) -> dict[str, str]:
    """Return the hash of each operation, in the given order, each once."""
    return {name: operation_hash(name) for name in dict.fromkeys(used)}
