"""What live recording may do: nothing without key and cap, and never more than the cap."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from pixazo_openapi.catalogue import MODELS, SERVER

from tests.deck import __main__ as command
from tests.deck.cap import Ledger, SpendCap, most_of
from tests.deck.faults import NotRecordable
from tests.deck.targets import UrlTarget

EDIT = MODELS["qwen-image-edit"]
LORA = MODELS["qwen-image-edit-plus-lora"]


class Gateway(httpx2.BaseTransport):
    """Counts what reaches it and answers one status, or breaks off."""

    def __init__(self, status: int | None = 202) -> None:
        self.status, self.seen = status, 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen += 1
        if self.status is None:
            raise httpx2.ReadTimeout("no answer", request=request)
        return httpx2.Response(self.status)


def post(body: object, path: str = LORA.path) -> httpx2.Request:
    return httpx2.Request("POST", SERVER + path, json=body)


def test_without_key_and_cap_only_the_plan_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each call with its price, the worst case, and "not run" as exit code 2."""
    code = command.main(["record", "--target", "live"])

    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert code == 2
    assert lines[-1] == "in all at most 0.235 USD, and 2 requests of unknown price"
    assert "qwen-image-max/completed: no price is documented: --assume-price" in lines
    free = [number for number, line in enumerate(lines) if line.endswith(": free")]
    assert free == list(range(len(free)))
    assert told.err == "not run: live needs --key and --max-spend\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--max-spend", "much", "--key", "a-key-of-the-tests"], "--max-spend much: give US"),
        (["--assume-price", "qwen-image"], "--assume-price qwen-image: write MODEL=USD"),
        (["--assume-price", "qwen-image=-1"], "--assume-price -1: give US dollars"),
    ],
)
def test_wrong_amounts_get_one_line(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Odd money is refused before anything is sent."""
    code = command.main(["record", "--target", "live", *words])

    told = capsys.readouterr().err
    assert code == 2
    assert told.startswith(line)
    assert told.count("\n") == 1


def test_the_cap_holds(tmp_path: Path) -> None:
    """What would pass the cap is not sent, and the message says what is left."""
    gateway = Gateway()
    cap = SpendCap(gateway, Ledger(tmp_path / "spent.jsonl", Decimal("0.12")))

    cap.handle_request(post({}))
    cap.handle_request(post({}))
    with pytest.raises(NotRecordable, match=r"0\.110 of 0\.12 USD .* not sent") as refused:
        cap.handle_request(post({}))

    assert gateway.seen == 2
    assert "--max-spend" in str(refused.value)


def test_every_image_counts(tmp_path: Path) -> None:
    """Four images are reserved at four times the price, an unreadable count at ten times."""
    assert most_of(LORA, {"num_images": 4}, {}) == Decimal("0.220")
    assert most_of(LORA, {"num_images": "four"}, {}) == Decimal("0.550")
    assert most_of(LORA, None, {}) == Decimal("0.550")
    assert most_of(LORA, {}, {LORA.model_id: Decimal(1)}) == 1
    assert most_of(EDIT, {}, {}) == Decimal("0.045")


@pytest.mark.parametrize(("status", "kept"), [(202, 1), (400, 0), (429, 0), (500, 1), (504, 1)])
def test_only_a_refusal_gives_money_back(status: int, kept: int, tmp_path: Path) -> None:
    """4xx is not charged; success, failure and a gateway time-out may be."""
    ledger = Ledger(tmp_path / "spent.jsonl", Decimal(1))

    SpendCap(Gateway(status), ledger).handle_request(post({}))

    assert ledger.spent == kept * Decimal("0.055")


def test_a_lost_answer_keeps_the_money(tmp_path: Path) -> None:
    """When no answer comes the request may have been accepted."""
    ledger = Ledger(tmp_path / "spent.jsonl", Decimal(1))

    with pytest.raises(httpx2.ReadTimeout):
        SpendCap(Gateway(None), ledger).handle_request(post({}))

    assert ledger.spent == Decimal("0.055")


def test_looking_is_free(tmp_path: Path) -> None:
    """GET goes through without a reservation, even under a cap of nothing."""
    gateway = Gateway(200)

    SpendCap(gateway, Ledger(tmp_path / "spent.jsonl", Decimal(0))).handle_request(
        httpx2.Request("GET", f"{SERVER}/v2/requests/status/x")
    )

    assert gateway.seen == 1


@pytest.mark.parametrize(
    ("path", "advice"),
    [(MODELS["qwen-image-max"].path, "--assume-price qwen-image-max=USD"), ("/new", "not sent")],
)
def test_an_unknown_price_is_not_paid(path: str, advice: str, tmp_path: Path) -> None:
    """Neither a model without a price nor an unknown path is sent."""
    gateway = Gateway()

    with pytest.raises(NotRecordable, match=advice):
        SpendCap(gateway, Ledger(tmp_path / "spent.jsonl", Decimal(9))).handle_request(
            post({}, path)
        )

    assert gateway.seen == 0


def test_processes_share_a_cap(tmp_path: Path) -> None:
    """Four processes that want twenty requests each send exactly as many as the cap covers."""
    script = f"""
import sys
from decimal import Decimal
from pathlib import Path
from tests.deck.cap import Ledger
from tests.deck.faults import NotRecordable
ledger = Ledger(Path({str(tmp_path / "spent.jsonl")!r}), Decimal("1.00"))
sent = 0
for _ in range(20):
    try:
        ledger.reserve(Decimal("0.05"), "a test")
        sent += 1
    except NotRecordable:
        pass
print(sent)
"""
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    sent = [int(process.communicate()[0]) for process in running]

    assert sum(sent) == 20
    lines = (tmp_path / "spent.jsonl").read_text().splitlines()
    assert [json.loads(line)["usd"] for line in lines] == ["0.05"] * 20


def test_a_capped_target_sends_nothing_twice() -> None:
    """Under a cap a request is sent once, whatever the answer; an unknown key has no money."""
    cap = SpendCap(Gateway(), Ledger(Path("unused"), Decimal(0)))
    target = UrlTarget(SERVER, "a-key-of-the-tests", cap=cap)
    completed, unauthorized = (
        next(j for j in command.journeys_of(EDIT) if j.name == name)
        for name in ("completed", "unauthorized")
    )

    with target.place(EDIT.model_id, completed) as place:
        assert (place.attempts, place.transport) == (1, cap)
    with target.place(EDIT.model_id, unauthorized) as place:
        assert place.transport is None
        assert place.key != "a-key-of-the-tests"
