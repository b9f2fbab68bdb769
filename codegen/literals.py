"""Python source of values: what the catalogue is written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, cast

from codegen.runtime.entries import NO_DEFAULT

__all__ = ["literal"]


def literal(value: object) -> str:
    """Return Python source that evaluates to the value; entries leave out their defaults."""
    if value is NO_DEFAULT:
        return "NO_DEFAULT"
    if is_dataclass(value) and not isinstance(value, type):
        return _entry(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in pairs)}}}"
    if isinstance(value, tuple | list):
        items = [literal(item) for item in cast("list[object]", value)]
        if isinstance(value, list):
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    return repr(value)


def _entry(value: Any) -> str:
    given = (
        f"{field.name}={literal(getattr(value, field.name))}"
        for field in fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    )
    return f"{type(value).__name__}({', '.join(given)})"
