"""One request of a batch, and the key under which the ledger knows it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from json import dumps
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["Item", "Keys", "items_of"]


@dataclass(frozen=True, slots=True)
class Item:
    """One request of a batch.

    Args:
        number: Its place in the whole input, from 1; of a file, the line.
        key: The job's key in a ledger.
        request: The request.
    """

    number: int
    key: str
    request: Request


class Keys:
    """Keys of requests that nobody named: the same wherever and whenever they are run.

    Args:
        gateway_url: The gateway; a sandbox's picture does not stand for a real one.
    """

    def __init__(self, gateway_url: str) -> None:
        self._gateway_url = gateway_url
        self._equal: Counter[str] = Counter()

    def next(self, request: Request) -> str:
        """Return the key of the next request of the input; equal ones are told by a number."""
        said = dumps([self._gateway_url, request.to_dict()], sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(said.encode()).hexdigest()[:24]
        self._equal[digest] += 1
        return f"batch-{digest}-{self._equal[digest]}"


def items_of(requests: Iterable[Request], gateway_url: str) -> tuple[Item, ...]:
    """Return requests as a batch, each equal one with a key of its own."""
    keys = Keys(gateway_url)
    numbered = enumerate(requests, 1)
    return tuple(Item(number, keys.next(request), request) for number, request in numbered)
