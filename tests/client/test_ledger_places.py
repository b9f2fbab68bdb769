"""Where a ledger may lie, and what is said when it may not or cannot be used."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pixazo.errors import LedgerBroken, LedgerError, LedgerReadOnly, LedgerTooNew
from pixazo.ledger import Ledger, default_path
from pixazo.ledger.lock import LockFile
from pixazo.ledger.places import prepare, refuse_network
from pixazo.ledger.schema import APPLICATION_ID, STEPS, migrate

VERSION_1 = Path(__file__).with_name("test_ledger_version_1.sql")


class Wish:
    """A request of any model."""

    model_id = "qwen-image-layered"

    def __init__(self, prompt: str = "a white tiger") -> None:
        self.prompt = prompt

    def to_dict(self) -> dict[str, Any]:
        return {"model": self.model_id, "prompt": self.prompt}

    def to_body(self) -> dict[str, Any]:
        return {"prompt": self.prompt}


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"HOME": "/home/ada"}, "/home/ada/.local/state/pixazo/ledger.sqlite3"),
        ({"HOME": "/home/ada", "XDG_STATE_HOME": "/state"}, "/state/pixazo/ledger.sqlite3"),
        (
            {"HOME": "/home/ada", "XDG_STATE_HOME": "relative"},
            "/home/ada/.local/state/pixazo/ledger.sqlite3",
        ),
        ({"HOME": "/home/ada", "PIXAZO_LEDGER": "/l.db", "XDG_STATE_HOME": "/state"}, "/l.db"),
        ({"HOME": "/home/ada", "PIXAZO_LEDGER": "~/l.db"}, "/home/ada/l.db"),
        (
            {"HOME": "/home/ada", "PIXAZO_LEDGER": ""},
            "/home/ada/.local/state/pixazo/ledger.sqlite3",
        ),
    ],
)
def test_the_default_path_follows_the_environment(environ: dict[str, str], path: str) -> None:
    """PIXAZO_LEDGER comes first, then an absolute XDG state folder, then the home folder."""
    assert default_path(environ) == Path(path)


@pytest.mark.parametrize("home", ["", "relative", "./home"])
def test_a_home_that_moves_about_has_no_ledger(home: str) -> None:
    """With a relative HOME each folder would have its own ledger, and keys protect nothing."""
    with pytest.raises(LedgerError, match=f"HOME='{home}' is not an absolute path") as caught:
        default_path({"HOME": home})

    assert "--ledger or PIXAZO_LEDGER" in caught.value.hint
    assert default_path({"HOME": home, "XDG_STATE_HOME": "/state"}).is_relative_to("/state")
    assert default_path({"HOME": home, "PIXAZO_LEDGER": "/l.db"}) == Path("/l.db")


def test_prompts_are_kept_from_other_users(tmp_path: Path) -> None:
    """New folders are for their owner alone, and so is every file in them."""
    path = tmp_path / "state" / "pixazo" / "ledger.sqlite3"
    with Ledger(path) as ledger:
        ledger.intend(Wish())
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == [
            "ledger.sqlite3",
            "ledger.sqlite3-shm",
            "ledger.sqlite3-wal",
            "ledger.sqlite3.lock",
        ]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_ledger_is_durable_by_default(tmp_path: Path) -> None:
    """Every commit waits for the disk: write-ahead log, synchronous FULL, strict tables."""
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        asked = {
            name: ledger._read(lambda c, n=name: c.execute(f"pragma {n}").fetchone()[0])
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        tables = ledger._read(
            lambda c: c.execute("select name, strict from pragma_table_list").fetchall()
        )
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    ours = {name: strict for name, strict in tables if not name.startswith("sqlite_")}
    assert ours == dict.fromkeys(["owner", "job", "request", "spend", "purse"], 1)


def refused(path: Path, kind: type[LedgerError]) -> str:
    """Return what opening says, for writing and for reading, and that it changed nothing."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(kind) as writing:
        Ledger(path)
    with pytest.raises(LedgerError):
        Ledger.open_readonly(path)
    assert writing.value.charged == "no"
    assert Path(writing.value.path) == path
    assert str(path) in str(writing.value)
    assert (path.read_bytes() if path.is_file() else None) == before
    return str(writing.value)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A text file is no ledger; it is named, left as it is, and the way out is told."""
    path = tmp_path / "notes.txt"
    path.write_text("buy milk\n" * 200)
    said = refused(path, LedgerBroken)
    assert "is not a ledger: it is no SQLite file" in said
    assert "If it was a ledger, what it knew would be paid for again" in said
    assert "--ledger, PIXAZO_LEDGER or Ledger(path)" in said


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """Somebody's bookmarks are not turned into a ledger, nor their journal mode changed."""
    path = tmp_path / "bookmarks.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table bookmark(url)")
    assert "SQLite file of another program" in refused(path, LedgerBroken)


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    """A ledger of a newer version is left alone, and the error says to update."""
    path = tmp_path / "ledger.sqlite3"
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 99")
        connection.execute("pragma journal_mode = delete")
    said = refused(path, LedgerTooNew)
    assert f"has version 99; this pixazo knows versions up to {len(STEPS)}" in said
    assert "Update pixazo" in said


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    """A ledger whose pages were overwritten says that it is damaged and how to rescue rows."""
    path = tmp_path / "ledger.sqlite3"
    with Ledger(path) as ledger:
        for number in range(200):
            ledger.intend(Wish("x" * 500), key=f"{number}")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(LedgerBroken, match=r"is damaged.*\.recover"), Ledger(path) as ledger:
        ledger.entries()
    with pytest.raises(LedgerBroken, match=r"is damaged"), Ledger.open_readonly(path) as report:
        report.entries()


def test_a_ledger_that_lost_rows_pays_for_no_job_again(tmp_path: Path) -> None:
    """What a rescue left of a job, its request or its money, keeps it from being sent once more."""
    path = tmp_path / "ledger.sqlite3"
    with Ledger(path) as ledger:
        ledger.intend(Wish(), key="k")
        ledger.move("k", "sending")
    with closing(sqlite3.connect(path)) as rescued:
        rescued.execute("delete from job")
        rescued.commit()
    with Ledger(path) as ledger, pytest.raises(LedgerBroken, match="contradicts itself") as told:
        ledger.intend(Wish(), key="k")
    assert "the job may be paid for: look at the account's usage" in told.value.hint


def test_a_folder_is_refused_and_a_file_in_it_proposed(tmp_path: Path) -> None:
    """A folder instead of a file is named together with a file that would do."""
    said = refused(tmp_path, LedgerBroken)
    assert said.endswith(f"Name a file in it: {tmp_path / 'ledger.sqlite3'}.")


def test_a_path_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """A file as a folder, a device, a loop of links and a null byte are clear errors."""
    (tmp_path / "file").write_text("")
    said = refused(tmp_path / "file" / "ledger.sqlite3", LedgerReadOnly)
    assert f"{tmp_path / 'file'} is not a folder" in said
    assert "not a regular file" in refused(Path("/dev/null"), LedgerBroken)
    with pytest.raises(LedgerBroken, match="no usable path"):
        Ledger("a\0b")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "loop")


def test_reading_makes_no_ledger(tmp_path: Path) -> None:
    """A report on a ledger that is not there, or empty, says so and makes no file."""
    path = tmp_path / "ledger.sqlite3"
    with pytest.raises(LedgerError, match="there is no ledger at"):
        Ledger.open_readonly(path)
    assert list(tmp_path.iterdir()) == []
    path.touch()
    with pytest.raises(LedgerBroken, match="is empty, not a ledger"):
        Ledger.open_readonly(path)


def test_a_report_names_the_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Where the log cannot be read, the error says that it is the log."""
    path = tmp_path / "ledger.sqlite3"
    Ledger(path).close()
    path.with_name("ledger.sqlite3-wal").mkdir()
    with pytest.raises(LedgerReadOnly, match=r"sqlite3-wal cannot be read: Is a directory.*Make"):
        Ledger.open_readonly(path)


def test_a_report_sees_what_is_written_meanwhile(tmp_path: Path) -> None:
    """A ledger open for reports shows each job as soon as it is written, and cannot write."""
    path = tmp_path / "ledger #1?.sqlite3"
    with Ledger(path) as ledger, Ledger.open_readonly(path) as report:
        for number in range(3):
            ledger.intend(Wish(), key=f"{number}")
            assert len(report.entries()) == number + 1
        ledger.move("0", "sending")
        assert report.entry("0") == ledger.entry("0")
        assert not hasattr(report, "move")
        assert report.spent() == ledger.spent()
        assert report.durations("qwen-image-layered") == []


MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
39 27 254:1 / /home rw,relatime - xfs /dev/vdb rw
40 27 0:50 / /home rw,relatime shared:1 - {kind} server:/home rw,vers=4.2
41 40 0:51 / /home/ada/with\\040space rw - {inner} source {options}
42 27 0:52 / /homestead rw - nfs4 server:/stead rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "inner", "options", "named"),
    [
        ("/home/ada/l", "nfs4", "ext4", "rw", "nfs4"),
        ("/home/ada/l", "cifs", "ext4", "rw", "cifs"),
        ("/home/ada/l", "fuse.sshfs", "ext4", "rw", "fuse.sshfs"),
        ("/home/ada/l", "ext4", "nfs", "rw", None),
        ("/home/ada/with space/l", "ext4", "nfs", "rw", "nfs"),
        ("/home/ada/with space/l", "nfs4", "ext4", "rw", None),
        ("/home/ada/with space/l", "ext4", "9p", "rw,aname=drvfs;path=C:", "9p-drvfs"),
        ("/home/ada/with space/l", "ext4", "9p", "rw", None),
        ("/home/ada/l", "fuse.encfs", "ext4", "rw", None),
        ("/elsewhere/l", "nfs4", "nfs", "rw", None),
    ],
)
def test_a_network_file_system_is_refused(
    path: str, kind: str, inner: str, options: str, named: str | None, tmp_path: Path
) -> None:
    """The deepest, latest mount above the file decides; a network one is named."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.format(kind=kind, inner=inner, options=options))
    if named is None:
        refuse_network(Path(path), mounts=mounts)
        return
    with pytest.raises(LedgerError, match=rf"network file system \({named}\).*local disk"):
        refuse_network(Path(path), mounts=mounts)


def test_a_network_place_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """On a network drive not even a folder is made; without a list of mounts one goes on."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 0:1 / {tmp_path} rw - nfs4 server:/ rw\n")
    with pytest.raises(LedgerError, match="network file system"):
        prepare(tmp_path / "new" / "ledger.sqlite3", mounts=mounts)
    assert not (tmp_path / "new").exists()
    assert prepare(tmp_path / "l", mounts=tmp_path / "missing") == tmp_path / "l"


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no room the move is refused with the job's id, and nothing else is lost."""

    class Small(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.execute("pragma max_page_count = 40")

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Small))
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        ledger.intend(Wish(), key="k")
        ledger.move("k", "sending")
        wishes = (Wish(f"{number}" * 2_000) for number in range(1_000))
        with pytest.raises(LedgerError, match="is full") as full:
            list(map(ledger.intend, wishes))
        assert full.value.charged == "no"
        with pytest.raises(LedgerError, match="is full") as late:
            ledger.move("k", "submitted", request_id="id-of-k", answer="x" * 200_000)
        assert (late.value.request_id, late.value.charged) == ("id-of-k", "unknown")
        assert "request id-of-k" in str(late.value)
        assert ledger.move("k", "submitted", request_id="id-of-k").state == "submitted"


def test_a_place_without_a_log_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite silently keeps another journal, the ledger says so instead of going on."""

    class Logless(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("journal_mode = wal", "journal_mode"), *args)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Logless))
    with pytest.raises(LedgerError, match=r"cannot keep SQLite's write-ahead log.*local disk"):
        Ledger(tmp_path / "ledger.sqlite3")


@pytest.mark.skipif(os.name == "nt", reason="it holds the lock as POSIX does")
def test_a_stopped_process_does_not_block_for_ever(tmp_path: Path) -> None:
    """Who waits too long for the turn is told which file to look at, instead of waiting on."""
    path = tmp_path / "ledger.lock"
    LockFile(path).close()
    program = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX, 1, 0);"
        "print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        lock = LockFile(path, patience_s=0.05)
        with pytest.raises(LedgerError, match=r"locked for 0\.05 s.*ledger\.lock"), lock.turn():
            pytest.fail("two had the turn at once")
        process.kill()
    with lock.turn():
        assert lock.path == path
    lock.close()


def test_a_copy_to_read_from_is_whole_though_others_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only a copy can be read, a log that begins anew while it is made is copied again."""
    path = tmp_path / "ledger.sqlite3"
    connect, copyfile = sqlite3.connect, shutil.copyfile

    def unable(address: str, **more: Any) -> sqlite3.Connection:
        if address.endswith("?mode=ro"):
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        return connect(address, **more)

    def disturbed(source: Path, target: Path) -> None:
        copyfile(source, target)
        if len(ledger.entries()) < 3:
            ledger.intend(Wish("ice"))
            ledger._read(lambda c: c.execute("pragma wal_checkpoint(restart)").fetchall())
            ledger.intend(Wish("fog"))

    monkeypatch.setattr(shutil, "copyfile", disturbed)
    with Ledger(path) as ledger:
        ledger.intend(Wish())
        monkeypatch.setattr(sqlite3, "connect", unable)
        with Ledger.open_readonly(path) as report:
            found = [entry.request["prompt"] for entry in report.entries()]

    assert found == ["a white tiger", "ice", "fog"]


def test_a_ledger_of_version_1_opens(tmp_path: Path) -> None:
    """A file that the first version wrote can be read as it is, and opens with all it holds."""
    path = tmp_path / "ledger.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text())
    with Ledger.open_readonly(path) as report:
        assert [entry.key for entry in report.entries(["downloaded", "intent"])] == ["a", "c"]
        assert report.count(["intent"]) == len(report.keys_beginning("c"))
    assert version_of(path) == 1
    with Ledger(path) as ledger:
        assert [(entry.key, entry.state) for entry in ledger.entries()] == [
            ("a", "downloaded"),
            ("b", "unknown"),  # its process is long gone
            ("c", "intent"),
        ]
        (line,) = ledger.spent()
        assert f"{line.charged_usd} {line.unknown_usd}" == "0.05 0.05"
    assert version_of(path) == len(STEPS)


def test_a_migration_keeps_rows_or_changes_nothing(tmp_path: Path) -> None:
    """A later step adds to the rows that are there; one that fails leaves the old version."""
    path = tmp_path / "ledger.sqlite3"
    with Ledger(path) as ledger:
        before = ledger.intend(Wish(), key="k")
    good = ("alter table job add column tag text", "update job set tag = 'old'")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("begin immediate")
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, path, (*STEPS, good, ("alter table nothing add column x",)))
        connection.execute("rollback")
        assert version_of(path) == len(STEPS)

        connection.execute("begin immediate")
        migrate(connection, path, (*STEPS, good))
        connection.execute("commit")
        row = connection.execute("select key, tag, body_sha256 from job").fetchall()
        application = connection.execute("pragma application_id").fetchone()
    assert row == [("k", "old", before.body_sha256)]
    assert version_of(path) == len(STEPS) + 1
    assert application == (APPLICATION_ID,)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """When the lock beside the ledger cannot be opened, the error names it."""
    (tmp_path / "ledger.sqlite3.lock").mkdir()
    with pytest.raises(LedgerReadOnly, match=r"ledger\.sqlite3\.lock cannot be opened"):
        Ledger(tmp_path / "ledger.sqlite3")


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no open file")
def test_a_ledger_whose_folder_is_gone_can_be_closed(tmp_path: Path) -> None:
    """Whoever cleans up first and closes afterwards hears nothing of it."""
    ledger = Ledger(tmp_path / "folder" / "ledger.sqlite3")
    shutil.rmtree(tmp_path / "folder")
    ledger.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has locks of its own")
def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot lock, opening is one error with the way out, and nothing is open."""

    def lockf(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.lockf", lockf)
    with pytest.raises(LedgerError, match=r"sqlite3\.lock cannot be locked: No locks .*local disk"):
        Ledger(tmp_path / "ledger.sqlite3")
