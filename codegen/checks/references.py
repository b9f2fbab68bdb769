"""Do references lead somewhere, stand alone, and is everything named used?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from codegen.document import Document, SpecProblem, escape
from codegen.runtime.words import closest

__all__ = ["check"]


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield references that lead nowhere or have neighbours, and components that nobody uses."""
    used: set[str] = set()
    for pointer, node in document.walk():
        if isinstance(node, Mapping) and "$ref" in node:
            found = cast("Mapping[str, Any]", node)
            target = str(found["$ref"])
            used.add(target.removeprefix("#"))
            yield from _reference(document, pointer, found, target)
    yield from _unused(document, used)


def _reference(
    document: Document, pointer: str, node: Mapping[str, Any], target: str
) -> Iterator[SpecProblem]:
    at = f"{pointer}/$ref"
    if len(node) > 1:
        others = ", ".join(name for name in node if name != "$ref")
        advice = f"$ref stands beside {others}, which tools ignore; write allOf: [$ref] instead"
        yield document.problem(at, advice)
    try:
        document.get(target.removeprefix("#"))
    except KeyError:
        kind = target.removeprefix("#/components/").partition("/")[0]
        known = document.root.get("components", {}).get(kind, {})
        hint = closest(target.rpartition("/")[2], known)
        yield document.problem(at, f"{target} leads nowhere; name what exists{hint}")


def _unused(document: Document, used: set[str]) -> Iterator[SpecProblem]:
    for kind, components in document.root.get("components", {}).items():
        for name in components if kind != "securitySchemes" else ():
            pointer = f"/components/{kind}/{escape(name)}"
            if pointer not in used:
                yield document.problem(pointer, f"nothing refers to {name}; remove it")
