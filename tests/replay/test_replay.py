"""Every cassette, played to the public client in both colours, ends as it was recorded."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.deck.tapes import CASSETTES, forget, paths, read_tape


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("path", paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_ends_as_recorded(path: Path, colour: str, player, tmp_path: Path) -> None:
    """The same steps see the same states and end with the same media or the same error."""
    ending = player.play(path, tmp_path, colour)

    assert ending == read_tape(path).journey["ends"]


@pytest.mark.slow
@pytest.mark.timeout(120)  # computing is measured; a busy machine makes it wait
def test_every_cassette_plays_in_five_seconds(player, tmp_path: Path) -> None:
    """All of them, in both colours, take under five seconds of computing and wait for nothing."""
    forget()
    began = time.process_time()

    for number, path in enumerate(paths()):
        for colour in ("sync", "async"):
            player.play(path, tmp_path / f"{number}-{colour}", colour)

    assert time.process_time() - began < 5
    assert player.clock.slept_s > 600


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_recording_from_afar_plays_offline(colour: str, player, tmp_path: Path) -> None:
    """Public hosts, with media on another one, are played without looking a name up."""
    near = CASSETTES / "qwen-image-max" / "completed-full.yaml"
    text = near.read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8787", "https://gateway.example.com")
    text = text.replace("http://127.0.0.1:8788", "https://media.example.com")
    far = tmp_path / "qwen-image-max" / "gateway-completed-full.yaml"
    far.parent.mkdir()
    far.write_text(text, encoding="utf-8")
    shutil.copytree(CASSETTES / "media", tmp_path / "media")

    ending = player.play(far, tmp_path / "out", colour)

    assert ending == read_tape(near).journey["ends"]
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 2
