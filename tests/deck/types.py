"""JSON as the deck sees it."""

from __future__ import annotations

from typing import TypeAlias

__all__ = ["Json", "Tree"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Tree: TypeAlias = dict[str, Json]
