"""The reference of the command line, made from the commands themselves.

    python -m pixazo.cli.reference docs/cli.md            write it
    python -m pixazo.cli.reference docs/cli.md --check    fail when it is not what the commands say

Exit status: 0 fine, 1 the file differs, 2 wrong words.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pixazo.cli.app import pixazo
from pixazo.cli.exits import Exit
from pixazo.cli.flags import is_documented

__all__ = ["main", "reference"]

HEAD = """\
# The command line

<!-- Made by: python -m pixazo.cli.reference docs/cli.md -->

`pip install 'pixazo[cli]'` brings the command `pixazo` (or `python -m pixazo`);
`'pixazo[all]'` the sandbox too.

- **Data goes to stdout, words to stderr.** `run`, `wait` and `resume` print a path a line;
  progress, notes and errors never mix with them. `NO_COLOR` is honoured; off a terminal there is
  neither colour nor spinner. Tables never cut a key, id, state, model or number: on a terminal too
  narrow for them each row becomes a block of lines. A letter that stdout's encoding lacks is
  escaped as in JSON.
- **`--json`** makes stdout one JSON document. `run` and `wait` give `{"model", "request_id",
  "price_usd", "elapsed_s", "created_at", "completed_at", "media": [{"url", "path", "bytes"}],
  "deviations"}`, with path and bytes of what was saved; an error is `{"error": {"type", "message",
  "problems", "media", "notes", "hint", "resume", "charged", "gateway", "request_id", "token",
  "exit_code"}}`, absent values null. A problem is `{"parameter", "rule", "text"}`, of a batch
  `{"line", "text"}`. The words on stderr stay.
- **Values are checked before anything is sent**, all at once; a parameter that is not given is not
  sent. A size in pixels is written `1280x720`, a list by repeating its option, a picture as a URL
  or a file where the documents allow it. The prompt may stand without its option; `-` reads it
  from stdin, as UTF-8.
- **Everything paid for is in a ledger** before it is sent: `pixazo jobs` lists it, `pixazo resume`
  goes on after a crash, and nothing is paid for twice. It lies in `~/.local/state/pixazo/`
  (`XDG_STATE_HOME`), or where `--ledger` or `PIXAZO_LEDGER` say. `--sandbox` and `tour` leave it
  alone.
- **Ctrl-C loses nothing**, and SIGTERM or a terminal that is closed do the same. The job goes on;
  the command that resumes it is printed. The answer to a request that has left is waited for, up to
  10 s (`batch` and `resume`: 60 s); a second Ctrl-C ends at once.
- **The key** comes from `PIXAZO_API_KEY` or `~/.pixazo/api-key`, never from an option, which other
  users of the machine could read.
- **The Tab key** completes commands, options, models and the values that the documents allow, after
  `eval "$(_PIXAZO_COMPLETE=bash_source pixazo)"`; `zsh_source` and `fish_source` are for those
  shells.

## Exit codes

| code | meaning |
|---|---|
"""


def reference() -> str:
    """Return the whole reference as Markdown."""
    codes = "".join(f"| {int(code)} | {code.meaning} |\n" for code in Exit)
    context = click.Context(pixazo, info_name="pixazo")
    return HEAD + codes + "".join(_group(pixazo, context, depth=2))


def _group(group: click.Group, context: click.Context, *, depth: int) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            own = [option for option in command.params if isinstance(option, click.Option)]
            yield _section(command, inner, depth, own or _shared(command, inner))
            yield from _group(command, inner, depth=depth + 1)
        else:
            yield _section(command, inner, depth, _own(command))


def _own(command: click.Command) -> list[click.Option]:
    """Return a command's options; those of a model are its documented parameters alone."""
    options = [option for option in command.params if isinstance(option, click.Option)]
    return [option for option in options if is_documented(option)] or options


def _shared(group: click.Group, context: click.Context) -> list[click.Option]:
    """Return the options that commands of a group have beside documented parameters."""
    commands = [group.get_command(context, name) for name in group.list_commands(context)]
    every = [option for command in commands if command for option in command.params]
    options = [option for option in every if isinstance(option, click.Option)]
    if not any(map(is_documented, options)):
        return []  # each command tells its own
    own = [option for option in options if not is_documented(option)]
    richest = sorted(own, key=lambda option: -len(option.opts))
    names = {option.name: option for option in reversed(richest)}
    return [names[name] for name in dict.fromkeys(option.name for option in own)]


def _section(
    command: click.Command, context: click.Context, depth: int, options: Sequence[click.Option]
) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    table = "\n| option | meaning |\n|---|---|\n" + "".join(map(_row, options)) if options else ""
    mark, words = "#" * depth, inspect.cleandoc(command.help or "")
    return f"\n{mark} {context.command_path}\n\n{words}\n\n    {usage}\n{table}"


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" `{option.metavar}`"
    return f"| {_cell(names + value)} | {_cell(_meaning(option))} |\n"


def _meaning(option: click.Option) -> str:
    said = " ".join((option.help or "").split())
    if option.required:
        return f"{said} [required]"
    default = option.default if option.show_default is True else option.show_default
    return f"{said} [default: {default}]" if default else said


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(args: Sequence[str]) -> int:
    """Write or check the reference; returns 0, or 1 when the file differs.

    Args:
        args: The file, and `--check` when nothing is to be written.
    """
    parser = argparse.ArgumentParser("python -m pixazo.cli.reference")
    parser.add_argument("file", type=Path, help="where the reference lies")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when it differs")
    asked, text = parser.parse_args(args), reference()
    path: Path = asked.file
    if not asked.check:
        path.write_text(text, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    click.echo(f"{path} drifted; run python -m pixazo.cli.reference {path}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
