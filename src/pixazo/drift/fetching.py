"""A documentation page from the web: text of a sensible size, or an error that says why not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pixazo.drift.faults import PageUnreadable
from pixazo.drift.lines import LARGEST, decoded

if TYPE_CHECKING:
    import httpx2

__all__ = ["fetched_text"]

HINT = "save the page as text or markdown and give the file"
_HOPS = 5
_OK = 200


def fetched_text(url: str, *, timeout_s: float = 60.0, longest: int = LARGEST) -> str:
    """Return the text of a page; no key is sent.

    Args:
        url: Its address; a few redirects are followed.
        timeout_s: How long all of it may take, in seconds.
        longest: How many bytes it may have.

    Raises:
        PageUnreadable: Nobody answers in time, the answer is an error, no text, or too long;
            or the address is none.
    """
    import httpx2

    if not _is_address(url):
        raise PageUnreadable(
            f"{url}: only files, and http or https addresses with a host, are read", hint=HINT
        )
    deadline = time.monotonic() + timeout_s
    try:
        with (
            httpx2.Client(follow_redirects=True, max_redirects=_HOPS, timeout=timeout_s) as client,
            client.stream("GET", url) as answer,
        ):
            _check(url, answer)
            content = b"".join(_chunks(url, answer, longest, deadline))
    except httpx2.TooManyRedirects as error:
        raise PageUnreadable(f"{url}: more than {_HOPS} redirects", hint=HINT) from error
    except httpx2.TimeoutException as error:
        raise PageUnreadable(f"{url}: no answer within {timeout_s:g} s", hint=HINT) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise PageUnreadable(f"{url}: {error}", hint=HINT) from error
    return decoded(content, url)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _check(url: str, answer: httpx2.Response) -> None:
    if answer.status_code != _OK:
        words = f"{answer.status_code} {answer.reason_phrase}".strip()
        raise PageUnreadable(f"{url}: answered {words}", hint=HINT)
    kind = answer.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if not kind.startswith("text/"):
        raise PageUnreadable(f"{url}: is {kind}, not text", hint=HINT)


def _chunks(url: str, answer: httpx2.Response, longest: int, deadline: float) -> Iterator[bytes]:
    found = 0
    for chunk in answer.iter_bytes():
        found += len(chunk)
        if found > longest:
            raise PageUnreadable(f"{url}: longer than {longest:,} bytes", hint=HINT)
        if time.monotonic() > deadline:
            raise PageUnreadable(f"{url}: did not end in time", hint=HINT)
        yield chunk
