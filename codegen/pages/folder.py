"""The folder that pages stand in: what belongs there, what is there, and how it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen import tools
from codegen.document import Document
from codegen.pages.writing import render

__all__ = ["made", "put", "stands"]


def made(document: Document) -> dict[str, bytes]:
    """Return every page by its file's name, the Python in it formatted like all of ours.

    Args:
        document: a document that was checked.

    Raises:
        ToolError: the formatter is missing or failed.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for page, text in render(document).items():
            (folder / page).write_text(text, encoding="utf-8", newline="\n")
        tools.run("ruff", "format", *tools.ISOLATED, folder)
        return stands(folder)


def stands(folder: Path) -> dict[str, bytes]:
    """Return every page of the folder by its file's name; other files are nobody's business."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.md"))}


def put(pages: Mapping[str, bytes], folder: Path) -> None:
    """Write the pages that differ, and remove those that are not made any more.

    Args:
        pages: the pages as they should be, by their files' names.
        folder: where they go; it is made when it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = stands(folder)
    for name, content in pages.items():
        if old.get(name) != content:
            (folder / name).write_bytes(content)
    for name in old.keys() - pages.keys():
        (folder / name).unlink()
