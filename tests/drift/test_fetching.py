"""Pages from the web: read like files, and every other answer is a clear error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from click.testing import CliRunner
from pixazo_openapi.schema import document

from pixazo.cli import drift_commands, main
from pixazo.drift import PageUnreadable, fetched_text
from tests.drift.pages import render_page


class Site(BaseHTTPRequestHandler):
    """A web site with a documentation page and everything that goes wrong beside it."""

    page: ClassVar[bytes] = b""
    seen: ClassVar[list[dict[str, str]]] = []

    answers: ClassVar[dict[str, tuple[int, bytes, dict[str, str]]]] = {
        "moved": (302, b"", {"Location": "/page.md"}),
        "round": (302, b"", {"Location": "/round"}),
        "picture": (200, b"\x89PNG", {"Content-Type": "image/png"}),
        "huge": (200, b"words " * 400, {}),
        "latin": (200, b"\xe9t\xe9", {}),
        "html": (200, b"<!doctype html><html><body>Qwen</body></html>", {}),
        "cut": (200, b"Qwen", {"Content-Length": "500"}),
    }

    def do_GET(self) -> None:
        type(self).seen.append({name.lower(): value for name, value in self.headers.items()})
        there = {**self.answers, "page.md": (200, self.page, {"Content-Type": "text/markdown"})}
        code, body, headers = there.get(self.path.strip("/"), (404, b"nothing here", {}))
        self.send_response(code)
        kinds = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
        for name, value in {**kinds, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:  # noqa: ARG002
        return


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The site's address."""
    Site.page = render_page(document()).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["page.md", "moved"])
def test_a_page_on_the_web_is_read_like_a_file(
    site: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pixazo drift URL` compares the page, also behind a redirect, and sends no key."""
    monkeypatch.setenv("PIXAZO_API_KEY", "a-key-that-stays")
    Site.seen.clear()

    done = CliRunner().invoke(drift_commands.drift, [f"{site}/{name}"])

    assert done.exit_code == 0, done.output
    assert "read: 7 of 7 models" in done.output
    assert len(Site.seen) == (1 if name == "page.md" else 2)
    assert "a-key-that-stays" not in str(Site.seen)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "answered 404 Not Found"),
        ("round", "more than 5 redirects"),
        ("picture", "is image/png, not text"),
        ("latin", "UTF-8"),
        ("html", "HTML"),
        ("cut", "/cut: "),
    ],
)
def test_another_answer_is_a_clear_error(
    site: str, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the address, what is wrong with it, and what to do; nothing on stdout."""
    code = main(["drift", f"{site}/{name}"])

    told = capsys.readouterr()
    error, hint = told.err.splitlines()
    assert code == 2
    assert f"{site}/{name}" in error
    assert said in error
    assert hint.startswith("hint: ")
    assert "save" in hint
    assert told.out == ""


def test_a_page_without_end_is_not_read_to_its_end(site: str) -> None:
    """A page of more bytes than any documentation has is refused."""
    with pytest.raises(PageUnreadable, match="longer than 1,000 bytes"):
        fetched_text(f"{site}/huge", longest=1000)


def test_a_page_that_takes_too_long_is_given_up(site: str) -> None:
    """The whole page has one deadline, however many bytes keep dripping in."""
    with pytest.raises(PageUnreadable, match=r"in time|within"):
        fetched_text(f"{site}/huge", timeout_s=1e-9)
