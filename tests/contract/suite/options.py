"""The command line of the suite."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from pixazo_openapi.catalogue import MODELS

from tests.contract.suite.targets import CouldNotRun
from tests.contract.suite.verdicts import LAYERS

__all__ = ["Options", "address", "gateway", "read"]

EXAMPLE = "http://127.0.0.1:8787"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; keys never come into a text.

    Args:
        target: `sandbox`, `cassettes`, `live` or a URL.
        max_spend: US dollars that may be spent on a gateway that is paid.
        prices: assumed prices by model id, in US dollars.
        job_timeout_s: longest life of a job.
    """

    target: str
    key: str | None
    second_key: str | None
    poor_key: str | None
    max_spend: Decimal
    prices: Mapping[str, Decimal]
    only: tuple[str, ...]
    layers: tuple[int, ...]
    job_timeout_s: float
    seed: int
    quick: bool
    full: bool
    receiver_url: str | None
    picture: str | None
    archive: str | None
    report: Path | None
    json: Path | None
    junit: Path | None
    ledger: Path


def read(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line.

    Raises:
        CouldNotRun: a value is wrong; one line says which and what to write.
        SystemExit: `--help`, or an unknown option.
    """
    given = _parser().parse_args(arguments)
    key = given.key or environment.get("PIXAZO_API_KEY") or None
    return Options(
        target=_target(given.target),
        key=key,
        second_key=_another(
            "--second-key", given.second_key or environment.get("PIXAZO_SECOND_KEY"), key
        ),
        poor_key=_another("--poor-key", given.poor_key or environment.get("PIXAZO_POOR_KEY"), key),
        max_spend=_dollars("--max-spend", given.max_spend),
        prices=dict(_price(text) for text in given.assume_price),
        only=tuple(_model("--only", name) for name in given.only),
        layers=_layers(given.layers),
        job_timeout_s=_seconds(given.job_timeout),
        seed=given.seed,
        quick=given.quick,
        full=given.full,
        receiver_url=address("--receiver", given.receiver),
        picture=address("--picture", given.picture),
        archive=address("--archive", given.archive),
        report=given.report,
        json=given.json,
        junit=given.junit,
        ledger=given.ledger,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nox -s contract --",
        description="Hold a gateway to spec/openapi.yaml.",
        epilog="Exit codes: 0 it holds, 1 a rule is broken, 2 nothing can be said.",
    )
    add = parser.add_argument
    add("--target", default="sandbox", help="sandbox (default), cassettes, live, or a URL")
    add("--key", help="a key that the gateway accepts (or PIXAZO_API_KEY)")
    add("--second-key", help="another person's key (or PIXAZO_SECOND_KEY)")
    add("--poor-key", help="a key without money (or PIXAZO_POOR_KEY)")
    add("--max-spend", default="0", metavar="USD", help="cap for live, in US dollars (0)")
    add(
        "--assume-price",
        action="append",
        default=[],
        metavar="MODEL=USD",
        help="a price that the pages do not tell",
    )
    add("--only", action="append", default=[], metavar="MODEL", help="this model; may be repeated")
    add("--layers", default="", metavar="1,2", help="numbers of layers; all unless given")
    add("--job-timeout", default="300", metavar="S", help="longest life of a job in seconds (300)")
    add("--seed", type=int, default=0, help="decides everything that is drawn (0)")
    add("--quick", action="store_true", help="short lists, no layer that searches")
    add("--full", action="store_true", help="every phase of the second opinion")
    add("--receiver", metavar="URL", help="where the gateway can call this machine back")
    add("--picture", metavar="URL", help="an input picture that the gateway can fetch")
    add("--archive", metavar="URL", help="a training archive that the gateway can fetch")
    add("--report", type=Path, metavar="FILE", help="write one HTML page")
    add("--json", type=Path, metavar="FILE", help="write JSON")
    add("--junit-xml", "--junit", dest="junit", type=Path, metavar="FILE", help="write JUnit XML")
    add(
        "--ledger",
        type=Path,
        default=Path(".contract/live.jsonl"),
        metavar="FILE",
        help="where live spending and exchanges are kept",
    )
    return parser  # fmt: skip


def _target(text: str) -> str:
    if text in ("sandbox", "cassettes", "live"):
        return text
    if "://" not in text:
        raise CouldNotRun(
            f"--target {text}: no such target; give sandbox, cassettes, live, or a URL that "
            "begins with http:// or https://"
        )
    return gateway("--target", text)


def gateway(option: str, text: str) -> str:
    """The address of a gateway: one that may stand in reports, and has nothing to add a path to."""
    if "@" in text:
        raise CouldNotRun(f"{option}: no user name or password in the URL; a key goes to --key")
    if "?" in text or "#" in text:
        raise CouldNotRun(f"{option} {text}: give the address without a query, like {EXAMPLE}")
    return str(address(option, text))


def address(option: str, text: str | None) -> str | None:
    """An absolute http or https URL, as it was written."""
    try:
        parts = urlsplit(text or EXAMPLE)
        host = (parts.hostname or "").encode("idna")
        good = parts.scheme in ("http", "https") and host and parts.port != 0
    except ValueError:  # a bracket, a port or a name that is none
        good = False
    if not good:
        raise CouldNotRun(
            f"{option} {text}: not an absolute http or https URL; write it like {EXAMPLE}"
        )
    return text or None


def _another(option: str, other: str | None, key: str | None) -> str | None:
    """A key beside the first one."""
    if other and other == key:
        raise CouldNotRun(f"{option}: the same as --key; give the key of somebody else")
    return other or None


def _dollars(option: str, text: str) -> Decimal:
    try:
        usd = Decimal(text)
    except InvalidOperation:
        usd = Decimal(-1)
    if not usd.is_finite() or usd < 0:
        raise CouldNotRun(f"{option} {text}: give US dollars as a decimal number, like 0.25")
    return usd


def _price(text: str) -> tuple[str, Decimal]:
    name, sign, usd = text.partition("=")
    if not sign:
        raise CouldNotRun(f"--assume-price {text}: write it as MODEL=USD, like qwen-image-max=0.10")
    return _model("--assume-price", name), _dollars(f"--assume-price {name}", usd)


def _model(option: str, name: str) -> str:
    if name not in MODELS:
        raise CouldNotRun(f"{option} {name}: no such model; there are {', '.join(MODELS)}")
    return name


def _layers(text: str) -> tuple[int, ...]:
    try:
        wanted = tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError:
        wanted = (0,)
    if set(wanted) - set(LAYERS):
        raise CouldNotRun(f"--layers {text}: give numbers from 1 to 9, like 1,2,7")
    if wanted == (1,):
        raise CouldNotRun(
            "--layers 1: layer 1 judges what the others send; name one more, like 1,2"
        )
    return wanted or tuple(LAYERS)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise CouldNotRun(f"--job-timeout {text}: give seconds above 0")
    return seconds
