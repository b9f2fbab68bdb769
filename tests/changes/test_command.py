"""`python -m changes` over a repository with a history."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.changes.conftest import ROOT, Repository, Told

SPEC = "spec/openapi.yaml"
PAGE = "CHANGELOG.md"


def lower(repository: Repository) -> None:
    """Make one breaking change of the spec."""
    repository.edit(SPEC, "          maximum: 4\n", "          maximum: 3\n")


def test_before_the_first_release_only_the_versions_count(
    repository: Repository, told: Told
) -> None:
    """Without a tag nothing is compared, and that is said; three versions that agree are fine."""
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "begin")

    code, out, err = told()

    assert (code, err) == (0, "")
    assert out == "nothing was released yet, so nothing is compared\n"


def test_this_repository_names_one_version() -> None:
    """Spec, package and changelog agree here and now, and a spec is recorded."""
    spec, project, page = (
        (ROOT / name).read_text("utf-8") for name in (SPEC, "pyproject.toml", PAGE)
    )

    said = [
        re.search(pattern, text, re.MULTILINE)
        for pattern, text in (
            (r"^  version: (\S+)$", spec),
            (r'^version = "(\S+)"$', project),
            (r"^## (\S+)", page),
        )
    ]

    assert len({found[1] for found in said if found}) == 1
    assert all(said)
    assert (ROOT / "changes" / "recorded" / SPEC).is_file()


RECORDED = "the recorded spec 0.1.0"


def test_a_recorded_spec_is_compared_with_before_the_first_release(
    repository: Repository, told: Told
) -> None:
    """Without a tag the recorded spec and the packages of its time count; no version is asked."""
    repository.record()
    repository.edit("src/pixazo/results.py", "class Media:", "class Medium:")
    first = told()
    lower(repository)
    second = told("--write")

    assert (first[0], second[0], second[2]) == (0, 0, "")
    assert f"since {RECORDED}, which is not released yet (changes/recorded)" in first[1]
    assert "gateway: 0 changes" in first[1]
    assert "pixazo.Media: removed" in first[1]
    assert "major  qwen-image-max-edit.num_images: maximum 4 → 3" in second[1]
    assert "major: nothing is released yet, so no version is asked for" in second[1]
    assert "Breaking" not in (repository.path / PAGE).read_text("utf-8")


def test_versions_that_disagree_fail_without_any_tag(repository: Repository, told: Told) -> None:
    """Where only the recorded spec is there, spec, package and changelog still name one version."""
    repository.record()
    repository.edit("pyproject.toml", '"0.1.0"', '"0.2.0"')

    code, _, err = told()

    assert code == 1
    assert "the versions disagree" in err


@pytest.mark.parametrize("clone", ["shallow", "without history"])
def test_a_clone_without_the_tag_falls_back_to_the_recorded_spec(
    repository: Repository, told: Told, clone: str
) -> None:
    """What was released is known from its copy; that Python was not compared is said."""
    repository.edit(PAGE, "(unreleased)", "(2026-12-01)")
    repository.record()
    repository.release("0.1.0")
    if clone == "shallow":
        (repository.path / ".git" / "shallow").write_text(repository.git("rev-parse", "HEAD"))
    else:
        shutil.rmtree(repository.path / ".git")
    lower(repository)

    code, out, err = told()

    assert code == 1
    assert out.startswith(f"since {RECORDED} (changes/recorded)\n")
    assert "python: not compared, this clone lacks the history" in out
    assert "after 0.1.0 comes 0.2.0 at least" in out
    assert err.count("ask for 0.2.0; raise it") == 3


def test_a_record_that_is_not_the_release_is_told_and_mended(
    repository: Repository, told: Told
) -> None:
    """A copy that was forgotten or edited fails beside the tag, with the command that mends it."""
    repository.record()
    lower(repository)
    repository.release("0.1.0")

    stale = told()
    mended = told("--since", "v0.1.0", "--record")
    after = told()

    assert stale[0] == 1
    assert "run: python -m changes --since v0.1.0 --record" in stale[2]
    assert mended[:2] == (0, "recorded the spec of v0.1.0 in changes/recorded\n")
    assert (after[0], after[2]) == (0, "")


def test_a_release_that_was_never_recorded_is_no_silent_pass(
    repository: Repository, told: Told
) -> None:
    """A changelog that tells of a later release than the copy is from ends with 2."""
    repository.record()
    repository.rename("0.1.0", "0.2.0", head="2026-12-01")
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "release")

    code, _, err = told()

    assert code == 2
    assert "tells of the release 0.2.0" in err
    assert "changes/recorded holds 0.1.0; run: git fetch" in err


@pytest.mark.parametrize(
    ("path", "old", "new", "who"),
    [
        (SPEC, " version: 0.1.0\n", " version: 0.2.0\n", "spec/openapi.yaml info.version says"),
        ("pyproject.toml", '"0.1.0"', '"0.2.0"', "pyproject.toml project.version says"),
        (PAGE, "## 0.1.0", "## 0.2.0", "CHANGELOG.md's newest section says"),
    ],
)  # fmt: skip
def test_versions_that_disagree_fail(
    repository: Repository, told: Told, path: str, old: str, new: str, who: str
) -> None:
    """Spec, package and changelog name one version; who names another is told."""
    repository.release("0.1.0")
    repository.edit(path, old, new)

    code, _, err = told()

    assert code == 1
    assert "the versions disagree" in err
    assert f"{who} 0.2.0" in err


def test_a_release_itself_has_no_change(repository: Repository, told: Told) -> None:
    """At the tag nothing has changed and the version stays."""
    repository.release("0.1.0")

    code, out, err = told()

    assert (code, err) == (0, "")
    assert "no change: after 0.1.0 comes 0.1.0 at least" in out


def test_a_break_asks_for_another_version(repository: Repository, told: Told) -> None:
    """A breaking change under the released version fails with the version that it asks for."""
    repository.release("0.1.0")
    lower(repository)

    code, out, err = told()

    assert code == 1
    assert "major  qwen-image-max-edit.num_images: maximum 4 → 3" in out
    assert "after 0.1.0 comes 0.2.0 at least" in out
    assert err.count("ask for 0.2.0; raise it") == 3


def test_the_version_that_is_asked_for_is_fine(repository: Repository, told: Told) -> None:
    """Once all three say the proposed version, or a higher one, nothing fails."""
    repository.release("0.1.0")
    lower(repository)
    repository.rename("0.1.0", "0.2.0")

    first = told()[0]
    repository.rename("0.2.0", "1.0.0")

    assert (first, told()[0]) == (0, 0)


def test_the_newest_release_counts(repository: Repository, told: Told) -> None:
    """Of several tags the highest version is compared with: 0.10.0 is newer than 0.9.0."""
    repository.release("0.1.0")
    repository.rename("0.1.0", "0.9.0")
    repository.release("0.9.0")
    repository.rename("0.9.0", "0.10.0")
    repository.release("0.10.0")

    assert told()[1].startswith("since v0.10.0\n")


def test_the_changelog_gets_its_lines(repository: Repository, told: Told) -> None:
    """--write puts the lines under Gateway, breaks marked, and leaves what people wrote."""
    repository.release("0.1.0")
    repository.rename("0.1.0", "0.2.0")
    lower(repository)
    repository.edit(SPEC, "usd: '0.055'", "usd: '0.05'")
    repository.edit(SPEC, "summary: Edit a picture with Qwen Image Max", "summary: Edit")

    code, _, _ = told("--write")
    once = (repository.path / PAGE).read_text("utf-8")
    told("--write")

    assert code == 0
    assert once == (repository.path / PAGE).read_text("utf-8")
    assert once == (
        "# Changelog\n\n## 0.2.0 (unreleased)\n\n### Gateway\n"
        "<!-- made by: python -m changes --write -->\n"
        "- **Breaking:** `qwen-image-max-edit.num_images`: maximum 4 → 3.\n"
        "- `qwen-image-edit-plus-lora`: price $0.055 → $0.05.\n"
        "<!-- end -->\n"
        "\n### Fixed\n- B\n"
        "\n## 0.1.0 (unreleased)\n\n### Gateway\n- Written by hand.\n\n### Added\n- A\n"
    )


def test_lines_go_with_what_they_tell_of(repository: Repository, told: Told) -> None:
    """When a change is taken back, its line goes, and lines written by hand stay."""
    repository.release("0.1.0")
    before = (repository.path / PAGE).read_text("utf-8")
    lower(repository)
    told("--write")
    between = (repository.path / PAGE).read_text("utf-8")
    repository.edit(SPEC, "          maximum: 3\n", "          maximum: 4\n")
    told("--write")

    assert "maximum 4 → 3" in between
    assert "- Written by hand." in between
    assert (repository.path / PAGE).read_text("utf-8") == before


def test_rulings_are_told(repository: Repository, told: Told) -> None:
    """A new ruling and one that decides otherwise stand among the gateway's changes."""
    repository.release("0.1.0")
    rulings = repository.path / "spec" / "RULINGS.md"
    rulings.write_text(
        rulings.read_text("utf-8") + "\n## R999: A gap\n- Ruling: so be it.\n", "utf-8"
    )
    text = rulings.read_text("utf-8")
    decision = text.index("- Ruling: ", text.index("## R12:"))
    rulings.write_text(f"{text[:decision]}- Ruling: Not so, {text[decision + 10 :]}", "utf-8")

    found = json.loads(told("--json")[1])

    told_of = {
        (change["place"], change["level"], change["what"][:5]) for change in found["gateway"]
    }
    assert told_of == {("R999", "patch", "ruled"), ("R12", "minor", "ruled")}


def test_python_callers_are_told(repository: Repository, told: Told) -> None:
    """A name that goes and a parameter that is new and required are found in the source."""
    repository.release("0.1.0")
    repository.edit("src/pixazo/results.py", "class Media:", "class Medium:")
    repository.edit("src/pixazo/jobs.py", "def status(self)", "def status(self, how: str)")

    _, out, _ = told()

    assert "pixazo.Job.status(how): parameter added, required" in out
    assert "pixazo.Media: removed" in out


@pytest.mark.slow
def test_another_commit_or_folder_can_be_named(
    repository: Repository, told: Told, tmp_path: Path
) -> None:
    """--since takes any commit, and a folder without any history."""
    repository.release("0.1.0")
    shutil.copytree(repository.path, tmp_path / "old", ignore=shutil.ignore_patterns(".git"))
    lower(repository)
    repository.git("commit", "-q", "-a", "-m", "lower")

    by_commit = told("--since", "HEAD~1")[1]
    by_folder = told("--since", str(tmp_path / "old"))[1]
    by_itself = told("--since", "HEAD")[1]

    assert "maximum 4 → 3" in by_commit
    assert by_commit.splitlines()[1:] == by_folder.splitlines()[1:]
    assert "no change" in by_itself


def test_a_missing_past_is_no_silent_pass(
    repository: Repository, told: Told, tmp_path: Path
) -> None:
    """A shallow clone, a tag nobody fetched, an unknown commit and an odd folder are told."""
    repository.release("0.1.0")
    repository.git("tag", "-d", "v0.1.0")
    repository.edit(PAGE, "(unreleased)", "(2026-12-01)")
    empty = tmp_path / "empty"
    empty.mkdir()

    untagged, unknown, odd = told(), told("--since", "nowhere"), told("--since", str(empty))
    (repository.path / ".git" / "shallow").write_text(repository.git("rev-parse", "HEAD"))
    shallow = told()

    assert [found[0] for found in (untagged, unknown, odd, shallow)] == [2, 2, 2, 2]
    assert "git fetch --tags" in untagged[2]
    assert "--since" in unknown[2]
    assert "holds no spec/openapi.yaml" in odd[2]
    assert "git fetch --unshallow --tags" in shallow[2]


@pytest.mark.parametrize("option", [[], ["--record"]])
def test_an_empty_past_is_no_folder(repository: Repository, told: Told, option: list[str]) -> None:
    """`--since ""`, a variable that is not set, compares nothing and says so."""
    repository.release("0.1.0")

    assert told("--since", "", *option) == (
        2,
        "",
        "changes: --since is empty; give a commit or a folder, or leave it out\n",
    )


def test_rulings_that_cannot_be_read_are_one_error(repository: Repository, told: Told) -> None:
    """Rulings that are missing, or not UTF-8, are not taken for rulings that went."""
    repository.release("0.1.0")
    rulings = repository.path / "spec" / "RULINGS.md"
    rulings.write_bytes(rulings.read_bytes() + b"\xff")
    odd = told()
    rulings.unlink()
    missing = told()

    assert (odd[:2], missing[:2]) == ((2, ""), (2, ""))
    assert "is not UTF-8: byte 0xff" in odd[2]
    assert missing[2].count("\n") == 1
    assert "RULINGS.md:1: cannot be read: No such file" in missing[2]


REDOCLY = """#!/bin/sh
cat <<'END'
{"changes": [{"impact": "major", "verdicts": [
  {"impact": "major", "message": "A word was added."}, {"impact": "patch", "message": "Words."}]}]}
END
"""


@pytest.mark.slow
@pytest.mark.parametrize("edit", ["word", "break"])
def test_redocly_is_asked_on_demand(
    repository: Repository, told: Told, tmp_path: Path, edit: str
) -> None:
    """Its rating is told; what it finds graver than we do is told in its words."""
    repository.release("0.1.0")
    if edit == "break":
        lower(repository)
    else:
        repository.edit(SPEC, "enum: [QUEUED, PROCESSING,", "enum: [QUEUED, PAUSED, PROCESSING,")
    program = tmp_path / "redocly"
    program.write_text(REDOCLY, "utf-8")
    program.chmod(0o700)

    _, out, _ = told("--redocly", str(program))

    assert "redocly: major\n" in out
    assert ("  graver than ours: A word was added.\n" in out) == (edit == "word")
    assert "Words." not in out


@pytest.mark.slow
def test_a_redocly_that_is_none_is_told(repository: Repository, told: Told) -> None:
    """A program that is not there, or that says something else, ends with 2."""
    repository.release("0.1.0")

    missing, other = told("--redocly", "/nowhere/redocly"), told("--redocly", "true")

    assert (missing[0], other[0]) == (2, 2)
    assert "/nowhere/redocly cannot be run" in missing[2]
    assert "true diff said nothing that can be read" in other[2]
