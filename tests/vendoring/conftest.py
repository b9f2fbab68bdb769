"""Copies of the installed library, and interpreters that have nothing but what a copy needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from pixazo.vendoring import Source, installed, vendor
from tests.shared import shared

Run = Callable[..., Any]


@pytest.fixture(scope="session")
def source() -> Source:
    """What copies are made of."""
    return installed()


def _make_app(folder: Path) -> None:
    inner = folder / "acme" / "_vendor"
    inner.mkdir(parents=True)
    for package in (inner, inner.parent):
        (package / "__init__.py").touch()
    vendor(inner / "gateway", source=installed())


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a space in its path: `acme._vendor.gateway` is a copy."""
    return shared(tmp_path_factory, "an app", _make_app)


@pytest.fixture
def copy(tmp_path: Path, app: Path) -> Path:
    """A copy of the test's own, to be spoilt."""
    made, dest = app / "acme" / "_vendor" / "gateway", tmp_path / "pixazo"
    return Path(shutil.copytree(made, dest, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes folders with one distribution and what it needs, and nothing else."""

    def make(*roots: str) -> Path:
        folder = tmp_path_factory.mktemp("site")
        for name in set(needed(*roots)):
            _link(name, folder)
        return folder

    return make


def needed(*names: str) -> Iterator[str]:
    """Yield distributions and everything that they need here, by name."""
    for name in names:
        yield name
        for line in distribution(name).requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                yield from needed(wanted.name)


def _link(name: str, folder: Path) -> None:
    facts = distribution(name)
    for file in facts.files or ():
        top = file.parts[0]
        if top not in ("..", "__pycache__") and not (folder / top).exists():
            (folder / top).symlink_to(Path(str(facts.locate_file(top))))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs code in an interpreter that sees the given places only; returns what it prints."""

    def start(code: str, *places: Path, **settings: str) -> Any:
        lines = [f"import sys; sys.path[:0] = {[str(place) for place in places]!r}", code]
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-W", "error", "-c", "\n".join(lines)],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start
