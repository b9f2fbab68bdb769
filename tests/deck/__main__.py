"""The deck on the command line: `python -m tests.deck --help`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pixazo_openapi.catalogue import MODELS, SERVER

from pixazo.connections import sync_transport
from tests.contract.suite.cap import (
    CappedTransport,
    CapReached,
    PriceUnknown,
    Spending,
    known_prices,
)
from tests.deck import documented, holding, live
from tests.deck.faults import CassetteError, NotRecordable
from tests.deck.journeys import JOURNEYS, Journey, journeys_of
from tests.deck.leaks import find_leaks
from tests.deck.listing import grouped
from tests.deck.recording import record
from tests.deck.sightings import drift_of, table
from tests.deck.tapes import CASSETTES, Tape, paths, read_tape
from tests.deck.targets import SandboxTarget, Target, UrlTarget

HELD, BROKEN, COULD_NOT = 0, 1, 2
LEDGER = Path(".contract", "live.jsonl")  # what live runs have cost, shared with the suite


def main(words: list[str] | None = None) -> int:
    """Do what the words say; 0 all is well, 1 findings, 2 it could not be done."""
    given = _parser().parse_args(words)
    try:
        return int(given.act(given))
    except CassetteError as error:
        print(error, file=sys.stderr)
        return COULD_NOT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.deck", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, act: object, about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(act=act)
        made.add_argument("--cassettes", type=Path, default=CASSETTES, metavar="FOLDER")
        return made

    recorder = command("record", _record, "Record journeys; without names, all of them.")
    recorder.add_argument("journeys", nargs="*", metavar="JOURNEY", help=", ".join(JOURNEYS))
    recorder.add_argument("--target", default="sandbox", help="sandbox, an address, or live")
    recorder.add_argument("--only", metavar="MODEL", help="one model alone")
    recorder.add_argument("--key", help="the API key, for an address and for live")
    recorder.add_argument("--picture", metavar="URL", help="an input that the gateway can fetch")
    recorder.add_argument("--archive", metavar="URL", help="pairs of pictures for the trainer")
    recorder.add_argument("--max-spend", metavar="USD", help="the most that live may cost")
    recorder.add_argument("--assume-price", action="append", default=[], metavar="MODEL=USD")
    recorder.add_argument("--ledger", type=Path, default=LEDGER, metavar="FILE")
    command("documented", _documented, "Make the cassettes of the documents' shapes from the spec.")
    command("check", _check, "Hold every cassette against the spec; name broken and stale ones.")
    command("drift", _drift, "Show where recordings and spec differ, in three columns.")
    command("list", _list, "Name every cassette, its origin and what it tells.")
    return parser


def _record(given: argparse.Namespace) -> int:
    unknown = sorted(set(given.journeys) - set(JOURNEYS))
    if unknown:
        raise CassetteError(f"no journey {', '.join(unknown)}; there are {', '.join(JOURNEYS)}")
    if given.target == "live":
        return _record_live(given)
    target = _target(given)
    return _recorded(
        target,
        given.cassettes,
        [
            (model_id, journey)
            for model_id in _models(given.only)
            for journey in journeys_of(MODELS[model_id])
            if not given.journeys or journey.name in given.journeys
        ],
    )


def _recorded(target: Target, folder: Path, wanted: list[tuple[str, Journey]]) -> int:
    recorded = 0
    for model_id, journey in wanted:
        try:
            print(record(model_id, journey, target, folder))
            recorded += 1
        except (NotRecordable, CapReached, PriceUnknown) as reason:
            print(f"not recorded here: {model_id}/{journey.name}: {reason}", file=sys.stderr)
    refused = len(wanted) - recorded
    print(f"{recorded} recorded, {refused} not recordable here", file=sys.stderr)
    return HELD if recorded else COULD_NOT


def _record_live(given: argparse.Namespace) -> int:
    """Record the real gateway; without key and cap only say what that would mean."""
    prices = dict(_price(text) for text in given.assume_price)
    steps = live.plan(_models(given.only), prices, _inputs(given))
    steps = [s for s in steps if not given.journeys or s.journey.name in given.journeys]
    if not given.key or given.max_spend is None:
        print(*live.told(steps), sep="\n")
        print("not run: live needs --key and --max-spend", file=sys.stderr)
        return COULD_NOT
    spending = Spending(given.ledger, _dollars("--max-spend", given.max_spend))
    sender = sync_transport(keep_alive=False, proxy=None)
    cap = CappedTransport(sender, spending, known_prices(prices))
    target = UrlTarget(SERVER, given.key, inputs=_inputs(given), cap=cap)
    wanted: list[tuple[str, Journey]] = []
    for step in steps:
        if why := _why_not(target, given.cassettes, step):
            print(f"not recorded: {step.model_id}/{step.journey.name}: {why}", file=sys.stderr)
        else:
            wanted.append((step.model_id, step.journey))
    return _recorded(target, given.cassettes, wanted)


def _why_not(target: UrlTarget, folder: Path, step: live.Step) -> str:
    if (folder / step.model_id / f"{target.prefix}{step.journey.name}.yaml").is_file():
        return "it is there already; remove it to pay again"
    return f"not without {step.lacks}" if step.lacks else ""


def _target(given: argparse.Namespace) -> Target:
    if given.target == "sandbox":
        return SandboxTarget()
    return UrlTarget(given.target, given.key or "", inputs=_inputs(given))


def _inputs(given: argparse.Namespace) -> dict[str, str]:
    return {name: url for name in ("picture", "archive") if (url := getattr(given, name))}


def _price(text: str) -> tuple[str, Decimal]:
    name, sign, usd = text.partition("=")
    if not sign or name not in MODELS:
        raise CassetteError(f"--assume-price {text}: write MODEL=USD, like qwen-image-max=0.10")
    return name, _dollars("--assume-price", usd)


def _dollars(option: str, text: str) -> Decimal:
    try:
        usd = Decimal(text)
    except InvalidOperation:
        usd = Decimal(-1)
    if not usd.is_finite() or usd < 0:
        raise CassetteError(f"{option} {text}: give US dollars as a decimal number, like 0.25")
    return usd


def _models(only: str | None) -> list[str]:
    if only and only not in MODELS:
        raise CassetteError(f"no model {only!r}; there are {', '.join(MODELS)}")
    return [only] if only else list(MODELS)


def _documented(given: argparse.Namespace) -> int:
    today = datetime.now(UTC).date().isoformat()
    for shape in documented.shapes():
        print(documented.make(shape, given.cassettes, today=today))
    return HELD


def _check(given: argparse.Namespace) -> int:
    tapes, broken = _readable(given.cassettes)
    found = [finding for tape in tapes for finding in holding.findings(tape)]
    leaks = list(_leaks(given.cassettes))
    for text in (*broken, *leaks, *grouped(found), *_stale(tapes)):
        print(text)
    print(f"{len(tapes)} cassettes, {len(found)} findings, {len(broken)} broken", file=sys.stderr)
    return COULD_NOT if broken else BROKEN if found or leaks else HELD


def _readable(folder: Path) -> tuple[list[Tape], list[str]]:
    """Every cassette that can be read, and a line for each of the others."""
    tapes: list[Tape] = []
    broken: list[str] = []
    for path in paths(folder):
        try:
            tapes.append(read_tape(path))
        except CassetteError as error:
            broken.append(str(error))
    if not tapes and not broken:
        raise CassetteError(f"{folder}: no cassettes there; see: python -m tests.deck record")
    return tapes, broken


def _leaks(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for leak in find_leaks(path.read_bytes()):
            yield f"{path}: {leak} at byte {leak.offset}; take it out, and revoke it"


def _stale(tapes: list[Tape]) -> Iterator[str]:
    for tape in tapes:
        if changed := tape.origin.changed():
            way = "documented" if tape.origin.documents else "record"
            yield f"stale: {tape.path}: {', '.join(changed)} changed since; {way} it again"


def _drift(given: argparse.Namespace) -> int:
    tapes, broken = _readable(given.cassettes)
    drift = drift_of(tapes)
    print(table(drift))
    for text in (*broken, *_stale(tapes)):
        print(text)
    print(f"{drift.cassettes} recordings", file=sys.stderr)
    return COULD_NOT if broken else BROKEN if drift.not_in_spec or drift.contradicted else HELD


def _list(given: argparse.Namespace) -> int:
    tapes, broken = _readable(given.cassettes)
    for tape in tapes:
        source = tape.origin.recorded_from.partition(" (")[0]
        print(f"{tape.name:50} {source:15} {tape.journey.get('about', '')}")
    for text in broken:
        print(text, file=sys.stderr)
    return COULD_NOT if broken else HELD


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `… list | head` is no error
    sys.exit(main())
