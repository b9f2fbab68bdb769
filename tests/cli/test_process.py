"""The command as a process: start, streams, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pixazo.ledger import Ledger, default_path
from pixazo.sandbox import Sandbox

PIXAZO = [sys.executable, "-m", "pixazo.cli"]

WITHOUT = """
import sys
sys.modules["{}"] = None
from pixazo.cli import main
sys.exit(main())
"""


@contextmanager
def started(*words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Give a running command whose streams are pipes; it is gone at the end."""
    process = subprocess.Popen(
        [*PIXAZO, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], words: str) -> None:
    """Read stderr until a line holds these words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    pytest.fail(f"the command never said {words!r}")


def in_python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["models"],
        ["run", "qwen-image", "--help"],
        ["run", "qwen-image", "fog", "--dry-run"],
    ],
)
def test_words_alone_load_no_heavy_package(words: list[str]) -> None:
    """Help, version and the table start without the packages for HTTP, pictures or servers."""
    code = """
import sys
from pixazo.cli import main
code = main(sys.argv[1:])
heavy = {"httpx2", "httpcore2", "PIL", "uvicorn", "starlette", "jsonschema_rs", "rich", "asyncio"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""
    ran = in_python(code, *words)

    assert (ran.returncode, ran.stderr) == (0, "[]\n")
    assert ran.stdout


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_names_it(missing: str) -> None:
    """A missing package of the extra is one line that names the command to install it."""
    ran = in_python(WITHOUT.format(missing))

    assert ran.returncode == 3
    assert ran.stderr == "error: the command line is an extra: pip install 'pixazo[cli]'\n"
    assert ran.stdout == ""


@pytest.mark.parametrize("words", [["tour"], ["run", "qwen-image", "x", "--sandbox"], ["sandbox"]])
def test_without_the_sandbox_extra_the_error_names_it(words: list[str]) -> None:
    """A missing package of the sandbox is an error that names the extra."""
    code = (
        "import sys; sys.modules['starlette'] = None; from pixazo.cli import main; sys.exit(main())"
    )

    ran = in_python(code, *words)

    assert ran.returncode == 3
    assert ran.stderr.startswith("error: the sandbox needs the package starlette")
    assert "pip install 'pixazo[sandbox]'" in ran.stderr


def test_the_installed_command_is_the_module(tmp_path: Path) -> None:
    """The script `pixazo` and `python -m pixazo.cli` are the same."""
    script = Path(sys.executable).with_name("pixazo")

    ran = [
        subprocess.run([*words, "models"], capture_output=True, check=True).stdout
        for words in ([str(script)], PIXAZO)
    ]

    assert ran[0] == ran[1] != b""


def test_a_closed_pipe_is_no_traceback() -> None:
    """A reader that goes away early, as `head` does, brings no traceback."""
    read, write = os.pipe()
    os.close(read)

    ran = subprocess.run([*PIXAZO, "models"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)

    assert ran.stderr == b""


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_while_waiting_prints_the_command_that_goes_on(
    pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """Ctrl-C while waiting ends with 130, and the printed command saves the picture."""
    words = ["run", "qwen-image-max", "fog", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]
    with started(*words, PIXAZO_API_KEY="any") as process:
        until(process, "under way")
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
    pixazo_sandbox.clock.advance(100)

    (resume,) = [line for line in stderr.splitlines() if line.startswith("resume: ")]
    command = resume.removeprefix("resume: ").split()
    ran = subprocess.run(
        [*PIXAZO, *command[1:]],
        env={**os.environ, "PIXAZO_API_KEY": "any"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert (process.returncode, stdout) == (130, "")
    assert "charged: unknown" in stderr
    assert "Traceback" not in stderr
    assert Path(ran.stdout.strip()).is_file()
    assert pixazo_sandbox.wallet.spent == pixazo_sandbox.wallet.charges[0].usd


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_while_sending_says_that_money_may_be_gone(pixazo_sandbox: Sandbox) -> None:
    """Ctrl-C while a direct model is at work ends with 130 and does not call it uncharged."""
    words = ["run", "qwen-image", "fog", "--json", "--gateway", pixazo_sandbox.url]
    with started(*words, PIXAZO_API_KEY="any") as process:
        while not pixazo_sandbox.wallet.charges and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()

    error = json.loads(stdout)["error"]
    assert process.returncode == error["exit_code"] == 130
    assert error["charged"] == "unknown"
    assert "0.045" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_serves_until_it_is_told_to_stop(number: int, tmp_path: Path) -> None:
    """`pixazo sandbox` says where it is in one line of JSON, serves, and ends with 0."""
    with started("sandbox", "--port", "0", "--latency", "0", "--key", "secret-of-mine") as gateway:
        assert gateway.stdout is not None
        ready = json.loads(gateway.stdout.readline())
        codes = [
            subprocess.run(
                [*PIXAZO, "run", "qwen-image", "fog", "-q", "-o", str(tmp_path)],
                env={**os.environ, "PIXAZO_GATEWAY_URL": ready["gateway"], "PIXAZO_API_KEY": key},
                capture_output=True,
                check=False,
            ).returncode
            for key in ("secret-of-mine", "another")
        ]
        gateway.send_signal(number)
        rest, _ = gateway.communicate()

    assert codes == [0, 3]
    assert (gateway.returncode, rest) == (0, "")
    assert len(list(tmp_path.glob("*.png"))) == 1


def test_a_port_in_use_is_one_clear_error(pixazo_sandbox: Sandbox) -> None:
    """A taken port ends `pixazo sandbox` with code 2 and the port's number."""
    port = pixazo_sandbox.url.rpartition(":")[2]

    with started("sandbox", "--port", port) as process:
        stdout, stderr = process.communicate()

    assert (process.returncode, stdout) == (2, "")
    assert stderr.startswith(f"error: port {port}")


def test_a_full_disk_is_one_clear_error(pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """When a picture cannot be written the error names the folder and the way to the media."""
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # room for the ledger alone
from pixazo.cli import main
sys.exit(main(sys.argv[1:]))
"""
    words = ["run", "qwen-image", "fog", "-q", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]
    Ledger(default_path(os.environ)).close()

    ran = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PIXAZO_API_KEY": "any"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 9
    assert str(tmp_path) in ran.stderr
    assert "charged: yes" in ran.stderr
    assert f"media: {pixazo_sandbox.media_url}" in ran.stderr
    assert not list(tmp_path.iterdir())


def on_a_terminal(*words: str, **settings: str) -> str:
    """Return what a command shows on a terminal."""
    shown: list[bytes] = []
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [*PIXAZO, *words],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **settings},
    )
    os.close(terminal)
    reader = threading.Thread(target=_read_all, args=(screen, shown))
    reader.start()
    assert process.wait() == 0
    reader.join()
    os.close(screen)
    return b"".join(shown).decode()


def _read_all(screen: int, shown: list[bytes]) -> None:
    try:
        while part := os.read(screen, 4096):
            shown.append(part)
    except OSError:  # how Linux says that the terminal is gone
        return


def test_a_terminal_gets_a_spinner(pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """On a terminal the progress is one line that is gone at the end; the path stays."""
    words = ["run", "qwen-image", "fog", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]

    shown = on_a_terminal(*words, PIXAZO_API_KEY="any")

    assert "\x1b[?25l" in shown  # the cursor hides while the spinner turns
    assert shown.rstrip().endswith(".png")


def test_colours_are_left_out_when_nobody_wants_them() -> None:
    """NO_COLOR takes the colours out of tables on a terminal."""
    colours = "\x1b[3"

    assert colours not in on_a_terminal("models", NO_COLOR="1")
    assert "qwen-image-max-edit" in on_a_terminal("models", NO_COLOR="1")


def test_a_dumb_terminal_gets_lines(pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """A terminal that cannot move its cursor gets plain lines."""
    words = ["run", "qwen-image", "fog", "-o", str(tmp_path), "--gateway", pixazo_sandbox.url]

    shown = on_a_terminal(*words, PIXAZO_API_KEY="any", TERM="dumb")

    assert "\x1b" not in shown
    assert "s] qwen-image: sending" in shown
