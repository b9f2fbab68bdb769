"""What the suite is pointed at, and what that can show."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol
from urllib.parse import urlsplit

import httpx2
from pixazo_openapi.catalogue import MODELS, SERVER

from pixazo.sandbox import FAULT_HEADER, ManualClock, Sandbox

__all__ = [
    "Clock",
    "CouldNotRun",
    "NotRun",
    "Target",
    "WallClock",
    "WalletView",
    "is_paid",
    "of_sandbox",
    "of_url",
    "sandbox_target",
]

SANDBOX_LATENCY_S = 12.0
KEYS = {
    "first": "first-key-of-the-contract-suite",
    "second": "second-key-of-the-contract-suite",
}
PROVOCATIONS = {
    "failed": "failed",
    "error": "error",
    "429": "429=2",
    "429-date": "429=date",
    "500": "500",
    "403": "403",
    "model-not-found": "disabled-model",
    "other-shape": "other-shape",
}


class CouldNotRun(Exception):  # noqa: N818 - reads as what happened
    """Nothing can be said of the target; the text says why in one line."""


class NotRun(CouldNotRun):
    """What would be done was said, and nothing was done."""


class Clock(Protocol):
    """Time as the target has it."""

    def time(self) -> float:
        """Epoch seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Come back when so much time has passed there."""
        ...


class WalletView(Protocol):
    """A wallet that can be looked into and set."""

    def balance(self) -> Decimal:
        """US dollars left."""
        ...

    def set_balance(self, usd: Decimal) -> None:
        """Leave so many US dollars in it."""
        ...

    def price(self, model_id: str) -> Decimal:
        """What one request costs here, in US dollars."""
        ...


class WallClock:
    """Time as it passes for everybody."""

    def time(self) -> float:
        """Epoch seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Target:
    """A gateway and what it can show.

    Args:
        name: in reports.
        url: base address.
        key: a key that it accepts.
        second_key: another person's key; None: strangers cannot be played.
        poor_key: a key without money.
        clock: its time.
        quick: whether waiting costs nothing.
        pauses_s: between looks at pending jobs; the last one repeats.
        patience: looks that are left out for jobs of which only the end counts.
        tolerance_s: how far its clock may be off.
        job_timeout_s: longest life of a job, on its clock.
        answer_timeout_s: real seconds until an answer is given up, when the document allows more.
        wallet: its money, when visible.
        provoke: request headers that bring about a situation, by its name.
        settle: comes back when callbacks under way have arrived.
        receiver_url: where this machine can be called from there; None: nowhere.
        retries_callbacks: whether it promises to call again when a receiver fails.
        ruled_sizes: whether named sizes have the pixels of x-pixazo.sizes (R62).
        repeatable: whether equal requests make equal bytes.
        refuses_unknown_keys: whether keys that nobody gave out can be tried.
        picture: URL of an input picture; None: the document's examples.
        archive: URL of an archive for training.
        transport: how bytes get there; None: a connection pool of its own.
    """

    name: str
    url: str
    key: str
    second_key: str | None = None
    poor_key: str | None = None
    clock: Clock = field(default_factory=WallClock)
    quick: bool = False
    pauses_s: tuple[float, ...] = (0.3, 0.7, 1.0, 2.0, 2.0, 3.0, 5.0)
    patience: int = 4
    tolerance_s: float = 120.0
    job_timeout_s: float = 300.0
    answer_timeout_s: float = 600.0
    wallet: WalletView | None = None
    provoke: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    settle: Callable[[], object] = lambda: None
    receiver_url: str | None = None
    retries_callbacks: bool = False
    ruled_sizes: bool = False
    repeatable: bool = False
    refuses_unknown_keys: bool = True
    picture: str | None = None
    archive: str | None = None
    transport: httpx2.BaseTransport | None = None

    @property
    def keys(self) -> dict[str, str]:
        """Every secret with the name of its variable."""
        named = {
            "$PIXAZO_API_KEY": self.key,
            "$PIXAZO_SECOND_KEY": self.second_key,
            "$PIXAZO_POOR_KEY": self.poor_key,
        }
        return {variable: key for variable, key in named.items() if key}

    @property
    def capabilities(self) -> dict[str, bool]:
        """What it can show."""
        return {
            "second key": self.second_key is not None,
            "poor key": self.poor_key is not None,
            "unknown keys refused": self.refuses_unknown_keys,
            "wallet visible": self.wallet is not None,
            "outcome on demand": "failed" in self.provoke and "error" in self.provoke,
            "refusals on demand": "429" in self.provoke,
            "callbacks reach us": self.receiver_url is not None,
            "callbacks are repeated": self.retries_callbacks,
            "time can be moved": self.quick,
            "equal requests, equal bytes": self.repeatable,
            "pixels of named sizes": self.ruled_sizes,
        }


@dataclass(frozen=True)
class SandboxClock:
    """The sandbox's virtual time; sleeping moves it on."""

    sandbox: Sandbox

    def time(self) -> float:
        """Epoch seconds."""
        return self.sandbox.clock.now()

    def sleep(self, seconds: float) -> None:
        """Move time on."""
        self.sandbox.clock.advance(seconds)


@dataclass(frozen=True)
class SandboxWallet:
    """The sandbox's money."""

    sandbox: Sandbox
    prices: Mapping[str, Decimal]

    def balance(self) -> Decimal:
        """US dollars left."""
        return self.sandbox.wallet.balance

    def set_balance(self, usd: Decimal) -> None:
        """Leave so many US dollars in it."""
        self.sandbox.wallet.set_balance(usd)

    def price(self, model_id: str) -> Decimal:
        """What one request costs here, in US dollars."""
        return self.prices[model_id]


def of_sandbox(sandbox: Sandbox, *, name: str = "sandbox", keys_checked: bool = False) -> Target:
    """A running sandbox with a `ManualClock`, with all that it can show.

    Args:
        sandbox: as it runs, changed or not.
        name: in reports.
        keys_checked: whether it was started with the suite's keys and refuses others.
    """
    stated = {m.model_id: m.price.usd for m in MODELS.values() if m.price.usd is not None}
    return Target(
        name=name,
        url=sandbox.url,
        key=KEYS["first"],
        second_key=KEYS["second"],
        clock=SandboxClock(sandbox),
        quick=True,
        pauses_s=(1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 12.0),
        patience=8,
        answer_timeout_s=8.0,
        tolerance_s=2.0,
        wallet=SandboxWallet(sandbox, {**sandbox.stand_in_prices, **stated}),
        provoke={name: {FAULT_HEADER: fault} for name, fault in PROVOCATIONS.items()},
        settle=sandbox.deliveries.settle,
        receiver_url="http://127.0.0.1:0",
        retries_callbacks=True,
        ruled_sizes=True,
        repeatable=True,
        refuses_unknown_keys=keys_checked,
    )


@contextlib.contextmanager
def sandbox_target(seed: int = 0) -> Iterator[Target]:
    """A sandbox of its own whose time the suite moves."""
    with Sandbox(
        latency=SANDBOX_LATENCY_S,
        clock=ManualClock(),
        balance="100000",
        key=tuple(KEYS.values()),
        seed=seed,
    ) as sandbox:
        yield of_sandbox(sandbox, keys_checked=True)


def of_url(
    url: str,
    key: str,
    *,
    second_key: str | None = None,
    poor_key: str | None = None,
    job_timeout_s: float = 300.0,
    receiver_url: str | None = None,
    picture: str | None = None,
    archive: str | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> Target:
    """Any gateway that claims the documents; nothing of the sandbox is used.

    Args:
        url: absolute, http or https.
        key: a key that it accepts.
        second_key: another person's key.
        poor_key: a key without money.
        job_timeout_s: longest life of a job in seconds.
        receiver_url: where the gateway can call this machine back; a local one can anyway.
        picture: URL of an input picture that it can fetch.
        archive: URL of a training archive that it can fetch.
        transport: how bytes get there; None: a connection pool of its own.

    Raises:
        CouldNotRun: it is the paid gateway, and no transport holds a cap.
    """
    if transport is None and is_paid(url):
        raise CouldNotRun(
            f"{url} is the paid gateway, which is never fuzzed: give --target live and a "
            "--max-spend; nothing was sent"
        )
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    return Target(
        name=url,
        url=_plain(url),
        key=key,
        second_key=second_key,
        poor_key=poor_key,
        job_timeout_s=job_timeout_s,
        receiver_url=receiver_url or ("http://127.0.0.1:0" if local else None),
        picture=picture,
        archive=archive,
        transport=transport,
    )


def is_paid(url: str) -> bool:
    """Whether an address is, in any spelling, the one where calls cost money."""
    return httpx2.URL(_plain(url)).host.rstrip(".") == httpx2.URL(SERVER).host


def _plain(url: str) -> str:
    """An address as gateways write it: the host in lower case, no port that goes without saying."""
    return str(httpx2.URL(url)).rstrip("/")
