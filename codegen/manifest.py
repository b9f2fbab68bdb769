"""What went into the generated folder and what came out, as hashes without times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from codegen import tools

__all__ = ["NAME", "claim", "contents", "drift", "write"]

NAME = "MANIFEST.json"
_SIGN = b"python -m codegen"
_HERE = Path(__file__).parent


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of the folder by its name, caches left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if "__pycache__" not in path.parts
    }


def claim(folder: Path, *signed: str, others: bool = True) -> None:
    """Refuse a folder that holds files and none that codegen has signed: they would be removed.

    Args:
        folder: where files are to be written; it need not exist.
        signed: patterns of names; a file of codegen's by such a name says who made it.
        others: whether files by other names are removed, too.

    Raises:
        ToolError: the folder is somebody else's, or is none.
    """
    if folder.exists() and not folder.is_dir():
        raise tools.ToolError(f"{folder} is no folder; name another one")
    ours = [path for name in signed for path in sorted(folder.glob(name))]
    there = others and folder.exists() and any(folder.iterdir())
    if (ours or there) and not any(_SIGN in path.read_bytes() for path in ours):
        raise tools.ToolError(
            f"{folder} holds files that codegen did not make and would remove; name another folder"
        )


def write(spec: Path, out: Path) -> None:
    """Write the manifest of a generated folder.

    Args:
        spec: the document; its neighbours are the rulings and the schema of the extension.
        out: the generated folder.
    """
    names = (spec.name, "x-pixazo.schema.json", "RULINGS.md")
    sources = {f"spec/{name}": spec.with_name(name) for name in names}
    for folder in ("runtime", "templates/facade", "templates/wire"):
        for path in sorted((_HERE / folder).rglob("*")):
            if path.suffix in {".py", ".jinja"} and path.name != "__init__.py":
                sources[path.relative_to(_HERE.parent).as_posix()] = path
    made = {
        "made_by": "python -m codegen",
        "tools": tools.pins(),
        "sources": {name: _hash(path.read_bytes()) for name, path in sources.items()},
        "files": {name: _hash(content) for name, content in contents(out).items()},
    }
    (out / NAME).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8", newline="\n")


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def drift(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, str]:
    """Return what is wrong with each file of a folder that is not what codegen makes.

    Args:
        old: the files that are there.
        new: the files that codegen makes.
    """
    words = {name: "differs" for name in old if name in new and old[name] != new[name]}
    words |= {name: "is missing" for name in new if name not in old}
    words |= {name: "is not made by codegen" for name in old if name not in new}
    return dict(sorted(words.items()))
