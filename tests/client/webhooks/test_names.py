"""The name by which the ledger tells whose a callback is, whichever way its address was given."""

from __future__ import annotations

from pathlib import Path

from pixazo import Pixazo, QwenImageEditPlusLora, Receiver
from pixazo.sandbox import Sandbox
from pixazo.webhooks import Tokens, new_secret
from pixazo.webhooks.tokens import name_in

HERE = "http://127.0.0.1:9"


def test_the_ledger_has_the_name_in_the_address(tmp_path: Path) -> None:
    """A name of one's own counts in header and body; a receiver or a foreign address gets ours."""
    receiver = Receiver(HERE)
    plain = QwenImageEditPlusLora(prompt="x", image_urls=["https://e.example/a.png"])
    in_body = QwenImageEditPlusLora(
        prompt="x",
        image_urls=["https://e.example/a.png"],
        webhook=receiver.url_for("order-1", route="body"),
    )
    with Sandbox() as sandbox, Pixazo("any", base_url=sandbox.url, ledger=tmp_path / "l") as client:
        client.submit(in_body, key="body")
        client.submit(plain, key="header", webhook=receiver.url_for("order-2"))
        client.submit(plain, key="receiver", webhook=receiver)
        client.submit(plain, key="foreign", webhook=f"{HERE}/hook")
        client.submit(plain, key="none")
        assert client.ledger is not None
        names = {entry.key: entry.callback for entry in client.ledger.entries()}

    sent = {
        entry.headers.get("idempotency-key") for entry in sandbox.journal if entry.method == "POST"
    }
    assert (names["body"], names["header"], names["none"]) == ("order-1", "order-2", None)
    assert {names["receiver"], names["foreign"]} <= sent


def test_only_addresses_of_ours_hold_a_name() -> None:
    """A token's name is read from the end of its address; other texts hold none."""
    token = Tokens(new_secret()).make("order-17")

    assert name_in(f"https://example.com/hooks/{token}") == "order-17"
    assert name_in("https://example.com/hooks") is None
    assert name_in("") is None
