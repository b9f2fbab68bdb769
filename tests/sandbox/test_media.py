"""The media origin."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from pixazo_openapi.requests import QwenImageEdit

from pixazo.sandbox import Sandbox
from pixazo.sandbox.media import Shelf
from pixazo.sandbox.rendering.works import Work

MAX = "/qwen-image-max/v1/qwen-image-max-request"
EDIT = "/qwen-image/v1/generateMultimodeTextToImageEditRequest"


@pytest.fixture
def urls(sandbox: Sandbox, gateway: httpx2.Client) -> list[str]:
    body = {"prompt": "a boat", "num_images": 2, "output_format": "webp"}
    receipt = gateway.post(MAX, json=body).json()
    sandbox.clock.advance(10)
    media: list[str] = gateway.get(receipt["polling_url"]).json()["output"]["media_url"]
    return media


def test_media_come_from_another_origin(sandbox: Sandbox, urls: list[str]) -> None:
    """The media origin has a port of its own."""
    assert sandbox.media_url != sandbox.url
    assert all(url.startswith(f"{sandbox.media_url}/v1/") for url in urls)


def test_a_file_is_served_with_its_true_type(plain: httpx2.Client, urls: list[str]) -> None:
    """A WebP file says it is one, has a length and a tag, and is the same every time."""
    first, second = plain.get(urls[0]), plain.get(urls[0])

    assert first.headers["content-type"] == "image/webp"
    assert int(first.headers["content-length"]) == len(first.content)
    assert first.content[:4] == b"RIFF"
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])


def test_head_has_the_length_and_no_body(plain: httpx2.Client, urls: list[str]) -> None:
    """HEAD answers as GET does, without the bytes."""
    head, get = plain.head(urls[0]), plain.get(urls[0])

    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None)],
)
def test_a_range_brings_that_part(
    plain: httpx2.Client, urls: list[str], wanted: str, start: int, stop: int | None
) -> None:
    """A single range gets 206 and exactly its bytes."""
    whole = plain.get(urls[0]).content

    part = plain.get(urls[0], headers={"Range": wanted})

    assert part.status_code == 206
    assert part.content == whole[start:stop]
    assert part.headers["content-range"].endswith(f"/{len(whole)}")


def test_a_range_beyond_the_end_is_refused(plain: httpx2.Client, urls: list[str]) -> None:
    """A range that begins after the end gets 416 and the size."""
    size = len(plain.get(urls[0]).content)

    answer = plain.get(urls[0], headers={"Range": f"bytes={size}-"})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{size}"


def test_a_range_of_another_version_brings_everything(
    plain: httpx2.Client, urls: list[str]
) -> None:
    """If-Range with a tag that does not fit gets the whole file."""
    headers = {"Range": "bytes=5-", "If-Range": '"something else"'}

    assert plain.get(urls[0], headers=headers).status_code == 200


def test_media_exist_when_the_job_is_done(
    sandbox: Sandbox, gateway: httpx2.Client, plain: httpx2.Client
) -> None:
    """Before the job has ended, and for names that it did not make, there is nothing."""
    receipt = gateway.post(MAX, json={"prompt": "x"}).json()
    folder = f"{sandbox.media_url}/v1/{receipt['request_id']}"

    before = plain.get(f"{folder}/output-0.png").status_code
    sandbox.clock.advance(10)

    assert before == 404
    assert plain.get(f"{folder}/output-0.png").status_code == 200
    assert plain.get(f"{folder}/output-1.png").status_code == 404


@pytest.mark.parametrize("path", ["/", "/v1/x/output-0.png", "/v1/../../etc/passwd", "/canary/x"])
def test_anything_else_is_not_found(plain: httpx2.Client, sandbox: Sandbox, path: str) -> None:
    """A path that no job made is 404."""
    assert plain.get(sandbox.media_url + path).status_code == 404


def test_a_file_cannot_be_changed(plain: httpx2.Client, urls: list[str]) -> None:
    """Another method than GET and HEAD is 405."""
    assert plain.put(urls[0], content=b"x").status_code == 405


def test_a_key_that_is_brought_along_is_noticed(
    sandbox: Sandbox, gateway: httpx2.Client, urls: list[str]
) -> None:
    """A request to the media origin with the key header stands in `leaks`, without the key."""
    assert sandbox.leaks == ()

    gateway.get(urls[0])

    (leak,) = sandbox.leaks
    assert leak.origin == "media"
    assert "a-key-of-the-tests" not in str(leak)


def test_equal_requests_are_rendered_once() -> None:
    """Two jobs that ask for the same share their files; another seed makes others."""
    shelf, work = Shelf(), Work("image", prompt="a boat", size=(64, 64))

    first = shelf.files(work)
    again = shelf.files(Work("image", prompt="a boat", size=(64, 64)))
    other = shelf.files(Work("image", prompt="a boat", size=(64, 64), seed=1))

    assert again is first
    assert other != first
    assert len(shelf) == 2


def test_only_the_file_that_is_fetched_is_rendered() -> None:
    """Of four pictures one is rendered when one is fetched, and jobs of any number share it."""
    shelf, work = Shelf(), Work("image", prompt="a boat", size=(64, 64), count=4)

    second = shelf.file(work, 1)

    assert len(shelf) == 1
    assert shelf.file(replace(work, count=2, details=(("steps", "9"),)), 1) is second
    assert len(shelf) == 1


def test_rendered_files_that_were_not_asked_for_lately_go() -> None:
    """Beyond its bytes the shelf drops the files that were used longest ago."""
    works = [Work("image", prompt="a boat", size=(64, 64), seed=seed) for seed in range(3)]
    shelf = Shelf(most_bytes=sum(len(Shelf().files(work)[0]) for work in works) - 1)

    kept = [shelf.files(work) for work in works[:2]]
    assert shelf.files(works[0]) is kept[0]
    shelf.files(works[2])

    assert shelf.files(works[0]) is kept[0]
    assert shelf.files(works[1]) is not kept[1]


def test_an_inline_picture_counts_against_the_shelf() -> None:
    """What a job was given inline is kept with its files, so it is weighed with them."""
    source = "https://example.com/" + "x" * 100_000
    works = [Work("image", source=source, size=(64, 64), seed=seed) for seed in range(2)]
    shelf = Shelf(most_bytes=150_000)

    for work in works:
        shelf.files(work)

    assert len(shelf) == 1


def test_inline_pictures_of_old_jobs_go_and_their_links_expire(
    sandbox: Sandbox, gateway: httpx2.Client, plain: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came inline is bounded: the oldest go, the last one never does, and the rest stays."""
    monkeypatch.setattr(sandbox.jobs, "_most_bytes", 250_000)
    faded = list[list[bool]]()

    for size in (100_000, 100_000, 100_000, 300_000):
        picture = "data:image/png;base64," + "A" * size
        body = QwenImageEdit(image=picture, prompt="paint the door red").to_body()
        assert gateway.post(EDIT, json=body).status_code == 200
        faded.append([job.faded for job in sandbox.jobs])

    assert faded[1:] == [[False, False], [True, False, False], [True, True, True, False]]
    jobs = list(sandbox.jobs)
    assert (jobs[0].body, jobs[0].work.source) == (None, "")
    assert [plain.get(job.media_urls[0]).status_code for job in jobs] == [403, 403, 403, 200]
    preview = f"/_sandbox/preview/{jobs[0].request_id}/{jobs[0].work.file_names[0]}"
    assert plain.get(f"{sandbox.url}{preview}").status_code == 404
