"""Explanations as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pixazo.drift.explanations import Explanation

__all__ = ["render_explanation", "render_explanation_json"]


def render_explanation(found: Explanation) -> str:
    """Return the explanation for people: a fact a line, then the rulings."""
    width = max((len(label) for label, _ in found.lines), default=0) + 2
    lines = [found.name]
    lines += [f"  {label:<{width}}{' '.join(text.split())}" for label, text in found.lines]
    if found.pointer:
        line = f" (line {found.spec_line})" if found.spec_line else ""
        lines.append(f"  {'spec':<{width}}{found.pointer}{line}")
    for ruling in found.rulings:
        text = dict(ruling.lines).get("Ruling", "")
        lines.append(f"  {ruling.id:<{width}}{ruling.title}{': ' if text else ''}{text}".rstrip())
    return "\n".join(lines)


def render_explanation_json(found: Explanation) -> str:
    """Return the explanation as one JSON object."""
    said = {
        "name": found.name,
        **_keys(found.lines),
        "spec_pointer": found.pointer or None,
        "spec_line": found.spec_line,
        "rulings": [
            {"id": ruling.id, "title": ruling.title, **_keys(ruling.lines)}
            for ruling in found.rulings
        ],
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _keys(lines: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Return facts as an object; a label that comes more than once holds a list."""
    found: dict[str, str | list[str]] = {}
    for label, text in lines:
        key = label.lower().replace(" ", "_")
        known = found.get(key)
        if known is None:
            found[key] = text
        else:
            found[key] = [*known, text] if isinstance(known, list) else [known, text]
    return found
