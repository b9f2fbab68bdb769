"""`python -m changes`: what changed since the last release, and which version that makes."""

# ruff: noqa: T201 (a command: its work is to print)

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from changes import changelog, operations, python, rulings
from changes.findings import Change, Level
from changes.history import HistoryError, check, export, last_release
from changes.second_opinion import Opinion, ask
from changes.surface import surface
from changes.versions import Version, disagreements, proposed
from codegen.document import SpecError, load

__all__ = ["main"]

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a run found.

    Args:
        since: What was compared with; None before the first release.
        released: Its version.
        gateway: What changed in the spec and its rulings.
        python: What changed for Python callers.
        problems: What does not fit.
        opinion: What redocly says of the spec, when it was asked.
    """

    since: str | None
    released: Version | None
    gateway: tuple[Change, ...]
    python: tuple[Change, ...]
    problems: tuple[str, ...]
    opinion: Opinion | None = None

    @property
    def level(self) -> Level | None:
        """The gravest change."""
        return max((change.level for change in self.gateway + self.python), default=None)


def main(words: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 all fits, 1 something does not, 2 there is nothing to compare with.

    Args:
        words: The arguments; None takes them from the process.
    """
    given = _arguments(words)
    try:
        answer = look(given.root, given.since, redocly=given.redocly)
    except (HistoryError, SpecError, OSError) as error:
        print(f"changes: {error}", file=sys.stderr)
        return 2
    if given.write:
        page = given.root / "CHANGELOG.md"
        made = changelog.lines(answer.gateway)
        page.write_text(changelog.written(page.read_text("utf-8"), made), "utf-8", newline="\n")
    print(_document(answer) if given.json else _report(answer))
    for problem in answer.problems:
        print(f"changes: {problem}", file=sys.stderr)
    return 1 if answer.problems else 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m changes", description=__doc__)
    parser.add_argument("--since", metavar="REF", help="a commit, or a folder with spec/ and src/")
    parser.add_argument("--write", action="store_true", help="write the changelog's Gateway lines")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--redocly", metavar="PROGRAM", help="ask redocly for a second opinion")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
    return parser.parse_args(words)


def look(root: Path, since: str | None = None, *, redocly: str | None = None) -> Answer:
    """Return what changed and whether the versions fit.

    Args:
        root: The repository.
        since: A commit or a folder to compare with; the last release by default.
        redocly: The executable to ask for a second opinion.

    Raises:
        HistoryError: There is nothing to compare with, although there should be.
        SpecError: One of the documents cannot be read.
    """
    sections = changelog.sections((root / "CHANGELOG.md").read_text("utf-8"))
    if not sections:
        raise HistoryError("CHANGELOG.md has no section; begin one: ## 0.1.0 (unreleased)")
    spec = _spec(root)
    named = _named(root, spec, sections)
    since = since or last_release(root)
    if since is None:
        _check_first(sections)
        return Answer(None, None, (), (), tuple(disagreements(named, None, None)))
    with TemporaryDirectory() as folder:
        old = Path(since) if Path(since).is_dir() else Path(folder)
        if old == Path(folder):
            export(root, since, old)
        check(old, since)
        before = _spec(old)
        texts = (_text(place / "spec" / "RULINGS.md") for place in (old, root))
        gateway = (*operations.compare(before, spec), *rulings.compare(*texts))
        callers = tuple(python.compare(surface(old), surface(root)))
        documents = (place / "spec" / "openapi.yaml" for place in (old, root))
        opinion = ask(redocly, *documents) if redocly else None
    released = _released(before, since)
    level = max((change.level for change in gateway + callers), default=None)
    problems = tuple(disagreements(named, released, level))
    return Answer(since, released, gateway, callers, problems, opinion)


def _check_first(sections: Sequence[changelog.Section]) -> None:
    for section in sections:
        if section.released:
            raise HistoryError(
                f"CHANGELOG.md tells of the release {section.version}, but there is no tag"
                f" v{section.version}; run: git fetch --tags"
            )


def _spec(root: Path) -> Mapping[str, Any]:
    return load(root / "spec" / "openapi.yaml").root


def _released(spec: Mapping[str, Any], since: str) -> Version:
    try:
        return Version.read(str(spec["info"]["version"]))
    except ValueError as error:
        raise HistoryError(f"info.version of {since}: {error}") from error


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _named(
    root: Path, spec: Mapping[str, Any], sections: Sequence[changelog.Section]
) -> dict[str, str]:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "spec/openapi.yaml info.version": str(spec["info"]["version"]),
        "pyproject.toml project.version": str(project["version"]),
        "CHANGELOG.md's newest section": sections[0].version,
    }


def _report(answer: Answer) -> str:
    if answer.since is None:
        return "nothing was released yet, so nothing is compared"
    lines = [f"since {answer.since}"]
    for title, found in (("gateway", answer.gateway), ("python", answer.python)):
        lines.append(f"{title}: {len(found)} changes")
        lines += [f"  {change}" for change in found]
    lines += _second(answer)
    if answer.released is not None:
        level = "no change" if answer.level is None else answer.level.name.lower()
        following = proposed(answer.released, answer.level)
        lines.append(f"{level}: after {answer.released} comes {following} at least")
    return "\n".join(lines)


def _second(answer: Answer) -> list[str]:
    """Return what redocly says: its rating, and what it finds graver than we do."""
    opinion = answer.opinion
    if opinion is None:
        return []
    if opinion.level is None:
        return ["redocly: no change"]
    ours = max((change.level for change in answer.gateway), default=None)
    graver = ours is None or opinion.level > ours
    details = [f"  graver than ours: {text}" for text in opinion.graver] if graver else []
    return [f"redocly: {opinion.level.name.lower()}", *details]


def _document(answer: Answer) -> str:
    following = answer.released and proposed(answer.released, answer.level)
    found = {
        title: [
            {
                "level": change.level.name.lower(),
                "place": change.place,
                "what": change.what,
                "reason": change.reason,
                "told": change.told,
            }
            for change in changes
        ]
        for title, changes in (("gateway", answer.gateway), ("python", answer.python))
    }
    return json.dumps(
        {
            "since": answer.since,
            "released": answer.released and str(answer.released),
            "proposed": following and str(following),
            **found,
            "redocly": answer.opinion and _second(answer),
            "problems": list(answer.problems),
        },
        indent=2,
        ensure_ascii=False,
    )


if __name__ == "__main__":
    sys.exit(main())
