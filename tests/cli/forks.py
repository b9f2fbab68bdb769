"""The command as a process, without the seconds that a fresh interpreter takes to load it.

One process loads everything once and forks a child for each command: its own streams, environment,
folder and limits. `python -m tests.cli.forks FD` is that process; `Forks` talks to it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
LOADED = (
    "httpx2", "rich.console", "rich.progress", "rich.table", "asyncio", "pixazo.cli.app",
    "pixazo.client", "pixazo.batches", "pixazo.books.binding", "pixazo.cli.callbacks",
    "pixazo.downloads.drivers", "pixazo.ledger", "pixazo.sandbox", "pixazo.webhooks",
    "pixazo_openapi.requests",
)  # fmt: skip
MOST = 65536


class Forked:
    """A running command, as far as `subprocess.Popen` is needed."""

    def __init__(self, forks: Forks, pid: int, stdout: int | None, stderr: int | None) -> None:
        self.pid = pid
        self._forks = forks
        self.stdout = _opened(stdout)
        self.stderr = _opened(stderr)
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        self.returncode = self._forks.ended(self.pid, 0)
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        self.returncode = self._forks.ended(self.pid, timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("pixazo", timeout)
        return self.returncode

    def communicate(self, timeout: float = 60.0) -> tuple[str, str]:
        """Read both streams to their ends and wait."""
        with ThreadPoolExecutor(2) as pool:
            out, err = pool.map(_read, (self.stdout, self.stderr), timeout=timeout)
        self.wait(timeout)
        return out, err


def _read(stream: IO[str] | None) -> str:
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


def _opened(file: int | None) -> IO[str] | None:
    return None if file is None else os.fdopen(file, encoding="utf-8")


class Forks:
    """The process that forks, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._codes: dict[int, int] = {}
        self._socket: socket.socket

    def start(
        self,
        words: list[str],
        *,
        env: dict[str, str] | None = None,
        streams: tuple[int, int, int] | None = None,
        most_file_bytes: int | None = None,
        ignored: int | None = None,
    ) -> Forked:
        """Start `pixazo WORDS`; its streams are pipes, or the files given."""
        self._begin()
        order = {
            "words": words,
            "env": dict(os.environ if env is None else env),
            "cwd": str(Path.cwd()),
            "most_file_bytes": most_file_bytes,
            "ignored": ignored,
        }
        outs: list[int] = []
        if streams is None:
            null = os.open(os.devnull, os.O_RDONLY)
            (out, out_end), (err, err_end) = os.pipe(), os.pipe()
            given, outs = [null, out_end, err_end], [out, err]
        else:
            given = list(streams)
        socket.send_fds(self._socket, [json.dumps(order).encode()], given)
        if streams is None:
            for file in given:
                os.close(file)
        pid = self._hear(lambda said: said.get("started"), 60.0)
        return Forked(self, pid, *(outs or (None, None)))

    def ended(self, pid: int, timeout: float) -> int | None:
        """Return how a child ended; None when it has not."""
        if pid not in self._codes:
            with contextlib.suppress(TimeoutError):
                self._hear(lambda _: pid if pid in self._codes else None, timeout)
        return self._codes.get(pid)

    def close(self) -> None:
        if self._process is not None:
            self._socket.close()
            self._process.wait()

    def _hear(self, wanted: Any, timeout: float) -> int:
        end = time.monotonic() + timeout
        while True:
            self._socket.settimeout(max(0.001, end - time.monotonic()))
            said = json.loads(self._socket.recv(MOST))
            if "ended" in said:
                self._codes[said["ended"]] = said["code"]
            if (found := wanted(said)) is not None:
                return int(found)

    def _begin(self) -> None:
        if self._process is None:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-m", "tests.cli.forks", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()])
            theirs.close()


def serve(orders: socket.socket) -> int | None:
    """Fork for each order; return what to exit with in a child, None when nobody asks any more."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write)
    while True:
        ready = select.select([orders.fileno(), read], [], [])[0]
        if read in ready:
            os.read(read, MOST)
            _tell_ends(orders)
        if orders.fileno() in ready:
            text, given, _, _ = socket.recv_fds(orders, MOST, 3)
            if not text:
                return None
            child = os.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                for file in (read, write):
                    os.close(file)
                orders.close()
                return _run(json.loads(text), given)
            for file in given:
                os.close(file)
            orders.send(json.dumps({"started": child}).encode())


def _tell_ends(orders: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(ended[1])
            with contextlib.suppress(OSError):
                orders.send(json.dumps({"ended": ended[0], "code": code}).encode())


def _run(order: Any, given: list[int]) -> int:
    """Become the command."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(given):
        os.dup2(file, number)
        os.close(file)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        number = ("stdin", "stdout", "stderr").index(name)
        line = name == "stderr" or os.isatty(number)
        stream = open(number, mode, encoding="utf-8", closefd=False, buffering=1 if line else -1)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    if order["most_file_bytes"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["most_file_bytes"],) * 2)
    if order["ignored"]:
        signal.signal(order["ignored"], signal.SIG_IGN)
    sys.argv = ["pixazo", *order["words"]]
    from pixazo.cli import main

    return main()


def _end(code: int) -> None:
    """End as an interpreter does, but for taking hundreds of modules apart."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()
    code = serve(socket.socket(fileno=int(sys.argv[1])))
    if code is not None:
        _end(code)
