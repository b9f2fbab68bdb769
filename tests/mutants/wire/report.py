"""The wire mutants as text, and the floor that only rises."""

from __future__ import annotations

import json
import math
from pathlib import Path

from tests.mutants.wire.trials import Score

__all__ = ["FLOOR", "floor", "raise_floor", "render"]

FLOOR = Path(__file__).with_name("floor.json")


def floor() -> float:
    """The share in percent below which no change may bring the spec."""
    return float(json.loads(FLOOR.read_text())["killed_percent"])


def raise_floor(score: Score, path: Path = FLOOR) -> float:
    """Write the share down, a tenth rounded down, when it is above the floor."""
    reached = math.floor(score.share * 10) / 10
    if reached > json.loads(path.read_text())["killed_percent"]:
        path.write_text(json.dumps({"killed_percent": reached}, indent=2) + "\n")
    return float(json.loads(path.read_text())["killed_percent"])


def render(score: Score) -> str:
    """The score, and each survivor with the keyword that is missing."""
    equal = sum(score.equal.values())
    counted = f"the spec alone kills {score.killed} of {score.made} wire mutants"
    return "\n".join(
        [
            f"{counted}: {score.share:.1f} % (floor {floor():g} %)",
            f"{equal} more keep to the documents; with them {score.share_of_all:.1f} %",
            *(f"  {number:4} {reason}" for reason, number in sorted(score.equal.items())),
            *dict.fromkeys(str(survivor) for survivor in score.survivors),
        ]
    )
