"""Copies do what the library does: under another name, beside it, without it, from a zip file."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pixazo.sandbox import Sandbox
from pixazo.vendoring import Source, vendor
from tests.vendoring.conftest import Run, needed

NEEDS = ("aiohappyeyeballs", "attrs", "httpx2")

JOBS = """
import json, sys
from acme._vendor.gateway import OutcomeUnknown, Pixazo, QwenImage, QwenImageMax
from acme._vendor.gateway.downloads import Downloader
from acme._vendor.gateway.ledger import Ledger

def foreign():
    return [name for name in ("pixazo", "pixazo_openapi", "click", "rich", "stamina")
            if __import__("importlib.util").util.find_spec(name)]

with Pixazo("any") as client:
    job = client.submit(QwenImageMax(prompt="fog", num_images=2))
    queued = job.wait(timeout=30)
    direct = client.generate(QwenImage(prompt="fog"))
    saved = [*queued.save("out"), *direct.save("out")]
print(json.dumps({
    "foreign": foreign(),
    "loaded": [name for name in sys.modules if name.startswith("pixazo")],
    "sizes": [path.stat().st_size > 1000 for path in saved],
    "from": OutcomeUnknown.__module__,
}))
"""


def test_a_copy_does_jobs_with_what_it_lists(
    app: Path, site: Callable[..., Path], run: Run
) -> None:
    """A copy under a foreign parent needs what it lists alone to submit, wait and save."""
    with Sandbox(latency=0.1) as sandbox:
        said = run(JOBS, app, site(*NEEDS), PIXAZO_GATEWAY_URL=sandbox.url)

    assert said == {
        "foreign": [],
        "loaded": [],
        "sizes": [True, True, True],
        "from": "acme._vendor.gateway.errors",
    }


@pytest.mark.slow
def test_a_copy_works_from_a_zip_file(
    app: Path, site: Callable[..., Path], run: Run, tmp_path: Path
) -> None:
    """A copy inside a zip file reads its document there and does the same jobs."""
    archive = tmp_path / "an app.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(app.rglob("*")):
            if "__pycache__" not in path.parts:
                zipped.write(path, path.relative_to(app))

    with Sandbox(latency=0.1) as sandbox:
        said = run(JOBS, archive, site(*NEEDS), PIXAZO_GATEWAY_URL=sandbox.url)

    assert (said["foreign"], said["loaded"], said["sizes"]) == ([], [], [True, True, True])


def test_the_wire_alone_needs_attrs_alone(
    tmp_path: Path, source: Source, site: Callable[..., Path], run: Run
) -> None:
    """A copy made with wire_only has request classes, catalogue and pure operations over attrs."""
    vendor(tmp_path / "acme" / "wire", wire_only=True, source=source)
    code = """
import json, sys
from importlib.util import find_spec
from acme.wire.api.images.submit_qwen_image_max import build
from acme.wire.catalogue import MODELS
from acme.wire.models import QwenImageMaxRequest
from acme.wire.requests import QwenImageMax
from acme.wire.schema import document
request = QwenImageMax(prompt="fog")
print(json.dumps({
    "foreign": [name for name in ("httpx2", "pixazo", "pixazo_openapi") if find_spec(name)],
    "body": request.to_body(),
    "wire": QwenImageMaxRequest.from_dict(request.to_body()).to_dict(),
    "models": len(MODELS),
    "paths": len(document()["paths"]),
}))
"""

    said = run(code, tmp_path, site("attrs"))

    assert said["foreign"] == []
    assert said["body"] == said["wire"] == {"prompt": "fog"}
    assert said["paths"] == said["models"] + 1


@pytest.mark.slow
def test_a_copy_lives_beside_an_installed_pixazo(tmp_path: Path, source: Source, run: Run) -> None:
    """Copy and installed library of another version share no class, no module and no version."""
    vendor(tmp_path / "acme" / "pixazo", source=replace(source, version="9.8.7"))
    code = """
import json, sys
import acme.pixazo as copy
from acme.pixazo.exchange import _agent
lone = not {"pixazo", "pixazo_openapi"} & set(sys.modules)
import pixazo
names = [name for name in pixazo.__all__ if isinstance(getattr(pixazo, name), type)]
print(json.dumps({
    "lone": lone,
    "versions": [copy.__version__, _agent(), pixazo.__version__],
    "shared": [name for name in names if getattr(copy, name) is getattr(pixazo, name)],
    "names": len(names),
    "same_surface": copy.__all__ == pixazo.__all__,
}))
"""
    installed = [Path(entry) for entry in sys.path if entry]

    said = run(code, tmp_path, *installed)

    assert said["lone"] is True
    assert said["versions"] == ["9.8.7", "pixazo/9.8.7", source.version]
    assert (said["shared"], said["same_surface"]) == ([], True)
    assert said["names"] > 40


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_mypy_is_content_with_a_copy(app: Path, tmp_path: Path) -> None:
    """A copy passes mypy --strict, and so does code that uses it and finds its types."""
    app = Path(shutil.copytree(app, tmp_path / "an app"))
    user = app / "acme" / "paint.py"
    user.write_text("""
from ._vendor.gateway import Pixazo, QwenImageMax, Result

def paint(words: str) -> Result:
    with Pixazo() as client:
        return client.generate(QwenImageMax(prompt=words, image_size="landscape_hd"))
""")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11"]

    done = subprocess.run(
        [*command, "--cache-dir", str(tmp_path / "cache"), "-p", "acme"],
        cwd=app,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_copy_imports_nothing_but_its_own(app: Path) -> None:
    """Every import, lazy ones included, is relative, of the standard library or of a need."""
    folder = app / "acme" / "_vendor" / "gateway"
    allowed = set(sys.stdlib_module_names) | set(needed(*NEEDS))

    found = {
        (name.partition(".")[0], path.relative_to(folder).as_posix())
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        for name in _absolute(node)
    }

    assert {place for place in found if place[0] not in allowed} == set()
    assert {name for name, _ in found} >= set(NEEDS)


def _absolute(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(level=0, module=str(module)):
            return [module]
        case _:
            return []
