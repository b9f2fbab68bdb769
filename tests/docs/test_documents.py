"""README and guides say what is true: their Python runs, their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixazo.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def _blocks() -> Iterator[object]:
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text("utf-8")):
            line = page.read_text("utf-8")[: block.start()].count("\n") + 2
            yield pytest.param(block[1], id=f"{page.relative_to(ROOT)}:{line}")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("code", list(_blocks()))
def test_python_in_the_documents_runs(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every Python block of README and docs runs as it stands, against the sandbox."""
    is_test = "def test_" in code
    script = tmp_path / ("test_block.py" if is_test else "block.py")
    script.write_text(code, "utf-8")
    with Sandbox(latency=0.1) as sandbox:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", sandbox.url)
        monkeypatch.setenv("PIXAZO_API_KEY", "any")

        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if is_test else []
        done = subprocess.run(
            [sys.executable, *command, script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page points to a file of the repository."""
    missing = [
        link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()
    ]

    assert missing == []
