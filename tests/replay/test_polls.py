"""A cassette advances through what was recorded, holds the last answer and never pays twice."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import httpx2
import pytest

from pixazo import Pixazo, QwenImageMax
from tests.deck.faults import CassetteError, NotOnCassette
from tests.deck.library import Recorded, RecordMode
from tests.deck.persister import Persister
from tests.deck.playing import FakeClock, playing
from tests.deck.polls import PollCassette
from tests.deck.tapes import CASSETTES

COMPLETED = CASSETTES / "qwen-image-max" / "completed.yaml"
REQUEST = QwenImageMax(prompt="A lighthouse in fog, seen from the sea")


def answered(text: str) -> dict[str, object]:
    return {"status": {"code": 200, "message": None}, "headers": {}, "body": {"string": text}}


def cassette_of(*pairs: tuple[Recorded, str]) -> PollCassette:
    made = PollCassette("made.yaml", record_mode=RecordMode.NONE, persister=Persister())
    made.data = [(request, answered(text)) for request, text in pairs]
    made.rewound = True
    return made


def get(path: str) -> Recorded:
    return Recorded("GET", f"http://gateway.test{path}", b"", {})


def post(body: bytes, kind: str = "application/json") -> Recorded:
    return Recorded("POST", "http://gateway.test/submit", body, {"content-type": kind})


def played(cassette: PollCassette, request: Recorded) -> object:
    return cassette.play_response(request)["body"]["string"]


def test_polls_advance_and_then_hold() -> None:
    """The same question gets the recorded answers in order, and for ever the last."""
    cassette = cassette_of((get("/a"), "1"), (get("/a"), "2"), (get("/a"), "3"))

    assert [played(cassette, get("/a")) for _ in range(6)] == ["1", "2", "3", "3", "3", "3"]


def test_two_jobs_advance_on_their_own() -> None:
    """Questions about one job leave the other where it is."""
    cassette = cassette_of((get("/a"), "a1"), (get("/b"), "b1"), (get("/a"), "a2"))

    seen = [played(cassette, get(f"/{name}")) for name in "aabba"]

    assert seen == ["a1", "a2", "b1", "b1", "a2"]


def test_a_post_plays_as_often_as_recorded() -> None:
    """One request more than was recorded would be paid again: an error that says so."""
    cassette = cassette_of((post(b'{"a": 1}'), "429"), (post(b'{"a": 1}'), "202"))

    assert [played(cassette, post(b'{"a":1}')) for _ in range(2)] == ["429", "202"]
    with pytest.raises(NotOnCassette, match=r"POST http://gateway\.test/submit was played 2 times"):
        cassette.can_play_response_for(post(b'{"a":1}'))
    with pytest.raises(NotOnCassette, match="it would be paid again"):
        cassette.play_response(post(b'{"a":1}'))


def test_bodies_are_compared_by_value() -> None:
    """Spelling of JSON does not matter, any value does, and other texts are compared as bytes."""
    cassette = cassette_of((post(b'{"a": 1, "b": [2]}'), "json"), (post(b"{}", "text/plain"), "t"))

    assert played(cassette, post(b'{"b":[2],"a":1}')) == "json"
    assert played(cassette, post(b"{}", "text/plain")) == "t"
    for other in (post(b'{"a": 1}'), post(b"{ }", "text/plain"), post(b'{"a": 1, "b": [3]}')):
        with pytest.raises(NotOnCassette, match="is not on the cassette"):
            cassette.can_play_response_for(other)


def test_rewinding_plays_from_the_beginning() -> None:
    """After `rewind` everything is there again."""
    cassette = cassette_of((get("/a"), "1"), (get("/a"), "2"), (post(b"{}"), "p"))
    for request in (get("/a"), get("/a"), post(b"{}")):
        played(cassette, request)

    cassette.rewind()

    assert played(cassette, get("/a")) == "1"
    assert played(cassette, post(b"{}")) == "p"


def test_a_long_cassette_plays_in_linear_time() -> None:
    """Ten thousand answers play in seconds, where a search through them all takes minutes."""
    count = 10_000
    cassette = cassette_of(*((get(f"/{number % 100}"), str(number)) for number in range(count)))

    began = time.process_time()
    seen = [played(cassette, get(f"/{number % 100}")) for number in range(count)]

    assert seen == [str(number) for number in range(count)]
    assert time.process_time() - began < 5


def test_threads_share_a_cassette() -> None:
    """Each answer of a POST is played once, however many threads ask at once."""
    cassette = cassette_of(*((post(b"{}"), str(number)) for number in range(200)))
    seen: list[object] = []

    def ask() -> None:
        seen.extend([played(cassette, post(b"{}")) for _ in range(25)])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen, key=str) == sorted(map(str, range(200)))


def test_the_client_cannot_submit_twice() -> None:
    """The public client's second submission of the same request is an error, not a second job."""
    with (
        playing(COMPLETED) as tape,
        Pixazo("a-key-of-the-tests", base_url=tape.origin.gateway, clock=FakeClock()) as client,
    ):
        client.submit(REQUEST)

        with pytest.raises(NotOnCassette, match="would be paid again"):
            client.submit(REQUEST)


def test_a_finished_job_stays_finished() -> None:
    """However often the status is asked for, the end is held."""
    with (
        playing(COMPLETED) as tape,
        Pixazo("a-key-of-the-tests", base_url=tape.origin.gateway, clock=FakeClock()) as client,
    ):
        job = client.submit(REQUEST)
        job.wait()

        words = {str(client.job(job.request_id).status()) for _ in range(5)}

    assert words == {"COMPLETED"}


def test_nothing_reaches_the_network() -> None:
    """What is not on the cassette is an error before a socket is opened."""
    with (
        playing(COMPLETED),
        httpx2.Client(trust_env=False) as plain,
        pytest.raises(NotOnCassette, match=r"completed\.yaml: GET http://192\.0\.2\.1/"),
    ):
        plain.get("http://192.0.2.1/")


def test_one_cassette_at_a_time() -> None:
    """A second cassette in another thread or task is refused, and the first one still plays."""
    with playing(COMPLETED) as tape:
        with pytest.raises(CassetteError, match="another cassette is open"), playing(COMPLETED):
            pass
        with Pixazo("a-key-of-the-tests", base_url=tape.origin.gateway) as client:
            assert client.submit(REQUEST).request_id


def test_httpx2_is_left_as_it_was() -> None:
    """After playing, and after an error while playing, the HTTP library is not patched."""
    before = httpx2.HTTPTransport.handle_request, httpx2.AsyncHTTPTransport.handle_async_request

    with playing(COMPLETED):
        assert httpx2.HTTPTransport.handle_request is not before[0]
    with pytest.raises(ZeroDivisionError), playing(COMPLETED):
        raise ZeroDivisionError

    after = httpx2.HTTPTransport.handle_request, httpx2.AsyncHTTPTransport.handle_async_request
    assert after == before


def test_the_clock_is_not_waited_for() -> None:
    """A job of twenty seconds is played without a second of real waiting."""
    clock = FakeClock()
    with (
        playing(COMPLETED) as tape,
        Pixazo("a-key-of-the-tests", base_url=tape.origin.gateway, clock=clock) as client,
    ):
        client.generate(REQUEST)

    assert clock.slept_s > 2
    asyncio.run(clock.sleep_async(3600))
    assert clock.slept_s > 3600


def test_no_such_cassette(tmp_path: Path) -> None:
    """A name that is wrong is told, with how to find the right one."""
    with (
        pytest.raises(CassetteError, match=r"nothing\.yaml: there is no such cassette"),
        playing(tmp_path / "nothing.yaml"),
    ):
        pass
