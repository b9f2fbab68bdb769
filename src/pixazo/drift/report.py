"""The report of a comparison: what was read, what differs, as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pixazo.drift.findings import Finding

__all__ = ["Count", "Report", "render_json", "render_text"]

_LONGEST_EDIT = 14


@dataclass(frozen=True, slots=True)
class Count:
    """How many things of a sort were read, and how many the spec has; None where it sets none."""

    name: str
    read: int
    spec: int | None = None

    def __str__(self) -> str:
        """Return for example `7 of 7 models`."""
        if self.spec is None:
            return f"{self.read} {self.name}"
        return f"{self.read} of {self.spec} {self.name}"


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in the order of the pages, what was read, and the pages' names."""

    findings: tuple[Finding, ...]
    counts: tuple[Count, ...]
    pages: tuple[str, ...]

    @property
    def uncovered(self) -> tuple[Finding, ...]:
        """The findings that no ruling covers."""
        return tuple(finding for finding in self.findings if finding.ruling is None)

    @property
    def rulings(self) -> tuple[str, ...]:
        """The rulings that cover something on these pages."""
        return tuple(sorted({f.ruling for f in self.findings if f.ruling}))

    @property
    def exit_code(self) -> int:
        """0 when every difference is covered by a ruling, else 1."""
        return 1 if self.uncovered else 0


def render_text(report: Report, *, covered: bool = True) -> str:
    """Return the report for people: one finding a line, proposed edits under uncovered ones.

    Args:
        report: What was found.
        covered: Whether findings that a ruling covers are shown.
    """
    shown = report.findings if covered else report.uncovered
    lines = [line for finding in shown for line in _lines(finding)]
    lines.append("read: " + ", ".join(str(count) for count in report.counts))
    count = len(report.findings) - len(report.uncovered)
    told = f"{count} covered by rulings ({', '.join(report.rulings)})" if count else "0 covered"
    lines.append(f"{len(report.findings)} differences: {told}, {len(report.uncovered)} uncovered")
    return "\n".join(lines)


def _lines(finding: Finding) -> Iterator[str]:
    found = finding.difference
    spec = f"spec:{finding.spec_line}" if finding.spec_line else f"spec{found.pointer}"
    where = f"{finding.page}:{found.line if found.line is not None else '-'}"
    yield f"{where}  {spec}  [{finding.label}]  {finding.name}: {found.text}"
    if finding.ruling is None and found.edit is not None:
        yaml = found.edit.yaml().split("\n")
        yield from (f"    {line}" for line in yaml[:_LONGEST_EDIT])
        if len(yaml) > _LONGEST_EDIT:
            yield f"    # … {len(yaml) - _LONGEST_EDIT} more lines with --json"


def render_json(report: Report) -> str:
    """Return the report as one JSON object; `edit` is YAML text."""
    return json.dumps(
        {
            "pages": report.pages,
            "read": {
                count.name.replace(" ", "_"): {"read": count.read, "spec": count.spec}
                for count in report.counts
            },
            "covered": len(report.findings) - len(report.uncovered),
            "uncovered": len(report.uncovered),
            "findings": [_object(finding) for finding in report.findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def _object(finding: Finding) -> dict[str, Any]:
    found = finding.difference
    return {
        "page": finding.page,
        "page_line": found.line,
        "spec_line": finding.spec_line,
        "spec_pointer": found.pointer,
        "kind": found.kind,
        "ruling": finding.ruling,
        "model": found.model or None,
        "place": found.place,
        "page_says": found.says,
        "spec_says": found.spec,
        "text": found.text,
        "edit": found.edit.yaml() if found.edit else None,
    }
