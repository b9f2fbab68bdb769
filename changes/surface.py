"""What Python callers see of a version, read from the source and never imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import griffe

__all__ = ["PUBLIC", "surface"]

PUBLIC = (
    "pixazo",
    "pixazo.downloads",
    "pixazo.ledger",
    "pixazo.sandbox",
    "pixazo.webhooks",
    "pixazo_openapi.requests",
    "pixazo_openapi.catalogue",
    "pixazo_openapi.entries",
    "pixazo_openapi.errors",
    "pixazo_openapi.schema",
)
"""The modules whose names callers may rely on; what else a module holds may change at any time."""


def surface(root: Path) -> dict[str, griffe.Object]:
    """Return what each public name stands for, by the name that callers use.

    Args:
        root: The folder that holds `src` and `generated`.
    """
    loader = griffe.GriffeLoader(
        search_paths=[root / "src", root / "generated"], allow_inspection=False
    )
    for package in ("pixazo", "pixazo_openapi"):
        loader.load(package, try_relative_path=False)
    loader.resolve_aliases(implicit=True, external=False)
    found: dict[str, griffe.Object] = {}
    for module in PUBLIC:
        found |= dict(_names(loader, module))
    return found


def _names(loader: griffe.GriffeLoader, module: str) -> Iterator[tuple[str, griffe.Object]]:
    """Yield the public names of a module and what they stand for."""
    try:
        home = loader.modules_collection[module]
    except KeyError:  # a version that had no such module
        return
    exported = {str(name) for name in home.exports or ()}
    for name, member in home.members.items():
        if name not in exported if exported else not _is_public(name, member):
            continue
        try:
            thing = member.final_target if isinstance(member, griffe.Alias) else member
        except griffe.AliasResolutionError:  # of another distribution
            continue
        if isinstance(thing, griffe.Object) and not thing.is_module:
            yield f"{module}.{name}", thing


def _is_public(name: str, member: griffe.Object | griffe.Alias) -> bool:
    """Return whether a name of a module without `__all__` is exported: imported, not private."""
    return not name.startswith("_") and isinstance(member, griffe.Alias)
