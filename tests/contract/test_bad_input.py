"""What cannot be run is said in one line, with exit code 2, and never passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.gateways import HTML, REFUSED, serving
from tests.contract.suite.main import main

KEY = "a-key-of-these-tests"


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main([*arguments])
    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert told.err.startswith("could not run: ")
    assert told.err.count("\n") == 1
    assert KEY not in told.err
    return told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "sandbx"], ["--target sandbx", "sandbox, cassettes, live"]),
        (["--target", "127.0.0.1:8787"], ["--target 127.0.0.1:8787", "http://"]),
        (["--target", "ftp://host/"], ["--target ftp://host/", "http"]),
        (["--target", "http://"], ["--target http://", "http://127.0.0.1:8787"]),
        (["--only", "qwen-image-min"], ["--only qwen-image-min", "qwen-image-max"]),
        (["--layers", "0"], ["--layers 0", "1 to 9"]),
        (["--layers", "two"], ["--layers two", "1 to 9"]),
        (["--job-timeout", "-1"], ["--job-timeout -1", "above 0"]),
        (["--max-spend", "much"], ["--max-spend much", "0.25"]),
        (["--max-spend", "NaN"], ["--max-spend NaN", "0.25"]),
        (["--assume-price", "qwen-image-max"], ["MODEL=USD"]),
        (["--assume-price", "nobody=1"], ["--assume-price nobody", "qwen-image-max"]),
    ],
)
def test_a_wrong_value_is_named(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong value is repeated, with what to write in its place."""
    said = _said(capsys, *arguments, "--key", KEY)

    assert all(word in said for word in words), said


def test_a_url_needs_a_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key no gateway but the sandbox can be held to anything."""
    monkeypatch.delenv("PIXAZO_API_KEY", raising=False)

    assert "--key" in _said(capsys, "--target", "http://127.0.0.1:9")


def test_an_unreachable_gateway_is_never_a_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens: the run says so and exits 2."""
    assert "unreachable" in _said(capsys, "--target", "http://127.0.0.1:9", "--key", KEY)


@pytest.mark.parametrize(
    ("reply", "hang", "words"),
    [
        (HTML, False, "answers HTML"),
        (None, False, "unreachable"),
        (None, True, "nothing within 1 s"),
        (REFUSED, False, "refuses the key"),
    ],
    ids=["html", "closes", "hangs", "401"],
)
def test_something_that_is_no_gateway(
    reply: bytes | None, hang: bool, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that answers HTML, hangs, closes or refuses the key is told from a broken one."""
    with serving(reply, hang=hang) as url:
        said = _said(capsys, "--target", url, "--key", KEY, "--job-timeout", "1")

    assert words in said
    assert url in said


def test_a_report_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report whose folder is a file is an error, not a lost report."""
    (tmp_path / "file").write_text("")

    said = _said(capsys, "--quick", "--layers", "2", "--report", str(tmp_path / "file" / "r.html"))

    assert "cannot be written" in said
