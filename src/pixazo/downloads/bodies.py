"""The bytes of one answer: counted, capped, unpacked where a server packs unasked."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Protocol

from pixazo.downloads.steps import Head
from pixazo.errors import MediaBroken, MediaTooLarge

__all__ = ["Body", "Span", "content_length", "content_range", "strong_etag"]


class _Unzip(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a medium that a 206 answer brings."""

    start: int
    total: int | None


def content_length(head: Head) -> int | None:
    """The length the server states; None when it states none that makes sense."""
    stated = head.headers.get("content-length", "")
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 19 else None


def content_range(head: Head) -> Span | None:
    """The span the server states; None when it states none that makes sense."""
    found = re.fullmatch(
        r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", head.headers.get("content-range", "")
    )
    if found is None:
        return None
    return Span(int(found[1]), None if found[2] == "*" else int(found[2]))


def strong_etag(head: Head) -> str:
    """The entity tag, when it promises the same bytes; otherwise nothing."""
    tag = head.headers.get("etag", "")
    return tag if is_strong(tag) else ""


def is_strong(tag: str) -> bool:
    """Return whether a text is a strong entity tag, which can be sent back."""
    return re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', tag) is not None


def _gunzip() -> _Unzip:
    return zlib.decompressobj(wbits=31)


class Body:
    """Turns bytes from the wire into bytes of the medium, within the cap.

    Args:
        head: The answer's head.
        shown: The address, for messages.
        cap: Most bytes of the medium.
        have: Bytes of the medium that are on the disk already.

    Raises:
        MediaTooLarge: The head states more bytes than the cap.
        MediaBroken: The body is packed in a way nobody asked for.
    """

    def __init__(self, head: Head, *, shown: str, cap: int, have: int = 0) -> None:
        self._shown, self._cap, self._have = shown, cap, have
        self._unzip = self._unpacker(head)
        length = content_length(head)
        self.total = None if self.is_packed or length is None else have + length
        if (length or 0) + have > cap:
            raise self._too_large()

    @property
    def is_packed(self) -> bool:
        """Whether the wire carries something else than the medium's own bytes."""
        return self._unzip is not None

    def feed(self, chunk: bytes) -> bytes:
        """The medium's bytes that these bytes from the wire bring.

        Raises:
            MediaTooLarge: There are more than allowed.
            MediaBroken: They cannot be unpacked.
        """
        room = self._cap - self._have
        if self._unzip is not None:
            chunk = self._unpacked(chunk, self._unzip, room + 1)
        if len(chunk) > room:
            raise self._too_large()
        self._have += len(chunk)
        return chunk

    def missing_end(self) -> str:
        """What the body lacks of its own end; empty when nothing."""
        if self._unzip is not None and not self._unzip.eof:
            return "the packed body has no end"
        if self.total is not None and self._have < self.total:
            return f"{self.total} bytes were stated"
        return ""

    def _unpacker(self, head: Head) -> _Unzip | None:
        coding = head.headers.get("content-encoding", "").strip().lower()
        if coding in ("", "identity"):
            return None
        if coding in ("gzip", "x-gzip"):
            return _gunzip()
        message = f"{self._shown} came as {coding[:40]!r}, which was not asked for"
        raise MediaBroken(message, url=self._shown)

    def _unpacked(self, chunk: bytes, unzip: _Unzip, most: int) -> bytes:
        content = b""
        try:
            while chunk and len(content) < most:
                if unzip.eof:  # what is packed may have several members, one after the other
                    self._unzip = unzip = _gunzip()
                content += unzip.decompress(chunk, most - len(content))
                chunk = unzip.unused_data
        except zlib.error as error:
            message = f"{self._shown} cannot be unpacked: {error}"
            raise MediaBroken(message, url=self._shown) from error
        return content

    def _too_large(self) -> MediaTooLarge:
        message = f"{self._shown} has more than the {self._cap:,} bytes allowed"
        hint = "raise max_bytes if you trust the medium to be that large"
        return MediaTooLarge(message, url=self._shown, hint=hint)
