"""`pixazo tour`: every model end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pixazo_openapi.catalogue import MODELS

from pixazo.cli import main
from pixazo.cli.tour import numbered


def test_the_tour_runs_every_model_and_ends_with_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every model's media and sidecar are saved, and the table names each with time and price."""
    code = main(["tour", "-o", str(tmp_path), "--latency", "0.1"])

    said = capsys.readouterr()
    head, *lines = said.out.splitlines()
    assert code == 0
    assert head.split() == ["MODEL", "REQUEST", "ID", "TIME", "SIZE", "PRICE", "PATH"]
    assert [line.split()[0] for line in lines] == list(MODELS)
    for line, model in zip(lines, MODELS.values(), strict=True):
        assert f" {model.model_id}_" in line
        assert "unknown" in line if model.price.usd is None else f"${model.price.usd}" in line
        assert f"{tmp_path}/{model.model_id}_" in line
    assert all(f"{model_id}: done" in said.err for model_id in MODELS)

    files = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert {file["model"] for file in files} == set(MODELS)
    assert len(list(tmp_path.glob("qwen-image-layered_*.png"))) > 1
    assert len(list(tmp_path.glob("*.safetensors"))) == 1
    assert not list(tmp_path.glob("*.part"))


def test_the_tour_as_json_names_what_it_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json stdout is one document: each model with its files, or its error."""
    code = main(["tour", "-q", "-o", str(tmp_path), "--latency", "0.1", "--json"])
    told = json.loads(capsys.readouterr().out)["models"]
    (tmp_path / "file").write_text("in the way")
    failed = main(["tour", "-q", "-o", str(tmp_path / "file/out"), "--latency", "0.1", "--json"])
    errors = json.loads(capsys.readouterr().out)["models"]

    assert (code, failed) == (0, 9)
    assert [stop["model"] for stop in told] == [stop["model"] for stop in errors] == list(MODELS)
    for stop, model in zip(told, MODELS.values(), strict=True):
        assert stop["price_usd"] == (None if model.price.usd is None else str(model.price.usd))
        assert stop["bytes"] == sum(Path(path).stat().st_size for path in stop["paths"]) > 0
        assert stop["request_id"].startswith(model.model_id)
        assert stop["error"] is None
    assert {stop["error"]["type"] for stop in errors} == {"FolderUnusable"}
    assert not any(stop["paths"] for stop in errors)


def test_a_failing_model_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When results cannot be saved, the table still names every model, and the code says so."""
    (tmp_path / "file").write_text("in the way")

    code = main(["tour", "-q", "-o", str(tmp_path / "file" / "out"), "--latency", "0.1"])

    said = capsys.readouterr()
    assert code == 9
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == list(MODELS)
    assert said.out.count(" failed") == said.err.count("error: ") == len(MODELS)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], ""),
        (["a-0.png"], "o/a-0.png"),
        (["a-0.png", "a-1.png", "a-2.png"], "o/a-{0..2}.png"),
        (["a-0.png", "a-1.jpg"], "o/a-0.png o/a-1.jpg"),
        (["a-0.png", "a-2.png"], "o/a-0.png o/a-2.png"),
    ],
)
def test_numbered_files_are_written_as_a_shell_does(names: list[str], shown: str) -> None:
    """Files that differ by their number alone are one pattern; others are all named."""
    assert numbered([Path("o", name) for name in names]) == shown
