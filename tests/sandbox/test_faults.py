"""Faults: each one as a client sees it, and the rules that call them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pixazo.sandbox import FAULTS, Fault, Faults, Rule, Sandbox
from pixazo.sandbox.fault_table import as_markdown
from pixazo.sandbox.faults import parse

MAX = "/qwen-image-max/v1/qwen-image-max-request"
DOCS = Path(__file__).parents[2] / "docs" / "sandbox.md"

Submit = Callable[..., httpx2.Response]


@pytest.fixture
def submit(gateway: httpx2.Client) -> Submit:
    """Submit a job of qwen-image-max under a fault."""

    def with_fault(fault: str, **body: Any) -> httpx2.Response:
        headers = {"X-Sandbox-Fault": fault}
        return gateway.post(MAX, json={"prompt": "a boat", **body}, headers=headers)

    return with_fault


@pytest.fixture
def completed(sandbox: Sandbox, gateway: httpx2.Client, submit: Submit) -> Callable[[str], Any]:
    """The status answer of a job after its time, submitted under a fault."""

    def under(fault: str) -> Any:
        receipt = submit(fault).json()
        sandbox.clock.advance(10)
        return gateway.get(receipt["polling_url"]).json()

    return under


def test_the_guide_lists_every_fault() -> None:
    """The table in docs/sandbox.md is the table in the code, line by line."""
    assert as_markdown() in DOCS.read_text(encoding="utf-8")


# Answers that come instead of the good one


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500])
def test_documented_errors_have_their_documented_body(
    sandbox: Sandbox, submit: Submit, contract: Any, status: int
) -> None:
    """A fault named by a documented status answers to the letter, and nothing is charged."""
    answer = contract.check(submit(str(status)))

    assert answer.status_code == status
    assert sandbox.wallet.spent == 0
    assert sandbox.journal[-1].faults == [str(status)]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_proxy_errors_are_html(sandbox: Sandbox, submit: Submit, status: int) -> None:
    """What a proxy answers for the gateway is a page, not JSON."""
    answer = submit(str(status))

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert sandbox.wallet.spent == 0


@pytest.mark.parametrize("fault", ["500", "502", "503", "504"])
def test_an_error_may_hide_a_paid_job(sandbox: Sandbox, submit: Submit, fault: str) -> None:
    """With `=charged` the job exists and is paid although the answer is an error."""
    answer = submit(f"{fault}=charged")

    assert answer.status_code == int(fault)
    assert len(sandbox.jobs) == len(sandbox.wallet.charges) == 1


def test_retry_after_comes_in_seconds_as_a_date_or_not_at_all(submit: Submit) -> None:
    """A 429 has no Retry-After, or one in either of the two notations of HTTP."""
    headers = [submit(f).headers.get("retry-after") for f in ("429", "429=7", "429=date")]

    assert headers[:2] == [None, "7"]
    assert str(headers[2]).endswith("GMT")


def test_a_disabled_model_is_named(sandbox: Sandbox, submit: Submit, contract: Any) -> None:
    """The documented 400 names the model of the request."""
    answer = contract.check(submit("disabled-model"))

    assert answer.json() == {
        "error": "Model not found",
        "message": "Model 'qwen-image-max' not found or is disabled",
    }
    assert sandbox.wallet.spent == 0


def test_a_lost_answer_was_paid(sandbox: Sandbox, submit: Submit) -> None:
    """The connection closes without a byte, and the job is there and paid."""
    with pytest.raises(httpx2.RemoteProtocolError):
        submit("lost-answer")

    assert len(sandbox.jobs) == len(sandbox.wallet.charges) == 1


@pytest.mark.parametrize(("fault", "jobs"), [("reset", 0), ("reset=charged", 1)])
def test_a_reset_comes_before_or_after_the_charge(
    sandbox: Sandbox, submit: Submit, fault: str, jobs: int
) -> None:
    """The connection is reset; whether the job was accepted is the fault's value."""
    with pytest.raises(httpx2.ReadError):
        submit(fault)

    assert len(sandbox.jobs) == jobs


def test_a_hanging_answer_never_comes(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """The client's own time-out ends the waiting, and the job was paid."""
    with pytest.raises(httpx2.ReadTimeout):
        gateway.post(
            MAX, json={"prompt": "x"}, headers={"X-Sandbox-Fault": "hang=charged"}, timeout=0.2
        )

    assert len(sandbox.jobs) == 1


def test_a_redirect_leads_to_a_trap(
    sandbox: Sandbox, gateway: httpx2.Client, submit: Submit
) -> None:
    """A client that follows the redirect with its key is found out."""
    answer = submit("redirect")
    gateway.get(answer.headers["location"])

    assert answer.status_code == 307
    assert len(sandbox.leaks) == 1


# Answers that are changed


def test_a_slow_drip_comes_in_pieces(submit: Submit) -> None:
    """The answer is whole in the end, after at least the asked time."""
    answer = submit("slow-drip=0.2")

    assert answer.elapsed.total_seconds() >= 0.19
    assert answer.json()["status"] == "QUEUED"


def test_bodies_that_are_no_json(submit: Submit) -> None:
    """HTML, nothing and half a body all come with the good status."""
    answers = [submit(fault) for fault in ("html-body", "empty-body", "broken-json")]

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert answers[0].text.startswith("<html>")
    assert answers[1].content == b""
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answers[2].json()


def test_faults_of_one_body_go_together(submit: Submit) -> None:
    """What is no JSON any more has no fields to change; the sandbox does not fail over it."""
    for fault in ("html-body", "empty-body", "broken-json"):
        assert submit(f"{fault},wrong-types,extra-fields").status_code == 202


def test_a_receipt_without_id_was_paid(sandbox: Sandbox, submit: Submit) -> None:
    """The 202 has neither id nor URL, and the job exists."""
    assert submit("no-id").json() == {"status": "QUEUED"}
    assert len(sandbox.jobs) == 1


def test_a_foreign_polling_url_leads_to_a_trap(
    sandbox: Sandbox, gateway: httpx2.Client, submit: Submit
) -> None:
    """The polling URL lies on the other origin, and who asks there with a key is found out."""
    url = submit("foreign-polling-url").json()["polling_url"]
    gateway.get(url)

    assert url.startswith(sandbox.media_url)
    assert len(sandbox.leaks) == 1


def test_fields_may_be_mistyped_odd_or_new(gateway: httpx2.Client, submit: Submit) -> None:
    """Wrong types, lower-case words and unknown fields leave id and state readable."""
    url = submit("extra-fields").json()["polling_url"]

    wrong, odd, extra = (
        gateway.get(url, headers={"X-Sandbox-Fault": fault}).json()
        for fault in ("wrong-types", "odd-case", "extra-fields")
    )

    assert isinstance(wrong["created_at"], list)
    assert isinstance(submit("wrong-types").json()["polling_url"], list)
    assert wrong["status"] == "QUEUED"
    assert odd["status"] == "queued"
    assert "queue_position" in extra


# Jobs that go another way


def test_a_stuck_job_never_ends(sandbox: Sandbox, gateway: httpx2.Client, submit: Submit) -> None:
    """A job that is stuck is still at work after a day."""
    url = submit("stuck").json()["polling_url"]

    sandbox.clock.advance(86_400)

    assert gateway.get(url).json()["status"] == "PROCESSING"


def states(sandbox: Sandbox, gateway: httpx2.Client, url: str) -> list[str]:
    seen = []
    for _ in range(11):
        seen.append(gateway.get(url).json()["status"])
        sandbox.clock.advance(1)
    return [word for at, word in enumerate(seen) if at == 0 or word != seen[at - 1]]


def test_an_unknown_word_comes_between(
    sandbox: Sandbox, gateway: httpx2.Client, submit: Submit
) -> None:
    """A word that no page knows comes before the end, by its value or the default one."""
    first = states(sandbox, gateway, submit("unknown-status").json()["polling_url"])
    second = states(sandbox, gateway, submit("unknown-status=CANCELLED").json()["polling_url"])

    assert first == ["QUEUED", "PROCESSING", "WARMING_UP", "COMPLETED"]
    assert second[2] == "CANCELLED"


def test_a_status_may_run_backwards(
    sandbox: Sandbox, gateway: httpx2.Client, submit: Submit
) -> None:
    """The job falls back to the queue once before it ends."""
    seen = states(sandbox, gateway, submit("backwards").json()["polling_url"])

    assert seen == ["QUEUED", "PROCESSING", "QUEUED", "PROCESSING", "COMPLETED"]


def test_a_slow_job_takes_its_factor(
    sandbox: Sandbox, gateway: httpx2.Client, submit: Submit
) -> None:
    """`slow=3` makes a job of ten seconds one of thirty."""
    url = submit("slow=3").json()["polling_url"]

    sandbox.clock.advance(29.9)
    before = gateway.get(url).json()["status"]
    sandbox.clock.advance(0.1)

    assert (before, gateway.get(url).json()["status"]) == ("PROCESSING", "COMPLETED")


def test_an_id_may_come_late(sandbox: Sandbox, gateway: httpx2.Client, submit: Submit) -> None:
    """`late=3`: the id is unknown for three seconds."""
    url = submit("late=3").json()["polling_url"]

    before = gateway.get(url).status_code
    sandbox.clock.advance(3)

    assert (before, gateway.get(url).status_code) == (404, 200)


def test_outputs_may_be_missing_or_bare(completed: Callable[[str], Any]) -> None:
    """Null output, a bare string, an empty list and no time stamps."""
    assert completed("null-output")["output"] is None
    assert completed("bare-url")["output"]["media_url"].startswith("http://")
    assert completed("no-media")["output"]["media_url"] == []
    assert not any(name.endswith("_at") for name in completed("no-times"))


# Media


@pytest.fixture
def fetch(
    sandbox: Sandbox, plain: httpx2.Client, completed: Callable[[str], Any]
) -> Callable[..., httpx2.Response]:
    """The first file of a job that was submitted under a fault."""

    def under(fault: str, **options: Any) -> httpx2.Response:
        return plain.get(completed(fault)["output"]["media_url"][0], **options)

    return under


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("missing-media", 404, "text/html"),
        ("expired-media", 403, "application/xml"),
        ("html-media", 200, "text/html"),
        ("wrong-media", 200, "image/png"),
        ("media:503", 503, "text/html"),
        ("media:429=1", 429, "text/html"),
    ],
)
def test_media_may_be_something_else(
    fetch: Callable[..., httpx2.Response], fault: str, status: int, kind: str
) -> None:
    """Status and type are the fault's, and the bytes are no picture."""
    answer = fetch(fault)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)
    assert not answer.content.startswith(b"\x89PNG")


def test_truncated_media_end_in_the_middle(fetch: Callable[..., httpx2.Response]) -> None:
    """The connection closes before Content-Length is reached."""
    with pytest.raises(httpx2.RemoteProtocolError):
        fetch("truncated-media")


def test_a_fault_with_a_number_wears_off(
    sandbox: Sandbox, plain: httpx2.Client, completed: Callable[[str], Any]
) -> None:
    """`truncated-media*1` spoils the first download only."""
    url = completed("truncated-media*1")["output"]["media_url"][0]

    with pytest.raises(httpx2.RemoteProtocolError):
        plain.get(url)

    assert plain.get(url).content.startswith(b"\x89PNG")


def test_a_download_with_a_slip_in_its_fault_is_told(
    plain: httpx2.Client, completed: Callable[[str], Any]
) -> None:
    """A header that names no fault gets a 400 here as well, not the good file."""
    url = completed("")["output"]["media_url"][0]

    answer = plain.get(url, headers={"X-Sandbox-Fault": "truncated"})

    assert answer.status_code == 400
    assert "no such fault" in answer.json()["message"]


def test_media_without_length_or_range(fetch: Callable[..., httpx2.Response]) -> None:
    """No Content-Length is said; a Range brings everything."""
    assert "content-length" not in fetch("no-length").headers
    assert fetch("no-range", headers={"Range": "bytes=5-"}).status_code == 200


def test_endless_media_do_not_end(plain: httpx2.Client, completed: Callable[[str], Any]) -> None:
    """More bytes come than any picture has."""
    url = completed("endless-media")["output"]["media_url"][0]

    with plain.stream("GET", url) as answer:
        got = 0
        for chunk in answer.iter_bytes():
            got += len(chunk)
            if got > 5_000_000:
                break

    assert got > 5_000_000


def test_media_redirects(fetch: Callable[..., httpx2.Response]) -> None:
    """Two hops within the origin end at the file; a loop and a forbidden place do not."""
    good = fetch("media-redirect=2", follow_redirects=True)
    away = fetch("media-to=http://10.0.0.1/x")

    assert (len(good.history), good.content[:4]) == (2, b"\x89PNG")
    assert (away.status_code, away.headers["location"]) == (302, "http://10.0.0.1/x")
    with pytest.raises(httpx2.TooManyRedirects):
        fetch("media-loop", follow_redirects=True)


# Rules


def test_a_submission_may_ask_for_later_faults(gateway: httpx2.Client, submit: Submit) -> None:
    """`status:503*2` breaks two polls of this job and no other's."""
    broken = submit("status:503*2").json()["polling_url"]
    sound = submit("extra-fields").json()["polling_url"]

    assert [gateway.get(broken).status_code for _ in range(3)] == [503, 503, 200]
    assert gateway.get(sound).status_code == 200


def test_a_rule_may_name_a_model_and_a_number(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any
) -> None:
    """`nth=2` for one model breaks its second submission; other models are not counted."""
    sandbox.faults.add("500", model_id="qwen-image-max", nth=2)
    path, _ = contract.operation("qwen-image-layered")
    other = contract.example("qwen-image-layered")

    seen = [gateway.post(MAX, json={"prompt": "x"}).status_code for _ in range(1)]
    seen += [gateway.post(path, json=other).status_code for _ in range(3)]
    seen += [gateway.post(MAX, json={"prompt": "x"}).status_code for _ in range(2)]

    assert seen == [202, 202, 202, 202, 500, 202]


def test_a_probability_is_seeded() -> None:
    """A share of a thousand requests is hit, the same ones for the same seed."""

    def drawn(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("500", probability=0.1)
        return [bool(faults.hits("submit")) for _ in range(1000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 70 < sum(drawn(1)) < 130


def test_rules_count_by_every_and_times() -> None:
    """`every=3, times=2` hits the third and the sixth request."""
    faults = Faults()
    faults.add("status:503", every=3, times=2)

    hits = [bool(faults.hits("status")) for _ in range(12)]

    assert [at for at, hit in enumerate(hits, 1) if hit] == [3, 6]


def test_clear_ends_every_fault(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """After clear nothing goes wrong any more."""
    sandbox.faults.add("500")

    sandbox.faults.clear()

    assert gateway.post(MAX, json={"prompt": "x"}).status_code == 202


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("429", [Rule("429", stage="submit")]),
        ("429=2*3", [Rule("429", value="2", stage="submit", times=3)]),
        ("status:503, bare-url", [Rule("503", stage="status"), Rule("bare-url", stage="job")]),
        (" ", []),
    ],
)
def test_the_header_is_read(text: str, rules: list[Rule]) -> None:
    """`[stage:]name[=value][*times]`, joined by commas."""
    assert parse(text) == rules


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("nonsense", "no such fault; there are 429"),
        ("media:stuck", "this fault happens at job"),
        ("429==**", "write a fault as"),
        ("late=soon", "give a number, like late=2"),
        ("500=charge", "the only value is 500=charged"),
        ("401=key", "this fault takes no value"),
        ("status:503*0", "times=0: give a whole number from 1"),
    ],
)
def test_a_fault_that_would_never_happen_is_refused(
    gateway: httpx2.Client, submit: Submit, contract: Any, text: str, advice: str
) -> None:
    """A header that names no fault, or one that changes nothing, gets a 400 with the way out."""
    answer = contract.check(submit(text))

    assert answer.status_code == 400
    assert advice in answer.json()["message"]


@pytest.mark.parametrize("probability", [-0.1, 1.1])
def test_a_probability_is_a_share(probability: float) -> None:
    """A probability outside 0 to 1 is refused."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        Rule("500", probability=probability)


@pytest.mark.parametrize("text", ["", "500, 503"])
def test_a_rule_is_one_fault(text: str) -> None:
    """No fault, or several, are refused where one rule is added, instead of losing some."""
    with pytest.raises(ValueError, match="name one fault"):
        Faults().add(text)


@pytest.mark.parametrize("name", ["nth", "every", "times"])
def test_requests_are_counted_from_one(name: str) -> None:
    """A rule for the 0th request, or for every 0th one, is refused."""
    with pytest.raises(ValueError, match=f"{name}=0: give a whole number from 1"):
        Faults().add("500", **{name: 0})


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_every_fault_can_be_asked_for(
    sandbox: Sandbox, gateway: httpx2.Client, fault: Fault
) -> None:
    """Each fault of the table is taken as a rule at each of its stages."""
    for stage in fault.stages:
        assert sandbox.faults.add(f"{stage}:{fault.name}").stage == stage
