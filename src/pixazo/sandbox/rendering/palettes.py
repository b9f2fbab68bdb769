"""Colours that go well together, chosen by words and chance."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["PALETTES", "Colour", "Palette", "choose_palette", "mix"]

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """A sky from top to horizon, a light, and land from far to near."""

    name: str
    sky: tuple[Colour, ...]
    light: Colour
    far: Colour
    near: Colour
    words: frozenset[str]


def _colour(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _palette(name: str, sky: str, light: str, far: str, near: str, words: str) -> Palette:
    return Palette(
        name=name,
        sky=tuple(_colour(c) for c in sky.split()),
        light=_colour(light),
        far=_colour(far),
        near=_colour(near),
        words=frozenset(words.split()),
    )


PALETTES = (
    _palette("dusk", "1b1b3a 53354a 903749 e8715c ffb26b", "ffe3a3", "a8486a", "1d1330",
             "sunset dusk evening warm romantic red wine rose"),
    _palette("dawn", "3f5e96 7f9cc9 f2c6b4 ffe2c9", "fff4dd", "b08ea6", "26304f",
             "dawn morning sunrise soft pastel pink spring"),
    _palette("noon", "2f7fc1 6db4e3 bfe3f2 eef8f6", "fffbe6", "8fbfb0", "1f5a4a",
             "day noon blue sky clear summer beach bright sunny"),
    _palette("forest", "b9d8c2 d9ead3 f3f3df", "fffce8", "8fb39a", "12372a",
             "forest tree trees moss mossy jungle rainforest green garden leaf leaves tiger"),
    _palette("night", "060b22 0f1a3d 1e2f63 3c4f8c", "f4f1da", "3a4d86", "05081a",
             "night moon star stars space dark midnight galaxy neon city"),
    _palette("desert", "e08e45 f2b872 f8d9a0 fbeecb", "fff6d8", "d98b5f", "5a2a1f",
             "desert sand dune dunes africa savanna lion camel gold golden autumn fall"),
    _palette("ice", "5a7fa8 9fc2d9 d7e9f0 f6fbfc", "ffffff", "a9c6d8", "2b4560",
             "snow ice winter cold frozen snowy arctic glacier white peaks"),
    _palette("aurora", "071226 0b2f3f 11605f 3fb58b a8e6b0", "e9fff0", "14606a", "04121f",
             "aurora magic dream fantasy teal northern glow"),
    _palette("plum", "2d1b46 5b2a6e a23f86 f07c9b ffc2b4", "fff0d9", "8c3f80", "1c0f30",
             "purple violet fashion portrait flower flowers synthwave retro"),
    _palette("ink", "e9e4d8 f3efe6 faf8f2", "d8452e", "b3b8b6", "1e2a30",
             "ink paper sketch drawing minimal calm japan zen line poster text"),
)  # fmt: skip


def choose_palette(words: set[str], chance: random.Random) -> Palette:
    """The palette that the words ask for, or any."""
    hits = [(len(p.words & words), p) for p in PALETTES]
    most = max(count for count, _ in hits)
    return chance.choice([p for count, p in hits if count == most])


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of `other` in `one`: 0 is `one`, 1 is `other`."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )
