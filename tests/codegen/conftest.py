"""A copy of the spec that a test may spoil."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class SpecCopy:
    """The three files of ``spec/`` in a folder of their own.

    Args:
        path: the copied document.
    """

    path: Path

    def edit(self, old: str, new: str, *, after: str = "") -> None:
        """Replace the first occurrence of a text behind another text."""
        text = self.path.read_text(encoding="utf-8")
        head, anchor, tail = text.partition(after) if after else ("", "", text)
        assert anchor == after, f"the spec has no {after!r}"
        assert old in tail, f"the spec has no {old!r} behind {after!r}"
        changed = head + anchor + tail.replace(old, new, 1)
        self.path.write_text(changed, encoding="utf-8", newline="\n")

    def line(self, text: str, *, after: str = "") -> int:
        """Return the line of the first occurrence of a text from another text on."""
        whole = self.path.read_text(encoding="utf-8")
        return whole.count("\n", 0, whole.index(text, whole.index(after))) + 1


@pytest.fixture
def spec(tmp_path: Path) -> SpecCopy:
    """The spec as it stands in the repository, free to be changed."""
    folder = tmp_path / "spec"
    folder.mkdir()
    for name in ("openapi.yaml", "x-pixazo.schema.json", "RULINGS.md"):
        shutil.copyfile(ROOT / "spec" / name, folder / name)
    return SpecCopy(folder / "openapi.yaml")
