"""Waiting and importing, beside other clients: `python -m benchmarks --envs DIR` prints a table.

Every client runs with its default settings in an environment of its own, against a small server on
this machine that speaks its protocol (`mimic.py`), and pixazo against its own sandbox.
"""

from __future__ import annotations

import argparse
import bisect
import json
import os
import statistics
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from benchmarks.mimic import JOB_S, Mimic

CLIENTS = Path(__file__).parent / "clients"
OTHERS = {
    "fal-client": ("fal.py", "fal", "fal_client"),
    "replicate": ("replicate_.py", "replicate", "replicate"),
    "openai": ("openai_.py", "openai", "openai"),
    "dashscope": ("dashscope_.py", "dashscope", "dashscope"),
}
MANY = 50
OURS = {
    "pixazo, learned": ("pixazo_.py", "learned"),
    "pixazo, blocking": ("pixazo_blocking.py", "learned"),
    "pixazo, new model": ("pixazo_.py", "new"),
    "pixazo, webhook": ("pixazo_.py", "webhook"),
}


@dataclass(frozen=True)
class Part:
    """What some jobs came to: requests, how late each was seen, CPU seconds."""

    asked: list[float]
    late_s: list[float]
    cpu_s: float


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    client: str
    requests: float
    late_s: float
    worst_s: float
    first_ms: float
    alone_ms: float
    few_ms: float
    many_requests: float
    busiest: float
    many_late_s: float
    many_cpu_s: float
    import_ms: float


HEADS = (
    "client", "requests, 1 job", "median late, s", "worst late, s", "CPU of the first, ms",
    "CPU of one more, ms", "CPU of each of five, ms", "requests, 50 jobs", "busiest second",
    "last late, s", "CPU of 50, s", "import, ms",
)  # fmt: skip


def environment(folder: Path, package: str) -> str:
    """Return the interpreter of an environment that has the package."""
    python = folder / package / "bin" / "python"
    if not python.exists():
        venv.create(folder / package, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", package]
        subprocess.run(command, check=True)
    return str(python)


def import_ms(python: str, module: str) -> float:
    """Return the best of seven imports in fresh processes, in milliseconds."""
    code = (
        "import time; t = time.perf_counter();"
        f" import {module}; print((time.perf_counter() - t) * 1000)"
    )
    return min(float(_output([python, "-c", code])) for _ in range(7))


def other(package: str, python: str) -> Row:
    """Measure another client."""
    script, name, module = OTHERS[package]

    def measure(jobs: int) -> list[Part]:
        mimic = Mimic()
        said = _run([python, script, mimic.url, str(jobs)])
        return _parts(said, mimic.asked[name], mimic.ready)

    return _row(package, measure(1), measure(MANY), import_ms(python, module))


def ours(name: str) -> Row:
    """Measure pixazo: past durations known or not, or called back."""
    from pixazo.sandbox import Sandbox

    script, how = OURS[name]

    def measure(jobs: int) -> list[Part]:
        with Sandbox(latency=JOB_S, balance="1000") as box:
            said = _run([sys.executable, script, box.url, str(jobs), how])
            ready = {job.request_id: job.timeline.ends_at for job in box.jobs}
            return _parts(said, [entry.time for entry in box.journal], ready)

    return _row(name, measure(1), measure(MANY), import_ms(sys.executable, "pixazo"))


def _parts(said: Any, asked: list[float], ready: Mapping[str, float]) -> list[Part]:
    return [
        Part(asked, [at - ready[job] for job, at in part["ends"]], part["cpu_s"]) for part in said
    ]


def _row(name: str, few: list[Part], many: list[Part], imported_ms: float) -> Row:
    (first, alone, five), (all_,) = few, many
    late_s = [*first.late_s, *alone.late_s, *five.late_s]
    return Row(
        client=name,
        requests=len(first.asked) / len(late_s),
        late_s=statistics.median(late_s),
        worst_s=max(late_s),
        first_ms=first.cpu_s * 1000,
        alone_ms=alone.cpu_s * 1000 / len(alone.late_s),
        few_ms=five.cpu_s * 1000 / len(five.late_s),
        many_requests=len(all_.asked),
        busiest=most_in_a_second(all_.asked),
        many_late_s=max(all_.late_s),
        many_cpu_s=all_.cpu_s,
        import_ms=imported_ms,
    )


def most_in_a_second(times: list[float]) -> int:
    """Return how many requests the busiest second held."""
    ordered = sorted(times)
    return max(bisect.bisect_left(ordered, at + 1) - place for place, at in enumerate(ordered))


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table; in brackets how many times the first row's."""
    lines = [f"| {' | '.join(HEADS)} |", "|" + "---|" * len(HEADS)]
    base = astuple(rows[0])[1:]
    for row in rows:
        name, *values = astuple(row)
        cells = [f"{value:.2f}".removesuffix(".00") for value in values]
        if row is not rows[0]:
            ratios = [f" ({v / b:.1f}x)" if b else "" for v, b in zip(values, base, strict=True)]
            cells = [cell + ratio for cell, ratio in zip(cells, ratios, strict=True)]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def _run(command: list[str]) -> Any:
    return json.loads(_output([command[0], str(CLIENTS / command[1]), *command[2:]]))


def _output(command: list[str]) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def main() -> None:
    """Run everything once and print the table."""
    began = f"{os.getloadavg()[0]:.1f}"
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--envs", type=Path, help="where the other clients' environments are kept")
    parser.add_argument("--only", action="append", help="one row: a client; may be repeated")
    given = parser.parse_args()
    wanted = given.only or [*OURS, *OTHERS]
    if unknown := set(wanted) - {*OURS, *OTHERS}:
        parser.error(f"no row {', '.join(sorted(unknown))}; rows: {', '.join([*OURS, *OTHERS])}")
    if given.envs is None and set(wanted) - set(OURS):
        parser.error("--envs is needed for other clients; --only names ours")
    rows = [ours(name) for name in OURS if name in wanted]
    rows += [other(name, environment(given.envs, name)) for name in OTHERS if name in wanted]
    print(f"load when it began: {began}; {os.cpu_count()} cores\n")
    print(table(rows))


if __name__ == "__main__":
    main()
