"""The thread that writes: groups, cancellation, and every caller gets an answer."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from pixazo.errors import LedgerError
from pixazo.ledger import Ledger
from pixazo.ledger.connections import Held
from pixazo.ledger.writer import Operation, Stake, Writer

PATH = Path("ledger.sqlite3")


class Turn:
    """The writers' turn: counted, and given only while the gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.wanted = threading.Event()
        self.count = 0
        self.error: Exception | None = None

    @contextmanager
    def __call__(self) -> Generator[None, None, None]:
        self.count += 1
        self.wanted.set()
        self.gate.wait(10)
        if self.error:
            raise self.error
        yield


@pytest.fixture
def turn() -> Turn:
    return Turn()


@pytest.fixture
def writer(turn: Turn) -> Iterator[Writer]:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("create table t(x unique)")
    held = Held(PATH, lambda: connection, nullcontext)
    writer = Writer(held, PATH, turn)
    yield writer
    turn.gate.set()
    writer.close()
    held.close()


def insert(x: int) -> Operation[int]:
    def operation(connection: sqlite3.Connection) -> int:
        connection.execute("insert into t values (?)", (x,))
        return x

    return operation


def rows(connection: sqlite3.Connection) -> list[int]:
    return [x for (x,) in connection.execute("select x from t order by x")]


def test_what_waits_together_is_committed_together(writer: Writer, turn: Turn) -> None:
    """While one transaction waits for its turn, all that is posted shares the next one."""
    turn.gate.clear()
    futures = [writer.post(insert(0))]
    assert turn.wanted.wait(5)
    futures += [writer.post(insert(x)) for x in range(1, 400)]
    turn.gate.set()
    assert [future.result(5) for future in futures] == list(range(400))
    assert turn.count == 2


def test_an_operation_that_fails_is_undone_alone(writer: Writer, turn: Turn) -> None:
    """In a group the failed operation leaves no trace, and the others are committed."""

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("insert into t values (2)")
        raise ValueError("no")

    turn.gate.clear()
    futures = [writer.post(insert(1)), writer.post(half), writer.post(insert(1))]
    last = writer.post(insert(3))
    turn.gate.set()
    assert last.result(5) == 3
    with pytest.raises(ValueError, match="no"):
        futures[1].result(5)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite3 .*UNIQUE constraint failed"):
        futures[2].result(5)
    assert writer.post(rows, writes=False).result(5) == [1, 3]


def test_reading_needs_no_turn_and_sees_what_was_posted_before(writer: Writer, turn: Turn) -> None:
    """A reader alone takes no turn; behind a writer it sees what that wrote."""
    assert writer.post(rows, writes=False).result(5) == []
    assert turn.count == 0
    turn.gate.clear()
    writer.post(insert(1))
    behind = writer.post(rows, writes=False)
    turn.gate.set()
    assert behind.result(5) == [1]


def test_what_is_cancelled_before_its_turn_is_not_done(writer: Writer, turn: Turn) -> None:
    """Cancelled while it waits for the lock, an operation does not happen; later, it does."""
    turn.gate.clear()
    first, second = writer.post(insert(1)), writer.post(insert(2))
    assert first.cancel()
    turn.gate.set()
    assert second.result(5) == 2
    with pytest.raises(CancelledError):
        first.result(5)
    assert not second.cancel()
    assert writer.post(rows, writes=False).result(5) == [2]


def test_without_a_turn_every_caller_is_told(writer: Writer, turn: Turn) -> None:
    """When the lock fails, each caller gets its own error with its own request id."""
    turn.error = OSError(37, "No locks available")
    turn.gate.clear()
    stakes = [Stake(), Stake(charged="unknown", request_id="id-of-k")]
    futures = [writer.post(insert(x), stake=stake) for x, stake in enumerate(stakes)]
    turn.gate.set()
    errors = [future.exception(5) for future in futures]
    assert [str(error).count("No locks available") for error in errors] == [1, 1]
    assert [getattr(error, "request_id", "") for error in errors] == [None, "id-of-k"]
    assert [getattr(error, "charged", "") for error in errors] == ["no", "unknown"]
    assert writer.post(rows, writes=False).result(5) == []


@pytest.mark.parametrize("refusal", [LedgerError("no turn"), PermissionError("no folder")])
def test_what_is_owed_is_done_before_what_is_written_next(
    writer: Writer, turn: Turn, refusal: Exception
) -> None:
    """What the storage refuses is an error, and done later unless something speaks against it."""
    turn.error = refusal
    owed = [writer.post(insert(x), owed=True) for x in (1, 1, 2)]
    lost = writer.post(insert(3))
    assert all(isinstance(future.exception(5), LedgerError) for future in (*owed, lost))
    assert writer.post(rows, writes=False).result(5) == []

    with pytest.raises(LedgerError):
        writer.post(insert(3)).result(5)
    turn.error = None
    assert writer.post(insert(4)).result(5) == 4
    assert writer.post(rows, writes=False).result(5) == [1, 2, 4]


def test_a_closed_writer_takes_nothing_more(turn: Turn) -> None:
    """Closing finishes what was posted; posting afterwards is an error, not a wait for ever."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("create table t(x unique)")
    writer = Writer(Held(PATH, lambda: connection, nullcontext), PATH, turn)
    future = writer.post(insert(1))
    writer.close()
    assert future.result(0) == 1
    with pytest.raises(LedgerError, match="the ledger is closed"):
        writer.post(insert(2))
    connection.close()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Python's own answer to SIGINT, which a run in the background does not have."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows wakes no waiting thread for Ctrl-C")
def test_ctrl_c_before_its_turn_undoes_a_move(tmp_path: Path, ctrl_c: None) -> None:
    """A move that waits for another process is not made after Ctrl-C: nothing is left sending."""

    class Wish:
        model_id = "qwen-image-layered"

        def to_dict(self) -> dict[str, object]:
            return {"model": self.model_id}

        def to_body(self) -> dict[str, object]:
            return {}

    program = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX, 1, 0);"
        "print('held', flush=True); sys.stdin.read()"
    )
    with Ledger(tmp_path / "l") as ledger:
        ledger.intend(Wish(), key="k")
        command = [sys.executable, "-c", program, str(tmp_path / "l.lock")]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                ledger.move("k", "sending")
            process.kill()
        timer.join()
        entry = ledger.entry("k")
        assert entry is not None
        assert (entry.state, entry.attempt) == ("intent", 0)
