"""A copy tells what was done to it, and is replaced only when nothing is lost."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pixazo.vendoring import LEFT_OUT, Source, VendorError, check, installed, update, vendor

WRITTEN = ("__init__.py", "client/__init__.py", "client/shared.py", "jobs.py", "py.typed")
MADE = ("__init__.py", "catalogue.py", "openapi.json")


@pytest.fixture(scope="module")
def source() -> Source:
    """A few files of the library: what a check and an update do is the same for all of them."""
    whole = installed()
    return replace(
        whole,
        written={path: whole.written[path] for path in WRITTEN},
        made={path: whole.made[path] for path in MADE},
    )


@pytest.fixture
def copy(tmp_path: Path, source: Source) -> Path:
    """A copy of those files, to be spoilt."""
    vendor(tmp_path / "pixazo", source=source)
    return tmp_path / "pixazo"


@pytest.fixture
def whole(app: Path) -> Path:
    """A copy of the whole library; only to be read."""
    return app / "acme" / "_vendor" / "gateway"


def digests(folder: Path) -> dict[str, str]:
    """Return what stands in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def newer(source: Source) -> Source:
    """Return a source that somebody released later."""
    return replace(
        source, version="9.8.7", written={**source.written, "novelty.py": b"NEW = True\n"}
    )


def test_the_manifest_tells_where_a_copy_comes_from(copy: Path, source: Source) -> None:
    """VENDORED.json has version, spec, needs, options and the SHA-256 of every other file."""
    told = json.loads((copy / "VENDORED.json").read_text())
    stands = digests(copy)
    del stands["VENDORED.json"]

    assert told["version"] == source.version
    assert told["source"] == f"distribution pixazo {source.version}"
    assert told["spec"] == {"version": source.spec_version, "sha256": source.spec_sha256}
    assert told["options"] == {"wire_only": False}
    assert [line.partition(">")[0].partition("<")[0] for line in told["requires"]] == [
        "aiohappyeyeballs",
        "attrs",
        "httpx2",
    ]
    assert told["files"] == stands
    assert {"LICENSE", "py.typed", "pixazo_openapi/openapi.json"} <= set(stands)
    assert (copy / "LICENSE").read_text().startswith("MIT License")


def test_a_copy_holds_the_library_alone(whole: Path) -> None:
    """Neither the tools around the library nor anything compiled comes along."""
    held = json.loads((whole / "VENDORED.json").read_text())["files"]
    tops = {path.partition("/")[0].removesuffix(".py") for path in held}

    assert tops & set(LEFT_OUT) == set()
    assert tops >= {"client", "downloads", "errors", "ledger", "pixazo_openapi", "webhooks"}
    assert not [path for path in held if path.endswith(".pyc")]


def test_two_copies_are_the_same_bytes(copy: Path, tmp_path: Path, source: Source) -> None:
    """Where a copy lies and what it is called leaves no trace in it."""
    vendor(tmp_path / "elsewhere" / "other", source=source)

    assert digests(tmp_path / "elsewhere" / "other") == digests(copy)


def test_an_untouched_copy_is_clean(copy: Path, source: Source) -> None:
    """Neither byte code, nor moving the folder, nor other line ends count as edits."""
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "jobs.cpython-311.pyc").write_bytes(b"code")
    jobs = (copy / "jobs.py").read_bytes()
    (copy / "jobs.py").write_bytes(jobs.replace(b"\n", b"\r\n"))
    moved = copy.rename(copy.with_name("moved"))

    report = check(moved, source=source)

    assert report.clean
    assert report.lines() == []


def test_a_check_names_every_difference(copy: Path, source: Source) -> None:
    """Edited, missing and added files are named, and the version that is installed."""
    with (copy / "jobs.py").open("a") as file:
        file.write("# mine\n")
    (copy / "client" / "shared.py").unlink()
    (copy / "client" / "extra.py").touch()

    report = check(copy, source=newer(source))

    assert report.lines() == [
        "edited: jobs.py",
        "missing: client/shared.py",
        "added: client/extra.py",
        f"outdated: made from {source.version}, 9.8.7 is installed",
    ]
    assert (report.touched, report.clean) == (True, False)


def test_the_same_version_with_other_files_is_outdated(copy: Path, source: Source) -> None:
    """A rebuilt release of the same version does not pass for the one that was copied."""
    rebuilt = replace(newer(source), version=source.version)

    version = source.version
    assert check(copy, source=rebuilt).lines() == [
        f"outdated: made from another build of {version}, {version} is installed"
    ]


def test_links_and_pipes_in_a_copy_are_named(copy: Path, source: Source) -> None:
    """A check waits for no pipe and follows no link out of the copy but to a file's content."""
    (copy / "away").symlink_to("/etc")
    (copy / "nowhere.py").symlink_to("gone")
    os.mkfifo(copy / "pipe")
    (copy / "jobs.py").rename(copy.with_name("kept.py"))
    (copy / "jobs.py").symlink_to(copy.with_name("kept.py"))

    report = check(copy, source=source)

    assert report.lines() == ["added: away", "added: nowhere.py", "added: pipe"]


def test_no_name_that_is_imported_into_a_copy_is_left_unused(whole: Path) -> None:
    """What the copy does not ask for any more, its own version, it does not import either."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F"]

    done = subprocess.run([*command, whole], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_manifest_that_was_made_to_fit_is_found_out(copy: Path, source: Source) -> None:
    """Who edits a file and its hash is found out by the version that is installed."""
    (copy / "jobs.py").write_text("mine = True\n")
    told = json.loads((copy / "VENDORED.json").read_text())
    told["files"]["jobs.py"] = hashlib.sha256(b"mine = True\n").hexdigest()
    (copy / "VENDORED.json").write_text(json.dumps(told))

    report = check(copy, source=source)

    assert (report.touched, report.outdated) == (False, True)


def test_an_update_replaces_the_whole_folder(copy: Path, source: Source, tmp_path: Path) -> None:
    """After an update the copy is what a fresh one would be, and nothing lies beside it."""
    before = update(copy, source=newer(source))
    vendor(tmp_path / "fresh" / "pixazo", source=newer(source))

    assert (before.version, before.outdated) == (source.version, True)
    assert digests(copy) == digests(tmp_path / "fresh" / "pixazo")
    assert {path.name for path in tmp_path.iterdir()} == {"pixazo", "fresh"}


def test_an_update_leaves_edits_alone(copy: Path, source: Source) -> None:
    """Local edits stop an update, whatever kind they are, and nothing is changed."""
    (copy / "mine.py").touch()
    before = digests(copy)

    with pytest.raises(VendorError, match=r"was worked in \(1 files") as caught:
        update(copy, source=newer(source))

    assert "--force" in caught.value.hint
    assert digests(copy) == before


def test_force_overwrites_edits(copy: Path, source: Source) -> None:
    """With force the copy is whole again, even when only edits separate it from that."""
    pristine = digests(copy)
    (copy / "jobs.py").write_text("mine = True\n")
    (copy / "mine.py").touch()

    update(copy, force=True, source=source)

    assert digests(copy) == pristine


def test_an_update_keeps_what_the_copy_is(tmp_path: Path, source: Source) -> None:
    """A copy of the wire alone stays one."""
    vendor(tmp_path / "wire", wire_only=True, source=source)

    update(tmp_path / "wire", source=newer(source))

    assert json.loads((tmp_path / "wire" / "VENDORED.json").read_text())["options"]["wire_only"]
    assert not (tmp_path / "wire" / "client").exists()


def test_an_update_that_fails_leaves_the_old_copy(copy: Path, source: Source) -> None:
    """When a module of the new version cannot be relocated, the old copy stays as it is."""
    before = digests(copy)
    broken = replace(newer(source), written={**source.written, "odd.py": b"import pixazo\n"})

    with pytest.raises(VendorError, match=r"odd\.py:1"):
        update(copy, source=broken)

    assert digests(copy) == before


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, source: Source) -> None:
    """A folder with anything in it, a file, a pipe or a link is no place to write to."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "code.py").write_text("important = True\n")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")

    for name in ("theirs", "file", "link", "pipe"):
        with pytest.raises(VendorError, match="exists and is not a vendored copy"):
            vendor(tmp_path / name, source=source)

    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "theirs" / "code.py").read_text() == "important = True\n"


def test_a_manifest_that_is_a_pipe_is_waited_for_by_nobody(tmp_path: Path) -> None:
    """A folder without a readable manifest is no copy, whatever stands under its name."""
    os.mkfifo(tmp_path / "VENDORED.json")

    with pytest.raises(VendorError, match="holds no readable VENDORED"):
        check(tmp_path)


def test_a_copy_is_not_made_twice(copy: Path, source: Source) -> None:
    """Copying onto a copy is refused with the way to update it."""
    with pytest.raises(VendorError, match="is a vendored copy already") as caught:
        vendor(copy, source=source)

    assert "--update" in caught.value.hint


def test_an_empty_folder_is_free(tmp_path: Path, source: Source) -> None:
    """A folder that somebody made beforehand becomes the package."""
    (tmp_path / "ready").mkdir()

    assert vendor(tmp_path / "ready", source=source).clean


@pytest.mark.parametrize("name", ["my-gateway", "class", "1st", "a b"])
def test_a_copy_can_be_imported(tmp_path: Path, source: Source, name: str) -> None:
    """A name that no import statement can say is refused before anything is written."""
    with pytest.raises(VendorError, match="cannot be imported"):
        vendor(tmp_path / name, source=source)

    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": "1", "files": []}', "\x00"])
def test_a_damaged_manifest_is_told(copy: Path, source: Source, text: str) -> None:
    """A manifest that cannot be read stops check and update; neither guesses."""
    (copy / "VENDORED.json").write_text(text)

    for act in (check, update):
        with pytest.raises(VendorError, match="is damaged"):
            act(copy, source=source)


def test_a_folder_without_a_manifest_is_no_copy(copy: Path, source: Source) -> None:
    """Check and update of another folder say so, and how a copy is made or mended."""
    (copy / "VENDORED.json").unlink()

    with pytest.raises(VendorError, match="is not a vendored copy") as caught:
        check(copy, source=source)
    with pytest.raises(VendorError, match="is not a vendored copy") as nowhere:
        check(copy / "nowhere", source=source)

    assert caught.value.hint.startswith("Restore VENDORED.json from version control")
    assert nowhere.value.hint.startswith("Make one: pixazo vendor")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, source: Source) -> None:
    """A parent that is a file gives an error with the path, and leaves nothing behind."""
    (tmp_path / "file").touch()

    with pytest.raises(VendorError, match="cannot be written"):
        vendor(tmp_path / "file" / "pixazo", source=source)

    shutil.rmtree(tmp_path)
