"""`python -m tests.contract`: run, report, exit 0, 1 or 2."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.contract.suite.cassettes import run_cassettes
from tests.contract.suite.live import run_live
from tests.contract.suite.options import Options, read
from tests.contract.suite.reports import machine_readable, page, terminal
from tests.contract.suite.reports.report import Report
from tests.contract.suite.runner import run
from tests.contract.suite.sandboxed import run_sandbox
from tests.contract.suite.targets import CouldNotRun, NotRun, Target, of_url

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit code."""
    try:
        options = read(arguments)
        _make_room(options)
        report = _run(options)
        _write(options, report)
    except NotRun as told:
        print(told)
        return 2
    except CouldNotRun as error:
        print(f"could not run: {error}", file=sys.stderr)
        return 2
    print(terminal.render([report]))
    return report.exit_code


def _run(options: Options) -> Report:
    if options.target == "live":
        return run_live(options)
    if options.target == "cassettes":
        return run_cassettes(only=options.only)
    if options.target == "sandbox":
        return run_sandbox(
            only=options.only,
            layers=options.layers,
            seed=options.seed,
            quick=options.quick,
            full=options.full,
        )
    if options.key is None:
        raise CouldNotRun("no key: give one with --key, or set PIXAZO_API_KEY")
    return _over(
        options,
        of_url(
            options.target,
            options.key,
            second_key=options.second_key,
            poor_key=options.poor_key,
            job_timeout_s=options.job_timeout_s,
            receiver_url=options.receiver_url,
            picture=options.picture,
            archive=options.archive,
        ),
    )


def _over(options: Options, target: Target) -> Report:
    return run(
        target,
        only=options.only,
        layers=options.layers,
        seed=options.seed,
        quick=options.quick,
        full=options.full,
    )


def _make_room(options: Options) -> None:
    """Find out that a report cannot be written before anything is sent."""
    for path in filter(None, (options.report, options.json, options.junit)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a"):
                pass
        except OSError as error:
            raise CouldNotRun(f"{path} cannot be written: {error.strerror}") from error


def _write(options: Options, report: Report) -> None:
    """Write the files that were asked for."""
    wanted = (
        (options.report, page.render),
        (options.json, machine_readable.as_json),
        (options.junit, machine_readable.as_junit),
    )
    for path, render in wanted:
        if path is not None:
            _save(path, render([report]))


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CouldNotRun(f"{path} cannot be written: {error.strerror}") from error
