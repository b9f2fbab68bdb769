"""What goes wrong before or beside the gateway: one error each, with a hint, and nothing paid."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixazo import Ledger
from pixazo.cli import main
from pixazo.ledger import default_path, places
from pixazo.sandbox import Sandbox

RUN = ("run", "qwen-image", "fog", "-q")
QUEUED = ("run", "qwen-image-max", "fog", "-q")
READ_ONLY = 'mount --bind "$2" "$2" && mount -o remount,bind,ro "$2" && shift 2 && exec "$@"'
SMALL_DISK = 'mount -t tmpfs -o size=$1 tmpfs "$2" && shift 2 && exec "$@"'


@dataclass
class Desk:
    """A folder, a ledger in it and a sandbox, as a command line meets them."""

    folder: Path
    sandbox: Sandbox
    patch: pytest.MonkeyPatch

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    def batch(self, *lines: object) -> tuple[str, ...]:
        """Write a batch file and return the command."""
        file = self.folder / "prompts.jsonl"
        asked = lines or tuple(line(number) for number in range(3))
        file.write_text("".join(f"{json.dumps(each)}\n" for each in asked))
        return ("batch", str(file), "-q")


def line(number: int) -> dict[str, object]:
    return {"model": "qwen-image", "prompt": f"fog {number}", "size": "512*512"}


@pytest.fixture
def desk(tmp_path: Path, pixazo_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", pixazo_sandbox.url)
    return Desk(tmp_path, pixazo_sandbox, monkeypatch)


Words = tuple[str, ...]


def broken_ledger(desk: Desk) -> None:
    desk.ledger.write_bytes(b"this is no database, only a text of some length " * 100)


def newer_ledger(desk: Desk) -> None:
    Ledger(desk.ledger).close()
    with sqlite3.connect(desk.ledger) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()


def ledger_below_a_file(desk: Desk) -> None:
    desk.ledger.write_text("a file where a folder should be")
    desk.patch.setenv("PIXAZO_LEDGER", str(desk.ledger / "ledger"))


def ledger_on_a_network(desk: Desk) -> None:
    mounts = desk.folder / "mountinfo"
    mounts.write_text(f"1 1 0:1 / {desk.folder} rw - nfs4 server:/home rw\n")
    desk.patch.setitem(places.prepare.__kwdefaults__ or {}, "mounts", mounts)


def folder_below_a_file(desk: Desk) -> None:
    desk.folder.joinpath("file").write_text("here")
    desk.patch.setattr(Desk, "out", property(lambda self: self.folder / "file" / "out"))


def folder_too_long(desk: Desk) -> None:
    desk.patch.setattr(Desk, "out", property(lambda self: self.folder / "new" / (300 * "a")))


def nothing(desk: Desk) -> None:
    pass


def a_bad_line_731(desk: Desk) -> Words:
    lines = [line(number) for number in range(1000)]
    lines[730]["size"] = "1x1"
    return desk.batch(*lines)


LEDGERS: dict[str, tuple[Callable[[Desk], None], int, str]] = {
    "broken ledger": (broken_ledger, 10, "is not a ledger"),
    "newer ledger": (newer_ledger, 10, "has version 99"),
    "ledger below a file": (ledger_below_a_file, 10, "is not a folder"),
    "ledger on a network": (ledger_on_a_network, 10, "network file system (nfs4)"),
}
COMMANDS: dict[str, Callable[[Desk], Words]] = {
    "run": lambda _: RUN,
    "run queued": lambda _: QUEUED,
    "batch": lambda desk: desk.batch(),
    "resume": lambda _: ("resume", "-q"),
}
Case = tuple[Callable[[Desk], None], Callable[[Desk], Words], int, str]
CASES: dict[str, Case] = {
    **{
        f"{command}, {name}": (make, words, code, says)
        for name, (make, code, says) in LEDGERS.items()
        for command, words in COMMANDS.items()
    },
    "run, folder below a file": (folder_below_a_file, lambda _: RUN, 9, "is not a folder"),
    "run, folder too long": (folder_too_long, lambda _: RUN, 9, "a name in it is too long"),
    "batch, folder too long": (folder_too_long, Desk.batch, 9, "cannot be written to"),
    "batch, folder below a file": (folder_below_a_file, Desk.batch, 9, "cannot be written to"),
    "batch, bad line 731": (nothing, a_bad_line_731, 2, "line 731: size="),
    "run, callback base without https": (
        nothing,
        lambda _: (*QUEUED, "--webhook-url", "http://example.com/hook"),
        2,
        "cannot safely call back",
    ),
    "run, callback base that is no address": (
        nothing,
        lambda _: (*QUEUED, "--webhook-url", "https://[oops"),
        2,
        "cannot safely call back",
    ),
    "run, callback base without end, dry": (
        nothing,
        lambda _: (*QUEUED, "--webhook-url", "https://a.example/cb ", "--dry-run"),
        2,
        "cannot safely call back",
    ),
    "run, limit below the estimate": (
        nothing,
        lambda _: (*RUN, "--max-spend", "0.04"),
        5,
        "$0.04 is the limit for this run",
    ),
    "run, limit of one call": (
        nothing,
        lambda _: (*RUN, "--max-spend-call", "0.04"),
        5,
        "0.04 is the limit for one request; the next request costs $0.045",
    ),
    "batch, limit below the estimate": (
        nothing,
        lambda desk: (*desk.batch(), "--max-spend-day", "0.04"),
        5,
        "$0.04 is the limit for today",
    ),
    "batch, limit of one call": (
        nothing,
        lambda desk: (*desk.batch(), "--max-spend-call", "0.04"),
        5,
        "3 lines (the first: 1, $0.045) would each pass the limit of $0.04",
    ),
}


@pytest.mark.parametrize("option", ["--max-spend", "--max-spend-day", "--assume-price"])
@pytest.mark.parametrize("amount", ["1e9999", "1e999999", "1e-9999", "0.00000001", "9" * 5000])
def test_an_amount_beyond_all_sense_is_one_short_error(
    desk: Desk, capsys: pytest.CaptureFixture[str], option: str, amount: str
) -> None:
    """The error names the option and the amount, not thousands of its digits."""
    ended = main([*RUN, option, amount, "--ledger", str(desk.ledger)])

    said = capsys.readouterr().err
    assert ended == 2
    assert option in said
    assert "is not an amount of US dollars" in said
    assert len(said) < 600


ODD_WORDS: dict[str, tuple[Words, int, str]] = {
    "jobs, ledger too long": (("jobs", "--ledger", 300 * "a"), 10, "File name too long"),
    "spend, ledger too long": (("spend", "--ledger", 300 * "a"), 10, "File name too long"),
    "forget, no text": (("forget", "\udcff"), 2, "there is no job"),
    "run, parameter too deep": ((*RUN, "--param", "x=" + 5000 * "["), 2, "begins like JSON"),
}


@pytest.mark.parametrize(("words", "code", "says"), ODD_WORDS.values(), ids=ODD_WORDS)
def test_odd_words_are_one_clear_error(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: Words, code: int, says: str
) -> None:
    """Names that no disk takes, bytes that are no text and endless JSON are told, not a bug."""
    Ledger(desk.ledger).close()
    at_ledger = () if "--ledger" in words else ("--ledger", str(desk.ledger))

    ended = main([*words, *at_ledger])

    said = capsys.readouterr().err
    assert (ended, said.count("Traceback")) == (code, 0)
    assert says in said


READERS: dict[str, Words] = {
    "image": ("run", "qwen-image-edit", "x", "--dry-run", "--image", "ODD"),
    "batch": ("batch", "ODD"),
    "page": ("drift", "ODD"),
    "drift, spec": ("drift", "--spec", "ODD", "page.txt"),
    "explain, spec": ("explain", "R12", "--spec", "ODD"),
    "faults": ("sandbox", "--port", "0", "--faults", "ODD"),
    "secrets": ("webhook", "url", "job", "--base", "https://a.example", "--secret-file", "ODD"),
    "ledger": ("jobs", "--ledger", "ODD"),
}
ODD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "is a pipe that nobody writes to|is not a regular file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a device|is not a regular file"),
    "huge": (lambda path: write_hole(path, 2**42), "larger than|at most 100 MiB|no SQLite file"),
}


def write_hole(path: Path, size: int) -> None:
    """Write a file that begins like a picture and is otherwise empty and endless."""
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    os.truncate(path, size)


@pytest.mark.parametrize(("make", "says"), ODD_FILES.values(), ids=ODD_FILES)
@pytest.mark.parametrize("words", READERS.values(), ids=READERS)
def test_whatever_takes_a_file_neither_hangs_nor_fills_the_memory(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: Words,
    make: Callable[[Path], object],
    says: str,
) -> None:
    """A pipe without a writer, a device without an end, a file without measure: one clear error."""
    odd = tmp_path / "odd"
    make(odd)

    ended = main([str(odd) if word == "ODD" else word for word in words])

    said = capsys.readouterr().err
    assert ended in (2, 3, 10)
    assert re.search(says, said, re.IGNORECASE)
    assert said.count("error: ") == 1
    assert "Traceback" not in said


@pytest.mark.parametrize("words", [("run", "qwen-image", "-", "--dry-run"), ("batch", "-")])
def test_stdin_without_an_end_is_one_clear_error(words: Words) -> None:
    """A prompt has bounds, and so has a batch."""
    limit = 'ulimit -v 4000000; exec "$@" < /dev/zero'
    command = ["sh", "-c", limit, "-", sys.executable, "-m", "pixazo", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "Is larger than" in ran.stderr
    assert ran.stderr.count("error: ") == 1


@pytest.mark.parametrize(("make", "words", "code", "says"), CASES.values(), ids=CASES)
def test_it_is_one_clear_error_and_nothing_is_paid(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Desk], None],
    words: Callable[[Desk], Words],
    code: int,
    says: str,
) -> None:
    """One line says what is wrong, one what to do; the exit code tells the kind; all for free."""
    asked = words(desk)
    make(desk)
    at_ledger = () if os.environ.get("PIXAZO_LEDGER") else ("--ledger", str(desk.ledger))
    ended = main([*asked, "-o", str(desk.out), *at_ledger, "--json"])

    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert ended == error["exit_code"] == code
    assert says in error["message"]
    assert said.err.count("error: ") == 1
    assert "hint: " in said.err
    assert "Traceback" not in said.err
    assert error["charged"] == "no"
    assert not desk.sandbox.wallet.charges


def test_no_room_for_temporary_files_is_one_clear_error(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--sandbox` counts its play money in a temporary file."""
    desk.patch.setattr("tempfile.tempdir", str(desk.folder / "gone"))

    code = main([*RUN, "--sandbox", "-o", str(desk.out)])

    said = capsys.readouterr().err
    assert code == 3
    assert "hint: Make room where temporary files go, set TMPDIR" in said
    assert "Traceback" not in said


def on_a_small_disk(
    size: str, disk: Path, *words: str, mounting: str = SMALL_DISK
) -> subprocess.CompletedProcess[str]:
    """Run a command line where a folder is a disk of its own."""
    disk.mkdir(exist_ok=True)
    command = ["unshare", "-rm", "sh", "-c", mounting, "-", size, str(disk)]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here to make a small disk with")
    ran = subprocess.run(
        [*command, sys.executable, "-m", "pixazo", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in ran.stderr or "mount" in ran.stderr:
        pytest.skip(f"this machine allows no small disk: {ran.stderr.strip()}")
    return ran


@pytest.mark.parametrize("words", [RUN, ("batch",)], ids=lambda words: words[0])
def test_a_full_disk_is_known_before_the_first_cent(desk: Desk, words: Words) -> None:
    """Where a file can be made and no picture written, nothing is sent."""
    asked = RUN if words == RUN else desk.batch()

    ran = on_a_small_disk("16k", desk.out, *asked, "-o", str(desk.out))

    assert ran.returncode == 9, ran.stderr
    assert ran.stderr.count("error: ") == 1
    assert "cannot be written to: No space left on device" in ran.stderr
    assert "charged: no" in ran.stderr
    assert "hint: " in ran.stderr
    assert not desk.sandbox.wallet.charges


def test_a_disk_that_fills_up_during_a_batch_loses_nothing(desk: Desk) -> None:
    """The batch stops with one error and the way on; with room it pays no line twice."""
    lines = [line(number) for number in range(6)]
    words = [*desk.batch(*lines), "-o", str(desk.out), "--ledger", str(desk.ledger)]
    words += ["--concurrency", "1"]

    ran = on_a_small_disk("100k", desk.out, *words)

    paid = len(desk.sandbox.wallet.charges)
    assert ran.returncode == 9, ran.stderr
    assert ran.stderr.count("error: ") == 1
    assert "hint: " in ran.stderr
    assert "resume: pixazo batch" in ran.stderr
    assert "charged: yes" in ran.stderr
    assert f"note: {paid - 1} done, " in ran.stderr
    assert 0 < paid < 6
    assert main(words) == 0
    assert len(desk.sandbox.wallet.charges) == 6
    assert desk.sandbox.wallet.double_charges == ()


def test_a_ledger_disk_that_fills_up_during_a_batch_loses_nothing(desk: Desk) -> None:
    """What was sent when the ledger's disk filled up is known or in doubt; the rest never left."""
    disk = desk.folder / "disk"
    long = [{**line(number), "prompt": "fog " * 100 + str(number)} for number in range(200)]
    words = [*desk.batch(*long), "-o", str(desk.out), "--no-save"]
    words += ["--ledger", str(disk / "ledger")]

    ran = on_a_small_disk("300k", disk, *words)

    assert ran.returncode == 10, ran.stderr
    assert ran.stderr.count("error: ") == 1
    assert "is full" in ran.stderr
    assert "hint: Free some space" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(desk.sandbox.wallet.charges) < 200


def test_a_read_only_disk_is_one_clear_error(desk: Desk) -> None:
    """A ledger on a disk that is mounted read-only: nothing is sent."""
    ran = on_a_small_disk(
        "1m,ro", desk.folder / "disk", *RUN, "--ledger", str(desk.folder / "disk" / "ledger")
    )

    assert ran.returncode == 10, ran.stderr
    assert ran.stderr.count("error: ") == 1
    assert "Read-only file system" in ran.stderr
    assert "hint: Make the file and its folder writable" in ran.stderr
    assert not desk.sandbox.wallet.charges


def test_a_ledger_on_a_disk_that_became_read_only_is_one_clear_error(desk: Desk) -> None:
    """A ledger that was written to before names the disk, not a permission that root has anyway."""
    disk = desk.folder / "disk"
    disk.mkdir()
    Ledger(disk / "ledger").close()

    ran = on_a_small_disk("-", disk, *RUN, "--ledger", str(disk / "ledger"), mounting=READ_ONLY)

    assert ran.returncode == 10, ran.stderr
    assert f"{disk}/ledger cannot be written to: its disk is read-only" in ran.stderr
    assert "To read it: `pixazo jobs" in ran.stderr
    assert not desk.sandbox.wallet.charges


def test_a_read_only_folder_is_one_clear_error(desk: Desk) -> None:
    """A batch whose folder lies on a disk that is mounted read-only sends nothing."""
    ran = on_a_small_disk("1m,ro", desk.out, *desk.batch(), "-o", str(desk.out))

    assert ran.returncode == 9, ran.stderr
    assert ran.stderr.count("error: ") == 1
    assert "hint: " in ran.stderr
    assert not desk.sandbox.wallet.charges
    assert not default_path(os.environ).exists()
