"""What arrives: files, names, sidecars, progress, and nothing that tells who asked."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from pixazo.downloads import Downloader
from pixazo.errors import (
    DownloadRefused,
    UnsafeAddress,
)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_saves_media_in_order(media, save, kit, tmp_path):
    """Every address becomes one whole file, named by stem and index, in a folder made for it."""
    contents = [kit.png(seed=1), kit.png(seed=2), b"\xff\xd8\xff\xe0" + bytes(900) + b"\xff\xd9"]
    urls = [media.on(f"/{n}/output.ext", kit.body(c)) for n, c in enumerate(contents)]

    paths = save(urls, tmp_path / "a" / "b", stem="qwen-image-max_019d")

    assert [path.name for path in paths] == [
        "qwen-image-max_019d-0.png",
        "qwen-image-max_019d-1.png",
        "qwen-image-max_019d-2.jpg",
    ]
    assert [path.read_bytes() for path in paths] == contents
    assert len(files(tmp_path / "a" / "b")) == 3


def test_sends_no_key_and_little_else(media, save, kit, tmp_path, monkeypatch):
    """A media server learns no key, no cookie and no credentials from a .netrc file."""
    monkeypatch.setenv("PIXAZO_API_KEY", "key-that-must-stay")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    url = media.on("/a", kit.body(kit.png(), set_cookie="a=b"))

    save([url, url], tmp_path / "out")

    assert set(media.headers()) == {"host", "connection", "accept", "accept-encoding", "user-agent"}
    assert media.headers()["host"] == f"127.0.0.1:{media.port}"
    assert media.headers()["accept-encoding"] == "identity"
    assert "key-that-must-stay" not in str(media.seen)


def test_ignores_proxies(media, save, kit, tmp_path, monkeypatch):
    """A proxy named in the environment sees nothing of a download."""
    for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    url = media.on("/a", kit.body(kit.png()))

    paths = save([url], tmp_path)

    assert paths[0].read_bytes() == kit.png()


def test_writes_sidecar(media, save, kit, tmp_path):
    """The sidecar holds the caller's words and each file's hash, size, type and bare address."""
    url = media.on("/a", kit.body(kit.png(), content_type="text/html"))

    (path,) = save([url + "?sig=SECRET"], tmp_path, sidecar={"request_id": "r1", "prompt": "ä"})

    sidecar = json.loads((tmp_path / "job.json").read_text("utf-8"))
    assert sidecar == {
        "request_id": "r1",
        "prompt": "ä",
        "files": [
            {
                "name": "job-0.png",
                "url": url,
                "sha256": hashlib.sha256(kit.png()).hexdigest(),
                "bytes": path.stat().st_size,
                "media_type": "image/png",
            }
        ],
    }


def test_tells_progress(media, save, kit, tmp_path):
    """Progress counts the bytes of all media; the sum is told once the last size is known."""
    first, second = kit.png(300_000, seed=1), kit.png(200_000, seed=2)
    urls = [media.on("/1", kit.body(first)), media.on("/2", kit.body(second))]
    told: list[tuple[int, int | None]] = []

    save(urls, tmp_path, on_progress=lambda done, total: told.append((done, total)))

    whole = len(first) + len(second)
    assert told[-1] == (whole, whole)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {total for _, total in told} == {None, whole}
    assert len(told) > 4


def test_keeps_signatures_out_of_logs_and_errors(media, save, kit, tmp_path, caplog):
    """The query of a signed address shows neither in logs nor in what an error says."""
    caplog.set_level(logging.INFO)
    good = media.on("/good", kit.body(kit.png())) + "?X-Sig=SECRET#SECRET"
    gone = media.on("/gone", kit.body(b"", 403)) + "?X-Sig=SECRET"
    away = media.on("/away", kit.body(b"", 302, location="ftp://u:SECRET@h/a?SECRET"))

    save([good], tmp_path)
    with pytest.raises(DownloadRefused) as refused:
        save([gone], tmp_path)
    with pytest.raises(UnsafeAddress) as unsafe:
        save([away], tmp_path)

    for error in (refused.value, unsafe.value):
        assert "SECRET" not in f"{error!r} {error} {error.hint} {vars(error)}"
    assert "SECRET" not in caplog.text
    assert "X-Sig=SECRET" in media.seen[0][0]


def test_takes_one_address(media, save, kit, tmp_path):
    """One address may come as a plain string, none at all gives no file."""
    url = media.on("/a", kit.body(kit.png()))

    assert [path.name for path in save(url, tmp_path)] == ["job-0.png"]
    assert save([], tmp_path / "none") == []


def test_import_loads_no_http_library():
    """Importing the downloads loads neither httpx2 nor its way to the system's certificates."""
    code = "import sys, pixazo.downloads; print({'httpx2', 'truststore'} & set(sys.modules))"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "set()"


def test_is_reusable(media, kit, tmp_path):
    """One downloader serves many calls."""
    url = media.on("/a", kit.body(kit.png()))
    downloader = Downloader(allow_loopback=True)

    first = downloader.save([url], tmp_path, stem="a")
    second = downloader.save([url], tmp_path, stem="b")

    assert [path.name for path in first + second] == ["a-0.png", "b-0.png"]
