"""A transport that cannot spend more than its cap, however many processes share it."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast

import httpx2
from pixazo_openapi.catalogue import KEY_HEADER, MODELS

from tests.contract.suite.samples import at

__all__ = ["CapReached", "CappedTransport", "PriceUnknown", "Spending", "known_prices"]

_FINDS = re.compile(r"""https?://[^\s"?#\\]+|(?<="request_id":")[\w.~-]{1,200}(?=")""")
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_PICTURES = 10


class CapReached(Exception):  # noqa: N818 - reads as what happened
    """A request would have gone past the cap; nothing was sent."""


class PriceUnknown(Exception):  # noqa: N818 - reads as what happened
    """A request has no documented price and none was assumed; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent, in a file that only grows; every look and line happens under its lock.

    Args:
        path: a file of JSON lines, made when it is missing.
        cap: US dollars that all processes together may spend.
    """

    path: Path
    cap: Decimal

    def reserve(self, usd: Decimal, what: str) -> str:
        """Take money for a request that is about to leave.

        Returns:
            the reservation's name, for `refund`.

        Raises:
            CapReached: the cap does not cover it.
        """
        name = f"{os.getpid()}-{time.time_ns()}-{next(_numbers)}"
        with self._locked() as file:
            spent = self._sum(file)
            if spent + usd > self.cap:
                raise CapReached(
                    f"{what} costs up to ${usd}, ${spent} of ${self.cap} are spent or reserved: "
                    "not sent; raise --max-spend"
                )
            _append(file, {"reserve": name, "usd": str(usd), "what": what})
        return name

    def refund(self, name: str, usd: Decimal, why: str) -> None:
        """Give a reservation back."""
        with self._locked() as file:
            _append(file, {"refund": name, "usd": str(-usd), "what": why})

    def note(self, name: str, what: str) -> None:
        """Write down what a reservation has brought; it stays taken."""
        with self._locked() as file:
            _append(file, {"answer": name, "usd": "0", "what": what})

    def spent(self) -> Decimal:
        """US dollars that are spent or reserved."""
        with self._locked() as file:
            return self._sum(file)

    def _locked(self) -> _Locked:
        return _Locked(self.path)

    def _sum(self, file: IO[str]) -> Decimal:
        try:
            return _sum(file)
        except (ValueError, KeyError, ArithmeticError) as error:
            raise CapReached(
                f"{self.path} does not read as JSON lines, so what was spent is unknown: nothing "
                "is sent; put the file right or move it away"
            ) from error


class _Locked:
    """The file, open and locked against every other process and thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> IO[str]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+", encoding="utf-8")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.close()


_numbers: Iterator[int] = itertools.count()


def _sum(file: IO[str]) -> Decimal:
    """Add the lines up."""
    file.seek(0)
    return sum((Decimal(json.loads(line)["usd"]) for line in file if line.strip()), Decimal(0))


def _append(file: IO[str], row: Mapping[str, Any]) -> None:
    """Write a line that is on the disk when this returns."""
    file.seek(0, os.SEEK_END)
    file.write(json.dumps({"time": round(time.time(), 3), **row}) + "\n")
    file.flush()
    os.fsync(file.fileno())


def known_prices(assumed: Mapping[str, Decimal]) -> dict[str, Decimal | None]:
    """US dollars by model id: assumed over documented; None where neither is known."""
    return {name: assumed.get(name, model.price.usd) for name, model in MODELS.items()}


class CappedTransport(httpx2.BaseTransport):
    """Reserves the worst that a request can cost before a byte of it leaves.

    A 4xx gives the money back; everything else keeps it, lost answers too. Whoever it goes to: an
    address has many spellings, and the key is sent to the gateway alone.

    Args:
        inner: sends.
        spending: the cap and what is spent of it.
        prices: US dollars by model id.
    """

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        spending: Spending,
        prices: Mapping[str, Decimal | None],
    ) -> None:
        self._inner, self._spending, self._prices = inner, spending, prices

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send within the cap.

        Raises:
            CapReached: the cap does not cover it.
            PriceUnknown: what it costs is not known.
        """
        usd, what = self._worst(request)
        name = self._spending.reserve(usd, what) if usd else ""
        answer = self._inner.handle_request(request)
        told = f"{answer.status_code} to {what}"
        if name and 400 <= answer.status_code < 500:
            self._spending.refund(name, usd, told)
        elif name:
            key = request.headers[KEY_HEADER]
            answer.stream = _Heard(answer, lambda text: self._note(name, told, text, key))
        return answer

    def _note(self, name: str, told: str, text: str, key: str) -> None:
        """Write down by what the paid job is found, for whoever is killed a moment later."""
        found = [each for each in dict.fromkeys(_FINDS.findall(text)) if key not in each]
        with suppress(OSError):  # the reader must not lose the answer over it
            self._spending.note(name, ": ".join([told, *found[:MOST_PICTURES]]))

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _worst(self, request: httpx2.Request) -> tuple[Decimal, str]:
        target = request.extensions.get("target", request.url.raw_path).decode("ascii", "replace")
        path = target.partition("?")[0]
        what = f"{request.method} {path}"
        if request.method in HARMLESS or KEY_HEADER not in request.headers:
            return Decimal(0), what
        model = next((m for m in MODELS.values() if path.endswith(m.path)), None)
        known = [usd for usd in self._prices.values() if usd is not None]
        usd = self._prices[model.model_id] if model else max(known, default=None)
        if usd is None:
            named = model.model_id if model else "a model"
            raise PriceUnknown(f"{what}: no price is known; give --assume-price {named}=USD")
        return usd * _pictures(request.read(), model.render.get("count") if model else None), what


class _Heard(httpx2.SyncByteStream):
    """The bytes of an answer, told as a text without spaces when the last of them is there."""

    def __init__(self, answer: httpx2.Response, tell: Callable[[str], None]) -> None:
        self._stream, self._tell = cast("httpx2.SyncByteStream", answer.stream), tell
        self._status, self._headers = answer.status_code, answer.headers

    def __iter__(self) -> Iterator[bytes]:
        """Yield them."""
        parts: list[bytes] = []
        for part in self._stream:
            parts.append(part)
            yield part
        with suppress(httpx2.DecodingError):
            whole = httpx2.Response(self._status, headers=self._headers, content=b"".join(parts))
            self._tell("".join(whole.text.split()))

    def close(self) -> None:
        """Let the connection go."""
        self._stream.close()


def _pictures(body: bytes, pointer: str | None) -> int:
    """How many pictures a body may be charged for: what a price is for is open (R12)."""
    try:
        asked = at(json.loads(body), pointer)
    except ValueError:
        return 1
    whole = isinstance(asked, int | float) and not isinstance(asked, bool)
    return int(min(max(asked, 1), MOST_PICTURES)) if whole else 1
