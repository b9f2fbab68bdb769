"""Options: one for each documented parameter, made from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from pixazo_openapi.catalogue import Model, Parameter

from pixazo.cli import texts

__all__ = ["Documented", "flag", "given", "is_documented", "options"]


_MARK = "body_"


def flag(name: str) -> str:
    """Return the option of a documented parameter: `num_images` is `--num-images`."""
    return "--" + name.replace("_", "-")


if TYPE_CHECKING:
    _ParamType = click.ParamType[object]
else:  # not generic in the oldest click that is supported
    _ParamType = click.ParamType


class Documented(_ParamType):
    """A value of a documented parameter.

    It never refuses: the request is checked as a whole, so that all problems are told at once.

    Args:
        schema: The JSON Schema of the value.
        inline: Whether a file's path may stand for its content.
    """

    def __init__(self, schema: Mapping[str, Any], *, inline: bool = False) -> None:
        self.schema, self.inline = schema, inline
        self.name = texts.metavar(schema, inline=inline)

    def convert(
        self,
        value: object,
        param: click.Parameter | None,  # noqa: ARG002 (click's signature)
        ctx: click.Context | None,  # noqa: ARG002 (click's signature)
    ) -> object:
        """Return the JSON value of a text."""
        if not isinstance(value, str):
            return value
        return texts.read(value, self.schema, inline=self.inline)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 (click's signature)
        param: click.Parameter,  # noqa: ARG002 (click's signature)
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return the allowed values that begin with a text, or ask the shell for files."""
        if self.inline:
            return [CompletionItem(incomplete, type="file")]
        allowed = texts.choices(self.schema)
        return [CompletionItem(word) for word in allowed if word.startswith(incomplete)]


def options(model: Model, *, taken: Set[str]) -> list[click.Option]:
    """Return the options of a model's parameters, in document order.

    Args:
        model: The model.
        taken: Options that the command has already; a parameter of the same name becomes
            `--body-NAME`.
    """
    return [_option(parameter, taken) for parameter in model.parameters]


def given(model: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that were given, by documented name; the others are not sent."""
    found = {parameter.name: values.get(_variable(parameter)) for parameter in model.parameters}
    return {name: value for name, value in found.items() if value not in (None, ())}


def is_documented(option: click.Option) -> bool:
    """Return whether an option is a documented parameter, not one of the command line's own."""
    return (option.name or "").startswith(_MARK)


def _variable(parameter: Parameter) -> str:
    """Return where click keeps the value; no other option has such a name."""
    return _MARK + parameter.name


def _option(parameter: Parameter, taken: Set[str]) -> click.Option:
    names = _names(parameter, parameter.name)
    if not taken.isdisjoint(names):
        names = _names(parameter, f"body_{parameter.name}")
    if parameter.types == ("boolean",):
        declared = ["/".join(names), _variable(parameter)]
        return click.Option(declared, default=None, help=_help(parameter))
    items = texts.items_of(parameter.schema)
    kind = Documented(parameter.schema if items is None else items, inline=parameter.inline)
    return click.Option(
        [*names, _variable(parameter)],
        type=kind,
        metavar=kind.name,
        multiple=items is not None,
        default=None,
        help=_help(parameter),
    )


def _names(parameter: Parameter, name: str) -> list[str]:
    """Return the option's name; a boolean has a second one that says no."""
    return [flag(name), flag(f"no_{name}")] if parameter.types == ("boolean",) else [flag(name)]


def _help(parameter: Parameter) -> str:
    said = "; ".join(texts.facts(parameter))
    return f"{parameter.description}  [{said}]" if said else parameter.description
