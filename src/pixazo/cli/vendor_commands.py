"""`pixazo vendor`: copies of the library inside other packages."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.cli.failures import Unusable
from pixazo.cli.words import dumped, printable

if TYPE_CHECKING:
    from pixazo.vendoring import Report

__all__ = ["vendor"]


@click.command(short_help="Copy the whole library into a folder of yours.")
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="The copy is the folder NAME in DEST, not DEST.")
@click.option("--wire-only", is_flag=True, help="Leave the client out; needs attrs alone.")
@click.option("--check", is_flag=True, help="Name what was edited, and whether it is outdated.")
@click.option("--update", is_flag=True, help="Replace the copy by the installed version.")
@click.option("--force", is_flag=True, help="With --update: overwrite what was edited.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def vendor(
    context: click.Context,
    *,
    dest: Path,
    name: str | None,
    wire_only: bool,
    check: bool,
    update: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Copy the library into DEST, a folder that imports without pixazo installed.

    It holds the library and what is made from the spec, with relative imports only, so it works
    under any name in any package. Exit code of --check: 0 untouched and up to date, 1 not.
    """
    from pixazo import vendoring

    _check_flags(check=check, update=update, force=force, wire_only=wire_only)
    try:
        dest = dest if name is None else vendoring.inside(dest, name)
        if check:
            report = vendoring.check(dest)
        elif update:
            report = vendoring.update(dest, force=force)
        else:
            report = vendoring.vendor(dest, wire_only=wire_only)
    except vendoring.VendorError as error:
        raise Unusable(error) from error
    lines = report.lines() if check else [_done(report, dest, fresh=not update)]
    text = _document(report, dest) if as_json else "\n".join(lines or [_fine(report, dest)])
    click.echo(printable(text))
    context.exit(1 if check and not report.clean else 0)


def _check_flags(*, check: bool, update: bool, force: bool, wire_only: bool) -> None:
    if check and update:
        raise click.UsageError("--check and --update exclude each other")
    if force and not update:
        raise click.UsageError("--force needs --update")
    if wire_only and (check or update):
        raise click.UsageError("--wire-only is for a new copy; an old one stays what it is")


def _done(report: Report, dest: Path, *, fresh: bool) -> str:
    if fresh:
        return f"{dest}: pixazo {report.version}"
    if report.clean:
        return _fine(report, dest)
    if report.touched and not report.outdated:
        return f"{dest}: pixazo {report.version}, edits overwritten"
    return f"{dest}: pixazo {report.version} replaced by {report.installed}"


def _fine(report: Report, dest: Path) -> str:
    return f"{dest}: pixazo {report.version}, untouched and up to date"


def _document(report: Report, dest: Path) -> str:
    return dumped({"dest": str(dest), "clean": report.clean, **asdict(report)})
