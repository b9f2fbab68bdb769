"""What all tests share: no network but loopback, and no settings of the person who runs them."""

from __future__ import annotations

import gc
import ipaddress
import itertools
import signal
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine is not a failing test; and the same examples for everybody. `nox -s slow` looks
# at many more, and at others every time.
settings.register_profile("pixazo", deadline=None, derandomize=True, database=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("pixazo")


# Where a shell runs the tests in the background Ctrl-C is ignored, and every child inherits that;
# under nohup it is the end of the terminal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _is_loopback(host: object) -> bool:
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return host in {"localhost", "", None}


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True


def _stay_at_home(event: str, args: tuple[object, ...]) -> None:
    """Refuse every connection and every name that leads off this machine."""
    if event == "socket.connect":
        address = args[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise ConnectionRefusedError(f"tests stay on loopback: {address[0]}")
    elif event == "socket.getaddrinfo":
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if not _is_loopback(host) and not _is_address(host):
            raise socket.gaierror(socket.EAI_NONAME, f"tests look no names up: {host}")


sys.addaudithook(_stay_at_home)
gc.disable()
_NUMBERS = itertools.count()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: collecting garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, _homes: Path) -> None:
    """Keys, addresses and state folders of the person at the keyboard are out of sight."""
    home = _homes / str(next(_NUMBERS))  # made by who writes there
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(Path, "home", lambda: home)
    for name in ("PIXAZO_API_KEY", "PIXAZO_GATEWAY_URL", "PIXAZO_LEDGER", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
