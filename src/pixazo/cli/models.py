"""`pixazo models`: what can be run, and what it costs."""

from __future__ import annotations

import click
from pixazo_openapi.catalogue import MODELS, Model

from pixazo.cli import tables, words

__all__ = ["models"]


@click.command
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def models(*, as_json: bool) -> None:
    """List the models: mode, price for one request, what they do."""
    if as_json:
        entries = [_entry(model) for model in MODELS.values()]
        click.echo(words.dumped({"models": entries}))
        return
    rows = [
        [model.model_id, model.mode, words.money(model.price.usd), model.summary]
        for model in MODELS.values()
    ]
    tables.show(
        ["model", "mode", "price", "what it does"], rows, right=["price"], prose=["what it does"]
    )


def _entry(model: Model) -> dict[str, object]:
    return {
        "model": model.model_id,
        "mode": model.mode,
        "price_usd": None if model.price.usd is None else str(model.price.usd),
        "price_per": model.price.per,
        "makes": model.media_kind,
        "summary": model.summary,
        "parameters": [
            {"name": parameter.name, "required": parameter.required}
            for parameter in model.parameters
        ],
    }
