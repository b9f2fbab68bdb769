"""`pixazo drift`: saved documentation pages against the spec."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.cli.failures import Unusable
from pixazo.cli.words import printable

if TYPE_CHECKING:
    from pixazo.drift import Contract, Page

__all__ = ["drift"]


HERE = Path("spec", "openapi.yaml")


@click.command(short_help="Compare saved documentation pages with the spec.")
@click.argument("pages", metavar="PAGE…", nargs=-1, required=True)
@click.option(
    "--spec",
    "spec_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compare with this spec file (needs PyYAML) and name its lines; else the shipped spec.",
)
@click.option("--only", multiple=True, metavar="MODEL", help="The pages describe this model only.")
@click.option("--uncovered", is_flag=True, help="Show only what no ruling covers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, edits included.")
@click.option("--new-model", metavar="NAME", help="Draft a new operation from PAGE as YAML.")
@click.option(
    "--write", is_flag=True, help="With --new-model: put it into spec/openapi.yaml or --spec."
)
@click.pass_context
def drift(
    context: click.Context,
    *,
    pages: tuple[str, ...],
    spec_file: Path | None,
    only: tuple[str, ...],
    uncovered: bool,
    as_json: bool,
    new_model: str | None,
    write: bool,
) -> None:
    """Compare saved documentation pages (files or URLs, text or markdown) with the spec.

    Exit code 0: every difference is covered by a ruling; 1: one is not; 2: a page cannot be read.
    """
    from pixazo.drift import DriftError, compare_pages, render_json, render_text

    if write:
        spec_file = _writable(new_model, spec_file)
    try:
        contract = _contract(spec_file)
        _check_names(only, contract)
        read = [_page(name) for name in pages]
        if new_model is not None:
            click.echo(_draft(new_model, read, contract, spec_file if write else None), nl=False)
            return
        report = compare_pages(read, contract, only=only)
    except DriftError as error:
        raise Unusable(error) from error
    text = render_json(report) if as_json else render_text(report, covered=not uncovered)
    click.echo(printable(text))
    context.exit(report.exit_code)


def _writable(new_model: str | None, spec_file: Path | None) -> Path:
    """Return the spec file that a draft goes into: the one that was given, or the one here."""
    if new_model is None:
        raise click.UsageError("--write needs --new-model")
    found = HERE if spec_file is None else spec_file
    if not found.is_file():
        raise click.UsageError(f"--write needs --spec: there is no {HERE} here")
    return found


def _contract(spec_file: Path | None) -> Contract:
    from pixazo.drift import read_spec, shipped_spec

    return shipped_spec() if spec_file is None else read_spec(spec_file)


def _check_names(names: Sequence[str], contract: Contract) -> None:
    for name in names:
        if name not in contract.models:
            raise click.BadParameter(f"{name} is none of {', '.join(contract.models)}")


def _page(name: str) -> Page:
    from pixazo.drift import fetched_text, page_text, read_page

    if "://" in name:
        return read_page(fetched_text(name), name)
    return read_page(page_text(Path(name)), name)


def _draft(name: str, pages: Sequence[Page], contract: Contract, into: Path | None) -> str:
    from pixazo.drift import PageUnreadable, draft_yaml, find_part, insert_draft, skeleton

    facts = find_part((facts for page in pages for facts in page.models), name)
    if facts is None:
        titles = ", ".join(facts.title for page in pages for facts in page.models)
        raise PageUnreadable(f"no page describes {name}", hint=f"the pages describe: {titles}")
    draft = skeleton(facts, contract, name)
    if into is None:
        return draft_yaml(draft)
    status = contract.status
    insert_draft(draft, into, before=status.path if status else None)
    return f"{into}: {draft.path} and {', '.join(draft.schemas)} added; review every TODO\n"
