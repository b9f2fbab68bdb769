"""`pixazo webhook` as a process: what callbacks come to, and how it ends."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pixazo import OutcomeUnknown, Pixazo, QwenImageMax, QwenImageMaxEdit, Request
from pixazo.cli import main
from pixazo.ledger import Entry, Ledger
from pixazo.sandbox import Sandbox
from pixazo.webhooks import Receiver
from pixazo.webhooks.secrets import read_secrets
from tests.cli.forks import Forked, Forks

SECRET = "a secret of at least thirty-two bytes"
ASKED = QwenImageMax(prompt="fog")
EDIT = QwenImageMaxEdit(prompt="fog", image_urls=["https://example.com/a.png"])
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(latency=0.2) as sandbox:
        yield sandbox


@dataclass
class Serving:
    """A running `pixazo webhook serve`, and what a submitting program shares with it."""

    process: Forked
    receiver: Receiver
    ledger: Path
    gateway: str

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def submit(self, key: str) -> str:
        """Submit a job, go away, and return its id."""
        with Pixazo("any", base_url=self.gateway, ledger=self.ledger) as client:
            return client.submit(ASKED, key=key, webhook=self.receiver).request_id

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Stop it and return exit code, the rest of stdout, and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.wait(), out, err

    def entry(self, key: str) -> Entry:
        with Ledger.open_readonly(self.ledger) as ledger:
            entry = ledger.entry(key)
        assert entry is not None
        return entry


Serve = Callable[[str], AbstractContextManager[Serving]]


@pytest.fixture
def serve(forks: Forks, tmp_path: Path) -> Serve:
    """Return what starts a server for a gateway."""

    @contextmanager
    def serving(gateway: str) -> Iterator[Serving]:
        secrets, ledger = tmp_path / "secrets", tmp_path / "ledger.sqlite"
        secrets.write_text(SECRET + "\n")
        secrets.chmod(0o600)
        base = f"http://127.0.0.1:{free_port()}"
        words = ["webhook", "serve", "--json", "--gateway", gateway, "--ledger", str(ledger)]
        words += ["--port", base.rpartition(":")[2], "--secret-file", str(secrets)]
        process = forks.start(words, env=environment(tmp_path))
        try:
            served = Serving(process, Receiver(base, SECRET), ledger, gateway)
            assert served.line() == {"listening": base, "base": base}
            yield served
        finally:
            process.kill()
            process.communicate()

    return serving


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PIXAZO_API_KEY": "any", "HOME": str(home)}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def submitted(sandbox: Sandbox, request: Request) -> str:
    """Submit a job that no ledger knows, wait for its end, and return its id."""
    with Pixazo("any", base_url=sandbox.url) as client:
        return client.generate(request).request_id


def call(url: str, **fields: object) -> int:
    """Call back by hand and return the status."""
    return httpx2.post(url, json=fields, timeout=10, trust_env=False).status_code


Ran = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Ran:
    """Return what runs a command line to its end, in this process."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        code = main(list(words))
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    return run


def test_a_reader_that_has_gone_ends_the_server(sandbox: Sandbox, serve: Serve) -> None:
    """A line that nobody reads is no success: the command ends, the ledger has the job."""
    with serve(sandbox.url) as served:
        assert served.process.stdout is not None
        served.process.stdout.close()
        served.submit("tiger")
        assert served.process.wait(timeout=15) == 141

    assert served.entry("tiger").state == "completed"


def test_an_ended_job_is_a_line_and_moves_on(sandbox: Sandbox, serve: Serve) -> None:
    """A callback makes the server ask the gateway, print the end and write it down."""
    with serve(sandbox.url) as served:
        request_id = served.submit("tiger")
        line = served.line()
        code, rest, _ = served.end()

    entry = served.entry("tiger")
    assert (line["request_id"], line["key"], line["state"]) == (request_id, "tiger", "completed")
    assert line["job"] == entry.callback
    assert line["media"] == list(entry.media) == list(sandbox.jobs[request_id].media_urls)
    assert (code, rest) == (0, "")
    assert (entry.state, entry.charged) == ("completed", "yes")


def test_one_404_is_not_the_end_of_a_job(sandbox: Sandbox, serve: Serve) -> None:
    """One of the gateway's servers does not know a job yet that calls back from another."""
    with serve(sandbox.url) as served:
        sandbox.faults.add("404", stage="status", times=1)
        request_id = served.submit("tiger")
        line = served.line()
        _, _, said = served.end()

    assert (line["request_id"], line["state"]) == (request_id, "completed")
    assert "looking again" in said


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="another's limits are Linux's")
def test_an_end_that_cannot_be_written_down_is_told_when_it_can(
    sandbox: Sandbox, serve: Serve
) -> None:
    """A full disk under the ledger loses no line: the job is looked at until there is room."""
    with serve(sandbox.url) as served:
        assert served.process.stderr is not None
        served.process.stderr.readline()  # where it listens
        _, most = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (0, -1))
        request_id = served.submit("tiger")
        said = served.process.stderr.readline()
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (most, most))
        line = served.line()

    assert str(served.ledger) in said
    assert said.endswith("; looking again\n")
    assert (line["request_id"], line["state"]) == (request_id, "completed")
    assert served.entry("tiger").state == "completed"


def test_resume_saves_beside_a_running_server(
    sandbox: Sandbox,
    tmp_path: Path,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    """Jobs that the server has moved on, or found again, are there for `pixazo resume` at once."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    with serve(sandbox.url) as served:
        served.submit("tiger")
        served.line()
        sandbox.faults.add("lost-answer")
        with pytest.raises(OutcomeUnknown):
            served.submit("boat")
        served.line()
        words = ["--ledger", str(served.ledger), "--gateway", sandbox.url, "-o", str(tmp_path)]
        code = main(["resume", *words])

        assert code == 0
        assert len(capsys.readouterr().out.splitlines()) == 2
        assert served.process.poll() is None
        assert {served.entry(key).state for key in ("tiger", "boat")} == {"downloaded"}


def test_a_lost_answer_is_found_again(sandbox: Sandbox, serve: Serve) -> None:
    """A callback gives a job of unknown outcome its id back; it is paid once and completed."""
    sandbox.faults.add("lost-answer")
    with serve(sandbox.url) as served:
        with pytest.raises(OutcomeUnknown):
            served.submit("tiger")
        line = served.line()
        _, _, said = served.end()

    entry = served.entry("tiger")
    (job,) = sandbox.jobs
    assert "job tiger is found again" in said
    assert (line["request_id"], line["state"]) == (job.request_id, "completed")
    assert (entry.state, entry.request_id) == ("completed", job.request_id)
    assert entry.note == "found again by callback"
    assert sandbox.wallet.spent == job.usd


def test_a_lost_answer_is_found_again_by_a_name_of_ones_own(
    sandbox: Sandbox, serve: Serve, ran: Ran
) -> None:
    """What `pixazo webhook url` prints is an address like any other, used once or twice."""
    with serve(sandbox.url) as served:
        words = ["--ledger", str(served.ledger), "--gateway", sandbox.url, "--no-save"]
        words += ["--webhook-url", served.receiver.url_for("order-17")]
        sandbox.faults.add("stuck*1")
        assert ran("run", "qwen-image-max", "boat", *words, "--timeout", "0.5").returncode == 8
        sandbox.faults.clear()
        sandbox.faults.add("lost-answer*1")
        assert ran("run", "qwen-image-max", "fog", *words, "--key", "tiger").returncode == 7
        line = served.line()
        _, _, said = served.end()

    assert "job tiger is found again" in said
    assert (line["job"], line["key"], line["state"]) == ("order-17", "tiger", "completed")
    assert served.entry("tiger").note == "found again by callback"


def test_another_jobs_id_is_not_bound(sandbox: Sandbox, serve: Serve) -> None:
    """A callback that claims the id of another job leaves the lost one in doubt."""
    with serve(sandbox.url) as served:
        known = served.submit("boat")
        served.line()
        sandbox.faults.add("lost-answer")
        sandbox.faults.add("callback-drop")
        with pytest.raises(OutcomeUnknown):
            served.submit("tiger")
        token = served.entry("tiger").callback
        assert token is not None
        status = call(served.receiver.url_for(token), request_id=known)
        assert served.process.stderr is not None
        said = next(line for line in served.process.stderr if "stays apart" in line)

    assert status == 204
    assert "the id belongs to the job boat" in said
    assert (served.entry("tiger").state, served.entry("tiger").request_id) == ("unknown", None)


def test_a_claim_that_does_not_fit_is_no_end(sandbox: Sandbox, serve: Serve) -> None:
    """Another job's end is not told as that of the job whose address was called."""
    with serve(sandbox.url) as served:
        sandbox.faults.add("lost-answer")
        sandbox.faults.add("callback-drop")
        with pytest.raises(OutcomeUnknown):
            served.submit("tiger")
        sandbox.faults.clear()
        token = served.entry("tiger").callback
        assert token is not None
        other = submitted(sandbox, EDIT)
        call(served.receiver.url_for(token), request_id=other)
        assert served.process.stderr is not None
        next(line for line in served.process.stderr if "stays apart" in line)
        served.submit("boat")
        line = served.line()

    assert line["key"] == "boat"
    assert served.entry("tiger").state == "unknown"


def test_a_job_that_is_sent_once_more_waits_for_its_new_id(sandbox: Sandbox, serve: Serve) -> None:
    """The id of a lost attempt does not take the place of the one that is on its way."""
    with serve(sandbox.url) as served:
        sandbox.faults.add("lost-answer")
        sandbox.faults.add("callback-drop")
        with pytest.raises(OutcomeUnknown):
            served.submit("tiger")
        (lost,) = sandbox.jobs
        token = served.entry("tiger").callback
        assert token is not None
        sandbox.faults.add("slow-drip", value="1", stage="status")
        with Ledger(served.ledger) as ledger:
            call(served.receiver.url_for(token), request_id=lost.request_id)
            time.sleep(0.4)  # the server is asking the gateway
            ledger.move("tiger", "sending")
            assert served.process.stderr is not None
            said = next(line for line in served.process.stderr if "stays apart" in line)
            ledger.move("tiger", "submitted", request_id="qwen-image-max_2")

    assert f"{lost.request_id} stays apart: the job tiger is sending by now" in said


def test_the_id_of_an_earlier_attempt_is_told(sandbox: Sandbox, serve: Serve) -> None:
    """A job that was sent once more may have been taken twice: its callback names the first id."""
    with serve(sandbox.url) as served:
        sandbox.faults.add("lost-answer", times=1)
        sandbox.faults.add("callback-drop")
        with pytest.raises(OutcomeUnknown):
            served.submit("tiger")
        (lost,) = sandbox.jobs
        with Pixazo("any", base_url=sandbox.url, ledger=served.ledger) as client:
            again = client.submit(ASKED, key="tiger", webhook=served.receiver, resend=True)
        token = served.entry("tiger").callback
        assert token is not None
        call(served.receiver.url_for(token), request_id=again.request_id)
        line = served.line()
        call(served.receiver.url_for(token), request_id=lost.request_id)
        assert served.process.stderr is not None
        said = next(line for line in served.process.stderr if "a callback names" in line)

    assert line["request_id"] == again.request_id
    assert f"pixazo status --ledger {served.ledger} --gateway {sandbox.url}" in said
    assert said.endswith(f" {lost.request_id}\n")


def test_a_late_callback_is_of_its_own_job(sandbox: Sandbox, serve: Serve, tmp_path: Path) -> None:
    """When a job's media are saved, a callback to its address still speaks of no other job."""
    with serve(sandbox.url) as served:
        served.submit("tiger")
        served.line()
        with Pixazo("any", base_url=sandbox.url, ledger=served.ledger) as client:
            client.generate(ASKED, key="tiger").save(tmp_path)
        assert served.entry("tiger").state == "downloaded"
        token = served.entry("tiger").callback
        assert token is not None
        call(served.receiver.url_for(token), request_id=submitted(sandbox, ASKED))
        call(served.receiver.url_for(token))
        served.submit("boat")
        line = served.line()
        _, _, said = served.end()

    assert line["key"] == "boat"
    assert "has no id" not in said


def test_one_address_for_two_jobs(sandbox: Sandbox, serve: Serve) -> None:
    """Each callback is of the job that it names, when that job has this address."""
    with serve(sandbox.url) as served:
        url = served.receiver.url_for("all")
        with Pixazo("any", base_url=sandbox.url, ledger=served.ledger) as client:
            client.submit(ASKED, key="tiger", webhook=url)
            first = served.line()
            client.submit(ASKED, key="boat", webhook=url)
            second = served.line()

    assert (first["key"], second["key"]) == ("tiger", "boat")


@pytest.mark.parametrize("fault", ["callback-early", "callback-garbage", "callback-duplicate"])
def test_odd_callbacks_lead_to_one_line(sandbox: Sandbox, serve: Serve, fault: str) -> None:
    """Early, unreadable and repeated callbacks lead to the job's end, told once."""
    sandbox.faults.add(fault)
    with serve(sandbox.url) as served:
        request_id = served.submit("tiger")
        line = served.line()
        code, rest, _ = served.end()

    assert (line["request_id"], line["outcome"]) == (request_id, "succeeded")
    assert (code, rest) == (0, "")


def test_strangers_are_not_heard(sandbox: Sandbox, serve: Serve) -> None:
    """A forged token gets 404 and costs no request to the gateway."""
    forger = Receiver("http://127.0.0.1:1", "another secret of thirty-two bytes!!")
    with serve(sandbox.url) as served:
        token = forger.url_for("tiger").rpartition("/")[2]
        status = call(f"{served.receiver.base}/{token}", request_id="qwen-image-max_1")
        code, rest, _ = served.end(signal.SIGHUP)

    assert (status, code, rest) == (404, 0, "")
    assert len(sandbox.journal) == 0


def test_an_id_that_nobody_knows_is_told(sandbox: Sandbox, serve: Serve) -> None:
    """A genuine address with an unknown id is a line on stderr, and the server goes on."""
    with serve(sandbox.url) as served:
        call(served.receiver.url_for("somebody"), request_id="qwen-image-max_1")
        served.submit("tiger")
        line = served.line()
        code, _, said = served.end(signal.SIGTERM)

    assert line["key"] == "tiger"
    assert code == 0
    assert "job somebody: " in said


def test_the_address_of_a_job(tmp_path: Path, ran: Ran) -> None:
    """`pixazo webhook url` prints an address that the same secret makes; the file is private."""
    first, again = (
        ran("webhook", "url", "tiger", "--base", "https://a.example/hooks") for _ in range(2)
    )

    secrets = tmp_path / ".pixazo" / "webhook-secret"
    receiver = Receiver("https://a.example/hooks", secrets.read_text().strip())
    assert first.stdout == again.stdout == receiver.url_for("tiger") + "\n"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


def test_a_secret_that_many_make_at_once_is_one(tmp_path: Path) -> None:
    """Who comes second reads the whole secret of who came first, never the file before it."""
    for number in range(100):
        path, barrier = tmp_path / str(number) / "secret", threading.Barrier(4)

        def read(_: int, path: Path = path, barrier: threading.Barrier = barrier) -> object:
            barrier.wait()
            return read_secrets(path, make=True)

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(read, range(4)))) == 1
        assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_a_secret_that_finds_no_room_leaves_no_empty_file(tmp_path: Path, forks: Forks) -> None:
    """On a full disk nothing is left that the next command would take for a file of secrets."""
    words = ["webhook", "url", "tiger", "--base", "https://a.example"]

    process = forks.start(words, env=environment(tmp_path), most_file_bytes=1)
    _, said = process.communicate()

    assert process.returncode == 3
    assert "cannot use the webhook secrets" in said
    assert not list((tmp_path / ".pixazo").iterdir())


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        (None, "cannot use the webhook secrets"),
        ("", "the file is empty"),
        ("short", "line 1 is shorter than 32 bytes"),
        (f"{40 * 'a'}\n\nshort", "line 3 is shorter than 32 bytes"),
        (b"\xff\xfe" * 40, "it is no text"),
    ],
)
def test_unusable_secrets(
    tmp_path: Path, ran: Ran, secrets: str | bytes | None, words: str
) -> None:
    """A secret file that is missing, empty, short or no text is one error; no secret is shown."""
    path = tmp_path / "secrets"
    if secrets is not None:
        path.write_bytes(secrets if isinstance(secrets, bytes) else secrets.encode())
        path.chmod(0o600)

    told = ran("webhook", "serve", "--secret-file", str(path))

    assert told.returncode == 3
    assert words in told.stderr
    assert str(path) in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["serve", "--base", "http://a.example"], 2, "must be https"),
        (["serve", "--base", "https://[oops"], 2, "is no web address"),
        (["url", "tiger", "--base", "https://[oops"], 2, "is no web address"),
        (["serve", "--base", "a.example"], 2, "is not an https address"),
        (["url", "ti ger", "--base", "https://a.example"], 2, "must be a text of 1 to 128 letters"),
        (["url", "tiger"], 2, "--base"),
    ],
)
def test_unusable_words(ran: Ran, words: list[str], code: int, said: str) -> None:
    """A base that could be overheard or a name that no address can hold is one error."""
    told = ran("webhook", *words)

    assert told.returncode == code
    assert said in told.stderr


def test_a_taken_port_is_told(ran: Ran) -> None:
    """A port that somebody listens on is one error that advises another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        told = ran("webhook", "serve", "--port", str(port))

    assert told.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in told.stderr
    assert "a free port" in told.stderr
