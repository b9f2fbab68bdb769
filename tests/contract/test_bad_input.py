"""What cannot be run is said in one line, with exit code 2, and never passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pixazo_openapi.catalogue import SERVER

from pixazo.sandbox import Sandbox
from tests.contract.gateways import HTML, MOVED, REFUSED, serving
from tests.contract.suite.cassettes import run_cassettes
from tests.contract.suite.main import main
from tests.contract.suite.targets import CouldNotRun

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
        (["--target", "http://[::1"], ["--target http://[::1", "http://127.0.0.1:8787"]),
        (["--target", "http://a..b"], ["--target http://a..b", "http://127.0.0.1:8787"]),
        (["--target", "http://host:99999"], ["--target http://host:99999", "http://127.0.0.1"]),
        (["--target", "http://me:secret@host"], ["no user name", "--key"]),
        (["--target", "http://host/?a=b"], ["--target http://host/?a=b", "without a query"]),
        (["--second-key", KEY], ["--second-key", "somebody else"]),
        (["--poor-key", KEY], ["--poor-key", "somebody else"]),
        (["--receiver", "here"], ["--receiver here", "http or https URL"]),
        (["--picture", "a.png"], ["--picture a.png", "http or https URL"]),
        (["--archive", "ftp://x/a.zip"], ["--archive ftp://x/a.zip", "http or https URL"]),
        (["--layers", "1"], ["--layers 1", "like 1,2"]),
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
    assert "secret" not in said


def test_a_url_needs_a_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key no gateway but the sandbox can be held to anything."""
    monkeypatch.delenv("PIXAZO_API_KEY", raising=False)

    assert "--key" in _said(capsys, "--target", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "url",
    [SERVER, "HTTPS://GATEWAY.Pixazo.AI:443/", "http://gateway.pixazo.ai.", f"{SERVER}/v2"],
)
def test_the_paid_gateway_is_never_fuzzed(capsys: pytest.CaptureFixture[str], url: str) -> None:
    """Its address is no target, however it is spelled: only live goes there, under a cap."""
    said = _said(capsys, "--target", url, "--key", KEY)

    assert "is the paid gateway" in said
    assert "--target live and a --max-spend" in said


def test_an_unreachable_gateway_is_never_a_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens: the run says so and exits 2."""
    assert "unreachable" in _said(capsys, "--target", "http://127.0.0.1:9", "--key", KEY)


@pytest.mark.parametrize(
    ("reply", "hang", "words"),
    [
        (HTML, False, "answers HTML"),
        (None, False, "unreachable"),
        (None, True, "nothing within 0.25 s"),
        (REFUSED, False, "refuses the key"),
        (MOVED, False, "redirects to https://gateway.example/v2"),
    ],
    ids=["html", "closes", "hangs", "401", "301"],
)
def test_something_that_is_no_gateway(
    reply: bytes | None, hang: bool, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server of HTML or redirects, or that hangs, closes, refuses the key, is no gateway."""
    with serving(reply, hang=hang) as url:
        said = _said(capsys, "--target", url, "--key", KEY, "--job-timeout", "0.25")

    assert words in said
    assert url in said


@pytest.mark.parametrize("layers", ["1,2", "1,3", "1,2,3,4,5,6,7"])
def test_a_gateway_that_never_took_a_job_is_no_pass(
    layers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty wallet refuses every valid request: the run says so and exits 2."""
    with Sandbox(key=KEY, latency=0, balance="0.001") as sandbox:
        given = ["--target", sandbox.url, "--key", KEY, "--only", "qwen-image-max"]
        code = main([*given, "--quick", "--layers", layers])

    assert code == 2
    assert "nothing was accepted: the wallet is empty" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--second-key", "--poor-key"])
def test_another_key_that_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A second or poor key that the gateway does not know shows nothing: the run says which."""
    with Sandbox(key=KEY, latency=0) as sandbox:
        said = _said(capsys, "--target", sandbox.url, "--key", KEY, option, "unknown-to-all")

    assert f"refuses {option} (401)" in said
    assert "unknown-to-all" not in said


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("qwen-image-max", "journey:", "journey: [", ["completed.yaml:", "not YAML"]),
        ("qwen-image-max", "qwen-image-max", "qwen-image-min", ["qwen-image-min", "did you mean"]),
        ("nobody", "origin:", "origin:", ["belongs into the folder qwen-image-max/"]),
        ("qwen-image-max", "origin:", "origins:", ["the origin block is missing"]),
    ],
    ids=["broken YAML", "unknown model", "wrong folder", "no origin"],
)
def test_a_cassette_that_does_not_read(
    name: str, old: str, new: str, words: list[str], tmp_path: Path
) -> None:
    """A broken cassette is told in one line with its place; it is neither held nor broken."""
    text = Path("cassettes/qwen-image-max/completed.yaml").read_text(encoding="utf-8")
    (tmp_path / name).mkdir()
    (tmp_path / name / "completed.yaml").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(CouldNotRun) as told:
        run_cassettes(tmp_path)

    assert str(told.value).startswith("--target cassettes: ")
    assert "\n" not in str(told.value)
    assert all(word in str(told.value) for word in words), told.value


def test_no_cassettes_are_no_pass(tmp_path: Path) -> None:
    """An empty folder, and a model that none of the cassettes is of, show nothing."""
    with pytest.raises(CouldNotRun, match="no cassettes in"):
        run_cassettes(tmp_path)
    with pytest.raises(CouldNotRun, match="no cassettes of qwen-image in"):
        run_cassettes(tmp_path, only=["qwen-image"])


def test_a_report_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report whose folder is a file is an error, not a lost report."""
    (tmp_path / "file").write_text("")

    said = _said(capsys, "--quick", "--layers", "2", "--report", str(tmp_path / "file" / "r.html"))

    assert "cannot be written" in said
