"""``python -m codegen`` makes the same bytes everywhere, and ``--check`` names what drifted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest

from codegen import manifest, package, tools
from codegen.__main__ import main
from tests.codegen.conftest import ROOT, SpecCopy

pytestmark = pytest.mark.timeout(60)  # several runs of codegen, seconds each on a busy machine
MADE = ROOT / "generated" / "pixazo_openapi"
PAGES = ROOT / "docs" / "models"
OTHERS = "PIXAZO_CODEGEN_PYTHONS"
NEEDS = "import jinja2, jsonschema_rs, openapi_python_client, ruff, yaml"


def _run(python: str, *arguments: str | Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "codegen", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


def _other_pythons() -> list[str]:
    """Interpreters named by the environment, or found by name, other than this one."""
    named = os.environ.get(OTHERS, "").split(os.pathsep)
    own = f"python3.{sys.version_info.minor}"
    names = [f"python3.{minor}" for minor in range(11, 15)]
    found = [shutil.which(name) for name in names if name != own]
    return [python for python in (*named, *found) if python]


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1", "31337"])
def test_any_hash_seed_makes_the_bytes_that_are_in_the_repository(
    tmp_path: Path, seed: str
) -> None:
    """A fresh run equals what is committed, whatever order Python gives to sets, and is idle."""
    out, pages = _copies(tmp_path)
    before = _stamps(tmp_path)

    made = _run(sys.executable, "--out", out, "--pages", pages, seed=seed)

    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines() == [
        "pixazo_openapi is what the document says",
        "models is what the document says",
    ]
    assert _stamps(tmp_path) == before


def _copies(folder: Path) -> tuple[Path, Path]:
    """Copies of everything that is made and committed: the package and the pages."""
    out, pages = folder / "pixazo_openapi", folder / "models"
    shutil.copytree(MADE, out, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PAGES, pages)
    return out, pages


def _stamps(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_other_pythons_make_the_same_bytes(tmp_path: Path) -> None:
    """Every supported Python that has the pinned tools makes what is in the repository."""
    pythons = [
        python
        for python in _other_pythons()
        if subprocess.run([python, "-c", NEEDS], capture_output=True, check=False).returncode == 0
    ]
    if not pythons:
        pytest.skip(f"no other Python with the codegen group installed; name some in {OTHERS}")

    for number, python in enumerate(pythons):
        done = _run(python, "--out", tmp_path / str(number), seed=str(number))
        assert done.returncode == 0, done.stderr
        made = manifest.contents(tmp_path / str(number))
        assert manifest.drift(manifest.contents(MADE), made) == {}, python


def test_what_drifted_is_named_and_then_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check names each file with its fault and writes nothing; a run makes all as it was.

    The run has another hash seed than the one that made what is committed.
    """
    out, pages = _copies(tmp_path)
    (out / "catalogue.py").write_text("MODELS = {}\n")
    (out / "models" / "usage.py").unlink()
    (out / "client.py").write_text("")
    (pages / "qwen-image.md").write_text("# qwen-image\n")
    (pages / "qwen-image-layered.md").unlink()
    (pages / "qwen-image-lite.md").write_text("")
    words = ["--out", str(out), "--pages", str(pages)]
    before = manifest.contents(tmp_path)

    checked = main(["--check", *words])
    named, untouched = capsys.readouterr().err.splitlines(), manifest.contents(tmp_path) == before
    mended = _run(sys.executable, *words, seed="4242")

    assert (checked, mended.returncode, untouched) == (1, 0, True)
    assert named == [
        f"{out}/catalogue.py differs",
        f"{out}/client.py is not made by codegen",
        f"{out}/models/usage.py is missing",
        f"{pages}/qwen-image-layered.md is missing",
        f"{pages}/qwen-image-lite.md is not made by codegen",
        f"{pages}/qwen-image.md differs",
        "6 files drifted; run python -m codegen (or nox -s generate)",
    ]
    assert manifest.contents(out) == manifest.contents(MADE)
    assert manifest.contents(pages) == manifest.contents(PAGES)
    assert {path.name for path in tmp_path.iterdir()} == {"pixazo_openapi", "models"}
    assert mended.stdout.splitlines() == [
        "pixazo_openapi: 3 files written or removed",
        "models: 3 files written or removed",
    ]


def test_folders_of_somebody_else_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped --out or --pages removes no file that codegen did not make."""
    source, docs, note = tmp_path / "src", tmp_path / "docs", tmp_path / "note"
    for path in (source / "mine.py", docs / "guide.md", note):
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    before = manifest.contents(tmp_path)

    statuses = [
        main(["--out", str(source)]),
        main(["--out", str(note)]),
        main(["--out", str(tmp_path / "made"), "--pages", str(docs)]),
    ]

    said = capsys.readouterr().err.splitlines()
    wide = "holds files that codegen did not make and would remove; name another folder"
    assert statuses == [2, 2, 2]
    assert said == [
        f"{source} {wide}",
        f"{note} is no folder; name another one",
        f"{docs} {wide}",
    ]
    assert {name: manifest.contents(tmp_path)[name] for name in before} == before


def test_a_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback where the place for the package is taken by a file."""
    (tmp_path / "taken").write_text("")

    status = main(["--out", str(tmp_path / "taken" / "made")])

    assert status == 2
    assert capsys.readouterr().err == f"{tmp_path / 'taken'}: File exists\n"


def test_a_swap_that_is_interrupted_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two renamings nothing is lost, whatever comes in between."""
    fresh, out = tmp_path / "fresh", tmp_path / "out"
    for folder in (fresh, out):
        folder.mkdir()
        (folder / "who.txt").write_text(folder.name)
    renamed: list[Path] = []

    def interrupted(self: Path, target: Path) -> Path:
        renamed.append(self)
        if len(renamed) == 2:
            raise KeyboardInterrupt
        os.rename(self, target)  # noqa: PTH104 (the method of that name is what stands in here)
        return target

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        package.swap(fresh, out)
    monkeypatch.undo()

    assert (out / "who.txt").read_text() == "out"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh", "out"]


def test_the_manifest_hashes_what_went_in_and_what_came_out() -> None:
    """Each hash can be recomputed; tools stand with their versions, times do not stand at all."""
    made = json.loads((MADE / manifest.NAME).read_text())
    contents = manifest.contents(MADE)
    contents.pop(manifest.NAME)

    assert made["files"] == {name: sha256(data).hexdigest() for name, data in contents.items()}
    for name, digest in made["sources"].items():
        assert sha256((ROOT / name).read_bytes()).hexdigest() == digest, name
    assert made["tools"] == tools.pins()
    assert set(made) == {"made_by", "tools", "sources", "files"}


def test_a_tool_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes depend on the pinned versions, so codegen runs with no others."""
    monkeypatch.setattr(tools, "_PROJECT", ROOT / "tests" / "codegen" / "other_pins.toml")

    found = version("ruff")
    assert tools.unmet() == [
        f"codegen needs ruff 0.0.1, found {found}: pip install --group codegen"
    ]


def test_what_upstream_would_leave_out_fails_the_run(
    spec: SpecCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failing tool is quoted, and nothing is written."""
    out = spec.path.parent / "out"
    spec.edit(
        "operationId: getRequestStatus", "operationId: getRequestStatus\n      deprecated: [1]"
    )

    status = main(["--spec", str(spec.path), "--out", str(out)])

    assert status == 2
    assert "openapi_python_client failed with status 1" in capsys.readouterr().err
    assert not out.exists()


def test_of_a_tools_traceback_the_end_is_quoted() -> None:
    """A tool that breaks down is quoted with the place and the error, not with a page of frames."""
    with pytest.raises(tools.ToolError) as caught:
        tools.run("timeit", "1/0")

    said = str(caught.value).splitlines()
    assert said[0] == "timeit failed with status 1:"
    assert said[1].startswith('File "')
    assert said[-1] == "ZeroDivisionError: division by zero"
    assert len(said) < 6
