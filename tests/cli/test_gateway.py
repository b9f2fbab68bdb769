"""Commands that talk to a gateway: what they print, save and end with."""

from __future__ import annotations

import io
import json
import shlex
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pixazo import Pixazo, QwenImage, QwenImageMax
from pixazo.cli import main
from pixazo.sandbox import Sandbox

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def gateway(pixazo_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that the environment names, with any key."""
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", pixazo_sandbox.url)
    monkeypatch.setenv("PIXAZO_API_KEY", "a-key-of-the-tests")
    return pixazo_sandbox


def ended_job(gateway: Sandbox) -> str:
    """Return the id of a job that has ended."""
    with Pixazo(base_url=gateway.url) as client:
        job = client.submit(QwenImageMax(prompt="fog", num_images=2))
        while not job.status().done:
            time.sleep(0.02)
    return job.request_id


def test_a_picture_is_saved_and_its_path_printed(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """`run` prints the path of each saved medium on stdout and nothing else there."""
    code = main(["run", "qwen-image", "fog", "--size", "512x512", "-o", str(tmp_path)])

    said = capsys.readouterr()
    (path,) = map(Path, said.out.splitlines())
    assert code == 0
    assert path.parent == tmp_path
    assert path.read_bytes().startswith(b"\x89PNG")
    assert "sending" in said.err


def test_quiet_says_nothing(gateway: Sandbox, tmp_path: Path, capsys: Capture) -> None:
    """With -q stderr stays empty."""
    assert main(["run", "qwen-image", "fog", "-q", "-o", str(tmp_path)]) == 0

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_the_prompt_comes_from_stdin(
    gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """A prompt of `-` is UTF-8 whatever the system's encoding, without mark and line end."""
    typed = io.BytesIO("\ufeffä lighthouse\r\nin fog\r\n".encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(typed, encoding=encoding))

    main(["run", "qwen-image", "-", "-o", str(tmp_path)])

    (sidecar,) = tmp_path.glob("*.json")
    assert json.loads(sidecar.read_bytes())["request"]["prompt"] == "ä lighthouse\nin fog"


def test_a_prompt_in_another_encoding_is_not_paid_for(
    gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What is no UTF-8 on stdin is one clear error, and nothing is sent."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"f\xf6g"), encoding="cp1252"))

    assert main(["run", "qwen-image", "-"]) == 2

    assert "the prompt on stdin is not UTF-8 text: byte 1" in capsys.readouterr().err
    assert not gateway.wallet.charges


def test_no_save_prints_addresses(gateway: Sandbox, tmp_path: Path, capsys: Capture) -> None:
    """With --no-save the media's addresses are printed and nothing is written."""
    code = main(["run", "qwen-image", "fog", "--no-save", "-o", str(tmp_path / "none")])

    assert code == 0
    assert capsys.readouterr().out.startswith(gateway.media_url)
    assert not (tmp_path / "none").exists()


def test_a_dry_run_shows_what_is_sent(gateway: Sandbox, tmp_path: Path, capsys: Capture) -> None:
    """What a dry run shows is what a run sends: method, address, headers and body."""
    words = ["run", "qwen-image", "fog", "--size", "512x512", "-o", str(tmp_path)]
    main([*words, "--dry-run", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert len(gateway.journal) == 0

    main(words)

    entry = next(entry for entry in gateway.journal if entry.method == "POST")
    sent = {name.lower(): value for name, value in dict(entry.headers).items()}
    for name, value in shown["headers"].items():
        assert sent[name.lower()] == value or value.startswith("<")
    assert (shown["method"], shown["url"]) == (entry.method, gateway.url + entry.path)
    assert shown["body"] == entry.body
    assert shown["estimate"] == {"usd": "0.045", "per": "request"}


def test_no_text_ever_shows_the_key(gateway: Sandbox, tmp_path: Path, capsys: Capture) -> None:
    """Neither results nor previews nor errors hold the key."""
    main(["run", "qwen-image", "fog", "-o", str(tmp_path), "--json"])
    main(["run", "qwen-image", "fog", "--dry-run"])
    main(["wait", "qwen-image-max_unknown", "--json"])

    said = capsys.readouterr()
    assert "a-key-of-the-tests" not in said.out + said.err
    assert "<redacted>" in said.out


def test_status_tells_how_a_job_is_doing(gateway: Sandbox, capsys: Capture) -> None:
    """`status` prints one fact a line, or one JSON document."""
    request_id = ended_job(gateway)

    codes = main(["status", request_id]), main(["status", request_id, "--json"])

    words, _, document = capsys.readouterr().out.partition("{")
    status = json.loads("{" + document)
    assert codes == (0, 0)
    assert f"request_id: {request_id}\nmodel: qwen-image-max\nstatus: COMPLETED\n" in words
    assert words.count("media: http") == len(status["media"]) == 2
    assert status["outcome"] == "succeeded"


@pytest.mark.parametrize("word", ["id", "token"])
def test_wait_goes_on_with_a_job(
    gateway: Sandbox, tmp_path: Path, capsys: Capture, word: str
) -> None:
    """`wait` saves the media of a job of an earlier process, by its id or its token."""
    request_id = ended_job(gateway)
    with Pixazo() as client:
        token = client.job(request_id).token()

    code = main(["wait", request_id if word == "id" else token, "-o", str(tmp_path), "--json"])

    result = json.loads(capsys.readouterr().out)
    assert code == 0
    assert result["request_id"] == request_id
    assert [Path(medium["path"]).stat().st_size for medium in result["media"]] == [
        medium["bytes"] for medium in result["media"]
    ]


@pytest.mark.pixazo_sandbox(latency=3)
def test_a_wait_that_takes_too_long_can_be_resumed(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """--timeout ends with code 8 and a command that, run as printed, brings the media."""
    out = tmp_path / "my out"
    words = ["run", "qwen-image-max", "fog", "--timeout", "0.2", "-o", str(out)]
    code = main([*words, "--gateway", gateway.url])
    (resume,) = [line for line in capsys.readouterr().err.splitlines() if "resume: " in line]
    gateway.clock.advance(10)

    again = main(shlex.split(resume.removeprefix("resume: pixazo ")))

    assert (code, again) == (8, 0)
    assert len(list(out.glob("*.png"))) == 1


def fault(text: str) -> Callable[[Sandbox, pytest.MonkeyPatch], None]:
    """Return what puts a fault in force."""
    return lambda gateway, _: gateway.faults.add(text) and None


def gone(_: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody listen at the gateway's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", f"http://127.0.0.1:{free.getsockname()[1]}")


@pytest.mark.parametrize(
    ("trouble", "code", "kind", "charged", "says"),
    [
        (fault("401"), 3, "Unauthorized", "no", "check the key in PIXAZO_API_KEY"),
        (fault("402"), 5, "InsufficientBalance", "no", "Add funds"),
        (fault("403"), 4, "Forbidden", "no", "subscription"),
        (fault("404"), 4, "RequestNotFound", "no", "404"),
        (fault("disabled-model"), 4, "ModelNotFound", "no", "switched off"),
        (fault("429=120"), 6, "RateLimited", "no", "120 s"),
        (fault("500"), 6, "GatewayFailure", "no", "send it again later"),
        (fault("503"), 7, "OutcomeUnknown", "unknown", "0.045"),
        (fault("lost-answer"), 7, "OutcomeUnknown", "unknown", "0.045"),
        (fault("empty-body"), 7, "OutcomeUnknown", "unknown", "0.045"),
        (fault("expired-media"), 9, "DownloadRefused", "yes", "media: http://127.0.0.1"),
        (fault("html-media"), 9, "MediaBroken", "yes", "media: http://127.0.0.1"),
        (gone, 6, "GatewayUnreachable", "no", "gateway: http://127.0.0.1:"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_trouble_is_one_clear_error(
    trouble: Callable[[Sandbox, pytest.MonkeyPatch], None],
    code: int,
    kind: str,
    charged: str,
    says: str,
    gateway: Sandbox,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each way in which a gateway can refuse or fail has its exit code, charge and advice."""
    trouble(gateway, monkeypatch)

    words = ["run", "qwen-image", "fog", "-o", str(tmp_path), "--json", "--attempts", "1"]
    found = main(words)

    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert (found, error["type"], error["charged"]) == (code, kind, charged)
    assert error["exit_code"] == code
    assert says in said.err
    assert "Traceback" not in said.err
    assert ("resume: pixazo resume " in said.err) == (charged == "yes")


@pytest.mark.parametrize(
    ("ending", "charged", "code"),
    [("job:failed=no luck", "unknown", 1), ("job:error=no luck", "no", 1), ("no-media", "yes", 1)],
)
def test_a_job_that_ends_badly_is_an_error(
    ending: str, charged: str, code: int, gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """A job that failed ends `wait` with code 1, the gateway's words and whether it was charged."""
    gateway.faults.add(ending)
    request_id = ended_job(gateway)

    found = main(["wait", request_id, "-o", str(tmp_path), "--timeout", "0.1"])

    said = capsys.readouterr().err
    assert found == code
    assert f"charged: {charged}" in said
    assert request_id in said
    assert ("no luck" in said) == ("no luck" in ending)
    assert ("resume: " in said) == (ending == "no-media")  # another look may bring them


def test_an_unusable_folder_is_told_of_before_the_job_is_waited_for(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """A folder that cannot be made ends with code 9 at once, and names the job and the way on."""
    gateway.faults.add("stuck")
    with Pixazo() as client:
        request_id = client.submit(QwenImageMax(prompt="fog")).request_id
    (tmp_path / "file").write_text("in the way")

    code = main(["wait", request_id, "-o", str(tmp_path / "file" / "out")])

    said = capsys.readouterr().err
    assert code == 9
    assert str(tmp_path / "file") in said
    assert f"request: {request_id}" in said
    assert "charged: unknown" in said
    assert f"resume: pixazo wait {request_id}" in said
    assert [entry.method for entry in gateway.journal] == ["POST"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://gateway.example.com", "unencrypted"),
        ("ftp://x", "https"),
        ("https://u:p@x", "user"),
    ],
)
def test_an_address_that_no_key_may_go_to_is_refused(
    url: str, says: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway address that is not safe for a key is a configuration error, for dry runs too."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")

    codes = [
        main(["run", "qwen-image", "x", "--gateway", url, *more]) for more in ([], ["--dry-run"])
    ]

    assert codes == [3, 3]
    assert says in capsys.readouterr().err


def test_the_built_in_sandbox_needs_no_key(tmp_path: Path, capsys: Capture) -> None:
    """`run --sandbox` saves a picture without a key, an account or a network."""
    code = main(["run", "qwen-image", "fog", "--sandbox", "-o", str(tmp_path)])

    assert code == 0
    assert Path(capsys.readouterr().out.strip()).read_bytes().startswith(b"\x89PNG")


def test_the_library_and_the_command_line_send_the_same(gateway: Sandbox, tmp_path: Path) -> None:
    """A request of the library and one of the command line have the same body."""
    with Pixazo() as client:
        client.generate(QwenImage(prompt="fog", size="512*512", watermark=False))
    main(["run", "qwen-image", "fog", "--size", "512*512", "--no-watermark", "-o", str(tmp_path)])

    first, second = (entry for entry in gateway.journal if entry.method == "POST")
    assert first.body == second.body
