"""Outlines that scenes are drawn from, in units of the picture (0 to 1)."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

__all__ = ["Outline", "crests", "dunes", "firs", "ridge", "skyline", "waves"]

Point = tuple[float, float]
Outline = list[Point]
Land = Callable[[random.Random, float, float], Outline]


def ridge(chance: random.Random, level: float, relief: float) -> Outline:
    """A mountain ridge around `level`, as rough as `relief`: midpoint displacement."""
    heights = [level + chance.uniform(-relief, relief) * 0.5 for _ in range(3)]
    step = relief
    while len(heights) < 129:
        step *= 0.52
        finer: list[float] = []
        for left, right in itertools.pairwise(heights):
            finer += [left, (left + right) / 2 + chance.uniform(-step, step)]
        heights = [*finer, heights[-1]]
    last = len(heights) - 1
    return [(index / last, height) for index, height in enumerate(heights)]


def dunes(chance: random.Random, level: float, relief: float) -> Outline:
    """Long smooth hills."""
    swell = [
        (chance.uniform(0.4, 1.6), chance.uniform(0, math.tau), relief * share)
        for share in (0.6, 0.3, 0.12)
    ]
    return _curve(lambda x: level + sum(a * math.sin(math.tau * f * x + p) for f, p, a in swell))


def crests(chance: random.Random, level: float, relief: float) -> Outline:
    """Pointed crests, leaning like dunes in the wind."""
    frequency, phase = chance.uniform(0.7, 1.9), chance.uniform(0, 1)

    def height(x: float) -> float:
        turn = (x * frequency + phase) % 1
        rise = turn / 0.68 if turn < 0.68 else (1 - turn) / 0.32
        return level + relief * (0.5 - math.pow(rise, 1.7))

    return _curve(height)


def waves(chance: random.Random, level: float, relief: float) -> Outline:
    """Water: many small waves."""
    frequency, phase = chance.uniform(5, 11), chance.uniform(0, math.tau)
    slow = chance.uniform(0.8, 2)
    return _curve(
        lambda x: (
            level
            + relief * 0.16 * abs(math.sin(math.tau * frequency / 2 * x + phase))
            + relief * 0.22 * math.sin(math.tau * slow * x + phase)
        ),
        points=240,
    )


def firs(chance: random.Random, level: float, relief: float) -> Outline:
    """A row of fir trees on a slope."""
    ground = dunes(chance, level + relief * 0.3, relief * 0.5)
    outline: Outline = []
    x = -0.02
    while x < 1.02:
        width = chance.uniform(0.012, 0.03) * (0.6 + relief * 4)
        base = _at(ground, x)
        height = width * chance.uniform(2.6, 4.4)
        outline.append((x, base))
        for tier in range(3):
            low, high = tier / 3, (tier + 1) / 3
            spread = width * (0.5 - low * 0.42)
            outline.append((x + width / 2 - spread, base - height * low * 0.9))
            if tier < 2:
                outline.append((x + width / 2 - spread * 0.55, base - height * high * 0.9))
        outline.append((x + width / 2, base - height))
        for tier in reversed(range(3)):
            low, high = tier / 3, (tier + 1) / 3
            spread = width * (0.5 - low * 0.42)
            if tier < 2:
                outline.append((x + width / 2 + spread * 0.55, base - height * high * 0.9))
            outline.append((x + width / 2 + spread, base - height * low * 0.9))
        x += width * chance.uniform(0.55, 1.1)
    return outline


def skyline(chance: random.Random, level: float, relief: float) -> Outline:
    """Roofs of a city, some with a spire."""
    outline: Outline = []
    x = -0.01
    while x < 1.01:
        width = chance.uniform(0.03, 0.09)
        top = level + relief * 0.5 - chance.random() ** 1.6 * relief * 1.7
        outline += [(x, top), (x + width * 0.46, top)]
        if chance.random() < 0.3:
            outline += [(x + width * 0.5, top - relief * chance.uniform(0.15, 0.45))]
        outline += [(x + width * 0.54, top), (x + width, top)]
        x += width
    return outline


def _curve(height: Callable[[float], float], points: int = 160) -> Outline:
    return [(index / points, height(index / points)) for index in range(points + 1)]


def _at(outline: Outline, x: float) -> float:
    index = min(len(outline) - 1, max(0, round(x * (len(outline) - 1))))
    return outline[index][1]
