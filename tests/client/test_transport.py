"""The key goes to the gateway and is seen nowhere else."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from pixazo import (
    AsyncPixazo,
    Ledger,
    OutcomeUnknown,
    Pixazo,
    PixazoError,
    QwenImageMax,
    Receiver,
    RedirectRefused,
)
from pixazo.exchange import Exchange
from pixazo.settings import Gateway, Key, find_gateway
from pixazo.steps import Call, Reply
from pixazo.transport import AsyncKeyLock, KeyLock
from pixazo.webhooks import Tokens, new_secret
from tests.client.gateway import (
    ID,
    KEY,
    KEY_HEADER,
    Answer,
    FakeGateway,
    Reset,
    Silence,
)

TIGER = QwenImageMax(prompt="a white tiger")


def gateway_of(url: str) -> Gateway:
    return find_gateway(url, "")


def locked(gateway: FakeGateway, inner: httpx2.BaseTransport | None = None) -> KeyLock:
    transport = inner or httpx2.HTTPTransport()
    return KeyLock(transport, Key(KEY, "a test"), KEY_HEADER, gateway_of(gateway.url))


def test_the_key_is_on_no_request_object(gateway: FakeGateway) -> None:
    """The gateway gets the key; the request that the answer points to never has it."""
    with httpx2.Client(transport=locked(gateway)) as client:
        response = client.get(f"{gateway.url}/x")

    assert gateway.seen[0].headers[KEY_HEADER.lower()] == KEY
    assert KEY not in str(response.request.headers.raw)


def test_a_gateway_may_have_a_name_in_punycode() -> None:
    """A host whose name means other letters is compared as it is written."""
    gateway = gateway_of("https://xn--bcher-kva.example")
    inner = httpx2.MockTransport(lambda request: httpx2.Response(200, text=request.url.host))
    lock = KeyLock(inner, Key(KEY, "a test"), KEY_HEADER, gateway)

    with httpx2.Client(transport=lock) as client:
        response = client.get(f"{gateway.url}/x")

    assert response.status_code == 200


def test_the_key_is_on_no_request_of_an_error(gateway: FakeGateway) -> None:
    """An error points to a request without the key, and so do the frames of its traceback."""
    gateway.get(Reset())

    client = httpx2.Client(transport=locked(gateway))
    with client, pytest.raises(httpx2.TransportError) as caught:
        client.get(f"{gateway.url}/x")

    assert KEY not in str(caught.value.request.headers.raw)
    assert KEY not in shown(caught.value)


def test_the_request_that_was_sent_forgets_the_key(gateway: FakeGateway) -> None:
    """Even a transport that keeps what it sent keeps it without the key."""
    kept: list[httpx2.Request] = []

    def keep(request: httpx2.Request) -> httpx2.Response:
        kept.append(request)
        assert request.headers[KEY_HEADER] == KEY
        raise httpx2.ReadTimeout("late", request=request)

    client = httpx2.Client(transport=locked(gateway, httpx2.MockTransport(keep)))
    with client, pytest.raises(httpx2.ReadTimeout):
        client.get(f"{gateway.url}/x", headers={KEY_HEADER: "another"})

    assert KEY_HEADER not in kept[0].headers


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_no_other_origin_is_asked_at_all(gateway: FakeGateway, colour: str) -> None:
    """The lock refuses another host, another port and another scheme, and redirects to them."""
    other = FakeGateway()
    gateway.get(Answer(302, b"", {"Location": f"{other.url}/stolen"}))
    port = gateway.url.rsplit(":", 1)[1]
    urls = [f"{other.url}/x", f"http://localhost:{port}/x", f"https://127.0.0.1:{port}/x"]

    for url in [*urls, f"{gateway.url}/redirect"]:
        with pytest.raises(httpx2.UnsupportedProtocol, match="is not the gateway"):
            follow(gateway, url, colour)

    other.close()
    assert other.seen == []
    assert [seen.path for seen in gateway.seen] == ["/redirect"]


def follow(gateway: FakeGateway, url: str, colour: str) -> None:
    if colour == "sync":
        with httpx2.Client(transport=locked(gateway), follow_redirects=True) as client:
            client.get(url)
        return

    async def go() -> None:
        lock = AsyncKeyLock(
            httpx2.AsyncHTTPTransport(), Key(KEY, "a test"), KEY_HEADER, gateway_of(gateway.url)
        )
        async with httpx2.AsyncClient(transport=lock, follow_redirects=True) as client:
            await client.get(url)

    asyncio.run(go())


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error(caller: Any, gateway: FakeGateway, code: int) -> None:
    """A redirect of a submission or of a look is refused and not followed."""
    other = FakeGateway()
    redirect = Answer(code, b"", {"Location": f"{other.url}/stolen"})
    gateway.post(redirect)
    gateway.get(redirect)

    with pytest.raises(RedirectRefused, match=f"answered {code}") as submitting:
        caller.generate(TIGER)
    with pytest.raises(RedirectRefused) as looking:
        caller.wait(ID)

    other.close()
    assert other.seen == []
    assert submitting.value.charged == ("unknown" if code in (302, 303) else "no")
    assert looking.value.request_id == ID
    assert looking.value.token


def shown(error: BaseException) -> str:
    """Return an error as a tool shows it that prints every local name of every frame."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(report.format())


FAULTS = {
    "reset": Reset(),
    "silence": Silence(5),
    "cut off": Answer(202, '{"request_id": "qwen', cut=10),
    "refused": Answer(400, {"error": "no", "message": f"what is {KEY}?"}),
    "html": Answer(502, f"<html><body>Bad Gateway {KEY}</body></html>"),
    "echo": Answer(401, {"error": f"unknown key {KEY}"}, {"X-Echo": KEY}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_shows_the_key(
    calling: Any, gateway: FakeGateway, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Text, traceback with local names, pickle, arguments and logs of an error are free of it."""
    gateway.post(FAULTS[fault])
    caller = calling(timeout_s=0.3)

    with caplog.at_level(logging.DEBUG), pytest.raises(PixazoError) as caught:
        caller.generate(TIGER)

    error = caught.value
    theirs = [frame for frame in shown(error).splitlines() if "_settings" not in frame]
    ours = "\n".join(line for line in theirs if "'api_key'" not in line)  # the test's own names
    assert KEY not in ours
    assert KEY.encode() not in pickle.dumps(error)
    assert KEY not in f"{error!r} {error.__dict__} {caplog.text}"


def test_no_log_line_shows_a_key_of_odd_letters(
    gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """A key that is echoed in an address, or shown with escapes, is found in the line."""
    key = "quo'te\"back\\slash/100%"
    echo = {"X-Echo": key, "Location": f"https://a.example/?key={quote(key, safe='')}"}
    gateway.get(Answer(302, {"error": key}, echo))
    exchange = Exchange(Key(key, "a test"), KEY_HEADER, gateway_of(gateway.url))

    with caplog.at_level(logging.DEBUG):
        outcome = exchange.send(Call("GET", "/x", timeout_s=5))
    exchange.close()

    assert isinstance(outcome, Reply)
    for text in (caplog.text, f"{outcome.headers} {outcome.content!r}"):
        assert "[API key]" in text
        assert "quo" not in text


def test_an_interrupted_request_shows_no_key(gateway: FakeGateway) -> None:
    """Frames of an exception that the sockets did not raise are dropped as well."""

    def interrupt(request: httpx2.Request) -> httpx2.Response:
        secret = dict(request.headers)
        assert secret
        raise KeyboardInterrupt

    client = httpx2.Client(transport=locked(gateway, httpx2.MockTransport(interrupt)))
    with client, pytest.raises(KeyboardInterrupt) as caught:
        client.get(f"{gateway.url}/x")

    assert KEY not in shown(caught.value)


def test_a_key_shows_itself_to_nobody() -> None:
    """Neither repr nor str shows the key; it is neither pickled nor copied."""
    key = Key(KEY, "a test")

    assert KEY not in f"{key!r} {key} {[key]}"
    for act in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never pickled"):
            act(key)


def test_a_client_shows_no_key(gateway: FakeGateway) -> None:
    """A client's repr names the gateway alone."""
    assert repr(AsyncPixazo(KEY, base_url=gateway.url)) == f"<AsyncPixazo {gateway.url}>"


def test_what_belongs_to_one_process_is_not_pickled(gateway: FakeGateway, tmp_path: Path) -> None:
    """Clients, jobs, ledgers and webhook secrets refuse it, and say what to do instead."""
    secret = new_secret()
    with Ledger(tmp_path / "ledger") as ledger, Pixazo(KEY, base_url=gateway.url) as client:
        held = {
            "make it where it is used": (client, AsyncPixazo(KEY, base_url=gateway.url)),
            r"client\.job\(token\)": (client.job("qwen-image-max_1"),),
            "open its path": (ledger,),
            "secret is never pickled": (Tokens(secret), Receiver("https://example.com", secret)),
        }

        for advice, things in held.items():
            for thing in things:
                for act in (pickle.dumps, copy.copy, copy.deepcopy):
                    with pytest.raises(TypeError, match=advice):
                        act(thing)


def test_paid_requests_share_no_connection(gateway: FakeGateway) -> None:
    """Each submission has a connection of its own; looks share one."""

    ports: list[int] = []
    handler = gateway._server.RequestHandlerClass
    setup = handler.setup
    handler.setup = lambda self: (ports.append(self.client_address[1]), setup(self))[1]
    exchange = Exchange(Key(KEY, "a test"), KEY_HEADER, gateway_of(gateway.url))

    for _ in range(3):
        exchange.send(Call("POST", "/paid", timeout_s=5, body=b"{}"))
    paid = len(ports)
    for _ in range(3):
        exchange.send(Call("GET", "/status", timeout_s=5))
    exchange.close()

    assert (paid, len(ports) - paid) == (3, 1)


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    caller: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox is reached directly, whatever proxy the environment names."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert caller.generate(TIGER).request_id == ID


def test_a_netrc_adds_nothing(
    caller: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A .netrc for the host does not add a login."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password pass\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    caller.generate(TIGER)

    assert all("authorization" not in seen.headers for seen in gateway.seen)


def test_an_outcome_unknown_keeps_its_cause_out(caller: Any, gateway: FakeGateway) -> None:
    """The error tells the reason in words; no library's exception hangs on it."""
    gateway.post(Reset())

    with pytest.raises(OutcomeUnknown, match="left and its fate is unknown") as caught:
        caller.generate(TIGER)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
