"""The file beside the media that tells where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pixazo.downloads import disk, names, targets
from pixazo.downloads.parts import Part, Saved

__all__ = ["content", "write"]


def content(
    provenance: Mapping[str, object], urls: Sequence[str], saved: Sequence[Saved]
) -> dict[str, object]:
    """What the sidecar says: the caller's words, then one entry for each file.

    Args:
        provenance: What the caller knows; must be JSON, anything else is written as its text.
        urls: Where the media came from; queries are left out, they may hold signatures.
        saved: The files, in the same order.
    """
    files = [
        {
            "name": file.path.name,
            "url": targets.shown(url),
            "sha256": file.sha256,
            "bytes": file.size,
            "media_type": file.media_type,
        }
        for url, file in zip(urls, saved, strict=True)
    ]
    return {**provenance, "files": files}


def write(folder: Path, stem: str, fields: Mapping[str, object]) -> Path:
    """Write `STEM.json`, over an older one of the same request only, and return its path.

    Raises:
        FolderUnusable: The file cannot be written.
        DownloadError: Another process or thread is writing it.
    """
    text = json.dumps(fields, ensure_ascii=False, indent=2, default=str) + "\n"
    for path in names.free_names(folder, stem, "json"):
        with disk.told("write", path):
            if not path.exists() or (path.is_file() and _is_of_same_request(path, fields)):
                _replace(path, text.encode("utf-8", "backslashreplace"))
                return path
    raise AssertionError("names never end")


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for half of it, and a kill leaves but a part."""
    with Part(path.parent, path.name) as part:
        part.open()
        part.begin(None)
        part.write(content)
        part.become(path)


def _is_of_same_request(path: Path, fields: Mapping[str, object]) -> bool:
    try:
        there: object = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    if not isinstance(there, dict) or "files" not in there:
        return False
    old = cast("dict[str, object]", there)
    if "request_id" in fields:
        return old.get("request_id") == fields["request_id"]
    return json.dumps(old, sort_keys=True) == json.dumps(fields, sort_keys=True, default=str)
