"""The sandbox as a command: one line when it is ready, then service until it is told to stop."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import TextIO, cast

from pixazo_openapi import files

from pixazo.sandbox.faults import Faults
from pixazo.sandbox.server import PortInUse
from pixazo.sandbox.service import Sandbox
from pixazo.sandbox.types import Json

__all__ = ["main", "parse_prices", "read_rules", "ready_line", "serve"]

PORT = 8787
MOST_RULES = 10_000_000  # bytes
LOOK_S = 0.5  # on Windows no signal ends the wait for a lock


def serve(
    *,
    port: int = PORT,
    media_port: int = 0,
    latency: float = 2.0,
    balance: str = "10",
    key: str | Sequence[str] | None = None,
    prices: Mapping[str, Decimal | str] | None = None,
    seed: int = 0,
    faults: str | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Serve until SIGINT or SIGTERM; the exit code for the shell.

    Args:
        port: of the gateway; 0 takes any free one.
        media_port: of the media origin; 0 takes any free one.
        latency: seconds that a job takes.
        balance: US dollars in the wallet.
        key: the key, or the keys, that are accepted; any non-empty one when None.
        prices: US dollars by model id.
        seed: decides ids, drawn faults and pictures.
        faults: path of a JSON file with a list of fault rules.
        out: where the ready line goes; stdout when None.
        err: where an error goes; stderr when None.
    """
    try:
        sandbox = Sandbox(
            port=port, media_port=media_port, latency=latency, balance=balance, key=key,
            prices=prices, seed=seed, faults=read_rules(faults) if faults else (),
        ).start()  # fmt: skip
    except (PortInUse, ValueError) as error:
        text = error.strerror if isinstance(error, PortInUse) else str(error)
        print(f"pixazo sandbox: {text}", file=err or sys.stderr)
        return 2
    told = threading.Event()
    with _Signals(told.set):
        print(ready_line(sandbox), file=out or sys.stdout, flush=True)
        while not told.wait(LOOK_S):
            pass
    sandbox.stop()
    return 0


def ready_line(sandbox: Sandbox) -> str:
    """Where the sandbox listens and what it stands in for, as one line of JSON."""
    return json.dumps(
        {
            "gateway": sandbox.url,
            "media": sandbox.media_url,
            "page": f"{sandbox.url}/",
            "control": f"{sandbox.url}/_sandbox/",
            "balance_usd": str(sandbox.wallet.balance),
            "stand_in_prices_usd": {m: str(usd) for m, usd in sandbox.stand_in_prices.items()},
        }
    )


def parse_prices(texts: Sequence[str]) -> dict[str, str]:
    """Prices as the command line states them: `MODEL=USD`, repeated.

    Raises:
        ValueError: a text is not written like that.
    """
    prices: dict[str, str] = {}
    for text in texts:
        model_id, sign, usd = text.partition("=")
        if not (model_id and sign and usd):
            raise ValueError(f"--price {text}: write MODEL=USD, like qwen-image-max=0.08")
        prices[model_id] = usd
    return prices


def read_rules(path: str) -> list[Json]:
    """The fault rules in a JSON file.

    Raises:
        ValueError: the file cannot be read, or holds no JSON list of rules.
    """
    try:
        rules: Json = json.loads(files.read(Path(path), MOST_RULES).decode())
        Faults().load(rules)
    except json.JSONDecodeError as error:
        raise ValueError(f"--faults {path}: is not JSON: {error}") from error
    except OSError as error:
        raise ValueError(f"--faults {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"--faults {path}: {error}") from error
    return cast("list[Json]", rules)


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m pixazo.sandbox`."""
    parser = argparse.ArgumentParser(
        prog="python -m pixazo.sandbox",
        description="An offline gateway on this machine: every model, no account, nothing paid.",
    )
    parser.add_argument("--port", type=int, default=PORT, help="gateway port (%(default)s; 0: any)")
    parser.add_argument("--media-port", type=int, default=0, help="media port (default: any)")
    parser.add_argument(
        "--latency", type=float, default=2.0, help="seconds a job takes (%(default)s)"
    )
    parser.add_argument("--balance", default="10", help="dollars in the wallet (%(default)s)")
    parser.add_argument("--key", action="append",
                        help="a key to accept (default: any); may be repeated")  # fmt: skip
    parser.add_argument("--price", action="append", default=[], metavar="MODEL=USD",
                        help="price of a model; may be repeated")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="decides ids, drawn faults, pictures")
    parser.add_argument("--faults", metavar="FILE", help="JSON file with a list of fault rules")
    given = parser.parse_args(arguments)
    try:
        prices = parse_prices(given.price)
    except ValueError as error:
        parser.error(str(error))
    return serve(
        port=given.port, media_port=given.media_port, latency=given.latency, balance=given.balance,
        key=given.key, prices=prices, seed=given.seed, faults=given.faults,
    )  # fmt: skip


class _Signals:
    """SIGINT and SIGTERM call `action` instead of ending the process at once."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._told)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal() gave us

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self._action()
