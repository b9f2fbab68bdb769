"""`pixazo sandbox`: the offline gateway in the foreground, and attacks on receivers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.cli import common, tables
from pixazo.cli.exits import Exit
from pixazo.cli.words import dumped
from pixazo.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pixazo.sandbox.attacking import Finding

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
    faults: Path | None,
) -> int:
    if click.get_current_context().invoked_subcommand:
        return Exit.OK
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
        faults=None if faults is None else str(faults),
        err=complaint,
    )
    if complaint.getvalue():
        words = complaint.getvalue().strip().removeprefix("pixazo sandbox: ")
        raise click.UsageError(words, click.get_current_context())
    return code


def _attack(*, url: str, patience: float, as_json: bool) -> int:
    try:
        from pixazo.sandbox.attacking import CannotAttack, attack
    except ImportError as error:
        raise needs_extra(error) from error
    try:
        findings = attack(url, patience_s=patience)
    except CannotAttack as error:
        raise click.BadParameter(str(error), param_hint="URL") from error
    through = sum(finding.got_through for finding in findings)
    if as_json:
        click.echo(dumped({"attacks": [_document(each) for each in findings]}))
    else:
        heads = ("result", "attack", "sent", "seen")
        tables.show(heads, [_row(each) for each in findings], prose=heads[2:])
    click.echo(f"{len(findings)} attacks, {through} got through", err=True)
    return Exit.FAILED if through else Exit.OK


def _row(finding: Finding) -> list[str]:
    result = "GOT THROUGH" if finding.got_through else "held"
    return [result, finding.attack.family, finding.attack.name, finding.saw]


def _document(finding: Finding) -> dict[str, object]:
    return {
        "family": finding.attack.family,
        "name": finding.attack.name,
        "rule": finding.attack.rule,
        "got_through": finding.got_through,
        "saw": finding.saw,
    }


sandbox = click.Group(
    "sandbox",
    callback=_sandbox,
    invoke_without_command=True,
    subcommand_metavar="[attack URL]",
    params=[
        click.Option(
            ["--port"],
            type=common.Whole(0, 65535),
            default=8787,
            show_default=True,
            metavar="PORT",
            help="Port of the gateway; 0 takes any free one.",
        ),
        click.Option(
            ["--media-port"],
            type=common.Whole(0, 65535),
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
            help="A key to accept, repeat for more; any non-empty one if none is given.",
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
        click.Option(
            ["--faults"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="What goes wrong on purpose: a JSON list of fault rules (docs/sandbox.md).",
        ),
    ],
    short_help="Play the gateway offline, on this machine only.",
    help="Play the gateway offline, on this machine only.\n\n"
    "Prints one line of JSON with its addresses when it is ready, then serves until Ctrl-C"
    " (exit code 0). In another terminal: PIXAZO_GATEWAY_URL=http://127.0.0.1:8787"
    " PIXAZO_API_KEY=any pixazo run …",
)

sandbox.add_command(
    click.Command(
        "attack",
        callback=_attack,
        params=[
            click.Argument(["url"], metavar="URL"),
            click.Option(
                ["--patience"],
                type=common.Seconds(min=0, min_open=True, max=60),
                default=15.0,
                show_default=True,
                metavar="SECONDS",
                help="How long the receiver may hold on to a request that does not come.",
            ),
            common.wants_json(),
        ],
        short_help="Attack a receiver of callbacks on this machine and tell who got through.",
        help="Attack a receiver of callbacks on this machine and tell who got through.\n\n"
        "URL is the genuine callback address of one job, as `Receiver.url_for()` or"
        " `pixazo webhook url` give it. Forged tokens, paths, methods, sizes, slow and packed"
        " bodies, chunks, headers, lies, replays and floods are tried; receivers elsewhere are"
        " refused. The exit code is 1 when any attack got through.",
    )
)
