"""A picture as a plan: what stands where, in which colour, before anything is drawn."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass

from pixazo.sandbox.rendering import shapes
from pixazo.sandbox.rendering.palettes import Colour, Palette, choose_palette, mix

__all__ = ["Disc", "Plane", "Scene", "plan_scene"]


@dataclass(frozen=True, slots=True)
class Disc:
    """Something round: sun, moon, star, light on water; sizes in shares of the shorter side.

    `glow` is the reach of the halo in radii.
    """

    x: float
    y: float
    radius: float
    colour: Colour
    glow: float = 0


@dataclass(frozen=True, slots=True)
class Plane:
    """Land or water, filled from its outline down to the lower edge."""

    outline: shapes.Outline
    colour: Colour
    lights: tuple[Disc, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Sky, lights in the sky, and planes from far to near."""

    palette: Palette
    lights: tuple[Disc, ...]
    planes: tuple[Plane, ...]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MOTIFS: dict[str, tuple[tuple[shapes.Land, ...], frozenset[str]]] = {
    "mountains": (
        (shapes.ridge, shapes.ridge, shapes.ridge, shapes.dunes, shapes.firs),
        _set("mountain mountains peak peaks alpine valley waterfall rock cliff snow"),
    ),
    "lake": (
        (shapes.ridge, shapes.ridge, shapes.firs, shapes.waves, shapes.waves),
        _set("lake river canoe boat reflection reflected water fishing pond"),
    ),
    "sea": (
        (shapes.dunes, shapes.waves, shapes.waves, shapes.waves, shapes.crests),
        _set("sea ocean beach wave waves ship island harbour harbor sailing coast"),
    ),
    "desert": (
        (shapes.crests, shapes.crests, shapes.dunes, shapes.crests),
        _set("desert sand dune dunes camel savanna lion mars planet"),
    ),
    "forest": (
        (shapes.dunes, shapes.firs, shapes.firs, shapes.firs, shapes.firs),
        _set("forest tree trees tiger bear jungle rainforest moss fox deer wood"),
    ),
    "city": (
        (shapes.ridge, shapes.skyline, shapes.skyline, shapes.skyline),
        _set("city street car highway building neon shop tower office train road"),
    ),
}


def plan_scene(subject: str, mood: str, seed: int = 0) -> Scene:
    """The scene of a request.

    Args:
        subject: decides shapes (the prompt, or the input picture of an edit).
        mood: decides colours (the prompt).
        seed: another seed, another picture.
    """
    shape_chance, colour_chance = _chance("shape", subject, seed), _chance("colour", mood, seed)
    palette = choose_palette(_words(mood), colour_chance)
    lands = _lands(_words(subject), shape_chance)
    sun = _sun(palette, shape_chance)
    stars = _stars(palette, shape_chance) if _is_dark(palette) else ()
    return Scene(palette, (*stars, sun), _planes(lands, palette, sun, shape_chance))


def _chance(purpose: str, text: str, seed: int) -> random.Random:
    digest = hashlib.sha256(f"{purpose}\0{seed}\0{text}".encode("utf-8", "replace")).digest()
    return random.Random(digest)  # noqa: S311 - the same request must give the same picture


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()[:4000]))


def _lands(words: set[str], chance: random.Random) -> tuple[shapes.Land, ...]:
    hits = {name: len(asked & words) for name, (_, asked) in MOTIFS.items()}
    most = max(hits.values())
    return MOTIFS[chance.choice([name for name, count in hits.items() if count == most])][0]


def _is_dark(palette: Palette) -> bool:
    return sum(palette.sky[0]) < 150


def _sun(palette: Palette, chance: random.Random) -> Disc:
    return Disc(
        x=chance.uniform(0.18, 0.82),
        y=chance.uniform(0.16, 0.42),
        radius=chance.uniform(0.05, 0.13),
        colour=palette.light,
        glow=4.2,
    )


def _stars(palette: Palette, chance: random.Random) -> tuple[Disc, ...]:
    return tuple(
        Disc(
            x=chance.random(),
            y=chance.random() ** 1.5 * 0.6,
            radius=chance.uniform(0.0007, 0.0022),
            colour=mix(palette.sky[0], palette.light, chance.uniform(0.35, 1)),
        )
        for _ in range(140)
    )


def _planes(
    lands: tuple[shapes.Land, ...], palette: Palette, sun: Disc, chance: random.Random
) -> tuple[Plane, ...]:
    planes: list[Plane] = []
    horizon = chance.uniform(0.44, 0.56)
    for index, land in enumerate(lands):
        share = index / (len(lands) - 1)
        level = horizon + (0.94 - horizon) * share**1.15
        relief = 0.2 - 0.09 * share
        base = mix(palette.far, palette.sky[0], 0.6) if land is shapes.waves else palette.far
        colour = mix(mix(base, palette.sky[-1], 0.35 * (1 - share)), palette.near, share * 0.96)
        outline = land(chance, level, relief)
        planes.append(Plane(outline, colour, _lights(land, level, sun, palette, chance)))
    return tuple(planes)


def _lights(
    land: shapes.Land, level: float, sun: Disc, palette: Palette, chance: random.Random
) -> tuple[Disc, ...]:
    if land is shapes.waves:
        return tuple(
            Disc(sun.x + chance.gauss(0, 0.05), level + chance.uniform(0.03, 0.14), 0.003,
                 mix(palette.light, palette.near, chance.uniform(0.05, 0.5)))
            for _ in range(40)
        )  # fmt: skip
    if land is shapes.skyline and _is_dark(palette):
        return tuple(
            Disc(round(chance.random(), 2), round(level + chance.uniform(0.12, 0.5), 2), 0.0022,
                 mix(palette.light, (255, 196, 92), chance.random()))
            for _ in range(90)
        )  # fmt: skip
    return ()
