"""The document as the suite reads it: operations, schemas, and the line of everything."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from codegen.document import Document, escape, load

__all__ = ["Broken", "Operation", "Spec", "spec"]

ROOT = Path(__file__).resolve().parents[3]
FILE = "spec/openapi.yaml"
_RULING = re.compile(r"\bR\d{2,3}\b")


@dataclass(frozen=True, slots=True)
class Broken:
    """A keyword of a schema that a value breaks.

    Args:
        pointer: the keyword's place in the document.
        place: the place in the value, as a JSON pointer.
        message: what is wrong, shortened.
    """

    pointer: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document.

    Args:
        name: the model's id, or `status`.
        pointer: where it stands in the document.
        success: its good status code.
    """

    name: str
    pointer: str
    method: str
    path: str
    success: int
    content: Mapping[str, Any] = field(repr=False)

    @property
    def extension(self) -> Mapping[str, Any]:
        """What stands under x-pixazo."""
        found: Mapping[str, Any] = self.content["x-pixazo"]
        return found

    @property
    def timeout_s(self) -> float:
        """The longest that one answer may take, in seconds."""
        return float(self.extension["timeout_s"])

    def matches(self, path: str) -> bool:
        """Whether a request path (still percent-encoded) is this operation's."""
        return _path_pattern(self.path).fullmatch(path) is not None


class Spec:
    """The document with its validators, compiled once each.

    Args:
        document: as `codegen.document.load` reads it.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.operations = tuple(_operations(document))
        self.models = {o.name: o for o in self.operations if o.name != "status"}
        self.status = next(o for o in self.operations if o.name == "status")
        self.invariants: tuple[Mapping[str, Any], ...] = tuple(self.status.extension["invariants"])
        self._prefix = ""
        self._followed: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def below(self, url: str) -> Spec:
        """The same document, whose paths begin below an address."""
        other = copy.copy(self)
        other._prefix = urlsplit(url).path.rstrip("/")
        return other

    def operation(self, method: str, url: str) -> Operation | None:
        """The operation that a URL, or a path of the document, reaches; None when there is none."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(self._prefix) if parts.netloc else parts.path
        for operation in self.operations:
            if operation.method == method and operation.matches(path):
                return operation
        return None

    def response(self, operation: Operation, status: int) -> tuple[str, Mapping[str, Any]] | None:
        """Pointer and content of a documented answer."""
        if str(status) not in operation.content["responses"]:
            return None
        return self.follow(f"{operation.pointer}/responses/{status}")

    def follow(self, pointer: str) -> tuple[str, Mapping[str, Any]]:
        """Where references from a pointer lead, and what stands there."""
        if pointer not in self._followed:
            self._followed[pointer] = self.document.follow(pointer)
        return self._followed[pointer]

    def broken(self, pointer: str, value: Any) -> list[Broken]:
        """What in `value` breaks the schema at `pointer`; formats are asserted."""
        validator = self._validator(pointer)
        try:
            if validator.is_valid(value):
                return []
            return [_told(error, pointer) for error in validator.iter_errors(value)]
        except (ValueError, OverflowError, RecursionError) as error:
            return [Broken(pointer, "", f"cannot be checked: {error}")]

    def holds(self, pointer: str, value: Any) -> bool:
        """Whether `value` keeps to the schema at `pointer`."""
        return bool(self._validator(pointer).is_valid(value))

    def line(self, pointer: str) -> str:
        """Where a pointer stands: `spec/openapi.yaml:214`."""
        return f"{FILE}:{self.document.line(pointer)}"

    def get(self, pointer: str) -> Any:
        """What stands at the pointer."""
        return self.document.get(pointer)

    def rulings(self, pointer: str) -> tuple[str, ...]:
        """The rulings named nearest to a pointer, at it or around it."""
        for node in self._around(pointer):
            named = [*node.get("x-pixazo", {}).get("rulings", ())] or [*node.get("rulings", ())]
            named += _RULING.findall(str(node.get("description", "")))
            if named:
                return tuple(dict.fromkeys(map(str, named)))
        return ()

    def source(self, pointer: str) -> str:
        """Where the gateway's pages speak of what stands at the pointer; empty when unknown."""
        for node in self._around(pointer):
            said = node.get("x-pixazo", {}).get("source") or node.get("source")
            if said:
                return str(said)
        return ""

    def _around(self, pointer: str) -> Iterator[Mapping[str, Any]]:
        while True:
            try:
                node = self.document.get(pointer)
            except KeyError:
                node = None
            if isinstance(node, Mapping):
                yield node
            if not pointer or pointer in ("/paths", "/components"):
                return
            pointer = pointer.rpartition("/")[0]

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        if pointer not in self._validators:
            node = self.document.get(pointer)
            named = pointer.startswith("/components/schemas/") and pointer.count("/") == 3
            whole = {"$ref": f"#{pointer}"} if named else dict(node)
            whole = {**whole, "components": self.document.root["components"]}
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(
                whole, validate_formats=True
            )
        return self._validators[pointer]


@functools.cache
def spec(path: Path = ROOT / FILE) -> Spec:
    """The document of this repository, read once."""
    return Spec(load(path))


def _operations(document: Document) -> Iterator[Operation]:
    for pointer, method, path, content in document.operations():
        extension = content["x-pixazo"]
        success = next(int(code) for code in content["responses"] if code.startswith("2"))
        name = str(extension.get("model") or "status")
        yield Operation(name, pointer, method.upper(), path, success, content)


@functools.cache
def _path_pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _told(error: jsonschema_rs.ValidationError, pointer: str) -> Broken:
    steps = [str(step) for step in error.schema_path]
    keyword = "/" + "/".join(map(escape, steps))
    if not keyword.startswith("/components/"):
        keyword = pointer + keyword
    arm = _nearest_arm(error)
    if arm is not None:
        return _told(arm, pointer)
    place = "".join(f"/{escape(str(step))}" for step in error.instance_path)
    return Broken(keyword, place, _short(error.message))


def _nearest_arm(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError | None:
    """The error of a union's arm that has the value's type, when there is exactly one such arm."""
    arms = getattr(error.kind, "context", None) or []
    near = [arm for arm in arms if arm and not any(_is_type(each) for each in arm)]
    return near[0][0] if len(near) == 1 else None


def _is_type(error: jsonschema_rs.ValidationError) -> bool:
    return list(error.schema_path)[-1:] == ["type"] and len(list(error.evaluation_path)) <= 4


def _short(message: str, most: int = 240) -> str:
    return message if len(message) <= most else f"{message[:120]} … {message[-100:]}"
