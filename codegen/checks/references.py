"""Do references lead somewhere, stand alone, and is everything named used?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from codegen.document import Document, SpecProblem, escape
from codegen.runtime.words import closest

__all__ = ["check"]


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield references that lead nowhere, stand beside words or run in circles, and idle parts."""
    leads: dict[str, set[str]] = {}
    for pointer, node in document.walk():
        if isinstance(node, Mapping) and "$ref" in node:
            found = cast("Mapping[str, Any]", node)
            target = str(found["$ref"])
            home = "/".join(pointer.split("/")[:4])
            leads.setdefault(home, set()).add(target.removeprefix("#"))
            yield from _reference(document, pointer, found, target)
    yield from _circles(document, leads)
    yield from _unused(document, {target for targets in leads.values() for target in targets})


def _reference(
    document: Document, pointer: str, node: Mapping[str, Any], target: str
) -> Iterator[SpecProblem]:
    at = f"{pointer}/$ref"
    if len(node) > 1:
        others = ", ".join(name for name in node if name != "$ref")
        advice = f"$ref stands beside {others}, which tools ignore; write allOf: [$ref] instead"
        yield document.problem(at, advice)
    try:
        document.get(target.removeprefix("#") if target.startswith("#/") else "/")
    except KeyError:
        kind = target.removeprefix("#/components/").partition("/")[0]
        known = document.root.get("components", {}).get(kind, {})
        hint = closest(target.rpartition("/")[2], known)
        yield document.problem(at, f"{target} leads nowhere; name what exists{hint}")


def _circles(document: Document, leads: Mapping[str, set[str]]) -> Iterator[SpecProblem]:
    """Yield components that contain themselves: no request class could be written for them."""
    for start in leads:
        reached, waiting = set[str](), [start]
        while waiting:
            fresh = leads.get(waiting.pop(), set()) - reached
            reached |= fresh
            waiting += fresh
        if start in reached:
            name = start.rpartition("/")[2]
            yield document.problem(start, f"{name} contains itself; break the circle")


def _unused(document: Document, used: set[str]) -> Iterator[SpecProblem]:
    for kind, components in document.root.get("components", {}).items():
        for name in components if kind != "securitySchemes" else ():
            pointer = f"/components/{kind}/{escape(name)}"
            if pointer not in used:
                yield document.problem(pointer, f"nothing refers to {name}; remove it")
