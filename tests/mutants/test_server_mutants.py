"""Server mutants: one of each class in the ordinary tests; all of them by `-m tests.mutants`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.__main__ import main
from tests.mutants.catalogue import CONTROL, HARMLESS, MUTANTS
from tests.mutants.catalogue.names import LAYERED, LORA, MAX
from tests.mutants.kit.call import Answer, Call
from tests.mutants.kit.mutant import CLASSES, Mutant
from tests.mutants.kit.trial import Outcome, trial
from tests.mutants.matrix import Row, render, wrong

SAMPLE = {
    "receipt-without-polling-url": (MAX, (1, 2)),
    "created-at-epoch": (MAX, (1, 2)),
    "media-type-null": (MAX, (1, 2)),
    "status-succeeded": (MAX, (1, 2)),
    "queued-is-200": (MAX, (1, 2)),
    "key-in-header": (MAX, (1, 2)),
    "text-plain": (MAX, (1, 2)),
    "max-takes-five": (MAX, (1, 3)),
    "max-default-two": (MAX, (1, 3)),
    "created-at-without-zone": (MAX, (1, 2)),
    "status-with-bom": (MAX, (1, 2)),
    "back-to-the-queue": (MAX, (1, 2)),
    "polling-url-of-another": (MAX, (1, 2)),
    "an-hour-ahead": (MAX, (1, 2)),
    "max-one-missing": (MAX, (1, 4)),
    "called-twice": (LAYERED, (1, 5)),
    "lora-dearer": (LORA, (1, 6)),
    "jobs-for-anybody": (LAYERED, (1, 6)),
    "jpeg-not-landscape": (MAX, (1, 3)),
}
"""A mutant of each class, with one model and the layers that find it there."""


def test_every_class_is_in_the_sample() -> None:
    """The ordinary tests hold one mutant of every class."""
    assert Counter(MUTANTS[name].kind for name in SAMPLE) == dict.fromkeys(CLASSES, 1)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_small_change_is_seen(name: str) -> None:
    """The suite reports a gateway with one small change."""
    model, layers = SAMPLE[name]

    outcome = trial(name, 0, layers, [model])

    assert outcome.killed, MUTANTS[name].says
    assert not outcome.slip


@pytest.mark.parametrize("name", ["field-order", "offset-for-z", "calls-relayed"])
def test_a_harmless_change_is_left_alone(name: str) -> None:
    """The suite keeps quiet about a change that no caller minds."""
    outcome = trial(name, 0, (1, 2, 5), [LAYERED])

    assert not outcome.killed, outcome


def test_there_are_enough_mutants() -> None:
    """At least 100 harmful and 10 harmless ones, in every class, no name twice."""
    harmful = [m for m in MUTANTS.values() if not m.harmless]

    assert len(harmful) >= 100
    assert len(HARMLESS) >= 10
    assert {m.kind for m in harmful} == set(CLASSES)
    assert all(name == mutant.name for name, mutant in MUTANTS.items())


def test_every_mutant_says_what_it_does_and_does_something() -> None:
    """A mutant has one sentence, and a change, a question, a call or a setting."""
    for mutant in MUTANTS.values():
        acts = (mutant.ask, mutant.change, mutant.ask_media, mutant.change_media, mutant.tell)

        assert mutant.says, mutant.name
        assert mutant is CONTROL or any(acts) or mutant.arrange or mutant.settings


def test_survivors_and_false_alarms_are_wrong() -> None:
    """A harmful mutant that one seed does not find is wrong, so is a harmless one that is found."""
    killed, quiet = Outcome("x", 0, (3,), "rule", "seen"), Outcome("x", 1, ())
    survivor = Row(MUTANTS["an-hour-ahead"], (killed, quiet))
    alarm = Row(MUTANTS["field-order"], (quiet, killed))
    good = Row(MUTANTS["max-takes-five"], (killed, killed))

    text = render([survivor, alarm, good], 1.0)

    assert wrong([survivor, alarm, good]) == [survivor, alarm]
    assert "survives (seeds 1): time stamps are an hour ahead" in text
    assert "false alarm (seeds 0): fields stand in another order [seen]" in text
    assert "1 of 2 harmful mutants killed; 2 seeds" in text


def test_a_mutant_that_fails_itself_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant with a slip of its own is no kill: the matrix says where it failed."""

    def slip(call: Call) -> Answer | None:
        if call.model:
            raise ZeroDivisionError(call.path)
        return None

    monkeypatch.setitem(MUTANTS, "max-slip", Mutant("max-slip", "type", "fails", ask=slip))

    row = Row(MUTANTS["max-slip"], (trial("max-slip", 0, (1, 4), [MAX]),))

    assert row.wrong
    assert not row.outcomes[0].killed
    assert "max-slip: the mutant itself fails at POST /qwen-image-max/" in render([row], 1.0)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that no mutant has is told in one line, with where names are found."""
    code = main(["--only", "no-such-mutant"])

    assert code == 2
    assert capsys.readouterr().err == (
        "--only no-such-mutant: no such mutant; their names are the first column of the matrix\n"
    )


def test_seeds_and_jobs_are_counted_from_one(capsys: pytest.CaptureFixture[str]) -> None:
    """No seeds or no processes make no matrix."""
    assert main(["--seeds", "0"]) == 2
    assert "give 1 or more" in capsys.readouterr().err


def test_the_readme_records_the_first_score() -> None:
    """The score of the late third before any repair stands in the README."""
    text = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")

    assert "before any repair" in text
