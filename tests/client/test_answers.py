"""What can be made of answers that are not as the documents say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixazo_openapi.catalogue import MODELS

from pixazo.answers import (
    Status,
    body_of,
    excerpt,
    model_of,
    read_delivery,
    read_receipt,
    read_status,
)
from pixazo.steps import Reply

ID = "qwen-image-max_019d3c1b"
URL = "https://media.example/a.png"
MAX = MODELS["qwen-image-max"]
LONG_AGO = datetime(2026, 3, 31, 10, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "request_id": ID,
    "status": "COMPLETED",
    "model_id": "qwen-image-max",
    "error": None,
    "output": {"media_url": [URL], "media_type": "image/png"},
    "created_at": "2026-03-31T10:00:00.000Z",
    "updated_at": "2026-03-31T10:00:15.000Z",
    "completed_at": "2026-03-31T10:00:15.000Z",
}


def reply(body: object, code: int = 200) -> Reply:
    return Reply(code, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def read(**changes: Any) -> Status:
    fields = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    status = read_status(reply(fields), ID)
    assert status is not None
    return status


def test_an_answer_as_documented_has_no_deviation() -> None:
    """The documented example is read in full."""
    status = read()

    assert status.deviations == ()
    assert (status.status, status.outcome, status.media) == ("COMPLETED", "succeeded", (URL,))
    assert status.duration_s == 15.0
    assert status.created_at == LONG_AGO


def test_half_a_letter_spoils_no_text() -> None:
    """Half of a surrogate pair becomes a letter that every file and terminal takes."""
    status = read(
        output={"media_url": [f"{URL}?\ud83d\ude00", "http://media.example/\ud800.png"]},
        error="broken \udfff",
        extra={"\ud800": ["\udc00"]},
    )

    assert status.media == (f"{URL}?\N{GRINNING FACE}", "http://media.example/\ufffd.png")
    assert status.error == "broken \ufffd"
    assert json.dumps(status.raw, ensure_ascii=False).encode().decode()


def test_bytes_that_are_no_text_cost_only_themselves() -> None:
    """A byte that is no UTF-8 within an answer does not hide the id beside it."""
    receipt = read_receipt(reply(b'{"request_id": "a-1", "note": "\xff\xed\xa0\x80"}'), MAX, "")

    assert receipt.request_id == "a-1"


@pytest.mark.parametrize(
    "output",
    [
        {"media_url": URL},
        {"media_url": [URL]},
        {"media_url": [None, "", URL, 7]},
        {"media_url": [URL], "extra": 1},
        {"media_url": [URL], "media_type": None},
        URL,
    ],
    ids=str,
)
def test_media_are_found_however_they_are_wrapped(output: object) -> None:
    """A bare string, odd neighbours and an output that is the address itself are understood."""
    assert read(output=output).media == (URL,)


@pytest.mark.parametrize(
    "body",
    [
        {"images": [{"url": URL}]},
        {"output": {"choices": [{"message": {"content": [{"image": URL}]}}]}},
        {"output": {"choices": {"message": {"content": {"image": URL}}}}},
        {"images": URL},
        {"output": {"media_url": [URL]}},
    ],
    ids=str,
)
@pytest.mark.parametrize("model_id", ["qwen-image", "qwen-image-edit", "qwen-image-max"])
def test_media_are_found_in_any_documented_shape(body: object, model_id: str) -> None:
    """An answer in another model's shape delivers, and the odd shape is noted."""
    delivery = read_delivery(reply(body), MODELS[model_id])

    assert delivery.media == (URL,)
    assert delivery.raw == body


@pytest.mark.parametrize("word", ["completed", "Completed", " COMPLETED "])
def test_a_status_in_another_case_is_understood(word: str) -> None:
    """Upper and lower case and blanks make no difference, and are noted."""
    status = read(status=word)

    assert (status.status, status.outcome) == ("COMPLETED", "succeeded")
    assert any(deviation.pointer == "/status" for deviation in status.deviations)


@pytest.mark.parametrize("word", ["SUCCEEDED", "CANCELLED", "", " ", None, 7, [], {}, True, ...])
def test_an_unknown_status_is_pending(word: object) -> None:
    """A word that the documents do not know is waited through."""
    status = read(status=word, output=None)

    assert status.outcome == "pending"
    assert not status.done
    assert status.deviations


def test_media_without_any_status_are_a_success() -> None:
    """An answer with media and no word at all is an end."""
    assert read(status=None).outcome == "succeeded"
    assert read(status="NEW_WORD").outcome == "pending"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("output", None),
        ("output", []),
        ("output", 7),
        ("output", {"media_url": None}),
        ("output", {"media_url": []}),
        ("output", {}),
        ("output", ...),
        ("created_at", "yesterday"),
        ("created_at", None),
        ("created_at", {}),
        ("completed_at", "2026-99-99"),
        ("completed_at", ...),
        ("updated_at", ...),
        ("model_id", ...),
        ("model_id", 7),
        ("error", {"message": "inner"}),
        ("request_id", "another"),
        ("request_id", ...),
        ("extra", {"deep": [1, 2]}),
    ],
)
def test_no_odd_field_raises(field: str, value: object) -> None:
    """A missing, null, mistyped or extra field leaves the rest of the answer readable."""
    status = read(**{field: value})

    assert (status.status, status.request_id) == ("COMPLETED", ID)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-31T10:00:00Z", LONG_AGO),
        ("2026-03-31T12:00:00+02:00", LONG_AGO),
        ("2026-03-31 10:00:00", LONG_AGO),
        (1774951200, LONG_AGO),
        (1774951200000, LONG_AGO),
        (1e300, None),
        (1, None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+08:00", None),
        ("9999-12-31T23:59:59-08:00", None),
        (True, None),
        (-5, None),
    ],
)
def test_times_are_read_leniently(text: object, instant: datetime | None) -> None:
    """Times are UTC when they do not say, and may be numbers."""
    assert read(created_at=text).created_at == instant


def test_a_clock_that_runs_backwards_makes_no_negative_duration() -> None:
    """A completion before the creation is a duration of nothing."""
    assert read(completed_at="2026-03-31T09:00:00Z").duration_s == 0.0


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"[]", b"{}", b"null", b'"x"', b"7", b"{"])
def test_what_is_no_status_is_none(body: bytes) -> None:
    """An answer that is no JSON object, or an empty one, has no status."""
    assert read_status(reply(body), ID) is None


@pytest.mark.parametrize(
    ("base", "there"),
    [
        ("http://localhost:9/v2/", True),
        ("http://127.0.0.1:9/v2/", True),
        ("http://[::1]:9/v2/", True),
        ("http://localhost:8/v2/", False),
        ("http://127.0.0.1.example:9/v2/", False),
        ("https://localhost:9/v2/", False),
    ],
)
def test_a_sandbox_may_call_this_machine_by_another_name(base: str, there: bool) -> None:
    """Whoever asks for localhost is told of 127.0.0.1, which is no other place."""
    told = {"request_id": ID, "status": "QUEUED", "polling_url": f"http://127.0.0.1:9/v2/{ID}"}
    receipt = read_receipt(reply(told, 202), MAX, base)

    assert (receipt.status.deviations == ()) is there


@pytest.mark.parametrize("named", ["qwen-image-max_0", "qwen-image_019d3c1b", " QWEN-IMAGE_1"])
def test_a_status_of_another_request_is_none(named: str) -> None:
    """Its end and its pictures belong to somebody else."""
    assert read_status(reply({**GOOD, "request_id": named}), ID) is None


def test_an_id_that_was_given_without_its_model_is_the_same() -> None:
    """Whoever asks by the rest of an id is told of the whole one."""
    status = read_status(reply(GOOD), ID.partition("_")[2])

    assert status is not None
    assert status.media == (URL,)


@pytest.mark.parametrize("named", ["019d3c1b", "a-task-of-the-model", 7, "", ["x"], ID.upper()])
def test_an_id_of_another_kind_is_only_odd(named: object) -> None:
    """What is no request of this gateway, or this one written otherwise, is noted beside it."""
    status = read(request_id=named)

    assert (status.outcome, status.media) == ("succeeded", (URL,))
    assert "/request_id" in {deviation.pointer for deviation in status.deviations}


def test_deep_nesting_is_no_answer() -> None:
    """A body nested beyond reason is read as none."""
    assert body_of(reply(b"[" * 1_000_000)) is None
    assert body_of(reply(b'{"a":' * 100_000)) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*GOOD, "media_url", "choices", "message", "images", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_no_json_value_breaks_the_reading(value: Any) -> None:
    """Whatever JSON comes, it is read as a receipt, a status and a delivery without an error."""
    answer = reply(value)

    receipt = read_receipt(answer, MODELS["qwen-image-max"], "https://x/")
    status = read_status(answer, ID)
    delivery = read_delivery(answer, MODELS["qwen-image"])

    assert isinstance(receipt.request_id, str)
    assert status is None or isinstance(status.status, str)
    assert all(isinstance(url, str) and url for url in delivery.media)
    assert isinstance(excerpt(answer), str)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    """Whatever bytes come, an excerpt of bounded length can be shown."""
    assert len(excerpt(reply(content))) <= 201
    assert excerpt(reply(content)).isprintable()


def test_a_receipt_that_is_already_done_is_taken_so() -> None:
    """A gateway that answers a submission with the result has its result read."""
    receipt = read_receipt(reply(GOOD, 200), MODELS["qwen-image-max"], "https://x/")

    assert receipt.status.media == (URL,)
    assert receipt.status.done
    assert any("status code 200" in str(deviation) for deviation in receipt.status.deviations)


def test_deviations_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The same deviation is logged the first time only, and kept every time."""
    for _ in range(3):
        assert read(output={"media_url": "https://once.example/a.png"}).deviations

    assert caplog.text.count("/output/media_url") <= 1


def test_the_model_is_the_one_with_the_longest_fitting_name() -> None:
    """Ids begin with the model's name, of which some begin with another's."""
    assert model_of("qwen-image-max-edit_1") is MODELS["qwen-image-max-edit"]
    assert model_of("qwen-image-max_1") is MODELS["qwen-image-max"]
    assert model_of("x", "qwen-image-layered") is MODELS["qwen-image-layered"]
    assert model_of("qwen-image-maximum_1") is None


def test_an_html_page_is_shown_as_text() -> None:
    """Tags, scripts and styles are left out of an excerpt."""
    page = b"<html><style>p {}</style><script>x()</script><title>502</title><h1>Bad &amp;</h1>"

    assert excerpt(reply(page)) == "502 Bad &amp;"
