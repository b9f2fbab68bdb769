"""A copy before it is written: the files by path, with the manifest that tells of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pixazo.vendoring.relocation import Place, relocate
from pixazo.vendoring.source import LEFT_OUT, Source

__all__ = ["MANIFEST", "Bundle", "bundle", "fingerprint"]

MANIFEST = "VENDORED.json"
NOTE = "Made by `pixazo vendor`. Change nothing here: `pixazo vendor --update` replaces the folder."


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole copy.

    Args:
        version: The version of pixazo that it was made from.
        files: Everything but the manifest, by path.
        manifest: The text of `VENDORED.json`.
    """

    version: str
    files: Mapping[str, bytes]
    manifest: str


def bundle(source: Source, *, wire_only: bool = False) -> Bundle:
    """Return the copy of a source: relative imports only, its own licence, its own manifest.

    Args:
        source: What to copy.
        wire_only: Leave the client out: request classes, catalogue, wire models, pure build and
            parse; that needs attrs alone.

    Raises:
        VendorError: A module of the source cannot be relocated.
    """
    code = source.made if wire_only else _both(source)
    files = dict(sorted({**code, "LICENSE": source.licence.encode()}.items()))
    return Bundle(source.version, files, _manifest(source, files, wire_only=wire_only))


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file; how git ends its lines on this machine does not count."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _both(source: Source) -> dict[str, bytes]:
    inner = {f"pixazo_openapi/{path}": content for path, content in source.made.items()}
    modules = {_module(f"pixazo/{path}") for path in source.written} | {
        _module(path) for path in inner
    }
    written = {
        path: relocate(content, Place(path, modules, LEFT_OUT, source.version))
        if path.endswith(".py")
        else content
        for path, content in source.written.items()
    }
    return written | inner


def _module(path: str) -> str:
    """Return the module that a file holds: `pixazo.client` for `pixazo/client/__init__.py`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _manifest(source: Source, files: Mapping[str, bytes], *, wire_only: bool) -> str:
    requires = [line for line in source.requires if not wire_only or line.startswith("attrs")]
    facts = {
        "note": NOTE,
        "source": f"distribution pixazo {source.version}",
        "version": source.version,
        "spec": {"version": source.spec_version, "sha256": source.spec_sha256},
        "options": {"wire_only": wire_only},
        "python": source.python,
        "requires": requires,
        "files": {path: fingerprint(content) for path, content in files.items()},
    }
    return json.dumps(facts, indent=2) + "\n"
