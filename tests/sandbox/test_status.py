"""How a queued job stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from pixazo.sandbox import Sandbox

MAX = "/qwen-image-max/v1/qwen-image-max-request"
STATUS = "/v2/requests/status/"


@pytest.fixture
def receipt(gateway: httpx2.Client) -> Any:
    return gateway.post(MAX, json={"prompt": "a boat", "num_images": 3}).json()


def ask(gateway: httpx2.Client, contract: Any, receipt: Any) -> Any:
    return contract.check(gateway.get(receipt["polling_url"])).json()


def test_a_job_moves_with_time_alone(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, receipt: Any
) -> None:
    """A job of ten seconds is queued, at work after two, and completed at ten."""
    seen = []
    for seconds in (0, 1.9, 0.1, 7.9, 0.1):
        sandbox.clock.advance(seconds)
        seen.append(ask(gateway, contract, receipt)["status"])

    assert seen == ["QUEUED", "QUEUED", "PROCESSING", "PROCESSING", "COMPLETED"]


def test_asking_changes_nothing(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, receipt: Any
) -> None:
    """The same question at the same time gets the same answer, for nothing."""
    sandbox.clock.advance(10)
    spent = sandbox.wallet.spent

    answers = [ask(gateway, contract, receipt) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert sandbox.wallet.spent == spent


def test_times_are_those_of_the_virtual_clock(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, receipt: Any
) -> None:
    """Created, updated and completed are the moments of the job, to the millisecond."""
    sandbox.clock.advance(12)

    answer = ask(gateway, contract, receipt)

    assert answer["created_at"] == "2026-01-01T00:00:00.000Z"
    assert answer["updated_at"] == answer["completed_at"] == "2026-01-01T00:00:10.000Z"


def test_a_pending_job_has_no_outcome(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, receipt: Any
) -> None:
    """While a job waits or works, output, error and completed_at are null."""
    for _ in range(2):
        answer = ask(gateway, contract, receipt)
        assert (answer["output"], answer["error"], answer["completed_at"]) == (None, None, None)
        sandbox.clock.advance(5)


def test_a_completed_job_has_as_many_media_as_were_asked_for(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, receipt: Any
) -> None:
    """Three pictures are three URLs of the second origin."""
    sandbox.clock.advance(10)

    urls = ask(gateway, contract, receipt)["output"]["media_url"]

    assert len(set(urls)) == 3
    assert all(url.startswith(sandbox.media_url) for url in urls)


def test_error_gives_the_money_back(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any
) -> None:
    """A job that ends ERROR has the documented body, and its price is refunded at that moment."""
    headers = {"X-Sandbox-Fault": "error=a machine was lost"}
    receipt = gateway.post(MAX, json={"prompt": "x"}, headers=headers).json()

    sandbox.clock.advance(9.9)
    before = sandbox.wallet.balance
    sandbox.clock.advance(0.1)

    assert before == Decimal("9.9")
    assert sandbox.wallet.balance == 10
    assert ask(gateway, contract, receipt) == {
        "request_id": receipt["request_id"],
        "status": "ERROR",
        "model_id": "qwen-image-max",
        "error": "a machine was lost",
        "output": None,
    }


def test_failed_keeps_the_money(sandbox: Sandbox, gateway: httpx2.Client, contract: Any) -> None:
    """A job that ends FAILED says why, and its price stays taken."""
    headers = {"X-Sandbox-Fault": "failed"}
    receipt = gateway.post(MAX, json={"prompt": "x"}, headers=headers).json()

    sandbox.clock.advance(10)
    answer = ask(gateway, contract, receipt)

    assert answer["status"] == "FAILED"
    assert "qwen-image-max" in answer["error"]
    assert answer["output"] is None
    assert sandbox.wallet.balance == Decimal("9.9")


@pytest.mark.parametrize("request_id", ["unknown", "qwen-image-max_019d", "%C3%A9", "a" * 500])
def test_an_unknown_id_is_not_found(gateway: httpx2.Client, contract: Any, request_id: str) -> None:
    """An id that nobody gave out gets the documented 404."""
    assert contract.check(gateway.get(STATUS + request_id)).status_code == 404


@pytest.mark.parametrize("more", ["%0A", "%0D", "%09", "%20", "x"])
def test_a_known_id_with_more_behind_it_is_not_found(
    gateway: httpx2.Client, contract: Any, receipt: Any, more: str
) -> None:
    """An id is known to the letter: line breaks and blanks behind it are not overlooked."""
    assert contract.check(gateway.get(STATUS + receipt["request_id"] + more)).status_code == 404


def test_somebody_elses_job_is_invisible(
    sandbox: Sandbox, plain: httpx2.Client, contract: Any, receipt: Any
) -> None:
    """Another key gets the same 404 as for an id that does not exist."""
    headers = {"Ocp-Apim-Subscription-Key": "somebody-else"}

    answer = contract.check(plain.get(receipt["polling_url"], headers=headers))

    assert answer.status_code == 404
    assert answer.json() == plain.get(f"{sandbox.url}{STATUS}none", headers=headers).json()


def test_the_status_needs_a_key(plain: httpx2.Client, contract: Any, receipt: Any) -> None:
    """Without a key the status is 401."""
    assert contract.check(plain.get(receipt["polling_url"])).status_code == 401


def test_a_direct_request_cannot_be_asked_about(gateway: httpx2.Client, contract: Any) -> None:
    """The id in a direct answer is not known to the status operation (R85)."""
    path, _ = contract.operation("qwen-image-edit")
    answer = gateway.post(path, json=contract.example("qwen-image-edit")).json()

    status = contract.check(gateway.get(STATUS + answer["request_id"]))

    assert status.status_code == 404
