"""Submissions: what is accepted, what is refused, and what it costs."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from pixazo_openapi import catalogue

from pixazo.sandbox import ManualClock, Sandbox

MODELS = sorted(catalogue.MODELS)
QUEUED = [m for m in MODELS if catalogue.MODELS[m].mode == "queued"]
DIRECT = [m for m in MODELS if catalogue.MODELS[m].mode == "direct"]
MAX = "/qwen-image-max/v1/qwen-image-max-request"
LORA = "/qwen-image-edit-plus/v1/qwen-image-edit-plus-lora/generate"


def submit(gateway: httpx2.Client, contract: Any, model_id: str, name: str) -> httpx2.Response:
    path, _ = contract.operation(model_id)
    return gateway.post(path, json=contract.example(model_id, name))


@pytest.mark.parametrize("name", ["minimum", "full"])
@pytest.mark.parametrize("model_id", MODELS)
def test_every_documented_example_is_accepted(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, model_id: str, name: str
) -> None:
    """Each example body of the spec gets the documented good answer, in the documented shape."""
    answer = contract.check(submit(gateway, contract, model_id, name))

    assert answer.status_code == catalogue.MODELS[model_id].success_status


@pytest.mark.parametrize("model_id", QUEUED)
def test_a_receipt_names_id_state_and_status_url(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, model_id: str
) -> None:
    """The receipt's id begins with the model, it is QUEUED, and its polling URL works."""
    receipt = submit(gateway, contract, model_id, "minimum").json()

    assert receipt["request_id"].startswith(f"{model_id}_")
    assert receipt["status"] == "QUEUED"
    assert receipt["polling_url"] == f"{sandbox.url}/v2/requests/status/{receipt['request_id']}"
    assert contract.check(gateway.get(receipt["polling_url"])).status_code == 200


@pytest.mark.parametrize("model_id", MODELS)
def test_a_submission_costs_its_price(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, model_id: str
) -> None:
    """The documented price is taken, or the stand-in of 0.10 dollars where there is none."""
    submit(gateway, contract, model_id, "minimum")

    price = catalogue.MODELS[model_id].price.usd
    assert sandbox.wallet.spent == (price if price is not None else Decimal("0.10"))


def test_models_without_a_price_are_named() -> None:
    """The sandbox says which models cost a stand-in price, and stated prices replace it."""
    unpriced = {m for m in MODELS if catalogue.MODELS[m].price.usd is None}
    chosen = sorted(unpriced)[0]

    assert set(Sandbox().stand_in_prices) == unpriced
    assert set(Sandbox(prices={chosen: "0.2"}).stand_in_prices) == unpriced - {chosen}


def test_a_stated_price_is_charged() -> None:
    """`prices=` decides what a model costs."""
    with (
        Sandbox(prices={"qwen-image-max": "0.25"}, clock=ManualClock()) as sandbox,
        httpx2.Client(headers={"Ocp-Apim-Subscription-Key": "k"}) as client,
    ):
        client.post(sandbox.url + MAX, json={"prompt": "a boat"})

        assert sandbox.wallet.spent == Decimal("0.25")


def test_an_empty_wallet_is_told_to_the_letter(gateway: httpx2.Client, sandbox: Sandbox) -> None:
    """Without money the answer is the documented 402, and no job is made."""
    sandbox.wallet.set_balance("0.09")

    answer = gateway.post(MAX, json={"prompt": "a boat"})

    assert answer.status_code == 402
    assert answer.json() == {
        "error": "Insufficient Balance",
        "message": "Your wallet does not have enough balance.",
    }
    assert len(sandbox.jobs) == 0


@pytest.mark.parametrize("model_id", MODELS)
def test_a_missing_key_is_refused(
    sandbox: Sandbox, plain: httpx2.Client, contract: Any, model_id: str
) -> None:
    """Without the key header the answer is a documented 401 and nothing is charged."""
    path, _ = contract.operation(model_id)

    answer = plain.post(sandbox.url + path, json=contract.example(model_id))

    assert contract.check(answer).status_code == 401
    assert sandbox.wallet.spent == 0


def test_only_the_stated_key_is_accepted() -> None:
    """With `key=` every other key gets 401."""
    with Sandbox(key="the-right-key", clock=ManualClock()) as sandbox, httpx2.Client() as client:

        def status_with(key: str) -> int:
            headers = {"Ocp-Apim-Subscription-Key": key}
            return client.post(sandbox.url + MAX, json={"prompt": "x"}, headers=headers).status_code

        assert status_with("another-key") == 401
        assert status_with("the-right-key") == 202


def test_each_of_several_keys_is_accepted_and_sees_its_own_jobs_only() -> None:
    """With several keys each is another person; unknown keys stay refused."""
    with Sandbox(key=("ann", "ben"), clock=ManualClock()) as sandbox, httpx2.Client() as client:

        def headers(key: str) -> dict[str, str]:
            return {"Ocp-Apim-Subscription-Key": key}

        made = client.post(sandbox.url + MAX, json={"prompt": "x"}, headers=headers("ann"))
        polling_url = made.json()["polling_url"]
        seen = [client.get(polling_url, headers=headers(key)) for key in ("ann", "ben", "eve")]

    assert [answer.status_code for answer in seen] == [200, 404, 401]


@pytest.mark.parametrize("key", ["", (), ("ann", "")])
def test_an_empty_key_can_not_be_the_accepted_one(key: str | tuple[str, ...]) -> None:
    """A sandbox that would accept nobody, or an empty key, is not made."""
    with pytest.raises(ValueError, match="key: give keys that are not empty"):
        Sandbox(key=key)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x", "num_images": 5}, "num_images"),
        ({"prompt": "x", "num_images": "1"}, "num_images"),
        ({"prompt": "x", "image_size": "huge"}, "image_size"),
        ({"prompt": "x", "negative_prompt": None}, "negative_prompt"),
        ({"prompt": "x", "unknown": 1}, "unknown"),
        (["prompt"], "body"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused(
    sandbox: Sandbox, gateway: httpx2.Client, contract: Any, body: Any, place: str
) -> None:
    """A 400 in the documented shape names the place, and nothing is charged."""
    answer = contract.check(gateway.post(MAX, json=body))

    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert place in answer.json()["message"]
    assert sandbox.wallet.spent == 0


def test_formats_are_asserted(gateway: httpx2.Client, contract: Any) -> None:
    """A text that is no URI is refused where the spec says `format: uri`."""
    body = {"prompt": "x", "image_urls": ["https://exa mple.com/a.png"]}

    answer = contract.check(gateway.post(LORA, json=body))

    assert answer.status_code == 400
    assert "image_urls.0" in answer.json()["message"]


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"\xff\xfe", b'{"prompt": NaN}', b"[" * 100_000,
        b'{"prompt": "\\ud800"}', b'{"prompt": "x", "num_images": 1e999}',
    ],
)  # fmt: skip
def test_a_body_that_is_not_json_is_refused(
    gateway: httpx2.Client, contract: Any, raw: bytes
) -> None:
    """Anything that is not JSON gets the documented 400, whatever the bytes."""
    headers = {"Content-Type": "application/json"}

    answer = gateway.post(MAX, content=raw, headers=headers)

    assert contract.check(answer).status_code == 400


def test_a_big_number_of_problems_and_a_long_value_stay_short(gateway: httpx2.Client) -> None:
    """A megabyte of wrong text gives a message of less than two kilobytes."""
    body = {"prompt": "x", "image_urls": ["nonsense " * 100_000] * 10}

    answer = gateway.post(LORA, json=body)

    assert answer.status_code == 400
    assert len(answer.text) < 2000


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(gateway: httpx2.Client, contract: Any, kind: str) -> None:
    """A body that does not say it is JSON gets 400, naming the header."""
    answer = gateway.post(MAX, content=b'{"prompt": "x"}', headers={"Content-Type": kind})

    assert contract.check(answer).status_code == 400
    assert "Content-Type" in answer.json()["message"]


def test_a_body_over_the_cap_is_refused(gateway: httpx2.Client, contract: Any) -> None:
    """A body of more than 32 MiB gets 400 before it is read to its end."""
    body = b'{"prompt": "' + b"x" * (33 * 1024 * 1024) + b'"}'

    answer = gateway.post(MAX, content=body, headers={"Content-Type": "application/json"})

    assert contract.check(answer).status_code == 400
    assert "larger than" in answer.json()["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_not_allowed(gateway: httpx2.Client, method: str) -> None:
    """A wrong method gets 405 with Allow and a JSON body."""
    answer = gateway.request(method, MAX)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["error"] == "Method Not Allowed"


def test_an_unknown_path_is_a_json_404(gateway: httpx2.Client) -> None:
    """A path that no page names gets 404 with a JSON body."""
    answer = gateway.post("/qwen-image-max/v2/nothing", json={})

    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "message"}


def test_documented_headers_are_checked(gateway: httpx2.Client, contract: Any) -> None:
    """A documented header with another value than the documented one gets 400."""
    headers = {"Cache-Control": "max-age=9"}

    answer = contract.check(gateway.post(MAX, json={"prompt": "x"}, headers=headers))

    assert answer.status_code == 400
    assert "cache-control" in answer.json()["message"]


@pytest.mark.parametrize("host", ["hooks.example.com", "10.0.0.1", "127.0.0.1.example.com"])
def test_callbacks_go_to_this_machine_only(
    gateway: httpx2.Client, sandbox: Sandbox, contract: Any, host: str
) -> None:
    """A callback URL of another host is refused by header and by body field, without a charge."""
    url = f"https://{host}/hook"

    by_header = gateway.post(MAX, json={"prompt": "x"}, headers={"X-Webhook-URL": url})
    body = contract.example("qwen-image-edit-plus-lora") | {"webhook": url}
    by_field = gateway.post(LORA, json=body)

    assert contract.check(by_header).status_code == contract.check(by_field).status_code == 400
    assert "this machine only" in by_header.json()["message"]
    assert sandbox.wallet.spent == 0


@pytest.mark.parametrize("model_id", DIRECT)
def test_a_direct_answer_holds_a_picture(
    gateway: httpx2.Client, plain: httpx2.Client, contract: Any, model_id: str
) -> None:
    """The media pointer of the spec leads to a URL of the second origin that serves a PNG."""
    answer = contract.check(submit(gateway, contract, model_id, "full")).json()

    pointers = catalogue.MODELS[model_id].media
    urls = [u for p in pointers for u in at_pointer(answer, p.strip("/").split("/"))]
    assert len(urls) == 1
    assert plain.get(urls[0]).content.startswith(b"\x89PNG")


def at_pointer(value: Any, tokens: list[str]) -> list[Any]:
    if not tokens:
        return [value]
    head, rest = tokens[0], tokens[1:]
    if head == "*":
        return [hit for item in value for hit in at_pointer(item, rest)]
    return at_pointer(value[head], rest) if isinstance(value, dict) and head in value else []


def test_a_direct_answer_comes_in_both_shapes(gateway: httpx2.Client, contract: Any) -> None:
    """The text-to-image answer has images by default and choices when asked for."""
    path, _ = contract.operation("qwen-image")
    body = contract.example("qwen-image")

    plain = contract.check(gateway.post(path, json=body)).json()
    other = gateway.post(path, json=body, headers={"X-Sandbox-Fault": "other-shape=choices"})

    assert set(plain) == {"images", "description"}
    assert "choices" in contract.check(other).json()["output"]


def test_a_direct_answer_takes_its_time() -> None:
    """On a running clock a direct answer comes after the latency."""
    from time import perf_counter

    body = {
        "model": "qwen-image",
        "input": {"messages": [{"role": "user", "content": [{"text": "a boat"}]}]},
    }
    with Sandbox(latency=0.3) as sandbox, httpx2.Client() as client:
        start = perf_counter()
        path = catalogue.MODELS["qwen-image"].path
        client.post(sandbox.url + path, json=body, headers={"Ocp-Apim-Subscription-Key": "k"})

        assert perf_counter() - start >= 0.3


def test_a_repeated_idempotency_key_is_recorded_and_charged_again(
    sandbox: Sandbox, gateway: httpx2.Client
) -> None:
    """Nothing is deduplicated: two equal submissions are two jobs, and the sandbox tells."""
    headers = {"Idempotency-Key": "the-same"}

    ids = [
        gateway.post(MAX, json={"prompt": "x"}, headers=headers).json()["request_id"]
        for _ in range(2)
    ]

    (double,) = sandbox.double_charges
    assert double.request_ids == tuple(ids)
    assert double.usd == Decimal("0.10")


def test_the_same_submissions_get_the_same_ids() -> None:
    """Two sandboxes with one seed and a manual clock each answer alike."""

    def receipts() -> list[Any]:
        with Sandbox(clock=ManualClock(), seed=5) as sandbox, httpx2.Client() as client:
            headers = {"Ocp-Apim-Subscription-Key": "k"}
            answers = [
                client.post(sandbox.url + MAX, json={"prompt": "x"}, headers=headers)
                for _ in range(3)
            ]
            return [answer.json()["request_id"] for answer in answers]

    assert receipts() == receipts()


def test_a_new_model_needs_no_code(plain: httpx2.Client) -> None:
    """A document with one more model serves it: route, rules, price, files."""
    from pixazo_openapi import schema

    document = json.loads(json.dumps(schema.document()))
    operation = json.loads(json.dumps(document["paths"][MAX]["post"]))
    operation["operationId"] = "submitNewModel"
    operation["x-pixazo"] |= {"model": "new-model", "class": "NewModel"}
    operation["x-pixazo"]["price"]["usd"] = "0.07"
    document["paths"]["/new-model/v1/go"] = {"post": operation}
    headers = {"Ocp-Apim-Subscription-Key": "k"}

    with Sandbox(document=document, clock=ManualClock(), latency=5) as sandbox:
        wrong = plain.post(f"{sandbox.url}/new-model/v1/go", json={}, headers=headers)
        receipt = plain.post(
            f"{sandbox.url}/new-model/v1/go", json={"prompt": "x", "num_images": 2}, headers=headers
        ).json()
        sandbox.clock.advance(5)
        status = plain.get(receipt["polling_url"], headers=headers).json()

        assert wrong.status_code == 400
        assert receipt["request_id"].startswith("new-model_")
        assert sandbox.wallet.spent == Decimal("0.07")
        assert status["model_id"] == "new-model"
        assert [plain.get(u).status_code for u in status["output"]["media_url"]] == [200, 200]


def test_a_document_without_examples_is_still_served(plain: httpx2.Client) -> None:
    """Without a single example the answers are made from the schemas and keep to them."""
    from pixazo_openapi import schema

    document = json.loads(json.dumps(schema.document()))
    for item in document["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    content.pop("examples", None)
    headers = {"Ocp-Apim-Subscription-Key": "k"}

    with Sandbox(document=document, clock=ManualClock()) as sandbox:
        receipt = plain.post(sandbox.url + MAX, json={"prompt": "x"}, headers=headers).json()

        assert set(receipt) == {"request_id", "status", "polling_url"}
        assert plain.get(receipt["polling_url"], headers=headers).json()["status"] == "QUEUED"
