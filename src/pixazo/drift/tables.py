"""Tables in the forms that pages come in: piped rows, tabs, one cell a line, running text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pixazo.drift.lines import Line

__all__ = ["Row", "Table", "find_tables"]

_NAMES = {
    "header",
    "type",
    "required",
    "description",
    "value",
    "field",
    "parameter",
    "default",
    "code",
    "meaning",
    "status",
    "resolution",
    "price (usd)",
}
_FIRST = {"header", "field", "parameter", "code", "status", "resolution"}
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
_TYPE = (
    r"(?:string|integer|number|boolean|array|object|int|float|bool)"
    r"(?:\s+of\s+\w+|\s+or\s+\w+|\|\w+)*"
)
# How a cell of a column looks where only spaces part the cells.
_CELLS = {
    "header": r"[A-Z]\w*(?:-\w+)+",
    "field": r"[A-Za-z_][\w.\[\]]*",
    "parameter": r"[A-Za-z_][\w.\[\]]*",
    "type": _TYPE,
    "required": r"(?:Yes|No)",
    "default": r"(?:\"[^\"]*\"|\S+)",
    "code": r"[1-5]\d\d",
    "status": r"[A-Z][A-Z_]{3,}",
    "resolution": r"\S.*?",
    "price (usd)": r"\$[\d.]+",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, and its cells by column name."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """One table: where it begins, its column names in lower case, its rows, its broken lines."""

    line: int
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list[Row])
    broken: list[Line] = field(default_factory=list[Line])


def find_tables(lines: Sequence[Line]) -> list[Table]:
    """Return the tables in the lines of a section, whatever form they have."""
    found: list[Table] = []
    at = 0
    while at < len(lines):
        table, at = (
            _piped(lines, at)
            or _tabbed(lines, at)
            or _running(lines, at)
            or _stacked(lines, at)
            or (None, at + 1)
        )
        if table is not None:
            found.append(table)
    return found


def _piped(lines: Sequence[Line], at: int) -> tuple[Table, int] | None:
    if not lines[at].text.startswith("|"):
        return None
    table = Table(lines[at].number, tuple(cell.lower() for cell in _split(lines[at].text)))
    is_closed = lines[at].text.endswith("|")
    at += 1
    while at < len(lines) and lines[at].text.startswith("|"):
        if not _RULE.fullmatch(lines[at].text):
            _add_piped(table, lines[at])
            if is_closed and not lines[at].text.endswith("|") and lines[at] not in table.broken:
                table.broken.append(lines[at])
        at += 1
    return table, at


def _tabbed(lines: Sequence[Line], at: int) -> tuple[Table, int] | None:
    """Read a table as browsers copy it: a tab between cells."""
    columns = [cell.strip().lower() for cell in lines[at].text.split("\t")]
    if len(columns) < 2 or columns[0] not in _FIRST or not {*columns} <= _NAMES:
        return None
    table = Table(lines[at].number, tuple(columns))
    at += 1
    while at < len(lines) and "\t" in lines[at].text:
        _add(table, lines[at], [_plain(cell) for cell in lines[at].text.split("\t")])
        at += 1
    return table, at


def _add_piped(table: Table, line: Line) -> None:
    _add(table, line, _split(line.text))


def _add(table: Table, line: Line, cells: Sequence[str]) -> None:
    if len(cells) == len(table.columns):
        table.rows.append(Row(line.number, dict(zip(table.columns, cells, strict=True))))
    else:
        table.broken.append(line)


def _split(text: str) -> list[str]:
    """Return the cells of a piped row; a bare pipe within a cell (`string|null`) stays."""
    inner = text.removeprefix("|").removesuffix("|")
    parts = re.split(r"(?<!\\)\s+\|\s+|(?<!\\)\s+\||\|\s+", inner)
    return [_plain(part) for part in parts]


def _plain(cell: str) -> str:
    cell = cell.replace("\\|", "|").strip()
    return cell[1:-1] if re.fullmatch(r"`[^`]+`", cell) else cell


def _stacked(lines: Sequence[Line], at: int) -> tuple[Table, int] | None:
    """Read a table that has one cell a line: its header cells are what tells it."""
    cells = [(index, line) for index, line in enumerate(lines[at:], at) if line.text]
    columns: list[str] = []
    for _, line in cells:
        if line.text.lower() not in _NAMES or line.text.lower() in columns:
            break
        columns.append(line.text.lower())
    if len(columns) < 2 or columns[0] not in _FIRST:
        return None
    table = Table(cells[0][1].number, tuple(columns))
    body = cells[len(columns) :]
    taken = _add_stacked(table, [line for _, line in body])
    return table, body[taken][0] if taken < len(body) else len(lines)


def _add_stacked(table: Table, lines: Sequence[Line]) -> int:
    """Add the rows; return how many lines they took."""
    width = len(table.columns)
    at = 0
    while at < len(lines) and _fits(table.columns[0], lines[at].text):
        chunk = lines[at : at + width]
        cells = [_plain(line.text) for line in chunk]
        if len(chunk) < width or not _row_fits(table.columns, cells):
            table.broken.append(lines[at])
            return at + 1
        table.rows.append(Row(chunk[0].number, dict(zip(table.columns, cells, strict=True))))
        at += width
    return at


def _fits(column: str, cell: str) -> bool:
    return bool(re.fullmatch(_CELLS.get(column, r".+"), _plain(cell)))


def _row_fits(columns: Sequence[str], cells: Sequence[str]) -> bool:
    return all(
        _fits(column, cell)
        for column, cell in zip(columns, cells, strict=True)
        if column in {"required", "code", "header"}
    )


def _running(lines: Sequence[Line], at: int) -> tuple[Table, int] | None:
    """Read a table whose cells run on in one text, anchored by what its cells look like."""
    columns = _running_columns(lines[at].text)
    if not columns:
        return None
    table = Table(lines[at].number, columns)
    text, numbers = _joined(lines[at:], skip=len(" ".join(columns)))
    for offset, cells in _anchored(columns, text):
        table.rows.append(Row(numbers(offset), cells))
    return table, len(lines)


def _running_columns(text: str) -> tuple[str, ...]:
    lowered = text.lower()
    columns: list[str] = []
    while True:
        name = next(
            (n for n in _NAMES if lowered == n or lowered.startswith(n + " ")),
            None,
        )
        if name is None or name in columns:
            break
        columns.append(name)
        lowered = lowered[len(name) :].lstrip()
    return tuple(columns) if len(columns) > 1 and columns[0] in _FIRST else ()


def _joined(lines: Sequence[Line], skip: int) -> tuple[str, _Numbers]:
    text = lines[0].text[skip:]
    starts = [(0, lines[0].number)]
    for line in lines[1:]:
        starts.append((len(text) + 1, line.number))
        text += " " + line.text
    return text, _Numbers(starts)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The line number of an offset in joined lines."""

    starts: list[tuple[int, int]]

    def __call__(self, offset: int) -> int:
        return [number for start, number in self.starts if start <= offset][-1]


def _anchored(columns: tuple[str, ...], text: str) -> Iterator[tuple[int, dict[str, str]]]:
    closed = columns[-1] in _CELLS
    leading = columns if closed else columns[:-1]
    groups = r"\s+".join(f"({_CELLS.get(column, r'[^ ]+')})" for column in leading)
    matches = list(re.finditer(rf"(?:^|(?<=\s)){groups}(?=\s|$)", text))
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        cells = dict(zip(leading, match.groups(), strict=True))
        if not closed:
            end = following.start() if following else len(text)
            cells[columns[-1]] = text[match.end() : end].strip()
        yield match.start(), cells
