"""A draft as YAML, and its way into the spec file without touching what stands there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pixazo.drift.edits import block, scalar
from pixazo.drift.faults import SpecUnusable
from pixazo.drift.locations import composed, loaded, pairs
from pixazo.drift.skeleton import Draft

if TYPE_CHECKING:
    import yaml

__all__ = ["draft_yaml", "insert_draft"]


def draft_yaml(draft: Draft) -> str:
    """Return the draft as YAML for a person to look at: the path, then the new schemas."""
    return "\n".join(
        (
            f"# Draft of {draft.model}: review every TODO, name the rulings.",
            "paths:",
            _path_block(draft, depth=1),
            "components:",
            "  schemas:",
            _schema_block(draft, depth=2),
            "",
        )
    )


def _path_block(draft: Draft, depth: int) -> str:
    return f"{'  ' * depth}{scalar(draft.path)}:\n{block(draft.path_item, depth + 1)}"


def _schema_block(draft: Draft, depth: int) -> str:
    return block(draft.schemas, depth)


def insert_draft(draft: Draft, spec: Path, *, before: str | None = None) -> None:
    """Write the draft into a spec file; every other byte of the file stays.

    Args:
        draft: The new operation.
        spec: The spec file.
        before: The path before which the new one is put; None puts it last.

    Raises:
        SpecUnusable: the file is no spec with paths and schemas, has the path already, or would
            not be the same document with the draft added.
    """

    text = spec.read_text(encoding="utf-8")
    old = cast("dict[str, Any]", loaded(text))
    if draft.path in old["paths"]:
        raise SpecUnusable(f"{spec}: {draft.path} is there already", hint="edit it by hand")
    taken = [name for name in draft.schemas if name in old["components"]["schemas"]]
    if taken:
        raise SpecUnusable(f"{spec}: schema {taken[0]} is there already", hint="rename one")
    root = composed(text)
    lines = text.splitlines(keepends=True)
    # Bottom first, so that the line numbers above stay right.
    places = [
        (_end_of(root, lines, ("components", "schemas")), _schema_block(draft, depth=2)),
        (_path_line(root, lines, before), _path_block(draft, depth=1)),
    ]
    for at, addition in sorted(places, reverse=True):
        lines[at:at] = _spaced(addition, lines, at)
    _write_checked(spec, "".join(lines), old, draft)


def _spaced(addition: str, lines: list[str], at: int) -> list[str]:
    """Return the lines to insert, with a blank line where the neighbours are not blank."""
    before = [] if at and not lines[at - 1].strip() else ["\n"]
    after = ["\n"] if at < len(lines) and lines[at].strip() else []
    return [*before, *(f"{line}\n" for line in addition.split("\n")), *after]


def _mapping(root: yaml.Node | None, keys: tuple[str, ...]) -> yaml.MappingNode:
    import yaml

    node = root
    for key in keys:
        node = next((value for name, value in pairs(node) if name == key), None)
    if not isinstance(node, yaml.MappingNode):
        raise SpecUnusable(f"the spec has no {'.'.join(keys)}", hint="give spec/openapi.yaml")
    return node


def _end_of(root: yaml.Node | None, lines: list[str], keys: tuple[str, ...]) -> int:
    """Return the line index behind the last entry of a mapping."""
    at = min(_mapping(root, keys).end_mark.line, len(lines))
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    return at


def _path_line(root: yaml.Node | None, lines: list[str], before: str | None) -> int:
    for key, _ in cast("list[tuple[yaml.ScalarNode, yaml.Node]]", _mapping(root, ("paths",)).value):
        if key.value == before:
            return int(key.start_mark.line)
    return _end_of(root, lines, ("paths",))


def _write_checked(spec: Path, text: str, old: dict[str, Any], draft: Draft) -> None:

    new = cast("dict[str, Any]", loaded(text))
    added = new["paths"].pop(draft.path, None)
    schemas = {name: new["components"]["schemas"].pop(name, None) for name in draft.schemas}
    if new != old or added != draft.path_item or schemas != draft.schemas:
        raise SpecUnusable(
            f"{spec}: the draft cannot be inserted safely",
            hint="paste the YAML of `pixazo drift --new-model` by hand",
        )
    part = spec.with_name(f".{spec.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(spec)
