"""Proposed changes of the spec, written as YAML that a person can paste."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

__all__ = ["Edit", "block", "scalar"]

_PLAIN = re.compile(r"[A-Za-z/$][A-Za-z0-9_ ./-]*(?<! )")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"}
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Edit:
    """A change at one place of the spec.

    Args:
        pointer: JSON pointer of the place.
        value: What shall stand there.
        remove: Whether the place goes instead.
    """

    pointer: str
    value: Any = None
    remove: bool = False

    def yaml(self) -> str:
        """Return the change as YAML: the way to the place, then what shall stand there."""
        keys = [t.replace("~1", "/").replace("~0", "~") for t in self.pointer.split("/")[1:]]
        lines = [f"{_INDENT * depth}{scalar(key)}:" for depth, key in enumerate(keys)]
        if self.remove:
            lines[-1] += "  # remove"
            return "\n".join(lines)
        mapping = _as_mapping(self.value)
        below = f"\n{_mapping(mapping, len(keys))}" if mapping else block(self.value)
        return "\n".join(lines) + below


def _as_mapping(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


def _as_list(value: object) -> Sequence[object] | None:
    return cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else None


def block(value: object, depth: int = 0) -> str:
    """Return a value as block YAML.

    A scalar, an empty object and a list begin with a space, to follow their key on the line.

    Args:
        value: JSON-like value.
        depth: How deeply its lines are indented, in steps of two spaces.
    """
    mapping = _as_mapping(value)
    return _mapping(mapping, depth) if mapping else f" {_flow(value)}"


def _mapping(value: Mapping[str, object], depth: int) -> str:
    lines: list[str] = []
    for key, inner in value.items():
        head = f"{_INDENT * depth}{scalar(key)}:"
        mapping, items = _as_mapping(inner), _as_list(inner)
        if _is_short(inner):
            lines.append(f"{head} {_flow(inner)}")
        elif mapping is not None:
            lines.append(f"{head}\n{_mapping(mapping, depth + 1)}")
        elif items is not None:
            lines.append(f"{head}\n{_items(items, depth + 1)}")
    return "\n".join(lines)


def _items(values: Sequence[object], depth: int) -> str:
    return "\n".join(f"{_INDENT * depth}- {block(value, depth + 1).lstrip()}" for value in values)


def _is_short(value: object) -> bool:
    """Tell whether a value stands on one line: scalars, lists of scalars, references."""
    mapping, items = _as_mapping(value), _as_list(value)
    if mapping is not None:
        return not mapping or list(mapping) == ["$ref"]
    if items is not None:
        return all(_as_mapping(item) is None and _as_list(item) is None for item in items)
    return True


def _flow(value: object) -> str:
    mapping, items = _as_mapping(value), _as_list(value)
    if mapping is not None:
        return (
            "{"
            + ", ".join(f"{scalar(key)}: {_flow(inner)}" for key, inner in mapping.items())
            + "}"
        )
    if items is not None:
        return "[" + ", ".join(_flow(item) for item in items) + "]"
    return scalar(value)


def scalar(value: object) -> str:
    """Return a scalar as YAML, quoted where YAML would read something else."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if "\n" in value or not value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    return "'" + value.replace("'", "''") + "'"
