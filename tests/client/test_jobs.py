"""Waiting over real sockets, in both colours."""

from __future__ import annotations

import asyncio
import itertools
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pixazo
from pixazo import (
    AsyncPixazo,
    PastDurations,
    Pixazo,
    PixazoError,
    QwenImageMax,
    Status,
    Unauthorized,
    WaitInterrupted,
    WaitTimedOut,
)
from tests.client.conftest import DrivenClock
from tests.client.gateway import (
    ID,
    KEY,
    Answer,
    FakeGateway,
    Reset,
    Seen,
    Silence,
    ended,
    receipt,
    status,
)

TIGER = QwenImageMax(prompt="a white tiger")


def test_a_minute_of_outage_loses_no_job(calling: Any, gateway: FakeGateway, clock: Any) -> None:
    """Real resets, silences and error pages for a minute end in the result all the same."""
    done = gateway.gets[0]
    faults = [
        Reset(),
        Answer(502, "<html>Bad Gateway</html>"),
        Answer(500, {"error": "x"}),
        Silence(5),
        Answer(200, "<html>Login</html>"),
        Answer(429, {}, {"Retry-After": "20"}),
        Answer(200, '{"status": "COMPL', cut=9),
        Answer(503),
        Answer(504),
        Answer(204),
    ]
    gateway.get(status("QUEUED"), *faults, status("PROCESSING"), done)

    result = calling(timeout_s=0.3).generate(TIGER)

    assert result.request_id == ID
    assert clock.at > 60
    assert gateway.count("POST") == 1


def test_a_whole_status_in_half_an_answer_is_enough(caller: Any, gateway: FakeGateway) -> None:
    """A gateway that promises more bytes than it sends is not asked in vain until the deadline."""
    done = status("COMPLETED", f"{gateway.url}/media/0.png")
    gateway.get(replace(done, cut=7))

    result = caller.generate(TIGER)

    assert result.request_id == ID
    assert gateway.count("GET") == 1


def test_a_gateway_that_comes_back_is_found(gateway: FakeGateway, clock: Any) -> None:
    """A gateway that is gone, and is there again on the same port, delivers."""
    with Pixazo(KEY, base_url=gateway.url, clock=clock) as client:
        job = client.submit(TIGER)
        gateway.get(status("PROCESSING"), Reset(), Reset(), status("COMPLETED", f"{gateway.url}/"))

        assert job.wait().request_id == ID


def test_a_refused_key_ends_the_wait_with_the_token(caller: Any, gateway: FakeGateway) -> None:
    """401 while waiting is told at once; its token finds the job with a good key."""
    done = gateway.gets[0]
    gateway.get(status("PROCESSING"), Answer(401, {"error": "Unauthorized"}), done)

    with pytest.raises(Unauthorized, match="Check the API key") as caught:
        caller.generate(TIGER)

    assert caught.value.charged == "unknown"
    assert caught.value.token is not None
    assert caller.wait(caught.value.token).request_id == ID


@pytest.mark.parametrize("code", [400, 402, 410, 429, 500, 503])
def test_no_refused_look_advises_to_send_again(
    caller: Any, gateway: FakeGateway, code: int
) -> None:
    """The job is paid for already, so the advice is to ask again, not to send again."""
    gateway.get(Answer(code, {"error": "x"}))

    with pytest.raises(PixazoError) as caught:
        caller.status(ID)

    assert (caught.value.charged, caught.value.request_id) == ("unknown", ID)
    advice = caught.value.hint.replace("not to be sent again", "")
    assert "send" not in advice
    assert "ask again" in advice or "Read what the gateway says" in advice


def test_a_deadline_holds_the_job(caller: Any, gateway: FakeGateway, clock: Any) -> None:
    """What a deadline raises survives pickling and finds the job."""
    done = gateway.gets[0]
    gateway.get(status("PROCESSING"))

    with pytest.raises(WaitTimedOut, match="Wait again") as caught:
        caller.generate(TIGER, timeout=30)
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301

    assert clock.at == pytest.approx(30, abs=0.1)
    gateway.get(done)
    assert caller.wait(error.token).request_id == error.request_id == ID


def test_the_default_deadline_is_the_specifications(caller: Any, gateway: FakeGateway) -> None:
    """Without a timeout a wait still ends."""
    gateway.get(status("PROCESSING"))

    with pytest.raises(WaitTimedOut) as caught:
        caller.wait(ID)

    assert caught.value.waited_s == pytest.approx(600, abs=1)


def test_watching_yields_each_status(caller: Any, gateway: FakeGateway) -> None:
    """A watch ends with the job's end, which it yields and does not raise."""
    gateway.get(status("QUEUED"), status("PROCESSING"), status("FAILED", error="no"))

    seen = caller.watch(ID)

    assert [str(s) for s in seen] == ["QUEUED", "PROCESSING", "FAILED"]
    assert [s.done for s in seen] == [False, False, True]
    assert seen[-1].error == "no"


def test_durations_are_learned_across_clients(calling: Any, gateway: FakeGateway) -> None:
    """A model's past durations, as the gateway names them, set the next first look."""
    past = PastDurations()
    clocks = []
    for _ in range(4):
        caller = calling(durations=past)
        before = caller._settings["clock"].at
        caller.generate(TIGER)
        clocks.append(caller._settings["clock"].at - before)

    assert tuple(past.past(f"{gateway.url} qwen-image-max")) == (12.0,) * 4
    assert clocks[0] == pytest.approx(2.0, abs=0.11)
    assert clocks[3] == pytest.approx(12.0, abs=0.11)


def test_a_job_without_times_that_was_looked_at_late_teaches_nothing(
    gateway: FakeGateway, clock: DrivenClock
) -> None:
    """When it ended before anybody looked, the next job is not looked at late for it."""
    past, untimed = PastDurations(), dict.fromkeys(("created_at", "updated_at", "completed_at"))
    gateway.get(ended(f"{gateway.url}/media/0.png", **untimed))

    with Pixazo(KEY, base_url=gateway.url, clock=clock, durations=past) as client:
        jobs = [client.submit(TIGER) for _ in range(4)]
        clock.at += 120
        for job in jobs:
            job.wait()
        assert past.past(f"{gateway.url} qwen-image-max") == ()
        client.generate(TIGER)

    (seconds,) = past.past(f"{gateway.url} qwen-image-max")
    assert seconds < 3


@pytest.mark.parametrize("word", ["COMPLETED", "ERROR", "FAILED"])
def test_the_end_of_another_job_is_not_this_ones(
    caller: Any, gateway: FakeGateway, word: str
) -> None:
    """What is said of another request ends no wait, hands over no picture, returns no money."""
    theirs = status(word, f"{gateway.url}/media/1.png", request_id="qwen-image-max_0")
    gateway.get(theirs, theirs, ended(f"{gateway.url}/media/0.png"))

    result = caller.generate(TIGER)

    assert [medium.url for medium in result.media] == [f"{gateway.url}/media/0.png"]
    assert gateway.count("GET") == 3


def test_times_that_cannot_be_true_teach_nothing(
    calling: Any, gateway: FakeGateway, clock: DrivenClock, tmp_path: Path
) -> None:
    """A gateway that names a day for jobs which we saw end at once keeps nobody waiting."""
    a_day_ago = {"created_at": "2026-03-30T10:00:00Z", "completed_at": "2026-03-31T10:00:00Z"}
    gateway.get(ended(f"{gateway.url}/media/0.png", **a_day_ago))
    gateway.post(*(receipt(f"{ID}{number}") for number in range(10)))

    for durations, ledger in ((PastDurations(), None), (None, tmp_path / "ledger")):
        for _ in range(5):
            before_s = clock.at
            result = calling(durations=durations, ledger=ledger).generate(TIGER)
            took_s = clock.at - before_s
            assert took_s < 5
            assert result.elapsed_s == pytest.approx(took_s, abs=0.1)


def test_ctrl_c_while_waiting_holds_the_job(gateway: FakeGateway) -> None:
    """Ctrl-C while waiting is a KeyboardInterrupt that names the job and the way on."""

    class Interrupted:
        def now(self) -> float:
            return 0.0

        time = now

        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt(seconds)

        async def sleep_async(self, seconds: float) -> None:
            raise KeyboardInterrupt(seconds)

    with Pixazo(KEY, base_url=gateway.url, clock=Interrupted()) as client:
        with pytest.raises(WaitInterrupted, match=f"pixazo wait {ID}") as caught:
            client.generate(TIGER)
        with pytest.raises(WaitInterrupted) as watching:
            list(client.submit(TIGER).watch())

        assert client.job(caught.value.token).request_id == ID
    assert isinstance(caught.value, KeyboardInterrupt)
    assert watching.value.request_id == ID
    assert pickle.loads(pickle.dumps(caught.value)).token == caught.value.token  # noqa: S301


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")
def test_a_real_ctrl_c_shows_the_way_on_and_no_key(gateway: FakeGateway) -> None:
    """A process that is interrupted while waiting dies with the command that goes on."""
    gateway.get(status("PROCESSING"))
    script = """
        import sys
        from pixazo import Pixazo, QwenImageMax, SystemClock

        class Telling(SystemClock):
            def sleep(self, seconds):
                print("waiting", flush=True)
                super().sleep(seconds)

        client = Pixazo(sys.argv[1], base_url=sys.argv[2], clock=Telling())
        client.generate(QwenImageMax(prompt="x"))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), KEY, gateway.url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)

    assert process.returncode != 0
    assert f"pixazo wait {ID}" in said
    assert KEY not in said


def test_a_cancelled_task_notes_the_way_on(gateway: FakeGateway) -> None:
    """A cancelled wait stays a cancellation; a note on it finds the job."""
    gateway.get(status("PROCESSING"))

    async def go() -> asyncio.CancelledError:
        async with AsyncPixazo(KEY, base_url=gateway.url) as client:
            job = await client.submit(TIGER)
            task = asyncio.create_task(job.wait())
            await asyncio.sleep(0.05)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return error
        raise AssertionError(task)

    note = asyncio.run(go()).__notes__[0]

    assert ID in note
    assert "client.job('pixazo1." in note


def test_a_slow_look_holds_nobody_beyond_the_deadline(gateway: FakeGateway) -> None:
    """A gateway that drips its answer is left when the wait's own deadline comes."""

    gateway.get(Silence(30))
    began = time.monotonic()

    with Pixazo(KEY, base_url=gateway.url) as client, pytest.raises(WaitTimedOut) as caught:
        client.job(ID).wait(timeout=1.0)

    assert time.monotonic() - began < 4.0
    assert "no answer within 1 s" in str(caught.value)


def test_many_jobs_wait_in_one_loop(gateway: FakeGateway, clock: Any) -> None:
    """Fifty jobs of one asyncio client come to fifty results with few requests."""
    count = 50

    async def go() -> list[pixazo.Result]:
        async with AsyncPixazo(KEY, base_url=gateway.url, clock=clock) as client:
            jobs = [client.job(f"qwen-image-max_{number}") for number in range(count)]
            return await asyncio.gather(*(job.wait() for job in jobs))

    def done(seen: Any) -> Answer:
        request_id = seen.path.rsplit("/", 1)[1]
        return status("COMPLETED", f"{gateway.url}/{request_id}", request_id=request_id)

    gateway.get(done)
    results = asyncio.run(go())

    assert [r.media[0].url.rsplit("_")[1] for r in results] == [str(n) for n in range(count)]
    assert gateway.count("GET") == count


def test_a_job_shows_where_it_stands(gateway: FakeGateway, clock: Any) -> None:
    """A job's repr names id and last status; its last status needs no request."""
    with Pixazo(KEY, base_url=gateway.url, clock=clock) as client:
        job = client.submit(TIGER)
        unknown = client.job("some_other-id")

        assert repr(job) == f"<Job {ID} QUEUED>"
        assert job.last_status is not None
        assert job.request == TIGER
        assert repr(unknown) == "<Job some_other-id not looked at>"
        assert (unknown.model_id, unknown.last_status, unknown.request) == (None, None, None)


def test_a_job_of_an_unknown_model_learns_its_name(caller: Any, gateway: FakeGateway) -> None:
    """An id that says nothing of its model takes the name from the answer."""
    gateway.get(status("COMPLETED", "https://m.example/a.png", request_id="x1", model_id="new"))
    first = caller.wait("x1")
    gateway.get(
        status("COMPLETED", "https://m.example/a", request_id="x1", model_id="qwen-image-layered")
    )
    second = caller.wait("x1")

    assert (first.model_id, first.price_usd) == ("", None)
    assert (second.model_id, str(second.price_usd)) == ("qwen-image-layered", "0.05")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_callback_ends_a_pause(gateway: FakeGateway, colour: str) -> None:
    """With a receiver a job is looked at once, when it calls back; its hints are then dropped."""
    from pixazo.webhooks import Hint, Receiver

    receiver = Receiver("https://me.example/hooks", secret=b"s" * 32)
    done = gateway.gets[0]

    def call_back(seen: Any) -> Any:
        key = seen.headers["idempotency-key"]
        threading.Timer(0.2, lambda: receiver.hints.give(Hint(job_key=key, route="header"))).start()
        return receipt()

    gateway.post(call_back)
    gateway.get(done)
    began = time.monotonic()

    if colour == "sync":
        with Pixazo(KEY, base_url=gateway.url) as client:
            result = client.submit(TIGER, webhook=receiver).wait(timeout=10)
    else:

        async def go() -> pixazo.Result:
            async with AsyncPixazo(KEY, base_url=gateway.url) as client:
                job = await client.submit(TIGER, webhook=receiver)
                return await job.wait(timeout=10)

        result = asyncio.run(go())

    assert result.request_id == ID
    assert time.monotonic() - began < 2.0
    assert (gateway.count("POST"), gateway.count("GET")) == (1, 1)


def test_an_error_of_the_watcher_does_not_lose_the_job(caller: Any, gateway: FakeGateway) -> None:
    """What on_status raises goes through, with a note that finds the job again."""
    gateway.get(status("PROCESSING"))

    with pytest.raises(ZeroDivisionError) as caught:
        caller.generate(TIGER, on_status=lambda seen: len(seen.status) / 0)

    assert f"pixazo wait {ID}" in caught.value.__notes__[0]


def test_an_error_within_a_wait_is_noted_once(calling: Any) -> None:
    """What breaks a wait from within says once, and not twice, how to go on."""

    class Broken(DrivenClock):
        def sleep(self, seconds: float) -> None:
            raise OSError(seconds)

    with pytest.raises(OSError, match="0") as caught:
        calling(clock=Broken()).generate(TIGER)

    assert [ID in note for note in caught.value.__notes__] == [True]


def test_no_time_sends_nothing(caller: Any, gateway: FakeGateway) -> None:
    """A request with no time left is not sent, and says so."""
    with pytest.raises(pixazo.GatewayUnreachable, match="no time was left"):
        caller.generate(TIGER, timeout=0)
    with pytest.raises(pixazo.GatewayUnreachable, match="Nothing was sent"):
        caller.generate(pixazo.QwenImage(prompt="a lake"), timeout=-2)

    assert gateway.seen == []


def test_one_look_keeps_a_short_pause_and_tells_of_a_long_one(
    caller: Any, gateway: FakeGateway, clock: Any
) -> None:
    """status() waits the seconds that a 429 asks for when they are few, and gives up when not."""
    gateway.get(Answer(429, {}, {"Retry-After": "3"}), status("PROCESSING"))
    assert caller.status(ID).status == "PROCESSING"
    assert (clock.at, gateway.count("GET")) == (pytest.approx(3, abs=0.1), 2)

    gateway.get(Answer(429, {}, {"Retry-After": "30"}), status("PROCESSING"))
    with pytest.raises(pixazo.RateLimited) as caught:
        caller.status(ID)
    assert caught.value.retry_after_s == 30
    assert (clock.at, gateway.count("GET")) == (pytest.approx(3, abs=0.1), 3)


def test_a_short_wait_tells_its_time(caller: Any, gateway: FakeGateway) -> None:
    """A wait of less than a second did not take 0 s."""
    gateway.get(status("PROCESSING"))

    with pytest.raises(WaitTimedOut, match=r"^waited 0\.3 s and the job is PROCESSING"):
        caller.generate(TIGER, timeout=0.3)


def test_looks_one_by_one_do_not_run_backwards_either(gateway: FakeGateway) -> None:
    """What a job was seen to be holds for its next look and its next wait, new words or not."""
    done = status("COMPLETED", f"{gateway.url}/media/0.png")
    gateway.get(status("PROCESSING"), status("POLISHING"), status("QUEUED"), status("QUEUED"), done)

    with Pixazo(KEY, base_url=gateway.url) as client:
        job = client.job(ID)
        looks = [job.status().status for _ in range(3)]
        waited = [seen.status for seen in job.watch()]

    assert looks == ["PROCESSING", "POLISHING", "PROCESSING"]
    assert waited == ["PROCESSING", "COMPLETED"]


def test_a_look_that_began_earlier_takes_no_end_back(gateway: FakeGateway) -> None:
    """The answer to one thread's look comes after the end that another thread waited for."""
    late, numbers = threading.Event(), itertools.count()

    def answer(_: Seen) -> Answer:
        if next(numbers) == 0:
            late.wait(10)
            return status("QUEUED")
        return status("COMPLETED", f"{gateway.url}/media/0.png")

    gateway.get(answer)
    with Pixazo(KEY, base_url=gateway.url) as client, ThreadPoolExecutor(1) as threads:
        job = client.job(ID)
        looking = threads.submit(job.status)
        while gateway.count("GET") == 0:
            time.sleep(0.01)

        def on_status(_: Status) -> None:
            late.set()
            looking.result()

        result = job.wait(on_status=on_status)

        assert result.media
        assert looking.result().status == "COMPLETED"
        assert job.last_status is not None
        assert job.last_status.media
