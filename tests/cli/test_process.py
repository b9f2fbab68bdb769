"""The command as a process: start, streams, signals."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pixazo_openapi.catalogue import MODELS

from pixazo import QwenImageLayered
from pixazo.cli import main
from pixazo.ledger import Ledger, default_path
from pixazo.sandbox import Sandbox
from tests.cli.forks import Forks

PIXAZO = [sys.executable, "-m", "pixazo"]

WITHOUT = """
import sys
sys.modules["{}"] = None
from pixazo.cli import main
sys.exit(main())
"""


def in_python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )


def test_words_alone_load_no_heavy_package() -> None:
    """Help, version and the table start without the packages for HTTP, pictures or servers."""
    code = """
import sys
from pixazo.cli import main
heavy = {"httpx2", "httpcore2", "PIL", "uvicorn", "starlette", "jsonschema_rs", "rich", "asyncio"}
for words in ("--help", "--version", "models", "run qwen-image --help",
              "run qwen-image fog --dry-run"):
    code = main(words.split())
    print(words, code, sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    ran = in_python(code)

    assert [line[-4:] for line in ran.stderr.splitlines()] == ["0 []"] * 5
    assert ran.stdout


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_names_it(missing: str) -> None:
    """A missing package of the extra is one line that names the command to install it."""
    ran = in_python(WITHOUT.format(missing))

    assert ran.returncode == 3
    assert ran.stderr == "error: the command line is an extra: pip install 'pixazo[cli]'\n"
    assert ran.stdout == ""


def test_without_the_sandbox_extra_the_error_names_it() -> None:
    """A missing package of the sandbox is an error that names the extra."""
    code = """
import sys
sys.modules["starlette"] = None
from pixazo.cli import main
for words in ("tour", "run qwen-image x --sandbox", "sandbox"):
    print("code", main(words.split()), file=sys.stderr)
"""
    said = in_python(code).stderr

    assert said.count("error: the sandbox needs the package starlette") == 3
    assert said.count("pip install 'pixazo[sandbox]'") == 3
    assert said.count("code 3\n") == 3


def test_the_installed_command_is_the_module(tmp_path: Path) -> None:
    """The script `pixazo` and `python -m pixazo` are the same."""
    script = Path(sys.executable).with_name("pixazo")

    ran = [
        subprocess.run([*words, "models"], capture_output=True, check=True).stdout
        for words in ([str(script)], PIXAZO)
    ]

    assert ran[0] == ran[1] != b""


def test_the_tab_key_offers_models() -> None:
    """What `_PIXAZO_COMPLETE=bash_source pixazo` sets up asks the command, which names models."""
    words = {"COMP_WORDS": "pixazo run qwen-image-m", "COMP_CWORD": "2"}
    asked = {**os.environ, **words, "_PIXAZO_COMPLETE": "bash_complete"}
    script = Path(sys.executable).with_name("pixazo")

    done = subprocess.run([str(script)], env=asked, capture_output=True, check=True)

    assert done.stdout.split() == [b"plain,qwen-image-max-edit", b"plain,qwen-image-max"]


def test_the_tab_key_after_a_misspelt_model_says_nothing() -> None:
    """What is not known yet is no error while a command is typed: it would stand in the prompt."""
    words = {"COMP_WORDS": "pixazo run qwen-imagee --siz", "COMP_CWORD": "3"}
    asked = {**os.environ, **words, "_PIXAZO_COMPLETE": "bash_complete"}

    done = subprocess.run(PIXAZO, env=asked, capture_output=True, check=True)

    assert done.stdout.strip() == done.stderr == b""


def test_a_closed_pipe_is_no_traceback() -> None:
    """A reader that goes away early, as `head` does, brings no traceback."""
    read, write = os.pipe()
    os.close(read)

    ran = subprocess.run([*PIXAZO, "models"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)

    assert ran.stderr == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_serves_until_it_is_told_to_stop(
    number: int, tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pixazo sandbox` says where it is in one line of JSON, serves, and ends with 0."""
    words = ["sandbox", "--port", "0", "--latency", "0", "--key", "secret-of-mine"]
    gateway = forks.start(words)
    assert gateway.stdout is not None
    ready = json.loads(gateway.stdout.readline())
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", ready["gateway"])
    codes: list[int] = []
    for key in ("secret-of-mine", "another"):
        monkeypatch.setenv("PIXAZO_API_KEY", key)
        codes.append(main(["run", "qwen-image", "fog", "-q", "-o", str(tmp_path)]))
    gateway.send_signal(number)
    rest, _ = gateway.communicate()

    assert codes == [0, 3]
    assert (gateway.returncode, rest) == (0, "")
    assert len(list(tmp_path.glob("*.png"))) == 1


def test_the_sandbox_takes_a_file_of_fault_rules(
    tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pixazo sandbox --faults FILE` lets go wrong what the file says."""
    rules = tmp_path / "rules.json"
    rules.write_text('["402"]')
    gateway = forks.start(["sandbox", "--port", "0", "--faults", str(rules)])
    assert gateway.stdout is not None
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", json.loads(gateway.stdout.readline())["gateway"])
    monkeypatch.setenv("PIXAZO_API_KEY", "any")

    code = main(["run", "qwen-image", "fog", "-q", "-o", str(tmp_path)])

    gateway.send_signal(signal.SIGTERM)
    gateway.communicate()
    assert (code, gateway.returncode) == (5, 0)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (None, "No such file or directory"),
        ("[", "is not JSON: Expecting value: line 1 column 2"),
        ("{}", "give a list of rules"),
        ('["none-such"]', "no such fault; there are 429"),
    ],
)
def test_a_wrong_file_of_fault_rules_is_one_clear_error(
    rules: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing or broken file, or a rule that is none, ends with code 2 and the file's name."""
    file = tmp_path / "rules.json"
    if rules is not None:
        file.write_text(rules)

    code = main(["sandbox", "--port", "0", "--faults", str(file)])

    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    assert shown.err.startswith(f"error: --faults {file}: ")
    assert said in shown.err


def test_a_port_in_use_is_one_clear_error(pixazo_sandbox: Sandbox, forks: Forks) -> None:
    """A taken port ends `pixazo sandbox` with code 2 and the port's number."""
    port = pixazo_sandbox.url.rpartition(":")[2]

    process = forks.start(["sandbox", "--port", port])
    stdout, stderr = process.communicate()

    assert (process.returncode, stdout) == (2, "")
    assert stderr.startswith(f"error: port {port}")


def test_a_full_disk_is_one_clear_error(
    pixazo_sandbox: Sandbox, tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a picture cannot be written the error names the folder and the way to the media."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    words = ["run", "qwen-image", "fog", "-q", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]
    Ledger(default_path(os.environ)).close()

    ran = forks.start(words, most_file_bytes=100_000)  # room for the ledger alone
    _, said = ran.communicate()

    assert ran.returncode == 9
    assert str(tmp_path) in said
    assert "charged: yes" in said
    assert f"media: {pixazo_sandbox.media_url}" in said
    assert not list(tmp_path.iterdir())


def on_a_terminal(forks: Forks, *words: str, code: int = 0, **settings: str) -> str:
    """Return what a command shows on a terminal."""
    shown: list[bytes] = []
    screen, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **settings}
    process = forks.start(list(words), env=environment, streams=(terminal, terminal, terminal))
    os.close(terminal)
    reader = threading.Thread(target=_read_all, args=(screen, shown))
    reader.start()
    ended = process.wait()
    reader.join()
    os.close(screen)
    assert ended == code
    return b"".join(shown).decode()


def _read_all(screen: int, shown: list[bytes]) -> None:
    try:
        while part := os.read(screen, 4096):
            shown.append(part)
    except OSError:  # how Linux says that the terminal is gone
        return


def test_a_terminal_gets_a_spinner(pixazo_sandbox: Sandbox, tmp_path: Path, forks: Forks) -> None:
    """On a terminal the progress is one line that is gone at the end; the path stays."""
    words = ["run", "qwen-image", "fog", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]

    shown = on_a_terminal(forks, *words, PIXAZO_API_KEY="any")

    assert "\x1b[?25l" in shown  # the cursor hides while the spinner turns
    assert shown.rstrip().endswith(".png")


def test_colours_are_left_out_when_nobody_wants_them(forks: Forks) -> None:
    """NO_COLOR takes the colours out of tables on a terminal."""
    colours = "\x1b[3"

    assert colours not in on_a_terminal(forks, "models", NO_COLOR="1")
    assert "qwen-image-max-edit" in on_a_terminal(forks, "models", NO_COLOR="1")


@pytest.mark.parametrize("columns", [60, 80, 120, 250])
def test_a_narrow_terminal_cuts_nothing_that_is_copied(forks: Forks, columns: int) -> None:
    """Keys, ids, states, prices and models are whole at any width, and no line is too wide."""
    key, request_id = f"batch-{'0123456789ab' * 2}-1", "qwen-image-layered_" + "0" * 36
    with Ledger(default_path(os.environ)) as ledger:
        request = QwenImageLayered(image_url="https://example.com/a.png")
        price = request.model.price.usd
        ledger.intend(request, key=key, price_usd=price, base_url="https://gateway.example")
        ledger.move(key, "sending")
        ledger.move(key, "submitted", request_id=request_id)
        ledger.move(key, "failed", error="no tigers " * 6, charged="unknown")

    shown = {
        words: on_a_terminal(forks, *words.split(), COLUMNS=str(columns), NO_COLOR="1")
        for words in ("jobs", "models", "spend")
    }

    for whole in (key, request_id, "failed", "unknown", "qwen-image-layered", "$0.05"):
        assert whole in shown["jobs"]
    assert bool(re.search(f"request id +{request_id}", shown["jobs"])) == (columns < 250)
    assert all(model in shown["models"].split() for model in MODELS)
    assert shown["models"].split().count("$0.045") == 2
    assert all(head in shown["spend"] for head in ("charged", "returned", "$0.05"))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", "".join(shown.values())).splitlines()
    assert max(map(len, lines)) <= max(columns, 80)


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_dumb_terminal_gets_lines(
    kind: str, pixazo_sandbox: Sandbox, tmp_path: Path, forks: Forks
) -> None:
    """A terminal that cannot move its cursor gets plain lines."""
    words = ["run", "qwen-image", "fog", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]

    shown = on_a_terminal(forks, *words, PIXAZO_API_KEY="any", TERM=kind)

    assert "\x1b" not in shown
    assert "s] qwen-image: sending" in shown


def test_a_batch_on_a_terminal_shows_how_far_it_is(
    pixazo_sandbox: Sandbox, tmp_path: Path, forks: Forks
) -> None:
    """A bar with count, rate, time left, failures and money; the results' place is the end."""
    lines = [{"model": "qwen-image", "prompt": f"fog {n}", "size": "512*512"} for n in range(5)]
    file = tmp_path / "prompts.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    pixazo_sandbox.faults.add("submit:404", times=1)
    words = ["batch", str(file), "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]

    shown = on_a_terminal(forks, *words, "--rate", "8/s", PIXAZO_API_KEY="any", code=11)

    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"[1-4] of 5, [0-9.]+/s, [0-9.:]+ (s|min) left, 1 not done, \$0", plain)
    assert "line 1: failed: the gateway answered 404" in plain
    assert plain.rstrip().endswith("results.jsonl")
