"""The attack table, against real servers: who gets through, and what it costs."""

from __future__ import annotations

import gzip
import json
import threading
import time
from urllib.parse import quote

import pytest

from pixazo.webhooks import Receiver, Tokens

HONEST = {
    "request_id": "qwen-image-max_019d0000-0000-7000-8000-000000000001",
    "status": "COMPLETED",
    "model_id": "qwen-image-max",
    "error": None,
    "output": {"media_url": ["https://media.example/a.png"], "media_type": "image/png"},
}
BODY = json.dumps(HONEST).encode()


def test_honest_callback(serve):
    """A callback to a job's own address is answered with 204 and becomes a hint for that job."""
    served = serve()

    status = served.call(served.path("job-1"), BODY)

    hint = served.receiver.hints.wait("job-1", 5)
    assert status == 204
    assert (hint.job_key, hint.request_id) == ("job-1", HONEST["request_id"])
    assert served.receiver.stats == {"hint": 1}


def test_the_two_routes_are_told_apart(serve):
    """A hint says whether the header's address was called or the body's."""
    served = serve()

    served.call(served.path("job-1", route="header"), BODY)
    first = served.receiver.hints.wait("job-1", 5)
    served.call(served.path("job-1", route="body"), BODY)
    second = served.receiver.hints.wait("job-1", 5)

    assert (first.route, second.route) == ("header", "body")


# Forgeries


def forgeries() -> dict[str, str]:
    mine = "a secret of at least thirty-two bytes"
    good = Tokens(mine).make("job-1")
    version, route, key, seal = good.split(".")
    last = seal[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sibling = alphabet[alphabet.index(last) ^ 1]  # the same 256 bits, spelt differently
    return {
        "no token": "",
        "guess": "v1.header.job-1." + "A" * 43,
        "other job": f"{version}.{route}.job-2.{seal}",
        "other route": f"{version}.body.{key}.{seal}",
        "other version": f"v2.{route}.{key}.{seal}",
        "other secret": Tokens("another secret of thirty-two bytes!!").make("job-1"),
        "other scope": Tokens(mine, scope="staging").make("job-1"),
        "cut": good[:-1],
        "longer": good + "A",
        "padded": good + "=",
        "another spelling of the same bits": good[:-1] + sibling,
        "capitals": good.upper(),
        "very long": "v1.header." + "a" * 9000 + "." + seal,
        "line break": good + "%0A",
        "zero byte": good + "%00",
        "slash at the end": good + "/",
        "segment after": good + "/x",
        "parameters": good + ";a=b",
        "encoded slash after": good + "%2F",
        "dot segment after": good + "/..",
        "blank": good + "%20",
        "wide digits": quote(good.replace("1", "\N{FULLWIDTH DIGIT ONE}")),
    }


@pytest.mark.parametrize("name", forgeries())
def test_forged_tokens(serve, name):
    """Whatever is not exactly a token of ours gets 404, before its body is looked at."""
    served = serve()

    status = served.call("/hooks/" + forgeries()[name], BODY)

    assert status == 404
    assert served.receiver.stats == {"no-token": 1}
    assert served.receiver.hints.wait("job-1", 0) is None


@pytest.mark.parametrize("prefix", ["/", "//", "/a/../", "/hooks/x/y/", "/%2e%2e/", "/hooks/../"])
def test_only_the_token_counts(serve, prefix):
    """A genuine token is heard below any path: mounting strips or keeps prefixes as it likes."""
    served = serve()

    assert served.call(prefix + served.path().rpartition("/")[2], BODY) == 204


def test_query_is_ignored(serve):
    """A query after a genuine token changes nothing, one in place of a token opens nothing."""
    served = serve()
    token = served.path().rpartition("/")[2]

    assert served.call(served.path() + "?job=other", BODY) == 204
    assert served.call(f"/hooks/?{token}", BODY) == 404


# Methods, encodings, lengths


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "post"])
def test_wrong_methods(serve, method):
    """Only POST is heard, and the answer says so."""
    served = serve()
    head = f"{method} {served.path()} HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"

    answer = served.raw(head.encode())

    assert answer.split(b" ")[1] == b"405"
    assert b"allow: post" in answer.lower()
    assert served.receiver.hints.wait("job-1", 0) is None


def test_methods_are_not_told_without_a_token(serve):
    """Without a token even a GET learns nothing but 404."""
    served = serve()

    assert served.call("/hooks/", b"", "GET") == 404


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "deflate", "br", "gzip, identity"])
def test_packed_bodies(serve, coding):
    """Nothing is unpacked: a packed body, bomb or not, gets 415."""
    served = serve()
    bomb = gzip.compress(bytes(3_000_000))

    assert served.call(served.path(), bomb, content_encoding=coding) == 415
    assert served.receiver.hints.wait("job-1", 0) is None


@pytest.mark.parametrize("size", ["65537", "1000000000", "9" * 18, "9" * 30, "9" * 5000])
def test_announced_big_bodies(serve, size):
    """A body that is announced too big is refused at once, without one byte of it."""
    served = serve()
    head = f"POST {served.path()} HTTP/1.1\r\nhost: h\r\ncontent-length: {size}\r\n\r\n"
    started = time.monotonic()

    answer = served.raw(head.encode())

    assert answer.split(b" ")[1] in (b"413", b"400")
    assert time.monotonic() - started < 3
    assert "hint" not in served.receiver.stats


@pytest.mark.parametrize("size", ["-1", "+5", "0x10", "1_0", "5, 6", "five", "1.0", "\xb2"])
def test_odd_lengths(serve, kind, size):
    """A length that is no number never leads to a hint and never upsets the receiver."""
    served = serve()
    head = f"POST {served.path()} HTTP/1.1\r\nhost: h\r\ncontent-length: {size}\r\n\r\n{{}}"

    answer = served.raw(head.encode("latin-1"))

    assert answer.split(b" ")[1] == b"400"
    assert "hint" not in served.receiver.stats


def test_big_bodies_just_fit(serve):
    """64 KiB are read, one byte more is not."""
    served = serve()

    assert served.call(served.path(), b" " * 65536) == 204
    assert served.call(served.path(), b" " * 65537) == 413


def test_endless_chunks(serve, kind):
    """Chunks without end are cut off at 64 KiB."""
    served = serve()
    head = f"POST {served.path()} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"

    answer = served.raw(head.encode(), *[chunk] * 40, b"0\r\n\r\n")

    expected = b"411" if kind == "wsgiref" else b"413"
    assert answer.split(b" ")[1] == expected
    assert "hint" not in served.receiver.stats


def test_chunks_that_fit(serve, kind):
    """A short chunked body is as good as any other, where the server understands chunks."""
    served = serve()
    head = f"POST {served.path()} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = f"{len(BODY):x}\r\n".encode() + BODY + b"\r\n0\r\n\r\n"

    answer = served.raw(head.encode(), chunk)

    assert answer.split(b" ")[1] == (b"411" if kind == "wsgiref" else b"204")
    if kind != "wsgiref":
        assert served.receiver.hints.wait("job-1", 5).request_id == HONEST["request_id"]


@pytest.mark.parametrize("odd", [b"zz\r\n", b"-1\r\n"])
def test_broken_chunks(serve, kind, odd):
    """Chunks that are none are the caller's fault: no hint, and no error of the server's own."""
    served = serve()
    head = f"POST {served.path()} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"

    answer = served.raw(head.encode(), odd + b"{}\r\n0\r\n\r\n")

    assert answer.split(b" ")[1] == (b"411" if kind == "wsgiref" else b"400")
    assert "hint" not in served.receiver.stats


def test_dripping_body(serve):
    """A body that drips is refused with 408 when its time is up."""
    served = serve(body_s=0.3)
    head = f"POST {served.path()} HTTP/1.1\r\nhost: h\r\ncontent-length: 400\r\n\r\n"
    started = time.monotonic()

    answer = served.raw(head.encode(), *[b"x"] * 8, pause_s=0.1)

    assert answer.split(b" ")[1] == b"408"
    assert time.monotonic() - started < 5
    assert served.receiver.stats == {"too-slow": 1}


def test_slow_strangers_wait_for_nothing(serve):
    """Without a token the answer comes before the body: slowness costs the stranger only."""
    served = serve()
    head = b"POST /hooks/x HTTP/1.1\r\nhost: h\r\ncontent-length: 60000\r\n\r\n"
    started = time.monotonic()

    answer = served.raw(head)

    assert answer.split(b" ")[1] == b"404"
    assert time.monotonic() - started < 2


# Bodies


@pytest.mark.parametrize(
    ("body", "request_id"),
    [
        (b"", None),
        (b"not json", None),
        (b"\xff\xfe\x00", None),
        (b"[]", None),
        (b"null", None),
        (b'"COMPLETED"', None),
        (b"[" * 60_000, None),
        (b'{"a":' * 10_000, None),
        (b'{"request_id": 5}', None),
        (b'{"request_id": ""}', None),
        (b'{"request_id": "../../v2/wallet"}', None),
        (b'{"request_id": "a/b"}', None),
        (b'{"request_id": "a\\nb"}', None),
        (b'{"request_id": "a?key=1"}', None),
        (b'{"request_id": "%s"}' % (b"a" * 161), None),
        (b'{"n": ' + b"9" * 6000 + b"}", None),
        (b'{"request_id": "r1", "status": "COMPLETED", "request_id": "r2"}', "r2"),
        (b'{"status": "ERROR", "output": {"media_url": "https://evil.example"}}', None),
    ],
)
def test_bodies_are_not_believed(serve, body, request_id):
    """Any body below a genuine token is a hint; at most it suggests an id of the right shape."""
    served = serve()

    status = served.call(served.path(), body)

    hint = served.receiver.hints.wait("job-1", 5)
    assert status == 204
    assert hint.request_id == request_id
    assert not hasattr(hint, "status")


# Floods, replays, disorder


def test_replays_and_duplicates_cost_one_look(serve):
    """However many copies of a callback come, the job is looked at no more often than the pace."""
    looks: list[str] = []
    served = serve(every_s=0.5, on_hint=lambda hint: looks.append(hint.job_key))

    started = time.monotonic()
    statuses = {served.call(served.path(), BODY) for _ in range(100)}
    served.wait_for(hint=100)
    time.sleep(0.7)
    took_s = time.monotonic() - started

    assert statuses == {204}
    assert 2 <= len(looks) <= 1 + took_s / 0.5
    assert len(looks) + served.receiver.stats["coalesced"] == 100


def test_the_last_callback_is_never_swallowed(serve):
    """A callback that comes too soon after another is passed on late, not dropped."""
    looks: list[float] = []
    served = serve(every_s=0.3, on_hint=lambda _: looks.append(time.monotonic()))

    for _ in range(3):
        served.call(served.path(), BODY)
    deadline = time.monotonic() + 5
    while len(looks) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert len(looks) == 2
    assert looks[1] - looks[0] >= 0.25


def test_reordered_callbacks_move_nothing_back(serve):
    """Old news that comes last changes nothing: every look asks the gateway itself."""
    truth = {"job-1": "COMPLETED"}
    known: list[str] = []
    served = serve(on_hint=lambda hint: known.append(truth[hint.job_key]))

    for status in ("COMPLETED", "PROCESSING", "QUEUED"):
        served.call(served.path(), json.dumps({**HONEST, "status": status}).encode())
    served.wait_for(hint=3)
    while not known:  # hints that come during a look share the next one
        time.sleep(0.01)

    assert set(known) == {"COMPLETED"}


def test_looks_at_one_job_take_turns(serve):
    """Two looks at one job never overlap, so an older answer cannot arrive last."""
    running: list[int] = []
    most: list[int] = []

    def look(hint) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()

    served = serve(on_hint=look)
    callers = [threading.Thread(target=served.call, args=(served.path(), BODY)) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    served.wait_for(hint=8)
    time.sleep(0.3)

    assert max(most) == 1
    assert 2 <= len(most) <= 8


def test_a_callback_during_a_look_is_told_as_what_it_is(serve):
    """When header and body call at the same time, the second look gets the second hint."""
    release = threading.Event()
    seen: list[tuple[str, str | None]] = []

    def look(hint) -> None:
        seen.append((hint.route, hint.request_id))
        release.wait(5)

    served = serve(on_hint=look)

    served.call(served.path(), b"{}")
    while not seen:
        time.sleep(0.01)
    served.call(served.path(route="body"), BODY)
    served.wait_for(hint=2)
    time.sleep(0.1)
    release.set()
    deadline = time.monotonic() + 5
    while len(seen) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert seen == [("header", None), ("body", HONEST["request_id"])]


def test_failing_look_does_not_stop_the_next(serve, caplog):
    """An error in the owner's function ends in the log, without the token, and that is all."""
    looks: list[str] = []

    def look(hint) -> None:
        looks.append(hint.job_key)
        raise ZeroDivisionError

    served = serve(on_hint=look)

    assert served.call(served.path(), BODY) == 204
    while not looks:  # hints that come before a look share it
        time.sleep(0.01)
    assert served.call(served.path(), BODY) == 204
    while len(looks) < 2:
        time.sleep(0.01)
    assert looks == ["job-1", "job-1"]
    assert "on_hint failed for job job-1" in caplog.text
    assert served.path().rpartition(".")[2] not in caplog.text


def test_answer_does_not_wait_for_the_look(serve):
    """The gateway has its answer before the owner's function has begun its work."""
    release = threading.Event()
    served = serve(on_hint=lambda _: release.wait(5))
    started = time.monotonic()

    status = served.call(served.path(), BODY)

    assert status == 204
    assert time.monotonic() - started < 3
    release.set()


def test_rotation():
    """After a rotation new addresses carry the new secret and old ones are still heard."""
    old, new = "old secret of at least 32 bytes......", "new secret of at least 32 bytes......"
    before = Receiver("https://example.com/h", old)
    during = Receiver("https://example.com/h", new, older_secrets=[old])
    after = Receiver("https://example.com/h", new)

    def heard(receiver: Receiver, url: str) -> bool:
        return receiver.receive("POST", url, [], b"").status == 204

    assert heard(during, before.url_for("j"))
    assert heard(during, during.url_for("j"))
    assert heard(after, during.url_for("j"))
    assert not heard(after, before.url_for("j"))
    assert not heard(before, during.url_for("j"))
