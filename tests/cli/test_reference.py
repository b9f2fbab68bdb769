"""The reference in docs/ is what the commands say."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from pixazo.cli import main as command_line
from pixazo.cli.app import pixazo
from pixazo.cli.reference import main, reference

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_made_from_the_commands() -> None:
    """docs/cli.md is byte for byte what `python -m pixazo.cli.reference docs/cli.md` writes."""
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_every_command_and_option_is_in_the_page() -> None:
    """Every visible command and option stands in the reference."""
    text = reference()

    for name, command in pixazo.commands.items():
        assert f"## pixazo {name}\n" in text
        for option in command.params:
            for word in (*option.opts, *option.secondary_opts):
                assert isinstance(option, click.Argument) or f"`{word}`" in text


@pytest.mark.parametrize("command", pixazo.commands.values(), ids=list(pixazo.commands))
def test_every_command_explains_itself(command: click.Command) -> None:
    """Every command and every option has a help text."""
    assert command.get_short_help_str()
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_list_of_commands_cuts_no_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """`pixazo --help` has a whole line for each."""
    command_line(["--help"])

    _, _, listed = capsys.readouterr().out.partition("Commands:")
    assert "  vendor " in listed
    assert "..." not in listed


def test_writing_gives_the_same_page(tmp_path: Path) -> None:
    """The module writes the page to the file that it is given."""
    main([str(tmp_path / "cli.md")])

    assert (tmp_path / "cli.md").read_text(encoding="utf-8") == reference()


def test_a_page_that_drifted_is_named_with_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check writes nothing: 0 when the page is right, 1 and the command when it is not."""
    page = tmp_path / "cli.md"
    page.write_text(reference(), encoding="utf-8")
    right = main([str(page), "--check"])
    page.write_text("old", encoding="utf-8")
    wrong = main([str(page), "--check"])

    assert (right, wrong) == (0, 1)
    assert capsys.readouterr().err == (
        f"{page} drifted; run python -m pixazo.cli.reference {page}\n"
    )
    assert page.read_text(encoding="utf-8") == "old"


def test_without_a_file_the_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong words end with code 2 and how to write them, not with a traceback."""
    with pytest.raises(SystemExit, match="2"):
        main(["--check"])

    assert "usage: python -m pixazo.cli.reference" in capsys.readouterr().err
