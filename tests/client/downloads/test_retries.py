"""What is tried again, what goes on where it broke off, and what takes too long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pixazo.errors import (
    DownloadError,
    DownloadRefused,
    DownloadTimedOut,
    MediaBroken,
)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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
    waits = [kit.body(b"", 503, retry_after=text) for text in ("7", "86400", "²")]
    url = media.on("/a", *waits, kit.body(kit.png()))

    save([url], tmp_path)

    assert clock.pauses == [7.0, 30.0, 2.0]


def test_gives_up(media, save, kit, tmp_path, clock):
    """The tries are bounded, and the last error is the one that is told."""
    url = media.on("/a", kit.body(b"", 500), kit.body(b"", 503))

    with pytest.raises(DownloadRefused, match="status 503") as refused:
        save([url], tmp_path)

    assert "save again later" in refused.value.hint
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


def test_growing_bodies_that_cannot_be_continued_are_no_progress(media, save, kit, tmp_path):
    """Without an entity tag every try starts anew, so a longer cut body is no step forward."""
    content = kit.png(200_000)
    cuts = [
        kit.body(content[:end], content_length=str(len(content)))
        for end in range(10_000, 150_000, 10_000)
    ]
    url = media.on("/a", *cuts, kit.body(content))

    with pytest.raises(DownloadError, match="could not be fetched"):
        save([url], tmp_path)

    assert len(media.seen) == 4


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
        ("bytes 150000-299999/300000", 'W/"2"'),
    ],
)
def test_distrusts_odd_spans(media, save, kit, tmp_path, content_range, etag):
    """A 206 that does not fit the part exactly is not appended to it."""
    content = b"\0unknown to anybody" + kit.png(300_000)[100:]
    odd = kit.body(content[:150_000], 206, content_range=content_range, etag=etag)
    url = media.on("/a", kit.ranged(content, stop_at=150_000), odd, kit.ranged(content))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert "range" not in media.headers()


@pytest.mark.parametrize("total", ["300000", "*"])
def test_asks_for_what_a_short_span_left_out(media, save, kit, tmp_path, total):
    """A 206 may bring less than was asked for; the rest is asked for, not forgotten."""
    content = b"\0unknown to anybody" + kit.png(300_000)[19:300_000]
    span = f"bytes 100000-199999/{total}"
    short = kit.body(content[100_000:200_000], 206, content_range=span, etag='"v1"')
    url = media.on("/a", kit.ranged(content, stop_at=100_000), short, kit.ranged(content))

    (path,) = save([url], tmp_path)

    assert path.read_bytes() == content
    assert media.headers()["range"] == "bytes=200000-"


def test_a_span_of_another_length_is_of_another_medium(media, save, kit, tmp_path):
    """A 206 that names another length than the first answer is not appended."""
    content = b"\0unknown to anybody" + kit.png(300_000)[19:300_000]
    other = kit.body(
        content[100_000:200_000], 206, content_range="bytes 100000-199999/200000", etag='"v1"'
    )
    url = media.on("/a", kit.ranged(content, stop_at=100_000), other, kit.ranged(content))

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


def test_a_bug_in_a_resolver_is_its_owners_to_see(save, tmp_path):
    """What is no failure of the network goes through, instead of being called a slow name."""

    def resolver(host: str, port: int) -> list[str]:
        raise KeyError(host)

    with pytest.raises(KeyError, match=r"nowhere\.example"):
        save(["https://nowhere.example/a"], tmp_path, resolver=resolver)


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
