"""What Python callers see: every kind of change and its rating."""

# ruff: noqa: E501 (a table reads best with a row a line)

from __future__ import annotations

from pathlib import Path

import pytest

from changes.findings import Level
from changes.python import compare
from changes.surface import surface

MAJOR, MINOR = Level.MAJOR, Level.MINOR

OLD = """
from dataclasses import dataclass
from typing import Literal

class Pixazo:
    def submit(self, request: str, *, webhook: str | None = None) -> str: ...
    def close(self) -> None: ...
    def _private(self) -> None: ...

class Job(Pixazo):
    request_id: str

@dataclass(frozen=True, kw_only=True)
class Result:
    url: str
    size: Literal["small", "large"] | None = None

def load(path: str, depth: int = 1) -> int | None: ...
"""
INIT = "from pixazo.client import Job as Job\nfrom pixazo.client import Pixazo as Pixazo\nfrom pixazo.client import Result as Result\nfrom pixazo.client import load as load\n"


def seen(folder: Path, code: str, init: str) -> Path:
    """Write a version of the two packages."""
    for path, text in {
        "src/pixazo/__init__.py": init,
        "src/pixazo/client.py": code,
        "generated/pixazo_openapi/__init__.py": "",
        "generated/pixazo_openapi/requests.py": "__all__ = []",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "level", "place"),
    [
        ("class Job(Pixazo):", "class Work(Pixazo):", MAJOR, "pixazo.Job"),
        ("class Job(Pixazo):", "class Job:", MAJOR, "pixazo.Job"),
        ("def load(", "class load:\n  def it(", MAJOR, "pixazo.load"),
        ("    def close(self) -> None: ...\n", "", MAJOR, "pixazo.Pixazo.close"),
        ("def close(self)", "def close(self, *, hard: bool)", MAJOR, "pixazo.Pixazo.close(hard)"),
        ("def submit(self, request: str, *,", "def submit(self, *, request: str,", MAJOR, "pixazo.Pixazo.submit(request)"),
        ("*, webhook: str | None = None", "", MAJOR, "pixazo.Pixazo.submit(webhook)"),
        ("webhook: str | None = None", "webhook: str | None", MAJOR, "pixazo.Pixazo.submit(webhook)"),
        ("webhook: str | None", "webhook: str", MAJOR, "pixazo.Pixazo.submit(webhook)"),
        ("webhook: str | None", "webhook: str | bytes | None", MINOR, "pixazo.Pixazo.submit(webhook)"),
        ("-> int | None", "-> int", MINOR, "pixazo.load"),
        ("-> int | None", "-> int | str | None", MAJOR, "pixazo.load"),
        ("depth: int = 1", "depth: int = 2", MINOR, "pixazo.load(depth)"),
        ("path: str, depth: int = 1", "depth: int = 1, path: str = ''", MAJOR, "pixazo.load(path)"),
        ("    request_id: str", "    request_id: int", MAJOR, "pixazo.Job.request_id"),
        ('Literal["small", "large"]', 'Literal["large"]', MAJOR, "pixazo.Result.size"),
        ('Literal["small", "large"]', 'Literal["small", "medium", "large"]', MINOR, "pixazo.Result.size"),
        ("    url: str\n", "    url: str\n    key: str\n", MAJOR, "pixazo.Result.key"),
        ("    url: str\n", "    url: str\n    key: str = ''\n", MINOR, "pixazo.Result.key"),
        ("    url: str\n", "    url: str = ''\n", None, ""),
        ("    def close(", "    def open(self) -> None: ...\n    def close(", MINOR, "pixazo.Pixazo.open"),
        ("    def _private(self) -> None: ...\n", "", None, ""),
        ("str | None = None) -> str", "None | str = None) -> str", None, ""),
    ],
)  # fmt: skip
def test_a_change_of_the_surface_has_its_rating(
    tmp_path: Path, old: str, new: str, level: Level | None, place: str
) -> None:
    """Names, parameters and types are compared as those see them who call."""
    assert old in OLD
    code = OLD.replace(old, new, 1)
    init = INIT if "class Job" in code else INIT.replace("import Job as Job", "import Work as Work")
    before = surface(seen(tmp_path / "old", OLD, INIT))
    after = surface(seen(tmp_path / "new", code, init))

    found = compare(before, after)

    assert max((change.level for change in found), default=None) == level
    assert not place or place in {change.place for change in found if change.level is level}


def test_what_is_not_exported_may_change(tmp_path: Path) -> None:
    """A module of ours that no public name leads to is nobody's business."""
    before = surface(seen(tmp_path / "old", OLD + "\ndef inner() -> int: ...\n", INIT))
    after = surface(seen(tmp_path / "new", OLD, INIT))

    assert compare(before, after) == []


def test_every_public_name_is_on_the_surface() -> None:
    """All of `pixazo.__all__` that has a type is compared, the models' classes included."""
    import pixazo

    root = Path(__file__).parents[2]
    found = {name.removeprefix("pixazo.") for name in surface(root) if name.count(".") == 1}

    aliases = {"Charged"}  # a type alias
    assert set(dir(pixazo)) - found <= aliases
