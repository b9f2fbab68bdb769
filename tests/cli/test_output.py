"""Tables, units and progress."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixazo.batches import Outcomes, State
from pixazo.cli import tables, words
from pixazo.cli.batch_progress import BAR_EVERY_S, Bar
from pixazo.cli.progress import Arrival, Lines, Progress, Spinner, open_progress


class Steps:
    """A clock that goes on by one second a look."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Return the next second."""
        self._now += 1.0
        return self._now - 1.0

    time = now

    def sleep(self, seconds: float) -> None:
        """Go on."""
        self._now += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Go on."""
        self._now += seconds


def test_plain_columns_are_aligned_and_whole() -> None:
    """Off a terminal, columns line up, numbers stand right and nothing is cut off."""
    text = tables.plain(["name", "n"], [["a" * 200, "1"], ["b", "22"]], right=["n"])

    head, first, second = text.splitlines()
    assert head == "NAME" + " " * 198 + " N"
    assert first == "a" * 200 + "   1"
    assert second == "b" + " " * 199 + "  22"


@settings(deadline=None)
@given(st.text())
def test_printable_text_has_no_control_characters(text: str) -> None:
    """Whatever comes in, only printable characters and line ends come out, one for one."""
    shown = words.printable(text)

    assert len(shown) == len(text)
    assert all(letter.isprintable() or letter == "\n" for letter in shown)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (5_300_000, "5.3 MB"), (2 * 10**9, "2.0 GB")],
)
def test_sizes_read_well(count: int, shown: str) -> None:
    """Bytes are shown in the unit that people expect."""
    assert words.size(count) == shown


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (None, "unknown"),
        ("0", "$0.00"),
        ("0.1", "$0.10"),
        ("0.300", "$0.30"),
        ("0.045", "$0.045"),
        ("11.250", "$11.25"),
        ("1E+2", "$100.00"),
        ("0.000001", "$0.000001"),
    ],
)
def test_money_has_one_form(usd: str | None, shown: str) -> None:
    """Dollars have their cents, and finer parts only where they are not zero."""
    assert words.money(None if usd is None else Decimal(usd)) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines")])
def test_one_is_no_plural(number: int, shown: str) -> None:
    """A number of things agrees with what they are."""
    assert words.counted(number, "line") == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0.0 s"), (59.94, "59.9 s"), (60, "1:00 min"), (125.7, "2:05 min")]
)
def test_durations_read_well(seconds: float, shown: str) -> None:
    """Seconds turn into minutes from sixty on."""
    assert words.duration(seconds) == shown


def test_lines_tell_changes_with_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Off a terminal each change is a line on stderr with the seconds since the start."""
    with Lines(Steps()) as progress:
        progress.state("QUEUED")
        progress.state("QUEUED")
        progress.state("QUEUED", of="other")
        progress.state("COMPLETED")

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "[   1.0 s] QUEUED",
        "[   2.0 s] other: QUEUED",
        "[   3.0 s] COMPLETED",
    ]


def test_a_long_file_is_told_now_and_then_with_its_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Off a terminal a file that takes long is a line every ten seconds; a short one is none."""
    with Lines(Steps()) as progress:  # each look at the clock takes a second
        for done in range(0, 13_000_000, 1_000_000):
            progress.received(done, 80_000_000)

    assert capsys.readouterr().err.splitlines() == [
        "[  11.0 s] received 9.0 MB of 80.0 MB, 1.0 MB/s"
    ]


def test_the_speed_of_the_next_file_is_its_own() -> None:
    """A count that falls back begins anew; a speed is told when there has been time for one."""
    arrival = Arrival()
    said = [arrival.words(0, None, 5.0), arrival.words(4_000_000, None, 7.0)]
    said += [arrival.words(10, 20, 8.0), arrival.words(20, 20, 10.0)]

    assert said == ["0 B", "4.0 MB, 2.0 MB/s", "10 B of 20 B", "20 B of 20 B, 5 B/s"]


def test_a_test_run_is_no_terminal() -> None:
    """Without a terminal the progress is plain lines, and nothing with --quiet."""
    assert isinstance(open_progress(), Lines)
    assert type(open_progress(quiet=True)) is Progress


def test_the_spinner_keeps_notes_and_survives_odd_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Notes stay on stderr whatever a server says, markup of the terminal library included."""
    with Spinner() as progress:
        progress.state("[bold]QUEUED[/]", of="[red]")
        progress.received(10, None)
        progress.received(10, 20)
        progress.note("[/] job \x1b[2J under way")

    said = capsys.readouterr()
    assert said.out == ""
    assert "[/] job \N{REPLACEMENT CHARACTER}[2J under way" in said.err


class Counted(Outcomes):
    """Outcomes that know how often they were counted."""

    times = 0

    def counts(self) -> dict[State, int]:
        """Count, once more."""
        self.times += 1
        return super().counts()


def test_a_bar_counts_the_lines_a_few_times_a_second() -> None:
    """A batch of many lines is not counted whole for each of them."""
    clock, outcomes = Steps(), Counted([])
    with Bar(10_000, clock) as bar:
        for _ in range(100):
            bar.show(outcomes)
            clock.sleep(BAR_EVERY_S / 10 - 1.0)  # a look took a second

    assert 10 <= outcomes.times <= 12
