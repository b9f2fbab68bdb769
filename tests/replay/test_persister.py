"""What is written on a cassette: readable trees, allowed headers, small media, and no secrets."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pixazo_openapi.catalogue import KEY_HEADER

from tests.deck.faults import SecretFound
from tests.deck.library import Recorded
from tests.deck.origin import Origin
from tests.deck.persister import Persister
from tests.deck.tapes import Interaction, Tape, read_tape

KEY = "the-key/of+this test="
URL = "http://gateway.test/v2/requests/status/qwen-image-max_1"
ORIGIN = Origin("a test", "http://gateway.test", "2026-11-23", "nothing")


class Writer:
    """Writes what it is given on a cassette of a temporary folder and reads it back."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "qwen-image-max" / "made.yaml"

    def write(self, *pairs: tuple[Recorded, dict[str, Any]]) -> Tape:
        persister = Persister(origin=ORIGIN, journey={"model": "qwen-image-max"})
        kept = {"requests": [q for q, _ in pairs], "responses": [r for _, r in pairs]}
        persister.save_cassette(self.path, kept, None)
        return read_tape(self.path)

    def one(self, content: bytes, kind: str = "application/json", **headers: str) -> Interaction:
        return self.write((asked(), answer(content, kind, **headers))).interactions[0]

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path)


def asked(method: str = "GET", body: bytes = b"", **headers: str) -> Recorded:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Recorded(method, URL, body, {KEY_HEADER: KEY, "User-Agent": "a test", **named})


def answer(content: bytes, kind: str = "application/json", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": [kind], **named},
        "body": {"string": content},
    }


def test_json_is_a_tree(writer: Writer) -> None:
    """A JSON body stands there as YAML that people read, and comes back as the same value."""
    value = {"status": "QUEUED", "n": [1, 2.5, None, True], "when": "2026-01-01", "no": "no"}

    kept = writer.one(json.dumps(value).encode())

    assert "\n        status: QUEUED\n" in writer.text
    assert json.loads(kept.answered.body) == value


@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)  # one of 32 digits looks like a subscription key
        | st.floats(allow_nan=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).filter(lambda value: not has_lone_surrogate(value))
)
@example(value={"\x85": "\u2028", "a\u2029b": ["\x85", "c\x85\nd"]})
def test_any_json_comes_back(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the JSON says, odd letters and words like `no` included, is read back equal."""
    writer = Writer(tmp_path_factory.mktemp("any"))

    kept = writer.one(json.dumps(value).encode())

    assert json.loads(kept.answered.body) == value


def has_lone_surrogate(value: object) -> bool:
    return "\\ud" in json.dumps(value) and not _encodes(json.dumps(value, ensure_ascii=False))


def _encodes(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


@given(content=st.binary(max_size=200), kind=st.sampled_from(["application/json", "text/html"]))
def test_any_bytes_come_back(
    content: bytes, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A body that is not what its type says is read back to the byte."""
    writer = Writer(tmp_path_factory.mktemp("any"))

    kept = writer.one(content, kind)

    try:
        same = json.loads(kept.answered.body) == json.loads(content)
    except ValueError:
        same = kept.answered.body == content
    assert same


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": NaN}', "<html>", "{", "\x00\x01"])
def test_what_is_more_than_a_tree_stays_as_it_is(text: str, writer: Writer) -> None:
    """A name twice, no JSON, broken JSON: the exact bytes are kept."""
    assert writer.one(text.encode()).answered.body == text.encode()


def test_only_allowed_headers_are_written(writer: Writer) -> None:
    """Keys, cookies, dates, trace ids and lengths are not on the list, so they are not there."""
    request = asked(x_webhook_url="http://hooks.test/1", cookie="a=b", idempotency_key="c")
    response = answer(
        b"{}", retry_after="2", date="today", set_cookie="a=b", x_request_id="d", content_length="2"
    )

    kept = writer.write((request, response)).interactions[0]

    assert kept.asked.headers == {"x-webhook-url": "http://hooks.test/1"}
    assert kept.answered.headers == {"content-type": "application/json", "retry-after": "2"}
    assert "cookie" not in writer.text.lower()


def picture(form: str, mode: str = "RGB", side: int = 64) -> bytes:
    out = io.BytesIO()
    noise = random.Random(side).randbytes(side * side * len(mode))  # noqa: S311 - no secret
    Image.frombytes(mode, (side, side), noise).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "mode", "suffix"),
    [
        ("PNG", "RGB", "png"),
        ("PNG", "RGBA", "png"),
        ("JPEG", "RGB", "jpg"),
        ("WEBP", "RGB", "webp"),
    ],
)
def test_a_picture_becomes_a_small_one_of_its_kind(
    form: str, mode: str, suffix: str, writer: Writer
) -> None:
    """The stand-in opens as the same format and mode; size and pixels are the true ones."""
    content = picture(form, mode)

    kept = writer.one(content, f"image/{form.lower()}").answered

    with Image.open(io.BytesIO(kept.body)) as stand_in:
        assert (stand_in.format, stand_in.mode) == (form, mode)
    assert len(kept.body) < 512 < len(content)
    assert kept.true is not None
    assert (kept.true["bytes"], kept.true["pixels"]) == (len(content), "64x64")
    assert [path.suffix for path in writer.path.parents[1].glob("media/*")] == [f".{suffix}"]


def test_media_are_stored_once(writer: Writer) -> None:
    """Two pictures share a stand-in and keep their own hashes."""
    first, second = picture("PNG", side=64), picture("PNG", side=65)

    tape = writer.write(*((asked(), answer(c, "image/png")) for c in (first, second)))

    assert len(list(writer.path.parents[1].glob("media/*"))) == 1
    hashes = {(i.answered.true or {})["sha256"] for i in tape.interactions}
    assert len(hashes) == 2


def test_equal_polls_stand_there_once(writer: Writer) -> None:
    """Three equal answers in a row are one with a count; a fourth after another is its own."""
    queued, working = answer(b'{"s": "QUEUED"}'), answer(b'{"s": "PROCESSING"}')

    tape = writer.write(*((asked(), r) for r in (queued, queued, queued, working, queued)))

    assert [interaction.polls for interaction in tape.interactions] == [3, 1, 1]


def test_counted_polls_are_played_as_often(writer: Writer) -> None:
    """What stands there once with a count comes back that many times, in its place."""
    queued, working = answer(b'{"s":"QUEUED"}'), answer(b'{"s":"PROCESSING"}')
    writer.write(*((asked(), r) for r in (queued, queued, queued, working)))

    requests, responses = Persister().load_cassette(writer.path, None)

    said = [json.loads(response["body"]["string"])["s"] for response in responses]
    assert said == ["QUEUED", "QUEUED", "QUEUED", "PROCESSING"]
    assert len(requests) == len(responses)


def test_equal_posts_stand_there_each(writer: Writer) -> None:
    """Paid requests are never collapsed: how many there were is the point."""
    post = asked("POST", b"{}", content_type="application/json")

    tape = writer.write((post, answer(b"{}")), (post, answer(b"{}")))

    assert len(tape.interactions) == 2


def escaped(text: str) -> bytes:
    return ('{"a": "' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"}').encode()


LEAKS = {
    "plain": json.dumps({"error": f"no such key: {KEY}"}).encode(),
    "as a name": json.dumps({KEY: 1}).encode(),
    "percent-encoded": json.dumps({"url": f"http://a.test/?x={quote(KEY, safe='')}"}).encode(),
    "base64": json.dumps({"trace": base64.b64encode(KEY.encode()).decode()}).encode(),
    "base64 in a login": json.dumps({"x": base64.b64encode(f"u:{KEY}".encode()).decode()}).encode(),
    "JSON escapes": escaped(KEY),
    "gzip": gzip.compress(KEY.encode()),
    "gzip in base64": json.dumps({"x": base64.b64encode(gzip.compress(KEY.encode())).decode()}),
    "another key": b'{"error": "0123456789abcdef0123456789abcdef is not valid"}',
}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("leak", LEAKS)
def test_a_secret_is_never_written(leak: str, kind: str, writer: Writer) -> None:
    """Whatever the answer and its type, nothing is written, and the error does not tell the key."""
    content = LEAKS[leak]
    content = content if isinstance(content, bytes) else content.encode()

    with pytest.raises(SecretFound, match="nothing was written") as refused:
        writer.one(content, kind)

    assert not writer.path.exists()
    assert not list(writer.path.parents[1].rglob("*.*"))
    assert KEY not in str(refused.value)


def test_a_secret_in_a_request_is_not_written_either(writer: Writer) -> None:
    """The key in an address or a body of a request is found as well."""
    post = asked("POST", json.dumps({"prompt": KEY}).encode(), content_type="application/json")

    with pytest.raises(SecretFound, match=r"made\.yaml:\d+: a key that was used"):
        writer.write((post, answer(b"{}")))


def test_the_file_that_was_there_survives_a_refusal(writer: Writer) -> None:
    """A good cassette is not touched when its successor holds a secret."""
    writer.one(b'{"good": true}')
    before = writer.text

    with pytest.raises(SecretFound):
        writer.one(LEAKS["plain"])

    assert writer.text == before
