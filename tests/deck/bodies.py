"""Bodies on cassettes: JSON as a tree, text as text, media by stand-ins, the rest in base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

from tests.deck.faults import CassetteBroken
from tests.deck.media import load_medium, store_medium
from tests.deck.types import Json, Tree

__all__ = ["media_type", "read_body", "wire", "write_body"]

LONGEST_TEXT = 4096


class _NotAsTree(ValueError):  # noqa: N818 - read as what it says
    """A JSON text that says more than its value, such as a name twice."""


def media_type(headers: dict[str, str]) -> str:
    """Return the bare media type of a message; empty when it names none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def wire(value: Json) -> bytes:
    """Return the bytes that a tree stands for; ValueError or TypeError when it is no JSON."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def write_body(
    content: bytes, kind: str, folder: Path, check: Callable[[bytes], None]
) -> Tree | None:
    """Return what the cassette says of a body; None when there is none.

    Args:
        content: The body as sent, not compressed.
        kind: Its bare media type.
        folder: The folder of all cassettes, for media.
        check: Raises when bytes that would be written hold a secret.
    """
    if not content:
        return None
    if kind == "application/json" or kind.endswith("+json"):
        tree = _tree(content)
        return tree if tree is not None else _plain(content)
    if kind.startswith("text/") or kind in ("application/xml", ""):
        return _plain(content)
    return store_medium(content, folder, check)


def read_body(told: Tree | None, folder: Path, place: str) -> bytes:
    """Return the bytes of a body.

    Args:
        told: What the cassette says of it.
        folder: The folder of all cassettes.
        place: The cassette and line, for messages.

    Raises:
        CassetteBroken: It cannot be told what the body was.
    """
    if told is None:
        return b""
    try:
        if "json" in told:
            return wire(told["json"])
        if "text" in told:
            return str(told["text"]).encode()
        if "base64" in told:
            return base64.b64decode(str(told["base64"]), validate=True)
    except (ValueError, TypeError) as error:
        kind = next(name for name in ("json", "text", "base64") if name in told)
        raise CassetteBroken(f"{place}: body is no {kind}; record it again") from error
    if "file" in told:
        return load_medium(told, folder, place)
    raise CassetteBroken(f"{place}: body has none of json, text, base64, file; record it again")


def _tree(content: bytes) -> Tree | None:
    try:
        value = cast("Json", json.loads(content, object_pairs_hook=_once))
        wire(value)
    except ValueError:  # no JSON, NaN, half a character, or more than its value
        return None
    return {"json": value}


def _once(pairs: list[tuple[str, Json]]) -> Tree:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotAsTree
    return found


def _speakable(text: str) -> bool:
    """Whether YAML gives a text back unchanged."""
    return all(letter >= " " or letter in "\n\t" for letter in text) and "\x7f" not in text


def _plain(content: bytes) -> Tree:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if len(text) <= LONGEST_TEXT and _speakable(text):
        return {"text": text}
    return {"base64": base64.b64encode(content).decode()}
