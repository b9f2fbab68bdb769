"""`pixazo run MODEL`: a request with one option for each documented parameter."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pixazo_openapi import files
from pixazo_openapi.catalogue import MODELS, Model
from pixazo_openapi.errors import abbreviate

from pixazo.cli import common, flags, ledgers, preview, words
from pixazo.cli.connection import ATTEMPTS
from pixazo.cli.failures import Unusable
from pixazo.cli.journey import Journey
from pixazo.errors import InvalidConfiguration, WrongMode

if TYPE_CHECKING:
    from pixazo_openapi.request import Request

__all__ = ["command_for", "run"]

MOST_BYTES = 10_000_000  # of a prompt on stdin
_LISTED = f"`pixazo models` lists them: {', '.join(MODELS)}"
_PROMPT = "prompt"  # the parameter that may also stand alone, without its option


class Models(click.Group):
    """One command for each model of the catalogue, made when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the model ids in document order."""
        return list(MODELS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of a model."""
        model = MODELS.get(cmd_name)
        return command_for(model) if model else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words with the model first, wherever it stands; an option's value is none."""
        at = _place_of_model(args)
        try:
            return super().parse_args(ctx, [*args[at : at + 1], *args[:at], *args[at + 1 :]])
        except click.NoSuchOption as error:  # all options are those of a model
            raise click.UsageError(f"no model is named; {_LISTED}", ctx) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the model's command, or say which models there are."""
        if args[0] not in MODELS and not ctx.resilient_parsing:  # the Tab key hears nothing
            raise click.UsageError(_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)


def _place_of_model(args: Sequence[str]) -> int:
    """Return where the model stands: the first word that names one, else the first word."""
    pairs = enumerate(pairwise(["", *args]))
    alone = [at for at, (before, word) in pairs if word[:1] != "-" and not _takes_next(before)]
    return next((at for at in alone if args[at] in MODELS), next(iter(alone), 0))


def _takes_next(word: str) -> bool:
    """Return whether a word is an option of a model that takes the next word as its value."""
    if not word.startswith("-"):
        return False
    params = (param for model in MODELS.values() for param in command_for(model).params)
    options = (param for param in params if isinstance(param, click.Option))
    return any(word in option.opts and not option.is_flag for option in options)


def _unknown(name: str) -> str:
    close = get_close_matches(name, MODELS, n=3)
    if close:
        return f"unknown model {name!r}; did you mean {' or '.join(close)}?"
    return f"unknown model {name!r}; {_LISTED}"


@click.group(cls=Models, subcommand_metavar="MODEL [OPTIONS]")
def run() -> None:
    """Run a model and save what it makes.

    Each model has one option for each of its documented parameters beside these.
    """


def command_for(model: Model) -> click.Command:
    """Return the command that runs a model, its options made from the catalogue."""
    own = _own_options(model)
    taken = {name for option in own for name in (*option.opts, *option.secondary_opts)}
    taken |= {"-h", "--help"}  # click's own
    documented = flags.options(model, taken=taken)
    alone: list[click.Parameter] = [_alone()] if _has_prompt(model) else []

    def callback(**values: Any) -> None:
        _run(model, values)

    return click.Command(
        model.model_id,
        params=[*alone, *documented, *own],
        callback=callback,
        short_help=model.summary,
        help=f"{model.description}\n\n{_terms(model)}",
    )


def _terms(model: Model) -> str:
    answer = "queued, then waited for" if model.mode == "queued" else "answered directly"
    return f"Price: {words.money(model.price.usd)} per {model.price.per}. The request is {answer}."


def _has_prompt(model: Model) -> bool:
    return any(parameter.name == _PROMPT for parameter in model.parameters)


def _alone() -> click.Argument:
    return click.Argument(["prompt_argument"], required=False, metavar="[PROMPT]")


def _own_options(model: Model) -> list[click.Option]:
    sending = [
        click.Option(
            ["--param"],
            multiple=True,
            metavar="KEY=JSON",
            help="A body field that the documents do not know; repeat for more. What is no JSON is"
            " sent as a text, unless it begins like JSON.",
        ),
        click.Option(["--dry-run"], is_flag=True, help="Show what would be sent; send nothing."),
        click.Option(["--sandbox"], is_flag=True, help="Run against a built-in offline gateway."),
        common.gateway(),
        click.Option(
            ["--attempts"],
            type=common.Whole(min=1),
            default=ATTEMPTS,
            show_default=True,
            metavar="INTEGER",
            help="How often to send at most. Sent again is only what never left, or what the"
            " gateway refused for now: 429, or a documented 500. 1 sends once.",
        ),
        click.Option(
            ["--key"],
            metavar="NAME",
            callback=_checked_key,
            help="Your own name for the job: run again, the same name never pays again.",
        ),
        *ledgers.limits(),
        ledgers.option(),
    ]
    waiting = [
        common.seconds(
            "Stop waiting after so long. A queued job goes on and can be resumed; the answer of a"
            " model that answers directly is lost, and may be charged."
        ),
        _webhook(model),
    ]
    shown = [common.out(), common.no_save(), common.wants_json(), common.quiet()]
    return [*sending, *waiting, *shown]


def _webhook(model: Model) -> click.Option:
    """Return the option of the callback's header, with the short name where it is free.

    A model that calls nobody back has it hidden, to say so.
    """
    if not _calls_back(model):
        return click.Option(["--webhook-url"], hidden=True)
    free = all(parameter.name != "webhook" for parameter in model.parameters)
    names = ["--webhook-url", "--webhook"] if free else ["--webhook-url"]
    return click.Option(
        names,
        metavar="URL",
        help="Where the gateway shall report the end (header); for queued models only.",
    )


def _calls_back(model: Model) -> bool:
    return model.webhook is not None and model.webhook.header is not None


def _checked_key(_: click.Context, __: click.Parameter, key: str | None) -> str | None:
    from pixazo.arguments import check_key

    try:
        return None if key is None else check_key(key)
    except InvalidConfiguration as error:
        raise Unusable(error) from error


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command's own options say."""

    param: Sequence[str]
    dry_run: bool
    sandbox: bool
    gateway: str | None
    out: Path
    no_save: bool
    as_json: bool
    quiet: bool
    attempts: int
    money: ledgers.Money
    key: str | None
    timeout: float | None = None
    webhook_url: str | None = None
    prompt_argument: str | None = None


def _run(model: Model, values: dict[str, Any]) -> None:
    money = ledgers.money_of(values)
    own = {name: value for name, value in values.items() if name in _Asked.__slots__}
    asked = _Asked(money=money, **own)
    for name, given in (("--gateway", asked.gateway), ("--ledger", money.ledger)):
        if asked.sandbox and given:
            raise click.UsageError(f"--sandbox and {name} exclude each other")
    if asked.webhook_url is not None and not _calls_back(model):
        when = "answers at once and " if model.mode == "direct" else ""
        message = f"{model.model_id} {when}calls nobody back"
        raise WrongMode(message, hint="Leave --webhook-url out.")
    parameters = flags.given(model, values)
    _place_prompt(parameters, asked.prompt_argument)
    request = _request(model, parameters, _undocumented(asked.param))
    if asked.dry_run:
        preview.show(request, asked.gateway, webhook=asked.webhook_url, as_json=asked.as_json)
        return
    Journey(
        out=asked.out,
        gateway=asked.gateway,
        sandbox=asked.sandbox,
        save=not asked.no_save,
        as_json=asked.as_json,
        quiet=asked.quiet,
        timeout_s=asked.timeout,
        attempts=asked.attempts,
        money=asked.money,
        key=asked.key,
    ).run(request, webhook=asked.webhook_url)


def _place_prompt(parameters: dict[str, Any], alone: str | None) -> None:
    if alone is not None:
        if _PROMPT in parameters:
            raise click.UsageError("the prompt is given twice: as a word and as --prompt")
        parameters[_PROMPT] = alone
    if parameters.get(_PROMPT) == "-":
        parameters[_PROMPT] = _from_stdin()


def _from_stdin() -> str:
    """Return the prompt on stdin; read in a wrong encoding, it would be paid for as another one."""
    try:
        text = files.whole(sys.stdin.buffer, MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"the prompt on stdin: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        message = f"the prompt on stdin is not UTF-8 text: byte {error.start}"
        raise click.UsageError(message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _undocumented(pairs: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not key or not sign:
            raise click.BadParameter(f"{pair!r} is not KEY=JSON", param_hint="--param")
        if key in found:
            raise click.BadParameter(f"{key!r} is given twice", param_hint="--param")
        found[key] = _value(text)
    return found


def _value(text: str) -> Any:
    """Return a JSON value; a text that is no JSON stands for itself, unless it tried to be."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] in ("{", "[", '"'):
            message = f"{abbreviate(text)} begins like JSON and is none: {error}"
            raise click.BadParameter(message, param_hint="--param") from error
        return text


def _request(
    model: Model, parameters: Mapping[str, Any], undocumented: Mapping[str, Any]
) -> Request:
    from pixazo_openapi.requests import request_class

    return request_class(model.model_id).from_dict({**parameters, "undocumented": undocumented})
