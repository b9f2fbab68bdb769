"""Media into a folder, once: what an earlier run saved there is not fetched again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pixazo.results import Result

if TYPE_CHECKING:  # takes time to import
    from pixazo.ledger import Ledger

__all__ = ["Saver"]


class Saver:
    """Saves results into a folder.

    Args:
        folder: The folder.
        ledger: Knows what was saved before, if there is one.
    """

    def __init__(self, folder: Path, ledger: Ledger | None) -> None:
        self._folder, self._ledger = folder.absolute(), ledger

    async def save(self, result: Result) -> Sequence[Path]:
        """Return the files of a result.

        Raises:
            DownloadError: A medium could not be saved; it is paid for, save again.
            LedgerError: The files are there, but the ledger could not be told.
        """
        return await self._saved(result) or await result.save_async(self._folder)

    async def _saved(self, result: Result) -> tuple[Path, ...]:
        if self._ledger is None:
            return ()
        entry = await asyncio.wrap_future(self._ledger.queue_by_request_id(result.request_id))
        files = tuple(map(Path, entry.files)) if entry else ()
        there = all(file.parent == self._folder and file.is_file() for file in files)
        return files if there else ()
