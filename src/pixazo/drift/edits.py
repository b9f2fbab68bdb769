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
        if isinstance(self.value, Mapping) and self.value:
            lines.append(block(cast("Mapping[str, object]", self.value), len(keys)))
            return "\n".join(lines)
        return "\n".join(lines) + block(self.value)


def block(value: object, depth: int = 0) -> str:
    """Return a value as block YAML.

    A scalar or an empty or short collection begins with a space, to follow its key on the line.

    Args:
        value: JSON-like value.
        depth: How deeply its lines are indented, in steps of two spaces.
    """
    if isinstance(value, Mapping) and value:
        return _mapping(cast("Mapping[str, object]", value), depth)
    return f" {_flow(value)}"


def _mapping(value: Mapping[str, object], depth: int) -> str:
    lines: list[str] = []
    for key, inner in value.items():
        head = f"{_INDENT * depth}{scalar(key)}:"
        if _is_short(inner):
            lines.append(f"{head} {_flow(inner)}")
        elif isinstance(inner, Mapping):
            lines.append(f"{head}\n{_mapping(cast('Mapping[str, object]', inner), depth + 1)}")
        else:
            lines.append(f"{head}\n{_items(cast('Sequence[object]', inner), depth + 1)}")
    return "\n".join(lines)


def _items(values: Sequence[object], depth: int) -> str:
    lines: list[str] = []
    for value in values:
        text = block(value, depth + 1)
        lines.append(f"{_INDENT * depth}-{' ' + text.lstrip() if text.strip() else ''}")
    return "\n".join(lines)


def _is_short(value: object) -> bool:
    """Tell whether a value stands on one line: scalars, lists of scalars, references."""
    if isinstance(value, Mapping):
        return not value or (len(value) == 1 and "$ref" in value)
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        return all(not isinstance(item, (Mapping, list, tuple)) for item in items)
    return True


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return "{" + ", ".join(f"{scalar(key)}: {_flow(inner)}" for key, inner in pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in cast("Sequence[object]", value)) + "]"
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
