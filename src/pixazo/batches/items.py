"""One request of a batch, and the key under which the ledger knows it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["Item", "items_of", "key_of"]


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


def key_of(request: Request, ordinal: int, gateway_url: str) -> str:
    """Return the key of a request that nobody named: the same wherever and whenever it is run.

    Args:
        request: The request.
        ordinal: The how-manieth equal request of the input it is, from 1.
        gateway_url: The gateway; a sandbox's picture does not stand for a real one.
    """
    from json import dumps

    said = dumps([gateway_url, request.to_dict()], sort_keys=True, ensure_ascii=False)
    return f"batch-{hashlib.sha256(said.encode()).hexdigest()[:24]}-{ordinal}"


def items_of(requests: Iterable[Request], gateway_url: str) -> tuple[Item, ...]:
    """Return requests as a batch, each equal one with a key of its own."""
    seen: Counter[str] = Counter()
    items: list[Item] = []
    for number, request in enumerate(requests, 1):
        base = key_of(request, 0, gateway_url)
        seen[base] += 1
        items.append(Item(number, base.removesuffix("0") + str(seen[base]), request))
    return tuple(items)
