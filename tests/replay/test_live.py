"""What live recording may do: nothing without key and cap; the cap itself is the suite's."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from pixazo_openapi.catalogue import MODELS, SERVER

from tests.deck import __main__ as command
from tests.deck.journeys import Journey, journeys_of
from tests.deck.targets import UrlTarget

KEY = "a-key-of-the-tests"
EDIT = MODELS["qwen-image-edit"]


def journey(name: str) -> Journey:
    return next(j for j in journeys_of(EDIT) if j.name == name)


@pytest.mark.parametrize("words", [[], ["--key", KEY], ["--max-spend", "1"]])
def test_without_key_and_cap_only_the_plan_is_printed(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each call with its price and what it lacks, free ones first, and exit code 2."""
    code = command.main(["record", "--target", "live", *words])

    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert code == 2
    assert "qwen-image/completed: 0.045 USD" in lines
    assert "qwen-image-edit/completed: 0.045 USD (not without --picture URL)" in lines
    assert (
        "qwen-image-max/completed: price unknown (not without --assume-price qwen-image-max=USD)"
    ) in lines
    assert lines[-1] == "in all at most 0.045 USD with what was given"
    free = [number for number, line in enumerate(lines) if line.endswith(": free")]
    assert len(free) > 10
    assert free == list(range(len(free)))
    assert told.err == "not run: live needs --key and --max-spend\n"


def test_what_is_given_makes_more_possible(capsys: pytest.CaptureFixture[str]) -> None:
    """With inputs and assumed prices every model can be recorded, and the worst case says so."""
    given = ["--picture", "https://a.example.com/p.png", "--archive", "https://a.example.com/z.zip"]
    given += ["--assume-price", "qwen-image-max=0.1", "--assume-price", "qwen-image-max-edit=0.2"]

    command.main(["record", "--target", "live", *given])

    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if "not without" in line]
    assert lines[-1] == "in all at most 0.535 USD with what was given"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--max-spend", "much", "--key", KEY], "--max-spend much: give US dollars"),
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


def test_what_is_recorded_already_is_not_paid_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A journey whose cassette is there is left out, and the line says how to pay again."""
    there = tmp_path / "qwen-image" / "gateway-completed.yaml"
    there.parent.mkdir()
    there.touch()
    words = ["completed", "--only", "qwen-image", "--cassettes", str(tmp_path)]
    words += ["--key", KEY, "--max-spend", "1", "--ledger", str(tmp_path / "spent.jsonl")]

    code = command.main(["record", "--target", "live", *words])

    assert code == 2
    assert "completed: it is there already; remove it to pay again" in capsys.readouterr().err
    assert there.read_bytes() == b""


def test_under_a_cap_nothing_is_sent_twice() -> None:
    """A paid request goes out once, whatever the answer; an unknown key has no money to cap."""
    with httpx2.HTTPTransport() as cap:
        target = UrlTarget(SERVER, KEY, cap=cap)

        with target.place(EDIT.model_id, journey("completed")) as place:
            assert (place.attempts, place.transport) == (1, cap)
        with target.place(EDIT.model_id, journey("unauthorized")) as place:
            assert place.transport is None
            assert place.key != KEY


@pytest.mark.parametrize("url", [SERVER, "HTTPS://GATEWAY.Pixazo.AI:443/"])
def test_the_real_gateway_is_recorded_under_a_cap_only(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its address is no target: each journey would be paid for, and no cap would hold."""
    words = ["record", "--target", url, "--key", KEY, "--cassettes", str(tmp_path)]

    code = command.main(words)

    assert code == 2
    assert "is the paid gateway: give --target live and a --max-spend" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
