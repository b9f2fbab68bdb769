"""A process that works through a ledger, for tests that kill it: `python ledger_actor.py ROLE …`.

The gateway is a file: one line per paid request. Whoever appends a key has sent it.
"""

from __future__ import annotations

import _imp
import ctypes
import importlib
import json
import os
import signal
import sqlite3
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from pixazo.errors import LedgerError
from pixazo.ledger import Entry, Ledger, Limits, ReadOnlyLedger
from pixazo.ledger.lock import LockFile

PRICE = Decimal("0.05")
WINDOW = 25


class Wish:
    """A request of any model."""

    model_id = "qwen-image-layered"

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt

    def to_dict(self) -> dict[str, Any]:
        return {"model": self.model_id, "prompt": self.prompt}

    def to_body(self) -> dict[str, Any]:
        return {"prompt": self.prompt}


def post(gateway: Path, key: str) -> str:
    """Send one paid request; return its id."""
    file = os.open(gateway, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, f"{key}\n".encode())
    os.close(file)
    return f"id-of-{key}"


def one_job(path: Path, gateway: Path, point: int) -> None:
    """Do the work and die on the way."""
    die_at(point)
    work(path, gateway)


def die_at(point: int) -> None:
    """Kill this process right before (even) or right after (odd) its n-th commit."""
    passed = iter(range(1_000_000))

    class Dying(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql != "commit":
                return super().execute(sql, *args)
            self.pass_point()
            done = super().execute(sql, *args)
            self.pass_point()
            return done

        @staticmethod
        def pass_point() -> None:
            if next(passed) == point:
                os.kill(os.getpid(), signal.SIGKILL)

    sqlite3.connect = partial(sqlite3.connect, factory=Dying)


def work(path: Path, gateway: Path) -> None:
    """Take one job as far as it goes from whatever state it is in."""
    with Ledger(path) as ledger:
        entry = ledger.intend(Wish("a white tiger"), key="job", price_usd=PRICE)
        while step := STEPS.get(entry.state):
            entry = step(ledger, entry, gateway)


def _send(ledger: Ledger, entry: Entry, gateway: Path) -> Entry:
    ledger.move(entry.key, "sending", limits=Limits(day_usd=Decimal("0.05")))
    return ledger.move(entry.key, "submitted", request_id=post(gateway, entry.key))


STEPS: dict[str, Callable[[Ledger, Entry, Path], Entry]] = {
    "intent": _send,
    "submitted": lambda ledger, entry, _: ledger.move(entry.key, "completed", media=["u"]),
    "completed": lambda ledger, entry, _: ledger.move(entry.key, "downloaded", files=["f"]),
}


def shard(path: Path, gateway: Path, run: str) -> None:
    """Take a shard's unfinished jobs to the end, in windows that are committed together."""
    with Ledger(path) as ledger:
        todo = iter(ledger.claim(run=run))
        while window := list(islice(todo, WINDOW)):
            _finish(ledger, window, gateway)


def _finish(ledger: Ledger, window: list[Entry], gateway: Path) -> None:
    def all_of(moves: Iterator[Any]) -> list[Entry]:
        return [future.result() for future in list(moves)]

    fresh = [entry.key for entry in window if entry.state == "intent"]
    all_of(ledger.queue_move(key, "sending") for key in fresh)
    ids = {key: post(gateway, key) for key in fresh}
    all_of(ledger.queue_move(key, "submitted", request_id=ids[key]) for key in fresh)
    waiting = [entry.key for entry in window if entry.state != "completed"]
    all_of(ledger.queue_move(key, "completed", elapsed_s=12.0) for key in waiting)
    all_of(ledger.queue_move(entry.key, "downloaded") for entry in window)


def hold(path: Path, key: str) -> None:
    """Be in the middle of sending until killed, or until stdin closes."""
    ledger = Ledger(path)
    ledger.intend(Wish("a held breath"), key=key, price_usd=PRICE)
    ledger.move(key, "sending")
    print("sending", flush=True)
    sys.stdin.read()


def hold_two(path: Path) -> None:
    """Be in the middle of sending one job and, after a line on stdin, of another one, too."""
    ledger = Ledger(path)
    for key in ("one", "two"):
        ledger.intend(Wish(key), key=key)
        ledger.move(key, "sending")
        print("sending", flush=True)
        sys.stdin.readline()


def turn(path: Path) -> None:
    """Keep the writers' turn until killed."""
    with LockFile(path.with_name(path.name + ".lock")).turn():
        print("held", flush=True)
        sys.stdin.read()


def fork(path: Path) -> None:
    """Write from both sides of a fork through one Ledger object; the child ends properly."""
    ledger = Ledger(path)
    ledger.intend(Wish("parent"), key="parent")
    ledger.move("parent", "sending")
    warnings.simplefilter("ignore", DeprecationWarning)  # since 3.12: threads do not cross a fork
    child = os.fork()
    if child == 0:
        ledger.intend(Wish("child"), key="child")
        ledger.move("child", "sending")
        sys.exit(0)  # runs exit handlers and destructors, unlike a kill
    os.waitpid(child, 0)
    for number in range(50):
        ledger.intend(Wish(f"parent {number}"))
    ledger.move("parent", "submitted", request_id="id-of-parent")
    ledger.close()


def outlive(path: Path, opened: str) -> None:
    """Write in a forked child after the parent has closed the file, then die."""
    parent: Ledger | ReadOnlyLedger = Ledger(path)
    if opened == "report":
        parent.close()
        parent = Ledger.open_readonly(path)
    warnings.simplefilter("ignore", DeprecationWarning)
    is_open, is_closed = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        ledger = Ledger(path)
        ledger.intend(Wish("child"), key="child")
        os.write(is_open[1], b"x")
        os.read(is_closed[0], 1)
        ledger.move("child", "sending")
        ledger.move("child", "submitted", request_id="id-of-child")
        os.kill(os.getpid(), signal.SIGKILL)
    os.read(is_open[0], 1)
    assert parent.entries()
    parent.close()
    os.write(is_closed[1], b"x")
    os.waitpid(child, 0)


def fork_unheard(path: Path) -> None:
    """Fork as a server in C does, which tells Python only afterwards; try it in the child."""
    ledger = Ledger(path)
    fork = ctypes.PyDLL(None).fork
    _imp.acquire_lock()  # since 3.13 Python ends a child in which the lock of imports is not held
    child = fork()
    if child == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        for use in (lambda: Ledger(path), ledger.entries, lambda: Ledger.open_readonly(path)):
            try:
                use()
            except LedgerError as error:
                print(error, flush=True)
        os._exit(0)
    _imp.release_lock()
    os.waitpid(child, 0)
    print(len(ledger.entries()))
    ledger.close()


def fork_beside(path: Path, interrupted: str) -> None:
    """Fork, on a word, while another process may be stopped in its turn; use both sides."""
    ledgers = [Ledger(path), Ledger(path.with_name("other"))]
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.unraisablehook = lambda _: None  # the Ctrl-C that comes while the fork waits
    print("open", flush=True)
    sys.stdin.readline()
    if interrupted:
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        for ledger in ledgers:
            try:
                print(len(ledger.entries()), flush=True)
            except LedgerError as error:
                print(error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print(time.monotonic() - start, flush=True)
    sys.stdin.readline()
    for ledger in ledgers:
        ledger.intend(Wish("parent"))
        print(len(ledger.entries()), flush=True)
        ledger.close()


def orphan(path: Path) -> None:
    """Leave a forked child behind that lives on while this process is killed."""
    ledger = Ledger(path)
    ledger.intend(Wish("parent"), key="parent")
    ledger.move("parent", "sending")
    warnings.simplefilter("ignore", DeprecationWarning)
    if os.fork() == 0:
        print("forked", flush=True)
        sys.stdin.read()
        os._exit(0)
    time.sleep(60)


def spend(path: Path, limit_usd: str) -> None:
    """Send until the day's limit says no; print how often it went through."""
    sent = 0
    with Ledger(path) as ledger:
        try:
            while True:
                key = ledger.intend(Wish("money"), price_usd=PRICE).key
                ledger.move(key, "sending", limits=Limits(day_usd=Decimal(limit_usd)))
                ledger.move(key, "submitted", request_id=f"id-of-{key}")
                sent += 1
        except Exception as error:  # noqa: BLE001 (its kind is what the test asks for)
            print(sent, type(error).__name__)


def fill(path: Path) -> None:
    """Write until the disk is full, in the middle of sending; print the error."""
    ledger = Ledger(path)
    try:
        for number in range(100_000):
            ledger.intend(Wish("x" * 2_000), key=str(number))
    except LedgerError as error:
        print(type(error).__name__, error)


def crowd(path: Path) -> None:
    """Have as many files open as this process may, and open a ledger; print the errors."""
    resource = importlib.import_module("resource")  # Windows has none
    open_now = len(list(Path("/proc/self/fd").iterdir())) - 1
    for opened in (Ledger, Ledger.open_readonly):
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_now, 1_000))
        try:
            opened(path)
        except LedgerError as error:
            resource.setrlimit(resource.RLIMIT_NOFILE, (1_000, 1_000))
            print(type(error).__name__, error)


def read_as_nobody(path: Path) -> None:
    """Count the jobs of a ledger that this user must not write."""
    for late in ("shutil", "tempfile"):
        importlib.import_module(late)  # Python itself may be out of reach for nobody
    if os.getuid() == 0:
        os.setuid(65_534)
    with Ledger.open_readonly(path) as ledger:
        print(len(ledger.entries()))
    try:
        Ledger(path)
    except LedgerError as error:
        print(type(error).__name__, error)


def forks() -> None:
    """Become a process of its own for each line of words, all at once; print how they ended."""
    children: list[int] = []
    for line in sys.stdin:
        if line.strip():
            child = os.fork()
            if child == 0:
                play(*json.loads(line))
                os._exit(0)
            children.append(child)
            print(child, flush=True)
        else:  # an empty line: how did they end?
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            children.clear()
            print(json.dumps(codes), flush=True)


def play(role: str, *words: str) -> None:
    """Do what a role does."""
    roles: dict[str, Callable[[], None]] = {
        "one_job": lambda: one_job(Path(words[0]), Path(words[1]), int(words[2])),
        "shard": lambda: shard(Path(words[0]), Path(words[1]), words[2]),
        "hold": lambda: hold(Path(words[0]), words[1]),
        "hold_two": lambda: hold_two(Path(words[0])),
        "crowd": lambda: crowd(Path(words[0])),
        "turn": lambda: turn(Path(words[0])),
        "fork": lambda: fork(Path(words[0])),
        "fork_unheard": lambda: fork_unheard(Path(words[0])),
        "fork_beside": lambda: fork_beside(Path(words[0]), words[1]),
        "outlive": lambda: outlive(Path(words[0]), words[1]),
        "orphan": lambda: orphan(Path(words[0])),
        "spend": lambda: spend(Path(words[0]), words[1]),
        "fill": lambda: fill(Path(words[0])),
        "forks": forks,
        "read_as_nobody": lambda: read_as_nobody(Path(words[0])),
    }
    roles[role]()


if __name__ == "__main__":
    play(*sys.argv[1:])
