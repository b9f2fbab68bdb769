"""Streams that are closed, full, narrow in their letters, or that nobody reads."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pixazo.cli import main
from pixazo.ledger import Ledger, default_path
from pixazo.sandbox import Sandbox
from tests.cli.forks import Forks

PIXAZO = f"{shlex.quote(sys.executable)} -m pixazo"
RUN = "run qwen-image fog -o out"


@pytest.fixture
def here(tmp_path: Path, pixazo_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, and a gateway for the commands that are run in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", pixazo_sandbox.url)
    return tmp_path


def in_shell(words: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash, in which `pixazo` is the command."""
    line = f'set -o pipefail; pixazo() {{ {PIXAZO} "$@"; }}; {words}'
    command, environment = ["bash", "-c", line], {**os.environ, **settings}
    return subprocess.run(command, capture_output=True, check=False, env=environment)


def onto(forks: Forks, path: str, *words: str) -> tuple[int, str]:
    """Return exit code and stderr of a command whose stdout is a file."""
    read, write = os.pipe()
    with Path(path).open("w") as out, Path(os.devnull).open() as nothing:
        process = forks.start(list(words), streams=(nothing.fileno(), out.fileno(), write))
    os.close(write)
    with os.fdopen(read) as err:
        return process.wait(), err.read()


def pictures(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("out/*.png"))


@pytest.mark.parametrize("command", ["models >&-", "jobs >&-", "--help >&-", "jobs 2>&- >&-"])
def test_a_closed_stream_is_no_terminal(here: Path, command: str) -> None:
    """Commands whose streams are closed print nothing there and end well."""
    ran = in_shell(f"pixazo {command}")

    assert (ran.returncode, ran.stdout) == (0, b"")
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_a_paid_run_without_stderr_saves_its_files(here: Path, closed: str) -> None:
    """Words that nobody can read are no reason to lose a picture."""
    ran = in_shell(f"pixazo {RUN} {closed}")

    assert ran.returncode == 0
    assert len(pictures(here)) == 1
    assert ran.stdout.decode() in ("", f"out/{pictures(here)[0]}\n")


@pytest.mark.parametrize("words", ["models", "models --json", "--version", "jobs --help"])
def test_a_full_disk_below_stdout_is_one_clear_error(forks: Forks, words: str) -> None:
    """What cannot be written to stdout is one line on stderr, with an exit code of its own."""
    code, said = onto(forks, "/dev/full", *words.split())

    assert (code, said) == (74, "error: cannot write to stdout: No space left on device\n")


@pytest.mark.parametrize("form", ["", "--json", "--no-save"])
def test_a_full_disk_below_stdout_hides_nothing_paid(here: Path, forks: Forks, form: str) -> None:
    """The error of a paid run names the files, or the media's addresses, and the charge."""
    code, said = onto(forks, "/dev/full", *RUN.split(), *form.split())

    assert code == 74
    assert "error: cannot write to stdout: No space left on device\ncharged: yes\n" in said
    shown = [f"note: saved: out/{name}\n" for name in pictures(here)] or ["media: http://"]
    assert shown[0] in said


def test_an_error_keeps_its_code_when_stdout_is_full(forks: Forks) -> None:
    """The words of another error are on stderr; that its document is lost changes nothing."""
    code, said = onto(forks, "/dev/full", "status", "x/y", "--json")

    assert code == 3
    assert said.startswith("error: no API key")


def test_a_reader_that_goes_away_is_told_by_the_code(here: Path) -> None:
    """After `| head` the code is that of a broken pipe; a paid run names what it saved."""
    listed = in_shell("pixazo models | true")
    ran = in_shell(f"pixazo {RUN} -q | true")

    assert (listed.returncode, listed.stderr) == (141, b"")
    assert ran.returncode == 141
    (name,) = pictures(here)
    assert ran.stderr.decode().splitlines() == [
        "error: nobody reads stdout any more",
        "charged: yes",
        f"note: saved: out/{name}",
    ]


def test_letters_that_an_encoding_lacks_are_escaped(here: Path) -> None:
    """Another encoding than UTF-8 costs letters and no more; JSON stays what it is."""
    prompt = "fog № 7 … \N{TIGER FACE}"
    main(["run", "qwen-image", prompt, "-q", "-o", "out"])

    table = in_shell("pixazo jobs", PYTHONIOENCODING="latin-1")
    document = in_shell("pixazo jobs --json", PYTHONIOENCODING="latin-1")

    assert (table.returncode, document.returncode) == (0, 0)
    assert rb"fog \u2116 7 \u2026 \ud83d\udc2f" in table.stdout
    assert json.loads(document.stdout.decode("latin-1"))[0]["prompt"] == prompt


def test_a_caller_may_take_the_text(here: Path) -> None:
    """A stdout that takes text alone, as a program sets one that calls `main`, gets the path."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main([*RUN.split(), "-q"])

    assert (code, out.getvalue()) == (0, f"out/{pictures(here)[0]}\n")


def test_a_folder_may_have_any_name(here: Path) -> None:
    """Paths on stdout are the very bytes of the file system, whatever the locale says."""
    folder = "aus é".encode() + b"\xff"
    here.joinpath("lines").write_text('{"model": "qwen-image", "prompt": "fog"}\n')
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    out = os.fsdecode(folder)

    ran = in_shell(f"pixazo batch lines -q -o '{out}' && pixazo {RUN} -q -o '{out}'", **plain)

    results, picture = ran.stdout.splitlines()
    assert ran.returncode == 0
    assert results == folder + b"/results.jsonl"
    assert Path(os.fsdecode(picture)).is_file()
    with Ledger(default_path(os.environ)) as ledger:
        assert all(Path(file).is_file() for entry in ledger.entries() for file in entry.files)
