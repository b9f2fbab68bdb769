"""Follows JSON pointers of values through the schemas that describe the values."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.document import Document, escape, tokens

__all__ = ["reaches"]


def reaches(document: Document, schema: str, pointer: str) -> bool:
    """Return whether a value of the schema can have something at the pointer.

    Args:
        document: the document.
        schema: where the schema stands.
        pointer: a JSON pointer into the value; ``*`` stands for each item of a list.
    """
    try:
        places = {document.follow(schema)[0]}
    except KeyError:  # there is no schema: another check says so
        return True
    for token in tokens(pointer):
        places = {inner for place in places for inner in _inner(document, place, token)}
    return bool(places)


def _inner(document: Document, schema: str, token: str) -> Iterator[str]:
    schema, node = document.follow(schema)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index in range(len(node.get(keyword, ()))):
            yield from _inner(document, f"{schema}/{keyword}/{index}", token)
    if token in node.get("properties", {}):
        yield f"{schema}/properties/{escape(token)}"
    if "items" in node and (token == "*" or token.isdigit()):  # noqa: S105 (a part of a pointer)
        yield f"{schema}/items"
