"""The report as text: a block for each broken rule, then rules by target."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tests.contract.suite.exchange import printable
from tests.contract.suite.reports.report import Finding, Report
from tests.contract.suite.verdicts import LAYERS, RULES

__all__ = ["advice", "block", "render", "summary"]

WIDTH = 100
MOST_BLOCKS = 3
"""Blocks of one rule that are shown in full."""


def render(reports: Sequence[Report]) -> str:
    """Everything, for people: broken rules first, the table last."""
    lines: list[str] = []
    for report in reports:
        for findings in _by_rule(report).values():
            lines += [part for each in findings[:MOST_BLOCKS] for part in (block(each), "")]
            if more := findings[MOST_BLOCKS:]:
                lines += [_others(more), ""]
    lines += [*_table(reports), ""]
    for report in reports:
        lines += [*report.notes, summary(report)]
    return "\n".join(lines)


def _by_rule(report: Report) -> dict[str, list[Finding]]:
    """Findings by the name of their rule, in the report's order."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule.name, []).append(finding)
    return found


def _others(findings: Sequence[Finding]) -> str:
    """The places of a rule that are not shown in full."""
    lines = sorted({int(finding.line.rpartition(":")[2]) for finding in findings})
    file = findings[0].line.rpartition(":")[0]
    told = (
        f"BROKEN {findings[0].rule.name} at {len(findings)} more places as well, "
        f"{sum(finding.count for finding in findings)} times; --report and --json show each: "
        f"{file}:{', '.join(map(str, lines))}"
    )
    return "\n".join(textwrap.wrap(told, WIDTH, subsequent_indent="  "))


def block(finding: Finding) -> str:
    """One broken rule: seen, rule, source, exchange, how often, effect, what next."""
    rule, smallest = finding.rule, finding.smallest
    rows = [
        ("rule", f"{rule.says} ({finding.line}, {finding.pointer or '/'})"),
        ("source", _source(finding)),
        ("how often", finding.frequency),
        ("effect", rule.effect),
        ("what next", rule.advice or advice(finding)),
    ]
    lines = [f"BROKEN {rule.name} (layer {rule.layer}, {LAYERS[rule.layer]})"]
    lines += _row("seen", smallest.seen)
    for name, text in rows:
        lines += _row(name, text)
    if smallest.exchange is not None:
        lines += [f"  {'exchange':<10} {smallest.exchange.curl()}"]
        answer = smallest.exchange.answer().splitlines() or [""]
        lines += [f"  {'answer' if not n else '':<10} {line}" for n, line in enumerate(answer[:12])]
    return printable("\n".join(lines))


def _row(name: str, text: str) -> list[str]:
    wrapped = textwrap.wrap(text, WIDTH - 13) or [""]
    return [f"  {name if not n else '':<10} {line}" for n, line in enumerate(wrapped)]


def _source(finding: Finding) -> str:
    rulings = ", ".join(finding.rulings) or "no ruling"
    return f"{finding.source or 'no page names it'}; {rulings} in spec/RULINGS.md"


def advice(finding: Finding) -> str:
    """What to do about a broken rule that says nothing itself."""
    ruling = finding.rulings[0] if finding.rulings else "the rulings"
    return (
        f"Run the curl line. When the gateway means it, change {finding.line} and {ruling}, "
        "then run `nox -s generate`; otherwise report it to the gateway."
    )


def _table(reports: Sequence[Report]) -> Iterator[str]:
    """Rule by target; what a target cannot show says so."""
    width = max(len(name) for name in RULES) + 4
    names = [report.target[:40] for report in reports]
    yield "".join(["rule".ljust(width), *(name.ljust(44) for name in names)]).rstrip()
    layer = 0
    reasons: dict[str, int] = {}
    for name, rule in sorted(RULES.items(), key=lambda item: item[1].layer):
        states = [report.rule_state(name) for report in reports]
        if all(state == "not tried" for state, _ in states):
            continue
        if rule.layer != layer:
            layer = rule.layer
            yield f"{layer} {LAYERS[layer]}"
        yield (
            f"  {name}".ljust(width)
            + "".join(
                _state(report, name, *state, reasons).ljust(44)
                for report, state in zip(reports, states, strict=True)
            ).rstrip()
        )
    yield from (f"  [{number}] {reason}" for reason, number in reasons.items())


def _state(report: Report, name: str, state: str, why: str, reasons: dict[str, int]) -> str:
    cells = [cell for (rule, _), cell in report.cells.items() if rule == name]
    held, broken = sum(c.held for c in cells), sum(len(c.broken) for c in cells)
    note = f" [{reasons.setdefault(why, len(reasons) + 1)}]" if why else ""
    if state == "broken":
        return f"BROKEN {broken} of {held + broken}{note}"
    if state == "held":
        return f"held {held}" + (f"; in part not checked here{note}" if why else "")
    return f"{state}{note}"


def summary(report: Report) -> str:
    """One line: what was done, and how it came out."""
    rules = len({name for (name, _), cell in report.cells.items() if cell.held or cell.broken})
    return (
        f"{report.target}: {report.outcome}; {len(report.broken_rules)} of {rules} rules broken, "
        f"{report.exchanges} exchanges in {report.seconds:.1f} s, seed {report.seed}"
    )
