"""The attack table: what a stranger may send to a receiver of callbacks, as data."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

__all__ = ["RULES", "Attack", "Drip", "Mark", "Rule", "Wire", "attacks", "honest"]

Rule: TypeAlias = Literal["refuse", "calm", "end", "single", "alive"]

RULES: Final[Mapping[Rule, str]] = {
    "refuse": "answered 4xx, 501, 503 or 505, or the connection is closed; in time",
    "calm": "answered 2xx or 4xx in time, and no address of the body is fetched",
    "end": "let go before the patience ends",
    "single": "one answer at most, and none of 5xx",
    "alive": "an honest callback is heard meanwhile",
}
"""What a receiver must do; whatever else happens, the attack got through."""

KIB: Final = 1024
BOMB_CHUNKS: Final = 64
FLOOD: Final = 300
IDLERS: Final = 60
BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Drip:
    """Bytes that come one by one, `pause_s` apart, over and over until nobody listens."""

    content: bytes
    pause_s: float = 0.2


Wire: TypeAlias = tuple[bytes | Drip, ...]
"""What one connection sends, in order."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Who is attacked.

    Args:
        host: an address of this machine.
        port: where it listens.
        path: the genuine path of one job's callback, token included.
        canary: an address that nobody may fetch.
    """

    host: str
    port: int
    path: str
    canary: str

    @property
    def token(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    def with_token(self, token: str) -> str:
        """The path with another last segment."""
        return self.path.removesuffix(self.token) + token


@dataclass(frozen=True, slots=True)
class Attack:
    """One row of the table.

    Args:
        family: which kind of attack it is.
        name: what is sent.
        rule: what the receiver must do, see `RULES`.
        wires: what each connection sends; they come one after the other.
        at_once: whether they come at the same time instead.
    """

    family: str
    name: str
    rule: Rule
    wires: tuple[Wire, ...]
    at_once: bool = False


def attacks(mark: Mark) -> tuple[Attack, ...]:
    """The whole table for one receiver; its size does not depend on the receiver."""
    families = (_tokens, _paths, _methods, _sizes, _slow, _packed, _chunks, _headers, _bodies)
    return tuple(attack for family in families for attack in family(mark)) + tuple(_floods(mark))


def honest(mark: Mark) -> bytes:
    """A callback as the gateway makes it."""
    return _call(mark, mark.path, _body())


def _call(
    mark: Mark, path: str, body: bytes = b"{}", *lines: str, method: str = "POST", **headers: str
) -> bytes:
    """A request; `headers` replace the usual ones, an empty one leaves its line out."""
    fields = {
        "host": f"{mark.host}:{mark.port}",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    usual = [f"{name}: {value}" for name, value in fields.items() if value]
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *usual, *lines, "", ""])
    return head.encode("latin-1") + body


def _body(status: str = "COMPLETED", canary: str = "", **more: object) -> bytes:
    address = canary or "https://media.example.com/output.png"
    told: dict[str, object] = {
        "request_id": "qwen-image-max_019d0000-0000-7000-8000-0000000000000",
        "model_id": "qwen-image-max",
        "status": status,
        "polling_url": address,
        "error": None,
        "output": {"media_url": [address], "media_type": "image/png"},
    }
    return json.dumps(told | more).encode()


def _tokens(mark: Mark) -> Iterator[Attack]:
    token = mark.token
    forged = {
        "no token": "",
        "a guess": BASE64[: len(token)].ljust(len(token), "A"),
        "the first letter changed": _changed(token, 0),
        "a letter in the middle changed": _changed(token, len(token) // 2),
        "a letter near the end changed": _changed(token, -3),
        "cut by one": token[:-1],
        "longer by one": token + "A",
        "in capitals": token.upper() if token.upper() != token else token.lower(),
        "backwards": token[::-1],
        "twice": token * 2,
        "nine thousand letters": token + "A" * 9_000,
    }
    for name, text in forged.items():
        yield Attack("forged token", name, "refuse", ((_call(mark, mark.with_token(text)),),))


def _changed(token: str, at: int) -> str:
    letters = list(token)
    letters[at] = "A" if letters[at] != "A" else "B"
    return "".join(letters)


def _paths(mark: Mark) -> Iterator[Attack]:
    base, token = mark.with_token(""), mark.token
    tricks = {
        "a slash after the token": f"{mark.path}/",
        "a segment after the token": f"{mark.path}/x",
        "a zero byte after the token": f"{mark.path}%00",
        "a line break after the token": f"{mark.path}%0d%0a",
        "a blank after the token": f"{mark.path}%20",
        "parameters after the token": f"{mark.path};a=b",
        "an encoded slash after the token": f"{mark.path}%2F",
        "a dot segment after the token": f"{mark.path}/..",
        "the token in the query alone": f"{base}?token={token}",
        "the token in the fragment alone": f"{base}#{token}",
        "a forged token before the genuine one's query": f"{base}A?/{token}",
    }
    for name, path in tricks.items():
        yield Attack("path", name, "refuse", ((_call(mark, path),),))


def _methods(mark: Mark) -> Iterator[Attack]:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", "POSTED"):
        wire = (_call(mark, mark.path, method=method),)
        yield Attack("wrong method", method, "refuse", (wire,))
    hidden = _call(mark, mark.path, b"{}", "x-http-method-override: POST", method="GET")
    yield Attack("wrong method", "GET that says it is POST", "refuse", ((hidden,),))


def _sizes(mark: Mark) -> Iterator[Attack]:
    attack = partial(Attack, "oversized", rule="refuse")
    big = b" " * (KIB * KIB)
    yield attack("a body of 1 MiB", wires=((_call(mark, mark.path, big),),))
    for name, length in {
        "10 GB announced, none sent": "10000000000",
        "a length of 4,000 digits": "9" * 4_000,
        "a negative length": "-1",
        "a length with a sign": "+2",
        "a length in hexadecimal": "0x2",
    }.items():
        yield attack(name, wires=((_call(mark, mark.path, b"", content_length=length),),))
    large = _call(mark, mark.path, b"{}", f"x-large: {'a' * 128 * KIB}")
    yield attack("a header of 128 KiB", wires=((large,),))


def _slow(mark: Mark) -> Iterator[Attack]:
    head = _call(mark, mark.path, b"", content_length="60000")
    forged = _call(mark, mark.with_token("A" * 40), b"", content_length="60000")
    attack = partial(Attack, "slow")
    yield attack("a body that drips", "end", ((head, Drip(b" ")),))
    yield attack("a body that never comes", "end", ((head,),))
    yield attack("a chunked body that drips", "end", ((_chunked(mark), Drip(b"1\r\n \r\n")),))
    yield attack("a head that drips", "end", ((head[:20], Drip(b"a")),))
    yield attack("a forged token whose body never comes", "refuse", ((forged,),))


def _packed(mark: Mark) -> Iterator[Attack]:
    bomb = gzip.compress(bytes(10 * KIB * KIB), mtime=0)
    for coding in ("gzip", "deflate", "br", "identity, gzip"):
        wire = (_call(mark, mark.path, bomb, content_encoding=coding),)
        yield Attack("packed", f"10 MiB as {coding}", "refuse", (wire,))
    twice = _call(mark, mark.path, bomb, "content-encoding: gzip", content_encoding="identity")
    yield Attack("packed", "gzip behind identity", "refuse", ((twice,),))


def _chunks(mark: Mark) -> Iterator[Attack]:
    attack = partial(Attack, "chunks")
    chunk = b"10000\r\n" + b" " * 64 * KIB + b"\r\n"
    bomb = (_chunked(mark), *[chunk] * BOMB_CHUNKS, b"0\r\n\r\n")
    yield attack("4 MiB in chunks", "refuse", (bomb,))
    huge = (_chunked(mark), b"FFFFFFFF\r\n" + b" " * KIB)
    yield attack("a chunk of 4 GiB announced", "end", (huge,))  # most servers hide a chunk's size
    for name, odd in {"a size of no digits": b"zz\r\n", "a negative size": b"-1\r\n"}.items():
        yield attack(name, "refuse", ((_chunked(mark), odd + b"{}\r\n0\r\n\r\n"),))
    packed = _call(mark, mark.path, b"2\r\n{}\r\n0\r\n\r\n", content_length="",
                   transfer_encoding="gzip, chunked")  # fmt: skip
    yield attack("gzip inside chunks", "refuse", ((packed,),))


def _chunked(mark: Mark) -> bytes:
    return _call(mark, mark.path, b"", content_length="", transfer_encoding="chunked")


def _headers(mark: Mark) -> Iterator[Attack]:
    attack = partial(Attack, "headers")
    forged, token = mark.with_token("A" * 40), mark.token
    for name, line in {
        "the genuine path as X-Original-URL": f"x-original-url: {mark.path}",
        "the genuine path as X-Rewrite-URL": f"x-rewrite-url: {mark.path}",
        "the token as a bearer": f"authorization: Bearer {token}",
        "the token as a cookie": f"cookie: token={token}",
        "the token as a referrer": f"referer: http://{mark.host}{mark.path}",
    }.items():
        yield attack(name, "refuse", ((_call(mark, forged, b"{}", line),),))
    for name, line in {
        "a second, other length": "content-length: 3",
        "a line without a colon": "no colon here",
        "a zero byte in a value": "x-zero: a\0b",
        "a blank in a name": "x odd: 1",
        "an unknown transfer coding": "transfer-encoding: odd",
    }.items():
        yield attack(name, "refuse", ((_call(mark, mark.path, b"{}", line),),))
    smuggled = b"0\r\n\r\n" + _call(mark, mark.path)
    both = _call(mark, mark.path, smuggled, "transfer-encoding: chunked", connection="keep-alive")
    yield attack("length and chunks, a call inside", "single", ((both,),))
    version = _call(mark, mark.path).replace(b"HTTP/1.1", b"HTTP/9.9", 1)
    yield attack("HTTP/9.9", "refuse", ((version,),))


def _bodies(mark: Mark) -> Iterator[Attack]:
    for name, body in {
        "media at a strange address": _body(canary=mark.canary),
        "a request id that climbs": _body(canary=mark.canary, request_id="../../wallet"),
        "a request id of a list": _body(canary=mark.canary, request_id=[1]),
        "no JSON": b"<html>",
        "nothing": b"",
        "thirty thousand brackets": b"[" * 30_000,
        "a number of twenty thousand digits": b'{"request_id": ' + b"9" * 20_000 + b"}",
        "no UTF-8": b'{"request_id": "\xff\xfe"}',
        "a zero byte": b'{"request_id": "a\\u0000b"}',
    }.items():
        yield Attack("lying body", name, "calm", ((_call(mark, mark.path, body),),))
    same = (_call(mark, mark.path, _body(canary=mark.canary)),)
    yield Attack("replay", "the same callback, five times", "calm", (same,) * 5)
    yield Attack("duplicates", "ten at once", "calm", (same,) * 10, at_once=True)
    words = ("COMPLETED", "PROCESSING", "QUEUED", "FAILED", "ERROR", "COMPLETED")
    order = tuple((_call(mark, mark.path, _body(word, mark.canary)),) for word in words)
    yield Attack("reordering", "the end before the start", "calm", order)


def _floods(mark: Mark) -> Iterator[Attack]:
    forged = (_call(mark, mark.with_token("A" * 40)),)
    attack = partial(Attack, "flood", at_once=True)
    yield attack(f"{FLOOD} forged callbacks", "refuse", (forged,) * FLOOD)
    half = (honest(mark)[:25],)
    yield attack(f"{IDLERS} connections that say nothing more", "alive", (half,) * IDLERS)
