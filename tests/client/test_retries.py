"""What is sent again and what never is."""

from __future__ import annotations

import socket
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pixazo
from pixazo import GatewayFailure, GatewayUnreachable, OutcomeUnknown, QwenImageMax, RateLimited
from pixazo.refusals import refusal, retry_after_s
from pixazo.retries import Give, Retry, Retrying, Stake, backoff_s, decide
from pixazo.steps import Failure, Moment, Outcome, Reply
from tests.client.gateway import ID, Answer, Drip, FakeGateway, Reset, Silence, receipt

TIGER = QwenImageMax(prompt="a white tiger")
STAKE = Stake("qwen-image", Decimal("0.045"), "k" * 32)
BUSY = Answer(429, {"error": "Too Many Requests", "message": "slow down"})
BROKEN = Answer(500, {"error": "Internal Server Error", "message": "oops"})


def verdict(outcome: Outcome, **settings: Any) -> Reply | Retry | Give:
    return decide(Moment(0.0, 1774951200.0, outcome), 1, STAKE, Retrying(**settings))


def reply(code: int, content: bytes = b"", **headers: str) -> Reply:
    return Reply(code, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@pytest.mark.parametrize(
    "outcome",
    [
        Failure("read time-out", sent=True),
        reply(408),
        reply(500),
        reply(500, b"<html>Internal Server Error</html>"),
        reply(500, b'"text"'),
        reply(500, b'["list"]'),
        reply(501, b"{}"),
        reply(502, b'{"error": "Bad Gateway"}'),
        reply(503, b'{"error": "Unavailable"}', retry_after="1"),
        reply(504, b"{}"),
        reply(599, b"{}"),
        reply(200),
        reply(202, b"<html></html>"),
        reply(202, b'{"request_id": "qwen'),
        reply(204),
    ],
    ids=str,
)
def test_what_may_have_been_accepted_is_never_sent_again(outcome: Outcome) -> None:
    """Whatever does not plainly say no after the bytes left is an unknown outcome."""
    given_up = verdict(outcome)

    assert isinstance(given_up, Give)
    assert isinstance(given_up.error, OutcomeUnknown)
    assert given_up.error.charged == "unknown"
    assert "$0.045 may be charged" in str(given_up.error)


def test_an_unknown_price_is_called_unknown() -> None:
    """The money at stake is named even when the documents name no price."""
    error = Stake("qwen-image-max", None, "k").unknown("gone")

    assert "an unknown price may be charged" in str(error)
    assert error.amount_usd is None


@pytest.mark.parametrize(
    "outcome", [reply(429), reply(429, b"<html></html>"), reply(500, b'{"error": "x"}')], ids=str
)
def test_a_documented_refusal_is_waited_for_when_asked_to(outcome: Outcome) -> None:
    """429, and 500 with a JSON object, are tried again, unless that is switched off."""
    assert isinstance(verdict(outcome), Retry)
    patient, impatient = verdict(outcome), verdict(outcome, server_errors=False)

    assert isinstance(patient, Retry)
    assert isinstance(impatient, Give)
    assert isinstance(impatient.error, RateLimited | GatewayFailure)
    assert impatient.error.charged == "no"


def test_what_did_not_leave_is_sent_again() -> None:
    """A request that never left may be repeated, whatever it costs."""
    again = verdict(Failure("ConnectError", sent=False), server_errors=False)

    assert isinstance(again, Retry)
    assert isinstance(again.error, GatewayUnreachable)


CLASSES = {
    400: pixazo.BadRequest,
    401: pixazo.Unauthorized,
    402: pixazo.InsufficientBalance,
    403: pixazo.Forbidden,
    404: pixazo.RequestNotFound,
    409: pixazo.RequestRefused,
    413: pixazo.RequestRefused,
    422: pixazo.RequestRefused,
}


@pytest.mark.parametrize("code", CLASSES)
@pytest.mark.parametrize(
    "body",
    [b"", b"<html><head><style>p{}</style></head><body><h1>No</h1></body></html>", b"{}", b"[1]"],
)
def test_every_refusal_has_its_class(code: int, body: bytes) -> None:
    """A status code makes the class, whatever the body is; the advice says what to do."""
    given_up = verdict(reply(code, body))

    assert isinstance(given_up, Give)
    assert type(given_up.error) is CLASSES[code]
    assert given_up.error.charged == "no"
    assert given_up.error.hint
    assert "p{}" not in str(given_up.error)
    assert "<" not in str(given_up.error)


def test_the_gateways_own_words_are_in_the_message() -> None:
    """Error and message of the documented body are told, and the body is kept."""
    body = b'{"error": "Insufficient Balance", "message": "Your wallet is empty."}'

    error = refusal(reply(402, body), "qwen-image")

    assert "Insufficient Balance: Your wallet is empty." in error.message
    assert error.body == {"error": "Insufficient Balance", "message": "Your wallet is empty."}


def test_a_disabled_model_is_a_bad_request_of_its_own() -> None:
    """The documented 400 for an unknown or disabled model is ModelNotFound."""
    body = b'{"error": "Model not found", "message": "Model \'m\' not found or is disabled"}'

    assert type(refusal(reply(400, body), "m")) is pixazo.ModelNotFound


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("Tue, 31 Mar 2026 10:00:30 GMT", 30.0),
        ("Tue, 31 Mar 2026 09:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("\u0661", None),
        ("9" * 400, 99999999999999999999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """Both documented forms of Retry-After are read, and nothing else."""
    assert retry_after_s({"retry-after": text}, 1774951200.0) == seconds


def test_a_retry_after_date_is_measured_on_the_gateways_clock() -> None:
    """The answer's Date goes before a wrong clock of ours."""
    headers = {
        "retry-after": "Tue, 31 Mar 2026 10:00:30 GMT",
        "date": "Tue, 31 Mar 2026 10:00:20 GMT",
    }

    assert retry_after_s(headers, epoch_s=0.0) == 10.0


@given(st.text())
def test_no_retry_after_breaks_anything(text: str) -> None:
    """Any text in Retry-After is read or passed over."""
    seconds = retry_after_s({"retry-after": text}, 0.0)

    assert seconds is None or seconds >= 0


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_back_off_grows_and_ends(attempt: int, jitter: float) -> None:
    """Each pause is at least the one before without its jitter, and none is above 90 s."""
    pause_s = backoff_s(attempt, jitter)

    assert 0.5 <= pause_s <= 90.0
    assert backoff_s(attempt + 1, 0.0) >= backoff_s(attempt, 0.0)


# --- over sockets


def test_a_busy_gateway_is_asked_again_with_the_same_key(
    caller: Any, gateway: FakeGateway, clock: Any
) -> None:
    """429 and 500 are waited for, with growing pauses and one Idempotency-Key."""
    gateway.post(BUSY, BROKEN, BUSY, receipt())

    result = caller.generate(TIGER)

    keys = {seen.headers["idempotency-key"] for seen in gateway.seen if seen.method == "POST"}
    assert result.request_id == ID
    assert gateway.count("POST") == 4
    assert len(keys) == 1
    assert clock.sleeps[0] < clock.sleeps[1] < clock.sleeps[2]


def test_retry_after_is_obeyed(caller: Any, gateway: FakeGateway, clock: Any) -> None:
    """The gateway's own pause is kept to."""
    gateway.post(Answer(429, {}, {"Retry-After": "17"}), receipt())

    caller.submit(TIGER)

    assert clock.sleeps == [17.0]


def test_a_retry_after_of_a_day_is_the_callers_to_wait_for(
    caller: Any, gateway: FakeGateway, clock: Any
) -> None:
    """A pause that holds the caller hostage is told instead of slept."""
    gateway.post(Answer(429, {}, {"Retry-After": "86400"}))

    with pytest.raises(RateLimited, match="in 86400 s") as caught:
        caller.submit(TIGER)

    assert caught.value.retry_after_s == 86400
    assert clock.sleeps == []


def test_a_gateway_that_stays_busy_is_left(calling: Any, gateway: FakeGateway) -> None:
    """After the last attempt the refusal is told."""
    gateway.post(BROKEN)

    with pytest.raises(GatewayFailure, match="Internal Server Error: oops") as caught:
        calling(attempts=3).submit(TIGER)

    assert caught.value.status_code == 500
    assert gateway.count("POST") == 3


def test_waiting_can_be_switched_off(calling: Any, gateway: FakeGateway) -> None:
    """Without retry_server_errors a refusal is told at once."""
    gateway.post(BUSY, receipt())

    with pytest.raises(RateLimited):
        calling(retry_server_errors=False).submit(TIGER)

    assert gateway.count("POST") == 1


def test_a_timeout_ends_the_back_off(caller: Any, gateway: FakeGateway, clock: Any) -> None:
    """No pause reaches beyond the time that the caller gave."""
    gateway.post(BUSY)

    with pytest.raises(RateLimited):
        caller.generate(TIGER, timeout=3)

    assert clock.at < 3


def test_no_attempt_outlasts_the_timeout(caller: Any, gateway: FakeGateway) -> None:
    """What is sent again has what is left of the time, and its end says so."""
    gateway.post(Answer(429, {}, {"Retry-After": "1"}), Silence(10))

    with pytest.raises(OutcomeUnknown, match="no answer within 1 s; tried 2 times"):
        caller.generate(TIGER, timeout=2)


def test_nothing_is_sent_again_when_its_answer_could_not_be_heard(
    caller: Any, gateway: FakeGateway, clock: Any
) -> None:
    """An attempt with a sliver of the time would be paid for and lost: the refusal is told."""
    gateway.post(Answer(429, {}, {"Retry-After": "8"}), receipt())

    with pytest.raises(RateLimited) as caught:
        caller.generate(TIGER, timeout=10)

    assert (caught.value.charged, gateway.count("POST")) == ("no", 1)
    assert clock.at == 0


@pytest.mark.parametrize(
    "fault",
    [
        Reset(),
        Silence(5),
        Answer(502, "<html>Bad Gateway</html>"),
        Answer(503, {}, {"Retry-After": "1"}),
        Answer(504),
        Answer(500, "<html>Oops</html>"),
        Answer(202),
        Answer(202, '{"request_id": "qwen', cut=5),
        Drip(b"HTTP/1.1 202 Accepted\r\nContent-Length: 90\r\n\r\n{", 0.05),
    ],
    ids=str,
)
def test_a_lost_answer_is_charged_at_most_once(
    calling: Any, gateway: FakeGateway, fault: Any
) -> None:
    """Whatever happens to the answer, the request left exactly once."""
    gateway.post(fault, receipt())

    with pytest.raises(OutcomeUnknown, match="not sent again by itself"):
        calling(timeout_s=0.3).generate(TIGER)

    assert gateway.count("POST") == 1


def test_a_refused_connection_is_tried_again(calling: Any, clock: Any) -> None:
    """A gateway that is not there is tried a few times, and nothing was charged."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(GatewayUnreachable, match="Nothing was sent") as caught:
            calling(base_url=url, attempts=4).submit(TIGER)

    assert caught.value.charged == "no"
    assert len(clock.sleeps) == 3


def test_a_whole_receipt_in_half_an_answer_is_enough(caller: Any, gateway: FakeGateway) -> None:
    """An answer whose end is missing still names the job when its JSON is whole."""
    gateway.post(Answer(202, {"request_id": ID, "status": "QUEUED"}, cut=7))

    assert caller.generate(TIGER).request_id == ID


def test_ctrl_c_in_a_submission_says_what_is_at_stake(
    gateway: FakeGateway, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted submission is an interruption still, with a note about the money."""

    def interrupted(self: object, call: object) -> Callable[..., None]:
        raise KeyboardInterrupt

    with pixazo.Pixazo("k" * 20, base_url=gateway.url, clock=clock) as client:
        monkeypatch.setattr(client._exchange, "send", interrupted.__get__(client._exchange))
        with pytest.raises(KeyboardInterrupt) as caught:
            client.generate(TIGER)

    assert "an unknown price may be charged" in caught.value.__notes__[0]
