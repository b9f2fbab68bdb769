"""Where the key and the gateway's address come from, and what they may not be."""

from __future__ import annotations

import os
import threading
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pixazo
from pixazo import InvalidConfiguration, MissingKey, Pixazo
from pixazo.client.proxies import find_proxy
from pixazo.settings import find_gateway, find_key, usable_id

SERVER = "https://gateway.pixazo.ai"


def stored(home: Path, text: str, mode: int = 0o600) -> Path:
    path = home / ".pixazo" / "api-key"
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_key_is_looked_for_in_three_places(tmp_path: Path) -> None:
    """An argument goes before the environment, the environment before the file."""
    stored(tmp_path, "from-file\n")
    environ = {"PIXAZO_API_KEY": "from-environment"}

    keys = [
        find_key("from-argument", environ=environ, home=tmp_path),
        find_key(None, environ=environ, home=tmp_path),
        find_key(None, environ={"PIXAZO_API_KEY": "  "}, home=tmp_path),
    ]

    assert [key.reveal() for key in keys] == ["from-argument", "from-environment", "from-file"]


def test_a_missing_key_names_the_three_places(tmp_path: Path) -> None:
    """Without a key nothing starts, and the error says where one may stand."""
    with pytest.raises(MissingKey) as caught:
        find_key(None, environ={}, home=tmp_path)

    for place in ("api_key=", "PIXAZO_API_KEY", "~/.pixazo/api-key"):
        assert place in str(caught.value)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_key_is_a_missing_one(text: str) -> None:
    """An empty argument is not passed over for another key."""
    with pytest.raises(MissingKey, match="the argument api_key is empty"):
        find_key(text, environ={"PIXAZO_API_KEY": "another"})


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "schlüssel", "tab\tbed", "x" * 5000])
def test_a_key_that_cannot_be_one_is_refused_unseen(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that would break a header is refused, and no frame of ours shows it."""
    monkeypatch.setenv("PIXAZO_API_KEY", text)
    for argument in (text, None):
        with pytest.raises(InvalidConfiguration) as caught:
            Pixazo(argument)
        frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        home = str(Path(pixazo.__file__).parent)
        ours = [frame for frame in frames.stack if frame.filename.startswith(home)]
        shown = "".join(str(frame.locals) for frame in ours)

        assert ours
        assert repr(text)[1:-1] not in f"{caught.value!r}{shown}"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_may_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    """The warning gives the command that closes the file; the key still works."""
    path = stored(tmp_path, "from-file", mode)

    key = find_key(None, environ={}, home=tmp_path)

    assert key.reveal() == "from-file"
    assert f"chmod 600 {path}" in caplog.text


def test_a_private_key_file_is_not_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file for the owner alone is read in silence."""
    stored(tmp_path, "from-file")

    find_key(None, environ={}, home=tmp_path)

    assert caplog.text == ""


def test_a_key_file_that_cannot_be_read_is_told_from_none(tmp_path: Path) -> None:
    """A folder or binary file in the key's place is an error of its own."""
    (tmp_path / ".pixazo" / "api-key").mkdir(parents=True)

    with pytest.raises(InvalidConfiguration, match="cannot read the API key"):
        find_key(None, environ={}, home=tmp_path)


def test_a_key_file_that_is_a_pipe_waits_for_nobody(tmp_path: Path) -> None:
    """A store of secrets may serve the key through a pipe; one without a writer is an error."""
    pipe = tmp_path / ".pixazo" / "api-key"
    pipe.parent.mkdir()
    os.mkfifo(pipe, 0o600)
    with pytest.raises(InvalidConfiguration, match="Is a pipe that nobody writes to"):
        find_key(None, environ={}, home=tmp_path)

    writer = threading.Thread(target=pipe.write_text, args=("from-pipe\n",))
    writer.start()
    found = find_key(None, environ={}, home=tmp_path)
    writer.join()

    assert found.reveal() == "from-pipe"


def test_the_gateway_is_looked_for_in_three_places() -> None:
    """An argument goes before the environment, the environment before the documents."""
    environ = {"PIXAZO_GATEWAY_URL": "https://env.example"}

    assert find_gateway("https://arg.example", SERVER, environ=environ).url == "https://arg.example"
    assert find_gateway(None, SERVER, environ=environ).url == "https://env.example"
    assert find_gateway(None, SERVER, environ={}).url == SERVER


@pytest.mark.parametrize(
    ("text", "url", "origin", "loopback"),
    [
        ("https://a.example/", "https://a.example", ("https", "a.example", 443), False),
        ("HTTPS://A.example:443/x/", "https://a.example/x", ("https", "a.example", 443), False),
        ("https://a.example:8443", "https://a.example:8443", ("https", "a.example", 8443), False),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787", ("http", "127.0.0.1", 8787), True),
        ("http://localhost", "http://localhost", ("http", "localhost", 80), True),
        ("http://[::1]:9", "http://[::1]:9", ("http", "::1", 9), True),
        ("https://a.example.", "https://a.example.", ("https", "a.example.", 443), False),
        ("https://127.0.0.1", "https://127.0.0.1", ("https", "127.0.0.1", 443), True),
    ],
)
def test_a_good_address_is_normal(
    text: str, url: str, origin: tuple[str, str, int], loopback: bool
) -> None:
    """Scheme and host are lower case, the standard port and the last slash go."""
    gateway = find_gateway(text, SERVER)

    assert (gateway.url, gateway.origin, gateway.loopback) == (url, origin, loopback)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gateway.pixazo.ai",
        "ftp://gateway.pixazo.ai",
        "file:///etc/passwd",
        "http://gateway.pixazo.ai",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "https://user:password@gateway.pixazo.ai",
        "https://user@gateway.pixazo.ai",
        "https://@gateway.pixazo.ai",
        "https://",
        "https:///path",
        "https://a.example:port",
        "https://a.example:99999",
        "https://a.example:0",
        "https://a.example/?key=1",
        "https://a.example/#top",
        "https://a.example?",
        "https://a.example/../b",
        "https://a.example/%2e%2e/b",
        "https://a.example//b",
        "https://a.example\\@evil.example",
        "https://a example",
        "https://a.example\n",
        "https://ä.example",
        "https://[::1",
        "https://gateway..pixazo.example",
        "https://.example",
        "https://" + 64 * "a" + ".example",
    ],
)
def test_a_bad_address_is_refused(text: str) -> None:
    """An address that a key must not be sent to is refused with the way out."""
    with pytest.raises(InvalidConfiguration, match="Give https://host") as caught:
        find_gateway(text, SERVER)

    assert "password" not in str(caught.value).replace("user name or password", "")


def test_a_bad_address_is_shown_where_it_can_hold_no_secret() -> None:
    """The error names option, argument and address, but not one with a password or query."""
    with pytest.raises(InvalidConfiguration, match="address 'foo' from --gateway or base_url"):
        find_gateway("foo", SERVER)
    for text in ("https://user:hush@a.example", "https://a.example?key=hush"):
        with pytest.raises(InvalidConfiguration) as caught:
            find_gateway(text, SERVER)
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://a.example", 5, None])
def test_a_refused_address_shows_no_key(address: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No frame of the error holds the environment, in which the key stands."""
    monkeypatch.setenv("PIXAZO_API_KEY", "hush-0123456789")
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", "http://b.example")

    with pytest.raises(InvalidConfiguration) as caught:
        Pixazo(base_url=address)

    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "hush" not in "".join(frames.format())


@given(st.text(max_size=40))
def test_no_text_makes_an_unsafe_gateway(text: str) -> None:
    """Whatever is given, it is refused or an https address or this machine."""
    try:
        gateway = find_gateway(text, SERVER)
    except InvalidConfiguration:
        return

    assert gateway.origin[0] == "https" or gateway.loopback
    assert "@" not in gateway.url


@given(st.text(max_size=60))
def test_no_id_leads_to_another_path(request_id: str) -> None:
    """Every id that is accepted stays one segment below the status path."""
    import httpx2

    if not usable_id(request_id):
        return
    gateway = find_gateway("https://a.example/p", SERVER)

    path = gateway.status_path("/v2/requests/status/{request_id}", request_id)
    url = httpx2.URL(gateway.address(path))

    assert url.raw_path.decode().startswith("/p/v2/requests/status/")
    assert url.raw_path.count(b"/") == 5
    assert url.path == f"/p/v2/requests/status/{request_id}"
    assert url.host == "a.example"


def test_a_client_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without arguments takes key and address from the environment."""
    monkeypatch.setenv("PIXAZO_API_KEY", "from-environment")
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", "https://env.example/team")

    with Pixazo() as client:
        assert client.base_url == "https://env.example/team"


def test_a_client_without_a_key_does_not_start() -> None:
    """No key, no client."""
    with pytest.raises(MissingKey):
        Pixazo()


def test_the_environments_proxy_is_taken_for_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY and ALL_PROXY count, NO_PROXY counts against, this machine has none."""
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    gateway = find_gateway(SERVER, SERVER)

    assert find_proxy(gateway) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert find_proxy(gateway) == "http://proxy.example:3128"
    assert find_proxy(find_gateway("http://127.0.0.1:1", SERVER)) is None
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    assert find_proxy(gateway) == "http://proxy.example:3128"
    for exempt in ("pixazo.ai", "gateway.pixazo.ai:443", "*"):
        monkeypatch.setenv("NO_PROXY", exempt)
        assert find_proxy(gateway) is None
    monkeypatch.setenv("NO_PROXY", "gateway.pixazo.ai:8443")
    assert find_proxy(gateway) == "http://proxy.example:3128"


@pytest.mark.parametrize(
    "proxy",
    ["ftp://p.example", "http://", "http://p.example:port", "http://p\udcff:1", "http://a..b:1"],
)
def test_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A proxy address that cannot be used stops the client before anything is sent."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(InvalidConfiguration, match="HTTPS_PROXY"):
        Pixazo("key", base_url=SERVER)
