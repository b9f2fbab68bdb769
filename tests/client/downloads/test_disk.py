"""Files: names, twins, parts, sidecars, full disks, killed and cancelled downloads."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixazo.downloads import Downloader, disk, sidecars
from pixazo.downloads.names import safe_stem
from pixazo.downloads.parts import Note, Part
from pixazo.errors import DownloadError, FolderUnusable


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Names


@pytest.mark.parametrize(
    ("stem", "safe"),
    [
        ("qwen-image-max_019eb1b4-aa", "qwen-image-max_019eb1b4-aa"),
        ("../../etc/passwd", "___etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "media"),
        ("", "media"),
        (".bashrc", "bashrc"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"),
        ("a\0b\nc\x1bd", "a_b_c_d"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("tiger am Fluß", "tiger_am_Fluß"),
        ("evil\u202egnp", "evil_gnp"),
        ("C:evil", "C_evil"),
    ],
)
def test_makes_stems_safe(stem, safe):
    """A stem becomes one visible part of a path, whatever it holds."""
    assert safe_stem(stem) == safe


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=400))
def test_any_stem_is_one_part_of_a_path(stem):
    """No text gets out of the folder, hides, or is too long for a file system."""
    safe = safe_stem(stem)
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert len(f"{safe}-999.safetensors.part.note".encode()) < 255
    assert safe_stem(safe) == safe


def test_long_stems_stay_apart():
    """Two long stems that differ at their end give two names."""
    assert safe_stem("x" * 300 + "a") != safe_stem("x" * 300 + "b")


# Twins


def test_keeps_twins(media, save, kit, tmp_path):
    """Saved again, the same content keeps its file, untouched."""
    url = media.on("/a", kit.body(kit.png()))
    (first,) = save([url], tmp_path)
    before = first.stat().st_mtime_ns

    (second,) = save([url], tmp_path)

    assert second == first
    assert second.stat().st_mtime_ns == before
    assert files(tmp_path) == ["job-0.png"]


def test_never_overwrites(media, save, kit, tmp_path):
    """Another content gets the next free name, and finds it again the next time."""
    mine = tmp_path / "job-0.png"
    mine.write_bytes(b"the only picture of my cat")
    (tmp_path / "job-0-2.png").mkdir()
    url = media.on("/a", kit.body(kit.png()))

    first, second = save([url], tmp_path), save([url], tmp_path)

    assert [path.name for path in first + second] == ["job-0-3.png", "job-0-3.png"]
    assert mine.read_bytes() == b"the only picture of my cat"


@pytest.mark.parametrize("where", ["disk", "system"])
def test_moves_where_no_links_exist(media, save, kit, tmp_path, monkeypatch, where):
    """A file system or a platform without hard links gets its files too, none is overwritten."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if where == "disk":
        monkeypatch.setattr(os, "link", refuse)
    else:
        monkeypatch.delattr(os, "link")
    (tmp_path / "job-0.png").write_bytes(b"mine")
    url = media.on("/a", kit.body(kit.png()))

    (path,) = save([url], tmp_path)

    assert path.name == "job-0-2.png"
    assert path.read_bytes() == kit.png()
    assert files(tmp_path) == ["job-0-2.png", "job-0.png"]


# Parts


def test_follows_no_link_at_the_part(media, save, kit, tmp_path):
    """A symbolic link under the part's name is not written through."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "job-0.part").symlink_to(victim)
    url = media.on("/a", kit.body(kit.png()))

    with pytest.raises(FolderUnusable, match=r"job-0\.part"):
        save([url], tmp_path / "out")

    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_follows_no_link_at_a_sidecars_part(tmp_path, link):
    """Another file under the name of a sidecar's part is not written through."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    link(tmp_path / "job.json.part", victim)

    with suppress(FolderUnusable):
        sidecars.write(tmp_path, "job", {"request_id": "a"})

    assert victim.read_bytes() == b"precious"


def test_a_kill_while_a_sidecar_is_made_durable_leaves_a_part_and_the_next_save_none(tmp_path):
    """What is left stands under no name of its own, and goes where other parts go."""
    code = f"""
import os, signal
from pathlib import Path
from pixazo.downloads import sidecars
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
sidecars.write(Path({str(tmp_path)!r}), "job", {{"request_id": "a", "files": ["killed"]}})
"""
    child = subprocess.run([sys.executable, "-c", code], check=False)
    left = files(tmp_path)
    sidecars.write(tmp_path, "job", {"request_id": "a"})

    assert (child.returncode, left) == (-signal.SIGKILL, ["job.json.part"])
    assert files(tmp_path) == ["job.json"]
    assert json.loads((tmp_path / "job.json").read_text()) == {"request_id": "a"}


def test_two_writers_do_not_mix(media, save, kit, tmp_path):
    """While a part is being written, a second download of it is refused with a clear error."""
    url = media.on("/a", kit.body(kit.png()))

    with Part(tmp_path, "job-0") as part:
        part.open()
        with pytest.raises(DownloadError, match="another download") as busy:
            save([url], tmp_path)

    assert "another name" in busy.value.hint
    assert save([url], tmp_path)[0].read_bytes() == kit.png()


def test_two_writers_do_not_mix_on_windows(tmp_path, monkeypatch):
    """There one byte is locked, through another module, and the part is read from its start."""
    held: dict[int, int] = {}

    def locking(descriptor: int, _: int, count: int) -> None:
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        if held.setdefault(place, descriptor) != descriptor:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with Part(tmp_path, "job-0") as mine, Part(tmp_path, "job-0") as other:
        mine.open()
        mine.begin(None)
        with pytest.raises(DownloadError, match="another download"):
            other.open()
        mine.write(b"whole")

        assert mine.head() == b"whole"


def test_many_writers_one_file(media, kit, tls, tmp_path):
    """Eight threads saving the same medium leave one whole file and nothing else."""
    content = kit.png(300_000)
    url = media.on("/a", kit.body(content))
    downloader = Downloader(allow_loopback=True, ssl_context=tls)

    def save_until_done() -> None:
        while True:
            try:
                downloader.save([url], tmp_path, stem="job")
            except DownloadError:
                time.sleep(0.01)
            else:
                return

    threads = [threading.Thread(target=save_until_done) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert files(tmp_path) == ["job-0.png"]
    assert (tmp_path / "job-0.png").read_bytes() == content


def test_part_that_got_its_name_meanwhile_is_left_alone(tmp_path):
    """Between opening and locking another writer may finish: its file is not written to."""
    done = tmp_path / "job-0.png"

    class SlowPart(Part):
        """Is overtaken by another writer once."""

        def _hold(self, file) -> None:
            if not done.exists():
                self.path.write_bytes(b"whole")
                self.path.rename(done)
            super()._hold(file)

    with SlowPart(tmp_path, "job-0") as part:
        part.open()
        part.begin(None)
        part.write(b"another medium")

    assert done.read_bytes() == b"whole"
    assert files(tmp_path) == ["job-0.png"]


def test_kill_between_two_names_costs_no_medium(media, save, kit, tmp_path):
    """A medium whose part was not removed any more stays whole when it is fetched again in vain."""
    (path,) = save([media.on("/a", kit.body(kit.png()))], tmp_path)
    os.link(path, tmp_path / "job-0.part")

    with pytest.raises(DownloadError):
        save([media.on("/a", kit.body(kit.png()[:1000], content_length=5000))], tmp_path)

    assert path.read_bytes() == kit.png()
    assert files(tmp_path) == ["job-0.png"]


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", "[" * 100_000, '{"url": 1}', '{"url": "a", "etag": null}']
    + [json.dumps({"url": "a", "etag": tag, "total": None}) for tag in ("€", '"a\r\nb"', 'W/"1"')],
)
def test_damaged_notes_start_anew(media, save, kit, tmp_path, note):
    """A part whose note cannot be read is not trusted."""
    (tmp_path / "job-0.part").write_bytes(b"\x89PNG half")
    (tmp_path / "job-0.part.note").write_text(note)
    url = media.on("/a", kit.ranged(kit.png()))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == kit.png()
    assert "range" not in media.headers()
    assert files(tmp_path) == ["job-0.png"]


def test_whole_part_needs_no_request(media, save, kit, tmp_path):
    """A download that was killed between its last byte and its name is finished from the disk."""
    content = kit.png(5000)
    url = media.url("/a")
    with Part(tmp_path, "job-0") as part:
        part.open()
        part.begin(Note(url, '"v1"', len(content)))
        part.write(content)

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert media.seen == []
    assert files(tmp_path) == ["job-0.png"]


def test_whole_part_of_another_medium_is_fetched_anew(media, save, kit, tmp_path):
    """A whole part is taken for the medium only when its note names the same address."""
    with Part(tmp_path, "job-0") as part:
        part.open()
        part.begin(Note("https://elsewhere.example/a", '"v1"', len(kit.png(seed=1))))
        part.write(kit.png(seed=1))
    url = media.on("/a", kit.ranged(kit.png(seed=2)))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == kit.png(seed=2)


KILLED = """
import sys
from pixazo.downloads import Downloader
Downloader(allow_loopback=True).save([sys.argv[1]], sys.argv[2], stem="job")
"""


def test_killed_download_goes_on(media, save, kit, tmp_path):
    """After SIGKILL in the middle of the bytes, the next process fetches only the rest."""
    content = kit.png(2_000_000)
    half = threading.Event()

    def stop_half_way(request):
        fields = {"content-length": str(len(content)), "etag": '"v1"'}
        kit.head(request, 200, fields)
        request.wfile.write(content[:1_000_000])
        request.wfile.flush()
        half.set()
        time.sleep(15)

    url = media.on("/a", stop_half_way, kit.ranged(content))
    child = subprocess.Popen([sys.executable, "-c", KILLED, url, str(tmp_path)])
    half.wait(10)
    while (tmp_path / "job-0.part").stat().st_size < 1_000_000:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert media.headers()["range"] == "bytes=1000000-"
    assert files(tmp_path) == ["job-0.png"]


def test_cancelled_download_leaves_nothing_half_done(media, kit, tls, tmp_path):
    """A cancelled task stops at once and leaves only what can be continued."""

    def hang(request):
        kit.head(request, 200, {"content-length": "100000", "etag": '"v1"'})
        request.wfile.write(kit.png()[:1000])
        request.wfile.flush()
        time.sleep(5)

    url = media.on("/a", hang)
    downloader = Downloader(allow_loopback=True, ssl_context=tls)

    async def cancel() -> None:
        task = asyncio.create_task(downloader.save_async([url], tmp_path, stem="job"))
        while (
            not (tmp_path / "job-0.part").exists() or not (tmp_path / "job-0.part").stat().st_size
        ):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = time.monotonic()
    asyncio.run(cancel())

    assert time.monotonic() - started < 3
    assert files(tmp_path) == ["job-0.part", "job-0.part.note"]


def test_cancelled_before_the_first_byte_leaves_nothing(media, kit, tls, tmp_path):
    """A task that is cancelled while its part is made, on a busy machine, leaves no part."""
    url, folder = media.on("/a", kit.body(kit.png())), tmp_path / "out"
    downloader, release = Downloader(allow_loopback=True, ssl_context=tls), threading.Event()

    async def cancel() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        task = asyncio.create_task(downloader.save_async([url], folder, stem="job"))
        await asyncio.sleep(0)  # the folder is first in the queue
        await asyncio.sleep(0)
        busy = loop.run_in_executor(None, release.wait, 10)
        while not folder.exists():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # now the part waits behind the busy thread
        task.cancel()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await busy

    asyncio.run(cancel())

    assert files(folder) == []


def test_failing_progress_lets_go(media, save, kit, tmp_path):
    """An error of the caller's own in on_progress comes through, and the part is let go."""
    url = media.on("/a", kit.body(kit.png()))

    def fail(done: int, total: int | None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save([url], tmp_path, on_progress=fail)

    assert files(tmp_path) == []


# Sidecars


def test_sidecar_of_the_same_request_is_renewed(media, save, kit, tmp_path):
    """A sidecar is written over one of the same request, and over nothing else."""
    url = media.on("/a", kit.body(kit.png()))
    save([url], tmp_path, sidecar={"request_id": "r1", "note": "old"})

    save([url], tmp_path, sidecar={"request_id": "r1", "note": "new"})
    save([url], tmp_path, sidecar={"request_id": "r2"})

    assert files(tmp_path) == ["job-0.png", "job-2.json", "job.json"]
    assert json.loads((tmp_path / "job.json").read_text())["note"] == "new"
    assert json.loads((tmp_path / "job-2.json").read_text())["request_id"] == "r2"


@pytest.mark.parametrize(
    "there", ["", "not json", "[]", "[" * 100_000, '{"request_id": "r1"}'], ids=lambda it: it[:8]
)
def test_foreign_files_are_no_sidecars(media, save, kit, tmp_path, there):
    """A file that is no sidecar stays as it is."""
    (tmp_path / "job.json").write_text(there)
    url = media.on("/a", kit.body(kit.png()))

    save([url], tmp_path, sidecar={"request_id": "r1"})
    save([url], tmp_path, sidecar={"request_id": "r1"})

    assert (tmp_path / "job.json").read_text() == there
    assert files(tmp_path) == ["job-0.png", "job-2.json", "job.json"]


def test_sidecar_without_request_id(media, save, kit, tmp_path):
    """Without a request id, only an equal sidecar is the same sidecar; odd values become text."""
    url = media.on("/a", kit.body(kit.png()))

    for _ in range(2):
        save([url], tmp_path, sidecar={"folder": Path("a"), "lone": "\ud800"})
    save([url], tmp_path, sidecar={"folder": Path("b")})

    assert files(tmp_path) == ["job-0.png", "job-2.json", "job.json"]
    assert json.loads((tmp_path / "job-2.json").read_text())["folder"] == "b"


# Folders


@pytest.mark.parametrize(
    ("name", "warnings"),
    [("tiger.png", 1), ("a/lora.SafeTensors", 1), ("v1.0", 0), ("out", 0), ("my.project", 0)],
)
def test_a_folder_called_like_a_picture_is_told_of(
    media, save, kit, tmp_path, caplog, name, warnings
):
    """What is paid for is saved all the same; a log line says where, the first time only."""
    url = media.on("/a", kit.body(kit.png()))

    saved = [save([url], tmp_path / name) for _ in range(2)]

    assert saved[0] == saved[1] == [tmp_path / name / "job-0.png"]
    assert [str(tmp_path / name) in text for text in caplog.messages] == [True] * warnings


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_unusable_folder_costs_no_request(media, save, kit, tmp_path, place):
    """A folder that cannot be made is told before anything is fetched."""
    (tmp_path / "file").write_bytes(b"")
    url = media.on("/a", kit.body(kit.png()))

    with pytest.raises(FolderUnusable, match="cannot use the folder") as unusable:
        save([url], tmp_path / place)

    assert str(tmp_path / place) in str(unusable.value)
    assert "choose a folder" in unusable.value.hint
    assert media.seen == []


@pytest.mark.parametrize("folder", [None, 3, b"out", "o\0ut"])
def test_what_is_no_path_is_no_folder(media, save, kit, folder):
    """A setting that nobody made, say, is told before anything is fetched."""
    url = media.on("/a", kit.body(kit.png()))

    with pytest.raises(FolderUnusable, match="it is no path") as unusable:
        save([url], folder)

    assert repr(folder) in str(unusable.value)
    assert media.seen == []


FULL = """
import resource, sys
from pixazo.downloads import Downloader
from pixazo.errors import FolderUnusable
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    Downloader(allow_loopback=True).save([sys.argv[1]], sys.argv[2], stem="job")
except FolderUnusable as error:
    print(error)
"""


def test_full_disk_is_one_clear_error(media, kit, tmp_path):
    """When the system takes no more bytes, the error names the file and no part stays behind."""
    url = media.on("/a", kit.ranged(kit.png(300_000)))

    told = subprocess.run(
        [sys.executable, "-c", FULL, url, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert f"cannot write {tmp_path}/job-0.part: File too large" in told.stdout
    assert "limit on file sizes" in told.stdout
    assert files(tmp_path) == []


def test_put_takes_no_name_twice(tmp_path):
    """A name that is taken is an error, and both files stay."""
    source, destination = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"new")
    destination.write_bytes(b"old")

    with pytest.raises(FileExistsError):
        disk.put(source, destination)

    assert (source.read_bytes(), destination.read_bytes()) == (b"new", b"old")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no place where root makes no file")
def test_a_folder_that_even_root_cannot_write_to_is_refused_before_paying() -> None:
    """Permission is not asked for but tried: the super-user is allowed what cannot be done."""
    with pytest.raises(FolderUnusable, match="/proc cannot be written to") as caught:
        disk.check_folder(Path("/proc/pixazo"))

    assert caught.value.charged == "no"


def test_a_current_folder_that_is_gone_is_told_before_paying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative folder of a program whose own was removed is one error, not the system's."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(FolderUnusable, match="the current folder is gone"):
        disk.check_folder(Path("out"))

    disk.check_folder(tmp_path / "out")


def test_a_folder_that_can_be_used_is_left_as_it_was(tmp_path: Path) -> None:
    """Trying leaves neither a file nor the folder that is to come."""
    disk.check_folder(tmp_path / "new" / "folder")

    assert files(tmp_path) == []
