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
from changes.history import RECORDED, HistoryError, Past, find, record, stale
from changes.second_opinion import Opinion, ask
from changes.surface import surface
from changes.versions import Version, disagreements, proposed
from codegen.document import SpecError, load, text_of

__all__ = ["main"]

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a run found.

    Args:
        since: What was compared with; None before the first release.
        released: Its version.
        gateway: What changed in the spec and its rulings.
        python: What changed for Python callers; None where their past is not known.
        problems: What does not fit.
        opinion: What redocly says of the spec, when it was asked.
    """

    since: str | None
    released: Version | None
    gateway: tuple[Change, ...]
    python: tuple[Change, ...] | None
    problems: tuple[str, ...]
    opinion: Opinion | None = None

    @property
    def level(self) -> Level | None:
        """The gravest change."""
        return _gravest(self.gateway, self.python)


def main(words: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 all fits, 1 something does not, 2 there is nothing to compare with.

    Args:
        words: The arguments; None takes them from the process.
    """
    given = _arguments(words)
    try:
        if given.record:
            return _record(given.root, given.since)
        answer = look(given.root, given.since, redocly=given.redocly)
    except (HistoryError, SpecError, OSError) as error:
        print(f"changes: {error}", file=sys.stderr)
        return 2
    if given.write:
        page = given.root / "CHANGELOG.md"
        made = changelog.lines(answer.gateway if answer.released else ())
        page.write_text(changelog.written(page.read_text("utf-8"), made), "utf-8", newline="\n")
    print(_document(answer) if given.json else _report(answer))
    for problem in answer.problems:
        print(f"changes: {problem}", file=sys.stderr)
    return 1 if answer.problems else 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m changes", description=__doc__)
    parser.add_argument("--since", metavar="REF", help="a commit, or a folder with spec/ and src/")
    parser.add_argument("--record", action="store_true", help="keep that spec to compare with")
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
    with TemporaryDirectory() as folder:
        past = find(root, since, Path(folder))
        _check_told(past, sections)
        if past is None:
            return Answer(None, None, (), (), tuple(disagreements(named, None, None)))
        before = _spec(past.spec)
        texts = (text_of(place / "spec" / "RULINGS.md") for place in (past.spec, root))
        gateway = (*operations.compare(before, spec), *rulings.compare(*texts))
        callers = _callers(past, root)
        documents = (place / "spec" / "openapi.yaml" for place in (past.spec, root))
        opinion = ask(redocly, *documents) if redocly else None
        outdated = stale(past, root)
    released = _released(before, past, sections)
    problems = disagreements(named, released, _gravest(gateway, callers))
    told = _told(before, past, released)
    return Answer(told, released, gateway, callers, (*problems, *outdated), opinion)


def _record(root: Path, since: str | None) -> int:
    with TemporaryDirectory() as folder:
        past = find(root, since, Path(folder)) if since is not None else None
        record(past.spec if past else root, root)
    print(f"recorded the spec of {since or 'the work tree'} in {RECORDED.as_posix()}")
    return 0


def _callers(past: Past, root: Path) -> tuple[Change, ...] | None:
    if past.packages is None:
        return None
    return tuple(python.compare(surface(past.packages), surface(root)))


def _gravest(gateway: Sequence[Change], callers: Sequence[Change] | None) -> Level | None:
    return max((change.level for change in (*gateway, *(callers or ()))), default=None)


def _check_told(past: Past | None, sections: Sequence[changelog.Section]) -> None:
    """Check that the changelog tells of no release that there is neither a tag nor a copy of."""
    if past is not None and past.name != RECORDED.as_posix():
        return
    kept = str(_spec(past.spec)["info"]["version"]) if past else None
    newest = next((section.version for section in sections if section.released), kept)
    if newest != kept:
        there = f"{RECORDED.as_posix()} holds {kept}" if kept else "nothing is recorded"
        raise HistoryError(
            f"CHANGELOG.md tells of the release {newest}, but there is no tag v{newest} and"
            f" {there}; run: git fetch --unshallow --tags, or git fetch --tags in a full clone"
        )


def _told(before: Mapping[str, Any], past: Past, released: Version | None) -> str:
    """Return what was compared with, in words."""
    if past.name != RECORDED.as_posix():
        return past.name
    still = "" if released else ", which is not released yet"
    return f"the recorded spec {before['info']['version']}{still} ({past.name})"


def _spec(root: Path) -> Mapping[str, Any]:
    return load(root / "spec" / "openapi.yaml").root


def _released(
    spec: Mapping[str, Any], past: Past, sections: Sequence[changelog.Section]
) -> Version | None:
    """Return the version that was released; None when what was recorded is still to be."""
    try:
        version = Version.read(str(spec["info"]["version"]))
    except ValueError as error:
        raise HistoryError(f"info.version of {past.name}: {error}") from error
    told = {section.version for section in sections if section.released}
    return None if past.name == RECORDED.as_posix() and str(version) not in told else version


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
        if found is None:
            lines.append(f"{title}: not compared, this clone lacks the history")
            continue
        lines.append(f"{title}: {len(found)} change{'' if len(found) == 1 else 's'}")
        lines += [f"  {change}" for change in found]
    lines += _second(answer)
    level = "no change" if answer.level is None else answer.level.name.lower()
    if answer.released is None:
        lines.append(f"{level}: nothing is released yet, so no version is asked for")
    else:
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
    return json.dumps(
        {
            "since": answer.since,
            "released": answer.released and str(answer.released),
            "proposed": following and str(following),
            "gateway": _entries(answer.gateway),
            "python": None if answer.python is None else _entries(answer.python),
            "redocly": answer.opinion and _second(answer),
            "problems": list(answer.problems),
        },
        indent=2,
        ensure_ascii=False,
    )


def _entries(changes: Sequence[Change]) -> list[dict[str, object]]:
    return [
        {
            "level": change.level.name.lower(),
            "place": change.place,
            "what": change.what,
            "reason": change.reason,
            "told": change.told,
        }
        for change in changes
    ]


if __name__ == "__main__":
    sys.exit(main())
