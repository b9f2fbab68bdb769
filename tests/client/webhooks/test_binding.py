"""Whose job a claimed request id is: bound only when everything agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixazo.answers import Status
from pixazo.books.binding import misfit
from pixazo.ledger import Entry

SENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGIN = "https://gateway.example"
ID = "qwen-image-max_019d0000-0000-7000-8000-0000000000001"
LOST = Entry(
    key="tiger",
    model_id="qwen-image-max",
    request_json="{}",
    body_sha256="",
    state="unknown",
    attempt=1,
    owner=None,
    run="",
    request_id=None,
    base_url=ORIGIN,
    price_usd=None,
    charged="unknown",
    callback="the-token",
    created_at=SENT.timestamp(),
    updated_at=SENT.timestamp(),
    sent_at=SENT.timestamp(),
    completed_at=None,
    elapsed_s=None,
    media=(),
    answer_json=None,
    files=(),
    error=None,
    note=None,
)
SEEN = Status(
    request_id=ID,
    status="COMPLETED",
    outcome="succeeded",
    model_id="qwen-image-max",
    created_at=SENT + timedelta(seconds=1),
    raw={"request_id": ID},
)


def test_an_id_that_fits_is_bound():
    """Model, time and uniqueness agree: the lost job has its id again."""
    assert misfit(SEEN, [LOST], holder=None, origin=ORIGIN) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_id": "qwen-image-layered"}, "the id is of qwen-image-layered, the job of"),
        ({"model_id": None}, "the id is of an unknown model"),
        ({"created_at": None}, "nobody says when it was taken"),
        ({"created_at": SENT - timedelta(hours=1)}, "took it 3600 s before the request was sent"),
        ({"created_at": SENT + timedelta(hours=1)}, "took it 3600 s after the request was sent"),
        ({"raw": {"request_id": "another"}}, "the gateway's answer names another id"),
    ],
)
def test_what_the_gateway_says_must_fit(changes, reason):
    """An id of another model or time is of another job, whatever the callback claims."""
    problem = misfit(replace(SEEN, **changes), [LOST], holder=None, origin=ORIGIN)

    assert reason in problem


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "submitted", "request_id": "x"}, "the job is submitted"),
        ({"state": "sending"}, "the job is sending"),
        ({"state": "failed"}, "the job is failed"),
        ({"base_url": "https://other.example"}, "was sent to https://other.example"),
        ({"sent_at": None}, "nobody says when it was taken"),
    ],
)
def test_the_job_must_be_in_doubt(changes, reason):
    """Only a job of unknown outcome, sent to this gateway, gets a claimed id."""
    problem = misfit(SEEN, [replace(LOST, **changes)], holder=None, origin=ORIGIN)

    assert reason in problem


def test_an_id_that_another_job_has_is_not_bound():
    """The gateway gives an id once, so a second owner is a lie or a mistake."""
    holder = replace(LOST, key="boat", state="submitted", request_id=ID)

    problem = misfit(SEEN, [LOST], holder=holder, origin=ORIGIN)

    assert problem == "the id belongs to the job boat"


@pytest.mark.parametrize("meant", [[], [LOST, replace(LOST, key="boat")]])
def test_the_token_must_mean_one_job(meant):
    """No job or several with the token: nothing is bound."""
    problem = misfit(SEEN, meant, holder=None, origin=ORIGIN)

    assert f"{len(meant)} jobs of the ledger" in problem


@given(st.floats(-1e6, 1e6))
def test_only_the_time_of_sending_counts(late_s):
    """An id is bound from two minutes before the sending to two after its longest answer."""
    status = replace(SEEN, created_at=SENT + timedelta(seconds=late_s))

    problem = misfit(status, [LOST], holder=None, origin=ORIGIN)

    if -119 < late_s < 119:
        assert problem == ""
    if late_s < -121 or late_s > 1000:
        assert problem
