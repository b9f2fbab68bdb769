"""Secrets are found however they are wrapped, and harmless texts are left alone."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deck.leaks import find_leaks

KEY = "my-own/key+of=17 letters"
APIM = "0123456789abcdef" * 2


def percent(text: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text).encode()


def escaped(text: bytes) -> bytes:
    return "".join(f"\\u{ord(letter):04x}" for letter in text.decode()).encode()


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda text: text,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "percent": percent,
    "quoted": lambda text: quote(text, safe="").encode(),
    "base64": base64.b64encode,
    "urlsafe base64": base64.urlsafe_b64encode,
    "base64 without padding": lambda text: base64.b64encode(text).rstrip(b"="),
    "base64, shifted": lambda text: base64.b64encode(b"x:" + text),
    "base64 after letters": lambda text: b"abc" + base64.b64encode(text),
    "JSON": lambda text: json.dumps({"a": text.decode()}).encode(),
    "JSON escapes": escaped,
    "JSON slashes": lambda text: text.replace(b"/", b"\\/"),
    "hexadecimal": lambda text: text.hex().encode(),
    "UTF-16": lambda text: text.decode().encode("utf-16-le"),
    "base64 of gzip": lambda text: base64.b64encode(gzip.compress(text)),
    "percent in base64": lambda text: base64.b64encode(percent(text)),
    "gzip in base64 in JSON escapes": lambda t: escaped(base64.b64encode(gzip.compress(t))),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("secret", [KEY, APIM], ids=["known", "by its look"])
def test_a_wrapped_secret_is_found(secret: str, wrapping: str) -> None:
    """A key is found in the middle of a text in each of the wrappings, and never told."""
    content = b"before the key: " + WRAPPINGS[wrapping](secret.encode()) + b" after it"

    found = find_leaks(content, [KEY])

    assert found
    assert all(secret not in str(leak) for leak in found)


def test_both_alphabets_of_base64_are_read() -> None:
    """A key whose base64 has a plus and a slash is found in the address-safe spelling as well."""
    secret = ">>>???~~~key>>>???"
    plain, safe = base64.b64encode(secret.encode()), base64.urlsafe_b64encode(secret.encode())
    assert plain != safe

    assert find_leaks(plain, [secret])
    assert find_leaks(safe, [secret])


@given(
    secret=st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_/+=!", min_size=8, max_size=64),
    before=st.binary(max_size=40),
    after=st.binary(max_size=40),
)
def test_a_known_secret_is_found_between_any_bytes(
    secret: str, before: bytes, after: bytes
) -> None:
    """Whatever stands around it, a known secret is found plainly and in gzip."""
    assert find_leaks(before + secret.encode() + after, [secret])
    assert find_leaks(before + gzip.compress(secret.encode()) + after, [secret])


@pytest.mark.parametrize(
    "text",
    [
        "Ocp-Apim-Subscription-Key: x",
        '{"authorization": "Basic abc"}',
        "Bearer abcdefghijklmnop",
        "https://media.example.com/a.png?X-Amz-Signature=abc",
        "https://media.example.com/a.png?sig=abc&x=1",
        "https://me:secret@example.com/",
        "sk-abcdefghijklmnop1234",
        "AKIAABCDEFGHIJKLMNOP",
        "eyJhbGciOiJI.eyJzdWIiOiIx.abc",
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_found(text: str) -> None:
    """Nobody needs to name a secret that looks like one."""
    assert find_leaks(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "qwen-image-max_019b76da-a800-7000-8532-5cf45712d24c6",
        "sha256: 24261c2029614ed0661a66ff4a8db3aa14875b66e5d35ae7277bc2825755fe2f",
        "http://127.0.0.1:8788/v1/qwen-image-max_019b76da/output-0.png",
        "The wallet is empty; the key may not do this.",
    ],
)
def test_ids_hashes_and_words_are_no_secrets(text: str) -> None:
    """What stands on every cassette is not taken for a secret."""
    assert find_leaks(text.encode()) == []
