"""A module's text with every absolute name of ours made relative.

The syntax tree says where something stands, so that comments, strings and layout stay as they are.
Four things bind a module to its place: imports (lazy ones included), names of modules in strings
(anchors of `importlib.resources`, `import_module`, `python -m`), and asking the installed
distribution for its version. A form that is not known here is refused, never copied as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pixazo.vendoring.faults import VendorError

__all__ = ["Place", "relocate"]

OURS = ("pixazo", "pixazo_openapi")
ASK_MODULE = {"files", "find_spec", "import_module", "open_binary", "open_text", "path"}
ASK_DISTRIBUTION = {"distribution", "metadata", "requires"}
_IMPORT = re.compile(rb"from\s+(pixazo(?:_openapi)?(?:\.\w+)*)(?=\s+import\b)")
_VERSION = re.compile(rb"(?:[^()\"']|\([^()]*\))*?version\(\s*([\"'])pixazo\1\s*\)", re.DOTALL)
_IN_TEXT = re.compile(rb"\b(?:[\w.]+\.)?version\(([\"'])pixazo\1\)")


@dataclass(frozen=True, slots=True)
class Place:
    """A module of the copy.

    Args:
        path: Where it will stand, from the copy's root: `client/blocking.py`.
        modules: The modules that the copy holds, as they are called where they come from.
        left_out: The modules of pixazo that it does not hold.
        version: What takes the place of asking for the installed version.
    """

    path: str
    modules: Collection[str]
    left_out: Collection[str]
    version: str

    @property
    def depth(self) -> int:
        """How many folders stand between the module and the root."""
        return self.path.count("/")

    def relative(self, module: str) -> str:
        """Return `.errors` for `pixazo.errors`, with as many dots as the place needs."""
        return "." * (self.depth + 1) + _inside(module)

    def expression(self, module: str) -> str:
        """Return an expression whose value is the module's full name, wherever the copy lies."""
        levels = self.depth + (not self.path.endswith("__init__.py"))
        root = f'__name__.rsplit(".", {levels})[0]' if levels else "__name__"
        inside = _inside(module)
        return f'({root} + ".{inside}")' if inside else root

    def refuse(self, node: ast.AST, problem: str, hint: str) -> VendorError:
        """Return an error that names file and line."""
        return VendorError(f"{self.path}:{getattr(node, 'lineno', 1)}: {problem}", hint=hint)


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def relocate(source: bytes, place: Place) -> bytes:
    """Return the module as it must read at its place in the copy.

    Raises:
        VendorError: It names a module of ours in a way that cannot be made relative, or one that
            the copy does not hold.
    """
    if b"pixazo" not in source:
        return source
    rewriter = _Rewriter(source, place)
    for edit in sorted(set(rewriter.edits()), key=lambda edit: edit.start, reverse=True):
        source = source[: edit.start] + edit.text.encode() + source[edit.end :]
    return source


class _Rewriter:
    """Finds what has to change in one module."""

    def __init__(self, source: bytes, place: Place) -> None:
        self.source = source
        self.place = place
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def edits(self) -> Iterator[_Edit]:
        """Yield every change; raises VendorError at the first thing that cannot be changed."""
        yield from self._of(ast.parse(self.source), parent=None)

    def _of(self, node: ast.AST, parent: ast.AST | None) -> Iterator[_Edit]:
        match node:
            case ast.Import():
                self._refuse_plain(node)
            case ast.ImportFrom(level=0, module=str(module)) if _ours(module):
                yield self._import(node, module)
            case ast.Call(args=[ast.Constant(value="pixazo")]) if _called(node) == "version":
                yield self._version(node)
                return
            case ast.Constant(value=str(name)) if self._names_module(name, node, parent):
                yield self._anchor(node, name)
            case _:
                pass
        for child in ast.iter_child_nodes(node):
            yield from self._of(child, node)

    def _at(self, line: int | None, column: int | None) -> int:
        return self.starts[(line or 1) - 1] + (column or 0)

    def _refuse_plain(self, node: ast.Import) -> None:
        for alias in node.names:
            if _ours(alias.name):
                raise self.place.refuse(
                    node,
                    f"`import {alias.name}` cannot be made relative",
                    f"Write `from {alias.name} import …` there.",
                )

    def _import(self, node: ast.ImportFrom, module: str) -> _Edit:
        full = [module] if module != "pixazo" else [f"pixazo.{alias.name}" for alias in node.names]
        for name in full:
            self._refuse_left_out(node, name)
        start = self._at(node.lineno, node.col_offset)
        found = _IMPORT.match(self.source, start)
        if found is None or found[1].decode() != module:
            hint = "Write `from MODULE import …` on one line."
            raise self.place.refuse(node, f"the import of {module} is spelt oddly", hint)
        return _Edit(*found.span(1), self.place.relative(module))

    def _refuse_left_out(self, node: ast.AST, name: str) -> None:
        parts = name.split(".")
        if parts[0] == "pixazo" and parts[1] in self.place.left_out:
            problem = f"pixazo.{parts[1]} is used, which no copy holds"
            raise self.place.refuse(node, problem, "Move what both need below the two of them.")

    def _version(self, node: ast.Call) -> _Edit:
        start = self._at(node.lineno, node.col_offset)
        end = self._at(node.end_lineno, node.end_col_offset)
        found = _VERSION.fullmatch(self.source, start, end)
        if found is None:  # before Python 3.12 nothing inside an f-string says where it stands
            line = slice(self.starts[node.lineno - 1], self.starts[node.lineno])
            candidates = list(_IN_TEXT.finditer(self.source, line.start, line.stop))
            if len(candidates) != 1:
                hint = "Write `version('pixazo')`, once a line."
                raise self.place.refuse(node, "asking for the version is spelt oddly", hint)
            found = candidates[0]
        quote = found[1].decode()
        return _Edit(*found.span(), f"{quote}{self.place.version}{quote}")

    def _names_module(self, name: str, node: ast.Constant, parent: ast.AST | None) -> bool:
        """Return whether a string is a module's name and not just words."""
        if not _ours(name):
            return False
        called = _called(parent) if isinstance(parent, ast.Call) and node in parent.args else ""
        if called in ASK_DISTRIBUTION:
            problem = f"{called}({name!r}) asks for an installed distribution"
            raise self.place.refuse(node, problem, "A copy has none; ask for the version alone.")
        if called in ASK_MODULE:
            self._refuse_left_out(node, f"{name}.")
            return True
        return called != "getLogger" and "." in name and name in self.place.modules

    def _anchor(self, node: ast.Constant, name: str) -> _Edit:
        start = self._at(node.lineno, node.col_offset)
        end = self._at(node.end_lineno, node.end_col_offset)
        if self.source[start:end].strip(b"\"'") != name.encode():
            hint = "Write the name as one plain string, outside of f-strings."
            raise self.place.refuse(node, f"the module {name} is named oddly", hint)
        return _Edit(start, end, self.place.expression(name))


def _ours(name: str) -> bool:
    return name.partition(".")[0] in OURS


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _inside(module: str) -> str:
    """Return where a module lies within the copy: `pixazo` is the root itself."""
    return module.removeprefix("pixazo").removeprefix(".") if _is_written(module) else module


def _is_written(module: str) -> bool:
    return module.partition(".")[0] == "pixazo"
