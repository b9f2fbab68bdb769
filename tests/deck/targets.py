"""Where journeys are recorded: our sandbox, any gateway at an address, or the real one."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Protocol
from urllib.parse import urlsplit

import httpx2
from pixazo_openapi.catalogue import MODELS

from pixazo import Clock, SystemClock
from pixazo.sandbox import ManualClock, Sandbox
from pixazo.settings import is_loopback
from tests.contract.suite.targets import is_paid
from tests.deck.faults import CassetteError, NotRecordable
from tests.deck.journeys import Journey

__all__ = ["GATEWAY", "MEDIA", "RECEIVER", "Place", "SandboxTarget", "Target", "UrlTarget"]

# Names that stand on a sandbox's cassettes in place of the ports that happened to be free.
GATEWAY, MEDIA, RECEIVER = (f"http://127.0.0.1:{port}" for port in (8787, 8788, 8789))
KEY = "the-key-of-the-recorder"
WRONG_KEY = "a-key-that-nobody-has"
JOB_S = 20.0
PAUSES = (1.0, 5.0, 5.0, 11.0)  # in the queue, at work twice, done


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway that is ready for one journey.

    Args:
        url: Its base URL.
        gateway: The base URL that stands on the cassette.
        recorded_from: What the origin says of it.
        key: The key to send.
        clock: The client's time.
        names: What stands on the cassette instead of an address.
        cost: Tells what the journey has cost, in words.
        inputs: Addresses that the gateway can fetch, by kind (`picture`, `archive`).
        pauses: Seconds before each look at a job, where its time is known; empty: as the client
            waits, whose schedule is no business of a cassette.
        attempts: How often the client sends a request at most.
        transport: Sends for the client; its own when None.
    """

    url: str
    gateway: str
    recorded_from: str
    key: str
    clock: Clock
    names: Mapping[str, str]
    cost: Cost
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    pauses: tuple[float, ...] = ()
    attempts: int = 5
    transport: httpx2.BaseTransport | None = None


class Cost(Protocol):
    """Tells what a journey has cost."""

    def __call__(self) -> str:
        """Return it in words."""
        ...


class Target(Protocol):
    """Something that journeys can be recorded from.

    Attributes:
        prefix: What the names of its cassettes begin with.
    """

    prefix: str

    def place(self, model_id: str, journey: Journey) -> AbstractContextManager[Place]:
        """Open the gateway for one journey.

        Raises:
            NotRecordable: The target cannot show this journey.
        """
        ...


class SandboxTarget:
    """Our sandbox: any journey, and the same bytes each time."""

    prefix = ""

    @contextmanager
    def place(self, model_id: str, journey: Journey) -> Generator[Place, None, None]:
        """Start a sandbox of its own whose time stands still and whose seed is the journey."""
        with Sandbox(
            latency=JOB_S,
            balance="0" if journey.empty_wallet else "10",
            key=KEY,
            clock=ManualClock(),
            seed=zlib.crc32(f"{model_id}/{journey.name}".encode()),
            faults=journey.faults,
        ) as sandbox:
            yield Place(
                url=sandbox.url,
                gateway=GATEWAY,
                recorded_from=f"sandbox {version('pixazo')}",
                key=WRONG_KEY if journey.wrong_key else KEY,
                clock=sandbox.client_clock,
                names={sandbox.url: GATEWAY, sandbox.media_url: MEDIA},
                cost=lambda: _spent(sandbox, model_id),
                pauses=PAUSES,
            )


def _spent(sandbox: Sandbox, model_id: str) -> str:
    spent = sandbox.wallet.spent
    stand_in = spent and model_id in sandbox.stand_in_prices
    note = ", a stand-in for the price that the documents lack" if stand_in else ""
    return f"{spent:f} USD of play money{note}"


class UrlTarget:
    """Any gateway at an address; only what it does by itself can be recorded.

    Args:
        url: Its base URL.
        key: The key to send.
        inputs: Addresses that the gateway can fetch, by kind (`picture`, `archive`).
        cap: Sends for the client, within a spend cap; then nothing is sent twice.
    """

    prefix = "gateway-"

    def __init__(
        self,
        url: str,
        key: str,
        *,
        inputs: Mapping[str, str] | None = None,
        cap: httpx2.BaseTransport | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CassetteError(f"target {url!r} is no address; give sandbox, live or https://host")
        if cap is None and is_paid(url):
            raise CassetteError(f"{url} is the paid gateway: give --target live and a --max-spend")
        if not key:
            raise CassetteError(f"target {url} needs a key: give --key")
        self._url, self._key = url.rstrip("/"), key
        self._inputs, self._cap = dict(inputs or {}), cap
        self._near = is_loopback(parts.hostname)

    @contextmanager
    def place(self, model_id: str, journey: Journey) -> Generator[Place, None, None]:
        """Give the gateway for a journey that it can show."""
        if journey.on_demand:
            raise NotRecordable("only a sandbox fails on demand")
        if journey.calls_back and not self._near:
            raise NotRecordable("the gateway cannot call this machine")
        yield Place(
            url=self._url,
            gateway=self._url,
            recorded_from=f"the gateway at {self._url}",
            key=WRONG_KEY if journey.wrong_key else self._key,
            clock=SystemClock(),
            names={},
            cost=lambda: _price(model_id, journey),
            inputs=self._inputs,
            attempts=1 if self._cap else 5,
            transport=self._cap if journey.paid else None,  # the unknown key has no money
        )


def _price(model_id: str, journey: Journey) -> str:
    usd = MODELS[model_id].price.usd
    if not journey.paid:
        return "nothing"
    return f"{usd} USD as documented" if usd is not None else "unknown, no price is documented"
