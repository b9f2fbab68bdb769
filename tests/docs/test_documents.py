"""README and guides say what is true: their Python runs, their links lead somewhere."""

from __future__ import annotations

import os
import pkgutil
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

import pixazo
from pixazo.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = ("spec", "codegen", "tests", "cassettes", "benchmarks", "portability")
LINKED = [*PAGES, *(page for room in ROOMS for page in sorted((ROOT / room).glob("*.md")))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?:\]\(|^\[[^\]]+\]: +)(?!https?:)([^)\s]+)", re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
PORT = "18788"  # that a page listens on; somebody else may do so too
SERVED = ("settings.configure", "Flask(", "FastAPI(", "Starlette(")  # by test_webhook_guide.py
# Pytest finds our plugin by itself; others that happen to be installed take seconds to load.
NO_STRANGERS = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")


@dataclass(frozen=True, slots=True)
class Block:
    """A Python block of a page.

    Args:
        name: The page and the line it begins at.
        code: What stands there.
    """

    name: str
    code: str

    @property
    def is_test(self) -> bool:
        """Whether pytest is to run it."""
        return "def test_" in self.code

    @property
    def is_apart(self) -> bool:
        """Whether it needs a folder or a process of its own."""
        return "ledger" in self.code or "logging" in self.code

    @property
    def is_application(self) -> bool:
        """Whether it is to be served."""
        return any(word in self.code for word in SERVED)

    def here(self) -> str:
        """Run it in this process; gives what went wrong."""
        try:
            exec(compile(self.code, self.name, "exec"), {"__name__": "__main__"})  # noqa: S102
        except BaseException as error:  # noqa: BLE001 (whatever a page does is its fault)
            return f"{self.name}: {error!r}"
        return ""

    def apart(self, folder: Path) -> str:
        """Run it in a process and a folder of its own; gives what went wrong."""
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", self.code],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return f"{self.name}: {done.stdout}{done.stderr}" if done.returncode else ""


def _blocks(port: str = PORT) -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in BLOCK.finditer(text):
            line = text[: found.start()].count("\n") + 2
            yield Block(f"{page.relative_to(ROOT)}:{line}", found[1].replace(PORT, port))


def _free_port() -> str:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return str(any_port.getsockname()[1])


@pytest.mark.timeout(90)
def test_python_in_the_documents_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python block of README and docs runs as it stands, against the sandbox."""
    every = _blocks(_free_port())
    blocks = [block for block in every if not block.is_test and not block.is_application]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    # pytest parses what is imported, which Python 3.11 cannot do in several threads at once
    for module in pkgutil.walk_packages(pixazo.__path__, "pixazo."):
        if not module.name.endswith("__main__"):
            import_module(module.name)

    with Sandbox(latency=0.1) as sandbox, ThreadPoolExecutor(12) as threads:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", sandbox.url)
        runs = [
            threads.submit(block.apart, tmp_path / str(number))
            if block.is_apart
            else threads.submit(block.here)
            for number, block in enumerate(blocks)
        ]
        faults = [run.result() for run in runs]

    served = {block.name.partition(":")[0] for block in _blocks() if block.is_application}

    assert served == {"docs/guides/webhooks.md"}
    assert len(blocks) > 20
    assert [fault for fault in faults if fault] == []


@pytest.mark.timeout(90)
def test_tests_in_the_documents_pass(tmp_path: Path) -> None:
    """Every test that README and docs show passes as it stands; pytest finds the fixture itself."""
    blocks = [block for block in _blocks() if block.is_test]
    for number, block in enumerate(blocks):
        (tmp_path / f"test_{number}.py").write_text(f"# {block.name}\n{block.code}", "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *NO_STRANGERS],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(blocks) > 1


def _places(page: Path) -> set[str]:
    """The names that code hosts give to a page's headings."""
    text = FENCED.sub("", page.read_text("utf-8"))
    found: set[str] = set()
    for heading in HEADING.findall(text):
        place = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found.add(place if place not in found else f"{place}-1")
    return found


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page points to a file of the repository, and to a heading in it."""
    missing: list[str] = []
    for link in set(LINK.findall(FENCED.sub("", page.read_text("utf-8")))):
        path, _, place = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (place and place not in _places(target)):
            missing.append(link)

    assert missing == []
