"""A server that proves to be somebody, to clients that trust who says so."""

from __future__ import annotations

import ssl

import pytest
import trustme

from pixazo import connections

__all__ = ["proof_of"]


def proof_of(name: str, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return what proves a server to be `name`, and let clients trust who signed it."""
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    monkeypatch.setattr(connections, "_tls", lambda: trust)
    proof = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, "localhost").configure_cert(proof)
    return proof
