"""`pixazo sandbox`: the offline gateway in the foreground."""

from __future__ import annotations

import io
from collections.abc import Sequence

import click

from pixazo.cli import common
from pixazo.errors import InvalidConfiguration

__all__ = ["needs_extra", "sandbox"]


def needs_extra(error: ImportError) -> InvalidConfiguration:
    """Return what to say when a package of the sandbox is missing."""
    return InvalidConfiguration(
        f"the sandbox needs the package {error.name}",
        hint="pip install 'pixazo[sandbox]'",
    )


def _sandbox(
    *,
    port: int,
    media_port: int,
    latency: float,
    balance: str,
    key: Sequence[str],
    price: Sequence[str],
    seed: int,
) -> int:
    try:
        from pixazo.sandbox import serve
        from pixazo.sandbox.serving import parse_prices
    except ImportError as error:
        raise needs_extra(error) from error
    complaint = io.StringIO()
    try:
        prices = parse_prices(price)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    code = serve(
        port=port,
        media_port=media_port,
        latency=latency,
        balance=balance,
        key=key or None,
        prices=prices,
        seed=seed,
        err=complaint,
    )
    if complaint.getvalue():
        words = complaint.getvalue().strip().removeprefix("pixazo sandbox: ")
        raise click.UsageError(words, click.get_current_context())
    return code


sandbox = click.Command(
    "sandbox",
    callback=_sandbox,
    params=[
        click.Option(
            ["--port"],
            type=click.IntRange(0, 65535),
            default=8787,
            show_default=True,
            metavar="PORT",
            help="Port of the gateway; 0 takes any free one.",
        ),
        click.Option(
            ["--media-port"],
            type=click.IntRange(0, 65535),
            default=0,
            metavar="PORT",
            help="Port of the media; 0 takes any free one.",
        ),
        click.Option(
            ["--latency"],
            type=common.Seconds(min=0),
            default=2.0,
            show_default=True,
            metavar="SECONDS",
            help="How long a job takes.",
        ),
        click.Option(
            ["--balance"],
            default="10",
            show_default=True,
            metavar="USD",
            help="Money in the wallet.",
        ),
        click.Option(
            ["--key"],
            multiple=True,
            metavar="KEY",
            help="The only key to accept, repeat for more; any non-empty one if not given.",
        ),
        click.Option(
            ["--price"],
            multiple=True,
            metavar="MODEL=USD",
            help="What a model costs, needed where the documents name no price; repeat for more.",
        ),
        click.Option(
            ["--seed"],
            type=int,
            default=0,
            show_default=True,
            metavar="INTEGER",
            help="Decides ids, drawn faults and pictures.",
        ),
    ],
    short_help="Play the gateway offline, on this machine only.",
    help="Play the gateway offline, on this machine only.\n\n"
    "Prints one line of JSON with its addresses when it is ready, then serves until Ctrl-C"
    " (exit code 0). In another terminal: PIXAZO_GATEWAY_URL=http://127.0.0.1:8787"
    " PIXAZO_API_KEY=any pixazo run …",
)
