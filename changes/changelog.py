"""CHANGELOG.md: its sections, and the lines on the gateway that are made from the changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from changes.findings import Change, Level

__all__ = ["Section", "lines", "sections", "written"]

BEGIN = "<!-- made by: python -m changes --write -->"
END = "<!-- end -->"
_HEAD = re.compile(r"^## (\S+)(?: \(([^)]*)\))?[ \t]*$", re.MULTILINE)
_MADE = re.compile(rf"{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", re.DOTALL)
_GATEWAY = re.compile(r"^### Gateway[ \t]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What a version's section says at its head.

    Args:
        version: The version.
        when: The words in brackets: a date, or `unreleased`.
        start: Where its text begins, behind the heading.
        end: Where it ends.
    """

    version: str
    when: str
    start: int
    end: int

    @property
    def released(self) -> bool:
        """Whether it tells of a release that was made."""
        return self.when != "unreleased"


def sections(text: str) -> list[Section]:
    """Return the sections of a changelog, newest first."""
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        Section(head[1], head[2] or "", head.end() + 1, end)
        for head, end in zip(heads, ends, strict=True)
    ]


def lines(changes: Iterable[Change]) -> list[str]:
    """Return a line of Markdown for every change that callers want to know, breaks first."""
    told = sorted((change for change in changes if change.told), key=lambda change: -change.level)
    return [
        f"- {'**Breaking:** ' if change.level is Level.MAJOR else ''}"
        f"`{change.place}`: {change.what}."
        for change in told
    ]


def written(text: str, made: Iterable[str]) -> str:
    """Return a changelog whose newest section tells of the changes under `### Gateway`.

    What people wrote there stays; what was made before is replaced.

    Args:
        text: The changelog.
        made: The lines.
    """
    newest = sections(text)[0]
    body = text[newest.start : newest.end]
    block = "".join(f"{line}\n" for line in made)
    block = f"{BEGIN}\n{block}{END}\n" if block else ""
    if _MADE.search(body):
        body = _MADE.sub(lambda _: block, body, count=1)
    elif block and _GATEWAY.search(body):
        body = _GATEWAY.sub(lambda head: head[0] + block, body, count=1)
    elif block:
        body = f"\n### Gateway\n{block}{body}"
    return text[: newest.start] + body + text[newest.end :]
