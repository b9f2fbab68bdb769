# Made by `python -m codegen` from codegen/runtime/values.py. Do not edit: change what it is made from.
"""Values that a request keeps: JSON made immutable and hashable, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, cast

__all__ = ["JSON", "FrozenObject", "assemble", "frozen", "plain"]

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class FrozenObject(Mapping[str, Any]):
    """A JSON object that cannot be changed; it hashes, and equals a dict of the same items."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self._items = {name: frozen(value) for name, value in dict(items).items()}

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenObject, (tuple(self._items.items()),)


def frozen(value: Any) -> Any:
    """Return the value with lists as tuples and mappings as frozen objects, all the way down."""
    if isinstance(value, Mapping):
        return FrozenObject(cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in cast("Iterable[Any]", value))
    return value


def plain(value: Any) -> Any:
    """Return the value with tuples as lists and frozen objects as dicts, as ``json`` takes it."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast("Iterable[Any]", value)]
    return value


def assemble(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object that has these values at these JSON pointers.

    Args:
        leaves: values by pointer; the parts of a list stand without gaps, in any order.
    """
    root: dict[str, Any] = {}
    for pointer, value in leaves.items():
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        node: Any = root
        for token, following in pairwise(parts):
            node = _child(node, token, [] if following.isdigit() else {})
        _child(node, parts[-1], value)
    return root


def _child(node: Any, token: str, value: Any) -> Any:
    """Return what stands at the token, after putting the value there when nothing does."""
    if isinstance(node, list):
        items, index = cast("list[object]", node), int(token)
        items.extend([None] * (index + 1 - len(items)))
        items[index] = value if items[index] is None else items[index]
        return items[index]
    return cast("dict[str, Any]", node).setdefault(token, value)
