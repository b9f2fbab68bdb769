"""JSON pointers, with `*` for every item of a list."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import cast

from pixazo.sandbox.types import Json

__all__ = ["MISSING", "fill", "hits", "look_up", "resolve"]


class _Missing:
    """Nothing stands at a pointer; unlike None, which is JSON's null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def look_up(value: Json, pointer: str | None) -> Json | _Missing:
    """What stands at `pointer` in `value`, or MISSING."""
    if pointer is None:
        return MISSING
    for token in _tokens(pointer):
        if isinstance(value, list) and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
        elif isinstance(value, dict) and token in value:
            value = value[token]
        else:
            return MISSING
    return value


def resolve(document: dict[str, Json], node: dict[str, Json]) -> dict[str, Json]:
    """`node`, or what its `$ref` inside `document` leads to."""
    while isinstance(reference := node.get("$ref"), str):
        node = cast("dict[str, Json]", look_up(document, reference.removeprefix("#")))
    return node


def hits(value: Json, pointer: str) -> bool:
    """Whether `pointer` leads to something in `value`; a `*` needs at least one item."""
    return look_up(value, pointer.replace("*", "0")) is not MISSING


def fill(
    template: Json, pointer: str, items: Sequence[Json], finish: Callable[[Json, int], None]
) -> Json:
    """A copy of `template` with `items` at `pointer`, one each for its first `*`.

    Args:
        template: an example that `pointer` hits.
        pointer: like `/output/media_url/*` or `/choices/*/message/content/*/image`.
        items: what is put in; the list is made as long as needed.
        finish: called with every list item after it was made, and its index.
    """
    tokens = list(_tokens(pointer))
    whole: Json = copy.deepcopy(template)
    if "*" not in tokens:
        return _put(whole, tokens, items[0])
    at = tokens.index("*")
    made = cast("list[Json]", look_up(whole, "".join(f"/{token}" for token in tokens[:at])))
    pattern, inner = made[0], [token.replace("*", "0") for token in tokens[at + 1 :]]
    made[:] = [_put(copy.deepcopy(pattern), inner, item) for item in items]
    for index, item in enumerate(made):
        finish(item, index)
    return whole


def _put(value: Json, tokens: list[str], item: Json) -> Json:
    if not tokens:
        return item
    target = look_up(value, "".join(f"/{t}" for t in tokens[:-1]))
    if isinstance(target, list):
        target[int(tokens[-1])] = item
    elif isinstance(target, dict):
        target[tokens[-1]] = item
    return value


def _tokens(pointer: str) -> list[str]:
    if not pointer:
        return []
    return [t.replace("~1", "/").replace("~0", "~") for t in pointer.removeprefix("/").split("/")]
