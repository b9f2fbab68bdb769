"""Fetch the media of a result into a folder."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pixazo.clock import Clock, SystemClock
from pixazo.downloads import disk, names, sidecars
from pixazo.downloads.parts import Part, Saved
from pixazo.downloads.plans import Medium
from pixazo.downloads.policy import Policy
from pixazo.downloads.steps import Plan, Work

if TYPE_CHECKING:
    from pixazo.downloads.drivers import Resolver

__all__ = ["Downloader"]
DEFAULT = Policy()


class Downloader:
    """Fetches media without a key, from public addresses only, and never twice under two names.

    Files are called `STEM-INDEX.SUFFIX`: the stem is the caller's, the index counts the addresses
    from 0, the suffix follows from the file's first bytes. A file that is there already with the
    same content is kept; one with other content is never touched, the new file becomes
    `STEM-INDEX-2.SUFFIX` and so on. While it grows a medium is called `STEM-INDEX.part`; it is left
    for a later try only when the server named a strong entity tag.

    Args:
        allow_loopback: Accept addresses of this machine, also over http (for the sandbox).
        max_bytes: Most bytes of one medium.
        timeout_s: Most seconds for one medium, tries and pauses included.
        max_hops: Most redirects; each hop is judged like the first address.
        attempts: Most tries in a row that bring nothing new.
        stall_s: Most seconds without a byte.
        clock: Time.
        on_progress: Called with the bytes of all media so far, and the bytes of all media or None
            while that is not known. The first number falls when a medium starts anew.
        ssl_context: Which certificates to trust instead of the system's.
        resolver: Names the addresses of a host and port instead of the system's resolver.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        max_bytes: int = DEFAULT.max_bytes,
        timeout_s: float = DEFAULT.timeout_s,
        max_hops: int = DEFAULT.max_hops,
        attempts: int = DEFAULT.attempts,
        stall_s: float = DEFAULT.stall_s,
        clock: Clock | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.policy = Policy(
            allow_loopback=allow_loopback,
            max_bytes=max_bytes,
            timeout_s=timeout_s,
            max_hops=max_hops,
            attempts=attempts,
            stall_s=stall_s,
        )
        self._clock = clock or SystemClock()
        self._on_progress = on_progress or _ignore
        self._tls = ssl_context
        self._resolver = resolver

    def save(
        self,
        urls: Iterable[str],
        folder: str | Path,
        *,
        stem: str,
        sidecar: Mapping[str, object] | None = None,
    ) -> list[Path]:
        """Fetch every address into the folder and return the files in the same order.

        Args:
            urls: The addresses of the media; one address alone may come as a plain string.
            folder: Where the files go; it is made when it is not there.
            stem: What the files are called, usually the request id.
            sidecar: What `STEM.json` says of them beside their hashes; None writes no such file.

        Raises:
            UnsafeAddress: An address leads to a place that is not public, or not over https.
            MediaTooLarge: A medium has more than `max_bytes`.
            DownloadTimedOut: A medium took more than `timeout_s`.
            MediaBroken: A medium is empty, cut off, or a text.
            DownloadRefused: The media server said no.
            FolderUnusable: The folder cannot be written to, or its disk is full.
            DownloadError: The network failed more often than `attempts` allows.
        """
        from pixazo.downloads import drivers

        plan = self._plan(_listed(urls), disk.as_folder(folder), names.safe_stem(stem), sidecar)
        return drivers.run(plan, drivers.Hands(*self._tools()))

    async def save_async(
        self,
        urls: Iterable[str],
        folder: str | Path,
        *,
        stem: str,
        sidecar: Mapping[str, object] | None = None,
    ) -> list[Path]:
        """Do what `save` does while other tasks run."""
        from pixazo.downloads import drivers

        plan = self._plan(_listed(urls), disk.as_folder(folder), names.safe_stem(stem), sidecar)
        return await drivers.run_async(plan, drivers.AsyncHands(*self._tools()))

    def _tools(self) -> tuple[ssl.SSLContext, Resolver, Clock]:
        from pixazo.downloads import drivers

        return self._tls or _tls(), self._resolver or drivers.resolve, self._clock

    def _plan(
        self,
        urls: tuple[str, ...],
        folder: Path,
        stem: str,
        sidecar: Mapping[str, object] | None,
    ) -> Plan[list[Path]]:
        yield Work(partial(disk.make_folder, folder))
        saved: list[Saved] = []
        for index, url in enumerate(urls):
            saved.append(
                (yield from self._medium(url, folder, f"{stem}-{index}", saved, len(urls)))
            )
        if sidecar is not None:
            content = sidecars.content(sidecar, urls, saved)
            yield Work(partial(sidecars.write, folder, stem, content))
        return [file.path for file in saved]

    def _medium(
        self, url: str, folder: Path, name: str, before: list[Saved], count: int
    ) -> Plan[Saved]:
        done, is_last = sum(file.size for file in before), len(before) + 1 == count

        def report(size: int, total: int | None) -> None:
            self._on_progress(done + size, done + total if is_last and total is not None else None)

        with Part(folder, name) as part:
            yield Work(part.open)
            medium = Medium(url, part, self.policy, self._clock, report)
            return (yield from medium.fetch())


@cache
def _tls() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context()  # takes some 20 ms: once for the process is enough


def _listed(urls: Iterable[str]) -> tuple[str, ...]:
    return (urls,) if isinstance(urls, str) else tuple(urls)


def _ignore(done: int, total: int | None) -> None:  # noqa: ARG001 - the default of on_progress
    return
