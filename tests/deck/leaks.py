"""Find secrets in bytes, also where they are wrapped: gzip, percent signs, base64, JSON escapes."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

__all__ = ["Leak", "find_leaks"]

DEEPEST = 3  # wrappings within wrappings
LARGEST = 4 * 2**20  # bytes that a wrapping may unfold to
SHORTEST = 8  # a shorter text is a word, not a secret

PATTERNS = {
    "a subscription key": re.compile(rb"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])", re.I),
    "a key header": re.compile(
        rb"(?:ocp-apim-subscription-key|x-api-key|authorization|proxy-authorization|cookie)"
        rb"[\"']?\s*[:=]\s*[\"']?[^\s\"',}]",
        re.I,
    ),
    "a bearer token": re.compile(rb"\bbearer\s+[A-Za-z0-9._~+/-]{12,}", re.I),
    "a secret in an address": re.compile(
        rb"[?&;](?:subscription-key|api[-_]?key|key|sig|signature|token|access[-_]token|secret"
        rb"|x-amz-signature|x-amz-security-token|x-goog-signature|password)=[^&\s\"']",
        re.I,
    ),
    "a login in an address": re.compile(rb"https?://[^/\s\"'@]{1,200}:[^/\s\"'@]{1,200}@"),
    "an API key": re.compile(
        rb"\b(?:sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}"
        rb"|xox[a-z]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{30,})"
    ),
    "a JSON web token": re.compile(rb"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{11,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\"\\/bfnrt])")
_ZLIB = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that looks like a secret; never the secret itself.

    Args:
        what: What it looks like.
        offset: The byte where it, or its outermost wrapping, begins.
        wrapping: How it is wrapped, outermost first; empty when it stands there plainly.
    """

    what: str
    offset: int
    wrapping: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " in ".join([self.what, *reversed(self.wrapping)])


@dataclass(frozen=True, slots=True)
class _View:
    content: bytes
    offset: int | None  # of the outermost wrapping; None: offsets are the content's own
    wrapping: tuple[str, ...]


def find_leaks(content: bytes, secrets: Iterable[str] = ()) -> list[Leak]:
    """Return what looks like a secret, in the order of its place.

    Args:
        content: What shall be free of secrets.
        secrets: Texts that are known to be secret; short ones are not looked for.
    """
    known = [secret.encode() for secret in secrets if len(secret) >= SHORTEST]
    found: set[Leak] = set()
    for view in _unfold(_View(content, None, ()), set()):
        found |= set(_matches(view, known))
    return sorted(found, key=lambda leak: (leak.offset, leak.wrapping, leak.what))


def _matches(view: _View, known: list[bytes]) -> Iterator[Leak]:
    def leak(what: str, offset: int) -> Leak:
        return Leak(what, offset if view.offset is None else view.offset, view.wrapping)

    for secret in known:
        if (at := view.content.find(secret)) >= 0:
            yield leak("a key that was used", at)
    for what, pattern in PATTERNS.items():
        for match in pattern.finditer(view.content):
            yield leak(what, match.start())


def _unfold(view: _View, seen: set[bytes]) -> Iterator[_View]:
    """The content, and everything that is wrapped in it."""
    if view.content in seen:
        return
    seen.add(view.content)
    yield view
    if len(view.wrapping) == DEEPEST:
        return
    for name, offset, inner in _wrapped(view.content):
        at = offset if view.offset is None else view.offset
        yield from _unfold(_View(inner, at, (*view.wrapping, name)), seen)


def _wrapped(content: bytes) -> Iterator[tuple[str, int, bytes]]:
    yield from _respelled(content)
    for match in _ZLIB.finditer(content):
        if inner := _inflated(content[match.start() :]):
            yield "gzip", match.start(), inner
    for match in _BASE64.finditer(content):
        for skip in range(4):  # it may begin in the middle of a longer run
            if inner := _decoded(match.group()[skip:]):
                yield "base64", match.start() + skip, inner
    for match in _HEX.finditer(content):
        yield "hexadecimal digits", match.start(), bytes.fromhex(match.group().decode())


def _respelled(content: bytes) -> Iterator[tuple[str, int, bytes]]:
    """The whole content with some of its letters written another way."""
    if b"%" in content:
        yield "percent signs", content.find(b"%"), unquote_to_bytes(content)
    if match := _ESCAPE.search(content):
        yield "escapes", match.start(), _ESCAPE.sub(_unescaped, content)
    if b"\x00" in content:
        yield "UTF-16", content.find(b"\x00"), content.replace(b"\x00", b"")


def _unescaped(match: re.Match[bytes]) -> bytes:
    text = match.group().decode()
    if text.startswith("\\x"):
        return bytes.fromhex(text[2:])
    return str(json.loads(f'"{text}"')).encode("utf-8", "replace")


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(content, LARGEST)
    except zlib.error:
        return b""


def _decoded(run: bytes) -> bytes:
    text = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    text = text[: len(text) - (len(text) % 4 == 1)]
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return b""
