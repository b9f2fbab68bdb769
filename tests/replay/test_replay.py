"""Every cassette, played to the public client in both colours, ends as it was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deck.tapes import paths, read_tape


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("path", paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_ends_as_recorded(path: Path, colour: str, player, tmp_path: Path) -> None:
    """The same steps see the same states and end with the same media or the same error."""
    ending = player.play(path, tmp_path, colour)

    assert ending == read_tape(path).journey["ends"]
