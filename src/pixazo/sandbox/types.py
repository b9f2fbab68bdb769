"""The shapes that values have on their way through the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["Json", "JsonObject"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]
