"""What a request came to: one shape for queued and direct models."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from pixazo.answers import Deviation
from pixazo.clock import Clock, SystemClock
from pixazo.errors import PixazoError

if TYPE_CHECKING:  # loaded by the one who saves
    from pixazo_openapi.request import Request

    from pixazo.downloads import Downloader

__all__ = ["Media", "Result"]

MOST_BYTES = 2 * 2**30
SAVING_S = 600.0
LONGEST_KEPT = 2000  # of a text in the sidecar; a picture sent along would be megabytes


@dataclass(frozen=True, slots=True)
class Media:
    """One medium: a picture, a layer or a LoRA file.

    Args:
        url: Where the gateway says it lies; it may not lie there for ever.
        index: Its place in the answer, from 0.
    """

    url: str
    index: int


class Kept(Protocol):
    """Where it is written down which files a result was saved to."""

    def saved(self, files: Sequence[Path]) -> None:
        """Note the files."""
        ...

    async def saved_async(self, files: Sequence[Path]) -> None:
        """Note the files and let other tasks run meanwhile."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a request came to.

    Args:
        model_id: The model.
        request_id: The gateway's id. Direct models give none that is unique, so that theirs is made
            here: `<model_id>_<uuid>` (R85); what the gateway said stands in `raw`.
        media: Where the media lie.
        price_usd: The documented price in US dollars; None when none is.
        created_at: When the gateway took the request, if it said so.
        completed_at: When the gateway was done with it, if it said so.
        elapsed_s: The gateway's own time for it, or else the time waited here, in seconds.
        deviations: What in the answer is not as the specification says.
        raw: The answer as it came.
        request: What was asked, where this process knows.
    """

    model_id: str
    request_id: str
    media: tuple[Media, ...]
    price_usd: Decimal | None
    created_at: datetime | None = None
    completed_at: datetime | None = None
    elapsed_s: float = 0.0
    deviations: tuple[Deviation, ...] = field(default=(), repr=False)
    raw: Any = field(default=None, repr=False, compare=False)
    request: Request | None = field(default=None, repr=False)
    _loopback: bool = field(default=False, repr=False, compare=False)
    _clock: Clock = field(default_factory=SystemClock, repr=False, compare=False)
    _kept: Kept | None = field(default=None, repr=False, compare=False)

    def save(
        self,
        folder: str | Path,
        *,
        max_bytes: int = MOST_BYTES,
        timeout_s: float = SAVING_S,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> list[Path]:
        """Download the media into a folder and return the files: `<request_id>-<index>.<suffix>`.

        A JSON file beside them says where they come from.

        Args:
            folder: Made when it does not exist, also one called `tiger.png`.
            max_bytes: The most bytes of one medium.
            timeout_s: The most seconds for one medium.
            on_progress: Called with the bytes so far and the bytes in all, None while unknown.

        Raises:
            DownloadError: A medium could not be saved; it is paid for, save again.
            LedgerError: The files are there, but the client's ledger could not be told.
        """
        loader = self._downloader(max_bytes, timeout_s, on_progress)
        urls, sidecar = [medium.url for medium in self.media], self.provenance()
        with self._named():
            files = loader.save(urls, folder, stem=self.request_id, sidecar=sidecar)
            if self._kept is not None:
                self._kept.saved(files)
        return files

    async def save_async(
        self,
        folder: str | Path,
        *,
        max_bytes: int = MOST_BYTES,
        timeout_s: float = SAVING_S,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> list[Path]:
        """Do as `save` and let other tasks run meanwhile."""
        loader = self._downloader(max_bytes, timeout_s, on_progress)
        urls = [medium.url for medium in self.media]
        sidecar = self.provenance()
        stem = self.request_id
        with self._named():
            files = await loader.save_async(urls, folder, stem=stem, sidecar=sidecar)
            if self._kept is not None:
                await self._kept.saved_async(files)
        return files

    def provenance(self) -> dict[str, Any]:
        """Return where the media come from, as the JSON object that is saved beside them."""
        return {
            "model": self.model_id,
            "request_id": self.request_id,
            "request": _kept(self.request.to_dict()) if self.request else None,
            "price_usd": None if self.price_usd is None else str(self.price_usd),
            "created_at": self.created_at.isoformat() if self.created_at else None,
            "completed_at": self.completed_at.isoformat() if self.completed_at else None,
            "elapsed_s": round(self.elapsed_s, 3),
            "deviations": [str(deviation) for deviation in self.deviations],
        }

    @contextmanager
    def _named(self) -> Generator[None]:
        """Name the request in what goes wrong: a program that ends there knows nothing else."""
        try:
            yield
        except PixazoError as error:
            error.request_id = error.request_id or self.request_id
            raise

    def _downloader(
        self,
        max_bytes: int,
        timeout_s: float,
        on_progress: Callable[[int, int | None], None] | None,
    ) -> Downloader:
        from pixazo.downloads import Downloader

        return Downloader(
            allow_loopback=self._loopback,
            max_bytes=max_bytes,
            timeout_s=timeout_s,
            clock=self._clock,
            on_progress=on_progress,
        )


def _kept(value: object) -> object:
    """Return a JSON value with very long texts cut; a picture sent along is named by its hash."""
    if isinstance(value, str) and len(value) > LONGEST_KEPT:
        digest = hashlib.sha256(value.encode()).hexdigest()
        return f"{value[:60]}… ({len(value)} characters, sha256 {digest})"
    if isinstance(value, Mapping):
        return {name: _kept(item) for name, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_kept(item) for item in cast("list[object]", value)]
    return value
