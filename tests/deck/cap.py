"""A transport that cannot spend more than a cap: money is reserved before a byte leaves."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import httpx2
from pixazo_openapi.catalogue import MODELS, Model

from tests.deck.faults import NotRecordable

__all__ = ["Ledger", "SpendCap", "most_of"]

MOST_IMAGES = 10  # what a request could ask for whose count cannot be read
FREE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was spent or may have been, one JSON line each; processes share it.

    Args:
        path: The file; it is made when it does not exist.
        cap: The most that it may add up to, in US dollars.
    """

    path: Path
    cap: Decimal

    def reserve(self, usd: Decimal, what: str) -> None:
        """Write money down before it can be spent; on disk when this comes back.

        Raises:
            NotRecordable: It would pass the cap; nothing was written.
        """
        with self._locked() as file:
            spent = _total(file)
            if spent + usd > self.cap:
                said = f"{what} may cost {usd} USD; {spent} of {self.cap} USD are spent or reserved"
                raise NotRecordable(f"{said}: not sent, give a higher --max-spend")
            _append(file, usd, what)

    def refund(self, usd: Decimal, what: str) -> None:
        """Take a reservation back."""
        with self._locked() as file:
            _append(file, -usd, what)

    @property
    def spent(self) -> Decimal:
        """What was spent, or may have been, in US dollars."""
        with self._locked() as file:
            return _total(file)

    def _locked(self) -> IO[str]:
        """The file, which nobody else may use until it is closed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except BaseException:
            file.close()
            raise
        return file


class SpendCap(httpx2.BaseTransport):
    """Sends what the cap covers, and nothing else.

    A refusal (4xx) gives the money back; an answer that is lost, late or a 5xx does not, because it
    may have been charged.

    Args:
        inner: Sends.
        ledger: Where money is reserved.
        prices: US dollars by model id, for models without a documented price, or over it.
    """

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        ledger: Ledger,
        prices: Mapping[str, Decimal] | None = None,
    ) -> None:
        self._inner, self._ledger, self._prices = inner, ledger, dict(prices or {})

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Reserve, send, and take back what was refused.

        Raises:
            NotRecordable: It may not be paid; nothing was sent.
        """
        if request.method in FREE:
            return self._inner.handle_request(request)
        model = _model_at(request.url.path)
        usd = most_of(model, _body(request), self._prices)
        self._ledger.reserve(usd, model.model_id)
        response = self._inner.handle_request(request)
        if 400 <= response.status_code < 500:
            self._ledger.refund(usd, model.model_id)
        return response

    def close(self) -> None:
        """Close what sends."""
        self._inner.close()


def most_of(model: Model, body: Any, prices: Mapping[str, Decimal]) -> Decimal:
    """Return the most that a request may cost in US dollars: each image at the whole price.

    The pages give prices per request (R12); a cap must hold even if they were per image.

    Raises:
        NotRecordable: No price is documented and none was given.
    """
    usd = prices.get(model.model_id, model.price.usd)
    if usd is None:
        said = f"{model.model_id}: no price is documented; state one with --assume-price"
        raise NotRecordable(f"{said} {model.model_id}=USD")
    return usd * _images(model, body)


def _images(model: Model, body: Any) -> int:
    pointer = model.render.get("count")
    if pointer is None:
        return 1
    count = body.get(pointer.removeprefix("/"), 1) if isinstance(body, dict) else MOST_IMAGES
    whole = isinstance(count, int) and not isinstance(count, bool)
    return max(1, count) if whole else MOST_IMAGES


def _model_at(path: str) -> Model:
    for model in MODELS.values():
        if path.endswith(model.path):
            return model
    raise NotRecordable(f"POST {path} is no documented request, so its price is unknown: not sent")


def _body(request: httpx2.Request) -> Any:
    try:
        return json.loads(request.read())
    except ValueError:
        return None


def _total(file: IO[str]) -> Decimal:
    file.seek(0)
    return sum((Decimal(json.loads(line)["usd"]) for line in file), Decimal(0))


def _append(file: IO[str], usd: Decimal, what: str) -> None:
    file.seek(0, os.SEEK_END)
    file.write(json.dumps({"usd": str(usd), "what": what}) + "\n")
    file.flush()
    os.fsync(file.fileno())
