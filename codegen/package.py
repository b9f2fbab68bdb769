"""Makes the generated folder: both passes, one format, a manifest, swapped in at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen import facade, manifest, tools, wire
from codegen.document import Document

__all__ = ["make", "swap"]


def make(document: Document, out: Path) -> None:
    """Make the package in a folder that does not exist yet.

    Args:
        document: a document that was checked.
        out: the folder to make.

    Raises:
        ToolError: a tool is missing, has another version than the pinned one, or failed.
    """
    if sentences := tools.unmet():
        raise tools.ToolError("\n".join(sentences))
    with TemporaryDirectory() as folder:
        source = Path(folder) / "openapi.json"
        source.write_text(facade.canonical(document.root), encoding="utf-8", newline="\n")
        wire.write(source, out)
    facade.write(document, out)
    tools.run(
        "ruff", "check", "--fix-only", "--exit-zero", "--select=F401,I,UP", *tools.ISOLATED, out
    )
    tools.run("ruff", "format", *tools.ISOLATED, out)
    manifest.write(document.path, out)


def swap(fresh: Path, out: Path) -> None:
    """Put a finished folder where the old one is; readers see the one or the other.

    Args:
        fresh: the finished folder; it is left as it is.
        out: where it goes.
    """
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".codegen-", dir=out.parent) as folder:
        staged, retired = Path(folder, "new"), Path(folder, "old")
        shutil.copytree(fresh, staged)
        if out.exists():
            out.rename(retired)
        try:
            staged.rename(out)
        except BaseException:  # an interrupt between the two names, too
            if retired.exists() and not out.exists():
                retired.rename(out)
            raise
