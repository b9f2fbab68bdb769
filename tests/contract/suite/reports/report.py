"""What a run has found, put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import Lab
from tests.contract.suite.spec import Spec
from tests.contract.suite.verdicts import EMPTY_WALLET, RULES, Rule, Verdict

__all__ = ["Cell", "Finding", "Report", "grouped", "table"]

TAKES = ("accepted", "valid-accepted")
"""Rules that are held when a valid request is taken."""

BROKEN, HELD, NOT_HERE, NOT_TRIED = "broken", "held", "not checked here", "not tried"


@dataclass(slots=True)
class Cell:
    """One rule at one operation.

    Args:
        held: how often it was held.
        broken: verdicts that it was not.
        why: why the target cannot show it; empty when it can.
        example: an exchange in which it was held.
    """

    held: int = 0
    broken: list[Verdict] = field(default_factory=list[Verdict])
    why: str = ""
    example: Exchange | None = None

    @property
    def state(self) -> str:
        """`broken`, `held`, `not checked here` or `not tried`."""
        if self.broken:
            return BROKEN
        return HELD if self.held else NOT_HERE if self.why else NOT_TRIED


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything about one broken rule at one place of the document.

    Args:
        line: `spec/openapi.yaml:214`.
        count: how often it was broken.
        smallest: the verdict with the smallest exchange.
    """

    rule: Rule
    operations: tuple[str, ...]
    pointer: str
    line: str
    rulings: tuple[str, ...]
    source: str
    count: int
    smallest: Verdict

    @property
    def frequency(self) -> str:
        """How often, and where."""
        times = "once" if self.count == 1 else f"{self.count} times"
        return f"{times}, at {', '.join(self.operations)}"


@dataclass(slots=True)
class Report:
    """The outcome of one run.

    Args:
        target: its name.
        cells: by rule and operation.
        findings: broken rules, grouped by place.
    """

    target: str
    seed: int
    layers: tuple[int, ...]
    seconds: float
    exchanges: int
    capabilities: dict[str, bool]
    cells: dict[tuple[str, str], Cell]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0: all holds; 1: something is broken; 2: nothing was shown."""
        if self.findings:
            return 1
        if self.nothing_accepted:
            return 2
        return 0 if any(cell.held for cell in self.cells.values()) else 2

    @property
    def nothing_accepted(self) -> bool:
        """Whether valid requests were sent and every one met an empty wallet."""
        cells = [cell for (rule, _), cell in self.cells.items() if rule in TAKES]
        met = any(cell.why == EMPTY_WALLET for cell in cells)
        return met and not any(cell.held or cell.broken for cell in cells)

    @property
    def outcome(self) -> str:
        """How it came out, in words."""
        if self.exit_code == 2 and self.nothing_accepted:
            return "nothing was accepted: the wallet is empty"
        return {0: "holds", 1: "BROKEN", 2: "nothing was shown"}[self.exit_code]

    @property
    def broken_rules(self) -> tuple[str, ...]:
        """Names of the broken rules."""
        return tuple(dict.fromkeys(finding.rule.name for finding in self.findings))

    @property
    def broken_layers(self) -> tuple[int, ...]:
        """Layers with a broken rule."""
        return tuple(sorted({finding.rule.layer for finding in self.findings}))

    @property
    def operations(self) -> tuple[str, ...]:
        """Every operation that has a cell."""
        return tuple(dict.fromkeys(operation for _, operation in self.cells if operation))

    def joined(self, other: Report, spec: Spec) -> Report:
        """This run and another one over the same kind of target, made at the same time."""
        cells = {key: replace(cell, broken=[*cell.broken]) for key, cell in self.cells.items()}
        for key, more in other.cells.items():
            cell = cells.setdefault(key, Cell())
            cell.held, cell.example = cell.held + more.held, cell.example or more.example
            cell.broken, cell.why = [*cell.broken, *more.broken], cell.why or more.why
        return replace(
            self,
            layers=tuple(sorted({*self.layers, *other.layers})),
            seconds=max(self.seconds, other.seconds),
            exchanges=self.exchanges + other.exchanges,
            cells=cells,
            findings=grouped(spec, [v for cell in cells.values() for v in cell.broken]),
            notes=(*self.notes, *other.notes),
        )

    def rule_state(self, name: str) -> tuple[str, str]:
        """State of a rule over all operations, with the reason when it cannot be shown here."""
        cells = [cell for (rule, _), cell in self.cells.items() if rule == name]
        states = {cell.state for cell in cells}
        why = "; ".join(dict.fromkeys(cell.why for cell in cells if cell.why))
        for state in (BROKEN, HELD, NOT_HERE):
            if state in states:
                return state, why
        return NOT_TRIED, why

    @classmethod
    def of(cls, lab: Lab, *, layers: Sequence[int], seconds: float) -> Report:
        """Put in order what a lab has taken down."""
        return cls(
            target=lab.target.name,
            seed=lab.seed,
            layers=tuple(layers),
            seconds=seconds,
            exchanges=len(lab.exchanges) + lab.others,
            capabilities=lab.target.capabilities,
            cells=table(lab.verdicts, lab.unchecked),
            findings=grouped(lab.spec, lab.verdicts),
            notes=tuple(lab.notes),
        )


def table(
    verdicts: Iterable[Verdict], unchecked: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], Cell]:
    """Verdicts by rule and operation, with the reasons where none could be reached."""
    cells: dict[tuple[str, str], Cell] = {}
    for verdict in verdicts:
        _enter(cells.setdefault((verdict.rule.name, verdict.operation), Cell()), verdict)
    for key, why in unchecked.items():
        cells.setdefault(key, Cell()).why = why
    return cells


def _enter(cell: Cell, verdict: Verdict) -> None:
    if verdict.seen:
        cell.broken.append(verdict)
    else:
        cell.held += 1
        cell.example = cell.example or verdict.exchange


def grouped(spec: Spec, verdicts: Iterable[Verdict]) -> tuple[Finding, ...]:
    """Broken rules, those at one place of the document together, in the order of the layers."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.seen:
            place = verdict.pointer or verdict.rule.pointer
            groups.setdefault((verdict.rule.name, place), []).append(verdict)
    found = [_finding(spec, place, group) for (_, place), group in groups.items()]
    order = list(RULES)
    return tuple(sorted(found, key=lambda f: (f.rule.layer, order.index(f.rule.name), -f.count)))


def _page_of(spec: Spec, operation: str) -> str:
    """The page that describes an operation."""
    known = spec.models.get(operation) or spec.status
    return str(known.extension["source"])


def _finding(spec: Spec, pointer: str, group: list[Verdict]) -> Finding:
    first = group[0].rule
    return Finding(
        rule=first,
        operations=tuple(dict.fromkeys(verdict.operation for verdict in group)),
        pointer=pointer,
        line=spec.line(pointer),
        rulings=first.rulings or spec.rulings(pointer),
        source=spec.source(pointer) or _page_of(spec, group[0].operation),
        count=len(group),
        smallest=min(group, key=lambda v: v.exchange.size if v.exchange else 0),
    )
