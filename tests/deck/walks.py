"""A journey walked with the public client, the same when it is recorded and when it is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from pixazo_openapi.requests import request_from_dict

from pixazo import AsyncPixazo, Job, Pixazo, PixazoError, RequestRefused, Result
from pixazo.downloads import Downloader
from tests.deck.types import Tree

__all__ = ["walk", "walk_async"]

ONCE_ENDED = 2  # looks at a job that has ended: it must stay as it is


def walk(
    client: Pixazo,
    journey: Mapping[str, Any],
    folder: Path,
    *,
    follow: Callable[[Job], list[str]] | None = None,
    downloader: Downloader | None = None,
) -> Tree:
    """Do what a journey says and return how it ended.

    Args:
        client: A client of the gateway, or of a cassette.
        journey: The journey block of a cassette.
        folder: Where media go.
        follow: Follows a job to its end and returns the words seen; `Job.watch` when None.
        downloader: Fetches the media; `Result.save` when None.
    """
    words: list[str] = []
    try:
        if "look" in journey:
            words.append(str(client.job(journey["look"]).status()))
            return _ending(words, None, [])
        request = request_from_dict(journey["request"])
        if request.model.mode == "direct":
            result = client.generate(request)
        else:
            job = client.submit(request, webhook=journey.get("webhook"))
            words.append(str(job.status()))
            words += follow(job) if follow else map(str, job.watch())
            words += [str(client.job(job.request_id).status()) for _ in range(ONCE_ENDED)]
            result = job.wait()
        return _ending(words, result, _save(result, folder, downloader) if journey["saves"] else [])
    except PixazoError as error:
        return _bad_ending(words, error)


async def walk_async(
    client: AsyncPixazo,
    journey: Mapping[str, Any],
    folder: Path,
    *,
    downloader: Downloader | None = None,
) -> Tree:
    """Do the same with the other colour of the client."""
    words: list[str] = []
    try:
        if "look" in journey:
            words.append(str(await client.job(journey["look"]).status()))
            return _ending(words, None, [])
        request = request_from_dict(journey["request"])
        if request.model.mode == "direct":
            result = await client.generate(request)
        else:
            job = await client.submit(request, webhook=journey.get("webhook"))
            words.append(str(await job.status()))
            words += [str(status) async for status in job.watch()]
            for _ in range(ONCE_ENDED):
                words.append(str(await client.job(job.request_id).status()))
            result = await job.wait()
        if not journey["saves"]:
            return _ending(words, result, [])
        return _ending(words, result, await _save_async(result, folder, downloader))
    except PixazoError as error:
        return _bad_ending(words, error)


def _save(result: Result, folder: Path, downloader: Downloader | None) -> list[Path]:
    if downloader is None:
        return result.save(folder)
    urls = [medium.url for medium in result.media]
    return downloader.save(urls, folder, stem=result.request_id)


async def _save_async(result: Result, folder: Path, downloader: Downloader | None) -> list[Path]:
    if downloader is None:
        return await result.save_async(folder)
    urls = [medium.url for medium in result.media]
    return await downloader.save_async(urls, folder, stem=result.request_id)


def _ending(words: list[str], result: Result | None, files: list[Path]) -> Tree:
    ending = _seen(words)
    if result is not None:
        ending["result"] = {
            "media": len(result.media),
            "saved": [path.suffix[1:] for path in files],
            "deviations": [str(deviation) for deviation in result.deviations],
        }
    return ending


def _bad_ending(words: list[str], error: PixazoError) -> Tree:
    told: Tree = {"is": type(error).__name__, "charged": error.charged}
    if isinstance(error, RequestRefused):
        told["status"] = error.status_code
    return _seen(words) | {"error": told}


def _seen(words: list[str]) -> Tree:
    """The words that were seen, each once in a row."""
    return {"words": [word for word, _ in groupby(words)]} if words else {}
