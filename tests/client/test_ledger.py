"""The ledger inside one process: what it keeps, what it refuses, what it reports."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pixazo_openapi.requests import QwenImageLayered, request_from_dict

from pixazo.errors import (
    InvalidConfiguration,
    LedgerError,
    LedgerMoveRefused,
    PriceUnknown,
    SpendLimitReached,
)
from pixazo.ledger import FINAL_STATES, MOVES, STATES, Ledger, Limits, State

PRICE = Decimal("0.05")
DAY_S = 86_400.0
# the moves that lead into each state, and what they have to tell
ROUTES: dict[State, list[State]] = {
    "intent": [],
    "sending": ["sending"],
    "submitted": ["sending", "submitted"],
    "completed": ["sending", "submitted", "completed"],
    "downloaded": ["sending", "submitted", "completed", "downloaded"],
    "unknown": ["sending", "unknown"],
    "rejected": ["sending", "rejected"],
    "failed": ["sending", "submitted", "failed"],
}


class Wish:
    """A request of any model."""

    def __init__(self, prompt: str = "a white tiger", model_id: str = "qwen-image-layered") -> None:
        self.prompt = prompt
        self.model_id = model_id

    def to_dict(self) -> dict[str, Any]:
        return {"model": self.model_id, "prompt": self.prompt}

    def to_body(self) -> dict[str, Any]:
        return {"input": {"text": self.prompt}}


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 1_000 * DAY_S

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def ledger(tmp_path: Path, now: Now) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3", now=now) as ledger:
        yield ledger


def bring(ledger: Ledger, key: str, state: State, price_usd: Decimal | None = PRICE) -> None:
    ledger.intend(Wish(), key=key, price_usd=price_usd)
    for step in ROUTES[state]:
        if step == "submitted":
            ledger.move(key, step, request_id=f"id-of-{key}")
        else:
            ledger.move(key, step)


def sums(ledger: Ledger) -> dict[str, Decimal]:
    (line,) = ledger.spent()
    named = {
        "charged": line.charged_usd,
        "reserved": line.reserved_usd,
        "unknown": line.unknown_usd,
        "returned": line.returned_usd,
    }
    return {name: amount for name, amount in named.items() if amount}


def test_an_intent_keeps_everything_but_secrets(ledger: Ledger, now: Now) -> None:
    """An intent keeps request, price, origin, run, callback and note, and of the URL no more."""
    entry = ledger.intend(
        Wish("ein weißer Tiger 🐅"),
        key="k",
        price_usd=Decimal("0.045"),
        base_url="https://user:secret@gateway.example:8443/path?subscription-key=secret",
        run="batch 7",
        callback="token",
        note="line 3",
    )
    assert entry.request == {"model": "qwen-image-layered", "prompt": "ein weißer Tiger 🐅"}
    assert (entry.key, entry.state, entry.attempt, entry.charged) == ("k", "intent", 0, "no")
    assert entry.price_usd == Decimal("0.045")
    assert entry.base_url == "https://gateway.example:8443"
    assert (entry.run, entry.callback, entry.note) == ("batch 7", "token", "line 3")
    assert entry.owner == ledger.owner
    assert entry.created_at == entry.updated_at == now.time
    assert entry == ledger.entry("k") == pickle.loads(pickle.dumps(entry))  # noqa: S301
    assert "secret" not in repr(entry)


def test_a_ledger_shows_its_file(tmp_path: Path) -> None:
    """A ledger's repr names the file, and whether it is closed."""
    ledger = Ledger(tmp_path / "ledger")
    with ledger:
        assert repr(ledger) == f"<Ledger {tmp_path / 'ledger'}>"

    assert repr(ledger) == f"<Ledger {tmp_path / 'ledger'}, closed>"


def test_a_stored_request_can_be_made_again(ledger: Ledger) -> None:
    """What was intended comes back as an equal request, also from another process's ledger."""
    request = QwenImageLayered(image_url="https://m.example/in.png")
    entry = ledger.intend(request)
    assert request_from_dict(entry.request) == request
    assert entry.model_id == "qwen-image-layered"


def test_a_job_keeps_what_each_move_tells(ledger: Ledger, now: Now) -> None:
    """After its last move a job still knows its id, times, media, answer and files."""
    bring(ledger, "k", "sending")
    now.time += 1
    ledger.move("k", "submitted", request_id="qwen-image-layered_019d")
    now.time += 20
    answer = {"status": "COMPLETED", "output": {"media_url": ["https://m.example/0.png"]}}
    ledger.move("k", "completed", media=["https://m.example/0.png"], answer=answer, elapsed_s=12.5)
    entry = ledger.move("k", "downloaded", files=["a-0.png"], note="saved")
    assert entry == ledger.by_request_id("qwen-image-layered_019d")
    assert (entry.media, entry.files) == (("https://m.example/0.png",), ("a-0.png",))
    assert (entry.answer, entry.note, entry.charged) == (answer, "saved", "yes")
    assert (entry.sent_at, entry.completed_at) == (1_000 * DAY_S, 1_000 * DAY_S + 21)
    assert (entry.elapsed_s, entry.attempt, entry.owner) == (12.5, 1, None)


@pytest.mark.parametrize(("start", "end"), list(product(STATES, STATES)))
def test_a_move_is_made_or_refused_as_the_table_says(
    ledger: Ledger, start: State, end: State
) -> None:
    """Between any two states a job moves exactly when the table of moves says so."""
    bring(ledger, "k", start)
    before, spent = ledger.entry("k"), ledger.spent()
    if end in MOVES[start]:
        assert ledger.move("k", end, request_id="id-of-k").state == end
    else:
        with pytest.raises(LedgerMoveRefused, match=f"is {start} and cannot become {end}"):
            ledger.move("k", end, request_id="id-of-k")
        assert (ledger.entry("k"), ledger.spent()) == (before, spent)


def test_an_id_is_given_back_to_the_attempt_that_lost_it(ledger: Ledger) -> None:
    """Who has sent a job once more, while its id was looked up, keeps the place of the new id."""
    bring(ledger, "k", "unknown")
    meant = ledger.entry("k")
    assert meant is not None
    ledger.move("k", "sending")

    with pytest.raises(LedgerMoveRefused, match="k is sending by now"):
        asyncio.run(ledger.find_again_async(meant, "first", note="found"))
    again = ledger.move("k", "unknown")
    with pytest.raises(LedgerMoveRefused, match="on attempt 2"):
        asyncio.run(ledger.find_again_async(meant, "first", note="found"))
    found = asyncio.run(ledger.find_again_async(again, "second", note="found"))

    assert (found.state, found.request_id, found.note) == ("submitted", "second", "found")


def test_every_state_can_be_reached_and_left_to_an_end() -> None:
    """From each state some moves lead to a final one, so no job is stuck by the table."""
    ends = set(FINAL_STATES)
    while more := {state for state in STATES if MOVES[state] & ends} - ends:
        ends |= more
    assert ends == set(STATES) == set(ROUTES)


def test_an_intent_is_written_once(ledger: Ledger) -> None:
    """A key that is there returns its entry as it stands; for another request it is refused."""
    bring(ledger, "k", "submitted")
    assert ledger.intend(Wish(), key="k").state == "submitted"
    with pytest.raises(LedgerMoveRefused, match="the key k belongs to a different request"):
        ledger.intend(Wish("a black tiger"), key="k")
    with pytest.raises(LedgerMoveRefused, match="different request"):
        ledger.intend(Wish(model_id="qwen-image"), key="k")
    assert len(ledger.entries()) == 1
    assert ledger.intend(Wish()).key != ledger.intend(Wish()).key


def test_an_id_belongs_to_one_job(ledger: Ledger) -> None:
    """A request id is refused for a second job, may not change, and is needed to be submitted."""
    bring(ledger, "one", "submitted")
    bring(ledger, "two", "unknown")
    with pytest.raises(LedgerMoveRefused, match="id-of-one belongs to the job one already"):
        ledger.move("two", "submitted", request_id="id-of-one")
    with pytest.raises(LedgerMoveRefused, match="without a request id"):
        ledger.move("two", "submitted")
    with pytest.raises(LedgerMoveRefused, match="another request id than x") as refused:
        ledger.move("one", "completed", request_id="x")
    assert refused.value.request_id == "id-of-one"
    with pytest.raises(LedgerMoveRefused, match="no job three"):
        ledger.move("three", "sending")


@pytest.mark.parametrize(
    ("state", "charged", "money"),
    [
        ("sending", "unknown", {"reserved": PRICE}),
        ("submitted", "unknown", {"reserved": PRICE}),
        ("completed", "yes", {"charged": PRICE}),
        ("downloaded", "yes", {"charged": PRICE}),
        ("unknown", "unknown", {"unknown": PRICE}),
        ("rejected", "no", {"returned": PRICE}),
        ("failed", "unknown", {"unknown": PRICE}),
    ],
)
def test_each_state_says_where_the_money_is(
    ledger: Ledger, state: State, charged: str, money: dict[str, Decimal]
) -> None:
    """The price of an attempt is reserved, charged, given back or at stake as the state implies."""
    bring(ledger, "k", state)
    entry = ledger.entry("k")
    assert entry is not None
    assert (entry.charged, sums(ledger)) == (charged, money)


def test_an_error_of_the_gateway_gives_the_money_back(ledger: Ledger) -> None:
    """A job that failed and was not charged frees its reservation for the next one."""
    limits = Limits(day_usd=PRICE)
    bring(ledger, "k", "submitted")
    ledger.intend(Wish(), key="next", price_usd=PRICE)
    with pytest.raises(SpendLimitReached):
        ledger.move("next", "sending", limits=limits)
    assert ledger.move("k", "failed", charged="no", error="ERROR").charged == "no"
    assert ledger.move("next", "sending", limits=limits).state == "sending"
    assert sums(ledger) == {"returned": PRICE, "reserved": PRICE}


def test_a_job_sent_again_keeps_its_first_attempt_at_stake(ledger: Ledger) -> None:
    """An unknown attempt counts on after a resend that was refused: the job is unknown again."""
    bring(ledger, "k", "unknown")
    assert ledger.move("k", "sending").attempt == 2
    entry = ledger.move("k", "rejected", error="400")
    assert (entry.state, entry.charged) == ("unknown", "unknown")
    assert sums(ledger) == {"unknown": PRICE, "returned": PRICE}


def test_who_gives_a_job_up_speaks_of_all_its_attempts(ledger: Ledger) -> None:
    """Both attempts are at stake; when the usage shows no charge the money of both comes back."""
    bring(ledger, "k", "unknown")
    ledger.move("k", "sending")
    ledger.move("k", "unknown")
    bring(ledger, "free", "unknown", price_usd=None)
    assert ledger.at_stake() == (PRICE * 2, 1)

    assert ledger.move("k", "failed", charged="no").charged == "no"

    assert ledger.at_stake() == (0, 1)
    assert sums(ledger) == {"returned": PRICE * 2}
    assert ledger.move("free", "failed", charged="yes").charged == "yes"


def test_a_request_that_never_left_can_go_again(ledger: Ledger) -> None:
    """Back at intent the money is free, the reason is kept, and the next attempt clears it."""
    bring(ledger, "k", "sending")
    entry = ledger.move("k", "intent", error="connection refused")
    assert (entry.charged, entry.error, sums(ledger)) == (
        "no",
        "connection refused",
        {"returned": PRICE},
    )
    entry = ledger.move("k", "sending")
    assert (entry.attempt, entry.error) == (2, None)


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        (Limits(call_usd=Decimal("0.04")), "one request"),
        (Limits(run_usd=Decimal("0.14")), "this run"),
        (Limits(day_usd=Decimal("0.149999")), r"today \(UTC\)"),
    ],
)
def test_a_limit_names_itself_and_the_amounts(ledger: Ledger, limits: Limits, named: str) -> None:
    """The first request over a limit is refused, names limit, spent and price, and is not moved."""
    for key in "ab":
        ledger.intend(Wish(), key=key, run="r", price_usd=PRICE)
        ledger.move(key, "sending")
    ledger.intend(Wish(), key="c", run="r", price_usd=PRICE)
    with pytest.raises(SpendLimitReached, match=f"limit for {named}.*not sent") as refused:
        ledger.move("c", "sending", limits=limits)
    assert refused.value.asked_usd == PRICE
    assert refused.value.spent_usd == (0 if limits.call_usd else Decimal("0.10"))
    assert refused.value.charged == "no"
    entry = ledger.entry("c")
    assert entry is not None
    assert (entry.state, entry.attempt) == ("intent", 0)
    exact = Limits(call_usd=PRICE, run_usd=Decimal("0.15"), day_usd=Decimal("0.15"))
    assert ledger.move("c", "sending", limits=exact).state == "sending"


def test_runs_and_days_are_counted_apart(ledger: Ledger, now: Now) -> None:
    """A run's limit does not see other runs, and a day's limit ends at midnight UTC."""
    tight = Limits(run_usd=PRICE, day_usd=Decimal("0.10"))
    for key, run in [("a", "1"), ("b", "2"), ("c", "3")]:
        ledger.intend(Wish(), key=key, run=run, price_usd=PRICE)
    ledger.move("a", "sending", limits=tight)
    ledger.move("b", "sending", limits=tight)
    now.time += DAY_S - 0.001
    with pytest.raises(SpendLimitReached, match="today"):
        ledger.move("c", "sending", limits=tight)
    now.time += 0.001
    ledger.move("c", "sending", limits=tight)
    assert [(line.label, line.total_usd) for line in ledger.spent()] == [
        ("1972-09-27", Decimal("0.10")),
        ("1972-09-28", Decimal("0.05")),
    ]
    assert [line.label for line in ledger.spent(now.time, by="run")] == ["3"]
    ledger.intend(Wish(), key="d", run="4", price_usd=PRICE)
    with pytest.raises(SpendLimitReached, match="this run"):
        ledger.move("d", "sending", limits=tight, run="3")


def test_an_unknown_price_is_refused_under_a_limit(ledger: Ledger) -> None:
    """Without a price a limit cannot hold; with an assumed one it does, and the report tells."""
    bring(ledger, "before", "submitted", price_usd=None)
    ledger.intend(Wish(), key="k")
    ledger.intend(Wish(), key="priced", price_usd=PRICE)
    with pytest.raises(PriceUnknown, match="price of qwen-image-layered is not documented"):
        ledger.move("k", "sending", limits=Limits(call_usd=Decimal(1)))
    with pytest.raises(PriceUnknown, match=r"of unknown price \(1\) count for today"):
        ledger.move("priced", "sending", limits=Limits(day_usd=Decimal(1)))
    assumed = Limits(day_usd=Decimal("0.30"), assume_usd=Decimal("0.20"))
    with pytest.raises(SpendLimitReached) as refused:
        ledger.move("k", "sending", limits=assumed)
    assert (refused.value.spent_usd, refused.value.asked_usd) == (Decimal("0.20"), Decimal("0.20"))
    ledger.move("k", "sending", limits=Limits(call_usd=Decimal(1), assume_usd=Decimal("0.20")))
    (line,) = ledger.spent(by="model")
    assert (line.label, line.attempts, line.unpriced) == ("qwen-image-layered", 2, 1)
    assert (line.reserved_usd, line.assumed_usd) == (Decimal("0.20"), Decimal("0.20"))


@pytest.mark.parametrize("amount", ["-0.01", "0.0000001", "NaN", "Infinity", "2000000000"])
def test_an_amount_that_cannot_be_kept_exactly_is_refused(ledger: Ledger, amount: str) -> None:
    """A price or limit that is negative, endless or finer than a millionth is a clear error."""
    with pytest.raises(InvalidConfiguration, match=f"day_usd={amount}: .*millionth"):
        Limits(day_usd=Decimal(amount))
    with pytest.raises(InvalidConfiguration, match=f"price_usd={amount}: .*millionth"):
        ledger.intend(Wish(), price_usd=Decimal(amount))


@pytest.mark.parametrize("amount", ["1e999999", "1e9999", "1e-9999"])
def test_an_amount_beyond_all_sense_is_told_shortly(amount: str) -> None:
    """A limit of thousands of digits is refused in a few."""
    with pytest.raises(InvalidConfiguration, match=r"day_usd=1\.000e") as caught:
        Limits(day_usd=Decimal(amount))

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "amount", ["nan", "much", 10**5000, [1]], ids=["nan", "words", "endless", "list"]
)
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    """A limit that no type checker would let pass is the same error."""
    with pytest.raises(InvalidConfiguration, match=r"call_usd=.*millionth") as caught:
        Limits(call_usd=amount)

    assert len(str(caught.value)) < 200


def test_a_state_that_there_is_not_is_refused(ledger: Ledger) -> None:
    """A misspelt state is an error that names those there are, and the job stays where it is."""
    bring(ledger, "k", "sending")

    with pytest.raises(InvalidConfiguration, match=r"'bogus' is no state.* submitted, "):
        ledger.move("k", "bogus")  # type: ignore[arg-type]

    assert [entry.state for entry in ledger.entries()] == ["sending"]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda ledger: ledger.entries("unknown"), "'u' is no state.* Give a list of intent, "),
        (lambda ledger: ledger.entries(["done"]), "'done' is no state"),
        (lambda ledger: ledger.count("unknown"), "'u' is no state"),
        (lambda ledger: ledger.gateways(["done"]), "'done' is no state"),
        (lambda ledger: ledger.claim("intent"), "'i' is no state"),
        (lambda ledger: ledger.spent(datetime.now(UTC)), r"since=datetime.*timestamp\(\)"),
        (lambda ledger: ledger.entries(since="2026-03-31"), "since='2026-03-31' is no number"),
        (lambda ledger: ledger.spent(by="month"), "by='month' .* day, model, run"),
    ],
)
def test_a_question_that_means_nothing_is_no_empty_answer(
    ledger: Ledger, ask: Callable[[Any], object], says: str
) -> None:
    """Who looks for jobs in doubt, or for money, must not hear `none` for a slip of the pen."""
    bring(ledger, "k", "unknown")

    with pytest.raises(InvalidConfiguration, match=says):
        ask(ledger)


def test_entries_can_be_asked_for(ledger: Ledger, now: Now) -> None:
    """Entries are filtered by state, model, run and time, oldest first, as many as asked."""
    for number, state in enumerate(STATES):
        now.time += 1
        bring(ledger, f"{number}", state)
    assert [entry.state for entry in ledger.entries()] == list(STATES)
    found = ledger.entries(["unknown", "intent"])
    assert [entry.state for entry in found] == ["intent", "unknown"]
    assert [entry.key for entry in ledger.entries(since=now.time - 1)] == ["6", "7"]
    assert [entry.key for entry in ledger.entries(limit=3)] == ["0", "1", "2"]
    assert [entry.key for entry in ledger.entries(limit=3, latest=True)] == ["5", "6", "7"]
    assert len(ledger.entries(run=f"process {ledger.owner}")) == len(STATES)
    assert ledger.entries(run="another") == ledger.entries(model_id="qwen-image") == []
    assert ledger.entries([]) == []
    assert ledger.entry("x") is ledger.by_request_id("x") is None


def test_jobs_are_counted_and_found_by_how_they_begin(ledger: Ledger) -> None:
    """Counting and finding read no request; what begins alike is listed, by key or request id."""
    bring(ledger, "one", "submitted")
    bring(ledger, "once%", "intent")
    assert (ledger.count(["intent"]), ledger.count(["intent", "submitted"])) == (1, 2)
    assert ledger.count(["intent", "submitted"], free=True) == 0
    assert sorted(ledger.keys_beginning("on")) == ["once%", "one"]
    assert ledger.keys_beginning("one") == ledger.keys_beginning("id-of-on") == ["one"]
    assert ledger.keys_beginning("on_") == ledger.keys_beginning("once%%") == []


QUESTIONS: dict[str, Callable[[Ledger], object]] = {
    "the latest": lambda ledger: ledger.entries(limit=1, latest=True),
    "by state": lambda ledger: ledger.entries(["unknown"]),
    "by callback": lambda ledger: ledger.entries(["unknown", "submitted"], callback="a token"),
    "by beginning": lambda ledger: ledger.keys_beginning("beginning"),
    "count": lambda ledger: ledger.count(["intent"]),
    "at stake": lambda ledger: ledger.at_stake(),
    "durations": lambda ledger: ledger.durations("a model", base_url="a gateway"),
    "claim": lambda ledger: ledger.claim(["submitted", "completed"]),
    "free the dead": lambda ledger: (ledger._read(lambda c: c.execute(DEAD)), ledger.settle_dead()),
    "move": lambda ledger: bring(ledger, "another", "downloaded"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reads_every_job(ledger: Ledger, question: str) -> None:
    """What a command or a process asks costs the same, however many jobs lie behind it."""

    def work(ledger: Ledger) -> int:
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1

        with ledger._store.held.used() as connection:
            connection.set_progress_handler(step, 20)
        QUESTIONS[question](ledger)
        with ledger._store.held.used() as connection:
            connection.set_progress_handler(None, 0)
        return steps

    def fill(count: int) -> None:
        ledger._read(lambda c: c.execute(MANY.format(count=count)))

    fill(10)
    few = work(ledger)
    fill(3_000)
    ledger.forget(["another"])
    assert work(ledger) < few + 50


DEAD = "insert into owner(number, pid, started_at) values (99, 1, 0)"
MANY = """
    insert into job(key, model_id, body_sha256, state, run, request_id, base_url, callback, owner,
                    created_at, updated_at, completed_at, elapsed_s)
    with recursive many(n) as (select 1 union all select n + 1 from many where n < {count})
    select '{count} ' || n, 'a model', '', 'downloaded', '', '{count} ' || n, 'another gateway',
           '{count} ' || n, null, 0, 0, 0, 1 from many
"""


def test_durations_are_those_of_one_model(ledger: Ledger, now: Now) -> None:
    """The durations of a model come latest first, as many as asked for."""
    for number, elapsed_s in enumerate([11.0, 12.5, 14.0]):
        key = f"{number}"
        bring(ledger, key, "submitted")
        ledger.move(key, "completed", elapsed_s=elapsed_s, completed_at=now.time + number)
    assert ledger.durations("qwen-image-layered") == [14.0, 12.5, 11.0]
    assert ledger.durations("qwen-image-layered", limit=1) == [14.0]
    assert ledger.durations("qwen-image") == []


def test_forgetting_a_job_forgets_no_money(ledger: Ledger) -> None:
    """Jobs that are over can be removed, all or none; what they cost still counts."""
    for state in STATES:
        bring(ledger, state, state)
    spent = ledger.spent()
    for state in ("sending", "submitted", "unknown"):
        with pytest.raises(LedgerMoveRefused, match=f"is {state} and may have been paid for"):
            ledger.forget(["downloaded", state])
    assert len(ledger.entries()) == len(STATES)
    gone: list[str] = ["intent", "completed", *FINAL_STATES]
    assert ledger.forget([*gone, "never there"]) == 5
    assert {entry.key for entry in ledger.entries()} == {"sending", "submitted", "unknown"}
    assert ledger.spent() == spent


def test_closing_frees_the_jobs_for_others(tmp_path: Path) -> None:
    """After closing, what was sending is unknown and the rest can be claimed, but only once."""
    path = tmp_path / "ledger.sqlite3"
    with Ledger(path) as ledger:
        for state in STATES:
            bring(ledger, state, state)
        assert ledger.claim() == []
        first = ledger.owner
    with Ledger(path) as ledger:
        assert [entry.key for entry in ledger.entries(["unknown"])] == ["sending", "unknown"]
        assert [entry.key for entry in ledger.claim(limit=2)] == ["intent", "submitted"]
        (last,) = ledger.claim()
        assert (last.key, last.owner) == ("completed", ledger.owner)
        assert ledger.claim() == []
        assert ledger.owner != first


def test_two_ledgers_of_one_process_share_a_connection(tmp_path: Path) -> None:
    """A second Ledger on the same file is the same owner, and outlives the first."""
    path = tmp_path / "ledger.sqlite3"
    one = Ledger(path)
    two = Ledger(tmp_path / "." / "ledger.sqlite3")
    bring(one, "k", "sending")
    one.close()
    one.close()
    entry = two.entry("k")
    assert entry is not None
    assert (entry.state, entry.owner) == ("sending", two.owner)
    with pytest.raises(LedgerError, match="is closed"):
        one.entry("k")
    two.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "ledger.sqlite3",
        "ledger.sqlite3.lock",
    ]


def test_threads_do_not_get_into_each_others_way(ledger: Ledger) -> None:
    """Of eight threads that want to send the same fifty jobs, each job is sent by one."""
    for number in range(50):
        ledger.intend(Wish(), key=f"{number}", price_usd=PRICE)
    won: list[str] = []
    barrier = threading.Barrier(8)

    def send_all() -> None:
        barrier.wait()
        for number in range(50):
            try:
                won.append(ledger.move(f"{number}", "sending").key)
            except LedgerMoveRefused:
                continue

    threads = [threading.Thread(target=send_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(f"{number}" for number in range(50))
    assert sums(ledger) == {"reserved": PRICE * 50}


def test_coroutines_share_commits_and_fail_alone(ledger: Ledger) -> None:
    """A hundred jobs at once go through; one that is refused undoes nothing of the others."""

    async def one(number: int) -> str:
        key = f"{number}"
        await asyncio.wrap_future(ledger.queue_intend(Wish(), key=key, price_usd=PRICE))
        limits = Limits(call_usd=Decimal(0)) if number == 50 else Limits()
        await asyncio.wrap_future(ledger.queue_move(key, "sending", limits=limits))
        submitted = ledger.queue_move(key, "submitted", request_id=f"id-of-{key}")
        await asyncio.wrap_future(submitted)
        entry = await ledger.entry_async(key)
        return entry.state if entry else "lost"

    async def all_of_them() -> list[str | BaseException]:
        return await asyncio.gather(*(one(n) for n in range(100)), return_exceptions=True)

    results = asyncio.run(all_of_them())
    assert isinstance(results.pop(50), SpendLimitReached)
    assert results == ["submitted"] * 99
    assert sums(ledger) == {"reserved": PRICE * 99}


def test_what_is_queued_is_done_in_order_and_before_closing(tmp_path: Path) -> None:
    """Futures of one job's whole life may be queued at once; closing waits for all of them."""
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    futures = []
    for number in range(600):  # more than one group
        key = f"{number}"
        futures += [ledger.queue_intend(Wish(), key=key), ledger.queue_move(key, "sending")]
        futures += [ledger.queue_move(key, "submitted", request_id=f"id-of-{key}")]
    ledger.close()
    assert [future.result(0).state for future in futures[-3:]] == ["intent", "sending", "submitted"]
    assert all(future.done() for future in futures)


def test_any_text_can_be_kept(ledger: Ledger) -> None:
    """Lone surrogates, null characters and very long texts of a gateway do not break a move."""
    bring(ledger, "k", "sending")
    entry = ledger.move("k", "rejected", error="\ud800 \x00" + "x" * 10_000, answer={"e": "\ud800"})
    assert entry.error is not None
    assert entry.error.startswith("? \x00xxx")
    assert len(entry.error) == 4_000
    assert entry.answer == {"e": "\ud800"}


def test_news_of_a_job_does_not_take_it_over(ledger: Ledger) -> None:
    """Who brings news of a job leaves it to whoever works on it, or to nobody."""
    bring(ledger, "k", "sending")
    ledger.move("k", "unknown")
    found = ledger.move("k", "submitted", request_id="qwen-image-layered_019d")
    again = ledger.move("k", "submitted", request_id="qwen-image-layered_019d", error="no media")
    assert (found.owner, again.owner, again.error) == (None, None, "no media")

    (claimed,) = ledger.claim()
    assert claimed.owner == ledger.owner
    assert ledger.move("k", "completed", media=["https://m.example/0.png"]).owner == ledger.owner


def test_jobs_are_found_by_the_name_in_their_callback(ledger: Ledger) -> None:
    """`entries(callback=…)` gives the jobs that a callback may mean."""
    ledger.intend(Wish(), key="one", callback="a token")
    ledger.intend(Wish(), key="two", callback="another")
    assert [entry.key for entry in ledger.entries(callback="a token")] == ["one"]
    assert ledger.entries(["submitted"], callback="a token") == []
