"""A cassette that breaks a rule is found: which rule, in which line, grouped; and what is stale."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deck import __main__ as command
from tests.deck import origin
from tests.deck.holding import findings
from tests.deck.listing import Finding, grouped
from tests.deck.sightings import drift_of, table
from tests.deck.tapes import CASSETTES, every, read_tape

COMPLETED = "qwen-image-max/completed.yaml"
CALLED = "qwen-image-max/called-back.yaml"


class Edited:
    """Copies of cassettes with one text replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def copy(self, name: str, *edits: tuple[str, str], count: int = 1) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(CASSETTES / "media", self.folder / "media", dirs_exist_ok=True)
        text = (CASSETTES / name).read_text(encoding="utf-8")
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new, count)
        path.write_text(text, encoding="utf-8")
        return path

    def findings(self, name: str, *edits: tuple[str, str], count: int = 1) -> list[Finding]:
        return list(findings(read_tape(self.copy(name, *edits, count=count)), name=name))


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    return Edited(tmp_path)


BREAKS: dict[str, tuple[str, str, str, str]] = {
    "missing field": (COMPLETED, "        polling_url: http", "        x: http", "polling_url"),
    "undocumented status code": (COMPLETED, "status: 202", "status: 201", "201; documented are"),
    "unknown word": (COMPLETED, "status: PROCESSING", "status: RUNNING", "RUNNING"),
    "forbidden move": (
        COMPLETED, "status: QUEUED\n        model_id", "status: FAILED\n        model_id",
        "FAILED → PROCESSING",
    ),
    "other id": (COMPLETED, "model_id: qwen-image-max\n", "model_id: qwen-image\n", "model_id="),
    "foreign polling URL": (
        COMPLETED, "polling_url: http://127.0.0.1:8787", "polling_url: http://evil.test",
        "expected 'http://127.0.0.1:8787",
    ),
    "no content type": (
        COMPLETED, "status: 202\n    headers:\n      content-type: application/json",
        "status: 202\n    headers:\n      content-type: text/html",
        "Content-Type: text/html",
    ),
    "odd Retry-After": (
        "qwen-image-max/rate-limited.yaml", "retry-after: '2'", "retry-after: soon", "soon",
    ),
    "end without media": (
        COMPLETED, "        output:\n          media_url:", "        output:\n          urls:",
        "/output: ",
    ),
    "time without zone": (COMPLETED, "completed_at: '2026-01-01T00:00:20.000Z'",
                          "completed_at: '2026-01-01T00:00:20.000'", "date-time"),
    "odd hour": (COMPLETED, "completed_at: '2026-01-01T00:00:20.000Z'",
                 "completed_at: '2026-01-02T00:00:20.000Z'", "completed_at"),
    "accepted, though not documented": (
        COMPLETED, "        prompt: A lighthouse", "        sparkle: true\n        prompt: A l",
        "accepted, though",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_rule_is_found_with_its_line(name: str, edited: Edited) -> None:
    """Each break is found, with a line of the cassette, the rule and its place in the spec."""
    cassette, old, new, seen = BREAKS[name]

    found = edited.findings(cassette, (old, new))

    match = [finding for finding in found if seen in finding.what]
    assert match, [finding.what for finding in found]
    place, _, line = match[0].place.partition(":")
    assert place == cassette
    assert 1 < int(line) <= len((edited.folder / cassette).read_text().splitlines())
    assert "(spec/openapi.yaml:" in match[0].rule


def test_the_line_is_that_of_the_field(edited: Edited) -> None:
    """A finding inside a body points at the very field."""
    found = edited.findings(COMPLETED, ("status: PROCESSING", "status: RUNNING"))

    lines = (edited.folder / COMPLETED).read_text(encoding="utf-8").splitlines()
    numbers = {int(f.place.rpartition(":")[2]) for f in found if "RUNNING" in f.what}
    assert [n for n in numbers if lines[n - 1].strip() == "status: RUNNING"]


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("", "", ""),
        ("status: COMPLETED", "status: DONE", "DONE"),
        ("completed_at: '2026-01-01T00:00:20.000Z'", "completed_at: '2026-01-01T00:00:21.000Z'",
         "completed_at: called"),
        ("request_id: qwen-image-max_", "request_id: qwen-image-max_somebody-", "it names"),
        ("/header", "/elsewhere", "/elsewhere was given with no accepted submission"),
        ("/header", "/elsewhere", "0 calls ([]) for ('complete',), by header"),
        ("method: POST", "method: PUT", "PUT"),
        ("application/json", "text/plain", "Content-Type: text/plain"),
        ("status: COMPLETED", "status: PROCESSING", "PROCESSING for complete"),
    ],
    ids=["untouched", "unknown word", "other time", "other id", "other address", "no call",
         "other method", "other type", "other state"],
)  # fmt: skip
def test_callbacks_are_held_too(old: str, new: str, seen: str, edited: Edited) -> None:
    """A callback comes where it was asked for, as JSON, and says what the status answer says."""
    path = edited.copy(CALLED)
    head, mark, tail = path.read_text(encoding="utf-8").partition("callbacks:")
    if seen:
        assert old in tail
        path.write_text(head + mark + tail.replace(old, new, 1), encoding="utf-8")

    found = [*findings(read_tape(path))]

    assert bool(found) is bool(seen)
    assert seen in "".join(finding.what for finding in found)


def test_equal_findings_are_grouped(edited: Edited) -> None:
    """The same break on several cassettes is one block with every place, whatever the ids."""
    names = [f"{model}/failed.yaml" for model in ("qwen-image-max", "qwen-image-layered")]
    for name in names:
        edited.copy(name, ("error: null", "error: 7"))

    found = [f for tape in every(edited.folder) for f in findings(tape, name=tape.name)]
    blocks = [block for block in grouped(found) if "/error: 7" in block]
    blocks = [block for block in blocks if "documented schema" in block]

    assert len(blocks) == 1
    assert "[2 times]" in blocks[0]
    assert "at qwen-image-max/failed:" in blocks[0]
    assert "at qwen-image-layered/failed:" in blocks[0]
    assert "breaks: The body keeps to the documented schema" in blocks[0]


def test_long_groups_are_cut() -> None:
    """Of many places the first are shown, and how many more there are."""
    found = [Finding(f"a.yaml:{line}", "odd", "a rule", "do this") for line in range(20)]

    (block,) = grouped(found)

    assert block.splitlines()[0] == "odd  [20 times]"
    assert "and 14 more" in block
    assert block.endswith("next: do this")


class TestDrift:
    """The report in three columns."""

    def test_new_fields_statuses_and_headers_are_seen(self, edited: Edited) -> None:
        """What answers say beyond the spec stands in the first column, with how often."""
        edited.copy(
            COMPLETED,
            ("        status: QUEUED\n", "        status: QUEUED\n        eta_s: 5\n"),
            ("status: 202\n    headers:\n", "status: 202\n    headers:\n      location: /x\n"),
        )
        edited.copy(
            "qwen-image/forbidden.yaml", ("status: 403\n    headers", "status: 418\n    headers")
        )

        drift = drift_of(every(edited.folder))

        assert drift.not_in_spec == (
            "qwen-image-max 202: /eta_s  [1]",
            "qwen-image-max 202: header location  [1]",
            "qwen-image: status 418  [1]",
        )

    def test_what_was_never_seen_is_named(self, edited: Edited) -> None:
        """Statuses, fields, values and forms of the spec that no recording shows stand second."""
        edited.copy(COMPLETED)

        drift = drift_of(every(edited.folder))

        for text in (
            "qwen-image-max: status 429",
            "429: header Retry-After",
            "QwenImageMaxRequest: negative_prompt",
            "QwenImageMaxRequest.output_format: the value 'webp'",
            "RequestStatus.status: the value 'ERROR'",
            "TextToImageAnswer: the form ImagesAnswer",
        ):
            assert text in drift.never_seen
        assert "qwen-image-max: status 202" not in drift.never_seen
        assert "RequestStatus.status: the value 'COMPLETED'" not in drift.never_seen

    def test_contradictions_stand_third(self, edited: Edited) -> None:
        """What breaks a rule stands in the third column with the rule's place."""
        edited.copy(COMPLETED, ("status: PROCESSING", "status: RUNNING"))

        drift = drift_of(every(edited.folder))

        assert any(
            "RUNNING" in text and "spec/openapi.yaml:" in text for text in drift.contradicted
        )
        rows = table(drift).splitlines()
        assert (
            rows[0] == "| seen, but not in the spec | in the spec, but never seen | contradicted |"
        )
        assert all(row.count(" | ") == 2 or row.startswith("|---") for row in rows)

    def test_documents_are_no_sightings(self, edited: Edited) -> None:
        """A cassette made from the documents shows nothing about a gateway."""
        edited.copy("qwen-image-max/documented-completed.yaml")

        drift = drift_of(every(edited.folder))

        assert drift.cassettes == 0
        assert "qwen-image-max: status 202" in drift.never_seen

    def test_our_recordings_show_every_status_and_every_answer_field(self) -> None:
        """Only values of requests have never been sent; all that answers can say was seen."""
        drift = drift_of(every())

        assert (drift.not_in_spec, drift.contradicted) == ((), ())
        assert not [text for text in drift.never_seen if "status" in text or "Answer" in text]
        assert all(": the value " in text or ": the form " in text for text in drift.never_seen)


class TestStale:
    """A cassette is stale when an operation on it has changed, not when any comment has."""

    @pytest.fixture(autouse=True)
    def _other_hash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The spec has changed somewhere."""
        monkeypatch.setattr(origin, "SPEC_SHA256", "0" * 64)

    def test_a_change_elsewhere_is_none(self) -> None:
        """With another spec hash and the same operations nothing is stale."""
        assert read_tape(CASSETTES / COMPLETED).origin.changed() == []

    def test_a_changed_operation_is_named(
        self, edited: Edited, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The cassette, the operation and the way out stand in one line."""
        known = origin.operation_hash("getRequestStatus")
        edited.copy(COMPLETED, (f"getRequestStatus: {known}", "getRequestStatus: 0123456789abcdef"))

        code = command.main(["check", "--cassettes", str(edited.folder)])

        told = capsys.readouterr().out
        assert code == 0
        assert told.startswith("stale: ")
        assert told.endswith("completed.yaml: getRequestStatus changed since; record it again\n")

    @pytest.mark.parametrize(
        ("change", "differs"),
        [
            (lambda op: op["responses"]["202"].update(description="other words"), False),
            (lambda op: op["x-pixazo"].update(source="another page"), False),
            (lambda op: op["responses"].pop("403"), True),
            (lambda op: op["x-pixazo"]["waiting"].update(hint_s=99), True),
        ],
        ids=["words", "source", "status gone", "waiting"],
    )
    def test_only_what_is_demanded_counts(
        self, change: Callable[[Any], None], differs: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Words for people change no hash, demands do."""
        before = origin.operation_hash("submitQwenImageMax")
        method, path, operation = origin.operations()["submitQwenImageMax"]
        changed = copy.deepcopy(operation)
        change(changed)
        table_ = {"submitQwenImageMax": (method, path, changed)}
        monkeypatch.setattr(origin, "operations", lambda: table_)
        origin.operation_hash.cache_clear()

        after = origin.operation_hash("submitQwenImageMax")

        origin.operation_hash.cache_clear()
        assert (after != before) is differs
