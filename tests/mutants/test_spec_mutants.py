"""Spec mutants: a slip in the document does not stay unseen, before or after regeneration."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixazo.sandbox import ManualClock, Sandbox
from tests.contract.suite import of_sandbox, run
from tests.contract.suite.targets import SANDBOX_LATENCY_S

ROOT = Path(__file__).parents[2]
COPIED = ("spec", "codegen", "tests/spec", "tests/codegen", "tests/strategies")
LONGEST_S = 120
NEEDED = ("pyproject.toml", "tests/conftest.py", "tests/mutants/__init__.py")


@dataclass(frozen=True)
class Slip:
    """One edit of the document.

    Args:
        name: of the slip.
        where: text before which nothing is changed.
        old: what is changed after it, once.
        new: what it becomes.
        tests: that must go red over the changed document.
        rules: of the contract suite, one of which a gateway made of the slip must break.
        model: that it concerns.
    """

    name: str
    where: str
    old: str
    new: str
    tests: str
    rules: frozenset[str]
    model: str = "qwen-image-max"


SLIPS = (
    Slip(
        "bound",
        "    QwenImageMaxRequest:",
        "maximum: 4",
        "maximum: 5",
        "tests/spec/test_documents.py::test_a_parameter_says_what_its_row_says",
        frozenset({"invalid-refused"}),
    ),
    Slip(
        "enum",
        "    QwenImageMaxRequest:",
        "enum: [png, jpeg, webp]",
        "enum: [png, jpeg]",
        "tests/spec/test_documents.py::test_a_parameter_says_what_its_row_says",
        frozenset({"valid-accepted"}),
    ),
    Slip(
        "required",
        "    QwenImageMaxEditRequest:",
        "required: [prompt, image_urls]",
        "required: [prompt]",
        "tests/spec/test_documents.py::test_a_parameter_says_what_its_row_says",
        frozenset({"invalid-refused"}),
        model="qwen-image-max-edit",
    ),
    Slip(
        "path",
        "paths:",
        "/qwen-image-max/v1/qwen-image-max-request:",
        "/qwen-image-max/v2/qwen-image-max-request:",
        "tests/spec/test_documents.py::test_a_model_is_posted_to_its_documented_path",
        frozenset({"valid-accepted"}),
    ),
)


def _slipped(slip: Slip) -> str:
    """The document with the slip."""
    text = (ROOT / "spec" / "openapi.yaml").read_text(encoding="utf-8")
    head, found, tail = text.partition(f"\n{slip.where}")
    assert found
    assert slip.old in tail
    return head + found + tail.replace(slip.old, slip.new, 1)


@pytest.fixture(scope="module", params=SLIPS, ids=lambda slip: slip.name)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Slip, Path]]:
    """A copy of the repository's data and tools with the slip, regenerated."""
    slip: Slip = request.param
    copy = tmp_path_factory.mktemp(slip.name)
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    (copy / "spec" / "openapi.yaml").write_text(_slipped(slip), encoding="utf-8")
    done = _python(copy, "-m", "codegen")
    assert done.returncode == 0, done.stdout + done.stderr
    yield slip, copy
    shutil.rmtree(copy)


def _python(
    copy: Path, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python where the copy's generated package hides the repository's."""
    path = os.pathsep.join(map(str, (copy / "generated", copy)))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or copy,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_a_slip_turns_its_tests_red(made: tuple[Slip, Path]) -> None:
    """Over a document with a slip the tests that know the pages fail, and say at which value."""
    slip, copy = made

    done = _python(copy, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", slip.tests)

    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^FAILED ", done.stdout, re.M), done.stdout


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_a_gateway_made_of_a_slip_breaks_the_contract(made: tuple[Slip, Path]) -> None:
    """A sandbox that plays a document with a slip breaks a rule that the suite names."""
    from pixazo_openapi import schema

    slip, copy = made
    code = f"import {schema.__name__} as s, json; print(json.dumps(s.document()))"
    document = json.loads(_python(copy, "-c", code).stdout)

    with Sandbox(
        document=document, clock=ManualClock(), latency=SANDBOX_LATENCY_S, balance="1000"
    ) as sandbox:
        report = run(of_sandbox(sandbox), quick=True, only=[slip.model])

    assert report.exit_code == 1
    assert slip.rules & set(report.broken_rules), report.broken_rules


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_a_slip_without_regeneration_is_drift(made: tuple[Slip, Path]) -> None:
    """`codegen --check` names the files that the document with the slip no longer makes."""
    _, copy = made
    spec, out = copy / "spec" / "openapi.yaml", ROOT / "generated" / "pixazo_openapi"

    done = _python(copy, "-m", "codegen", "--check", "--spec", str(spec), "--out", str(out))

    assert done.returncode == 1
    assert "drifted" in done.stderr
