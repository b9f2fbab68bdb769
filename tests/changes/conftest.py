"""A small repository with a release in its history."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    "src/pixazo/__init__.py",
    "src/pixazo/jobs.py",
    "src/pixazo/results.py",
    "generated/pixazo_openapi/__init__.py",
    "generated/pixazo_openapi/requests.py",
)
CHANGELOG = (
    "# Changelog\n\n## 0.1.0 (unreleased)\n\n### Gateway\n- Written by hand.\n\n### Added\n- A\n"
)


@dataclass(frozen=True, slots=True)
class Repository:
    """The parts of this repository that versions are about, in a folder of their own."""

    path: Path

    def git(self, *words: str) -> str:
        """Run git; nobody's settings count."""
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *words]
        environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            command, cwd=self.path, env=environ, capture_output=True, text=True, check=True
        )
        return done.stdout

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text in a file."""
        text = (self.path / path).read_text("utf-8")
        assert old in text, f"{path} has no {old!r}"
        (self.path / path).write_text(text.replace(old, new, 1), "utf-8")

    def release(self, version: str) -> None:
        """Commit everything and tag it."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", version)
        self.git("tag", f"v{version}")

    def record(self) -> None:
        """Keep the spec as it is, as `--record` does, and commit everything."""
        from changes.history import record

        record(self.path, self.path)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "record")

    def rename(self, old: str, new: str, head: str = "unreleased") -> None:
        """Give everything that names a version another one."""
        self.edit("spec/openapi.yaml", f"  version: {old}\n", f"  version: {new}\n")
        self.edit("pyproject.toml", f'version = "{old}"', f'version = "{new}"')
        self.edit(
            "CHANGELOG.md", "# Changelog\n", f"# Changelog\n\n## {new} ({head})\n\n### Fixed\n- B\n"
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository before its first release."""
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "spec", folder / "spec")
    for path in PARTS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
    (folder / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    made = Repository(folder)
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "pixazo"\nversion = "0.1.0"\n', "utf-8"
    )
    version = (ROOT / "spec" / "openapi.yaml").read_text("utf-8").split("\n  version: ")[1]
    version = version.partition("\n")[0]
    made.edit("spec/openapi.yaml", f"  version: {version}\n", "  version: 0.1.0\n")
    made.git("init", "-q", "-b", "main")
    return made


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(repository: Repository, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs the command over the repository; gives exit code, stdout and stderr."""
    from changes.__main__ import main

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["--root", str(repository.path), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
