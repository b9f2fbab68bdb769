"""The attack table against receivers: good ones, bad ones, and ones not to be attacked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx2
import pytest

from pixazo.cli.app import run
from pixazo.sandbox.attacking import CannotAttack, Finding, attack
from pixazo.sandbox.attacks import RULES, Mark, attacks
from pixazo.webhooks import Receiver, Server

PATIENCE_S, LITTLE_S = 2.0, 0.4
MARK = Mark("127.0.0.1", 1, "/hooks/v1.header.job-1.abcdefgh", "http://127.0.0.1:2/canary/00000000")


@contextlib.contextmanager
def received(receiver: Receiver) -> Iterator[str]:
    """Give the address of a job at a server that waits for heads as short as the tests do."""
    loop = asyncio.new_event_loop()
    server = Server(receiver, head_s=0.5)
    loop.run_until_complete(server.__aenter__())
    thread = Thread(target=loop.run_forever)
    thread.start()
    receiver.base = f"http://127.0.0.1:{server.port}/hooks"
    try:
        yield receiver.url_for("job-1")
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class Naive(BaseHTTPRequestHandler):
    """Takes whatever comes, and fetches the media that a body names."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with contextlib.suppress(ValueError, KeyError, TypeError):
            url = json.loads(body)["output"]["media_url"][0]
            if url.startswith("http://127.0.0.1:"):
                httpx2.get(url, headers={"X-Api-Key": "k"}, trust_env=False, verify=False)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002 - as above
        return


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100

    def handle_error(self, *_: object) -> None:
        return


@contextlib.contextmanager
def naive(handler: type[BaseHTTPRequestHandler] = Naive) -> Iterator[str]:
    with Quiet(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hooks/some-token-of-a-job"
        server.shutdown()
        thread.join()


def through(findings: tuple[Finding, ...]) -> Counter[str]:
    return Counter(each.attack.family for each in findings if each.got_through)


def test_nobody_gets_through_to_the_receiver() -> None:
    """Our receiver holds against the whole table and hears honest callbacks afterwards."""
    receiver = Receiver("http://127.0.0.1:1", body_s=0.5)
    with received(receiver) as url:
        findings = attack(url, patience_s=PATIENCE_S)

    assert [each for each in findings if each.got_through] == []
    assert len(findings) > 70


def test_a_naive_receiver_is_seen_through() -> None:
    """Who takes everything and believes the body is told so, family by family."""
    with naive() as url:
        findings = attack(url, patience_s=LITTLE_S)

    seen = through(findings)
    assert seen["forged token"] >= 10
    assert seen["path"] >= 10
    assert seen["wrong method"] >= 2
    assert all(seen[name] for name in ("oversized", "slow", "packed", "headers", "flood"))
    believed = {each.attack.family for each in findings if "fetched an address" in each.saw}
    assert believed == {"lying body", "replay", "duplicates", "reordering"}
    assert all("with a key" in each.saw for each in findings if "fetched" in each.saw)
    assert not seen["afterwards"]


@pytest.mark.slow
def test_a_receiver_that_fails_is_seen() -> None:
    """A receiver that answers lies with 500 has not held."""

    class Stumbling(Naive):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(200 if body.startswith(b"{") else 500)
            self.end_headers()

    with naive(Stumbling) as url:
        findings = attack(url, patience_s=LITTLE_S)

    lies = {each.attack.name: each for each in findings if each.attack.family == "lying body"}
    assert lies["no JSON"].got_through
    assert "500" in lies["no JSON"].saw


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://receiver.example/hooks/some-token", "only receivers on this machine"),
        ("http://192.0.2.7/hooks/some-token", "only receivers on this machine"),
        ("http://127.0.0.1.example.com/hooks/some-token", "only receivers on this machine"),
        ("https://127.0.0.1/hooks/some-token", "own http address"),
        ("127.0.0.1/hooks/some-token", "own http address"),
        ("http://127.0.0.1:99999/hooks/some-token", "no web address"),
        ("http://127.0.0.1:1/", "its token as the last segment"),
        ("http://127.0.0.1:1/hooks/some-token?a=b", "its token as the last segment"),
    ],
)
def test_only_receivers_here_are_attacked(url: str, words: str) -> None:
    """Addresses elsewhere, under TLS or without a token are refused before anything is sent."""
    with pytest.raises(CannotAttack, match=words):
        attack(url)


def test_a_wrong_address_is_told() -> None:
    """Where no honest callback is heard there is nothing to attack."""
    with received(Receiver("http://127.0.0.1:1")) as url, pytest.raises(CannotAttack) as error:
        attack(url + "x")

    assert "an honest callback gets no 2xx" in str(error.value)


def test_the_table_is_bounded_and_every_row_is_named_once() -> None:
    """The table's size is fixed: rows, connections and bytes; each row has a rule."""
    table = attacks(MARK)
    names = Counter((each.family, each.name) for each in table)
    sent = sum(
        len(part)
        for each in table
        for wire in each.wires
        for part in wire
        if isinstance(part, bytes)
    )

    assert set(names.values()) == {1}
    assert {each.rule for each in table} == set(RULES)
    assert sum(len(each.wires) for each in table) < 500
    assert sent < 8 * 2**20


def test_the_command_tells_who_got_through(capsys: pytest.CaptureFixture[str]) -> None:
    """`pixazo sandbox attack` ends with 1 when anybody got through, and lists every attack."""
    with naive() as url:
        code = run(["sandbox", "attack", url, "--patience", "0.4"])

    printed = capsys.readouterr()
    assert code == 1
    assert "GOT THROUGH  forged token" in printed.out
    assert "attacks, " in printed.err


def test_the_command_ends_well_when_nobody_got_through(capsys: pytest.CaptureFixture[str]) -> None:
    """With a receiver that holds the command ends with 0; `--json` is one document."""
    with received(Receiver("http://127.0.0.1:1", body_s=0.3)) as url:
        code = run(["sandbox", "attack", url, "--patience", "2", "--json"])

    rows = json.loads(capsys.readouterr().out)["attacks"]
    assert code == 0
    assert not any(row["got_through"] for row in rows)


def test_the_command_refuses_other_hosts(capsys: pytest.CaptureFixture[str]) -> None:
    """An address elsewhere is a wrong command line."""
    code = run(["sandbox", "attack", "http://receiver.example/hooks/some-token"])

    assert code == 2
    assert "only receivers on this machine" in capsys.readouterr().err


def test_nobody_listening_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A port where nobody listens is told in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    code = run(["sandbox", "attack", f"http://127.0.0.1:{port}/hooks/some-token"])

    assert code == 2
    assert "an honest callback gets no 2xx" in capsys.readouterr().err
