"""The cap: money is reserved before a byte leaves, and no process gets past it."""

from __future__ import annotations

import json
import multiprocessing
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from pixazo_openapi.catalogue import KEY_HEADER, MODELS

from tests.contract.gateways import answer, serving
from tests.contract.suite.cap import (
    CappedTransport,
    CapReached,
    PriceUnknown,
    Spending,
    known_prices,
)

LORA = MODELS["qwen-image-edit-plus-lora"]
TAKEN = answer("202 Accepted", "application/json", b"{}")
WRONG = answer("400 Bad Request", "application/json", b"{}")
BROKEN = answer("500 Internal Server Error", "application/json", b"{}")
HEADERS = {KEY_HEADER: "a-key", "Content-Type": "application/json"}


def _send(url: str, spending: Spending, **more: object) -> int:
    assumed = {str(name): Decimal(str(usd)) for name, usd in more.pop("assumed", {}).items()}  # type: ignore[attr-defined] # a mapping
    path = str(more.pop("path", LORA.path))
    method = str(more.pop("method", "POST"))
    body = more.pop("body", {})
    headers = HEADERS if more.pop("key", True) else {}
    with httpx2.HTTPTransport(verify=False) as inner:
        transport = CappedTransport(inner, spending, known_prices(assumed))
        content = json.dumps(body).encode()
        request = httpx2.Request(method, url + path, headers=headers, content=content)
        answered = transport.handle_request(request)
        answered.read()
        return answered.status_code


def test_money_is_kept_after_success(tmp_path: Path) -> None:
    """An accepted request costs its price."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(TAKEN) as url:
        _send(url, spending)

    assert spending.spent() == Decimal("0.055")


def test_money_comes_back_on_4xx(tmp_path: Path) -> None:
    """A refused request costs nothing, and both moves stand in the file."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(WRONG) as url:
        _send(url, spending)

    assert spending.spent() == 0
    assert len((tmp_path / "money.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("reply", [BROKEN, None], ids=["500", "closed"])
def test_money_is_kept_when_the_outcome_is_unknown(tmp_path: Path, reply: bytes | None) -> None:
    """After a 500 or a lost answer the request may have been paid for."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(reply) as url:
        if reply is None:
            with pytest.raises(httpx2.TransportError):
                _send(url, spending)
        else:
            _send(url, spending)

    assert spending.spent() == Decimal("0.055")


def test_nothing_leaves_past_the_cap(tmp_path: Path) -> None:
    """The cap is checked before the connection is made: nobody listens, and nothing is tried."""
    spending = Spending(tmp_path / "money.jsonl", Decimal("0.05"))

    with pytest.raises(CapReached, match=r"0\.055.*0\.05.*not sent.*--max-spend"):
        _send("http://127.0.0.1:9", spending)

    assert spending.spent() == 0


def test_several_pictures_are_reserved_as_several(tmp_path: Path) -> None:
    """What a price is for is open (R12), so the worst case is reserved."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(TAKEN) as url:
        _send(url, spending, body={"num_images": 4})

    assert spending.spent() == Decimal("0.22")


def test_an_unknown_price_is_refused_until_one_is_assumed(tmp_path: Path) -> None:
    """A model without a documented price cannot be called before its price is stated."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))
    path = MODELS["qwen-image-max"].path

    with pytest.raises(PriceUnknown, match="--assume-price qwen-image-max=USD"):
        _send("http://127.0.0.1:9", spending, path=path)
    with serving(TAKEN) as url:
        _send(url, spending, path=path, assumed={"qwen-image-max": "0.10"})

    assert spending.spent() == Decimal("0.10")


@pytest.mark.parametrize("more", [{"method": "GET"}, {"key": False}], ids=["GET", "no key"])
def test_what_cannot_cost_is_free(tmp_path: Path, more: dict[str, object]) -> None:
    """Looks and requests without a key need no cap."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(0))

    with serving(WRONG) as url:
        _send(url, spending, **more)

    assert spending.spent() == 0


def test_another_path_costs_the_dearest_model(tmp_path: Path) -> None:
    """A POST with the key to an unknown path may cost anything that is known."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(TAKEN) as url:
        _send(url, spending, path="/somewhere")

    assert spending.spent() == Decimal("0.055")


def test_a_gateway_below_a_path_has_the_same_prices(tmp_path: Path) -> None:
    """A model's path is known below a prefix, with its price or the lack of one."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(TAKEN) as url:
        _send(f"{url}/below", spending, path=MODELS["qwen-image"].path)
        with pytest.raises(PriceUnknown):
            _send(f"{url}/below", spending, path=MODELS["qwen-image-max"].path)

    assert spending.spent() == Decimal("0.045")


def test_a_file_that_does_not_read_stops_everything(tmp_path: Path) -> None:
    """When it is unknown what was spent, nothing more is."""
    path = tmp_path / "money.jsonl"
    path.write_text('{"usd": "0.0')

    with pytest.raises(CapReached, match="put the file right or move it away"):
        Spending(path, Decimal(1)).reserve(Decimal("0.01"), "a call")


def _spend(path: str, tries: int) -> int:
    spending, sent = Spending(Path(path), Decimal("1.00")), 0
    for _ in range(tries):
        try:
            spending.reserve(Decimal("0.05"), "a call")
        except CapReached:
            continue
        sent += 1
    return sent


@pytest.mark.timeout(120)  # four fresh processes take their time on a busy machine
def test_processes_share_one_cap(tmp_path: Path) -> None:
    """Four processes that try 48 calls of five cents under one dollar make exactly twenty."""
    path = str(tmp_path / "money.jsonl")

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once for all four
    with context.Pool(4) as pool:
        sent = pool.starmap(_spend, [(path, 12)] * 4)

    assert sum(sent) == 20
    assert Spending(Path(path), Decimal("1.00")).spent() == Decimal("1.00")


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (b'{"request_id": "job_1", "status": "QUEUED"}', ["job_1"]),
        (
            b'{"request_id":"a-key_1","output":"https://m.example/a.png?sig=1"}',
            ["https://m.example/a.png"],
        ),
        (b"<html>", []),
    ],
)
def test_what_was_paid_for_is_written_down_with_the_money(
    tmp_path: Path, told: bytes, found: list[str]
) -> None:
    """By id and address the job is found, whatever becomes of the process; no key goes along."""
    spending = Spending(tmp_path / "money.jsonl", Decimal(1))

    with serving(answer("202 Accepted", "application/json", told)) as url:
        _send(url, spending)

    taken, noted = map(json.loads, (tmp_path / "money.jsonl").read_text().splitlines())
    assert noted["answer"] == taken["reserve"]
    assert noted["what"].split(": ") == [f"202 to POST {LORA.path}", *found]
    assert spending.spent() == Decimal("0.055")
