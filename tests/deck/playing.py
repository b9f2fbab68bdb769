"""Open one cassette at a time, to play or to record."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pixazo.downloads import Downloader
from pixazo.settings import is_loopback
from tests.deck.faults import CassetteError
from tests.deck.library import PATCHER_NAMES, VCR, CassetteContextDecorator, RecordMode
from tests.deck.persister import Persister
from tests.deck.polls import PollCassette
from tests.deck.tapes import Tape, read_tape

__all__ = ["FakeClock", "downloader_for", "opened", "playing"]

OTHER_LIBRARIES = tuple(name for name in PATCHER_NAMES if name != "httpx2")
SOMEWHERE = "93.184.215.14"
_open = threading.Lock()  # vcrpy patches the HTTP library for the whole process


class FakeClock:
    """A client's clock on which nobody waits."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._now = start
        self.slept_s = 0.0

    def now(self) -> float:
        """Seconds."""
        return self._now

    def time(self) -> float:
        """Seconds since 1970."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Be `seconds` later."""
        self._now += seconds
        self.slept_s += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Be `seconds` later."""
        self.sleep(seconds)


@contextmanager
def opened(
    path: Path,
    persister: Persister,
    mode: RecordMode,
    *,
    before_record_request: Callable[[Any], Any] | None = None,
    before_record_response: Callable[[Any], Any] | None = None,
    paid: bool = False,
) -> Generator[PollCassette, None, None]:
    """Put a cassette between all httpx2 transports and the network.

    Args:
        path: The cassette's file.
        persister: How it is kept.
        mode: Whether it plays or records.
        before_record_request: Changes a request before it is looked up or kept.
        before_record_response: Changes an answer before it is kept.
        paid: Whether what was recorded is kept even when something goes wrong.

    Raises:
        CassetteError: Another cassette is open in this process.
    """
    if not _open.acquire(blocking=False):
        raise CassetteError(f"{path}: another cassette is open; one at a time in a process")
    options = partial(
        VCR().get_merged_config,
        path=str(path),
        persister=persister,
        record_mode=mode,
        record_on_exception=paid,
        decode_compressed_response=True,
        skip_patchers=OTHER_LIBRARIES,
        before_record_request=before_record_request,
        before_record_response=before_record_response,
    )
    try:
        with CassetteContextDecorator(PollCassette, options) as cassette:
            yield cassette
    finally:
        _open.release()


def downloader_for(tape: Tape) -> Downloader | None:
    """Return what fetches a cassette's media; None when they lie on this machine.

    Names are not looked up: nothing is connected to, so any public number will do.
    """
    if is_loopback(urlsplit(tape.origin.gateway).hostname or ""):
        return None
    return Downloader(clock=FakeClock(), resolver=lambda _host, _port: [SOMEWHERE])


@contextmanager
def playing(path: Path) -> Generator[Tape, None, None]:
    """Play a cassette: nothing reaches the network, what is not recorded is an error.

    Raises:
        CassetteError: It cannot be used, or another one is open.
    """
    persister = Persister()
    if not path.is_file():
        raise CassetteError(f"{path}: there is no such cassette; see: python -m tests.deck list")
    with opened(path, persister, RecordMode.NONE):
        yield persister.tape or read_tape(path)
