"""When a job is looked at, without a socket or a clock."""

from __future__ import annotations

import itertools
import json
import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.entries import Waiting

import pixazo
from pixazo import Forbidden, InsufficientBalance, PastDurations, RequestNotFound, Unauthorized
from pixazo.answers import Status
from pixazo.pace import Pace, pace_of
from pixazo.polling import Watched, glance, plan
from pixazo.steps import Call, Failure, Moment, Outcome, Plan, Reply, Sleep, Tell, Turn

ID = "qwen-image-max_019d3c1b-0f7d-7c02-8a55-6f5e4d3c2b1a"
LOOK = Call("GET", f"/v2/requests/status/{ID}", timeout_s=30)
WAITING = MODELS["qwen-image-max"].waiting
assert WAITING is not None
ROUND_TRIP_S = 0.08


def body(word: str, **more: Any) -> Reply:
    output = {"media_url": ["https://media.example/0.png"]} if word == "COMPLETED" else None
    fields = {"request_id": ID, "status": word, "output": output, "error": None, **more}
    return Reply(200, {}, json.dumps(fields).encode())


@dataclass
class Run:
    """What a simulated wait came to."""

    looks: list[float]
    told: list[Status]
    timeouts: list[float]
    end: Status | None = None
    error: Exception | None = None


def simulate(
    answer: Callable[[float], Outcome],
    *,
    pace: Pace | None = None,
    age_s: float | None = 0.0,
    deadline_s: float = 600.0,
    jitter: Callable[[], float] = lambda: 0.5,
    last: Status | None = None,
    turn_s: float = 0.0,
) -> Run:
    """Wait for a job whose answers depend on the time; every look takes a round trip."""
    job = Watched(ID, "pixazo1.token", last, age_s)
    run, now_s = Run([], [], []), 0.0
    steps: Plan[Status] = plan(
        LOOK,
        job,
        pace or pace_of(WAITING),
        now_s=now_s,
        deadline_s=deadline_s,
        jitter=jitter,
    )
    try:
        step = next(steps)
        while True:
            outcome = None
            if isinstance(step, Sleep):
                now_s += step.seconds
            elif isinstance(step, Call):
                run.looks.append(now_s)
                run.timeouts.append(step.timeout_s)
                outcome = answer(now_s)
                now_s += ROUND_TRIP_S
            elif isinstance(step, Turn):
                now_s += turn_s
            else:
                assert isinstance(step, Tell)
                assert isinstance(step.news, Status)
                run.told.append(step.news)
            step = steps.send(Moment(now_s, 1774951200.0 + now_s, outcome))
    except StopIteration as stop:
        run.end = stop.value
    except pixazo.PixazoError as error:
        run.error = error
    return run


def done_after(seconds: float) -> Callable[[float], Outcome]:
    return lambda now_s: body("COMPLETED" if now_s >= seconds else "PROCESSING")


def bare_until(seconds: float) -> Callable[[float], Outcome]:
    """Answer COMPLETED with what is no address, and with media from a point of time on."""
    return lambda at: body("COMPLETED", **({"output": None} if at < seconds else {}))


def latencies(
    durations: list[float], learn: bool, seed: int = 7, waiting: Waiting = WAITING
) -> tuple[list[float], list[int]]:
    """Return, for jobs one after the other, how late each was seen and its requests."""
    past = PastDurations()
    chance = random.Random(seed)  # noqa: S311
    late, requests = [], []
    for duration in durations:
        pace = pace_of(waiting, past.past("m") if learn else ())
        run = simulate(
            done_after(duration), pace=pace, deadline_s=waiting.deadline_s, jitter=chance.random
        )
        late.append(run.looks[-1] - duration)
        requests.append(1 + len(run.looks))  # the submission is one
        past.learn("m", duration)
    return late, requests


@pytest.mark.parametrize("learn", [False, True], ids=["from the hint", "learned"])
@pytest.mark.parametrize("spread_s", [0.0, 0.5, 1.5])
def test_a_12_s_job_takes_at_most_6_requests_and_is_seen_within_a_second(
    learn: bool, spread_s: float
) -> None:
    """The target: at most 6 requests at a median latency of at most 1.1 s, with a 2 s floor."""
    chance = random.Random(11)  # noqa: S311
    durations = [chance.gauss(12.0, spread_s) for _ in range(200)]

    late, requests = latencies(durations, learn)

    assert statistics.mean(requests) <= 6.0
    assert statistics.median(requests) <= 6
    assert statistics.median(late) <= 1.1
    assert max(late) <= 4.0


def test_steady_jobs_are_seen_at_once_when_learned() -> None:
    """Jobs that always take the same time are looked at once, just after their end."""
    late, requests = latencies([12.0] * 20, learn=True)

    assert requests[5:] == [2] * 15
    assert max(late[5:]) <= 0.11


def test_a_model_that_is_sometimes_fast_is_looked_at_early() -> None:
    """When a tenth of the jobs takes 3 s and the rest 60 s, the fast ones do not wait for 60 s."""
    durations = [3.0 if number % 12 == 0 else 60.0 for number in range(120)]

    late, requests = latencies(durations, learn=True)

    fast = [late[number] for number in range(24, 120) if number % 12 == 0]
    assert max(fast) <= 4.0
    assert statistics.mean(requests[24:]) <= 20


@pytest.mark.parametrize(
    "past", [[6e10] * 5, [86_400.0] * 64, [math.inf, math.nan] * 3, [-1.0] * 3]
)
def test_durations_that_no_job_has_count_for_nothing(past: list[float]) -> None:
    """Past durations beyond the model's deadline, or below nothing, leave the hint's pace."""
    assert pace_of(WAITING, past) == pace_of(WAITING)
    assert pace_of(WAITING, [*past, 12.0, 12.0, 12.0]) == pace_of(WAITING, [12.0] * 3)


def test_a_long_training_is_asked_for_sparingly() -> None:
    """A job of twenty minutes is looked at some ten-second steps, not every two seconds."""
    slow = replace(WAITING, deadline_s=7200.0)
    late, requests = latencies([1200.0 + 40 * (n % 5) for n in range(30)], learn=True, waiting=slow)

    assert statistics.mean(requests[5:]) <= 25
    assert max(late[5:]) <= 21.0
    assert max(latencies([1200.0], learn=False, waiting=slow)[1]) <= 140


waits = st.floats(0.05, 500.0)


@given(waits, st.lists(st.floats(0.01, 3000.0), max_size=70), st.floats(0, 1))
@example(12.0, [], 0.0)
def test_no_two_looks_are_closer_than_the_floor(
    duration: float, past: list[float], chance: float
) -> None:
    """Whatever was learned, looks start after the floor and stay that far apart."""
    pace = pace_of(WAITING, past)

    run = simulate(done_after(duration), pace=pace, jitter=lambda: chance)

    gaps = [b - a for a, b in zip([0.0, *run.looks], run.looks, strict=False)]
    assert run.end is not None
    assert all(gap >= WAITING.floor_s - 1e-9 for gap in gaps)


@given(st.floats(0.1, 300.0), st.lists(st.floats(0.01, 100.0), min_size=3, max_size=70))
def test_a_job_is_never_seen_much_too_late(duration: float, past: list[float]) -> None:
    """A look is late by the ceiling at most, except before the time that the past promised."""
    pace = pace_of(WAITING, past)

    run = simulate(done_after(duration), pace=pace)

    bound = max(WAITING.ceiling_s, pace.first_s - duration) + 0.2 + ROUND_TRIP_S
    assert run.looks[-1] - duration <= bound


@given(st.lists(st.floats(0.001, 1e6), max_size=70), st.floats(0, 1e7))
def test_every_pause_is_between_floor_and_ceiling(past: list[float], age_s: float) -> None:
    """After the first look no pause is below the floor or above the ceiling."""
    pace = pace_of(WAITING, past)

    pause_s = pace.pause_s(max(age_s, pace.first_s))

    assert WAITING.floor_s <= pause_s <= WAITING.ceiling_s
    assert math.isfinite(pace.pause_s(age_s))


# --- deadlines


@pytest.mark.parametrize("age_s", [30.0, 3600.0])
def test_who_comes_late_to_a_job_looks_at_once(age_s: float) -> None:
    """Waits for one job after the other cost no pause for those that were done meanwhile."""
    run = simulate(done_after(0), age_s=age_s, last=Status(ID, "QUEUED"))

    assert run.looks == [0.0]


def test_who_waits_again_goes_on_with_the_pause() -> None:
    """Short waits in a row look no more often than one long wait and their deadlines ask for."""
    looked = Status(ID, "PROCESSING", elapsed_s=100.0)

    run = simulate(done_after(0), age_s=101.0, last=looked)

    assert run.looks[0] == pytest.approx(pace_of(WAITING).pause_s(100.0) - 1, abs=0.2)


def test_the_deadline_takes_a_last_look_and_holds_the_job() -> None:
    """At the deadline the job is looked at once more; the error finds it again."""
    run = simulate(done_after(1e9), deadline_s=60)

    assert isinstance(run.error, pixazo.WaitTimedOut)
    assert isinstance(run.error, TimeoutError)
    assert run.looks[-1] == pytest.approx(60)
    assert (run.error.request_id, run.error.token) == (ID, "pixazo1.token")
    assert run.error.status == "PROCESSING"
    assert run.error.charged == "unknown"
    assert f"pixazo wait {ID}" in str(run.error)


def test_a_job_that_ends_at_the_deadline_is_delivered() -> None:
    """The last look delivers a job that has just ended."""
    run = simulate(done_after(59.9), deadline_s=60)

    assert run.end is not None
    assert run.end.status == "COMPLETED"


def test_a_deadline_of_nothing_is_one_look() -> None:
    """A wait of 0 s looks once and is over."""
    pending = simulate(done_after(1e9), deadline_s=0)
    ended = simulate(done_after(0), deadline_s=0)

    assert len(pending.looks) == 1
    assert isinstance(pending.error, pixazo.WaitTimedOut)
    assert ended.end is not None


@given(st.floats(0, 100), st.floats(0, 1))
def test_a_wait_never_passes_its_deadline(deadline_s: float, chance: float) -> None:
    """Pauses end at the deadline and looks near it are bounded by what is left."""
    run = simulate(done_after(1e9), deadline_s=deadline_s, jitter=lambda: chance)

    assert max(run.looks) <= deadline_s + ROUND_TRIP_S
    limits = [max(1.0, deadline_s - at) + 1e-9 for at in run.looks]  # sums of floats
    assert all(t <= limit for t, limit in zip(run.timeouts, limits, strict=True))


# --- trouble

HTML = Reply(200, {}, b"<html>maintenance</html>")
TROUBLE = {
    "500": Reply(500, {}, b'{"error": "x"}'),
    "502": Reply(502, {}, b"<html>Bad Gateway</html>"),
    "503": Reply(503, {}, b""),
    "504": Reply(504, {}, b""),
    "408": Reply(408, {}, b""),
    "425": Reply(425, {}, b""),
    "429": Reply(429, {}, b""),
    "reset": Failure("ReadError", sent=True),
    "unreachable": Failure("ConnectError", sent=False),
    "html": HTML,
    "garbage": Reply(200, {}, b"\xff\xfe{"),
    "empty": Reply(200, {}, b""),
    "list": Reply(200, {}, b"[]"),
    "empty object": Reply(200, {}, b"{}"),
    "half": Reply(200, {}, b'{"status": "COMP', "cut off"),
    "no content": Reply(204, {}, b""),
    "nested": Reply(200, {}, b"[" * 100_000),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_an_outage_of_a_minute_loses_no_job(name: str) -> None:
    """A minute of any trouble is survived, politely, and the job's end is seen."""
    run = simulate(lambda now_s: TROUBLE[name] if 3 < now_s < 63 else done_after(20)(now_s))

    assert run.end is not None
    assert run.end.status == "COMPLETED"
    assert run.looks[-1] <= 63 + WAITING.ceiling_s + 1
    assert len(run.looks) <= 18


@given(st.lists(st.sampled_from(sorted(TROUBLE)), max_size=40))
def test_any_mix_of_trouble_is_survived(names: list[str]) -> None:
    """Whatever comes one after the other, the job is seen in the end."""
    left = list(names)

    run = simulate(lambda _: TROUBLE[left.pop()] if left else body("COMPLETED"))

    assert run.end is not None
    assert run.looks == sorted(run.looks)


@given(st.floats(1, 100), st.floats(0, 5))
def test_a_look_is_over_at_the_deadline_however_late_its_turn(
    deadline_s: float, turn_s: float
) -> None:
    """What a look may take is what its turn has left of the time."""
    run = simulate(done_after(1e9), deadline_s=deadline_s, turn_s=turn_s)

    for timeout_s, at in zip(run.timeouts, run.looks, strict=True):
        assert at + timeout_s <= max(deadline_s, at - turn_s + 1) + 1e-6


def test_trouble_until_the_deadline_is_told() -> None:
    """A wait that saw nothing but trouble says so and keeps the job."""
    run = simulate(lambda _: TROUBLE["502"], deadline_s=30)

    assert isinstance(run.error, pixazo.WaitTimedOut)
    assert "the last look brought status code 502" in str(run.error)
    assert run.error.token == "pixazo1.token"


def test_retry_after_of_a_look_is_obeyed_within_reason() -> None:
    """The gateway's pause is kept to up to a minute."""

    def first_pause(text: str) -> float:
        busy = Reply(429, {"retry-after": text}, b"")
        run = simulate(lambda now_s: busy if now_s < 7 else body("COMPLETED"))
        return run.looks[1] - run.looks[0]

    assert 23 <= first_pause("23") < 23.5
    assert 60 <= first_pause("86400") < 60.5
    assert first_pause("0") >= WAITING.floor_s


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, pixazo.BadRequest),
        (401, Unauthorized),
        (402, InsufficientBalance),
        (403, Forbidden),
        (405, pixazo.RequestRefused),
        (410, pixazo.RequestRefused),
        (302, pixazo.RedirectRefused),
    ],
)
def test_an_answer_that_no_patience_changes_ends_the_wait(code: int, kind: type) -> None:
    """A plain no ends the wait at once; the token is in the error."""
    run = simulate(lambda _: Reply(code, {}, b'{"error": "no"}'))

    assert type(run.error) is kind
    assert len(run.looks) == 1
    assert isinstance(run.error, pixazo.PixazoError)
    assert (run.error.request_id, run.error.token) == (ID, "pixazo1.token")
    assert run.error.charged == "unknown"


@pytest.mark.parametrize("age_s", [0.0, 31.0, 1e6], ids=["young", "older", "old"])
def test_a_404_to_a_job_that_the_gateway_took_is_tolerated(age_s: float) -> None:
    """A server that does not know it, yet or for now, is asked again for half a minute."""
    unknown = Reply(404, {}, b"{}")

    once = simulate(lambda now_s: unknown if now_s < 12 else body("COMPLETED"), age_s=age_s)
    gone = simulate(lambda _: unknown, age_s=age_s)

    assert once.end is not None
    assert isinstance(gone.error, RequestNotFound)
    assert 30 <= gone.looks[-1] <= 30 + 2 * WAITING.ceiling_s + 1


def test_a_404_to_an_id_of_which_nobody_knows_anything_is_tolerated_briefly() -> None:
    """A server that does not know it ends no wait; who mistypes an id hears it within seconds."""
    unknown = Reply(404, {}, b"{}")

    once = simulate(lambda now_s: unknown if now_s < 1 else body("COMPLETED"), age_s=None)
    mistyped = simulate(lambda _: unknown, age_s=None)

    assert once.end is not None
    assert isinstance(mistyped.error, RequestNotFound)
    assert len(mistyped.looks) == 2
    assert mistyped.looks[-1] <= WAITING.floor_s + 1


def test_one_look_at_a_bare_id_tells_of_a_404_at_once() -> None:
    """Who asks once hears at once that nobody knows the id."""
    missing, looks = run_glance(Reply(404, {}, b"{}"))

    assert isinstance(missing, RequestNotFound)
    assert looks == 1


def test_a_404_is_tolerated_after_a_look_that_found_the_job() -> None:
    """One server of several that does not know an old job ends no wait; all of them do, in time."""
    unknown = Reply(404, {}, b"{}")
    answers = itertools.cycle([body("PROCESSING"), unknown, unknown])

    now_and_then = simulate(lambda now_s: body("COMPLETED") if now_s > 90 else next(answers))
    lost = simulate(lambda now_s: body("PROCESSING") if now_s < 60 else unknown)

    assert now_and_then.end is not None
    assert isinstance(lost.error, RequestNotFound)
    assert 90 <= lost.looks[-1] <= 90 + 2 * WAITING.ceiling_s + 1


@pytest.mark.parametrize("first_s", [0.0, 100.0], ids=["then an outage", "looked at late"])
def test_a_404_after_a_long_silence_is_tolerated(first_s: float) -> None:
    """What counts is for how long the gateway does not know it, not when it last did."""
    unknown, accepted = Reply(404, {}, b"{}"), Status(ID, "QUEUED")
    answers = itertools.chain([unknown, unknown], itertools.repeat(body("COMPLETED")))

    def answer(now_s: float) -> Outcome:
        if now_s < 20:
            return body("PROCESSING")
        return TROUBLE["503"] if now_s < 80 else next(answers)

    run = simulate(answer, pace=replace(pace_of(WAITING), first_s=first_s), last=accepted)

    assert run.end is not None


# --- statuses


def test_a_status_never_runs_backwards() -> None:
    """A server that lags behind does not turn PROCESSING into QUEUED."""
    words = iter(["QUEUED", "PROCESSING", "QUEUED", "PROCESSING", "COMPLETED"])

    run = simulate(lambda _: body(next(words)))

    assert [status.status for status in run.told] == [
        "QUEUED",
        "PROCESSING",
        "PROCESSING",
        "PROCESSING",
        "COMPLETED",
    ]


def test_a_status_runs_backwards_over_no_unknown_word() -> None:
    """PROCESSING, a new word and QUEUED are no way back either."""
    words = iter(["PROCESSING", "POLISHING", "QUEUED", "COMPLETED"])

    run = simulate(lambda _: body(next(words)))

    told = [status.status for status in run.told]
    assert told == ["PROCESSING", "POLISHING", "PROCESSING", "COMPLETED"]


def test_unknown_words_are_pending_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A word that the documents do not know is waited through, said once and shown."""
    words = iter(["QUEUED", "POSTPROCESSING", "POSTPROCESSING", "CANCELLING-X", "COMPLETED"])

    run = simulate(lambda _: body(next(words)))

    assert [status.status for status in run.told][1:4] == [
        "POSTPROCESSING",
        "POSTPROCESSING",
        "CANCELLING-X",
    ]
    assert all(status.outcome == "pending" for status in run.told[:-1])
    assert caplog.text.count("status POSTPROCESSING is unknown") == 1


def test_the_age_of_a_job_that_nobody_knew_comes_from_the_gateway() -> None:
    """A resumed job is looked at once, then as its age asks for."""
    old = {"created_at": "2026-03-31T09:50:00.000Z"}

    run = simulate(
        lambda now_s: body("PROCESSING" if now_s < 8 else "COMPLETED", **old), age_s=None
    )

    assert run.looks[0] == 0.0
    assert run.looks[1] >= WAITING.ceiling_s
    assert run.told[0].elapsed_s == pytest.approx(600, abs=1)


@pytest.mark.parametrize("created", ["2036-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "x", 5, None])
def test_a_wrong_clock_breaks_no_wait(created: object) -> None:
    """Times that cannot be are passed over."""
    run = simulate(
        lambda now_s: body("PROCESSING" if now_s < 8 else "COMPLETED", created_at=created),
        age_s=None,
    )

    assert run.end is not None
    assert run.looks[-1] <= 8 + WAITING.ceiling_s + 1


# --- one look


def run_glance(*outcomes: Outcome) -> tuple[Status | Exception, int]:
    steps = glance(LOOK, Watched(ID, "t"), now_s=0.0, jitter=lambda: 0.5)
    left, looks, step = list(outcomes), 0, next(steps)
    try:
        while True:
            assert not isinstance(step, Tell)
            outcome = None
            if isinstance(step, Call):
                outcome, looks = left.pop(0), looks + 1
            step = steps.send(Moment(0.0, 0.0, outcome))
    except StopIteration as stop:
        return stop.value, looks
    except pixazo.PixazoError as error:
        return error, looks


def test_one_look_survives_a_hiccup() -> None:
    """A single look asks up to three times before it gives up."""
    status, looks = run_glance(TROUBLE["502"], TROUBLE["reset"], body("PROCESSING"))

    assert isinstance(status, Status)
    assert (status.status, looks) == ("PROCESSING", 3)


def test_one_look_says_what_was_wrong() -> None:
    """Three times trouble is an error with the last reason, and the job goes on."""
    failed, _ = run_glance(*[TROUBLE["502"]] * 3)
    silent, _ = run_glance(*[TROUBLE["reset"]] * 3)
    html, _ = run_glance(*[HTML] * 3)

    assert isinstance(failed, pixazo.GatewayFailure)
    assert isinstance(silent, pixazo.GatewayUnreachable)
    assert isinstance(html, pixazo.GatewayUnreachable)
    assert all(error.charged == "unknown" for error in (failed, silent, html))


def test_past_durations_are_the_latest_of_each_model() -> None:
    """The oldest durations are forgotten, and models do not mix."""
    past = PastDurations(most=3)
    for seconds in (1.0, 2.0, 3.0, 4.0):
        past.learn("a", seconds)
    past.learn("b", 9.0)

    assert tuple(past.past("a")) == (2.0, 3.0, 4.0)
    assert tuple(past.past("b")) == (9.0,)
    assert tuple(past.past("c")) == ()


def test_a_job_that_calls_back_is_hardly_looked_at() -> None:
    """The back-stop begins well after the job should have called, and then finds it soon."""
    pace = pace_of(WAITING, [12.0] * 10).as_backstop()

    run = simulate(done_after(12), pace=pace)

    assert len(run.looks) == 1
    assert 14 <= run.looks[0] <= 22


@pytest.mark.parametrize("age_s", [0.0, None])
def test_a_job_that_is_done_without_media_is_looked_at_again(age_s: float | None) -> None:
    """COMPLETED without media is pending until a look brings them."""
    run = simulate(bare_until(20), age_s=age_s)

    assert run.end is not None
    assert run.end.media == ("https://media.example/0.png",)
    assert [status.done for status in run.told] == [False] * (len(run.told) - 1) + [True]


@pytest.mark.parametrize(("deadline_s", "ends_s"), [(600.0, 60.0), (30.0, 30.0)])
def test_media_that_never_come_are_waited_for_for_a_minute(
    deadline_s: float, ends_s: float
) -> None:
    """After a minute, or at the deadline, the end is what the gateway says: done, nothing there."""
    run = simulate(bare_until(math.inf), age_s=None, deadline_s=deadline_s)

    assert run.end is not None
    assert (run.end.done, run.end.lacks_media) == (True, True)
    assert ends_s <= run.looks[-1] + ROUND_TRIP_S < ends_s + 12
    assert len(run.looks) < 20
