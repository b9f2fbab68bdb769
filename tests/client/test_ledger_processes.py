"""The ledger between processes: killed, forked, stopped, and eight at once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from pixazo.errors import LedgerError
from pixazo.ledger import Ledger

ACTOR = Path(__file__).with_name("ledger_actor.py")
ACTS = run_path(str(ACTOR))
PRICE: Decimal = ACTS["PRICE"]
Wish: Any = ACTS["Wish"]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")


@contextmanager
def actor(*words: object) -> Iterator[subprocess.Popen[str]]:
    """Start an actor; make sure that it is gone afterwards."""
    command = [sys.executable, str(ACTOR), *map(str, words)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # with the children it has forked


def run(*words: object) -> str:
    """Run an actor to its end; return what it printed."""
    with actor(*words) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, ""), err
    return out


def sent(gateway: Path) -> list[str]:
    return gateway.read_text().split() if gateway.exists() else []


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("pragma integrity_check").fetchall() == [("ok",)]


class Forks:
    """Actors that start at once, because they are forked from one that is there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    def start(self, *words: object) -> int:
        """Return the process id of a new actor."""
        return int(self._said(json.dumps([str(word) for word in words])))

    def ends(self) -> list[int]:
        """Wait for all that were started and return their exit codes."""
        codes: list[int] = json.loads(self._said(""))
        return codes

    def _said(self, line: str) -> str:
        self._in.write(f"{line}\n")
        self._in.flush()
        return self._out.readline()


@pytest.fixture
def forks() -> Iterator[Forks]:
    with actor("forks") as process:
        yield Forks(process)


@needs_fork
@pytest.mark.timeout(60)  # 1 s, more on a machine that has other things to do
def test_a_kill_around_any_commit_loses_no_id_and_pays_nothing_twice(
    tmp_path: Path, forks: Forks
) -> None:
    """Killed before and after each commit, a job is sent at most once and its money is known."""
    finished, points, seen = False, 0, set()
    while not finished:
        path, gateway = tmp_path / f"{points}.sqlite3", tmp_path / f"{points}.gateway"
        forks.start("one_job", path, gateway, points)
        (code,) = forks.ends()
        finished = code == 0
        assert finished or code == -signal.SIGKILL

        with Ledger(path) as ledger:
            entry = ledger.entry("job")
            state = entry.state if entry else "nothing"
            at_stake = sum((line.total_usd for line in ledger.spent()), Decimal(0))
        assert len(sent(gateway)) <= 1
        assert state != "sending"
        assert at_stake == (PRICE if state not in ("nothing", "intent") else 0)
        if state in ("nothing", "intent"):
            assert sent(gateway) == []
        elif entry and state != "unknown":
            assert entry.request_id == "id-of-job"

        ACTS["work"](path, gateway)
        with Ledger(path) as ledger:
            resumed = ledger.entry("job")
        assert resumed is not None
        assert resumed.state == ("unknown" if state == "unknown" else "downloaded")
        assert len(sent(gateway)) <= 1
        seen.add(state)
        points += 1
    assert points == 15  # seven commits, and the run that was not killed
    assert seen == {"nothing", "intent", "unknown", "submitted", "completed", "downloaded"}


@needs_fork
@pytest.mark.timeout(60)  # 2 s, more on a machine that has other things to do
def test_eight_processes_share_a_ledger_and_one_is_killed(tmp_path: Path, forks: Forks) -> None:
    """Of 2,000 jobs in eight processes none is lost or sent twice, though one process is killed."""
    path, gateway = tmp_path / "ledger.sqlite3", tmp_path / "gateway"
    with Ledger(path) as ledger:
        intents = [
            ledger.queue_intend(Wish(f"{n}"), key=f"{n}", run=f"shard {n % 8}", price_usd=PRICE)
            for n in range(2_000)
        ]
        assert {future.result().state for future in intents} == {"intent"}

    processes = [forks.start("shard", path, gateway, f"shard {number}") for number in range(8)]
    with Ledger.open_readonly(path) as report:
        while not any(entry.run == "shard 3" for entry in report.entries(["downloaded"])):
            time.sleep(0.02)
    os.kill(processes[3], signal.SIGKILL)
    assert forks.ends() == [-signal.SIGKILL if number == 3 else 0 for number in range(8)]
    forks.start("shard", path, gateway, "shard 3")
    assert forks.ends() == [0]

    with Ledger(path) as ledger:
        entries = ledger.entries()
        (spent,) = ledger.spent(by="model")
    states = Counter(entry.state for entry in entries)
    posts = Counter(sent(gateway))
    assert len(entries) == 2_000
    assert set(states) <= {"downloaded", "unknown"}
    assert states["unknown"] <= 25  # the window that was under way
    assert {entry.run for entry in entries if entry.state == "unknown"} <= {"shard 3"}
    assert max(posts.values()) == 1
    assert set(posts) >= {entry.key for entry in entries if entry.state == "downloaded"}
    assert all(entry.request_id for entry in entries if entry.state == "downloaded")
    assert spent.charged_usd == PRICE * states["downloaded"]
    assert spent.unknown_usd == PRICE * states["unknown"]
    assert is_sound(path)


def test_a_limit_holds_across_processes(tmp_path: Path) -> None:
    """Four processes that spend as fast as they can stop together at the cent of the limit."""
    path = tmp_path / "ledger.sqlite3"
    commands = [sys.executable, str(ACTOR), "spend", str(path), "5.00"]
    processes = [subprocess.Popen(commands, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate()[0].split() for process in processes]
    assert {kind for _, kind in said} == {"SpendLimitReached"}
    assert sum(int(count) for count, _ in said) == 100
    with Ledger(path) as ledger:
        assert sum(line.total_usd for line in ledger.spent()) == Decimal("5.00")


def test_opening_and_closing_wait_for_the_turn(tmp_path: Path) -> None:
    """Who opens or closes a ledger may recover or shrink its log, so it waits like a writer."""
    path = tmp_path / "ledger.sqlite3"
    opened: list[Ledger] = []
    for act in (lambda: opened.append(Ledger(path)), lambda: opened.pop().close()):
        with actor("turn", path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            thread = threading.Thread(target=act)
            thread.start()
            thread.join(0.2)
            assert thread.is_alive()
            process.kill()
        thread.join(5)
        assert not thread.is_alive()
    assert opened == []


def test_a_ledger_that_was_removed_while_open_can_be_begun_anew(tmp_path: Path) -> None:
    """The locks of the old file stay with who holds them; the new file takes the next number."""
    path = tmp_path / "ledger.sqlite3"
    with actor("hold", path, "held") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        for name in ("", "-wal", "-shm"):
            path.with_name(path.name + name).unlink()

        with Ledger(path) as ledger:
            ledger.intend(Wish("fog"), key="new")
            ledger.move("new", "sending")
            assert ledger.entries(["sending"])[0].owner == 2
            assert ledger.settle_dead() == []


@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "removed"])
def test_a_ledger_that_was_removed_or_replaced_is_not_written_to(
    tmp_path: Path, *, replaced: bool
) -> None:
    """Whoever comes later would not find what is written there; back in its place it goes on."""
    path, aside = tmp_path / "ledger.sqlite3", tmp_path / "aside"
    with Ledger(path) as ledger:
        ledger.intend(Wish("fog"), key="fog")
        ledger.move("fog", "sending")
        path.rename(aside)
        if replaced:
            path.touch()

        with pytest.raises(LedgerError, match="removed or replaced") as lost:
            ledger.move("fog", "submitted", request_id="id-of-fog")
        with pytest.raises(LedgerError, match="removed or replaced"):
            ledger.intend(Wish("ice"), key="ice")
        aside.replace(path)
        ledger.move("fog", "submitted", request_id="id-of-fog")

    assert (lost.value.request_id, lost.value.charged) == ("id-of-fog", "unknown")
    assert "Put it back" in lost.value.hint


def test_only_a_dead_process_loses_its_sending(tmp_path: Path) -> None:
    """A job that a living process is sending stays so; when the process is killed it is unknown."""
    path = tmp_path / "ledger.sqlite3"
    with actor("hold", path, "held") as process, Ledger(path) as ledger:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        assert ledger.settle_dead() == []
        os.kill(process.pid, signal.SIGSTOP)
        assert ledger.settle_dead() == []
        assert ledger.claim(["sending"]) == []

        process.kill()
        process.wait()
        (lost,) = ledger.settle_dead()

    assert (lost.key, lost.state, lost.charged, lost.owner) == ("held", "unknown", "unknown", None)
    assert "may have accepted" in str(lost.error)


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no open file")
def test_who_was_taken_for_dead_is_found_when_it_dies(tmp_path: Path) -> None:
    """Without the lock file the living look dead; they take up a new one at their next turn."""
    path = tmp_path / "ledger.sqlite3"
    with actor("hold_two", path) as process, Ledger(path) as ledger:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "sending\n"
        path.with_name("ledger.sqlite3.lock").unlink()
        assert [entry.key for entry in ledger.settle_dead()] == ["one"]

        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "sending\n"
        assert ledger.settle_dead() == []

        process.kill()
        process.wait()
        assert [entry.key for entry in ledger.settle_dead()] == ["two"]


@needs_fork
def test_a_forked_child_gets_a_connection_of_its_own(tmp_path: Path) -> None:
    """Parent and forked child write through one object, each as its own owner; nothing breaks."""
    path = tmp_path / "ledger.sqlite3"
    run("fork", path)
    with Ledger(path) as ledger:
        parent, child = ledger.entry("parent"), ledger.entry("child")
        assert len(ledger.entries()) == 52
    assert parent is not None
    assert child is not None
    assert parent.state == "submitted"  # the child's start did not take the parent for dead
    assert child.state == "unknown"  # it ended in the middle of sending
    assert is_sound(path)


@needs_fork
@pytest.mark.parametrize("opened", ["ledger", "report"])
def test_what_a_forked_child_writes_outlives_its_parents_closing(
    tmp_path: Path, opened: str
) -> None:
    """The child has locks of its own: nobody takes the log away in which it notes a paid job."""
    path = tmp_path / "ledger.sqlite3"
    run("outlive", path, opened)
    with Ledger(path) as ledger:
        entry = ledger.by_request_id("id-of-child")
    assert entry is not None
    assert (entry.key, entry.state) == ("child", "submitted")
    assert is_sound(path)


@needs_fork
def test_a_child_of_a_fork_that_nobody_announced_refuses_the_file(tmp_path: Path) -> None:
    """Some servers fork in C: the child then has the parent's connection, and leaves it alone."""
    path = tmp_path / "ledger.sqlite3"
    *refused, known = run("fork_unheard", path).splitlines()
    assert len(refused) == 3
    for line in refused:
        assert line.startswith(f"{path} was open when this process was forked")
        assert "after the fork" in line
    assert known == "0"


@needs_fork
@pytest.mark.timeout(40)  # ten of them are waited for
@pytest.mark.parametrize("interrupted", ["", "interrupted"])
def test_a_fork_waits_for_no_stopped_process(tmp_path: Path, interrupted: str) -> None:
    """Ten seconds at most, or until a Ctrl-C; the child refuses the file, the parent goes on."""
    path = tmp_path / "ledger.sqlite3"
    with actor("fork_beside", path, interrupted) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with actor("turn", path) as stopped:
            assert stopped.stdout is not None
            assert stopped.stdout.readline() == "held\n"
            process.stdin.write("fork\n")
            process.stdin.flush()
            refused, other, took_s = (process.stdout.readline() for _ in range(3))
        process.stdin.write("go on\n")
        process.stdin.flush()
        written = process.stdout.read()

    assert "was open when this process was forked" in refused
    assert interrupted or other == "0\n"
    assert float(took_s) < (5 if interrupted else 15)
    assert written == "1\n1\n"
    assert is_sound(path)


@needs_fork
def test_a_forked_child_does_not_keep_its_parent_alive(tmp_path: Path) -> None:
    """A parent that is killed counts as dead, although its forked child lives on."""
    path = tmp_path / "ledger.sqlite3"
    with actor("orphan", path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "forked\n"
        process.kill()
        process.wait()
        with Ledger(path) as ledger:
            entry = ledger.entry("parent")
    assert entry is not None
    assert entry.state == "unknown"


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    """On a disk that is really full the error says so, names the file and says: not charged."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" fill "$1/ledger.sqlite3"'
    command = ["unshare", "-rm", "sh", "-c", script, "-", str(disk), sys.executable, str(ACTOR)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=15)
    except FileNotFoundError:
        pytest.skip("no unshare here to make a small disk with")
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"this machine allows no small disk: {done.stderr.strip()}")
    assert done.stdout.startswith("LedgerError the disk that holds ")
    assert "is full [not charged] Free some space" in done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="it counts its open files in /proc")
def test_too_many_open_files_are_told(tmp_path: Path) -> None:
    """The advice is about files that are open, not about permissions."""
    path = tmp_path / "ledger.sqlite3"
    Ledger(path).close()
    writing, reading = run("crowd", path).splitlines()
    assert writing.startswith(
        f"LedgerError {path} cannot be opened for writing: Too many open files"
    )
    assert "ulimit -n" in writing
    assert reading.startswith(f"LedgerReadOnly {path} cannot be opened")
    assert "ulimit -n" in reading


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="this platform has no users")
@pytest.mark.parametrize("log", ["closed", "crashed"])
def test_a_report_reads_what_it_must_not_write(log: str, shared_folder: Path) -> None:
    """A ledger in a folder without write permission can be reported on, also after a crash."""
    path = shared_folder / "ledger.sqlite3"
    if log == "closed":
        with Ledger(path) as ledger:
            ledger.intend(Wish("one"))
    else:
        with actor("hold", path, "one") as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.kill()
        path.with_name("ledger.sqlite3-shm").unlink()
    for file in shared_folder.iterdir():
        file.chmod(0o644)
    shared_folder.chmod(0o555)

    count, error = run("read_as_nobody", path).splitlines()

    assert count == "1"
    assert error.startswith("LedgerReadOnly")
    assert str(path) in error
    assert "PIXAZO_LEDGER" in error


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)
