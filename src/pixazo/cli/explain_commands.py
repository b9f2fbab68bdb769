"""`pixazo explain`: what the spec says at one place, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import click

from pixazo.cli.failures import Unusable
from pixazo.cli.words import printable

__all__ = ["explain"]


@click.command(short_help="Say where a fact of the spec comes from.")
@click.argument("place")
@click.option(
    "--spec",
    "spec_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Explain this spec file (needs PyYAML) with the RULINGS.md beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(*, place: str, spec_file: Path | None, as_json: bool) -> None:
    """Say what the spec knows of PLACE: type, bounds, default, source, rulings.

    PLACE is a model (qwen-image-max), something of it (qwen-image-max.num_images, .402, .price,
    .webhook, .waiting, .media, .response.FIELD), `status`, something of it (status.ERROR), or a
    ruling (R12).
    """
    from pixazo.drift import (
        DriftError,
        read_rulings,
        read_spec,
        render_explanation,
        render_explanation_json,
        shipped_rulings,
        shipped_spec,
    )
    from pixazo.drift import explain as look_up

    try:
        if spec_file is None:
            contract, rulings = shipped_spec(), shipped_rulings()
        else:
            contract = read_spec(spec_file)
            rulings = read_rulings(spec_file.with_name("RULINGS.md"))
        found = look_up(place, contract, rulings)
    except DriftError as error:
        raise Unusable(error) from error
    render = render_explanation_json if as_json else render_explanation
    click.echo(printable(render(found)))
