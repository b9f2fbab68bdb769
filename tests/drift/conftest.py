"""What the drift tests share: the shipped document, and copies of it to change."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from pixazo_openapi.schema import document as shipped


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of the shipped document without its covers, so that no difference is excused."""
    return uncovered_document()


def uncovered_document() -> dict[str, Any]:
    """Return a copy of the shipped document in which no ruling covers anything."""
    copied: dict[str, Any] = json.loads(_uncovered())
    return copied


@cache
def _uncovered() -> str:
    found: dict[str, Any] = copy.deepcopy(dict(shipped()))
    found["x-pixazo"].pop("covers", None)
    for item in found["paths"].values():
        for operation in item.values():
            operation.get("x-pixazo", {}).pop("covers", None)
    return json.dumps(found)
