"""The guide says what is true: its options exist, its layers are the suite's, its code runs."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from tests.contract.suite.options import read
from tests.contract.suite.verdicts import LAYERS, RULES

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "contract-testing.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_every_layer_has_a_row() -> None:
    """The table names each layer by its number and its name."""
    rows = dict(re.findall(r"^\| (\d) ([a-z ]+) \|", TEXT, re.MULTILINE))

    assert {int(number): name for number, name in rows.items()} == LAYERS


def test_every_option_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The guide names every option of the command line, and none that does not exist."""
    with pytest.raises(SystemExit):
        read(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--junit"}

    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", TEXT)) - {"--balance", "--depth", "--port"}

    assert told == known


def test_the_example_of_a_failure_is_of_a_rule() -> None:
    """The failure that the guide shows breaks a rule that there is."""
    assert set(re.findall(r"^BROKEN ([\w-]+)", TEXT, re.MULTILINE)) <= set(RULES)


@pytest.mark.parametrize("code", re.findall(r"^```py\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE))
def test_the_code_runs(code: str) -> None:
    """Each Python block of the guide runs as it stands, from the repository."""
    printed = io.StringIO()

    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(GUIDE), "exec"), {})  # noqa: S102 - the guide's own code

    assert printed.getvalue() == "0 ()\n"
