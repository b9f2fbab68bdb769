"""Waiting and importing, beside other clients: `python -m benchmarks --envs DIR` prints a table.

Every client runs with its default settings in an environment of its own, against a small server on
this machine that speaks its protocol (`mimic.py`), and pixazo against its own sandbox.
"""

from __future__ import annotations

import argparse
import bisect
import json
import statistics
import subprocess
import sys
import venv
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
Row = tuple[str, int, float, float, int, int, float, float, float]


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

    def measure(jobs: int) -> tuple[list[float], list[float], float]:
        mimic = Mimic()
        said = _run([python, script, mimic.url, str(jobs)])
        return mimic.asked[name], [at - mimic.ready[job] for job, at in said["ends"]], said["cpu_s"]

    return _row(package, measure(1), measure(MANY), import_ms(python, module))


def ours(learned: int) -> Row:
    """Measure pixazo; `learned` past durations are known."""
    from pixazo.sandbox import Sandbox

    def measure(jobs: int) -> tuple[list[float], list[float], float]:
        with Sandbox(latency=JOB_S, balance="1000") as box:
            python = [sys.executable, "pixazo_.py", box.url, str(jobs), str(learned)]
            said = _run(python)
            ready = {job.request_id: job.timeline.ends_at for job in box.jobs}
            asked = [entry.time for entry in box.journal]
        return asked, [at - ready[job] for job, at in said["ends"]], said["cpu_s"]

    name = "pixazo, learned" if learned else "pixazo, new model"
    return _row(name, measure(1), measure(MANY), import_ms(sys.executable, "pixazo"))


def _row(name: str, one: Any, many: Any, imported_ms: float) -> Row:
    return (
        name,
        len(one[0]),
        statistics.median(one[1]),
        one[2] * 1000,
        len(many[0]),
        most_in_a_second(many[0]),
        max(many[1]),
        many[2],
        imported_ms,
    )


def most_in_a_second(times: list[float]) -> int:
    """Return how many requests the busiest second held."""
    ordered = sorted(times)
    return max(bisect.bisect_left(ordered, at + 1) - place for place, at in enumerate(ordered))


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table; in brackets how many times the first row's."""
    head = (
        "| client | requests, 1 job | late, s | CPU, ms | requests, 50 jobs | busiest second"
        " | last late, s | CPU, s | import, ms |"
    )
    lines = [head, "|" + "---|" * 9]
    for name, *values in rows:
        cells = [f"{value:.2f}" if isinstance(value, float) else str(value) for value in values]
        ratios = [
            f" ({value / base:.1f}x)" if base else ""
            for value, base in zip(values, rows[0][1:], strict=True)
        ]
        shown = [cell + ratio for cell, ratio in zip(cells, ratios, strict=True)]
        lines.append("| " + " | ".join([name, *(cells if name == rows[0][0] else shown)]) + " |")
    return "\n".join(lines)


def _run(command: list[str]) -> Any:
    return json.loads(_output([command[0], str(CLIENTS / command[1]), *command[2:]]))


def _output(command: list[str]) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def main() -> None:
    """Run everything once and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--envs", type=Path, required=True, help="where environments are kept")
    folder = parser.parse_args().envs
    rows = [ours(5), ours(0)]
    rows += [other(package, environment(folder, package)) for package in OTHERS]
    print(table(rows))


if __name__ == "__main__":
    main()
