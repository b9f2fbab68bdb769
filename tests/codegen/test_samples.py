"""The commands on the pages are those that the command line understands."""

from __future__ import annotations

from dataclasses import replace

import click
import pytest
from click.testing import CliRunner
from pixazo_openapi.catalogue import MODELS, Model

from codegen.pages import samples
from pixazo.cli import flags
from pixazo.cli.run import command_for


def _taken(model: Model) -> list[str]:
    """Options that the command of a model has beside its parameters."""
    command = command_for(model)
    options = [
        option
        for option in command.get_params(click.Context(command))
        if isinstance(option, click.Option) and not flags.is_documented(option)
    ]
    return [name for option in options for name in option.opts if name.startswith("--")]


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_a_parameter_hides_no_option_and_its_page_knows(model: Model) -> None:
    """A parameter with the name of any option, --help too, is --body-NAME in both places."""
    parameter = model.parameters[0]
    for word in [*_taken(model), "--strength"]:
        name = word.removeprefix("--").replace("-", "_")
        command = command_for(replace(model, parameters=(replace(parameter, name=name),)))

        assert samples.flag(name) in [said for option in command.params for said in option.opts]
        assert CliRunner().invoke(command, ["--help"]).output.startswith("Usage:")
