"""What openapi-python-client makes of a small document with our templates.

`python -m tests.codegen.golden` writes `wire.txt` anew, after an upgrade that was looked through.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from codegen import wire

__all__ = ["RECORD", "made", "recorded", "together"]

DOCUMENT = Path(__file__).with_name("document.yaml")
RECORD = Path(__file__).with_name("wire.txt")
_MARK = "======== "


def made() -> dict[str, str]:
    """Return every file of the first pass, as the installed tool makes it, unformatted."""
    with TemporaryDirectory() as name:
        source, out = Path(name, "document.json"), Path(name, "out")
        source.write_text(json.dumps(yaml.safe_load(DOCUMENT.read_text("utf-8"))), "utf-8")
        wire.write(source, out)
        return {
            path.relative_to(out).as_posix(): path.read_text("utf-8")
            for path in sorted(out.rglob("*.py"))
        }


def recorded() -> dict[str, str]:
    """Return the files as they were recorded."""
    parts = RECORD.read_text("utf-8").split(_MARK)[1:]
    return {name: text for name, _, text in (part.partition("\n") for part in parts)}


def together(files: dict[str, str]) -> str:
    """Return files as one text, each behind a line with its name."""
    return "".join(f"{_MARK}{name}\n{text}" for name, text in files.items())
