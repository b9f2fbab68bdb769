"""Pinned addresses and certificates: the connection goes to a number, the proof is for the name."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

import pytest
import trustme

from pixazo.errors import DownloadError, DownloadTimedOut


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def proof(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("media.test", "127.0.0.1")


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def secure(media, proof: trustme.LeafCert) -> Iterator[list[str | None]]:
    """Switch the media server to TLS for `media.test`; yields the names that clients ask for."""
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    proof.configure_cert(context)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    plain = media.http.get_request

    def get_request():
        socket, address = plain()
        return context.wrap_socket(socket, server_side=True), address

    media.http.get_request = get_request
    return asked


def test_proves_the_name(media, secure, trust, save, kit, tmp_path):
    """The certificate is checked for the name, the name is asked for, the address is the pinned."""
    media.on("/a", kit.body(kit.png()))

    (path,) = save(
        [f"https://media.test:{media.port}/a"],
        tmp_path,
        ssl_context=trust,
        resolver=kit.names("127.0.0.1"),
    )

    assert path.read_bytes() == kit.png()
    assert media.headers()["host"] == f"media.test:{media.port}"
    assert secure == ["media.test"]


def test_refuses_another_name(media, secure, trust, save, kit, tmp_path):
    """A server that proves another name is not read, although its address was judged good."""
    media.on("/a", kit.body(kit.png()))

    with pytest.raises(DownloadError, match="certificate verify failed"):
        save(
            [f"https://evil.test:{media.port}/a"],
            tmp_path,
            ssl_context=trust,
            resolver=kit.names("127.0.0.1"),
        )

    assert media.seen == []


def test_refuses_unknown_authorities(media, secure, tls, save, kit, tmp_path):
    """A certificate that no trusted authority signed is refused."""
    media.on("/a", kit.body(kit.png()))

    with pytest.raises(DownloadError, match="certificate verify failed"):
        save([f"https://127.0.0.1:{media.port}/a"], tmp_path, ssl_context=tls)

    assert media.seen == []


def test_proves_numbers(media, secure, trust, save, kit, tmp_path):
    """An address written as a number needs a certificate for that number."""
    media.on("/a", kit.body(kit.png()))

    (path,) = save([f"https://127.0.0.1:{media.port}/a"], tmp_path, ssl_context=trust)

    assert path.read_bytes() == kit.png()


def test_does_not_reuse_a_proof(media, secure, trust, save, kit, tmp_path):
    """Two names on one address are two connections: the second name must prove itself too."""

    def stay_open(request):
        request.close_connection = False
        kit.head(request, 200, {"content-length": str(len(kit.png()))})
        request.wfile.write(kit.png())

    media.on("/a", stay_open)

    with pytest.raises(DownloadError, match="certificate verify failed"):
        save(
            [f"https://media.test:{media.port}/a", f"https://evil.test:{media.port}/a"],
            tmp_path,
            ssl_context=trust,
            resolver=kit.names("127.0.0.1"),
        )

    assert len(media.seen) == 1


@pytest.mark.parametrize("part", ["head", "body"])
def test_ends_at_the_deadline_under_tls(media, secure, trust, save, tmp_path, part):
    """A drip through an encrypted connection is cut at the deadline too."""

    def drip(request):
        head = b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n"
        request.wfile.write(head if part == "body" else b"HTTP/1.1 200 OK\r\nx-slow: ")
        for _ in range(100):
            request.wfile.write(b"\x89")
            time.sleep(0.05)

    media.on("/a", drip)
    started = time.monotonic()

    with pytest.raises(DownloadTimedOut):
        save([f"https://127.0.0.1:{media.port}/a"], tmp_path, ssl_context=trust, timeout_s=0.5)

    assert time.monotonic() - started < 2


def test_a_handshake_that_stops_is_left(media, trust, save, tmp_path):
    """A server that takes the connection and never shakes hands costs no more than the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()

        with pytest.raises(DownloadTimedOut):
            save([f"https://127.0.0.1:{port}/a"], tmp_path, ssl_context=trust, timeout_s=0.5)

    assert time.monotonic() - started < 2


def test_does_not_step_down_to_http(media, save, kit, tmp_path):
    """A redirect from https to http is refused unless both ends are this machine."""
    from pixazo.downloads.targets import target
    from pixazo.errors import UnsafeAddress

    secure_target = target("https://media.test/a")

    with pytest.raises(UnsafeAddress, match="https only"):
        secure_target.join("http://media.test/a", allow_http=False)
