"""File names: made from what the caller says, never from what a server says."""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

__all__ = ["free_names", "safe_stem"]

LONGEST_STEM = 120
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def safe_stem(stem: str) -> str:
    """The stem as every file system takes it: one part of a path, visible, of bearable length.

    Letters, digits, dots, dashes and underscores stay; everything else becomes an underscore. A
    stem that had to be cut ends with a piece of its hash, so that two long stems stay two.
    """
    name = re.sub(r"[^\w.-]", "_", unicodedata.normalize("NFC", stem)).strip(". ")
    name = re.sub(r"\.{2,}", "_", name)
    if RESERVED.match(name):
        name = f"_{name}"
    if len(name.encode()) > LONGEST_STEM:
        digest = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        name = name.encode()[: LONGEST_STEM - 9].decode("utf-8", "ignore") + "-" + digest
    return name or "media"


def free_names(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    """The names to try in turn: `stem.suffix`, then `stem-2.suffix`, `stem-3.suffix` and so on."""
    yield folder / f"{stem}.{suffix}"
    for number in itertools.count(2):
        yield folder / f"{stem}-{number}.{suffix}"
