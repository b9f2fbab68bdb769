"""Where callbacks and waiters meet."""

from __future__ import annotations

import asyncio
import io
import itertools
import queue
import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixazo.clock import SystemClock
from pixazo.errors import InvalidCallbackBase, InvalidConfiguration
from pixazo.webhooks import Hint, Hints, Receiver, Tokens, new_secret
from pixazo.webhooks.pacing import Pacing, Turns
from pixazo.webhooks.waking import WakingClock

SECRET = "a secret of at least thirty-two bytes"


# Hints


def test_kept_until_waited_for():
    """A hint that came before the waiter is there when the waiter comes, once."""
    hints = Hints()
    hints.give(Hint("a", "r1"))
    hints.give(Hint("a", "r2"))

    assert hints.wait("a", 0) == Hint("a", "r2")
    assert hints.wait("a", 0) is None
    assert hints.wait("b", 0) is None


def test_wakes_a_thread():
    """A waiting thread wakes at once, not at its time-out."""
    hints = Hints()
    threading.Timer(0.05, hints.give, (Hint("a"),)).start()
    started = time.monotonic()

    hint = hints.wait("a", 10)

    assert hint == Hint("a")
    assert time.monotonic() - started < 2


def test_wakes_a_task_from_another_thread():
    """A waiting task wakes at once when another thread gives the hint."""
    hints = Hints()

    async def wait() -> Hint | None:
        threading.Timer(0.05, hints.give, (Hint("a"),)).start()
        return await hints.wait_async("a", 10)

    started = time.monotonic()

    assert asyncio.run(wait()) == Hint("a")
    assert time.monotonic() - started < 2


def test_time_is_up():
    """Without a hint the waiter gets None when its time is up."""
    hints = Hints()
    started = time.monotonic()

    assert hints.wait("a", 0.05) is None
    assert asyncio.run(hints.wait_async("a", 0.05)) is None
    assert 0.1 <= time.monotonic() - started < 2


def test_wakes_everybody():
    """Several waiters for one job all wake: threads and tasks."""
    hints = Hints()
    got: list[Hint | None] = []
    threads = [threading.Thread(target=lambda: got.append(hints.wait("a", 5))) for _ in range(3)]
    for thread in threads:
        thread.start()

    async def wait() -> list[Hint | None]:
        tasks = [asyncio.create_task(hints.wait_async("a", 5)) for _ in range(3)]
        await asyncio.sleep(0.05)
        hints.give(Hint("a"))
        return list(await asyncio.gather(*tasks))

    got += asyncio.run(wait())
    for thread in threads:
        thread.join()

    assert got == [Hint("a")] * 6


def test_cancelled_waiter_leaves_its_hint():
    """A hint that reached a waiter as it was cancelled is kept for the next one."""
    hints = Hints()

    async def cancel() -> None:
        task = asyncio.create_task(hints.wait_async("a", 5))
        await asyncio.sleep(0)
        hints.give(Hint("a"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())

    assert hints.wait("a", 0) == Hint("a")


def test_closed_loop_does_not_break_giving():
    """Giving a hint to a waiter whose event loop is gone is no error."""
    hints = Hints()
    loop = asyncio.new_event_loop()
    task = loop.create_task(hints.wait_async("a", 5))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()

    hints.give(Hint("a"))

    task.get_coro().close()
    task._log_destroy_pending = False
    assert hints.wait("a", 0) == Hint("a")


def test_memory_is_bounded():
    """Hints that nobody waits for are dropped, the oldest first, and so are forgotten ones."""
    hints = Hints(most=3)
    for key in "abcd":
        hints.give(Hint(key))
    hints.forget("d")

    assert [hints.wait(key, 0) is not None for key in "abcd"] == [False, True, True, False]
    assert hints._seats == {}


def test_storm_loses_nothing():
    """With givers and waiters on many threads, each job's hint reaches its waiter."""
    hints = Hints()
    keys = [f"job-{number}" for number in range(200)]
    got: dict[str, Hint | None] = {}

    def wait(part: list[str]) -> None:
        for key in part:
            got[key] = hints.wait(key, 10)

    waiters = [threading.Thread(target=wait, args=(keys[n::4],)) for n in range(4)]
    givers = [
        threading.Thread(target=lambda n=n: [hints.give(Hint(key)) for key in keys[n::4]])
        for n in range(4)
    ]
    for thread in waiters + givers:
        thread.start()
    for thread in waiters + givers:
        thread.join()

    assert all(got[key] == Hint(key) for key in keys)
    assert hints._seats == {}


# Waking clocks


def test_hint_ends_a_pause():
    """A pause of the waking clock ends with the job's hint, and with nobody else's."""
    receiver = Receiver("https://example.com/h", SECRET)
    clock = receiver.waking("a", SystemClock())
    receiver.hints.give(Hint("b"))
    threading.Timer(0.05, receiver.hints.give, (Hint("a"),)).start()
    threading.Timer(0.15, receiver.hints.give, (Hint("a"),)).start()
    started = clock.now()

    clock.sleep(10)
    asyncio.run(clock.sleep_async(10))

    assert 0.1 <= clock.now() - started < 2
    assert abs(clock.time() - time.time()) < 2


def test_pause_ends_on_time_without_hints():
    """Without a hint the waking clock is the clock it was made from: polling goes on."""
    clock = WakingClock(SystemClock(), Hints(), "a")
    started = clock.now()

    clock.sleep(0.05)
    asyncio.run(clock.sleep_async(0.05))

    assert 0.1 <= clock.now() - started < 2


# Pacing


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.floats(0, 20), max_size=60).map(sorted), st.floats(0.1, 5))
def test_pace_is_kept_and_no_hint_is_lost(times, every_s):
    """Passes are at least the pace apart, and each hint is followed by a pass soon enough."""
    pacing = Pacing(every_s)
    passes: list[float] = []

    for now in times:
        delay_s = pacing.delay_s("a", now)
        if delay_s is not None:
            passes.append(now + delay_s)
        assert any(now <= at <= now + every_s + 1e-9 for at in passes)

    assert all(b - a >= every_s - 1e-9 for a, b in itertools.pairwise(passes))


def test_pace_memory_is_bounded():
    """Only so many jobs are remembered."""
    pacing = Pacing(10, most=2)
    for key in "abc":
        pacing.delay_s(key, 0)

    assert pacing.delay_s("a", 1) == 0
    assert pacing.delay_s("c", 1) == 9


def test_turns():
    """Who comes while another looks makes that other look once more, at the latest hint."""
    turns = Turns()
    a, b = Hint("a"), Hint("b")
    later = Hint("a", "r2", "body")

    assert turns.begin(a)
    assert not turns.begin(a)
    assert not turns.begin(later)
    assert turns.begin(b)
    assert turns.again("a") == later
    assert turns.again("a") is None
    turns.leave("b")
    assert turns.begin(a)
    assert turns.begin(b)


# Tokens


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.from_regex(r"[A-Za-z0-9_~.-]{1,128}", fullmatch=True), st.sampled_from(["header", "body"])
)
def test_tokens_round_trip(job_key, route):
    """A token tells the job and the route it was made for, and fits in a URL as it is."""
    tokens = Tokens(SECRET)

    token = tokens.make(job_key, route)

    claim = tokens.read(token)
    assert (claim.job_key, claim.route) == (job_key, route)
    assert token.isascii()
    assert "/" not in token


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=300))
def test_no_text_is_a_token(text):
    """No text that was not made here is taken for a token."""
    assert Tokens(SECRET).read(text) is None


@pytest.mark.parametrize("key", ["", "a/b", "a b", "ä", "a\n", "a" * 129, "a%2f", "a?b", 17, None])
def test_odd_keys(key):
    """A job key that would not survive a URL is refused where it is made."""
    with pytest.raises(ValueError, match="job key"):
        Tokens(SECRET).make(key)


@pytest.mark.parametrize("secrets", [("short",), (SECRET, "short"), (b"x" * 31,)])
def test_short_secrets(secrets):
    """A secret that could be guessed is refused without being shown."""
    with pytest.raises(InvalidConfiguration, match="shorter than 32 bytes") as refused:
        Tokens(*secrets)

    assert "short'" not in str(refused.value)
    assert "new_secret" in refused.value.hint


def test_secrets_stay_inside():
    """Neither a representation nor the receiver's attributes in print show the secret."""
    receiver = Receiver("https://example.com/h", SECRET)

    assert SECRET not in repr(receiver) + repr(Tokens(SECRET)) + str(vars(receiver))
    assert len(new_secret()) >= 43
    assert new_secret() != new_secret()


def test_own_secret_for_each_process():
    """Without a secret, each receiver has a fresh one."""
    first, second = Receiver("https://example.com/h"), Receiver("https://example.com/h")

    assert first.url_for("a") != second.url_for("a")


# Bases


@pytest.mark.parametrize(
    "base",
    [
        "https://example.com",
        "https://example.com/pixazo/callbacks/",
        "https://example.com:8443/a",
        "https://[2606:4700::1]/a",
        "http://127.0.0.1:8787/hooks",
        "http://localhost:1/hooks",
        "http://[::1]:1/hooks",
    ],
)
def test_good_bases(base):
    """A callback address is the base, one slash, and the token."""
    url = Receiver(base, SECRET).url_for("a")

    assert url == f"{base.rstrip('/')}/{Tokens(SECRET).make('a')}"


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://example.com/hooks", "must be https"),
        ("http://10.0.0.1/hooks", "must be https"),
        ("http://127.0.0.1.nip.io/", "must be https"),
        ("ftp://example.com", "must be https"),
        ("example.com/hooks", "must name scheme and host"),
        ("/hooks", "must name scheme and host"),
        ("", "must name scheme and host"),
        ("https://", "must name scheme and host"),
        ("https://me:hunter2@example.com/", "user name or password"),
        ("https://me@example.com/", "user name or password"),
        ("https://:hunter2@example.com/", "user name or password"),
        ("https://example.com/?a=b", "query or fragment"),
        ("https://example.com/#a", "query or fragment"),
        ("https://example.com/?", "query or fragment"),
        ("https://exämple.com/", "plain ASCII"),
        ("https://example.com/a b", "plain ASCII"),
        ("https://example.com/\r\nx: y", "plain ASCII"),
        ("https://example.com:99999/", "no web address"),
        ("https://example.com:0/", "port 0"),
        ("https://[::1/", "no web address"),
        ("https://example.com/" + "a" * 1500, "longer than"),
        (None, "None': must be a text"),  # of a variable that nobody set
        (Path("/hooks"), "must be a text"),
    ],
)
def test_bad_bases(base, words):
    """A base that could be overheard or misread is refused, with the way out."""
    with pytest.raises(InvalidCallbackBase, match=words) as refused:
        Receiver(base, SECRET)

    assert "hunter2" not in str(refused.value)
    assert "https://example.com/pixazo/callbacks" in refused.value.hint


# The rest of the receiver


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"secret": 5}, "must be text or bytes, not int"),
        ({"older_secrets": [None]}, "must be text or bytes, not NoneType"),
        ({"on_hint": "look"}, "on_hint='look': must be a function"),
        ({"most_bytes": "64"}, "most_bytes='64': must be a whole number"),
    ],
)
def test_arguments_of_a_wrong_kind_are_told_at_once(given, words):
    """What would only fail when somebody calls is refused where the receiver is made."""
    with pytest.raises(InvalidConfiguration, match=re.escape(words)) as refused:
        Receiver("https://example.com/h", **given)

    assert refused.value.hint


def test_an_empty_secret_is_none():
    """A secret that was left empty is refused: a random one would turn all callbacks away."""
    with pytest.raises(InvalidConfiguration, match="shorter than 32 bytes"):
        Receiver("https://example.com/h", "")


def test_coroutines_run_without_asgi():
    """Under WSGI and in a view, what `on_hint` leaves to be awaited is awaited, and not lost."""
    seen: queue.Queue[str] = queue.Queue()

    async def look(hint: Hint) -> None:
        await asyncio.sleep(0)
        seen.put(hint.job_key)

    for on_hint in (look, lambda hint: look(hint)):
        receiver = Receiver("https://example.com/h", SECRET, on_hint=on_hint)
        path = receiver.url_for("wsgi").removeprefix("https://example.com")
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.input": io.BytesIO()}
        receiver.wsgi()(environ, lambda *_: None).close()
        receiver.pass_on(Hint("view"))

        assert {seen.get(timeout=5), seen.get(timeout=5)} == {"wsgi", "view"}


def test_wsgi_holds_no_worker_for_the_look():
    """A worker is free when the answer is closed, though `on_hint` is at work: it would be killed.

    Some servers (waitress) send the answer only then.
    """
    begun, release = threading.Event(), threading.Event()

    def look(hint: Hint) -> None:
        begun.set()
        release.wait(5)

    receiver = Receiver("https://example.com/h", SECRET, on_hint=look)
    path = receiver.url_for("a").removeprefix("https://example.com")
    started = time.monotonic()

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.input": io.BytesIO()}
    answer = receiver.wsgi()(environ, lambda *_: None)
    answer.close()

    assert time.monotonic() - started < 3
    assert begun.wait(5)
    release.set()


def test_looks_in_threads_are_bounded():
    """When many jobs end together under WSGI, `on_hint` runs for a few of them at once."""
    lock, at_once, most, done = threading.Lock(), 0, 0, 0

    def look(hint: Hint) -> None:
        nonlocal at_once, most, done
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once, done = at_once - 1, done + 1

    receiver = Receiver("https://example.com/h", SECRET, on_hint=look)
    for number in range(60):
        receiver.pass_on(Hint(f"job-{number}"))
    deadline = time.monotonic() + 10
    while done < 60 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert done == 60
    assert most <= 16


def test_asgi_runs_coroutines(over_uvicorn):
    """Under ASGI a coroutine function runs on the server's own loop."""
    seen: list[str] = []

    async def look(hint: Hint) -> None:
        await asyncio.sleep(0)
        seen.append(hint.job_key)

    receiver = Receiver("http://127.0.0.1:1/h", SECRET, on_hint=look)
    with over_uvicorn(receiver.asgi()) as port:
        post(port, receiver.url_for("a"))
        while not seen:
            time.sleep(0.01)

    assert seen == ["a"]


def test_wakes_a_waiting_task_end_to_end(over_uvicorn):
    """From the callback's arrival to the woken waiter pass far less than the 50 ms aimed at."""
    receiver = Receiver("http://127.0.0.1:1/h", SECRET, every_s=0)
    took: list[float] = []

    async def wait(key: str) -> None:
        await receiver.hints.wait_async(key, 10)
        took.append(time.monotonic())

    with over_uvicorn(receiver.asgi()) as port:
        for number in range(5):
            threading.Timer(0.02, post, (port, receiver.url_for(f"j{number}"), took)).start()
            asyncio.run(wait(f"j{number}"))

    spans = [woken - sent for sent, woken in zip(took[::2], took[1::2], strict=True)]
    assert min(spans) < 0.05


def post(port: int, url: str, took: list[float] | None = None) -> int:
    """Call back like a gateway does."""
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        if took is not None:
            took.append(time.monotonic())
        line.request("POST", "/" + url.split("/", 3)[3], b"{}")
        return line.getresponse().status
    finally:
        line.close()


def test_receive_takes_any_header_case():
    """A framework's own spelling of headers is understood."""
    receiver = Receiver("https://example.com/h", SECRET)
    path = receiver.url_for("a")

    assert receiver.receive("POST", path, [("Content-Encoding", "gzip")], b"").status == 415
    assert receiver.receive("POST", path, [("Content-Length", "99999")], b"").status == 413
    assert receiver.receive("POST", path, [], b" " * 70_000).status == 413
    assert receiver.receive("GET", path, [], b"").status == 405
    assert receiver.receive("POST", path, [("A", "b")], b"{}").hint == Hint("a")


def test_receive_survives_a_body_that_cannot_be_read():
    """A caller that goes while the body is read, as Django tells it, is refused, not raised."""
    receiver = Receiver("https://example.com/h")

    def gone() -> bytes:
        raise ConnectionResetError

    assert receiver.receive("POST", receiver.url_for("j"), [], gone).status == 400
    assert receiver.stats == {"length": 1}


def test_receive_reads_only_for_genuine_callbacks():
    """A body is read when method, path and headers are good, and not before."""
    receiver = Receiver("https://example.com/h", SECRET)
    reads: list[bytes] = []

    def read() -> bytes:
        reads.append(b'{"request_id": "r1"}')
        return reads[-1]

    refused = receiver.receive("POST", "/h/forged", [], read)
    taken = receiver.receive("POST", receiver.url_for("a"), [], read)

    assert refused.status == 404
    assert taken.hint == Hint("a", "r1")
    assert len(reads) == 1
