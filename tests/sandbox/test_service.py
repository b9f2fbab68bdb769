"""The sandbox as an object and as a command."""

from __future__ import annotations

import ast
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import process_time, sleep
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

import pixazo.sandbox
from pixazo.sandbox import ManualClock, PortInUse, Sandbox, server
from pixazo.sandbox.serving import parse_prices, serve

MAX = "/qwen-image-max/v1/qwen-image-max-request"
KEY = {"Ocp-Apim-Subscription-Key": "a-key-of-the-tests"}


def test_it_is_ready_at_once(plain: httpx2.Client) -> None:
    """From nothing to the first answer takes less than a second of computing."""
    start = process_time()

    with Sandbox() as sandbox:
        answer = plain.post(sandbox.url + MAX, json={"prompt": "x"}, headers=KEY)

    assert answer.status_code == 202
    assert process_time() - start < 1


def test_whoever_comes_at_the_end_is_let_go() -> None:
    """Connections that are made while the sandbox stops are closed with it."""
    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always")
        for count in range(1, 6):
            with ExitStack() as lines, Sandbox() as sandbox:
                address = ("127.0.0.1", urlsplit(sandbox.url).port)
                for _ in range(count):
                    lines.enter_context(socket.create_connection(address))
        gc.collect()

    assert [str(warning.message) for warning in left_open] == []


def test_it_shows_where_it_is() -> None:
    """A sandbox's repr names its address, and whether anybody answers there."""
    sandbox = Sandbox()
    before = repr(sandbox)
    with sandbox:
        meanwhile = repr(sandbox)

    assert before.endswith(", not started>")
    assert meanwhile == f"<Sandbox {sandbox.url}>"
    assert repr(sandbox) == f"<Sandbox {sandbox.url}, stopped>"


def test_it_listens_on_loopback_only() -> None:
    """Both origins have addresses of 127.0.0.1."""
    with Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox.media_url.startswith("http://127.0.0.1:")


def test_after_the_end_nobody_answers(plain: httpx2.Client) -> None:
    """When the block is left, both ports are closed."""
    with Sandbox() as sandbox:
        pass

    for url in (sandbox.url, sandbox.media_url):
        with pytest.raises(httpx2.ConnectError):
            plain.get(url)


def test_a_stopped_sandbox_stays_stopped() -> None:
    """Starting it again is refused with the way out."""
    with Sandbox() as sandbox:
        pass

    with pytest.raises(RuntimeError, match="make a new one"):
        sandbox.start()


def test_it_shares_no_code_with_the_client() -> None:
    """No module of the sandbox imports the rest of pixazo: it must not share our reading."""
    folder = Path(pixazo.sandbox.__file__).parent
    imported = {
        name
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in imports_of(node)
    }

    ours = {name for name in imported if name.partition(".")[0] == "pixazo"}
    assert ours
    assert all(name.startswith("pixazo.sandbox") for name in ours), ours


def imports_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_two_sandboxes_live_side_by_side(plain: httpx2.Client) -> None:
    """A job of one sandbox is unknown to the other, and each has its own wallet."""
    with Sandbox(clock=ManualClock()) as one, Sandbox(clock=ManualClock()) as other:
        receipt = plain.post(one.url + MAX, json={"prompt": "x"}, headers=KEY).json()

        path = f"/v2/requests/status/{receipt['request_id']}"
        assert plain.get(one.url + path, headers=KEY).status_code == 200
        assert plain.get(other.url + path, headers=KEY).status_code == 404
        assert other.wallet.balance == 10


def test_a_taken_port_is_said_clearly() -> None:
    """A port that somebody else has gives an error with the number and the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortInUse, match=f"port {port} .* choose another"):
            Sandbox(port=port).start()

    with pytest.raises(PortInUse, match=f"port {port} .* choose another"):
        Sandbox(port=port, media_port=port).start()  # one port for both origins


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"latency": -1}, "latency=-1"),
        ({"latency": float("nan")}, "latency=nan"),
        ({"balance": "much"}, "balance='much'"),
        ({"faults": "500"}, "rules: give a list"),
        ({"prices": {"no-model": "1"}}, "no model 'no-model'"),
        ({"prices": {"qwen-image-max": "x"}}, "qwen-image-max='x'"),
        ({"prices": {"qwen-image-max": "-1"}}, "0 dollars or more"),
    ],
)
def test_a_wrong_setting_is_said_clearly(arguments: dict[str, Any], message: str) -> None:
    """A setting that makes no sense is refused by name and value."""
    with pytest.raises(ValueError, match=message):
        Sandbox(**arguments)


def test_reset_begins_anew(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """After a reset there are no jobs, entries, faults or charges, and time has not gone back."""
    sandbox.faults.add("status:500")
    gateway.post(MAX, json={"prompt": "x"})
    sandbox.clock.advance(3)
    now = sandbox.clock.now()

    sandbox.reset()

    assert (len(sandbox.jobs), len(sandbox.journal), sandbox.faults.to_list()) == (0, 0, [])
    assert sandbox.wallet.balance == 10
    assert sandbox.clock.now() == now


def test_it_can_be_asked_in_process() -> None:
    """Without a port, the application answers as an ASGI application does."""
    sandbox = Sandbox(clock=ManualClock())
    transport = httpx2.ASGITransport(sandbox.app)

    async def submit() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.post(MAX, json={"prompt": "x"}, headers=KEY)

    import asyncio

    assert asyncio.run(submit()).status_code == 202


def test_many_clients_at_once_are_all_charged_once(sandbox: Sandbox, plain: httpx2.Client) -> None:
    """A hundred submissions from eight threads are a hundred jobs, or 402 when money ends."""
    from concurrent.futures import ThreadPoolExecutor

    sandbox.wallet.set_balance("5")

    def submit(_: int) -> int:
        answer = plain.post(sandbox.url + MAX, json={"prompt": "x"}, headers=KEY)
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(submit, range(100)))

    assert (seen.count(202), seen.count(402)) == (50, 50)
    assert len(sandbox.jobs) == 50
    assert sandbox.wallet.balance == 0


SLOW = pytest.mark.timeout(90)  # a process of its own, on a machine that may be busy


@pytest.fixture
def command() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "pixazo.sandbox", "--port", "0", "--latency", "0.1",
         "--price", "qwen-image-max=0.2", "--key", "the-key"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


@SLOW
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_it_is_and_ends_cleanly(
    command: subprocess.Popen[str], plain: httpx2.Client, ending: signal.Signals
) -> None:
    """One JSON line on stdout tells the addresses; a signal ends the process with 0."""
    assert command.stdout is not None
    ready = json.loads(command.stdout.readline())
    headers = {"Ocp-Apim-Subscription-Key": "the-key"}
    receipt = plain.post(ready["gateway"] + MAX, json={"prompt": "x"}, headers=headers).json()
    sleep(0.15)
    status = plain.get(receipt["polling_url"], headers=headers).json()
    media = plain.get(status["output"]["media_url"][0])

    command.send_signal(ending)
    out, err = command.communicate(timeout=60)

    assert media.url.host == "127.0.0.1"
    assert media.content.startswith(b"\x89PNG")
    assert str(media.url).startswith(ready["media"])
    assert ready["stand_in_prices_usd"] == {"qwen-image-max-edit": "0.10"}
    assert (command.returncode, out, err) == (0, "", "")


class Stopping(io.StringIO):
    """A stream whose reader sends Ctrl-C so that another thread takes it, as on Windows."""

    def flush(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_a_wait_that_it_does_not_cut() -> None:
    """On Windows the wait for a lock goes on beside a signal: the command looks now and then."""
    try:
        assert serve(port=0, out=Stopping()) == 0
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def test_a_port_is_for_one_sandbox_on_windows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option that frees a port early on POSIX would let two listen on it there."""
    monkeypatch.setattr(sys, "platform", "win32")
    with closing(server._listen(0)) as listener:
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pixazo.sandbox", *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@SLOW
def test_the_command_says_in_one_line_that_its_port_is_taken() -> None:
    """With a taken port the command ends with 2 and one line on stderr."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("--port", str(taken.getsockname()[1]))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "choose another" in done.stderr


@SLOW
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--price", "qwen-image-max"], "write MODEL=USD"),
        (["--price", "no-model=1"], "no model 'no-model'"),
        (["--balance", "much"], "balance='much'"),
        (["--port", "99999"], "0 to 65535"),
    ],
)
def test_the_command_refuses_wrong_options(arguments: list[str], message: str) -> None:
    """A wrong option ends the command with 2 and says what to write."""
    done = run(*arguments)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_prices_are_read_from_the_command_line() -> None:
    """`MODEL=USD` gives the model and its price."""
    assert parse_prices(["a=0.1", "b=2"]) == {"a": "0.1", "b": "2"}


@SLOW
def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """Where the extra is not installed, the import says how to get it."""
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError(name='starlette')")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import pixazo.sandbox"

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert "the sandbox needs starlette" in done.stderr
    assert "pip install 'pixazo[sandbox]'" in done.stderr


@SLOW
def test_the_module_without_the_extra_is_one_error(tmp_path: Path) -> None:
    """`python -m pixazo.sandbox` ends with one line that names the extra, whatever is asked."""
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])

    done = subprocess.run(
        [sys.executable, "-m", "pixazo.sandbox", "--help"], env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: the sandbox needs uvicorn")
    assert line.endswith("pip install 'pixazo[sandbox]'")
