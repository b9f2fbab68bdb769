"""The report for programs: JSON and JUnit."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from tests.contract.suite.reports.report import Cell, Finding, Report
from tests.contract.suite.reports.terminal import block
from tests.contract.suite.verdicts import LAYERS, RULES

__all__ = ["as_json", "as_junit"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(reports: Sequence[Report]) -> str:
    """Everything as one JSON object."""
    return json.dumps({"version": 1, "runs": [_run(report) for report in reports]}, indent=1)


def _run(report: Report) -> dict[str, Any]:
    return {
        "target": report.target,
        "exit_code": report.exit_code,
        "seed": report.seed,
        "layers": list(report.layers),
        "seconds": round(report.seconds, 3),
        "exchanges": report.exchanges,
        "capabilities": report.capabilities,
        "notes": list(report.notes),
        "broken": [_finding(finding) for finding in report.findings],
        "rules": [
            {
                "rule": name,
                "layer": RULES[name].layer,
                "operation": operation,
                "state": cell.state,
                "held": cell.held,
                "broken": len(cell.broken),
                "why": cell.why,
            }
            for (name, operation), cell in report.cells.items()
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    smallest = finding.smallest
    return {
        "rule": finding.rule.name,
        "layer": finding.rule.layer,
        "says": finding.rule.says,
        "seen": smallest.seen,
        "line": finding.line,
        "pointer": finding.pointer,
        "rulings": list(finding.rulings),
        "source": finding.source,
        "operations": list(finding.operations),
        "count": finding.count,
        "effect": finding.rule.effect,
        "curl": smallest.exchange.curl() if smallest.exchange else None,
        "exchange": smallest.exchange.to_dict() if smallest.exchange else None,
    }


def as_junit(reports: Sequence[Report]) -> str:
    """A suite for each layer, a case for each rule at each operation."""
    root = ET.Element("testsuites", name="contract")
    for report in reports:
        for layer in sorted({RULES[name].layer for name, _ in report.cells}):
            _suite(root, report, layer)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _suite(root: ET.Element, report: Report, layer: int) -> None:
    cells = {key: cell for key, cell in report.cells.items() if RULES[key[0]].layer == layer}
    states = [cell.state for cell in cells.values()]
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"{report.target}: {layer} {LAYERS[layer]}",
        tests=str(len(cells)),
        failures=str(states.count("broken")),
        errors="0",
        skipped=str(states.count("not checked here")),
        time=f"{report.seconds:.3f}",
    )
    for (name, operation), cell in cells.items():
        named = {"classname": f"contract.{name}", "name": operation or name}
        case = ET.SubElement(suite, "testcase", named)
        _outcome(case, report, name, operation, cell)


def _outcome(case: ET.Element, report: Report, name: str, operation: str, cell: Cell) -> None:
    if cell.broken:
        seen = cell.broken[0].seen
        texts = [
            block(finding)
            for finding in report.findings
            if finding.rule.name == name and operation in finding.operations
        ]
        failure = ET.SubElement(case, "failure", message=_clean(seen[:300]), type=name)
        failure.text = _clean("\n\n".join(texts))
    elif cell.state == "not checked here":
        ET.SubElement(case, "skipped", message=_clean(f"not checked here: {cell.why}"))


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
