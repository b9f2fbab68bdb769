"""`pixazo webhook`: receive callbacks without a web framework, and name their addresses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixazo.cli import common, ledgers
from pixazo.cli.words import printable
from pixazo.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pixazo.webhooks import Receiver
    from pixazo.webhooks.receiver import OnHint

__all__ = ["webhook"]

PORT = 8790
SECRETS = Path(".pixazo", "webhook-secret")


def _serve(
    *,
    host: str,
    port: int,
    base: str | None,
    secret_file: Path | None,
    gateway: str | None,
    ledger: Path | None,
    as_json: bool,
) -> int:
    import asyncio

    from pixazo.cli.callbacks import Desk
    from pixazo.settings import is_loopback

    desk = Desk(gateway=gateway, ledger=ledger)
    named = f"[{host}]" if ":" in host else host
    own = f"http://{named if is_loopback(host) else '127.0.0.1'}:{port}"
    receiver = _receiver(base or own, secret_file, on_hint=desk.hear)

    def ready(port: int) -> None:
        here = f"http://{named}:{port}"
        if as_json:
            click.echo(json.dumps({"listening": here, "base": receiver.base}))
        said = f"listening on {here} for callbacks to {receiver.base}/…; Ctrl-C ends it"
        click.echo(printable(said), err=True)

    try:
        asyncio.run(desk.serve(receiver, host, port, ready))
    except KeyboardInterrupt:  # where signals cannot be taken
        return 0
    return 0


def _url(*, job: str, base: str, secret_file: Path | None, as_json: bool) -> None:
    receiver = _receiver(base, secret_file)
    try:
        url = receiver.url_for(job)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="JOB") from error
    click.echo(json.dumps({"job": job, "url": url}) if as_json else url)


def _receiver(base: str, secret_file: Path | None, on_hint: OnHint | None = None) -> Receiver:
    from pixazo.webhooks import Receiver
    from pixazo.webhooks.secrets import read_secrets

    path = _home() / SECRETS if secret_file is None else secret_file
    first, *older = read_secrets(path, make=secret_file is None)
    return Receiver(base, first, older_secrets=older, on_hint=on_hint)


def _home() -> Path:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path's raises for a user without a name)
    if not home.is_absolute():
        raise InvalidConfiguration(
            "HOME is not an absolute path, so that no webhook secret is found",
            hint="Set HOME to one, or name a file with --secret-file.",
        )
    return home


def _checked_base(_: click.Context, __: click.Parameter, base: str | None) -> str | None:
    if base is not None and not base.lower().startswith(("http://", "https://")):
        raise click.BadParameter(f"{base[:120]!r} is not an https address")
    return base


def _base(*, required: bool) -> click.Option:
    words = "  [default: http://127.0.0.1:PORT, for a sandbox]"
    return click.Option(
        ["--base"],
        metavar="URL",
        required=required,
        callback=_checked_base,
        help="The public https address that leads here." + ("" if required else words),
    )


def _secret_file() -> click.Option:
    return click.Option(
        ["--secret-file"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PATH",
        help="A secret of at least 32 bytes a line; the first signs, older ones still check."
        "  [default: ~/.pixazo/webhook-secret, made when missing]",
    )


webhook = click.Group(
    "webhook",
    params=[],
    short_help="Receive the gateway's callbacks.",
    help="Receive the gateway's callbacks, without a web framework of your own.\n\n"
    "Each job's callback address holds a token that only the owner of the secret can make. A"
    " program that submits with `webhook=Receiver(base, secret)` and the same ledger, or"
    " `pixazo run --webhook-url URL` with an address of `pixazo webhook url`, is served by"
    " `pixazo webhook serve`.",
)

webhook.add_command(
    click.Command(
        "serve",
        callback=_serve,
        params=[
            click.Option(
                ["--host"],
                default="127.0.0.1",
                show_default=True,
                metavar="ADDRESS",
                help="Where to listen; TLS is the work of a reverse proxy or tunnel before it.",
            ),
            click.Option(
                ["--port"],
                type=common.Whole(1, 65535),
                default=PORT,
                show_default=True,
                metavar="PORT",
                help="The port to listen on.",
            ),
            _base(required=False),
            _secret_file(),
            common.gateway(),
            ledgers.option(),
            common.wants_json(),
        ],
        short_help="Serve callbacks until Ctrl-C: a line of JSON for each job that has ended.",
        help="Serve callbacks until Ctrl-C (exit code 0).\n\n"
        "A callback is a hint: the job's status is fetched with the API key, and a job that has"
        " ended becomes one line of JSON on stdout and moves on in the ledger, which"
        " `pixazo resume`, beside it, reads to save media. A job of unknown outcome is found when"
        " model, time and id agree. With --json the first line tells where it listens.",
    )
)
webhook.add_command(
    click.Command(
        "url",
        callback=_url,
        params=[
            click.Argument(["job"], metavar="JOB"),
            _base(required=True),
            _secret_file(),
            common.wants_json(),
        ],
        short_help="Print the callback address of a job.",
        help="Print the callback address of a job.\n\nJOB is a name of yours: 1 to 128 letters,"
        " digits or any of _ ~ . -; the address is a secret between you and the gateway.",
    )
)
