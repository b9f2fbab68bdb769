"""Errors as people and programs read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixazo import errors
from pixazo.cli import main
from pixazo.cli.failures import complain, tell
from pixazo.cli.trail import Trail, keep_trail
from pixazo.sandbox import Sandbox

ID = "qwen-image-max_019d"


def test_all_problems_are_told_at_once_in_the_words_of_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A request with several bad values names each option, value and rule, and sends nothing."""
    words = ["--num-images", "9", "--image-size", "huge", "--param", "prompt=1"]

    code = main(["run", "qwen-image-max", *words])

    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.splitlines() == [
        "error: invalid request for qwen-image-max",
        "  --prompt: is required",
        "  --image-size='huge': must be one of square_hd, portrait_hd, landscape_hd",
        "  --num-images=9: must be at most 4",
        "  --param prompt=1: is documented; pass it as itself",
        "charged: no",
        "hint: pixazo run qwen-image-max --help lists every option with its bounds",
    ]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("jobs", 10, "so that no ledger is found"),
        ("run qwen-image fog --ledger l", 3, "no API key"),
        ("webhook url tiger --base https://a.example", 3, "so that no webhook secret is found"),
    ],
)
def test_a_user_without_a_home_is_told_what_is_missing(
    words: str,
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a container that knows neither HOME nor the user's name, each need is one clear error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    monkeypatch.setattr(Path, "home", lambda: Path("~").expanduser())

    found = main(words.split())

    said = capsys.readouterr().err
    assert found == code
    assert said.startswith("error: ")
    assert says in said
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "qwen-image-mx"], "did you mean qwen-image-max"),
        (["batch", "x.jsonl", "--rate"], "hint: pixazo batch --help"),
        (["jobs", "unknown", "--resend"], "hint: pixazo jobs unknown --help"),
        (["run", "dall-e"], "`pixazo models` lists them: qwen-image-max-edit, "),
        (["run", "qwen-image", "--promt", "x"], "--prompt"),
        (["modles"], "No such command 'modles'"),
        (["run", "qwen-image", "x", "--sandbox", "--gateway", "http://127.0.0.1:1"], "exclude"),
        (["run", "qwen-image-max", "x", "--timeout", "0"], "--timeout"),
        (["run", "qwen-image-max", "x", "--timeout", "nan"], "not a number of seconds"),
        (["run", "qwen-image-max", "x", "--webhook", "http://a", "--dry-run"], "call back"),
        (["run", "qwen-image-max", "x", "--webhook", "nonsense"], "call back 'nonsense'"),
        (["run", "qwen-image-edit", "x", "--image", "none.png"], "--image='none.png': must be a"),
        (["run", "qwen-image-max", "x", "--timeout", "abc"], "is not a valid number of seconds"),
        (["run", "qwen-image", "x", "--attempts", "abc"], "is not a valid whole number"),
        (
            ["run", "qwen-image", "x", "--webhook-url", "https://a"],
            "answers at once and calls nobody",
        ),
        (["run", "qwen-image", "x", "--key", ""], "key='': must be a text of 1 to 200 printable"),
        (["run", "qwen-image", "x", "--key", "a\nb"], "must be a text of 1 to 200 printable"),
        (["run", "qwen-image", "x", "--param", "foo={"], "begins like JSON and is none"),
        (["run", "qwen-image", "x", "-o", ""], "it is empty; name a folder"),
        (["run", "qwen-image", "x", "-o", "out/tiger.png"], "'out/tiger.png' reads like a file"),
        (["wait", "some-id", "--out", "tiger.JPG"], "'tiger.JPG' reads like a file"),
        (["wait", "some-id", "--out", f"{'x' * 300}.png"], "reads like a file"),
        (["wait"], "Missing argument 'ID'"),
        (["wait", "../../etc"], "neither a resume token nor a request id"),
        (["sandbox", "--port", "70000"], "--port"),
        (["sandbox", "--price", "cheap"], "write MODEL=USD"),
        (["sandbox", "--price", "dall-e=1"], "dall-e"),
        (["sandbox", "--balance", "much"], "much"),
    ],
)
def test_a_wrong_command_line_is_one_clear_error(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip on the command line ends with code 2 and one error that names it."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")

    code = main(words)

    shown = capsys.readouterr()
    assert code == 2
    assert shown.out == ""
    assert said in shown.err
    assert "error: " in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(("name", "is_there"), [("v1.0", False), ("tiger.png", True)])
def test_a_folder_may_have_any_name(
    name: str, is_there: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dot makes no picture's name, and what is a folder already is one whatever it is called."""
    out = tmp_path / name
    if is_there:
        out.mkdir()

    code = main(["run", "qwen-image", "fog", "-q", "--sandbox", "-o", str(out)])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert Path(said.out.strip()).parent == out


@pytest.mark.parametrize("group", ["", "run", "webhook"])
def test_a_group_without_arguments_prints_its_help(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The help alone, on stderr, and the code of a wrong command line."""
    code = main(group.split())

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.startswith(f"Usage: pixazo {group}".rstrip())
    assert "error:" not in said.err
    assert "hint:" not in said.err


def test_a_text_of_an_undocumented_field_needs_no_quotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is no JSON and does not begin like it is sent as a text."""
    words = ["--param", "foo=a b", "--param", "n=5", "--dry-run", "--json"]

    code = main(["run", "qwen-image", "fog", *words])

    body = json.loads(capsys.readouterr().out)["body"]
    assert (code, body["foo"], body["n"]) == (0, "a b", 5)


def test_a_refused_connection_on_this_machine_asks_for_the_sandbox(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody listens on a loopback address, the sandbox is probably not running."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")

    words = ["--gateway", "http://127.0.0.1:9", "--attempts", "1", "-q", "--no-save"]
    code = main(["run", "qwen-image", "fog", *words])

    assert code == 6
    assert "is `pixazo sandbox` running?" in capsys.readouterr().err


def test_a_timeout_ends_the_wait_for_a_direct_model(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """--timeout bounds a model that answers at once; whether it was charged stays unknown."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")

    with Sandbox(latency=5.0) as sandbox:
        words = ["--gateway", sandbox.url, "--timeout", "0.5", "-q", "--no-save", "--json"]
        code = main(["run", "qwen-image", "fog", *words])

    error = json.loads(capsys.readouterr().out)["error"]
    assert (code, error["charged"]) == (7, "unknown")
    assert "its fate is unknown: no answer within 0." in error["message"]


def test_a_missing_key_names_the_places_that_were_looked_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a key the error names the variable, the file, and the way to try without one."""
    code = main(["run", "qwen-image", "fog"])

    said = capsys.readouterr().err
    assert code == 3
    assert "PIXAZO_API_KEY" in said
    assert "~/.pixazo/api-key" in said
    assert "--sandbox" in said
    assert "charged: no" in said


def test_json_errors_are_one_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the error is a JSON document on stdout, and the words stay on stderr."""
    code = main(["run", "qwen-image-max", "fog", "--num-images", "9", "--json"])

    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert (error["type"], error["exit_code"]) == ("InvalidRequest", code)
    assert error["problems"] == [
        {
            "parameter": "num_images",
            "rule": "must be at most 4",
            "text": "num_images=9: must be at most 4",
        }
    ]
    assert said.err.startswith("error: invalid request")


def test_each_wrong_line_of_a_batch_is_a_problem_of_the_json_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program finds the wrong lines of a batch by number, without reading the message."""
    file = tmp_path / "bad.jsonl"
    file.write_text('{"model": "qwen-image", "prompt": "fog"}\n{"model": "dall-e"}\n[1]\n')

    code = main(["batch", str(file), "-o", str(tmp_path / "out"), "--json"])

    problems = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert code == 2
    assert [problem["line"] for problem in problems] == [2, 3]
    assert problems[1]["text"] == "must be a JSON object, is '[1]'"


def test_what_is_absent_from_a_json_error_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that concerns no gateway, job or money says null, nowhere an empty text."""
    main(["models", "--nonsense", "--json"])

    error = json.loads(capsys.readouterr().out)["error"]
    absent = ("resume", "charged", "gateway", "request_id", "token")
    assert [error[name] for name in absent] == [None] * len(absent)


@pytest.mark.parametrize(
    ("words", "kind", "hint"),
    [
        (["drift", "none.txt", "--json"], "PageUnreadable", "give a saved documentation page"),
        (["explain", "R999", "--json"], "UnknownPlace", "there are R01"),
        (["vendor", "none", "--check", "--json"], "VendorError", "Make one: pixazo vendor none"),
    ],
)
def test_the_way_out_is_a_hint_for_every_command(
    words: list[str], kind: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What drift, explain and vendor cannot use is told as other errors are: kind and hint."""
    code = main(words)

    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert (code, error["exit_code"], error["type"]) == (2, 2, kind)
    assert error["hint"].startswith(hint)
    assert f"hint: {error['hint']}" in said.err
    assert f"({hint}" not in error["message"]


def test_what_a_server_says_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in an error are replaced before they reach the terminal."""
    tell(
        complain(errors.BadRequest("bad \x1b]0;owned\x07 \x1b[2J", status_code=400)), as_json=False
    )

    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "resumes"),
    [
        (errors.WaitTimedOut("too long"), True),
        (errors.DownloadTimedOut("too slow"), True),
        (errors.FolderUnusable("full"), True),
        (errors.GatewayUnreachable("gone"), True),
        (KeyboardInterrupt(), True),
        (errors.JobFailed("no"), False),
        (errors.JobErrored("no"), False),
        (errors.NothingToDeliver("nothing"), True),
    ],
)
def test_an_error_names_the_command_that_goes_on(error: BaseException, *, resumes: bool) -> None:
    """Whatever interrupts a job under way is told with the command that resumes it."""
    with pytest.raises(type(error)) as caught:  # noqa: PT012, SIM117
        with keep_trail(Trail(Path("my out"), "http://127.0.0.1:8787")) as trail:
            trail.request_id = ID
            raise error

    resume = complain(caught.value).resume
    command = f"pixazo wait {ID} -o 'my out' --gateway http://127.0.0.1:8787"
    assert resume == (command if resumes else "")


@pytest.mark.parametrize(
    ("sending", "request_id", "media", "charged"),
    [
        (False, None, (), "no"),
        (True, None, (), "unknown"),
        (True, ID, (), "unknown"),
        (True, None, ("https://media.example.com/a.png",), "yes"),
    ],
)
def test_ctrl_c_says_whether_money_may_be_gone(
    *, sending: bool, request_id: str | None, media: tuple[str, ...], charged: str
) -> None:
    """What Ctrl-C says of the charge follows from how far the request had come."""
    with pytest.raises(KeyboardInterrupt) as caught, keep_trail(Trail(Path())) as trail:  # noqa: PT012
        trail.sending, trail.request_id, trail.media = sending, request_id, media
        raise KeyboardInterrupt

    complaint = complain(caught.value)
    assert (complaint.charged, complaint.code) == (charged, 130)


def test_media_that_nobody_can_ask_for_again_are_named() -> None:
    """A direct model cannot be asked again: its media's addresses stand in the error."""
    url = "https://media.example.com/a.png"

    with pytest.raises(errors.DownloadError) as caught, keep_trail(Trail(Path())) as trail:  # noqa: PT012
        trail.media = (url,)
        raise errors.DownloadTimedOut("too slow", url=url)

    assert f"media: {url}" in complain(caught.value).words()
