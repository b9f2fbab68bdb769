"""The control plane and the page."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import httpx2
import pytest
from PIL import Image

from pixazo.sandbox import FAULTS, Sandbox

MAX = "/qwen-image-max/v1/qwen-image-max-request"


def test_the_state_tells_everything(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """Jobs newest first, money, time, prices and numbers stand in the state."""
    first = gateway.post(MAX, json={"prompt": "a boat"}).json()
    second = gateway.post(MAX, json={"prompt": "a ship"}).json()
    sandbox.clock.advance(5)

    state = gateway.get("/_sandbox/state").json()

    assert [job["request_id"] for job in state["jobs"]] == [
        second["request_id"],
        first["request_id"],
    ]
    assert (state["jobs"][0]["status"], state["jobs"][0]["progress"]) == ("PROCESSING", 0.5)
    assert state["jobs"][0]["prompt"] == "a ship"
    assert state["wallet"]["balance_usd"] == "9.80"
    assert state["clock"] == {"now": sandbox.clock.now(), "rate": 0, "running": False}
    assert state["prices_usd"]["qwen-image"] == "0.045"
    assert (state["number_of_jobs"], state["number_of_requests"]) == (2, 2)


def test_a_finished_job_shows_its_media(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """Media stand in the state from the end of the job on, and not for a failed one."""
    gateway.post(MAX, json={"prompt": "x", "num_images": 2})
    gateway.post(MAX, json={"prompt": "x"}, headers={"X-Sandbox-Fault": "failed=too dark"})

    before = gateway.get("/_sandbox/state").json()["jobs"]
    sandbox.clock.advance(10)
    failed, good = gateway.get("/_sandbox/state").json()["jobs"]

    assert [job["media"] for job in before] == [[], []]
    assert (len(good["media"]), good["phase"]) == (2, "succeeded")
    assert (failed["media"], failed["phase"], failed["error"]) == ([], "failed", "too dark")


def test_time_can_be_moved(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """`{"advance": 10}` ends a job of ten seconds."""
    url = gateway.post(MAX, json={"prompt": "x"}).json()["polling_url"]

    facts = gateway.post("/_sandbox/clock", json={"advance": 10}).json()

    assert facts == gateway.get("/_sandbox/clock").json()
    assert gateway.get(url).json()["status"] == "COMPLETED"


def test_money_can_be_set(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """The balance can be set, and charges are listed."""
    gateway.post(MAX, json={"prompt": "x"})

    gateway.post("/_sandbox/wallet", json={"balance": "0.25"})
    wallet = gateway.get("/_sandbox/wallet").json()

    assert wallet["balance_usd"] == "0.25"
    assert [charge["usd"] for charge in wallet["charges"]] == ["0.10"]


def test_rules_can_be_added_listed_and_cleared(gateway: httpx2.Client) -> None:
    """A rule in JSON takes effect, counts its hits, and ends with DELETE."""
    rule = {"fault": "500", "model_id": "qwen-image-max", "times": 1}
    gateway.post("/_sandbox/faults", json=rule)
    seen = [gateway.post(MAX, json={"prompt": "x"}).status_code for _ in range(2)]

    (listed,) = gateway.get("/_sandbox/faults").json()["rules"]
    cleared = gateway.delete("/_sandbox/faults").json()

    assert seen == [500, 202]
    assert (listed["fault"], listed["stage"], listed["hits"], listed["seen"]) == (
        "500", "submit", 1, 2,
    )  # fmt: skip
    assert cleared["rules"] == []
    assert [known["name"] for known in cleared["known"]] == list(FAULTS)


def test_a_list_of_rules_is_taken_whole_or_not_at_all(gateway: httpx2.Client) -> None:
    """One wrong rule in a list keeps all of them out."""
    rules = ["status:503*2", {"fault": "500", "probability": 0.5}]

    good = gateway.post("/_sandbox/faults", json={"rules": rules})
    bad = gateway.post("/_sandbox/faults", json={"rules": [*rules, "nonsense"]})

    assert len(good.json()["rules"]) == 2
    assert bad.status_code == 400
    assert len(gateway.get("/_sandbox/faults").json()["rules"]) == 2


@pytest.mark.parametrize(
    ("path", "body", "advice"),
    [
        ("clock", {"advance": -1}, "0 or more seconds"),
        ("clock", {"advance": True}, "0 or more seconds"),
        ("clock", {}, "0 or more seconds"),
        ("clock", {"advance": 1e300}, "time ends with the year 9998"),
        ("clock", [], "JSON object"),
        ("wallet", {"balance": "much"}, "balance='much'"),
        ("wallet", {}, "US dollars"),
        ("faults", {}, "`fault`"),
        ("faults", {"fault": "500", "model_id": "none"}, "no such model"),
        ("faults", {"fault": "500", "nth": "two"}, "wrong type"),
        ("faults", {"fault": "500", "every": 0}, "every=0: give a whole number from 1"),
        ("faults", {"fault": "500", "colour": "red"}, "there are value, stage"),
        ("faults", {"fault": "500, 502"}, "name one fault"),
        ("faults", {"rules": "500"}, "give a list"),
    ],
)
def test_wrong_bodies_are_refused_with_advice(
    gateway: httpx2.Client, path: str, body: Any, advice: str
) -> None:
    """A body that makes no sense gets a 400 that says what to send."""
    answer = gateway.post(f"/_sandbox/{path}", json=body)

    assert answer.status_code == 400
    assert advice in answer.json()["message"]


def test_a_body_that_is_no_json_is_told_from_others(sandbox: Sandbox, plain: httpx2.Client) -> None:
    """Broken JSON gets a 400 that says what is broken, where, and what is wanted."""
    headers = {"Content-Type": "application/json"}

    answer = plain.post(f"{sandbox.url}/_sandbox/clock", content=b"{", headers=headers)

    assert answer.status_code == 400
    assert "the body is not JSON (Expecting property name" in answer.json()["message"]
    assert "send a JSON object" in answer.json()["message"]


def test_the_journal_can_be_read_on(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """`since` and `limit` choose entries, and no key is among them."""
    for number in range(5):
        gateway.post(MAX, json={"prompt": f"boat {number}"})

    entries = gateway.get("/_sandbox/journal?since=1&limit=2").json()["entries"]
    text = gateway.get("/_sandbox/journal").text

    assert [entry["number"] for entry in entries] == [4, 5]
    assert "a-key-of-the-tests" not in text
    assert gateway.get("/_sandbox/journal?limit=0").json() == {"entries": []}
    assert gateway.get("/_sandbox/journal?limit=x").status_code == 400


def test_reset_needs_no_body(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """POST to reset begins anew."""
    gateway.post(MAX, json={"prompt": "x"})

    state = gateway.post("/_sandbox/reset").json()

    assert (state["jobs"], state["wallet"]["balance_usd"]) == ([], "10")


def test_examples_can_be_submitted_as_they_are(gateway: httpx2.Client) -> None:
    """Every example that the page offers is accepted by its model."""
    models = gateway.get("/_sandbox/examples").json()["models"]

    seen = [
        gateway.request(one["method"], one["path"], json=one["body"]).status_code
        for one in models.values()
    ]

    assert set(seen) == {200, 202}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing", 404), ("GET", "", 404), ("DELETE", "clock", 405), ("PUT", "state", 405)],
)
def test_what_does_not_exist_is_said(
    gateway: httpx2.Client, method: str, path: str, status: int
) -> None:
    """Unknown paths and methods get a JSON answer that lists what there is."""
    answer = gateway.request(method, f"/_sandbox/{path}")

    assert answer.status_code == status
    assert answer.json()["message"].startswith(("there are /_sandbox/", "/_sandbox/"))


def test_other_sites_cannot_use_it(sandbox: Sandbox, plain: httpx2.Client) -> None:
    """A foreign Host or Origin, and a body that a foreign page could send unasked, are refused."""
    before = sandbox.clock.now()

    rebound = plain.get(f"{sandbox.url}/_sandbox/state", headers={"Host": "evil.example"})
    form = plain.post(f"{sandbox.url}/_sandbox/clock", data={"advance": "5"})
    foreign = [
        plain.post(f"{sandbox.url}/_sandbox/reset", headers={"Origin": origin})
        for origin in ("https://evil.example", "http://127.0.0.1:1", "null")
    ]
    own = plain.post(f"{sandbox.url}/_sandbox/reset", headers={"Origin": sandbox.url})

    assert rebound.status_code == 403
    assert [answer.status_code for answer in foreign] == [403, 403, 403]
    assert own.status_code == 200
    assert form.status_code == 400
    assert "send Content-Type: application/json" in form.json()["message"]
    assert sandbox.clock.now() == before


def test_it_is_not_in_the_journal(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """Looking inside leaves no trace."""
    gateway.get("/_sandbox/state")
    gateway.get("/")

    assert len(sandbox.journal) == 0


def test_a_preview_takes_no_fault_from_the_client(
    sandbox: Sandbox, gateway: httpx2.Client, plain: httpx2.Client
) -> None:
    """Who looks at a picture on the page leaves no entry, and the client's fault to the client."""
    body = {"prompt": "x", "image_size": "landscape_hd", "output_format": "png"}
    headers = {"X-Sandbox-Fault": "missing-media*1"}
    job = gateway.post(MAX, json=body, headers=headers).json()["request_id"]
    path, entries = f"/_sandbox/preview/{job}/output-0.png", len(sandbox.journal)

    early = gateway.get(path)
    sandbox.clock.advance(10)
    seen = [gateway.get(path) for _ in range(2)]
    taken = [plain.get(sandbox.jobs[job].media_urls[0]) for _ in range(2)]

    assert early.status_code == 404
    assert [answer.status_code for answer in seen] == [200, 200]
    assert max(Image.open(BytesIO(seen[0].content)).size) == 512
    assert [answer.status_code for answer in taken] == [404, 200]
    assert len(sandbox.journal) == entries + 2


@pytest.mark.parametrize("name", ["", "none/output-0.png", "{}", "{}/", "{}/output-1.png"])
def test_a_preview_of_nothing_is_a_404(sandbox: Sandbox, gateway: httpx2.Client, name: str) -> None:
    """A job or file that is not there has no preview."""
    job = gateway.post(MAX, json={"prompt": "x"}).json()["request_id"]
    sandbox.clock.advance(10)

    answer = gateway.get("/_sandbox/preview/" + name.format(job))

    assert answer.status_code == 404


def test_a_key_in_a_prompt_is_not_shown(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """A prompt that holds the caller's key is shown without it."""
    gateway.post(MAX, json={"prompt": "my key: a-key-of-the-tests"})

    assert "a-key-of-the-tests" not in gateway.get("/_sandbox/state").text


def test_the_page_needs_nothing_from_elsewhere(sandbox: Sandbox, plain: httpx2.Client) -> None:
    """The page names no other host, and its policy allows none."""
    answer = plain.get(f"{sandbox.url}/")

    hosts = set(re.findall(r"https?://([^/\"' )]+)", answer.text))
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")
    assert hosts == {"www.w3.org"}  # the name of SVG's namespace; nothing is fetched
    assert "img-src 'self' data:;" in policy
    assert "default-src 'none'" in policy
