"""The paid gateway, played by the sandbox: a plan first, one small job per model, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pixazo_openapi.catalogue import MODELS

from pixazo.sandbox import Sandbox
from tests.contract.gateways import answer, serving
from tests.contract.suite import answers
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.live import run_live
from tests.contract.suite.main import main
from tests.contract.suite.options import Options, read
from tests.contract.suite.spec import Spec
from tests.contract.suite.targets import CouldNotRun
from tests.contract.suite.verdicts import Verdict

KEY = "a-key-of-these-tests"
MEDIA = ["--picture", "https://pictures.example.com/a.png", "--archive", "https://x.example/a.zip"]
WRONG_ALWAYS = answer(
    "400 Bad Request", "application/json", b'{"error":"Bad Request","message":"no"}'
)
PRICES = [
    option
    for model in MODELS.values()
    if model.price.usd is None
    for option in ("--assume-price", f"{model.model_id}=0.10")
]


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(latency=0.1, direct_latency=0, balance="5", key=KEY) as sandbox:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", sandbox.url)
        yield sandbox


def _live(tmp_path: Path, *arguments: str) -> int:
    return main(["--target", "live", "--ledger", str(tmp_path / "live.jsonl"), *arguments])


def _options(tmp_path: Path) -> Options:
    ledger = str(tmp_path / "live.jsonl")
    return read(
        ["--target", "live", "--ledger", ledger, "--key", KEY, "--max-spend", "1", *MEDIA, *PRICES]
    )


def test_without_key_and_cap_there_is_a_plan(
    gateway: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan names every call, its price or that it is unknown, and the worst case."""
    code = _live(tmp_path)

    told = capsys.readouterr().out
    assert code == 2
    assert "not run: live needs --key and --max-spend" in told
    assert all(model_id in told for model_id in MODELS)
    assert told.count("price unknown") == 2
    assert "--assume-price qwen-image-max=USD" in told
    assert "worst case $0.045; the cap is $0" in told
    assert len(gateway.journal) == 0


def test_a_cap_below_the_cheapest_call(
    gateway: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cap that covers nothing is refused before anything is sent."""
    code = _live(tmp_path, "--key", KEY, "--max-spend", "0.01", *MEDIA)

    assert code == 2
    assert "--max-spend 0.01: below the cheapest call, 0.04" in capsys.readouterr().err
    assert len(gateway.journal) == 0


def test_one_small_job_per_model(
    gateway: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every model is asked once, followed to its end, and paid for as planned."""
    code = _live(tmp_path, "--key", KEY, "--max-spend", "1", *MEDIA, *PRICES)

    told = capsys.readouterr().out
    assert code == 0, told
    assert len(gateway.jobs) == len(MODELS)
    assert gateway.wallet.spent == Decimal("0.435")
    assert "not checked here" in told
    assert KEY not in told
    assert KEY not in "".join(path.read_text() for path in tmp_path.iterdir())


def test_no_cent_is_spent_twice(
    gateway: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second run goes on with the jobs that the first one paid for."""
    arguments = ["--key", KEY, "--max-spend", "1", *MEDIA, *PRICES]
    _live(tmp_path, *arguments)

    code = _live(tmp_path, *arguments)

    assert code == 0, capsys.readouterr().out
    assert len(gateway.jobs) == len(MODELS)
    assert gateway.wallet.spent == Decimal("0.435")


def test_a_run_that_ends_with_an_answer_in_its_hand_has_written_it_down(
    gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed before an answer is judged has paid for a job that the next run finds."""
    options = replace(_options(tmp_path), max_spend=Decimal(9))
    judge = answers.judge

    def killed(document: Spec, exchange: Exchange) -> Iterator[Verdict]:
        if exchange.method == "POST" and exchange.status < 300:
            raise KeyboardInterrupt
        return judge(document, exchange)

    with monkeypatch.context() as patch:
        patch.setattr(answers, "judge", killed)
        with pytest.raises(KeyboardInterrupt):
            run_live(options)
    assert len(gateway.jobs) == 1

    report = run_live(options)

    assert report.exit_code == 0
    assert any("paid for before, not submitted again" in note for note in report.notes)
    assert len(gateway.jobs) == len(MODELS)


def test_another_gateway_paid_for_nothing_here(
    gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs of a rehearsal elsewhere, on the same ledger, are not looked for at this gateway."""
    run_live(replace(_options(tmp_path), max_spend=Decimal(9)))
    with Sandbox(latency=0.1, direct_latency=0, balance="5", key=KEY) as other:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", other.url)

        report = run_live(replace(_options(tmp_path), max_spend=Decimal(9)))

        assert report.exit_code == 0
        assert len(other.jobs) == len(MODELS)


@pytest.mark.parametrize("spelling", ["http://LOCALHOST:{}", "HTTP://127.0.0.1:0{}"])
def test_the_cap_holds_for_every_spelling_of_the_address(
    gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    """An address is the same in capitals, or with a nought before its port."""
    port = gateway.url.rpartition(":")[2]
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", spelling.format(port))

    run_live(replace(_options(tmp_path), max_spend=Decimal("0.10")))

    assert 0 < gateway.wallet.spent <= Decimal("0.10")


@pytest.mark.parametrize("url", ["http://me:secret@127.0.0.1:9", "http://127.0.0.1:9/?a=b"])
def test_an_address_that_may_not_stand_in_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The environment names a gateway by the rules of --target."""
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", url)

    with pytest.raises(CouldNotRun, match=r"^PIXAZO_GATEWAY_URL.*(no user name|without a query)"):
        run_live(_options(tmp_path))


def test_a_gateway_that_falls_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that nobody answers any more ends early and says so; it is no pass."""
    with serving(WRONG_ALWAYS, most=12) as url:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", url)
        report = run_live(_options(tmp_path))

    assert report.exit_code == 1
    assert any("ended early: 5 requests in a row" in note for note in report.notes)


def test_unknown_prices_do_not_end_a_run(gateway: Sandbox, tmp_path: Path) -> None:
    """Models without an assumed price are left out, and the others are tried."""
    ledger = str(tmp_path / "live.jsonl")
    given = ["--target", "live", "--ledger", ledger, "--key", KEY, "--max-spend", "0.05"]

    report = run_live(read(given))

    assert report.exit_code == 0
    assert gateway.wallet.spent == Decimal("0.045")
    assert any("no price is known; give --assume-price" in note for note in report.notes)


def test_a_spent_cap_is_told(gateway: Sandbox, tmp_path: Path) -> None:
    """A run whose cap an earlier one has used up pays nothing, and says what was not sent."""
    options = ["--ledger", str(tmp_path / "live.jsonl"), "--key", KEY, "--max-spend", "0.05"]
    run_live(read(["--target", "live", *options]))

    report = run_live(read(["--target", "live", *options, *MEDIA, *PRICES]))

    assert gateway.wallet.spent == Decimal("0.045")
    assert any("raise --max-spend" in cell.why for cell in report.cells.values())


@pytest.mark.parametrize("key", ["another-key", "schlüssel"])
def test_a_key_that_live_refuses(gateway: Sandbox, tmp_path: Path, key: str) -> None:
    """A refused key ends the run before anything could cost."""
    with pytest.raises(CouldNotRun, match=r"refuses the key \(401\)"):
        run_live(replace(_options(tmp_path), key=key))

    assert (tmp_path / "live.jsonl").read_text() == ""


@pytest.mark.parametrize(
    ("ledger", "words"),
    [
        ("", "cannot be used: Is a directory"),
        ("file/live.jsonl", "cannot be used: "),
        ("file", "does not read as JSON lines"),
    ],
)
def test_a_ledger_that_cannot_be_used(
    gateway: Sandbox, tmp_path: Path, ledger: str, words: str
) -> None:
    """Where spending cannot be written down, or does not read, nothing is sent at all."""
    (tmp_path / "file").write_text("not JSON")

    with pytest.raises(CouldNotRun) as told:
        run_live(replace(_options(tmp_path), ledger=tmp_path / ledger))

    assert str(told.value).startswith(f"--ledger {tmp_path / ledger}")
    assert words in str(told.value)
    assert len(gateway.journal) == 0


def test_what_was_kept_must_read(gateway: Sandbox, tmp_path: Path) -> None:
    """A damaged memory of paid jobs stops the run before anything is paid."""
    (tmp_path / "live.exchanges.jsonl").write_text('{"model": "qwen')

    with pytest.raises(CouldNotRun, match=r"live\.exchanges\.jsonl:1: does not read"):
        run_live(_options(tmp_path))

    assert gateway.wallet.spent == 0


def test_the_cap_ends_the_run_early(
    gateway: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a dime, two calls of at most five cents are made, and the rest is not checked."""
    code = _live(tmp_path, "--key", KEY, "--max-spend", "0.10", *MEDIA, *PRICES)

    told = capsys.readouterr().out
    spent = sum(
        Decimal(json.loads(line)["usd"])
        for line in (tmp_path / "live.jsonl").read_text().splitlines()
    )
    assert code == 0, told
    assert spent == gateway.wallet.spent <= Decimal("0.10")
    assert "raise --max-spend" in told
