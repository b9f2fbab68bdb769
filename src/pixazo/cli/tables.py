"""Tables on stdout: drawn on a terminal, plain columns elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

import click

from pixazo.cli.words import printable

__all__ = ["plain", "show"]

LONGEST_WHOLE = 30  # a column no wider is never folded
Rows = Sequence[Sequence[str]]


def show(heads: Sequence[str], rows: Rows, *, right: Sequence[str] = ()) -> None:
    """Print a table to stdout.

    Args:
        heads: The columns' names.
        rows: Their cells; a server may have written some of them.
        right: Names of the columns of numbers.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(heads, cells, right)
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


def _draw(heads: Sequence[str], rows: Rows, right: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, header_style="bold")
    for at, head in enumerate(heads):
        short = max(len(row[at]) for row in [heads, *rows]) <= LONGEST_WHOLE
        side: Literal["left", "right"] = "right" if head in right else "left"
        table.add_column(head, justify=side, overflow="fold", no_wrap=short)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
