"""From a request to a result, in both colours, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import pixazo
from pixazo import (
    AsyncPixazo,
    ClientClosed,
    FolderUnusable,
    InvalidCallbackBase,
    InvalidConfiguration,
    NothingToDeliver,
    OutcomeUnknown,
    Pixazo,
    QwenImage,
    QwenImageEditPlusTrainer,
    QwenImageMax,
    UnknownToken,
    WrongMode,
)
from tests.client.conftest import DrivenClock
from tests.client.gateway import ID, KEY, PNG, Answer, FakeGateway, Seen, receipt, status

TIGER = QwenImageMax(prompt="a white tiger")
LAKE = QwenImage(prompt="a lake")


def test_a_queued_model_comes_to_a_result(caller: Any, gateway: FakeGateway) -> None:
    """A request to a queued model is submitted once and waited for."""
    words: list[str] = []
    gateway.get(status("QUEUED"), status("PROCESSING"), gateway.gets[0])

    result = caller.generate(TIGER, on_status=lambda seen: words.append(seen.status))

    assert words == ["QUEUED", "PROCESSING", "COMPLETED"]
    assert (result.request_id, result.model_id) == (ID, "qwen-image-max")
    assert [medium.url for medium in result.media] == [f"{gateway.url}/media/0.png"]
    assert result.elapsed_s == 12.0
    assert result.deviations == ()
    assert result.request == TIGER
    assert gateway.count("POST") == 1
    assert gateway.seen[0].json == {"prompt": "a white tiger"}


def test_a_direct_model_comes_to_the_same_kind_of_result(caller: Any, gateway: FakeGateway) -> None:
    """A direct model's answer, in either documented shape, is a result with an id made here."""
    url = f"{gateway.url}/media/0.png"
    image = {"file_name": "a.png", "content_type": "image/png", "url": url}
    choice = {"message": {"role": "assistant", "content": [{"image": url}]}}
    gateway.post(
        Answer(200, {"images": [image], "description": ""}),
        Answer(200, {"status_code": 200, "request_id": "r", "output": {"choices": [choice]}}),
    )

    results = [caller.generate(LAKE), caller.generate(LAKE)]

    for result in results:
        assert [medium.url for medium in result.media] == [url]
        assert result.request_id.startswith("qwen-image_")
        assert result.price_usd == Decimal("0.045")
    assert results[0].request_id != results[1].request_id
    assert results[1].raw["request_id"] == "r"


def test_a_result_is_saved(caller: Any, gateway: FakeGateway, tmp_path: Path) -> None:
    """The media lie in files called after the request id, without the key having been sent."""
    result = caller.generate(TIGER)

    paths = caller.save(result, tmp_path / "out")

    assert [path.name for path in paths] == [f"{ID}-0.png"]
    assert paths[0].read_bytes() == PNG
    media = next(seen for seen in gateway.seen if seen.path.startswith("/media/"))
    assert KEY not in str(media.headers)


def test_a_result_that_cannot_be_saved_names_its_request(
    caller: Any, gateway: FakeGateway, tmp_path: Path
) -> None:
    """The error alone is enough to find what was paid for: a program may have ended with it."""
    result = caller.generate(TIGER)
    (tmp_path / "file").touch()

    with pytest.raises(FolderUnusable) as unusable:
        caller.save(result, tmp_path / "file")

    assert (unusable.value.request_id, unusable.value.charged) == (ID, "yes")
    assert f"[request {ID}, charged]" in str(unusable.value)


def test_every_request_carries_the_key_and_what_the_documents_ask_for(
    caller: Any, gateway: FakeGateway
) -> None:
    """Submission and look carry the key; the submission alone an Idempotency-Key and a body."""
    caller.generate(TIGER)
    post, get = gateway.seen

    assert post.headers["ocp-apim-subscription-key"] == KEY
    assert get.headers["ocp-apim-subscription-key"] == KEY
    assert post.headers["cache-control"] == "no-cache"
    assert post.headers["content-type"] == "application/json"
    assert len(post.headers["idempotency-key"]) == 32
    assert "idempotency-key" not in get.headers
    assert get.path == f"/v2/requests/status/{ID}"


def test_a_path_prefix_goes_before_every_path(calling: Any, gateway: FakeGateway) -> None:
    """A gateway behind a prefix is asked below it."""
    calling(base_url=f"{gateway.url}/team/").generate(TIGER)

    assert {seen.path.split("/")[1] for seen in gateway.seen} == {"team"}


def test_a_token_finds_the_job_again(caller: Any, gateway: FakeGateway) -> None:
    """A token from one client is waited for by another, without a second submission."""
    token = caller.submit(TIGER)

    result = caller.wait(token)

    assert result.request_id == ID
    assert result.model_id == "qwen-image-max"
    assert gateway.count("POST") == 1


def test_an_id_alone_finds_the_job_again(caller: Any, gateway: FakeGateway) -> None:
    """An id says which model it is of, and is looked at at once."""
    result = caller.wait(ID)

    assert result.model_id == "qwen-image-max"
    assert gateway.count("GET") == 1


@pytest.mark.parametrize("odd", ["../x", "..", "a/b", "a b", "", "a?b", "a%2e", "x" * 600, "a\nb"])
def test_an_odd_id_is_refused(caller: Any, gateway: FakeGateway, odd: str) -> None:
    """An id that could lead to another path sends nothing."""
    with pytest.raises(UnknownToken, match="neither a resume token nor a request id"):
        caller.wait(odd)

    assert gateway.seen == []


@pytest.mark.parametrize("odd", ["pixazo1.", "pixazo1.????", "pixazo1.e30", "pixazo1.WzFd"])
def test_a_broken_token_is_refused(caller: Any, gateway: FakeGateway, odd: str) -> None:
    """Half a token is not taken for an id."""
    with pytest.raises(UnknownToken, match="neither a resume token nor"):
        caller.wait(odd)


def test_a_token_of_another_gateway_is_refused(calling: Any, gateway: FakeGateway) -> None:
    """A token never sends the key to the gateway that it names."""
    token = calling().submit(TIGER)

    with pytest.raises(UnknownToken, match=re.escape(gateway.url)) as caught:
        calling(base_url="https://gateway.example").wait(token)

    assert caught.value.request_id == ID


def test_an_id_is_encoded_into_the_path(caller: Any, gateway: FakeGateway) -> None:
    """Letters that a path does not have are percent-encoded."""
    caller.status("übung&x=1")

    assert gateway.seen[0].path == "/v2/requests/status/%C3%BCbung%26x%3D1"


def test_an_end_is_asked_for_only_once(gateway: FakeGateway, clock: Any) -> None:
    """After the end neither status nor wait ask again."""
    with Pixazo(KEY, base_url=gateway.url, clock=clock) as client:
        job = client.job(ID)
        first, second = job.status(), job.status()
        result = job.wait()

    assert first is second
    assert result.raw is first.raw
    assert gateway.count("GET") == 1


def test_a_polling_url_that_leads_elsewhere_is_never_fetched(
    caller: Any, gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """Another host in polling_url is a deviation; the id alone is used."""
    other = FakeGateway()
    gateway.post(receipt(polling_url=f"{other.url}/v2/requests/status/{ID}"))

    caller.generate(TIGER)

    other.close()
    assert other.seen == []
    assert gateway.count("GET") == 1


def test_a_direct_model_cannot_be_submitted(caller: Any, gateway: FakeGateway) -> None:
    """submit() names generate() for a model that answers at once, and sends nothing."""
    with pytest.raises(WrongMode, match=r"client\.generate"):
        caller.submit(LAKE)

    assert gateway.seen == []


def test_a_webhook_is_asked_for_in_the_header(caller: Any, gateway: FakeGateway) -> None:
    """An address, or what names one for each request, stands in the documented header."""

    class Receiver:
        def callback_url(self, request: Any, reference: str) -> str:
            return f"https://me.example/{request.model_id}/{reference}"

    caller.submit(TIGER, webhook="https://me.example/hook")
    caller.submit(TIGER, webhook=Receiver())

    first, second = (seen.headers for seen in gateway.seen)
    assert first["x-webhook-url"] == "https://me.example/hook"
    assert (
        second["x-webhook-url"] == f"https://me.example/qwen-image-max/{second['idempotency-key']}"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://me.example/",
        "me.example",
        "https://",
        "https://a\nb",
        "https://me.example/hook ",
        " https://me.example/hook",
        "https://[oops",
        "https://me.example:port/hook",
    ],
)
def test_a_webhook_that_nobody_should_call_is_refused(
    caller: Any, gateway: FakeGateway, url: str
) -> None:
    """A callback address without https sends nothing."""
    with pytest.raises(InvalidCallbackBase, match="Give an https address"):
        caller.submit(TIGER, webhook=url)

    assert gateway.seen == []


def test_a_receipt_without_an_id_is_an_unknown_outcome(caller: Any, gateway: FakeGateway) -> None:
    """A 202 that names no id is not sent again; the money at stake is named."""
    gateway.post(Answer(202, {"status": "QUEUED"}))

    with pytest.raises(OutcomeUnknown, match=r"\$0\.04 may be charged") as caught:
        caller.submit(QwenImageEditPlusTrainer(image_data_url="https://x.example/a.zip"))

    assert caught.value.charged == "unknown"
    assert caught.value.amount_usd == Decimal("0.04")
    assert gateway.count("POST") == 1


@pytest.mark.parametrize("request_id", ["../../x", "", True, 7.5, None, ["a"]])
def test_a_receipt_with_an_unusable_id_is_an_unknown_outcome(
    caller: Any, gateway: FakeGateway, request_id: object
) -> None:
    """An id that cannot stand in a path is shown and not followed."""
    gateway.post(Answer(202, {"request_id": request_id, "status": "QUEUED"}))

    with pytest.raises(OutcomeUnknown, match="no usable request id"):
        caller.submit(TIGER)

    assert gateway.count("GET") == 0


def test_a_job_without_media_has_nothing_to_deliver(caller: Any, gateway: FakeGateway) -> None:
    """COMPLETED without media is an error that keeps the answer and says that it was charged."""
    gateway.get(status("COMPLETED"))

    with pytest.raises(NothingToDeliver, match="names no media") as caught:
        caller.generate(TIGER)

    assert caught.value.charged == "yes"
    assert caught.value.raw["status"] == "COMPLETED"
    assert caught.value.request_id == ID
    assert caller.status(caught.value.token).done


GARBLED: dict[str, Any] = {
    "a list in a list": {"media_url": [["https://a.example/0.png"]]},
    "a word": {"media_url": ["list"]},
    "no scheme": {"media_url": ["media.example/0.png"]},
    "another scheme": {"media_url": ["ftp://media.example/0.png"]},
    "no host": {"media_url": ["https:///0.png"]},
    "a space": {"media_url": ["https://media example/0.png"]},
    "a number": {"media_url": 7},
    "nothing": {"media_url": []},
    "null": None,
}


@pytest.mark.parametrize("output", GARBLED.values(), ids=GARBLED)
def test_unusable_media_are_asked_for_again(
    caller: Any, gateway: FakeGateway, output: object
) -> None:
    """COMPLETED with what is no address is looked at until a look brings media."""
    url = f"{gateway.url}/media/0.png"
    gateway.get(*[status("COMPLETED", output=output)] * 3, status("COMPLETED", url))

    result = caller.generate(TIGER)

    assert [medium.url for medium in result.media] == [url]
    assert (gateway.count("POST"), gateway.count("GET")) == (1, 4)


def test_a_job_without_media_is_looked_at_again_by_whoever_waits_again(
    caller: Any, gateway: FakeGateway
) -> None:
    """The error names the way on, and going it brings the media when the gateway has them."""
    gateway.get(status("COMPLETED", output={"media_url": ["list"]}))
    with pytest.raises(NothingToDeliver) as caught:
        caller.generate(TIGER)
    assert f"pixazo wait {ID}" in caught.value.hint

    gateway.get(status("COMPLETED", f"{gateway.url}/media/0.png"))

    assert len(caller.wait(caught.value.token).media) == 1
    assert gateway.count("POST") == 1


def test_a_job_object_waits_again_after_it_had_nothing_to_deliver(
    gateway: FakeGateway, clock: DrivenClock
) -> None:
    """The same job looks again; the end without media is not taken for its last word."""
    gateway.get(status("COMPLETED"))
    with Pixazo(KEY, base_url=gateway.url, clock=clock) as client:
        job = client.submit(TIGER)
        with pytest.raises(NothingToDeliver):
            job.wait()
        gateway.get(status("COMPLETED", f"{gateway.url}/media/0.png"))

        assert len(job.wait().media) == 1


def test_a_direct_answer_without_media_has_nothing_to_deliver(
    caller: Any, gateway: FakeGateway
) -> None:
    """A direct answer that says no says why."""
    gateway.post(Answer(200, {"code": "DataInspectionFailed", "message": "not that", "images": []}))

    with pytest.raises(NothingToDeliver, match="not that") as caught:
        caller.generate(LAKE)

    assert caught.value.charged == "yes"


def test_failed_jobs_say_why_and_whether_they_cost(caller: Any, gateway: FakeGateway) -> None:
    """FAILED may have cost, ERROR has not; both carry the gateway's words."""
    gateway.get(status("FAILED", error="bad prompt"), status("ERROR", error="worker died"))

    with pytest.raises(pixazo.JobFailed, match="FAILED: bad prompt") as failed:
        caller.wait(ID)
    with pytest.raises(pixazo.JobErrored, match="ERROR: worker died") as errored:
        caller.wait(ID)

    assert failed.value.charged == "unknown"
    assert not isinstance(failed.value, pixazo.JobErrored)
    assert errored.value.charged == "no"
    assert isinstance(errored.value, pixazo.JobFailed)


def test_the_estimate_is_the_documented_price(gateway: FakeGateway) -> None:
    """The estimate is a Decimal, or None where the documents name no price."""
    with Pixazo(KEY, base_url=gateway.url) as client:
        assert client.estimate(LAKE) == Decimal("0.045")
        assert client.estimate(TIGER) is None


def test_a_closed_client_says_so(caller: Any, gateway: FakeGateway) -> None:
    """A closed client sends nothing; its jobs are found again by another."""
    client = Pixazo(KEY, base_url=gateway.url)
    job = client.submit(TIGER)
    client.close()
    client.close()

    with pytest.raises(ClientClosed, match=r"client\.job\(token\) finds jobs again"):
        job.status()
    with pytest.raises(ClientClosed), client:
        pass
    assert gateway.count("GET") == 0
    assert "closed" in repr(client)


@pytest.mark.parametrize("bad", [{"timeout_s": 0}, {"timeout_s": float("inf")}, {"attempts": 0}])
def test_settings_that_cannot_work_are_refused(bad: dict[str, Any]) -> None:
    """A bound that is none and an attempt that is none are refused with the way out."""
    with pytest.raises(InvalidConfiguration, match=r"Leave it out|Give 1"):
        Pixazo(KEY, base_url="https://gateway.example", **bad)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the loop that has ended
# A look that was under way in it ends in the HTTP library, which wants a loop for that.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_one_event_loop_after_the_other_may_use_a_client(
    gateway: FakeGateway, clock: Any, count: int
) -> None:
    """What a loop has left behind, connections and sleeping waits, is nothing to the next one."""
    client = AsyncPixazo(KEY, base_url=gateway.url, clock=clock)
    gateway.get(*[status("PROCESSING")] * (count // 2), gateway.gets[0])

    async def look() -> list[Any]:
        jobs = [client.job(ID) for _ in range(count)]
        return await asyncio.gather(*(job.wait(timeout=60) for job in jobs))

    left = asyncio.new_event_loop()
    waits = [left.create_task(client.job(ID).wait()) for _ in range(count)]
    left.run_until_complete(asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED))
    left.run_until_complete(asyncio.wait_for(look(), 10))
    results = [result for _ in range(2) for result in asyncio.run(asyncio.wait_for(look(), 10))]
    left.close()
    asyncio.run(client.close())
    del left, waits
    gc.collect()

    assert {result.request_id for result in results} == {ID}


def test_two_event_loops_at_once_are_refused(gateway: FakeGateway) -> None:
    """A client that another loop is using sends nothing in this one and says so."""
    client = AsyncPixazo(KEY, base_url=gateway.url)
    inside, done = threading.Event(), threading.Event()

    async def stay() -> None:
        await client.job(ID).status()
        inside.set()
        await asyncio.to_thread(done.wait)
        await client.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(asyncio.run, stay())
        inside.wait(5)
        with pytest.raises(InvalidConfiguration, match="another event loop") as caught:
            asyncio.run(client.generate(TIGER))
        done.set()
        other.result(5)

    assert (caught.value.charged, gateway.count("POST")) == ("no", 0)


def test_threads_may_share_a_client(gateway: FakeGateway, clock: Any) -> None:
    """Eight threads with one client get their own results, one submission each."""
    from concurrent.futures import ThreadPoolExecutor

    def own_id(seen: Seen) -> Answer:
        return receipt(f"qwen-image-max_{seen.json['prompt']}")

    def own_status(seen: Seen) -> Answer:
        request_id = seen.path.rsplit("/", 1)[1]
        return status("COMPLETED", f"{gateway.url}/media/{request_id}", request_id=request_id)

    gateway.post(own_id)
    gateway.get(own_status)
    requests = [QwenImageMax(prompt=f"n{number}") for number in range(32)]

    with Pixazo(KEY, base_url=gateway.url, clock=clock) as client, ThreadPoolExecutor(8) as pool:
        results = list(pool.map(client.generate, requests))

    assert [result.request for result in results] == requests
    assert [r.request_id for r in results] == [f"qwen-image-max_n{n}" for n in range(32)]
    assert gateway.count("POST") == 32
