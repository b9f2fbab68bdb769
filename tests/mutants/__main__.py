"""Run the contract suite over every mutant of the gateway and print the matrix.

`python -m tests.mutants wire` changes good answers in memory instead and asks the spec alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.mutants.catalogue import CONTROL, LATE, MUTANTS
from tests.mutants.kit.mutant import CLASSES, Mutant
from tests.mutants.kit.trial import trial
from tests.mutants.matrix import render, timed, wrong


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; 0: all as it should be, 1: not, 2: asked wrongly."""
    if arguments[:1] == ["wire"]:
        return _wire(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="runs of each mutant (3)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--class", dest="kinds", action="append", default=[], metavar="CLASS",
                        choices=[*CLASSES, "harmless"])  # fmt: skip
    parser.add_argument("--late", action="store_true", help="only those written after the suite")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.only if name not in MUTANTS]:
        print(f"--only {unknown[0]}: no such mutant; their names are the first column of "
              "the matrix", file=sys.stderr)  # fmt: skip
        return 2
    if options.seeds < 1 or options.jobs < 1:
        print("--seeds and --jobs: give 1 or more", file=sys.stderr)
        return 2
    for control in (trial(CONTROL.name, seed) for seed in range(options.seeds)):
        if control.killed:
            print(f"could not run: the suite reports the unchanged sandbox with seed "
                  f"{control.seed} ({control.rule}: {control.seen}); repair that first",
                  file=sys.stderr)  # fmt: skip
            return 2
    table, seconds = timed(_chosen(options), options.seeds, options.jobs)
    print(render(table, seconds))
    return 1 if wrong(table) else 0


def _wire(arguments: Sequence[str]) -> int:
    """Print the wire mutants; 1 when the spec kills fewer than the floor says."""
    from tests.contract.suite.spec import spec
    from tests.mutants.wire import report
    from tests.mutants.wire.goods import goods
    from tests.mutants.wire.trials import score

    if unknown := set(arguments) - {"--raise-floor"}:
        print(f"wire {min(unknown)}: the only option is --raise-floor", file=sys.stderr)
        return 2
    found = score(spec(), goods(spec()))
    if arguments:
        report.raise_floor(found)
    print(report.render(found))
    return 0 if found.share >= report.floor() else 1


def _chosen(options: argparse.Namespace) -> list[Mutant]:
    chosen = [m for m in MUTANTS.values() if m is not CONTROL]
    chosen = [m for m in chosen if not options.only or m.name in options.only]
    chosen = [m for m in chosen if not options.late or m in LATE]
    return [m for m in chosen if not options.kinds or m.kind in options.kinds]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
