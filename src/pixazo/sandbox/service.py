"""The sandbox as an object: start it, point a client at it, look inside."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import cast

from pixazo_openapi import schema

from pixazo.sandbox.clock import ClientClock, Clock, RealClock
from pixazo.sandbox.deliveries import Deliveries
from pixazo.sandbox.document import Document
from pixazo.sandbox.faults import Faults
from pixazo.sandbox.gateway import Gateway
from pixazo.sandbox.jobs import Jobs
from pixazo.sandbox.journal import Entry, Journal
from pixazo.sandbox.media import Media
from pixazo.sandbox.server import Server
from pixazo.sandbox.types import Json
from pixazo.sandbox.wallet import DoubleCharge, Wallet
from pixazo.sandbox.world import STAND_IN_PRICE, World

__all__ = ["Sandbox"]


class Sandbox:
    """An offline gateway on this machine: `with Sandbox() as sandbox: … sandbox.url …`.

    Args:
        latency: virtual seconds that a job takes.
        balance: US dollars in the wallet.
        key: the key, or the keys, that are accepted; any non-empty one when None. Each key sees
            its own jobs only.
        port: of the gateway; 0 takes any free one.
        media_port: of the media origin; 0 takes any free one.
        prices: US dollars by model id, over the documented ones; a model without a documented
            price costs a stand-in price of 0.10 unless stated here.
        clock: `RealClock()` when None; `ScaledClock(factor)` or `ManualClock()`.
        direct_latency: virtual seconds that a direct answer takes; when None: `latency` on a clock
            that runs, nothing on a manual one (where the answer would wait for `advance`).
        seed: decides ids, drawn faults, and pictures whose request has no seed.
        faults: rules to begin with, as `Faults.load` takes them.
        document: another OpenAPI document with x-pixazo than the one that is built in.
    """

    def __init__(
        self,
        *,
        latency: float = 2.0,
        balance: Decimal | str | int = "10",
        key: str | Sequence[str] | None = None,
        port: int = 0,
        media_port: int = 0,
        prices: Mapping[str, Decimal | str] | None = None,
        clock: Clock | None = None,
        direct_latency: float | None = None,
        seed: int = 0,
        faults: Sequence[Json] = (),
        document: Mapping[str, Json] | None = None,
    ) -> None:
        read = _built_in() if document is None else Document.read(document)
        clock = clock or RealClock()
        if direct_latency is None:
            direct_latency = latency if clock.running else 0.0
        for name, seconds in (("latency", latency), ("direct_latency", direct_latency)):
            if not 0 <= seconds < float("inf"):
                raise ValueError(f"{name}={seconds}: give 0 or more seconds")
        self._world = World(
            document=read,
            clock=clock,
            wallet=Wallet(balance),
            latency=latency,
            direct_latency=direct_latency,
            keys=_keys(key),
            prices=_stated(prices or {}, read),
            seed=seed,
        )
        self._world.faults.load(faults if isinstance(faults, str) else list(faults))
        self._ports = port, media_port
        self._server: Server | None = None
        self._stopped = False
        self.media_app = Media(self._world)
        self.app = Gateway(self._world)

    def __repr__(self) -> str:
        began = self._server is not None
        state = ", stopped" if self._stopped else "" if began else ", not started"
        return f"<Sandbox {self.url}{state}>"

    @property
    def url(self) -> str:
        """Address of the gateway: the client's base URL."""
        return self._world.gateway_url

    @property
    def media_url(self) -> str:
        """Address of the media origin."""
        return self._world.media_url

    @property
    def clock(self) -> Clock:
        """Virtual time; `advance(seconds)` moves any clock on."""
        return self._world.clock

    @property
    def client_clock(self) -> ClientClock:
        """The same time for a client: `Pixazo(…, clock=sandbox.client_clock)`."""
        return ClientClock(self._world.clock)

    @property
    def wallet(self) -> Wallet:
        """The money."""
        return self._world.wallet

    @property
    def jobs(self) -> Jobs:
        """Every job, by id."""
        return self._world.jobs

    @property
    def journal(self) -> Journal:
        """Every request, without keys."""
        return self._world.journal

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self._world.faults

    @property
    def deliveries(self) -> Deliveries:
        """Every callback that was made."""
        return self._world.deliveries

    @property
    def double_charges(self) -> tuple[DoubleCharge, ...]:
        """Jobs that were paid more than once for one Idempotency-Key."""
        return self._world.wallet.double_charges

    @property
    def leaks(self) -> tuple[Entry, ...]:
        """Requests that brought a key to the media origin."""
        return self._world.journal.leaks

    @property
    def stand_in_prices(self) -> dict[str, Decimal]:
        """Models whose documented price is unknown and that cost the stand-in price here."""
        world = self._world
        return {
            model_id: STAND_IN_PRICE
            for model_id, operation in world.document.models.items()
            if operation.price is None and model_id not in world.prices
        }

    def start(self) -> Sandbox:
        """Listen on loopback; comes back when both origins answer.

        Raises:
            PortInUse: a port is taken.
            RuntimeError: the sandbox was stopped before.
        """
        if self._stopped:
            raise RuntimeError("this sandbox was stopped; make a new one")
        if self._server is None:
            port, media_port = self._ports
            self._server = Server((self.app, port), (self.media_app, media_port))
            self._world.gateway_url, self._world.media_url = self._server.urls
            self._server.start()
        return self

    def stop(self) -> None:
        """Close both origins, stop the clock's timers, call nobody any more."""
        self._stopped = True
        self._world.clock.close()
        self._world.deliveries.close()
        if self._server is not None:
            self._server.stop()

    def reset(self) -> None:
        """Begin anew: no jobs, no journal, no faults, the opening balance; time goes on."""
        self._world.reset()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@functools.cache
def _built_in() -> Document:
    """The document of the generated package, compiled once."""
    return Document.read(cast("Mapping[str, Json]", schema.document()))


def _keys(key: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The accepted keys, checked; None for any."""
    if key is None:
        return None
    keys = (key,) if isinstance(key, str) else tuple(key)
    if not keys or "" in keys:
        raise ValueError("key: give keys that are not empty, or none at all to accept any")
    return keys


def _stated(prices: Mapping[str, Decimal | str], document: Document) -> dict[str, Decimal]:
    """The caller's prices, checked."""
    stated: dict[str, Decimal] = {}
    for model_id, price in prices.items():
        if model_id not in document.models:
            raise ValueError(
                f"prices: no model {model_id!r}; there are {', '.join(document.models)}"
            )
        try:
            stated[model_id] = Decimal(price)
        except ArithmeticError as error:
            raise ValueError(f"prices: {model_id}={price!r} is no amount in US dollars") from error
        if not stated[model_id].is_finite() or stated[model_id] < 0:
            raise ValueError(f"prices: {model_id}={price}: give 0 dollars or more")
    return stated
