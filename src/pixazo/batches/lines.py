"""A batch file: one request per line, checked whole before anything is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pixazo_openapi import files
from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.errors import abbreviate

from pixazo.batches.items import Item, Keys
from pixazo.errors import InvalidBatch, InvalidRequest, Problem

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["MOST_BYTES", "read_lines"]

MOST_BYTES = 1 << 30  # of a batch file, whose pictures may stand in it
LONGEST_KEY = 150  # of the 200 that a client takes; sent again after an ERROR, it ends in ~2
MOST_TOLD = 20
MOST_DIGITS = 400  # more than a float holds
_AGAIN = re.compile(r"~[0-9]+$")
_ADDRESS = re.compile(r"(https?|data):", re.IGNORECASE)


def _from_disk(path: Path) -> bytes:
    return files.read(path, MOST_BYTES)


def read_lines(
    path: Path, gateway_url: str, *, read: Callable[[Path], bytes] = _from_disk
) -> tuple[Item, ...]:
    """Return the requests of a JSON Lines file.

    A line is `{"model": "…", …parameters…}`, as a request's `to_json()`; `"key"` may name the job;
    a picture may be a path, relative to the file. Empty lines are passed over.

    Args:
        path: The file.
        gateway_url: The gateway, which is part of the keys that are made.
        read: Gives what the file holds.

    Raises:
        InvalidBatch: The file cannot be read, or lines are wrong: all of them, by number.
    """
    return _Reader(path.parent, gateway_url).read(_text(path, read), path)


class _Reader:
    def __init__(self, folder: Path, gateway_url: str) -> None:
        self._folder, self._keys = folder, Keys(gateway_url)
        self._named: dict[str, int] = {}
        self._problems: dict[int, str] = {}

    def read(self, text: str, path: Path) -> tuple[Item, ...]:
        items: list[Item] = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    items.append(self._item(number, line))
                except InvalidRequest as error:
                    self._problems[number] = "; ".join(map(_told, error.problems))
                except ValueError as error:
                    self._problems[number] = str(error)
        if self._problems or not items:
            raise _invalid(path, self._problems)
        return tuple(items)

    def _item(self, number: int, line: str) -> Item:
        given = _object(line)
        key = given.pop("key", None)
        request = self._request(given)
        return Item(number, self._named_key(number, key) or self._keys.next(request), request)

    def _request(self, given: dict[str, Any]) -> Request:
        from pixazo_openapi.requests import request_from_dict

        model = MODELS.get(str(given.get("model")))
        for parameter in model.parameters if model else ():
            value = given.get(parameter.name)
            if parameter.inline and isinstance(value, str) and not _ADDRESS.match(value):
                given[parameter.name] = self._folder / value
        return request_from_dict(given)

    def _named_key(self, number: int, key: object) -> str | None:
        if key is None:
            return None
        if not isinstance(key, str):
            raise ValueError(f"key={abbreviate(key)}: must be a string")
        if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
            raise ValueError(
                f"key={key[:40]!r}: must be 1 to {LONGEST_KEY} printable characters"
                " (a job that is sent again after an ERROR adds ~2)"
            )
        if _AGAIN.search(key):
            raise ValueError(
                f"key={key[:40]!r}: must not end in ~ and a number, which is how a job is called"
                " that is sent again after an ERROR"
            )
        if key in self._named:
            raise ValueError(f"key={key[:40]!r}: stands at line {self._named[key]} already")
        self._named[key] = number
        return key


def _text(path: Path, read: Callable[[Path], bytes]) -> str:
    try:
        return read(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise InvalidBatch(message, hint="Name a JSON Lines file.") from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text: byte {error.start}"
        raise InvalidBatch(message, hint="Save it as UTF-8.") from error


def _object(line: str) -> dict[str, Any]:
    try:
        value: object = json.loads(line, object_pairs_hook=_once, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a JSON object, is {line.strip()[:40]!r}")
    return dict(cast("Mapping[str, Any]", value))


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object whose names stand once each."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name[:40]!r} is given twice in one object")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is too long")
    return int(digits)


def _told(problem: Problem) -> str:
    if isinstance(problem.value, Path):
        return f"{problem.parameter}={str(problem.value)!r}: {problem.rule}"
    return str(problem)


def _invalid(path: Path, problems: Mapping[int, str]) -> InvalidBatch:
    if not problems:
        return InvalidBatch(f"{path} has no line", hint='A line is {"model": "…", …}.')
    told = [f"line {number}: {problem}" for number, problem in problems.items()]
    more = [f"and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    lines = "\n  ".join([*told[:MOST_TOLD], *more])
    count = "1 line" if len(told) == 1 else f"{len(told)} lines"
    return InvalidBatch(
        f"{count} of {path} cannot be sent; nothing was sent:\n  {lines}",
        hint="Correct them and run the same again.",
        problems=problems,
    )
