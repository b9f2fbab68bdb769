"""A spec file at hand: its document, and the line of every JSON pointer in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pixazo_openapi import files

from pixazo.drift.contract import Contract, child
from pixazo.drift.faults import SpecUnusable
from pixazo.drift.lines import LARGEST

if TYPE_CHECKING:
    import yaml

__all__ = ["read_spec", "shipped_spec"]


def shipped_spec() -> Contract:
    """Return the spec that this version was generated from; it knows no lines."""
    from pixazo_openapi.schema import document

    return Contract(document())


def read_spec(path: Path) -> Contract:
    """Return the spec in a file, YAML or JSON, with the lines of its parts.

    Args:
        path: The file, in a repository `spec/openapi.yaml`.

    Raises:
        SpecUnusable: no such file, no YAML, no OpenAPI document, or PyYAML is not installed.
    """
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise SpecUnusable(
            f"{path}: reading a spec file needs PyYAML",
            hint="pip install pyyaml, or leave --spec out: the shipped spec is used then",
        ) from error
    try:
        text = files.read(path, LARGEST).decode()
        document = loaded(text)
        lines = _lines(composed(text))
    except OSError as error:
        raise SpecUnusable(f"{path}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = f"{path}: not YAML: {' '.join(str(error).split())}"
        raise SpecUnusable(said, hint="give an OpenAPI document") from error
    if not isinstance(document, dict) or "paths" not in document:
        raise SpecUnusable(f"{path}: no OpenAPI document", hint="give spec/openapi.yaml")
    return Contract(cast("dict[str, Any]", document), _Locator(lines))


class _Locator:
    """Callable: the line of a pointer, or of the nearest thing that holds it."""

    def __init__(self, lines: dict[str, int]) -> None:
        self._lines = lines

    def __call__(self, pointer: str) -> int | None:
        while pointer and pointer not in self._lines:
            pointer = pointer.rpartition("/")[0]
        return self._lines.get(pointer)


def _lines(root: yaml.Node | None) -> dict[str, int]:
    """Return the line of each key and list item, counted from 1, by JSON pointer."""
    import yaml

    found: dict[str, int] = {}
    waiting: list[tuple[str, yaml.Node | None]] = [("", root)]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            for key, value in cast("list[tuple[yaml.ScalarNode, yaml.Node]]", node.value):
                at = child(pointer, str(key.value))
                found[at] = key.start_mark.line + 1
                waiting.append((at, value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(cast("list[yaml.Node]", node.value)):
                at = child(pointer, str(index))
                found[at] = value.start_mark.line + 1
                waiting.append((at, value))
    return found


def loaded(text: str) -> object:
    """Return what a YAML text says."""
    import yaml

    return yaml.load(text, Loader=_loader())  # noqa: S506 (a safe one)


def composed(text: str) -> yaml.Node | None:
    """Return the tree of a YAML text, whose nodes know their lines."""
    import yaml

    compose = cast("Callable[..., yaml.Node | None]", yaml.compose)  # its stub has no types
    return compose(text, Loader=_loader())


def _loader() -> type[yaml.SafeLoader]:
    """Return PyYAML's safe reader, the one that is ten times as fast where it was built in."""
    import yaml

    return cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def pairs(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    """Return the keys and values of a mapping's node; other nodes have none."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return []
    found = cast("list[tuple[yaml.ScalarNode, yaml.Node]]", node.value)
    return [(str(key.value), value) for key, value in found]
