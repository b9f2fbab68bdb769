"""Two versions of what Python callers see: names, parameters, types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Literal

import griffe

from changes.findings import Change, Level

__all__ = ["compare"]

Surface = Mapping[str, griffe.Object]

_LIGHT = {griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT}
_WORDS = {
    griffe.BreakageKind.PARAMETER_MOVED: "parameter moved",
    griffe.BreakageKind.PARAMETER_REMOVED: "parameter removed",
    griffe.BreakageKind.PARAMETER_CHANGED_KIND: "parameter is given in another way",
    griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT: "parameter has another default",
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: "parameter became required",
    griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: "parameter added, required",
    griffe.BreakageKind.OBJECT_REMOVED: "removed",
    griffe.BreakageKind.OBJECT_CHANGED_KIND: "is something else",
    griffe.BreakageKind.CLASS_REMOVED_BASE: "base class removed",
}


def compare(old: Surface, new: Surface) -> list[Change]:
    """Return every change from one surface to the other, gravest first.

    Args:
        old: What callers saw, as `changes.surface.surface` returns it.
        new: What they see now.
    """
    found: list[Change] = []
    seen: set[str] = set()  # what has several names is told of once
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            found.append(Change(Level.MAJOR, name, "removed", "callers import it"))
        elif name not in old:
            found.append(Change(Level.MINOR, name, "added", "there is more to use"))
        elif new[name].path not in seen:
            found += _thing(name, old[name], new[name])
            seen.add(new[name].path)
    return sorted(dict.fromkeys(found), key=lambda change: -change.level)


def _thing(name: str, old: griffe.Object, new: griffe.Object) -> Iterator[Change]:
    found = list(_breakages(name, old, new))
    if isinstance(old, griffe.Class) and isinstance(new, griffe.Class):
        for part in [*old.members, *(part for part in new.members if part not in old.members)]:
            found += _part(f"{name}.{part}", old.members.get(part), new.members.get(part))
    else:
        found += _types(name, old, new, given=False)
    places = {change.place for change in found}
    for change in found:  # a field is an argument of its class too, told of once
        owner, _, argument = change.place.removesuffix(")").partition(".__init__(")
        if not argument.startswith("_") and f"{owner}.{argument}" not in places:
            yield change


def _breakages(name: str, old: griffe.Object, new: griffe.Object) -> Iterator[Change]:
    """Yield what griffe finds: what is gone, and parameters."""
    shelves: list[griffe.Module] = []
    for thing in (old, new):
        shelf = griffe.Module(name.rpartition(".")[0])
        shelf.members[thing.name] = thing
        shelves.append(shelf)
    for breakage in griffe.find_breaking_changes(*shelves):
        inner = breakage.obj.path.removeprefix(old.path).removeprefix(new.path)
        parameter = getattr(breakage.old_value or breakage.new_value, "name", "")
        if breakage.kind.name.startswith("PARAMETER"):
            inner += f"({parameter})"
        level = Level.MINOR if breakage.kind in _LIGHT else Level.MAJOR
        what = _WORDS.get(breakage.kind, breakage.kind.value.lower())
        yield Change(level, name + inner, what, "code that was fine may fail")


def _part(
    name: str, old: griffe.Object | griffe.Alias | None, new: griffe.Object | griffe.Alias | None
) -> Iterator[Change]:
    if name.rpartition(".")[2].startswith("_") and not name.endswith(".__init__"):
        return
    if old is None and new is not None:
        if isinstance(new, griffe.Attribute) and _is_field(new) and new.value is None:
            yield Change(Level.MAJOR, name, "added, required", "calls without it fail")
        else:
            yield Change(Level.MINOR, name, "added", "there is more to use")
    elif isinstance(old, griffe.Object) and isinstance(new, griffe.Object):
        yield from _types(name, old, new, given=_is_field(new))


def _is_field(thing: griffe.Object | griffe.Alias) -> bool:
    """Return whether an attribute is an argument of its class: annotated, in an attrs class."""
    if not isinstance(thing, griffe.Attribute) or not isinstance(thing.parent, griffe.Class):
        return False
    makers = {str(decorator.value).partition("(")[0] for decorator in thing.parent.decorators}
    return bool(makers & {"define", "attrs.define", "dataclass"}) and "ClassVar" not in str(
        thing.annotation
    )


def _types(name: str, old: griffe.Object, new: griffe.Object, *, given: bool) -> Iterator[Change]:
    if isinstance(old, griffe.Function) and isinstance(new, griffe.Function):
        for parameter in old.parameters:
            if parameter.name in new.parameters:
                place = f"{name}({parameter.name})"
                now = new.parameters[parameter.name].annotation
                yield from _annotation(place, parameter.annotation, now, "given")
        yield from _annotation(name, old.returns, new.returns, "got")
    elif isinstance(old, griffe.Attribute) and isinstance(new, griffe.Attribute):
        side: Literal["given", "got"] = "given" if given else "got"
        yield from _annotation(name, old.annotation, new.annotation, side)
        if given and old.value is not None and new.value is None:
            yield Change(Level.MAJOR, name, "optional → required", "calls without it fail")


def _annotation(
    place: str, old: object, new: object, side: Literal["given", "got"]
) -> Iterator[Change]:
    if str(old) == str(new):
        return
    was, now = _arms(str(old)), _arms(str(new))
    if was == now:
        return
    wider, narrower = was < now, now < was
    harmless = wider if side == "given" else narrower
    reason = "what was fine still is" if harmless else "a type checker may complain"
    level = Level.MINOR if harmless else Level.MAJOR
    yield Change(level, place, f"type {old} → {new}", reason)


def _arms(text: str) -> frozenset[str]:
    """Return the alternatives of a type: the parts of a union, the values of a Literal."""
    try:
        return frozenset(_split(ast.parse(text, mode="eval").body))
    except SyntaxError:
        return frozenset({text})


def _split(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.BinOp(op=ast.BitOr()):
            yield from _split(node.left)
            yield from _split(node.right)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=values)):
            yield from map(ast.unparse, values)
        case ast.Subscript(value=ast.Name(id="Literal")):
            yield ast.unparse(node.slice)
        case _:
            yield ast.unparse(node)
