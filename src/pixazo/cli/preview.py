"""`--dry-run`: what would be sent, and what it would cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import click
from pixazo_openapi.catalogue import KEY_HEADER, SERVER, Model
from pixazo_openapi.errors import abbreviate

from pixazo.cli.words import printable

if TYPE_CHECKING:
    from pixazo_openapi.request import Request

__all__ = ["show"]

REDACTED = "<redacted>"
LONGEST_LINE = 200


def show(request: Request, gateway: str | None, *, webhook: str | None, as_json: bool) -> None:
    """Print the call that a request becomes.

    Args:
        request: The request.
        gateway: The gateway's address; None takes the environment's or the documented one.
        webhook: The address for callbacks.
        as_json: Whether to print one JSON document, in which nothing is abbreviated.

    Raises:
        InvalidConfiguration: The gateway's address cannot be used.
    """
    from pixazo.settings import find_gateway

    model = request.model
    url = find_gateway(gateway, SERVER).address(model.path)
    headers, body = _headers(model, webhook), request.to_body()
    click.echo(
        _document(model, url, headers, body) if as_json else _text(model, url, headers, body)
    )


def _headers(model: Model, webhook: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json", **dict(model.headers), KEY_HEADER: REDACTED}
    if webhook and model.webhook and model.webhook.header:
        headers[model.webhook.header] = webhook
    return headers


def _document(
    model: Model, url: str, headers: Mapping[str, str], body: Mapping[str, object]
) -> str:
    usd = model.price.usd
    said = {
        "method": model.method,
        "url": url,
        "headers": headers,
        "body": body,
        "estimate": {"usd": None if usd is None else str(usd), "per": model.price.per},
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _text(model: Model, url: str, headers: Mapping[str, str], body: Mapping[str, object]) -> str:
    usd = model.price.usd
    price = "unknown, the documents name no price" if usd is None else f"{usd} USD"
    lines = [f"{model.method} {url}", *(f"{name}: {value}" for name, value in headers.items())]
    shown = json.dumps(_short(body), indent=2, ensure_ascii=False)
    return printable("\n".join([*lines, "", shown, "", f"estimate: {price}; nothing was sent"]))


def _short(value: object) -> object:
    """Return a JSON value whose long texts, such as pictures, are abbreviated."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {name: _short(field) for name, field in fields.items()}
    if isinstance(value, list):
        return [_short(item) for item in cast("list[object]", value)]
    if isinstance(value, str) and len(value) > LONGEST_LINE and value.startswith("data:"):
        return abbreviate(value)
    return value
