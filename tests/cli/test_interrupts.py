"""Ctrl-C at a command: the way on is told, nothing is lost, and a second one ends it at once."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from pixazo import QwenImageMax
from pixazo.cli import interrupts, main
from pixazo.leaving import rest
from pixazo.ledger import Ledger, default_path
from pixazo.sandbox import Sandbox
from tests.cli.forks import Forked, Forks

RUN = ("run", "qwen-image-max", "fog")


@pytest.fixture(autouse=True)
def _there(pixazo_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", pixazo_sandbox.url)


def until(process: Forked, words: str) -> str:
    """Read stderr until a line holds these words; return it."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    pytest.fail(f"the command never said {words!r}")


def until_charged(sandbox: Sandbox, count: int = 1) -> None:
    end = time.monotonic() + 30
    while len(sandbox.wallet.charges) < count:
        assert time.monotonic() < end, "nothing was sent"
        time.sleep(0.01)


def lines_of(folder: Path, count: int, model: str = "qwen-image-edit-plus-lora") -> Path:
    more: dict[str, Any] = {"image_urls": ["https://example.com/a.png"]}
    if model == "qwen-image":
        more = {"size": "512*512"}
    asked = [{"model": model, "prompt": f"fog {number}", **more} for number in range(count)]
    file = folder / "prompts.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in asked))
    return file


def states() -> set[str]:
    with Ledger(default_path(os.environ)) as ledger:
        return {entry.state for entry in ledger.entries()}


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_while_waiting_prints_the_command_that_goes_on(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while waiting ends with 130, and the printed command saves the picture."""
    process = forks.start([*RUN, "-o", str(tmp_path), "--gateway", pixazo_sandbox.url])
    until(process, "under way")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    pixazo_sandbox.clock.advance(100)
    (resume,) = [line for line in stderr.splitlines() if line.startswith("resume: ")]

    code = main(resume.removeprefix("resume: pixazo ").split())

    assert (process.returncode, stdout, code) == (130, "", 0)
    assert "charged: unknown" in stderr
    assert "Traceback" not in stderr
    assert Path(capsys.readouterr().out.strip()).is_file()
    assert pixazo_sandbox.wallet.spent == pixazo_sandbox.wallet.charges[0].usd


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_while_sending_says_that_money_may_be_gone(
    forks: Forks, pixazo_sandbox: Sandbox
) -> None:
    """Ctrl-C twice while a direct model is at work ends with 130 and does not call it uncharged."""
    process = forks.start(["run", "qwen-image", "fog", "--json"])
    until_charged(pixazo_sandbox)
    process.send_signal(signal.SIGINT)
    until(process, "stopping: waiting for the answer to 1 request")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()

    error = json.loads(stdout)["error"]
    assert process.returncode == error["exit_code"] == 130
    assert error["charged"] == "unknown"
    assert "0.045" in stderr
    assert "Traceback" not in stderr
    assert states() == {"unknown"}


@pytest.mark.parametrize(
    ("model", "state", "charged"),
    [("qwen-image-max", "submitted", "unknown"), ("qwen-image", "completed", "yes")],
)
def test_ctrl_c_while_sending_waits_for_the_answer(
    forks: Forks,
    pixazo_sandbox: Sandbox,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    model: str,
    state: str,
    charged: str,
) -> None:
    """The answer comes a second later: its id is known, and the printed command saves the media."""
    pixazo_sandbox.faults.add("submit:slow-drip=1")
    ledger = tmp_path / "ledger"
    process = forks.start(["run", model, "fog", "-o", str(tmp_path), "--ledger", str(ledger)])
    until_charged(pixazo_sandbox)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    with Ledger(ledger) as book:
        (entry,) = book.entries()

    (resume,) = [line for line in stderr.splitlines() if line.startswith("resume: ")]
    assert (process.returncode, stdout, entry.state) == (130, "", state)
    assert f"charged: {charged}" in stderr
    assert main(resume.removeprefix("resume: pixazo ").split()) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()
    assert len(pixazo_sandbox.wallet.charges) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_and_a_closed_terminal_are_a_ctrl_c(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path, number: int
) -> None:
    """They come twice, as from `timeout` and a shell; the answer comes, its id and media are known.

    The command is in the background of a script, where Ctrl-C is ignored.
    """
    pixazo_sandbox.faults.add("submit:slow-drip=1")
    process = forks.start(["run", "qwen-image", "fog", "-o", str(tmp_path)], ignored=signal.SIGINT)
    until_charged(pixazo_sandbox)
    for each in (signal.SIGINT, number, number):
        process.send_signal(each)
        time.sleep(0.1)
    stdout, stderr = process.communicate()

    assert (process.returncode, stdout, states()) == (130, "", {"completed"})
    assert "stopping: waiting for the answer to 1 request" in stderr
    assert "charged: yes" in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_batch_that_is_told_to_end_hears_the_answers_and_writes_its_results(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path, number: int
) -> None:
    """What is paid for is known by then, and the same command goes on."""
    pixazo_sandbox.faults.add("submit:slow-drip=1")
    out = tmp_path / "out"
    process = forks.start(["batch", str(lines_of(tmp_path, 4, "qwen-image")), "-o", str(out)])
    until_charged(pixazo_sandbox, 4)
    process.send_signal(number)
    _, stderr = process.communicate()

    told = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert process.returncode == 130
    assert "stopping: waiting for the answers to 4 requests" in stderr
    assert {(line["state"], line["charged"]) for line in told} == {("open", "yes")}
    assert states() == {"completed"}


def test_under_nohup_a_closed_terminal_is_nothing(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """A SIGHUP that is ignored stays ignored."""
    pixazo_sandbox.faults.add("submit:slow-drip=1")
    process = forks.start(["run", "qwen-image", "fog", "-o", str(tmp_path)], ignored=signal.SIGHUP)
    until_charged(pixazo_sandbox)
    process.send_signal(signal.SIGHUP)
    process.communicate()

    assert (process.returncode, states()) == (0, {"downloaded"})


@pytest.mark.parametrize("system", ["posix", "windows"])
def test_ctrl_c_while_sending_waits_no_longer_than_its_time(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    """An answer that does not come ends the patience, as a second Ctrl-C does."""
    monkeypatch.setattr(interrupts, "GRACE_S", 0.2)
    if system == "windows":  # no signal to a thread there
        monkeypatch.delattr(signal, "pthread_kill")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt), interrupts.answered():  # noqa: PT012
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(100):
                time.sleep(0.1)
        assert 0.2 <= time.monotonic() - began < 5
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_the_background_of_a_script_an_answer_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where SIGINT is ignored its place is taken by the signal that ended the patience."""
    monkeypatch.setattr(interrupts, "GRACE_S", interrupts.ONCE_S + 0.2)
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interrupts.heed()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt), interrupts.answered():  # noqa: PT012
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        assert interrupts.GRACE_S <= time.monotonic() - began < 5
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        for number, handler in before.items():
            signal.signal(number, handler)


def test_ctrl_c_before_anything_is_sent_ends_at_once() -> None:
    """In a pause, or in the line, nothing is at stake."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), interrupts.answered(), rest():  # noqa: PT012
            os.kill(os.getpid(), signal.SIGINT)
            pytest.fail("a Ctrl-C was kept back")
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_twice_in_a_row_loses_nothing(forks: Forks, pixazo_sandbox: Sandbox) -> None:
    """A second Ctrl-C right behind the first takes neither the words nor the job away."""
    process = forks.start([*RUN])
    until(process, "under way")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()

    assert process.returncode in (130, -signal.SIGINT)
    assert "resume: pixazo wait " in stderr
    assert "Traceback" not in stderr
    assert states() == {"submitted"}


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_while_resuming_prints_the_command(forks: Forks, tmp_path: Path) -> None:
    """`pixazo resume` that is interrupted names itself as the way on, and leaves the job to it."""
    first = forks.start([*RUN])
    until(first, "under way")
    first.kill()
    first.communicate()
    process = forks.start(["resume", "-o", str(tmp_path)])
    until(process, "submitted")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()

    assert process.returncode == 130
    assert f"resume: pixazo resume -o {tmp_path}" in stderr
    assert "Traceback" not in stderr
    assert states() == {"submitted"}


def test_ctrl_c_while_resuming_sends_waits_for_the_answers(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """What `resume` has just sent is known by its id; no job is left in doubt."""
    pixazo_sandbox.faults.add("submit:slow-drip=1")
    request = QwenImageMax(prompt="fog")
    with Ledger(default_path(os.environ)) as ledger:
        for key in ("one", "two"):
            ledger.intend(request, key=key, price_usd=None, base_url=pixazo_sandbox.url)
    process = forks.start(["resume", "--unsent", "-o", str(tmp_path)])
    until_charged(pixazo_sandbox, 2)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()

    assert process.returncode == 130
    assert "stopping: waiting for the answers to 2 requests" in stderr
    assert f"resume: pixazo resume --unsent -o {tmp_path}" in stderr
    assert states() == {"submitted"}
    assert len(pixazo_sandbox.wallet.charges) == 2


@pytest.mark.pixazo_sandbox(latency=60)
def test_ctrl_c_at_a_batch_leaves_nothing_in_doubt(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """SIGINT: exit code 130, partial results, the same command as the way on, no unknown job."""
    file, out = lines_of(tmp_path, 60), tmp_path / "out"
    process = forks.start(["batch", str(file), "-o", str(out)])
    until_charged(pixazo_sandbox, 3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()

    told = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert process.returncode == 130
    assert f"resume: pixazo batch {file} -o {out}" in stderr
    assert [line["state"] for line in told] == ["open"] * 60
    sent = {line["request_id"] for line in told if line["charged"] == "unknown"}
    assert sent == {charge.request_id for charge in pixazo_sandbox.wallet.charges}
    assert "unknown" not in states()


@pytest.mark.pixazo_sandbox(latency=60)
def test_a_second_ctrl_c_ends_a_batch_at_once_and_loses_nothing(
    forks: Forks, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """The first says how to go on while requests are on their way; the second does not wait."""
    file, out = lines_of(tmp_path, 4, "qwen-image"), tmp_path / "out"  # a minute each
    process = forks.start(["batch", str(file), "-o", str(out)])
    until_charged(pixazo_sandbox, 4)
    process.send_signal(signal.SIGINT)
    assert "answers to 4 requests" in until(process, "stopping")
    assert process.poll() is None
    until(process, f"resume: pixazo batch {file}")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()

    told = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert process.returncode == 130
    assert time.monotonic() - began < 10
    assert "resume: pixazo batch" in stderr
    assert "Traceback" not in stderr
    assert [(line["state"], line["charged"]) for line in told] == [("unknown", "unknown")] * 4
    assert "4 unknown; $0" in stderr
    assert "pixazo jobs unknown" in stderr
    assert states() == {"unknown"}  # written down as what it is: perhaps paid
