"""Arguments of a wrong kind: refused before anything is sent, in both colours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixazo import AsyncPixazo, InvalidConfiguration, Pixazo, QwenImage, QwenImageMax, UnknownToken
from tests.client.conftest import Caller
from tests.client.gateway import ID, KEY, FakeGateway

TIGER, LAKE = QwenImageMax(prompt="a white tiger"), QwenImage(prompt="a lake")
NAN = float("nan")


@pytest.mark.parametrize(
    ("request_", "options", "says"),
    [
        (
            {"prompt": "fog"},
            {},
            "request={'prompt': 'fog'}: must be a request, such as",
        ),
        (None, {}, "request=None: must be a request"),
        (TIGER, {"key": 3}, "key=3: must be a text of 1 to 200 printable characters"),
        (LAKE, {"key": b"k"}, "key=<1 bytes>: must be a text of 1 to 200 printable characters"),
        (TIGER, {"timeout": "3"}, "timeout='3': must be a number of seconds"),
        (LAKE, {"timeout": NAN}, "timeout=nan: must be a number of seconds"),
        (LAKE, {"timeout": 10**400}, "must be a number of seconds"),
        (TIGER, {"timeout": True}, "timeout=True: must be a number of seconds"),
        (TIGER, {"on_status": "print"}, "on_status='print': must be a function"),
    ],
)
def test_a_wrong_argument_of_generate_is_named(
    calling: Callable[..., Caller],
    gateway: FakeGateway,
    tmp_path: Path,
    request_: Any,
    options: dict[str, Any],
    says: str,
) -> None:
    """The error names argument, value, rule and way out; nothing is sent or written down."""
    caller = calling(ledger=tmp_path / "ledger")

    with pytest.raises(InvalidConfiguration) as caught:
        caller.generate(request_, **options)

    assert says in caught.value.message
    assert caught.value.hint
    assert gateway.seen == []


@pytest.mark.parametrize(
    ("request_", "options", "says"),
    [
        ("fog", {}, "request='fog': must be a request"),
        (TIGER, {"webhook": 3}, "webhook=3: must be an address, or a Receiver"),
    ],
)
def test_a_wrong_argument_of_submit_is_named(
    caller: Caller, gateway: FakeGateway, request_: Any, options: dict[str, Any], says: str
) -> None:
    """What submit() cannot use is refused before the request leaves."""
    with pytest.raises(InvalidConfiguration) as caught:
        caller.submit(request_, **options)

    assert says in caught.value.message
    assert gateway.seen == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"timeout": "3"}, "timeout='3': must be a number of seconds"),
        ({"timeout": NAN}, "timeout=nan: must be a number of seconds"),
        ({"on_status": 1}, "on_status=1: must be a function"),
    ],
)
def test_a_wrong_argument_of_wait_is_named(
    caller: Caller, gateway: FakeGateway, options: dict[str, Any], says: str
) -> None:
    """What wait() cannot use is refused before the first look."""
    with pytest.raises(InvalidConfiguration) as caught:
        caller.wait(ID, **options)

    assert says in caught.value.message
    assert gateway.seen == []


@pytest.mark.parametrize("word", [None, 3, b"id"])
def test_no_text_is_no_token(caller: Caller, gateway: FakeGateway, word: Any) -> None:
    """job() of something that is no text is told as every unknown token is."""
    with pytest.raises(UnknownToken, match="is neither a resume token nor a request id"):
        caller.status(word)

    assert gateway.seen == []


@pytest.mark.parametrize(
    ("requests", "options", "says"),
    [
        ([LAKE], {"rate": "5/s"}, "rate='5/s': must be a number of requests per second above 0"),
        ([LAKE], {"rate": NAN}, "rate=nan: must be a number of requests per second above 0"),
        ([LAKE], {"concurrency": "8"}, "concurrency='8': must be a whole number from 1"),
        ([LAKE], {"concurrency": 0}, "concurrency=0: must be a whole number from 1"),
        ([LAKE, {"prompt": "fog"}], {}, "requests[1]={'prompt': 'fog'}: must be a request"),
        (LAKE, {}, "must be several requests"),
    ],
)
def test_a_wrong_argument_of_batch_is_named(
    gateway: FakeGateway, requests: Any, options: dict[str, Any], says: str
) -> None:
    """batch() refuses at once, not with its first outcome."""

    async def call() -> None:
        async with AsyncPixazo(KEY, base_url=gateway.url) as client:
            client.batch(requests, **options)

    with pytest.raises(InvalidConfiguration) as caught:
        asyncio.run(call())

    assert says in caught.value.message
    assert gateway.seen == []


@pytest.mark.parametrize("client", [Pixazo, AsyncPixazo])
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"timeout_s": "3"}, "timeout_s='3': must be a number of seconds above 0"),
        ({"timeout_s": 1e10}, "seconds above 0, and at most 1e9"),
        ({"attempts": "5"}, "attempts='5': must be a whole number from 1"),
        ({"attempts": 2.5}, "attempts=2.5: must be a whole number from 1"),
        ({"base_url": 3}, "base_url=3: must be a text"),
        ({"ledger": 3}, "ledger=3: must be a path or an open Ledger"),
        ({"run": 3, "spend_limit": 1}, "run=3: must be a text"),
        ({"api_key": [KEY]}, "the argument api_key is no text but of type list"),
    ],
)
def test_a_wrong_setting_is_named(client: Any, bad: dict[str, Any], says: str) -> None:
    """A client whose settings are of a wrong kind is not made; a key is not shown."""
    with pytest.raises(InvalidConfiguration) as caught:
        client(**{"api_key": KEY, "base_url": "https://gateway.example", **bad})

    assert says in caught.value.message
    assert KEY not in str(caught.value)
