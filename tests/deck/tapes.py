"""A cassette as read: origin, journey, interactions, callbacks, each with its line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pixazo_openapi.catalogue import MODELS

from tests.deck.bodies import read_body
from tests.deck.faults import CassetteBroken
from tests.deck.notation import Lines, parse
from tests.deck.origin import Origin
from tests.deck.types import Json, Tree

__all__ = [
    "CASSETTES",
    "Answered",
    "Asked",
    "Called",
    "Interaction",
    "Tape",
    "every",
    "forget",
    "paths",
    "read_tape",
]

CASSETTES = Path(__file__).resolve().parents[2] / "cassettes"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, without its key."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; a medium's body is its stand-in, `true` says what is known of the real one."""

    status: int
    headers: dict[str, str]
    body: bytes
    true: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A request and its answer.

    Args:
        pointer: Its place on the cassette.
        line: The line of that place.
        at: When it was answered, ISO 8601; None when unknown.
        polls: How often in a row it was answered so.
    """

    pointer: str
    line: int
    asked: Asked
    answered: Answered
    at: str | None = None
    polls: int = 1


@dataclass(frozen=True, slots=True)
class Called:
    """A call from the gateway to a receiver."""

    pointer: str
    line: int
    asked: Asked
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Tape:
    """A cassette.

    Args:
        path: Its file.
        model_id: The model that it is about.
        origin: Where it comes from.
        journey: What the caller does and how it ends, as written.
        interactions: Requests and answers, in order.
        callbacks: Calls by the gateway.
        line: The line of a place, by JSON pointer.
    """

    path: Path
    model_id: str
    origin: Origin
    journey: dict[str, Any]
    interactions: tuple[Interaction, ...]
    callbacks: tuple[Called, ...]
    line: Lines

    @property
    def name(self) -> str:
        """The cassette's place among the others: `qwen-image-max/completed`."""
        return f"{self.path.parent.name}/{self.path.stem}"


def every(folder: Path = CASSETTES) -> Iterator[Tape]:
    """Every cassette of a folder, in the order of names.

    Raises:
        CassetteBroken: One of them cannot be used.
    """
    for path in paths(folder):
        yield read_tape(path)


def paths(folder: Path = CASSETTES) -> list[Path]:
    """Return the files of every cassette."""
    return sorted(folder.glob("*/*.yaml"))


def read_tape(path: Path) -> Tape:
    """Return the cassette in a file.

    Raises:
        CassetteBroken: It is not YAML, not a cassette, of a model that is not in the spec, or a
            medium of it is missing or changed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise CassetteBroken(f"{path}: {reason}") from error
    return _tape(path, text, _media(path))


def _media(path: Path) -> tuple[tuple[str, int], ...]:
    """Names and times of the media that lie beside a cassette."""
    folder = path.parent.parent / "media"
    found = os.scandir(folder) if folder.is_dir() else ()
    return tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in found))


@lru_cache(maxsize=512)
def _tape(path: Path, text: str, media: tuple[tuple[str, int], ...]) -> Tape:
    """The cassette with such a text beside such media, read once."""
    content, line = parse(path, text)
    origin = Origin.from_tree(content.get("origin"), path)
    reader = _Reader(path, line)
    journey = content.get("journey")
    if not isinstance(journey, dict):
        raise reader.broken("/journey", "the journey is missing")
    model_id = _known_model(
        path, str(journey.get("model", path.parent.name)), line("/journey/model")
    )
    return Tape(
        path=path,
        model_id=model_id,
        origin=origin,
        journey=cast("dict[str, Any]", journey),
        interactions=tuple(reader.interactions(content.get("interactions"))),
        callbacks=tuple(reader.callbacks(content.get("callbacks"))),
        line=line,
    )


def forget() -> None:
    """Read every cassette anew from now on."""
    _tape.cache_clear()


def _known_model(path: Path, model_id: str, line: int) -> str:
    if model_id not in MODELS:
        near = get_close_matches(model_id, MODELS, n=1)
        way = f"did you mean {near[0]}?" if near else f"there are {', '.join(MODELS)}"
        raise CassetteBroken(f"{path}:{line}: model {model_id!r} is not in the spec; {way}")
    if path.parent.name != model_id:
        message = f"{path}:{line}: a cassette of {model_id} belongs into the folder {model_id}/"
        raise CassetteBroken(message)
    return model_id


class _Reader:
    """Reads the parts of one file.

    Args:
        path: The file.
        line: The line of every place in it.
    """

    def __init__(self, path: Path, line: Lines) -> None:
        self._path, self._line = path, line

    def broken(self, pointer: str, what: str) -> CassetteBroken:
        """Return the error that something is wrong at a place."""
        place = f"{self._path}:{self._line(pointer)}"
        return CassetteBroken(f"{place}: {what}; record it again or restore it")

    def interactions(self, told: Json) -> Iterator[Interaction]:
        """Every interaction of the list."""
        for pointer, item in self._items(told, "/interactions"):
            answered = self._part(item, "response", pointer)
            yield Interaction(
                pointer=pointer,
                line=self._line(pointer),
                asked=self._asked(self._part(item, "request", pointer), f"{pointer}/request"),
                answered=self._answered(answered, f"{pointer}/response"),
                at=cast("str | None", item.get("at")),
                polls=self._count(item.get("polls", 1), pointer),
            )

    def callbacks(self, told: Json) -> Iterator[Called]:
        """Every callback of the list; there may be none."""
        for pointer, item in self._items(told if told is not None else [], "/callbacks"):
            asked = self._asked(self._part(item, "request", pointer), f"{pointer}/request")
            yield Called(pointer, self._line(pointer), asked, cast("str | None", item.get("at")))

    def _items(self, told: Json, pointer: str) -> Iterator[tuple[str, Tree]]:
        if not isinstance(told, list):
            raise self.broken(pointer, f"{pointer[1:]} is no list")
        for index, item in enumerate(told):
            if not isinstance(item, dict):
                raise self.broken(f"{pointer}/{index}", "an item is no mapping")
            yield f"{pointer}/{index}", item

    def _part(self, item: Tree, name: str, pointer: str) -> Tree:
        part = item.get(name)
        if not isinstance(part, dict):
            raise self.broken(pointer, f"the {name} is missing")
        return part

    def _asked(self, told: Tree, pointer: str) -> Asked:
        method, url = told.get("method"), told.get("url")
        if not isinstance(method, str) or not isinstance(url, str):
            raise self.broken(pointer, "method or url is missing")
        return Asked(method, url, self._headers(told, pointer), self._body(told, pointer))

    def _answered(self, told: Tree, pointer: str) -> Answered:
        status, body = told.get("status"), told.get("body")
        if not isinstance(status, int):
            raise self.broken(pointer, "the status is missing")
        true = body.get("stands for") if isinstance(body, dict) else None
        return Answered(
            status,
            self._headers(told, pointer),
            self._body(told, pointer),
            true if isinstance(true, dict) else None,
        )

    def _headers(self, told: Tree, pointer: str) -> dict[str, str]:
        headers = told.get("headers", {})
        if not isinstance(headers, dict):
            raise self.broken(f"{pointer}/headers", "headers are no mapping")
        return {name: str(value) for name, value in headers.items()}

    def _body(self, told: Tree, pointer: str) -> bytes:
        body, at = told.get("body"), f"{pointer}/body"
        if body is not None and not isinstance(body, dict):
            raise self.broken(at, "the body is no mapping")
        return read_body(body, self._path.parent.parent, f"{self._path}:{self._line(at)}")

    def _count(self, told: Json, pointer: str) -> int:
        if not isinstance(told, int) or told < 1:
            raise self.broken(pointer, f"polls: {told!r} is no count")
        return told
