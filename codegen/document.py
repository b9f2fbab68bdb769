"""The OpenAPI document with the line of everything in it.

YAML is read as its 1.2 core schema says (``no`` is a word, a date is a text), because that is how
other tools read the document; a key that stands twice in one mapping is a problem, not a winner.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml.reader import Reader, ReaderError

if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    try:  # the same reader, several times as fast, where PyYAML was built with libyaml
        from yaml import CSafeLoader as SafeLoader
    except ImportError:
        from yaml import SafeLoader

__all__ = ["Document", "SpecError", "SpecProblem", "escape", "load", "shown", "text_of", "tokens"]

_DEEPEST = 100
_LONGEST = 300  # digits; a float has no more
_BASE = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, order=True)
class SpecProblem:
    """One thing that is wrong with the document; it reads ``spec/openapi.yaml:214: what to do``.

    Args:
        line: where, counted from one.
        advice: what is wrong and what to do about it.
        path: the file.
    """

    line: int
    advice: str
    path: Path = Path("spec/openapi.yaml")

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}: {self.advice}"


class SpecError(Exception):
    """The document cannot be turned into code; carries every problem, ordered by line."""

    def __init__(self, problems: Iterable[SpecProblem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: Path) -> Path:
    """Return the path as a person in the working directory would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def escape(token: str) -> str:
    """Return the token as it stands in a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """Split a JSON pointer (``/input/messages/0``) into its unescaped parts."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


@dataclass(frozen=True, slots=True)
class Document:
    """What the YAML says, and where it says it.

    Args:
        path: the file that was read.
        text: its text.
        root: the document as plain values.
        lines: line by JSON pointer.
    """

    path: Path
    text: str
    root: Mapping[str, Any]
    lines: Mapping[str, int] = field(repr=False)

    def line(self, pointer: str) -> int:
        """Return the line of the pointer, or of the nearest thing around it that exists."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)

    def problem(self, pointer: str, advice: str) -> SpecProblem:
        """Return a problem that stands at the pointer."""
        return SpecProblem(self.line(pointer), advice, self.path)

    def get(self, pointer: str) -> Any:
        """Return what stands at the pointer; raises KeyError when nothing does."""
        node: Any = self.root
        for token in tokens(pointer):
            node = _step(node, token)
        return node

    def follow(self, pointer: str) -> tuple[str, Any]:
        """Follow references from the pointer; returns where they end and what stands there."""
        seen: set[str] = set()
        while pointer not in seen:
            seen.add(pointer)
            node: Any = self.get(pointer)
            if not isinstance(node, Mapping) or "$ref" not in node:
                break
            pointer = str(cast("Mapping[str, Any]", node)["$ref"]).removeprefix("#")
        return pointer, self.get(pointer)

    def operations(self) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
        """Yield pointer, method, path and content of every operation, in document order."""
        for path, item in self.root.get("paths", {}).items():
            for method, operation in item.items():
                if method in {"get", "put", "post", "delete", "patch", "head", "options"}:
                    yield f"/paths/{escape(path)}/{method}", method, path, operation

    def walk(self, pointer: str = "") -> Iterator[tuple[str, Any]]:
        """Yield every pointer and what stands there, depth first, in document order."""
        yield from _walk(pointer, self.get(pointer))


def _step(node: Any, token: str) -> Any:
    if isinstance(node, list) and token.isdigit():
        items = cast("list[object]", node)
        if int(token) < len(items):
            return items[int(token)]
    if isinstance(node, Mapping):
        return cast("Mapping[str, Any]", node)[token]
    raise KeyError(token)


def _walk(pointer: str, node: Any) -> Iterator[tuple[str, Any]]:
    yield pointer, node
    if isinstance(node, Mapping):
        for key, value in cast("Mapping[str, Any]", node).items():
            yield from _walk(f"{pointer}/{escape(key)}", value)
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[object]", node)):
            yield from _walk(f"{pointer}/{index}", value)


class _Core(SafeLoader):
    """PyYAML's reader with the scalars of YAML 1.2's core schema in place of those of 1.1."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (the attribute that PyYAML reads)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+", [*"-+0123456789"]),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", [*"-+.0123456789"]),
):
    _Core.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]  # typeshed has no types
        _BASE + _tag, re.compile(f"^(?:{_pattern})$"), _first
    )


def text_of(path: Path) -> str:
    """Read a text.

    Raises:
        SpecError: the file is missing, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError([SpecProblem(1, f"cannot be read: {error.strerror}", path)]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        advice = f"is not UTF-8: byte 0x{error.object[error.start]:02x}; save the file as UTF-8"
        raise SpecError([SpecProblem(line, advice, path)]) from error


def load(path: Path) -> Document:
    """Read the document.

    Raises:
        SpecError: the file is missing, is not YAML, is nested without end, or repeats a key.
    """
    text = text_of(path)
    node = _composed(path, text)
    if not isinstance(node, yaml.MappingNode):
        raise SpecError([SpecProblem(1, "holds no mapping; write an OpenAPI document", path)])
    reader = _Reader(path)
    root = reader.mapping(node, "")
    if reader.problems:
        raise SpecError(reader.problems)
    return Document(path, text, root, reader.lines)


def _composed(path: Path, text: str) -> yaml.Node | None:
    """Return the tree of a YAML text."""
    try:
        return _Core(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, why = mark.line + 1 if mark else 1, error.problem
    except ReaderError as error:
        found = Reader.NON_PRINTABLE.search(text)
        line, why = text.count("\n", 0, found.start() if found else 0) + 1, error.reason
    except RecursionError:
        line, why = 1, "nested too deeply"
    raise SpecError([SpecProblem(line, f"is not YAML: {why}; correct the line", path)])


class _Reader:
    """Turns YAML nodes into plain values and notes the lines on the way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, int] = {"": 1}
        self.problems: list[SpecProblem] = []

    def value(self, node: yaml.Node, pointer: str) -> Any:
        if pointer.count("/") > _DEEPEST:
            advice = f"nested more than {_DEEPEST} deep, or an alias that holds itself; flatten it"
            raise SpecError([SpecProblem(node.start_mark.line + 1, advice, self.path)])
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, f"{pointer}/{at}") for at, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        value = _scalar(node)
        if value is Ellipsis:
            advice = "is a number that no reader of JSON keeps; write a smaller one"
            self.problems.append(SpecProblem(node.start_mark.line + 1, advice, self.path))
        return value

    def _item(self, node: yaml.Node, pointer: str) -> Any:
        self.lines[pointer] = node.start_mark.line + 1
        return self.value(node, pointer)

    def mapping(self, node: yaml.MappingNode, pointer: str) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                advice = "a key that is a list or a mapping; write a text"
                self.problems.append(SpecProblem(line, advice, self.path))
                continue
            name = str(key.value)
            if name in content:
                advice = f"{name} stands twice in one mapping; remove one of the two"
                self.problems.append(SpecProblem(line, advice, self.path))
            inner = f"{pointer}/{escape(name)}"
            self.lines[inner] = line
            content[name] = self.value(value, inner)
        return content


def _scalar(node: yaml.Node) -> Any:
    """Return the value of a scalar; an ellipsis stands for a number beyond all others."""
    text = str(node.value)
    match node.tag.removeprefix(_BASE):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text) if len(text) < _LONGEST else ...
        case "float":
            return float(text) if math.isfinite(float(text)) else ...
        case _:
            return text
