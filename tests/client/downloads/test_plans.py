"""The plan alone, without a network: what it asks for when the answers are told to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixazo.downloads import steps
from pixazo.downloads.parts import Part
from pixazo.downloads.plans import Medium
from pixazo.downloads.policy import Policy
from pixazo.errors import DownloadError, DownloadRefused, UnsafeAddress

PUBLIC = ("93.184.216.34",)


@pytest.fixture
def ask(tmp_path: Path, clock):
    """`ask(url, *answers, **policy)`: tell the plan these answers; returns what it asked for."""

    def run(url: str, *answers: object, **policy: object) -> list[steps.Step]:
        asked: list[steps.Step] = []
        told = iter(answers)
        with Part(tmp_path, "job-0") as part:
            part.open()
            medium = Medium(url, part, Policy(**policy), clock, lambda _done, _total: None)
            plan = medium.fetch()
            run.asked = asked
            step = next(plan)
            while True:
                asked.append(step)
                answer = None if isinstance(step, steps.Drop | steps.Pause) else next(told)
                step = plan.throw(answer) if isinstance(answer, Exception) else plan.send(answer)

    return run


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:8787/a", "https://127.0.0.1/a", "https://[::1]/a", "https://localhost/a"],
)
def test_no_way_in_from_outside(ask, location):
    """Leave for loopback is lost at the first hop that lies outside this machine."""
    away = steps.Head(302, {"location": location})
    inside = ("::1",) if "::" in location else ("127.0.0.1",)

    with pytest.raises(UnsafeAddress, match=r"this machine|https only"):
        ask("https://media.example/a", PUBLIC, away, inside, allow_loopback=True)

    assert sum(isinstance(step, steps.Fetch) for step in ask.asked) == 1


def test_every_hop_is_resolved_and_judged_anew(ask):
    """Each hop asks for its own addresses and is fetched from one of them."""
    hops = [steps.Head(302, {"location": f"https://cdn{hop}.example/b?sig=x"}) for hop in (1, 2, 3)]
    answers = [PUBLIC, hops[0], ("1.1.1.1",), hops[1], ("1.0.0.1",), hops[2], ("9.9.9.9",)]

    with pytest.raises(DownloadRefused):
        ask("https://media.example/a?sig=y", *answers, steps.Head(403, {}))

    fetched = [(s.target.host, s.address) for s in ask.asked if isinstance(s, steps.Fetch)]
    assert fetched == [
        ("media.example", "93.184.216.34"),
        ("cdn1.example", "1.1.1.1"),
        ("cdn2.example", "1.0.0.1"),
        ("cdn3.example", "9.9.9.9"),
    ]


def test_a_broken_line_is_asked_again_a_bounded_number_of_times(ask):
    """Each try resolves anew, and between tries lies a pause that grows."""
    broke = steps.LineBroke("reset")

    with pytest.raises(DownloadError, match="could not be fetched: reset"):
        ask("https://media.example/a", *[PUBLIC, broke] * 3, attempts=3)

    pauses = [step.seconds for step in ask.asked if isinstance(step, steps.Pause)]
    assert pauses == [0.5, 1.0]
    assert sum(isinstance(step, steps.Resolve) for step in ask.asked) == 3


def test_steps_show_no_signature(ask):
    """What a plan asks for can be printed without showing a signature."""
    with pytest.raises(DownloadRefused):
        ask("https://media.example/a?sig=SECRET", PUBLIC, steps.Head(403, {}))

    assert "SECRET" not in repr(ask.asked)
