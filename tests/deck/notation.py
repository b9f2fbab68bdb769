"""YAML as cassettes are written: trees that people read, and the line of everything in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from tests.deck.faults import CassetteBroken
from tests.deck.types import Json, Tree

__all__ = ["Lines", "child", "parse", "render"]

WIDTH = 10**6  # nothing is folded: a secret cut in two would not be found
RARE_BREAKS = frozenset("\x85\u2028\u2029")  # YAML reads each as the end of a line, unless escaped


class _Dumper(yaml.SafeDumper):
    """Block style, without aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as yaml calls it
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if RARE_BREAKS.intersection(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


if TYPE_CHECKING:
    from yaml import SafeLoader
else:  # the same reader, several times as fast, where PyYAML was built with libyaml
    SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(SafeLoader):
    """YAML in which `2026-01-01` is a text, as it is in JSON."""


_Loader.yaml_implicit_resolvers = {
    letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Lines:
    """The line of every place of a file, by JSON pointer, counted from 1.

    Attributes:
        twice: Places that stand there twice, with the second line.
    """

    def __init__(self, root: yaml.Node | None) -> None:
        self._lines, self.twice = _lines(root)

    def __call__(self, pointer: str) -> int:
        """Return the line of a place, or of the nearest thing that holds it."""
        while pointer and pointer not in self._lines:
            pointer = pointer.rpartition("/")[0]
        return self._lines.get(pointer, 1)


def child(pointer: str, name: object) -> str:
    """Return the pointer of a member or an item of what `pointer` names."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def render(sections: Mapping[str, Json]) -> str:
    """Return the sections of a cassette as YAML, an empty line before each section and item."""
    parts: list[str] = []
    for name, content in sections.items():
        if isinstance(content, list):
            parts += [f"{name}:\n", *(_dump([item]) for item in content)]
        else:
            parts.append(_dump({name: content}))
    return "\n".join(parts)


def _dump(value: Json) -> str:
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True,
        default_flow_style=False,
    )  # fmt: skip


def parse(path: Path, text: str) -> tuple[Tree, Lines]:
    """Return a cassette's content and the lines of its parts.

    Raises:
        CassetteBroken: It is not YAML, or not one mapping.
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        content: Any = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        said = getattr(error, "problem", None) or "cannot be read"
        message = f"{path}:{line}: not YAML ({said}); record it again or restore it"
        raise CassetteBroken(message) from error
    if not isinstance(content, dict):
        message = f"{path}:1: not a cassette (no mapping); record it again or restore it"
        raise CassetteBroken(message)
    lines = Lines(root)
    if lines.twice:
        pointer, line = lines.twice[0]
        message = f"{path}:{line}: {pointer} stands there twice; take one out"
        raise CassetteBroken(message)
    return cast("Tree", content), lines


def _lines(root: yaml.Node | None) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """The line of every place, and the places that stand there twice."""
    found: dict[str, int] = {}
    twice: list[tuple[str, int]] = []
    waiting: list[tuple[str, yaml.Node | None]] = [("", root)]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            members = [(key.value, key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            members = [(index, value, value) for index, value in enumerate(node.value)]
        else:
            continue
        for name, place, value in members:
            at = child(pointer, name)
            if at in found:
                twice.append((at, place.start_mark.line + 1))
            found[at] = place.start_mark.line + 1
            waiting.append((at, value))
    return found, twice
