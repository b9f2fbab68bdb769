"""`pixazo vendor`: options, streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixazo.cli import main


def test_a_copy_is_made_checked_and_updated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The three commands in a row say where the copy is, and end with 0."""
    dest = tmp_path / "my app" / "_vendor" / "pixazo"

    codes = [main(["vendor", str(dest), *option]) for option in ([], ["--check"], ["--update"])]

    lines = capsys.readouterr().out.splitlines()
    assert codes == [0, 0, 0]
    assert all(line.startswith(f"{dest}: pixazo ") for line in lines)
    assert [line.endswith("untouched and up to date") for line in lines] == [False, True, True]


def test_a_command_in_a_hint_can_be_pasted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with a space is quoted where an error names the command that helps."""
    dest = tmp_path / "my app" / "pixazo"
    absent = main(["vendor", str(dest), "--check"]), capsys.readouterr().err
    main(["vendor", str(dest), "--wire-only"])
    capsys.readouterr()
    taken = main(["vendor", str(dest)]), capsys.readouterr().err

    assert (absent[0], taken[0]) == (2, 2)
    assert f"pixazo vendor '{dest}'" in absent[1]
    assert f"pixazo vendor --update '{dest}'" in taken[1]


def test_a_name_makes_a_folder_in_dest(tmp_path: Path) -> None:
    """With --name several copies lie side by side in one folder."""
    for name in ("one", "two"):
        assert main(["vendor", str(tmp_path), "--name", name, "--wire-only"]) == 0

    assert main(["vendor", str(tmp_path), "--name", "two", "--check"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two"}


@pytest.mark.parametrize("option", [[], ["--check"], ["--update"]])
@pytest.mark.parametrize("name", ["../esc", "{}/esc", "a/b", "..", ".", ""])
def test_a_name_leads_nowhere_else(
    tmp_path: Path, name: str, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A --name that is a path, or nothing, ends with 2, and nothing is written anywhere."""
    given = name.format(tmp_path)

    code = main(["vendor", str(tmp_path / "dest"), "--name", given, *option])

    assert code == 2
    assert f"{given!r} cannot be imported" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


def test_an_edited_copy_ends_a_check_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and a line a difference; with --json one document."""
    dest = tmp_path / "pixazo"
    main(["vendor", str(dest), "--wire-only"])
    (dest / "errors.py").write_text("mine = True\n")
    capsys.readouterr()

    plain = main(["vendor", str(dest), "--check"]), capsys.readouterr().out
    as_json = main(["vendor", str(dest), "--check", "--json"]), capsys.readouterr().out

    assert plain == (1, "edited: errors.py\n")
    assert as_json[0] == 1
    told = json.loads(as_json[1])
    assert (told["clean"], told["edited"]) == (False, ["errors.py"])


def test_an_update_over_edits_needs_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --force an update over edits ends with 2 and says what to do; with it it is done."""
    dest = tmp_path / "pixazo"
    main(["vendor", str(dest), "--wire-only"])
    (dest / "mine.py").touch()

    refused = main(["vendor", str(dest), "--update"])
    told = capsys.readouterr().err
    forced = main(["vendor", str(dest), "--update", "--force"])

    assert (refused, forced) == (2, 0)
    assert capsys.readouterr().out.endswith(", edits overwritten\n")
    assert "was worked in" in told
    assert "--force" in told
    assert not (dest / "mine.py").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--check", "--update"],
        ["--force"],
        ["--check", "--force"],
        ["--update", "--wire-only"],
        ["--check"],
        ["--update"],
    ],
)
def test_a_wrong_command_line_ends_with_two(tmp_path: Path, words: list[str]) -> None:
    """Options that exclude each other, and a folder that is no copy, are usage errors."""
    assert main(["vendor", str(tmp_path / "pixazo"), *words]) == 2
    assert [*tmp_path.iterdir()] == []
