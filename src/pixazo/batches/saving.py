"""Media into a folder, once: what an earlier run saved there is not fetched again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pixazo_openapi.catalogue import MODELS

from pixazo.errors import DownloadRefused, MediaBroken, PixazoError, UnsafeAddress
from pixazo.results import Result

if TYPE_CHECKING:  # takes time to import
    from pixazo.ledger import Ledger

__all__ = ["Saver"]

# Another address may do: links expire, and an answer may have been garbled on its way.
STALE = (DownloadRefused, MediaBroken, UnsafeAddress)


class Saver:
    """Saves results into a folder.

    Args:
        folder: The folder.
        ledger: Knows what was saved before, if there is one.
        look: Asks the gateway anew what the job of an id came to, which is free.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger | None,
        look: Callable[[str], Awaitable[Result]] | None = None,
    ) -> None:
        self._folder, self._ledger, self._look = folder, ledger, look
        self._place = folder.absolute()  # now: the current folder may be removed meanwhile

    async def save(self, result: Result) -> Sequence[Path]:
        """Return the files of a result.

        Raises:
            DownloadError: A medium could not be saved; it is paid for, save again.
            LedgerError: The files are there, but the ledger could not be told.
        """
        if files := await self._saved(result):
            return files
        try:
            return await result.save_async(self._folder)
        except STALE as error:
            fresh = await self._fresh(result, error)
            if fresh is None:
                raise
        return await fresh.save_async(self._folder)

    async def _fresh(self, result: Result, error: PixazoError) -> Result | None:
        """Return the result as the gateway tells it now; None when it does not."""
        model = MODELS.get(result.model_id)
        if self._look is None or (model is not None and model.mode != "queued"):
            return None
        try:
            return await self._look(result.request_id)
        except PixazoError as second:
            error.add_note(f"the gateway, asked for other addresses: {second.message}")
            return None

    async def _saved(self, result: Result) -> tuple[Path, ...]:
        if self._ledger is None:
            return ()
        entry = await asyncio.wrap_future(self._ledger.queue_by_request_id(result.request_id))
        files = tuple(map(Path, entry.files)) if entry else ()
        there = all(file.parent == self._place and file.is_file() for file in files)
        return files if there else ()
