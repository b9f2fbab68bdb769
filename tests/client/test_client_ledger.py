"""A client with a ledger: the same key never pays again, and every end is on the disk."""

from __future__ import annotations

import asyncio
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pixazo_openapi.request import Request

from pixazo import (
    AsyncPixazo,
    BadRequest,
    ClientClosed,
    GatewayFailure,
    InsufficientBalance,
    InvalidCallbackBase,
    InvalidConfiguration,
    JobErrored,
    JobFailed,
    Ledger,
    LedgerError,
    LedgerMoveRefused,
    NothingToDeliver,
    OutcomeUnknown,
    Pixazo,
    PriceUnknown,
    QwenImage,
    QwenImageMax,
    RateLimited,
    RedirectRefused,
    SpendLimitReached,
    WaitTimedOut,
)
from pixazo.errors import PixazoError
from pixazo.steps import Call, Outcome, Reply
from tests.client.conftest import Caller, DrivenClock
from tests.client.gateway import ID, KEY, Answer, FakeGateway, Reset, receipt, status

QUEUED, DIRECT = QwenImageMax(prompt="a white tiger"), QwenImage(prompt="a white tiger")
BUSY = Answer(429, {"error": "Too Many Requests"}, {"Retry-After": "3"})
Calling = Callable[..., Caller]


def delivery(gateway: FakeGateway) -> Answer:
    """Return what the direct model answers, with a picture that can be fetched."""
    return Answer(200, {"output": {"media_url": [f"{gateway.url}/media/0.png"]}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as opened:
        yield opened


@pytest.fixture
def client(calling: Calling, ledger: Ledger) -> Caller:
    return calling(ledger=ledger)


def state(ledger: Ledger, key: str = "one") -> tuple[str, str]:
    entry = ledger.entry(key)
    assert entry is not None
    return entry.state, entry.charged


# The same key


def test_a_queued_job_is_paid_for_once(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """The same key comes to the same result without a second request of any kind."""
    first = client.generate(QUEUED, key="one")
    seen = len(gateway.seen)
    second = client.generate(QUEUED, key="one")

    assert (gateway.count("POST"), len(gateway.seen)) == (1, seen)
    assert first == second
    assert first.elapsed_s == second.elapsed_s == 12.0
    assert state(ledger) == ("completed", "yes")


def test_a_direct_request_is_paid_for_once(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """A direct model's answer is kept, with the id that was made for it."""
    gateway.post(delivery(gateway))

    first, second = (client.generate(DIRECT, key="one") for _ in range(2))

    assert gateway.count("POST") == 1
    assert first == second
    assert state(ledger) == ("completed", "yes")


def test_without_a_key_each_call_is_a_new_job(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """A key is made up for each call, so nothing is taken for a repetition."""
    gateway.post(delivery(gateway))

    for _ in range(2):
        client.generate(DIRECT)

    assert gateway.count("POST") == 2
    assert len(ledger.entries(["completed"])) == 2


def test_a_submitted_job_is_waited_for(client: Caller, gateway: FakeGateway) -> None:
    """What another process submitted is looked at once and not sent again."""
    client.submit(QUEUED, key="one")

    result = client.generate(QUEUED, key="one")

    assert (gateway.count("POST"), gateway.count("GET")) == (1, 1)
    assert result.request_id == ID


def test_a_job_submitted_again_is_the_same_job(client: Caller, gateway: FakeGateway) -> None:
    """submit() with a known key names the job that is there, also after its end."""
    tokens = [client.submit(QUEUED, key="one")]
    client.wait(tokens[0])
    tokens.append(client.submit(QUEUED, key="one"))

    assert gateway.count("POST") == 1
    assert [client.wait(token).request_id for token in tokens] == [ID, ID]


def test_another_request_under_the_same_key_is_refused(
    client: Caller, gateway: FakeGateway
) -> None:
    """A key belongs to one request; another body under it is an error before anything is sent."""
    client.submit(QUEUED, key="one")

    with pytest.raises(LedgerMoveRefused, match="belongs to a different request"):
        client.generate(QwenImageMax(prompt="a black panther"), key="one")
    assert gateway.count("POST") == 1


def test_a_job_of_another_gateway_is_not_asked_for_here(
    calling: Calling, client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """A key whose job went elsewhere is refused and names the gateway it went to."""
    client.submit(QUEUED, key="one")
    other = FakeGateway()

    with pytest.raises(InvalidConfiguration, match=f"is of {gateway.url}, this client talks to"):
        calling(ledger=ledger, base_url=other.url).generate(QUEUED, key="one")
    assert not other.seen
    other.close()


@pytest.mark.parametrize("key", ["", "x" * 201, "line\nbreak"])
def test_a_key_that_nobody_could_read_is_refused(
    client: Caller, gateway: FakeGateway, key: str
) -> None:
    """A key has 1 to 200 printable characters."""
    with pytest.raises(InvalidConfiguration, match="1 to 200 printable characters"):
        client.generate(QUEUED, key=key)
    assert not gateway.seen


def test_any_printable_key_makes_a_harmless_header(client: Caller, gateway: FakeGateway) -> None:
    """Whatever a key is, what is sent of it is a hash, the same in every attempt."""
    gateway.post(BUSY, receipt())

    client.generate(QUEUED, key="ein Löwe / 1")

    sent = {seen.headers["idempotency-key"] for seen in gateway.seen if seen.method == "POST"}
    assert len(sent) == 1
    assert sent.pop().isalnum()


def test_a_key_needs_a_ledger(caller: Caller, gateway: FakeGateway) -> None:
    """Without a ledger a key would promise what nobody keeps."""
    with pytest.raises(InvalidConfiguration, match="means nothing without a ledger"):
        caller.generate(QUEUED, key="one")
    assert not gateway.seen


# Before and after each step


def test_intent_and_sending_are_on_the_disk_before_a_byte_leaves(
    client: Caller, path: Path, gateway: FakeGateway
) -> None:
    """When the request arrives, another process reads `sending`; after submit() the id."""
    read: list[tuple[str, str | None]] = []

    def look() -> tuple[str, str | None]:
        with Ledger.open_readonly(path) as report:
            (entry,) = report.entries()
            return entry.state, entry.request_id

    def answer(_: Any) -> Answer:
        read.append(look())
        return receipt()

    gateway.post(answer)
    client.submit(QUEUED, key="one")
    read.append(look())

    assert read == [("sending", None), ("submitted", ID)]


def test_an_end_is_on_the_disk_before_anybody_is_told(
    client: Caller, path: Path, gateway: FakeGateway
) -> None:
    """on_status hears of the end when the ledger knows media and answer."""
    gateway.get(status("PROCESSING"), status("COMPLETED", f"{gateway.url}/media/0.png"))
    read: list[tuple[str, str, bool]] = []

    def hear(heard: Any) -> None:
        with Ledger.open_readonly(path) as report:
            (entry,) = report.entries()
        read.append((heard.status, entry.state, bool(entry.media and entry.answer)))

    client.generate(QUEUED, key="one", on_status=hear)

    assert read == [("PROCESSING", "submitted", False), ("COMPLETED", "completed", True)]


def test_a_look_at_an_ended_job_is_written_down(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """status() and job(id) know the ledger's job by its request id."""
    client.submit(QUEUED, key="one")

    client.status(ID)

    assert state(ledger) == ("completed", "yes")


def test_a_job_of_elsewhere_is_waited_for_without_a_row(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """An id that the ledger does not know is served all the same."""
    assert client.wait(ID).request_id == ID
    assert ledger.entries() == []


def test_saving_is_written_down(
    client: Caller, ledger: Ledger, gateway: FakeGateway, tmp_path: Path
) -> None:
    """A saved result is `downloaded` with its files; saving it again elsewhere changes nothing."""
    result = client.generate(QUEUED, key="one")
    (file,) = client.save(result, tmp_path / "first")
    client.save(result, tmp_path / "second")

    entry = ledger.entry("one")
    assert entry is not None
    assert (entry.state, entry.files) == ("downloaded", (str(file),))


def test_a_result_can_be_saved_after_its_client_and_process(
    calling: Calling, path: Path, gateway: FakeGateway, tmp_path: Path
) -> None:
    """A result outlives its client, pickled or not, and still tells the ledger."""
    caller = calling(ledger=path)
    results = [caller.generate(QUEUED, key="one"), caller.generate(QUEUED, key="one")]

    caller.save(pickle.loads(pickle.dumps(results[0])), tmp_path / "out")  # noqa: S301 (our own)
    caller.save(results[1], tmp_path / "out")

    with Ledger(path) as ledger:
        assert state(ledger) == ("downloaded", "yes")


def test_durations_are_learned_from_the_ledger(
    gateway: FakeGateway, calling: Calling, path: Path, clock: DrivenClock
) -> None:
    """A new process begins with the durations of earlier ones, of this gateway alone."""
    gateway.post(*(receipt(f"{ID}{number}") for number in range(6)))
    for number in range(5):
        calling(ledger=path, durations=None).generate(QUEUED, key=f"{number}")
    clock.sleeps.clear()

    calling(ledger=path, durations=None).generate(QUEUED, key="last")

    assert clock.sleeps[0] == pytest.approx(12, abs=0.5)


def test_a_job_that_was_fetched_late_teaches_only_named_times(
    gateway: FakeGateway, calling: Calling, path: Path, clock: DrivenClock
) -> None:
    """How long after its submission it was asked for is no duration."""
    untimed = dict.fromkeys(("created_at", "updated_at", "completed_at"))
    done = f"{gateway.url}/media/0.png"
    gateway.post(*(receipt(f"{ID}{number}") for number in range(2)))
    gateway.get(
        status("COMPLETED", done, request_id=f"{ID}0", **untimed),
        status("COMPLETED", done, request_id=f"{ID}1", completed_at="2026-03-31T10:00:09.000Z"),
    )
    calling(ledger=path).submit(QUEUED, key="0")
    calling(ledger=path).submit(QUEUED, key="1")
    clock.at += 500

    results = [calling(ledger=path).generate(QUEUED, key=key) for key in "01"]

    with Ledger(path) as ledger:
        assert ledger.durations(QUEUED.model_id) == [9.0]
    assert [result.request_id for result in results] == [f"{ID}0", f"{ID}1"]


# What goes wrong


@pytest.mark.parametrize(
    ("answer", "error", "after"),
    [
        (Answer(401, {"error": "no"}), PixazoError, ("intent", "no")),
        (Answer(402, {"error": "no"}), InsufficientBalance, ("intent", "no")),
        (Answer(403, {"error": "no"}), PixazoError, ("intent", "no")),
        (Answer(429, {"error": "no"}), RateLimited, ("intent", "no")),
        (Answer(500, {"error": "no"}), GatewayFailure, ("intent", "no")),
        (Answer(301, "", {"Location": "/"}), RedirectRefused, ("intent", "no")),
        (Answer(302, "", {"Location": "/"}), RedirectRefused, ("unknown", "unknown")),
        (Answer(400, {"error": "bad"}), BadRequest, ("rejected", "no")),
        (Answer(422, {"error": "bad"}), PixazoError, ("rejected", "no")),
        (Answer(502, "<html>"), OutcomeUnknown, ("unknown", "unknown")),
        (Answer(202, {"status": "QUEUED"}), OutcomeUnknown, ("unknown", "unknown")),
        (Reset(), OutcomeUnknown, ("unknown", "unknown")),
    ],
)
def test_each_answer_leaves_its_state(
    calling: Calling,
    ledger: Ledger,
    gateway: FakeGateway,
    answer: Any,
    error: type[PixazoError],
    after: tuple[str, str],
) -> None:
    """What was refused for now can be sent again, what is wrong is over, what is lost unknown."""
    gateway.post(answer)

    with pytest.raises(error) as caught:
        calling(ledger=ledger, attempts=1).generate(QUEUED, key="one")

    assert state(ledger) == after
    assert caught.value.charged == after[1]
    entry = ledger.entry("one")
    assert entry is not None
    assert entry.error == getattr(caught.value, "reason", caught.value.message)


def test_an_id_given_twice_is_unknown(client: Caller, ledger: Ledger, gateway: FakeGateway) -> None:
    """When the gateway names another job's id, the job is paid for and its own id unknown."""
    client.submit(QUEUED, key="zero")

    with pytest.raises(LedgerMoveRefused, match="belongs to the job zero") as caught:
        client.submit(QUEUED, key="one")

    assert (caught.value.request_id, caught.value.charged) == (ID, "unknown")
    assert state(ledger) == ("unknown", "unknown")


def test_what_was_not_accepted_is_sent_under_the_same_key(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """After an empty wallet was filled the same key goes through."""
    gateway.post(Answer(402, {"error": "no"}), receipt())
    with pytest.raises(InsufficientBalance):
        client.generate(QUEUED, key="one")

    assert client.generate(QUEUED, key="one").request_id == ID
    assert gateway.count("POST") == 2


def test_a_lost_answer_is_never_sent_again(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """The key of a lost answer raises OutcomeUnknown for good, and names the way to decide."""
    gateway.post(Reset(), receipt())
    errors = []
    for _ in range(2):
        with pytest.raises(OutcomeUnknown) as caught:
            client.generate(QUEUED, key="one")
        errors.append(caught.value)

    assert gateway.count("POST") == 1
    for error in errors:
        assert "pixazo jobs unknown --resend one" in error.hint
        assert error.charged == "unknown"
    assert client.generate(QUEUED, key="one", resend=True).request_id == ID
    assert gateway.count("POST") == 2


@pytest.mark.parametrize("request_", [QUEUED, DIRECT], ids=["queued", "direct"])
@pytest.mark.parametrize("code", [400, 402, 429, 500])
def test_what_is_refused_when_sent_once_more_stays_unknown(
    calling: Calling, ledger: Ledger, gateway: FakeGateway, request_: Request, code: int
) -> None:
    """No refusal of the second attempt says what became of the first one."""
    gateway.post(Reset(), Answer(code, {"error": "no"}))
    client = calling(ledger=ledger, attempts=2)
    with pytest.raises(OutcomeUnknown):
        client.generate(request_, key="one")

    with pytest.raises(PixazoError) as caught:
        client.generate(request_, key="one", resend=True)

    assert caught.value.charged == "unknown"
    assert state(ledger) == ("unknown", "unknown")
    sent = gateway.count("POST")
    with pytest.raises(OutcomeUnknown):
        client.generate(request_, key="one")
    assert gateway.count("POST") == sent


def test_what_is_sent_once_more_and_refused_for_now_is_tried_again(
    client: Caller, gateway: FakeGateway
) -> None:
    """A 429 ends no resend: the doubt is still the one that it was to end."""
    gateway.post(Reset(), BUSY, receipt())
    with pytest.raises(OutcomeUnknown):
        client.generate(QUEUED, key="one")

    assert client.generate(QUEUED, key="one", resend=True).request_id == ID
    assert gateway.count("POST") == 3


def test_a_limit_that_forbids_sending_once_more_leaves_the_job_unknown(
    calling: Calling, ledger: Ledger, gateway: FakeGateway
) -> None:
    """Nothing is sent, and the first attempt is still to be decided about."""
    gateway.post(Reset())
    with pytest.raises(OutcomeUnknown):
        calling(ledger=ledger).generate(DIRECT, key="one")

    with pytest.raises(SpendLimitReached) as caught:
        calling(ledger=ledger, spend_limit="0.01").generate(DIRECT, key="one", resend=True)

    assert caught.value.charged == "unknown"

    assert state(ledger) == ("unknown", "unknown")
    assert gateway.count("POST") == 1


def test_sending_once_more_sends_nothing_that_is_not_in_doubt(
    client: Caller, gateway: FakeGateway
) -> None:
    """A job that was accepted is gone on with, whatever is asked."""
    first = client.generate(QUEUED, key="one")
    assert client.generate(QUEUED, key="one", resend=True).request_id == first.request_id
    assert gateway.count("POST") == 1


def test_sending_once_more_needs_a_key(client: Caller) -> None:
    """Without a key there is no job to send once more."""
    with pytest.raises(InvalidConfiguration, match="key"):
        client.generate(QUEUED, resend=True)


@pytest.mark.parametrize("request_", [QUEUED, DIRECT], ids=["queued", "direct"])
def test_a_forgotten_key_is_a_new_key(
    client: Caller, ledger: Ledger, gateway: FakeGateway, request_: Request
) -> None:
    """The job is made anew and paid for; what the first one cost is still in the sums."""
    if request_ is DIRECT:
        gateway.post(delivery(gateway))
    client.generate(request_, key="one")
    paid = sum(row.attempts for row in ledger.spent())
    ledger.move("one", "downloaded")
    assert ledger.forget(["one"]) == 1

    client.generate(request_, key="one")

    assert state(ledger) == ("completed", "yes")
    assert sum(row.attempts for row in ledger.spent()) == paid + 1
    assert gateway.count("POST") == 2


def test_a_rejected_request_raises_its_error_again(client: Caller, gateway: FakeGateway) -> None:
    """The same key of a wrong request is the same error, and nothing is sent."""
    gateway.post(Answer(400, {"error": "bad", "message": "no tigers"}))
    errors = []
    for _ in range(2):
        with pytest.raises(BadRequest, match=r"400.*no tigers") as caught:
            client.generate(QUEUED, key="one")
        errors.append(caught.value)

    assert gateway.count("POST") == 1
    assert errors[0].body == errors[1].body
    assert "a new key is a new job" in errors[1].hint


@pytest.mark.parametrize(
    ("word", "error", "charged"), [("FAILED", JobFailed, "unknown"), ("ERROR", JobErrored, "no")]
)
def test_a_failed_job_raises_its_error_again(
    client: Caller,
    ledger: Ledger,
    gateway: FakeGateway,
    word: str,
    error: type[JobFailed],
    charged: str,
) -> None:
    """FAILED stays at stake, ERROR gives the money back; the key keeps the outcome."""
    gateway.get(status(word, error="no tigers today"))
    for _ in range(2):
        with pytest.raises(error, match="no tigers today") as caught:
            client.generate(QUEUED, key="one")
        assert type(caught.value) is error
        assert caught.value.charged == charged

    assert (gateway.count("POST"), gateway.count("GET")) == (1, 1)
    assert state(ledger) == ("failed", charged)


def test_a_job_given_up_raises_and_is_not_sent(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """A job that a person abandoned stays abandoned under its key."""
    gateway.post(Reset())
    with pytest.raises(OutcomeUnknown):
        client.generate(QUEUED, key="one")
    ledger.move("one", "failed", error="given up by hand")

    with pytest.raises(JobFailed, match="given up by hand") as caught:
        client.generate(QUEUED, key="one")
    assert caught.value.charged == "unknown"
    assert gateway.count("POST") == 1


def test_a_direct_answer_without_media_is_kept_as_paid(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """An answer that names no media is `completed`, charged, and the same error the next time."""
    gateway.post(Answer(200, {"output": {}}))
    for _ in range(2):
        with pytest.raises(NothingToDeliver):
            client.generate(DIRECT, key="one")

    assert gateway.count("POST") == 1
    assert state(ledger) == ("completed", "yes")


def test_a_job_without_media_stays_on_its_way_and_is_paid(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """COMPLETED with garbled media is no end: the same key looks again and never pays again."""
    gateway.get(status("COMPLETED", output={"media_url": ["list"]}))
    for _ in range(2):
        with pytest.raises(NothingToDeliver):
            client.generate(QUEUED, key="one")
    entry = ledger.entry("one")
    assert entry is not None
    assert (entry.state, entry.charged, entry.media) == ("submitted", "yes", ())
    assert "names no media" in (entry.error or "")

    gateway.get(status("COMPLETED", f"{gateway.url}/media/0.png"))
    result = client.generate(QUEUED, key="one")

    assert len(result.media) == gateway.count("POST") == 1
    assert state(ledger) == ("completed", "yes")


def test_garbled_media_of_an_older_version_are_asked_for_again(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """A job that was written down as completed with what is no address is looked at again."""
    ledger.intend(QUEUED, key="one", base_url=gateway.url)
    ledger.move("one", "sending")
    ledger.move("one", "submitted", request_id=ID)
    garbled = status("COMPLETED", output={"media_url": ["list"]}).body
    ledger.move("one", "completed", media=["list"], answer=garbled)

    result = client.generate(QUEUED, key="one")

    assert [medium.url for medium in result.media] == [f"{gateway.url}/media/0.png"]
    assert gateway.count("POST") == 0


def test_a_pause_gives_the_money_back(
    client: Caller, ledger: Ledger, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """While a client waits to send again nothing is in flight and nothing is at stake."""
    gateway.post(BUSY, receipt())
    seen: list[tuple[str, str]] = []
    inner = clock.sleep
    clock.sleep = lambda seconds: (seen.append(state(ledger)), inner(seconds))[1]  # type: ignore[method-assign]

    client.submit(QUEUED, key="one")

    assert seen == [("intent", "no")]
    entry = ledger.entry("one")
    assert entry is not None
    assert entry.attempt == 2


def test_a_wrong_webhook_leaves_no_row(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """What is refused before it could be sent is not written down."""
    with pytest.raises(InvalidCallbackBase):
        client.submit(QUEUED, key="one", webhook="http://far.example/")
    assert ledger.entries() == []


def test_a_deadline_keeps_the_job(client: Caller, ledger: Ledger, gateway: FakeGateway) -> None:
    """A wait that gives up leaves the job submitted, and the key goes on with it."""
    gateway.get(status("PROCESSING"))
    with pytest.raises(WaitTimedOut):
        client.generate(QUEUED, key="one", timeout=30)
    assert state(ledger) == ("submitted", "unknown")

    gateway.get(status("COMPLETED", f"{gateway.url}/media/0.png"))
    assert client.generate(QUEUED, key="one").media
    assert gateway.count("POST") == 1


@pytest.mark.parametrize("kept", [True, False], ids=["ledger", "no ledger"])
def test_media_without_an_id_are_delivered(
    calling: Calling, ledger: Ledger, gateway: FakeGateway, kept: bool
) -> None:
    """A queued model that answers with its media at once is paid for, whatever it calls the job."""
    gateway.post(delivery(gateway))
    client = calling(ledger=ledger) if kept else calling()

    result = client.generate(QUEUED, **({"key": "one"} if kept else {}))

    assert [medium.url for medium in result.media] == [f"{gateway.url}/media/0.png"]
    assert result.request_id.startswith("qwen-image-max_")
    assert (gateway.count("POST"), gateway.count("GET")) == (1, 0)
    if kept:
        assert state(ledger) == ("completed", "yes")


def test_an_answer_without_an_id_is_kept(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """Nobody knows what it is worth, so that all of it is on the error and in the ledger."""
    body = {"message": "taken", "ticket": "x" * 300}
    gateway.post(Answer(202, body))

    with pytest.raises(OutcomeUnknown) as caught:
        client.generate(QUEUED, key="one")

    assert caught.value.raw == body
    (entry,) = ledger.entries()
    assert (entry.state, entry.answer) == ("unknown", body)


def test_an_id_that_is_a_number_is_an_id(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """The job is found under the digits."""
    gateway.post(Answer(202, {"request_id": 4711, "status": "QUEUED"}))

    client.submit(QUEUED, key="one")

    (entry,) = ledger.entries()
    assert (entry.state, entry.request_id) == ("submitted", "4711")


@pytest.mark.parametrize("later_s", [0.0, 3600.0], ids=["at once", "an hour later"])
def test_one_404_loses_no_job_that_is_gone_on_with(
    client: Caller, gateway: FakeGateway, clock: DrivenClock, later_s: float
) -> None:
    """However old a paid job is, one server that does not know it is not the last to be asked."""
    client.submit(QUEUED, key="one")
    clock.at += later_s
    gateway.get(
        Answer(404, {"error": "not found"}), status("COMPLETED", f"{gateway.url}/media/0.png")
    )

    assert client.generate(QUEUED, key="one").media
    assert (gateway.count("POST"), gateway.count("GET")) == (1, 2)


# Interruptions


def test_ctrl_c_in_a_pause_puts_nothing_at_stake(
    ledger: Ledger, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """Ctrl-C between two attempts leaves an intent."""
    gateway.post(BUSY)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    clock.sleep = interrupt  # type: ignore[method-assign]
    with (
        Pixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger) as client,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        client.generate(QUEUED, key="one")

    assert state(ledger) == ("intent", "no")
    assert any("pixazo jobs" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("request_", [QUEUED, DIRECT], ids=["queued", "direct"])
def test_a_client_that_is_closed_in_a_pause_sends_nothing_more(
    ledger: Ledger, gateway: FakeGateway, clock: DrivenClock, request_: Request
) -> None:
    """Somebody else closes the client between two attempts: an intent, and nothing at stake."""
    gateway.post(BUSY)
    client = Pixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger)
    clock.sleep = lambda _: client.close()  # type: ignore[method-assign]

    with pytest.raises(ClientClosed):
        client.generate(request_, key="one")

    assert state(ledger) == ("intent", "no")
    assert gateway.count("POST") == 1


def test_a_client_that_is_closed_under_a_wait_loses_no_job(
    ledger: Ledger, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """The error holds what finds the job again, and does not call it uncharged."""
    gateway.get(status("PROCESSING"))
    client = Pixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger)
    clock.sleep = lambda _: client.close()  # type: ignore[method-assign]

    with pytest.raises(ClientClosed) as caught:
        client.generate(QUEUED, key="one")

    assert (caught.value.charged, caught.value.request_id) == ("unknown", ID)
    assert caught.value.token
    assert state(ledger) == ("submitted", "unknown")


def test_what_another_caller_lost_is_not_sent_by_the_next_one(
    ledger: Ledger, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """While one caller waits for its turn another sends the job and loses the answer."""
    gateway.post(BUSY, Reset(), delivery(gateway))

    def meanwhile(_: float) -> None:
        del clock.sleep  # from now on it moves the clock again
        with (
            Pixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger) as other,
            pytest.raises(OutcomeUnknown),
        ):
            other.generate(DIRECT, key="one")

    clock.sleep = meanwhile  # type: ignore[method-assign]
    with (
        Pixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.generate(DIRECT, key="one")

    assert gateway.count("POST") == 2
    assert state(ledger) == ("unknown", "unknown")


def test_a_ledger_that_is_closed_under_a_paid_request_calls_nothing_uncharged(
    path: Path, gateway: FakeGateway
) -> None:
    """The answer is lost and cannot be written down: perhaps charged, and unknown afterwards."""
    gateway.post(Reset())
    ledger = Ledger(path)
    client = Pixazo(KEY, base_url=gateway.url, ledger=ledger)
    send = client._exchange.send

    def close_under_it(call: Call) -> Outcome:
        outcome = send(call)
        ledger.close()
        return outcome

    client._exchange.send = close_under_it  # type: ignore[method-assign]
    with pytest.raises(LedgerError) as caught:
        client.generate(DIRECT, key="one")
    client.close()

    assert caught.value.charged == "unknown"
    with Ledger(path) as after:
        assert state(after) == ("unknown", "unknown")


@pytest.mark.parametrize("request_", [QUEUED, DIRECT], ids=["queued", "direct"])
def test_whatever_breaks_while_a_request_is_on_its_way_leaves_it_unknown(
    ledger: Ledger, gateway: FakeGateway, request_: Request
) -> None:
    """Ctrl-C, or a bug of ours, right behind the answer: no job stays `sending`."""
    gateway.post(Answer(202, {"request_id": ID, "status": "QUEUED"}))
    client = Pixazo(KEY, base_url=gateway.url, ledger=ledger)

    def interrupted(call: Call) -> Outcome:
        send(call)
        raise KeyboardInterrupt

    send, client._exchange.send = client._exchange.send, interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        client.generate(request_, key="one")
    client.close()

    assert state(ledger) == ("unknown", "unknown")


def test_who_is_interrupted_in_the_line_for_another_attempt_has_nothing_at_stake(
    ledger: Ledger, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """After a 429 the pause is over and another turn is waited for; Ctrl-C leaves an intent."""
    gateway.post(Answer(429, {"error": "no"}, {"Retry-After": "1"}))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.at += seconds
        if len(slept) == 1:  # meanwhile somebody else was told to wait for longer
            client._turns.heard(Reply(429, {"retry-after": "20"}, b"{}"))
        else:
            raise KeyboardInterrupt

    clock.sleep = sleep  # type: ignore[method-assign]
    with (
        Pixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger) as client,
        pytest.raises(KeyboardInterrupt),
    ):
        client.generate(DIRECT, key="one")

    assert len(slept) == 2
    assert state(ledger) == ("intent", "no")


def test_a_cancelled_call_is_unknown_at_once(
    ledger: Ledger, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """A task that is cancelled while its request is on the way says so in the ledger."""
    arrived, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> Answer:
        arrived.set()
        go_on.wait(5)
        return receipt()

    gateway.post(hold)

    async def call() -> None:
        async with AsyncPixazo(KEY, base_url=gateway.url, clock=clock, ledger=ledger) as client:
            task = asyncio.create_task(client.generate(QUEUED, key="one"))
            await asyncio.to_thread(arrived.wait, 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(call())
    go_on.set()

    assert state(ledger) == ("unknown", "unknown")


# Together


def test_tasks_with_one_key_share_one_job(ledger: Ledger, gateway: FakeGateway) -> None:
    """Twenty tasks that ask for the same key at once send one request and get one result."""

    async def call() -> list[Any]:
        async with AsyncPixazo(KEY, base_url=gateway.url, ledger=ledger) as client:
            asked = [client.submit(QUEUED, key="one") for _ in range(20)]
            return await asyncio.gather(*asked)

    jobs = asyncio.run(call())

    assert gateway.count("POST") == 1
    assert {job.request_id for job in jobs} == {ID}


def test_a_job_that_another_process_sends_is_waited_for(
    client: Caller, path: Path, gateway: FakeGateway, clock: DrivenClock
) -> None:
    """While somebody else is sending the key, a client looks at the ledger and does not send."""
    with sqlite3.connect(path, isolation_level=None) as other:
        client.submit(QUEUED, key="one")
        other.execute("update job set state = 'sending', request_id = null, owner = null")
        inner = clock.sleep

        def sleep(seconds: float) -> None:
            other.execute("update job set state = 'submitted', request_id = ?", (ID,))
            inner(seconds)

        clock.sleep = sleep  # type: ignore[method-assign]
        assert client.generate(QUEUED, key="one").request_id == ID
    other.close()

    assert gateway.count("POST") == 1


def test_a_wait_for_another_sender_ends(client: Caller, path: Path, gateway: FakeGateway) -> None:
    """A key that is being sent for ever ends in WaitTimedOut, not in a second request."""
    client.submit(QUEUED, key="one")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("update job set state = 'sending', request_id = null, owner = null")
    other.close()

    with pytest.raises(WaitTimedOut, match="another process has been sending the job one"):
        client.generate(QUEUED, key="one", timeout=5)
    assert gateway.count("POST") == 1


# Money


def test_a_limit_holds_over_parallel_requests(ledger: Ledger, gateway: FakeGateway) -> None:
    """Of ten tasks at once exactly those are sent that fit under the limit."""
    gateway.post(delivery(gateway))

    async def call() -> list[Any]:
        async with AsyncPixazo(
            KEY, base_url=gateway.url, ledger=ledger, spend_limit="0.15"
        ) as client:
            asked = [client.generate(DIRECT) for _ in range(10)]
            return await asyncio.gather(*asked, return_exceptions=True)

    came = asyncio.run(call())

    assert gateway.count("POST") == 3
    assert sum(isinstance(each, SpendLimitReached) for each in came) == 7


def test_a_limit_below_the_first_estimate_sends_nothing(
    calling: Calling, ledger: Ledger, gateway: FakeGateway
) -> None:
    """The error names the limit, what was spent and what was asked."""
    with pytest.raises(SpendLimitReached) as caught:
        calling(ledger=ledger, spend_limit=0.04).generate(DIRECT, key="one")

    error = caught.value
    assert (error.limit_usd, error.asked_usd) == (Decimal("0.04"), Decimal("0.045"))
    assert error.charged == "no"
    assert not gateway.seen
    assert state(ledger) == ("intent", "no")


def test_a_limit_of_one_request_refuses_the_dear_and_sends_the_cheap(
    calling: Calling, ledger: Ledger, gateway: FakeGateway
) -> None:
    """`spend_limit_call` looks at each request alone, however much was spent before."""
    gateway.post(delivery(gateway))
    for _ in range(3):
        calling(ledger=ledger, spend_limit_call="0.045").generate(DIRECT)
    with pytest.raises(SpendLimitReached, match="limit for one request") as caught:
        calling(ledger=ledger, spend_limit_call="0.044").generate(DIRECT)

    assert "--max-spend-call, spend_limit_call" in caught.value.hint
    assert (caught.value.charged, gateway.count("POST")) == ("no", 3)


def test_a_limit_of_one_request_needs_no_ledger(calling: Calling, gateway: FakeGateway) -> None:
    """It holds for a client without a ledger, too."""
    with pytest.raises(SpendLimitReached):
        calling(spend_limit_call="0.04").generate(DIRECT)
    assert not gateway.seen


def test_an_unknown_price_is_refused_under_a_limit(
    calling: Calling, ledger: Ledger, gateway: FakeGateway
) -> None:
    """Without a documented price a limit means nothing, unless the caller states one."""
    with pytest.raises(PriceUnknown, match="qwen-image-max"):
        calling(ledger=ledger, spend_limit=5).generate(QUEUED, key="one")
    assert not gateway.seen

    calling(ledger=ledger, spend_limit=5, assume_price="0.10").generate(QUEUED, key="one")
    (spent,) = ledger.spent()
    assert spent.charged_usd == Decimal("0.10")


def test_a_run_goes_on_counting_where_it_was(
    calling: Calling, ledger: Ledger, gateway: FakeGateway
) -> None:
    """Clients of the same run share its limit, others begin at zero."""
    gateway.post(delivery(gateway))
    calling(ledger=ledger, spend_limit="0.05", run="mine").generate(DIRECT)
    with pytest.raises(SpendLimitReached):
        calling(ledger=ledger, spend_limit="0.05", run="mine").generate(DIRECT)

    calling(ledger=ledger, spend_limit="0.05").generate(DIRECT)


def test_a_day_limit_counts_for_all(calling: Calling, ledger: Ledger, gateway: FakeGateway) -> None:
    """The limit of a day holds over clients, whatever their run."""
    gateway.post(delivery(gateway))
    calling(ledger=ledger, spend_limit_day="0.05").generate(DIRECT)

    with pytest.raises(SpendLimitReached, match="today"):
        calling(ledger=ledger, spend_limit_day="0.05").generate(DIRECT)


def test_an_errored_job_gives_its_reservation_back(
    calling: Calling, ledger: Ledger, gateway: FakeGateway
) -> None:
    """After ERROR the money can be spent again; after FAILED it stays at stake."""
    client = calling(ledger=ledger, spend_limit="0.10", assume_price="0.10", run="mine")
    gateway.get(status("ERROR"))
    with pytest.raises(JobErrored):
        client.generate(QUEUED, key="one")
    gateway.post(receipt(f"{ID}2"))
    gateway.get(status("FAILED", request_id=f"{ID}2"))
    with pytest.raises(JobFailed):
        client.generate(QUEUED, key="two")

    with pytest.raises(SpendLimitReached):
        client.generate(QUEUED, key="three")
    (spent,) = ledger.spent()
    assert (spent.returned_usd, spent.unknown_usd) == (Decimal("0.10"), Decimal("0.10"))


def test_a_limit_alone_holds_for_the_client(gateway: FakeGateway, clock: DrivenClock) -> None:
    """Without a ledger a limit counts what this client sent, and leaves nothing behind."""
    gateway.post(delivery(gateway))
    with Pixazo(KEY, base_url=gateway.url, clock=clock, spend_limit="0.05") as client:
        assert client.ledger is None
        result = client.generate(DIRECT)
        with pytest.raises(SpendLimitReached):
            client.generate(DIRECT)

    assert result.media


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
def test_a_limit_without_a_place_to_count_in_is_one_clear_error(
    gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that takes no temporary file, say a read-only container, is told of the ledger."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))

    with pytest.raises(InvalidConfiguration, match="no place to count what is spent") as caught:
        Pixazo(KEY, base_url=gateway.url, spend_limit="0.05")

    assert "TMPDIR" in caught.value.hint


def test_a_forked_child_takes_no_limit_away(gateway: FakeGateway, tmp_path: Path) -> None:
    """The books of a limit without a ledger stay when a child ends, and go with their process."""
    gateway.post(delivery(gateway))
    program = """
import os, sys, warnings
from pixazo import Pixazo, QwenImage
warnings.simplefilter("ignore", DeprecationWarning)  # since 3.12: threads do not cross a fork
client = Pixazo("key", base_url=sys.argv[1], spend_limit="0.05")
child = os.fork()
if child == 0:
    sys.exit()
os.waitpid(child, 0)
print(client.generate(QwenImage(prompt="fog")).request_id)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, gateway.url],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        timeout=15,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"spend_limit": -1}, "spend_limit=-1 is not an amount"),
        ({"spend_limit": "much"}, "spend_limit='much' is not an amount"),
        ({"spend_limit_call": "1e999999"}, "spend_limit_call='1e999999' is not an amount"),
        ({"assume_price": "1e-9999"}, "assume_price='1e-9999' is not an amount"),
        ({"spend_limit": Decimal("1e9999")}, r"spend_limit=Decimal\('1E\+9999'\) is not an amount"),
        ({"spend_limit": "1" * 500}, r"spend_limit='1+'… \(500 characters\) is not an amount"),
        ({"spend_limit": 10**5000}, "spend_limit=<an integer of 16610 bits> is not"),
        ({"spend_limit": float("nan")}, "is not an amount"),
        ({"spend_limit": "0.0000001"}, "no finer than a millionth"),
        ({"spend_limit_day": 1}, "spend_limit_day needs a ledger"),
    ],
)
def test_a_limit_that_cannot_hold_is_refused(
    gateway: FakeGateway, settings: dict[str, Any], says: str
) -> None:
    """A wrong limit is told when the client is made."""
    with pytest.raises(InvalidConfiguration, match=says):
        Pixazo(KEY, base_url=gateway.url, **settings)


# A ledger that fails on the way


def break_at(ledger: Ledger, wanted: str) -> Callable[[], None]:
    """Let the disk be full when a job is to become this; return what makes room again."""
    note, permit = ledger.queue_note, ledger.permit

    def allow(pages: int | None = None) -> None:
        with ledger._store.held.used() as connection:
            if pages is None:
                pages = connection.execute("pragma page_count").fetchone()[0]
            connection.execute(f"pragma max_page_count = {pages}")

    def much(to: str, facts: dict[str, Any]) -> dict[str, Any]:
        if to != wanted:
            return facts
        allow()
        return {**facts, "note": "x" * 4000, "media": ["y" * 500_000]}

    def mend() -> None:
        allow(1_000_000)
        ledger.queue_note, ledger.permit = note, permit  # type: ignore[method-assign]

    ledger.queue_note = lambda key, to, **facts: note(key, to, **much(to, facts))  # type: ignore
    ledger.permit = lambda key, froms, **facts: permit(key, froms, **much("sending", facts))  # type: ignore
    return mend


@pytest.mark.parametrize(
    ("wanted", "charged", "sent"),
    [("sending", "no", 0), ("submitted", "unknown", 1), ("completed", "yes", 1)],
)
def test_a_full_disk_on_the_way_loses_nothing(
    client: Caller, ledger: Ledger, gateway: FakeGateway, wanted: str, charged: str, sent: int
) -> None:
    """The error says whether the job is charged, and carries its id as soon as there is one.

    When there is room again the ledger hears of it, too, and the same key goes on.
    """
    mend = break_at(ledger, wanted)

    with pytest.raises(LedgerError, match="full") as caught:
        client.generate(QUEUED, key="one")

    error = caught.value
    assert gateway.count("POST") == sent
    assert error.charged == charged
    assert error.request_id == (ID if sent else None)
    assert bool(error.token) == bool(sent)
    if wanted == "completed":
        assert f"media: {gateway.url}/media/0.png" in error.__notes__

    mend()
    assert client.generate(QUEUED, key="one").request_id == ID
    assert gateway.count("POST") == 1


def test_a_full_disk_after_a_direct_answer_names_the_media(
    client: Caller, ledger: Ledger, gateway: FakeGateway
) -> None:
    """A direct model's picture is paid for, so that the error brings its address."""
    gateway.post(delivery(gateway))
    break_at(ledger, "completed")

    with pytest.raises(LedgerError) as caught:
        client.generate(DIRECT, key="one")

    assert caught.value.charged == "yes"
    assert f"media: {gateway.url}/media/0.png" in caught.value.__notes__


def test_a_broken_ledger_sends_nothing(gateway: FakeGateway, path: Path) -> None:
    """A file that is no ledger is told when the client is made."""
    path.write_text("no ledger at all, but long enough to be looked at " * 10)

    with pytest.raises(LedgerError, match=str(path)):
        Pixazo(KEY, base_url=gateway.url, ledger=path)
    assert not gateway.seen
