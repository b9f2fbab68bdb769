"""`--dry-run`: what would be sent, and what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import click
from pixazo_openapi.catalogue import KEY_HEADER, SERVER, Model
from pixazo_openapi.errors import abbreviate

from pixazo.cli.words import dumped, money, printable

if TYPE_CHECKING:
    from pixazo_openapi.request import Request

    from pixazo.settings import Gateway
    from pixazo.steps import Call, Plan

__all__ = ["show"]

REDACTED = "<redacted>"
NEW_EACH_TIME = "<new for each request>"
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
        InvalidCallbackBase: Nobody could safely call the webhook.
    """
    from pixazo.settings import find_gateway

    model, found = request.model, find_gateway(gateway, SERVER)
    call = _first_call(request, found, webhook)
    url, body = found.address(call.path), request.to_body()
    headers = {"Content-Type": "application/json", **call.headers, KEY_HEADER: REDACTED}
    click.echo(
        _document(model, url, headers, body) if as_json else _text(model, url, headers, body)
    )


def _first_call(request: Request, gateway: Gateway, webhook: str | None) -> Call:
    """Return the very call that a client would send; the plan is asked and goes no further."""
    from pixazo.clock import SystemClock
    from pixazo.pace import PastDurations
    from pixazo.plans import Plans
    from pixazo.retries import Retrying, Stake
    from pixazo.steps import Call, Moment

    plans = Plans(
        gateway=gateway, clock=SystemClock(), retrying=Retrying(), durations=PastDurations()
    )
    stake = Stake(request.model_id, request.model.price.usd, idempotency_key=NEW_EACH_TIME)
    direct = request.model.mode == "direct"
    plan: Plan[object] = (
        plans.deliver(request, stake) if direct else plans.submit(request, stake, webhook=webhook)
    )
    step = next(plan)
    while not isinstance(step, Call):
        step = plan.send(Moment(0.0, 0.0))
    return step


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
    return dumped(said)


def _text(model: Model, url: str, headers: Mapping[str, str], body: Mapping[str, object]) -> str:
    usd = model.price.usd
    price = "unknown, the documents name no price" if usd is None else money(usd)
    lines = [f"{model.method} {url}", *(f"{name}: {value}" for name, value in headers.items())]
    shown = dumped(_short(body))
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
