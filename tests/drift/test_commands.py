"""`pixazo drift` and `pixazo explain` as commands: output, exit codes, errors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from pixazo.cli import main
from pixazo.cli.app import pixazo
from tests.drift.changes import CHANGES
from tests.drift.conftest import uncovered_document
from tests.drift.pages import render_page

SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"


def run(*args: str | Path) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(pixazo, [str(arg) for arg in args])


@pytest.fixture
def page(document: dict[str, Any], tmp_path: Path) -> Path:
    """A saved page that agrees with the spec."""
    file = tmp_path / "page.txt"
    file.write_text(render_page(document), encoding="utf-8")
    return file


@pytest.fixture
def changed_page(tmp_path: Path) -> Path:
    """A saved page with one change."""
    document = uncovered_document()
    CHANGES[0].make(document)
    file = tmp_path / "changed.md"
    file.write_text(render_page(document, "markdown"), encoding="utf-8")
    return file


def test_an_agreeing_page_gives_exit_code_0(page: Path) -> None:
    """No difference: the report says what was read, and the exit code is 0."""
    found = run("drift", page)

    assert found.exit_code == 0, found.output
    assert "read: 7 of 7 models" in found.output


def test_an_uncovered_difference_gives_exit_code_1(changed_page: Path) -> None:
    """One uncovered difference: a line, the edit under it, and exit code 1."""
    found = run("drift", changed_page)

    assert found.exit_code == 1
    assert "[bound changed]" in found.output
    assert "maximum: 8" in found.output


def test_json_is_one_document(changed_page: Path) -> None:
    """With --json stdout is one JSON document; the exit code is the same."""
    found = run("drift", changed_page, "--json")

    assert found.exit_code == 1
    assert json.loads(found.stdout)["uncovered"] == 1


@pytest.mark.parametrize(("raw", "said"), [(b"", "empty"), (b"\xff\xfe\x00", "UTF-8")])
def test_an_unreadable_page_gives_exit_code_2(tmp_path: Path, raw: bytes, said: str) -> None:
    """A page that cannot be read is an error on stderr with exit code 2."""
    file = tmp_path / "broken.txt"
    file.write_bytes(raw)

    found = run("drift", file)

    assert found.exit_code == 2
    assert said in found.stderr
    assert found.stdout == ""


def test_a_web_page_that_cannot_be_fetched_gives_exit_code_2() -> None:
    """An address where nobody answers is an unreadable page, not a crash."""
    found = run("drift", "http://127.0.0.1:9/page.md")

    assert found.exit_code == 2
    assert "127.0.0.1:9" in found.stderr


@pytest.mark.parametrize("address", ["ftp://x/y", "https://", "http:///page", "http://[::1"])
def test_an_address_that_is_none_gives_exit_code_2(address: str) -> None:
    """Only http, https and files are read; the address stands in the error as it was written."""
    found = run("drift", address)

    assert found.exit_code == 2
    assert f"{address}: only files, and http or https addresses with a host" in found.stderr


def test_a_spec_file_gives_line_numbers(changed_page: Path) -> None:
    """With --spec the findings name lines of that file."""
    found = run("drift", changed_page, "--spec", SPEC, "--json")

    (finding,) = [f for f in json.loads(found.stdout)["findings"] if f["kind"] == "bound changed"]
    lines = SPEC.read_text(encoding="utf-8").split("\n")
    assert lines[finding["spec_line"] - 1].strip() == "num_images:"


def test_a_new_model_that_is_named_by_its_title_is_called_by_its_id(page: Path) -> None:
    """Words of the title find the model, and are no id that codegen would refuse."""
    found = run("drift", page, "--new-model", "Layered")

    assert found.exit_code == 0, found.stderr
    assert "        model: qwen-image-layered\n" in found.stdout
    assert "        class: QwenImageLayered\n" in found.stdout


def test_a_new_model_is_drafted_as_yaml(page: Path) -> None:
    """--new-model prints YAML that loads and names the model."""
    found = run("drift", page, "--new-model", "qwen-image-layered")

    assert found.exit_code == 0, found.output
    (path,) = yaml.safe_load(found.stdout)["paths"]
    assert path == "/qwen-image-layered/v1/qwen-image-layered-request"


def test_a_model_that_no_page_describes_is_refused(page: Path) -> None:
    """--new-model with a name that the page does not know lists what the page describes."""
    found = run("drift", page, "--new-model", "qwen-video")

    assert found.exit_code == 2
    assert "no page describes qwen-video" in found.stderr


def test_write_needs_a_model_and_a_file(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--write without a model, or where no spec is, is a usage error: nothing would be written."""
    monkeypatch.chdir(tmp_path)

    modelless = run("drift", page, "--write")
    fileless = run("drift", page, "--write", "--new-model", "qwen-image-layered")

    assert (modelless.exit_code, fileless.exit_code) == (2, 2)
    assert "--write needs --new-model" in modelless.stderr
    assert "--write needs --spec: there is no spec/openapi.yaml here" in fileless.stderr


@pytest.mark.parametrize("given", [True, False])
def test_write_puts_the_draft_into_the_file(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, given: bool
) -> None:
    """--write inserts the draft; the same page then has no new model for this spec."""
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8").replace("qwen-image-layered", "qwen-image-shards")
    page.write_text(text, encoding="utf-8")
    spec = tmp_path / "spec" / "openapi.yaml"
    spec.parent.mkdir()
    spec.write_bytes(SPEC.read_bytes())
    place = ["--spec", spec] if given else []
    assert "[new model]" in run("drift", page, "--spec", spec).stdout

    written = run("drift", page, "--new-model", "qwen-image-shards", *place, "--write")

    assert written.exit_code == 0, written.output
    assert "QwenImageShardsRequest" in spec.read_text(encoding="utf-8")
    assert "[new model]" not in run("drift", page, "--spec", spec).stdout


def test_only_must_be_a_model(page: Path) -> None:
    """--only with a name that is no model names the models."""
    found = run("drift", page, "--only", "qwen")

    assert found.exit_code == 2
    assert "qwen-image-max" in found.stderr


def test_explain_prints_the_facts() -> None:
    """`explain` prints a parameter's facts, as text and as JSON."""
    told = run("explain", "qwen-image-max.num_images").stdout
    assert "bounds 1 to 4" in " ".join(told.split())
    said = json.loads(run("explain", "qwen-image-max.num_images", "--json").stdout)
    assert said["bounds"] == "1 to 4"


def test_explain_reads_the_rulings_beside_a_spec_file() -> None:
    """With --spec the rulings come from the RULINGS.md beside the file."""
    found = run("explain", "R70", "--spec", SPEC)

    assert found.exit_code == 0, found.output
    assert "qwen-image-max.num_images" in found.stdout


def test_explain_refuses_unknown_places_with_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that nothing has gives exit code 2 and a near name as the hint."""
    code = main(["explain", "qwen-image-max.num_image"])

    said = capsys.readouterr().err
    assert code == 2
    assert re.search("^hint: .*qwen-image-max.num_images", said, re.MULTILINE)
