"""What is refused: addresses, hops, sizes, words in place of media."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from pixazo.downloads import bodies, steps
from pixazo.errors import (
    DownloadRefused,
    MediaBroken,
    MediaTooLarge,
    UnsafeAddress,
)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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
    assert "nothing was fetched" in refused.value.hint
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

    with pytest.raises(UnsafeAddress, match=words) as refused:
        save([url], tmp_path)

    assert "a redirect from there" in refused.value.hint
    assert files(tmp_path) == []


def test_stops_at_the_cap(media, save, kit, tmp_path):
    """Too many bytes are refused by the head when stated, and while they come when not."""

    def endless(request):
        kit.head(request, 200, {"connection": "close", "etag": '"v1"'})
        request.wfile.write(kit.png(50_000)[:2000])
        time.sleep(0.1)  # so that a part begins
        while True:
            request.wfile.write(bytes(50_000))

    def announced(request):
        kit.head(request, 200, {"content-length": "3001"})
        time.sleep(5)

    stated = media.on("/stated", announced)
    unstated = media.on("/unstated", endless)

    for url in (stated, unstated):
        with pytest.raises(MediaTooLarge, match="more than the 3,000 bytes"):
            save([url], tmp_path, max_bytes=3000, stall_s=1, attempts=1)

    assert files(tmp_path) == []


def test_unpacks_gzip_within_the_cap(media, save, kit, tmp_path):
    """A server that packs unasked is understood, a packed bomb is not."""
    fine = media.on("/fine", kit.body(gzip.compress(kit.png()), content_encoding="gzip"))
    bomb = gzip.compress(bytes(20_000_000))
    bad = media.on("/bomb", kit.body(bomb, content_encoding="gzip"))
    odd = media.on("/odd", kit.body(b"x" * 99, content_encoding="br"))
    halves = gzip.compress(kit.png()[:900]) + gzip.compress(kit.png()[900:])
    twice = media.on("/twice", kit.body(halves, content_encoding="gzip"))
    tail = media.on("/tail", kit.body(halves + b"tail", content_encoding="gzip"))
    cut = media.on("/cut", kit.body(gzip.compress(kit.png())[:-9], content_encoding="x-gzip"))

    (path,) = save([fine], tmp_path / "fine")
    with pytest.raises(MediaTooLarge):
        save([bad], tmp_path / "bad", max_bytes=1_000_000)
    with pytest.raises(MediaBroken, match="'br', which was not asked for"):
        save([odd], tmp_path / "bad")
    with pytest.raises(MediaBroken, match="the packed body has no end"):
        save([cut], tmp_path / "bad")
    with pytest.raises(MediaBroken, match="cannot be unpacked"):
        save([tail], tmp_path / "bad")

    assert path.read_bytes() == kit.png()
    assert save([twice], tmp_path / "twice")[0].read_bytes() == kit.png()
    assert files(tmp_path / "bad") == []


def test_a_packed_bomb_never_swells(kit):
    """Of a packed bomb no more is unpacked in memory than the cap allows."""
    bomb = gzip.compress(bytes(100_000_000))
    packed = steps.Head(200, {"content-encoding": "gzip"})
    body = bodies.Body(packed, shown="https://media.example/a", cap=1_000_000)
    tracemalloc.start()

    with pytest.raises(MediaTooLarge):
        body.feed(bomb)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


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


def test_leaves_a_page_at_its_first_words(media, save, kit, tmp_path):
    """A page without end is left as soon as its first words are read."""
    sent: list[int] = []

    def endless(request):
        kit.head(request, 200, {"connection": "close"})
        while sum(sent) < 50_000_000:
            request.wfile.write(b"<p>words</p>" * 1000)
            sent.append(12_000)

    url = media.on("/a", endless)

    with pytest.raises(MediaBroken, match="text came in place of a medium"):
        save([url], tmp_path)

    assert sum(sent) < 50_000_000


def test_refuses_by_status(media, save, kit, tmp_path, clock):
    """A refusal names the status and is not repeated when it would not change."""
    url = media.on("/a", kit.body(b"no", 410))

    with pytest.raises(DownloadRefused, match="status 410") as refused:
        save([url], tmp_path)

    assert refused.value.status_code == 410
    assert "expire" in refused.value.hint
    assert len(media.seen) == 1
    assert clock.pauses == []
