"""Everything that one sandbox knows, in one place."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from pixazo.sandbox.clock import Clock
from pixazo.sandbox.deliveries import Deliveries
from pixazo.sandbox.document import Document, Operation
from pixazo.sandbox.faults import Faults
from pixazo.sandbox.ids import RequestIds
from pixazo.sandbox.jobs import Job, Jobs
from pixazo.sandbox.journal import Journal
from pixazo.sandbox.wallet import Wallet

__all__ = ["STAND_IN_PRICE", "World", "is_loopback"]

STAND_IN_PRICE = Decimal("0.10")
"""What a model costs here when the documents give no price, in US dollars (R11)."""


@dataclass(slots=True)
class World:
    """The state of a sandbox, shared by its gateway, media origin, control plane and page.

    Args:
        document: the gateway as data.
        clock: virtual time.
        wallet: the money.
        latency: virtual seconds that a job takes.
        direct_latency: virtual seconds that a direct answer takes.
        keys: the keys that are accepted; any non-empty one when None.
        prices: dollars by model id, over the document's.
        seed: decides ids, probabilities and pictures without a seed of their own.
    """

    document: Document
    clock: Clock
    wallet: Wallet
    latency: float
    direct_latency: float
    keys: tuple[str, ...] | None
    prices: Mapping[str, Decimal]
    seed: int
    gateway_url: str = "http://gateway.sandbox.test"
    media_url: str = "http://media.sandbox.test"
    jobs: Jobs = field(default_factory=Jobs)
    journal: Journal = field(init=False)
    faults: Faults = field(init=False)
    ids: RequestIds = field(init=False)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.document.key_header)
        self.faults = Faults(self.seed, tuple(self.document.models))
        self.ids = RequestIds(self.seed)
        self.deliveries = Deliveries(self.clock, self.document, self.faults)

    @property
    def canary(self) -> str:
        """An address on the other origin that no client should bring its key to."""
        return f"{self.media_url}/canary"

    def price_of(self, operation: Operation) -> Decimal:
        """Dollars for one request: as stated, else as documented, else the stand-in."""
        stated = self.prices.get(operation.model_id, operation.price)
        return STAND_IN_PRICE if stated is None else stated

    def status_url(self, request_id: str) -> str:
        """Where a job's state can be asked for."""
        return self.gateway_url + self.document.status.path.replace("{request_id}", request_id)

    def settle(self, job: Job) -> None:
        """Give the money of an ended job back when its outcome is not charged."""
        if job.timeline.outcome == "failed-not-charged" and job.timeline.ended(self.clock.now()):
            self.wallet.refund(job.request_id)

    def reset(self) -> None:
        """Begin anew: no jobs, no journal, no faults, the opening balance."""
        self.clock.forget_timers()
        for part in (self.jobs, self.journal, self.faults, self.deliveries):
            part.clear()
        self.wallet.reset()


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine by its very name; nothing is looked up."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
