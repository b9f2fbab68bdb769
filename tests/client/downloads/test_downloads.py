"""Downloads over real sockets: what arrives, what is refused, what is tried again."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pixazo.downloads import Downloader
from pixazo.errors import (
    DownloadError,
    DownloadRefused,
    DownloadTimedOut,
    MediaBroken,
    MediaTooLarge,
    UnsafeAddress,
)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What arrives


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


# What is refused


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "https only"),
        ("ftp://example.com/a", "https only"),
        ("data:image/png;base64,AAAA", "https only"),
        ("javascript:alert(1)", "https only"),
        ("//example.com/a", "https only"),
        ("/etc/passwd", "https only"),
        ("", "https only"),
        ("https://", "no host"),
        ("https:///a", "no host"),
        ("https://me:pw@example.com/a", "user name"),
        ("https://example.com:99999/a", "no port 99999"),
        ("https://example.com:0/a", "no port 0"),
        ("https://exa mple.com/a", "no name of a host"),
        ("https://exa%6dple.com/a", "no name of a host"),
        ("https://[fe80::1%25eth0]/a", "not a web address|no name of a host"),
        ("https://[::1/a", "not a web address"),
    ],
)
def test_refuses_other_addresses(save, tmp_path, url, words):
    """Only a plain https address (or http of this machine) is ever resolved."""
    with pytest.raises(UnsafeAddress, match=words) as refused:
        save([url], tmp_path)

    assert "pw" not in str(refused.value)
    assert files(tmp_path) == []


def test_refuses_loopback_by_default(media, save, kit, tmp_path):
    """Without leave, this machine is neither reached by http nor by https."""
    url = media.on("/a", kit.body(kit.png()))

    with pytest.raises(UnsafeAddress, match="https only"):
        save([url], tmp_path, allow_loopback=False)
    with pytest.raises(UnsafeAddress, match="this machine"):
        save([url.replace("http:", "https:")], tmp_path, allow_loopback=False)

    assert media.seen == []


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "127.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",  # noqa: S104
        "0",
        "127.127.127.127",
    ],
)
def test_refuses_spellings_of_loopback(media, save, tmp_path, host):
    """Loopback is refused however it is spelt."""

    def resolver(name: str, port: int) -> list[str]:
        """Read numbers as the system does; tests look up no names, so `localhost.` is told."""
        if ":" in name or name.startswith("localhost"):
            return [name.replace("localhost.", "127.0.0.1").replace("localhost", "127.0.0.1")]
        return [socket.inet_ntoa(socket.inet_aton(name))]

    with pytest.raises(UnsafeAddress, match=r"this machine|0\.0\.0\.0 is not a public"):
        save([f"https://{host}:{media.port}/a"], tmp_path, allow_loopback=False, resolver=resolver)

    assert media.seen == []


def test_refuses_name_with_one_bad_address(save, tmp_path):
    """One private address among public ones spoils a name."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "10.0.0.7"]

    with pytest.raises(UnsafeAddress, match=r"10\.0\.0\.7 is not a public address"):
        save(["https://media.example/a"], tmp_path, resolver=resolver)

    assert asked == ["media.example"]


def test_refuses_http_to_other_machines(save, kit, tmp_path):
    """Even with leave for loopback, http goes to this machine only."""
    with pytest.raises(UnsafeAddress, match="only there is http allowed"):
        save(["http://media.example/a"], tmp_path, resolver=kit.names("93.184.216.34"))


def test_connects_to_the_judged_address(media, save, kit, tmp_path):
    """A name is resolved once: the connection goes to the judged address, not to a second look."""
    url = media.on("/a", kit.body(kit.png()))

    (path,) = save(
        [url.replace("127.0.0.1", "rebind.example")],
        tmp_path,
        resolver=kit.names(["127.0.0.1"], "10.0.0.7"),
    )

    assert path.read_bytes() == kit.png()
    assert media.headers()["host"] == f"rebind.example:{media.port}"


def test_tries_every_address(media, save, kit, tmp_path, clock):
    """A dead first address does not spoil a name with a living second one."""
    url = media.on("/a", kit.body(kit.png())).replace("127.0.0.1", "two.example")

    (path,) = save([url], tmp_path, resolver=kit.names("127.0.0.2", "127.0.0.1"))

    assert path.read_bytes() == kit.png()
    assert clock.pauses == []


def test_follows_few_redirects(media, save, kit, tmp_path):
    """Three redirects are followed, relative ones too; a fourth is not."""
    for hop in range(4):
        media.on(f"/hop{hop}", kit.body(b"", 302, location=f"hop{hop + 1}"))
    media.on("/hop4", kit.body(kit.png()))

    (path,) = save([media.url("/hop1")], tmp_path)
    with pytest.raises(UnsafeAddress, match="more than 3 times"):
        save([media.url("/hop0")], tmp_path)

    assert path.read_bytes() == kit.png()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://10.0.0.1/a", "not a public address"),
        ("https://169.254.169.254/latest/meta-data", "not a public address"),
        ("https://[64:ff9b::7f00:1]/a", "127.0.0.1 in disguise"),
        ("http://93.184.216.34/a", "only there is http allowed"),
        ("file:///etc/passwd", "https only"),
        ("gopher://127.0.0.1/", "https only"),
        ("https://[", "no name of a host"),
        ("https://a:b:c/", "no web address"),
        ("", "more than 3 times"),
    ],
)
def test_judges_every_hop(media, save, kit, tmp_path, location, words):
    """A redirect is judged like the first address."""
    url = media.on("/a", kit.body(b"", 302, location=location))

    with pytest.raises(UnsafeAddress, match=words):
        save([url], tmp_path)

    assert files(tmp_path) == []


def test_stops_at_the_cap(media, save, kit, tmp_path):
    """Too many bytes are refused by the head when stated, and while they come when not."""

    def endless(request):
        kit.head(request, 200, {"connection": "close"})
        while True:
            request.wfile.write(kit.png(50_000))

    stated = media.on("/stated", kit.body(kit.png(5000)))
    unstated = media.on("/unstated", endless)

    for url in (stated, unstated):
        with pytest.raises(MediaTooLarge, match="more than the 3,000 bytes"):
            save([url], tmp_path, max_bytes=3000)

    assert files(tmp_path) == []


def test_unpacks_gzip_within_the_cap(media, save, kit, tmp_path):
    """A server that packs unasked is understood, a packed bomb is not."""
    fine = media.on("/fine", kit.body(gzip.compress(kit.png()), content_encoding="gzip"))
    bomb = gzip.compress(bytes(20_000_000))
    bad = media.on("/bomb", kit.body(bomb, content_encoding="gzip"))
    odd = media.on("/odd", kit.body(b"x" * 99, content_encoding="br"))
    cut = media.on("/cut", kit.body(gzip.compress(kit.png())[:-9], content_encoding="x-gzip"))

    (path,) = save([fine], tmp_path / "fine")
    with pytest.raises(MediaTooLarge):
        save([bad], tmp_path / "bad", max_bytes=1_000_000)
    with pytest.raises(MediaBroken, match="'br', which was not asked for"):
        save([odd], tmp_path / "bad")
    with pytest.raises(MediaBroken, match="the packed body has no end"):
        save([cut], tmp_path / "bad")

    assert path.read_bytes() == kit.png()
    assert files(tmp_path / "bad") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "<!DOCTYPE html>"),
        (b'{"error": "expired"}', '{"error": "expired"}'),
        ("<Error>Zugriff verweigert, müde</Error>".encode(), "<Error>"),
        (b"<html>" + b"x" * 900_000, "<html>"),
        (b"", "the body is empty"),
        (b"not\xff" + b"text, but no PNG", None),
    ],
)
def test_refuses_words(media, save, kit, tmp_path, content, words):
    """A page, an error message or nothing at all is no medium; unknown bytes may be one."""
    url = media.on("/a.png", kit.body(content, content_type="image/png"))

    if words is None:
        assert [path.name for path in save([url], tmp_path)] == ["job-0.bin"]
        return
    with pytest.raises(MediaBroken) as broken:
        save([url], tmp_path)

    assert words in str(broken.value)
    assert len(str(broken.value)) < 600
    assert broken.value.charged == "yes"
    assert files(tmp_path) == []


def test_refuses_by_status(media, save, kit, tmp_path, clock):
    """A refusal names the status and is not repeated when it would not change."""
    url = media.on("/a", kit.body(b"no", 410))

    with pytest.raises(DownloadRefused, match="status 410") as refused:
        save([url], tmp_path)

    assert refused.value.status_code == 410
    assert "expire" in refused.value.hint
    assert len(media.seen) == 1
    assert clock.pauses == []


# What is tried again


@pytest.mark.parametrize("status", [404, 408, 425, 429, 500, 502, 503, 504])
def test_repeats_passing_refusals(media, save, kit, tmp_path, clock, status):
    """A status that may pass is tried again after a growing pause."""
    no, yes = kit.body(b"later", status), kit.body(kit.png())
    url = media.on("/a", no, no, yes)

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == kit.png()
    assert clock.pauses == [0.5, 1.0]


def test_obeys_retry_after(media, save, kit, tmp_path, clock):
    """The pause that a server asks for is kept, up to a bearable one."""
    waits = [kit.body(b"", 503, retry_after=text) for text in ("7", "86400", "soon")]
    url = media.on("/a", *waits, kit.body(kit.png()))

    save([url], tmp_path)

    assert clock.pauses == [7.0, 30.0, 2.0]


def test_gives_up(media, save, kit, tmp_path, clock):
    """The tries are bounded, and the last error is the one that is told."""
    url = media.on("/a", kit.body(b"", 500), kit.body(b"", 503))

    with pytest.raises(DownloadRefused, match="status 503"):
        save([url], tmp_path)

    assert len(media.seen) == 4
    assert len(clock.pauses) == 3


def test_starts_again_without_entity_tag(media, save, kit, tmp_path):
    """Without a strong entity tag a cut body is fetched again from its first byte."""
    content = kit.png(200_000)
    cut = kit.body(content[:99_000], content_length=str(len(content)), etag='W/"weak"')
    url = media.on("/a", cut, kit.body(content))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert "range" not in media.headers()


def test_tells_of_a_cut_body(media, save, kit, tmp_path):
    """A body that always ends early is an error, and no half of it stays."""
    content = kit.png(200_000)
    url = media.on("/a", kit.body(content[:99_000], content_length=str(len(content))))

    with pytest.raises(DownloadError, match="could not be fetched"):
        save([url], tmp_path)

    assert len(media.seen) == 4
    assert files(tmp_path) == []


def test_goes_on_where_it_broke_off(media, save, kit, tmp_path):
    """With a strong entity tag the next try asks for the rest only."""
    content = kit.png(600_000)
    cuts = [kit.ranged(content, stop_at=end) for end in (200_000, 400_000)]
    url = media.on("/a", *cuts, kit.ranged(content))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert [headers.get("range") for _, headers in media.seen] == [
        None,
        "bytes=200000-",
        "bytes=400000-",
    ]
    assert media.headers()["if-range"] == '"v1"'


def test_survives_many_breaks_that_bring_bytes(media, save, kit, tmp_path):
    """Only tries in a row that bring nothing new are counted."""
    content = kit.png(100_000)
    cuts = [kit.ranged(content, stop_at=end) for end in range(10_000, 100_000, 10_000)]
    url = media.on("/a", *cuts, kit.ranged(content))

    (path,) = save([url], tmp_path, attempts=2)

    assert path.read_bytes() == content
    assert len(media.seen) == 10


def test_goes_on_in_another_process(media, save, kit, tmp_path):
    """A part left by an earlier download of the same medium is continued, signature or not."""
    content = kit.png(300_000)
    url = media.on("/a", kit.ranged(content, stop_at=150_000))
    with pytest.raises(DownloadError):
        save([url + "?sig=1"], tmp_path)
    left = files(tmp_path)
    media.seen.clear()
    media.on("/a", kit.ranged(content))

    (path,) = save([url + "?sig=2"], tmp_path)

    assert left == ["job-0.part", "job-0.part.note"]
    assert path.read_bytes() == content
    assert media.headers()["range"] == "bytes=150000-"
    assert files(tmp_path) == ["job-0.png"]


def test_does_not_mix_two_media(media, save, kit, tmp_path):
    """A part of other bytes is dropped: another tag, another address, another span."""
    old, new = kit.png(300_000, seed=1), kit.png(300_000, seed=2)
    url = media.on("/a", kit.ranged(old, etag='"old"', stop_at=150_000))
    with pytest.raises(DownloadError):
        save([url], tmp_path / "tag")
    with pytest.raises(DownloadError):
        save([url], tmp_path / "address")
    media.on("/a", kit.ranged(new, etag='"new"'))
    other = media.on("/b", kit.ranged(new, etag='"old"'))

    (by_tag,) = save([url], tmp_path / "tag")
    (by_address,) = save([other], tmp_path / "address")

    assert by_tag.read_bytes() == new
    assert by_address.read_bytes() == new


@pytest.mark.parametrize(
    ("content_range", "etag"),
    [
        ("bytes 0-299999/300000", '"v1"'),
        ("bytes 149999-299999/300000", '"v1"'),
        ("nonsense", '"v1"'),
        ("bytes 150000-300000/300001", '"v2"'),
    ],
)
def test_distrusts_odd_spans(media, save, kit, tmp_path, content_range, etag):
    """A 206 that does not fit the part exactly is not appended to it."""
    content = kit.png(300_000)
    odd = kit.body(content[:150_000], 206, content_range=content_range, etag=etag)
    url = media.on("/a", kit.ranged(content, stop_at=150_000), odd, kit.ranged(content))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert "range" not in media.headers()


def test_starts_again_when_the_range_is_refused(media, save, kit, tmp_path):
    """A part that the server calls out of range is dropped and the medium fetched anew."""
    content = kit.png(300_000)
    first, refusal = kit.ranged(content, stop_at=150_000), kit.body(b"", 416)
    url = media.on("/a", first, refusal, kit.ranged(content))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content


def test_detects_media_without_their_end(media, save, kit, tmp_path):
    """A medium cut off by a server that states the cut length is fetched again, then refused."""
    content = kit.png(5000)
    healing = media.on("/healing", kit.body(content[:3000]), kit.body(content))
    broken = media.on("/broken", kit.body(content[:3000], etag='"v1"'))

    (path,) = save([healing], tmp_path / "healing")
    with pytest.raises(MediaBroken, match="3000 bytes came, and the PNG has no end mark"):
        save([broken], tmp_path / "broken")

    assert path.read_bytes() == content
    assert files(tmp_path / "broken") == []


def test_repeats_unresolved_names(save, tmp_path, clock):
    """A resolver that fails is asked again, then the error says what could not be resolved."""

    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(DownloadError, match="cannot be resolved: no such name"):
        save(["https://nowhere.example/a"], tmp_path, resolver=resolver)

    assert len(clock.pauses) == 3


# What takes too long


def drip_head(request):
    request.connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in range(200):
        request.connection.sendall(b"a")
        time.sleep(0.05)


def drip_body(request):
    request.connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n\x89PNG")
    for _ in range(200):
        request.connection.sendall(b"\0")
        time.sleep(0.05)


def say_nothing(request):
    time.sleep(10)


@pytest.mark.parametrize("slow", [drip_head, drip_body, say_nothing])
def test_ends_at_the_deadline(media, save, tmp_path, slow):
    """However slowly a server drips, head or body, the download ends at its deadline."""
    url = media.on("/a", slow)
    started = time.monotonic()

    with pytest.raises(DownloadTimedOut, match=r"did not arrive within 0\.4 s") as late:
        save([url], tmp_path, timeout_s=0.4)

    assert time.monotonic() - started < 2
    assert isinstance(late.value, TimeoutError)
    assert files(tmp_path) == []


def test_bounds_the_resolver(save, tmp_path):
    """A resolver that hangs does not outlast the deadline."""

    def resolver(host: str, port: int) -> list[str]:
        time.sleep(1)
        return []

    with pytest.raises(DownloadTimedOut):
        save(["https://slow.example/a"], tmp_path, resolver=resolver, timeout_s=0.2)


def test_does_not_pause_past_the_deadline(media, save, kit, tmp_path, clock):
    """When the next pause would end after the deadline, the error comes at once."""
    url = media.on("/a", kit.body(b"", 503, retry_after="20"))

    with pytest.raises(DownloadRefused, match="status 503"):
        save([url], tmp_path, timeout_s=30)

    assert clock.pauses == [20.0]


def test_stalls_are_tried_again(media, save, kit, tmp_path):
    """A server that falls silent is left after the stall time and asked again."""
    url = media.on("/a", say_nothing, kit.body(kit.png()))

    (path,) = save([url], tmp_path, stall_s=0.2)

    assert path.read_bytes() == kit.png()


def test_takes_one_address(media, save, kit, tmp_path):
    """One address may come as a plain string, none at all gives no file."""
    url = media.on("/a", kit.body(kit.png()))

    assert [path.name for path in save(url, tmp_path)] == ["job-0.png"]
    assert save([], tmp_path / "none") == []


def test_import_loads_no_http_library():
    """Importing the downloads loads neither httpx2 nor TLS stores nor asyncio's servers."""
    code = "import sys, pixazo.downloads; print([m for m in ('httpx2', 'truststore') if m in sys.modules])"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_is_reusable(media, kit, tmp_path):
    """One downloader serves many calls."""
    url = media.on("/a", kit.body(kit.png()))
    downloader = Downloader(allow_loopback=True)

    first = downloader.save([url], tmp_path, stem="a")
    second = downloader.save([url], tmp_path, stem="b")

    assert [path.name for path in first + second] == ["a-0.png", "b-0.png"]
