"""The report as one HTML page: no script, nothing loaded; a cell opens its exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tests.contract.suite.exchange import Exchange, printable
from tests.contract.suite.reports.report import Cell, Finding, Report
from tests.contract.suite.reports.terminal import advice, summary
from tests.contract.suite.verdicts import LAYERS, RULES, Rule

__all__ = ["render"]

STYLE = """
:root{--ink:#1d2330;--soft:#5b6475;--line:#dfe3ea;--back:#fff;--held:#e3f4e8;--held-ink:#17663a;
--broken:#fbdcdc;--broken-ink:#9b1c1c;--gone:#f1f2f5;--panel:#f7f8fa}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b5;--line:#333b49;
--back:#161a22;--held:#173524;--held-ink:#8fdcae;--broken:#4a1d20;--broken-ink:#ffb3b3;
--gone:#232935;--panel:#1d232e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:84rem;padding:1.5rem;background:var(--back);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .6rem}
p{margin:.3rem 0}.soft{color:var(--soft)}
.broken-rule{border:1px solid var(--line);border-left:4px solid var(--broken-ink);border-radius:4px;
padding:.7rem 1rem;margin:.8rem 0}
.broken-rule h3{margin:0 0 .3rem;font-size:1rem}
dl{display:grid;grid-template-columns:7rem 1fr;gap:.15rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0}
pre{background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:.6rem;
margin:.4rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;
font:12.5px/1.45 ui-monospace,monospace}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:13.5px}
th,td{border:1px solid var(--line);padding:.2rem .45rem;text-align:left;vertical-align:top}
thead th{font-weight:600;font-size:12px;max-width:6.5rem;vertical-align:bottom}
tbody th{font-weight:500;min-width:19rem}
tbody th small{display:block;color:var(--soft);font-weight:400}
tr.layer th{background:var(--panel);font-weight:600}
td{text-align:center;white-space:nowrap}
td a{display:block;text-decoration:none;color:inherit}
td.held{background:var(--held);color:var(--held-ink)}
td.broken{background:var(--broken);color:var(--broken-ink);font-weight:700}
td.not-here{background:var(--gone);color:var(--soft)}
.exchange{display:none;position:fixed;inset:auto 0 0 0;max-height:62vh;overflow:auto;z-index:2;
background:var(--back);border-top:3px solid var(--ink);padding:1rem 1.5rem;
box-shadow:0 -6px 24px rgb(0 0 0/.25)}
.exchange:target{display:block}.close{float:right;font-weight:600}
@media print{.exchange{display:block;position:static;max-height:none;box-shadow:none}}
"""


def render(reports: Sequence[Report]) -> str:
    """The page."""
    title = "Contract: " + ", ".join(report.target for report in reports)
    body = "\n".join(part for number, report in enumerate(reports) for part in _run(number, report))
    return printable(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _run(number: int, report: Report) -> Iterator[str]:
    yield f"<h1>{escape(report.target)}: {report.outcome}</h1>"
    yield f'<p class="soft">{escape(summary(report))}</p>'
    yield from (f"<p>{escape(note)}</p>" for note in report.notes)
    if report.findings:
        yield f"<h2>{len(report.findings)} broken</h2>"
        yield from map(_finding, report.findings)
    yield "<h2>Rules by operation</h2>"
    yield '<p class="soft">Each figure is the number of cases; click it to see one of them.</p>'
    yield from _matrix(number, report)
    yield "<h2>What this target can show</h2><ul>"
    for name, can in report.capabilities.items():
        yield f"<li>{escape(name)}: {'yes' if can else 'no'}</li>"
    yield "</ul>"
    for at, (key, cell) in enumerate(report.cells.items()):
        yield from _panel(f"{number}-{at}", key, cell)


def _finding(finding: Finding) -> str:
    rule, smallest = finding.rule, finding.smallest
    rows = {
        "seen": smallest.seen,
        "rule": f"{rule.says} ({finding.line})",
        "source": finding.source or "no page names it",
        "ruling": ", ".join(finding.rulings) or "none",
        "how often": finding.frequency,
        "effect": rule.effect,
        "what next": rule.advice or advice(finding),
    }
    listed = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows.items())
    shown = _exchange(smallest.exchange) if smallest.exchange else ""
    heading = f"{rule.name} (layer {rule.layer}, {LAYERS[rule.layer]})"
    return (
        f'<section class="broken-rule"><h3>{escape(heading)}</h3><dl>{listed}</dl>{shown}</section>'
    )


def _exchange(exchange: Exchange) -> str:
    return f"<pre>{escape(exchange.curl())}</pre><pre>{escape(exchange.answer())}</pre>"


def _matrix(number: int, report: Report) -> Iterator[str]:
    operations = report.operations
    places = {key: at for at, key in enumerate(report.cells)}
    heads = "".join(f'<th scope="col">{escape(operation)}</th>' for operation in operations)
    yield f'<div class="wide"><table><thead><tr><th>rule</th>{heads}</tr></thead><tbody>'
    layer = 0
    for name, rule in sorted(RULES.items(), key=lambda item: item[1].layer):
        if not any(known == name for known, _ in report.cells):
            continue
        if rule.layer != layer:
            layer = rule.layer
            span = len(operations) + 1
            yield f'<tr class="layer"><th colspan="{span}">{layer} {LAYERS[layer]}</th></tr>'
        yield _row(number, report, name, rule, places)
    yield "</tbody></table></div>"


def _row(
    number: int, report: Report, name: str, rule: Rule, places: dict[tuple[str, str], int]
) -> str:
    cells = [
        _cell(f"{number}-{places[key]}", report.cells[key]) if key in places else "<td></td>"
        for key in ((name, operation) for operation in report.operations)
    ]
    everywhere = report.cells.get((name, ""))
    if everywhere is not None:
        place, span = f"{number}-{places[name, '']}", len(cells)
        cells = [_cell(place, everywhere).replace("<td", f'<td colspan="{span}"', 1)]
    head = f"{escape(name)}<small>{escape(rule.says)}</small>"
    return f'<tr><th scope="row">{head}</th>{"".join(cells)}</tr>'


def _cell(place: str, cell: Cell | None) -> str:
    if cell is None or cell.state == "not tried":
        return "<td></td>"
    if cell.broken:
        figure = f"{len(cell.broken)}&nbsp;✗"
        return f'<td id="c{place}" class="broken"><a href="#x{place}">{figure}</a></td>'
    if cell.held:
        return f'<td id="c{place}" class="held"><a href="#x{place}">{cell.held}&nbsp;✓</a></td>'
    dash = f'<a href="#x{place}">&ndash;</a>'
    return f'<td id="c{place}" class="not-here" title="{escape(cell.why)}">{dash}</td>'


def _panel(place: str, key: tuple[str, str], cell: Cell) -> Iterator[str]:
    """One cell's exchange, shown when its address is the page's fragment."""
    name, operation = key
    worst = min(cell.broken, key=lambda v: v.exchange.size if v.exchange else 0, default=None)
    exchange = worst.exchange if worst else cell.example
    said = worst.seen if worst else f"{cell.state}{': ' + cell.why if cell.why else ''}"
    yield (
        f'<section class="exchange" id="x{place}"><a class="close" href="#c{place}">close</a>'
        f"<h3>{escape(name)} at {escape(operation or 'every operation')}</h3>"
        f"<p>{escape(RULES[name].says)}</p><p><b>{escape(said)}</b></p>"
        f"{_exchange(exchange) if exchange else ''}</section>"
    )
