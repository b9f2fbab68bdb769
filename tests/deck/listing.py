"""Findings as people read them: equal ones once, with every place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Finding", "grouped"]

MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """Something on a cassette that is not as it should be.

    Args:
        place: The cassette and line, `cassettes/qwen-image-max/completed.yaml:41`.
        what: What was seen there.
        rule: What it breaks, with its place in the spec.
        advice: What to do next.
    """

    place: str
    what: str
    rule: str
    advice: str = ""


def grouped(findings: Iterable[Finding]) -> Iterator[str]:
    """Return a block of text for each kind of finding, the most frequent first."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for finding in findings:
        groups.setdefault((finding.what, finding.rule, finding.advice), []).append(finding.place)
    for (what, rule, advice), places in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0])):
        shown = places[:MOST_PLACES]
        lines = [f"{what}  [{len(places)} times]" if len(places) > 1 else what, f"  breaks: {rule}"]
        lines += [f"  at {place}" for place in shown]
        if len(places) > len(shown):
            lines.append(f"  and {len(places) - len(shown)} more")
        yield "\n".join([*lines, *([f"  next: {advice}"] if advice else [])])
