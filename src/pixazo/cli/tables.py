"""Tables on stdout: drawn on a terminal, plain columns elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

import click

from pixazo.cli.words import printable

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["blocks", "plain", "show"]

LEAST_PROSE = 24  # characters that a column of prose gets at least, when it has so many
ENDLESS = 1_000_000
NOTHING = ("", "-")
Rows = Sequence[Sequence[str]]


def show(
    heads: Sequence[str], rows: Rows, *, right: Sequence[str] = (), prose: Sequence[str] = ()
) -> None:
    """Print a table to stdout: on a terminal too narrow for it, a block of lines for each row.

    Args:
        heads: The columns' names.
        rows: Their cells; a server may have written some of them.
        right: Names of the columns of numbers.
        prose: Names of the columns that may be folded; what stands in the others stays whole.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(heads, cells, right, prose)
    else:
        click.echo(plain(heads, cells, right=right))


def plain(heads: Sequence[str], rows: Rows, *, right: Sequence[str] = ()) -> str:
    """Return the table as lines of aligned columns, two blanks apart, nothing cut off."""
    lines = [[head.upper() for head in heads], *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if head in right else cell.ljust(width)
            for head, cell, width in zip(heads, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def blocks(heads: Sequence[str], rows: Rows, *, width: int, prose: Sequence[str] = ()) -> str:
    """Return the table as one block for each row: a line for each cell that says something."""
    margin = max(map(len, heads)) + 2

    def line(head: str, cell: str) -> str:
        if head in prose:
            room = max(width - margin, LEAST_PROSE)
            cell = ("\n" + " " * margin).join(wrap(cell, room))
        return head.ljust(margin) + cell

    said = (
        [pair for pair in zip(heads, row, strict=True) if pair[1] not in NOTHING] for row in rows
    )
    return "\n\n".join("\n".join(line(*pair) for pair in pairs) for pairs in said)


def _draw(heads: Sequence[str], rows: Rows, right: Sequence[str], prose: Sequence[str]) -> None:
    from rich.console import Console

    console = Console()
    table = _table(heads, rows, right, prose)
    needed = console.measure(table, options=console.options.update(width=ENDLESS)).minimum
    if needed <= console.width:
        console.print(table)
    else:
        click.echo(blocks(heads, rows, width=console.width, prose=prose))


def _table(heads: Sequence[str], rows: Rows, right: Sequence[str], prose: Sequence[str]) -> Table:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for at, head in enumerate(heads):
        widest = max(cell_len(row[at]) for row in [heads, *rows])
        least = min(widest, LEAST_PROSE) if head in prose else widest
        side: Literal["left", "right"] = "right" if head in right else "left"
        table.add_column(
            head, justify=side, overflow="fold", min_width=least, no_wrap=head not in prose
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
