"""A new model is data: a spec edit and a regeneration, and every part of the project knows it.

Two invented models are added to a copy of the spec: a queued one whose job goes through another
status word and ends in another shape, and a direct, nested one. The package is made anew, and the
code of this repository runs with it, not a line changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import pixazo
from codegen.__main__ import main as regenerate

ROOT = Path(__file__).parents[2]
EDITS = Path(__file__).with_name("new_models.yaml")
NEW = ("ink-wash", "haiku")
SOURCE = Path(str(pixazo.__file__)).parents[1]

Run = Callable[..., subprocess.CompletedProcess[str]]

JOBS = """
import json
from pixazo import Haiku, InkWash, Ledger, Pixazo
from pixazo.sandbox import ManualClock, Sandbox

wash = InkWash(prompt="heron", wetness=1, strokes=["dry", "wet"], num_images=2)
with (
    Sandbox(latency=12, balance="1", clock=ManualClock()) as sandbox,
    Ledger("ledger.sqlite3") as ledger,
):
    clock = sandbox.client_clock
    with Pixazo("any", base_url=sandbox.url, ledger=ledger, clock=clock) as client:
        estimate = client.estimate(wash)
        job = client.submit(wash)
        resumed = client.job(job.token())
        words = [resumed.status().status, *(status.status for status in resumed.watch())]
        results = [
            resumed.wait(),
            client.generate(Haiku(first_line="a", second_line="b", last_line="c", seal=b"GIF89a")),
        ]
        saved = [[path.read_bytes()[:4].hex() for path in each.save("out")] for each in results]
    entries = sorted((entry.model_id, entry.state) for entry in ledger.entries())
    spent = {each.label: str(each.charged_usd.normalize()) for each in ledger.spent(by="model")}
print(json.dumps({
    "estimate": str(estimate),
    "words": sorted(set(words)),
    "prices": [str(result.price_usd) for result in results],
    "deviations": [str(each) for result in results for each in result.deviations],
    "saved": saved,
    "entries": entries,
    "spent": spent,
    "left": str(sandbox.wallet.balance),
    "double_charges": len(sandbox.double_charges),
}))
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository with another spec, and the package that is made from it."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("spec", "codegen", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    spec = folder / "spec" / "openapi.yaml"
    spec.write_text(_edited(spec.read_text("utf-8")), "utf-8", newline="\n")
    package = folder / "generated" / "pixazo_openapi"
    assert regenerate(["--spec", str(spec), "--out", str(package)]) == 0
    return folder


def _edited(text: str) -> str:
    for edit in yaml.safe_load(EDITS.read_text("utf-8")):
        anchor = edit.get("before") or edit["replace"]
        assert anchor in text, f"the spec has no {anchor!r}"
        rest = anchor if "before" in edit else ""
        text = text.replace(anchor, edit["text"] + rest, 1)
    return text


@pytest.fixture
def run(repository: Path) -> Run:
    """Runs Python where the new package comes first and nothing else is changed."""

    def start(*words: str, cwd: Path = repository) -> subprocess.CompletedProcess[str]:
        places = [repository / "generated", SOURCE, repository]
        return subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


@pytest.mark.timeout(120)
def test_client_sandbox_and_ledger_know_new_models(run: Run, tmp_path: Path) -> None:
    """Jobs of both are estimated, submitted, resumed, watched, saved, charged and written down."""
    done = run("-c", JOBS, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "estimate": "0.0123",
        "words": ["COMPLETED", "DRYING", "QUEUED"],
        "prices": ["0.0123", "0.3"],
        "deviations": [],
        "saved": [["89504e47", "89504e47"], ["89504e47"]],
        "entries": [["haiku", "downloaded"], ["ink-wash", "downloaded"]],
        "spent": {"haiku": "0.3", "ink-wash": "0.0123"},
        "left": "0.6877",
        "double_charges": 0,
    }


@pytest.mark.timeout(120)
def test_the_command_line_knows_new_models(run: Run, tmp_path: Path) -> None:
    """They are listed, have options with bounds, run, and are explained."""

    def said(*words: str) -> tuple[int, str]:
        done = run("-m", "pixazo.cli", *words, cwd=tmp_path)
        return done.returncode, done.stdout + done.stderr

    listed, help_ = said("models"), said("run", "ink-wash", "--help")
    explained = said("explain", "ink-wash.strokes")
    drawn = said("run", "ink-wash", "heron", "--wetness", "1", "--sandbox", "-o", "out")
    refused = said("run", "ink-wash", "heron", "--wetness", "2", "--strokes", "dry", "--sandbox")

    assert {code for code, _ in (listed, help_, explained, drawn)} == {0}
    assert all(name in listed[1] for name in (*NEW, "$0.0123", "$0.3"))
    assert "--strokes [dry|wet]" in help_[1]
    assert "at most 2" in explained[1]
    assert [path.suffix for path in (tmp_path / "out").glob("ink-wash_*-0.png")] == [".png"]
    assert refused[0] == 2
    assert "--wetness=2: must be at most 1" in refused[1]


@pytest.mark.timeout(120)
def test_the_reference_tells_of_new_models(run: Run, tmp_path: Path) -> None:
    """The page on the command line is made with both models in it."""
    done = run("-m", "pixazo.cli.reference", "cli.md", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    page = (tmp_path / "cli.md").read_text("utf-8")
    assert all(f"### pixazo run {name}\n" in page for name in NEW)


@pytest.mark.timeout(120)
def test_the_contract_suite_knows_new_models(run: Run) -> None:
    """Every rule that the suite has for a model is tried on both, and holds."""
    done = run("-m", "tests.contract", "--quick", "--only", NEW[0], "--only", NEW[1])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 of" in done.stdout


@pytest.mark.timeout(180)
def test_tests_of_every_model_know_new_models(run: Run) -> None:
    """The end-to-end tests of this folder, run as they are, take the new models along."""
    done = run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", " or ".join(NEW)),
        "tests/e2e/test_every_model.py",
    )

    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout
