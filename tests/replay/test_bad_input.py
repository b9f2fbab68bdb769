"""A cassette that cannot be used is told in one clear line: file, place, way out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.deck import __main__ as command
from tests.deck.faults import CassetteBroken, CassetteError
from tests.deck.playing import playing
from tests.deck.tapes import CASSETTES, read_tape

NAME = "qwen-image-max/completed.yaml"
MEDIUM = re.compile(r"file: media/(\S+)")

EDITS: dict[str, tuple[str, str, str]] = {
    "broken YAML": ("interactions:", "interactions: [", r":\d+: not YAML \("),
    "a tab": ("  gateway:", "\tgateway:", r":\d+: not YAML \("),
    "no mapping": ("origin:", "- origin:", r":\d+: not YAML|:1: not a cassette"),
    "no origin": ("origin:", "source:", ":1: the origin block is missing"),
    "half an origin": ("  date:", "  day:", ":1: the origin block lacks 'date'"),
    "no journey": ("journey:", "trip:", ":1: the journey is missing"),
    "an unknown model": (
        "  model: qwen-image-max", "  model: qwen-image-mx",
        r":\d+: model 'qwen-image-mx' is not in the spec; did you mean qwen-image-max",
    ),
    "another folder's model": (
        "  model: qwen-image-max", "  model: qwen-image",
        r":\d+: a cassette of qwen-image belongs into the folder qwen-image/",
    ),
    "an altered hash": (
        "      sha256: 5", "      sha256: 6", r":\d+: media/\S+ has the hash \w+…, another than",
    ),
    "a name elsewhere": ("file: media/", "file: ../media/", r":\d+: file '\.\./media/\S+' is not"),
    "a request without method": ("    method: POST\n", "", r":\d+: method or url is missing"),
    "an answer without status": ("    status: 202\n", "", r":\d+: the status is missing"),
    "no response": ("  response:\n    status: 202", "  answer:\n    status: 202",
                    r":\d+: the response is missing"),
    "an odd count": ("  polls: 3", "  polls: often", r":\d+: polls: 'often' is no count"),
    "an odd body": ("      json:\n        prompt", "      yaml:\n        prompt",
                    r":\d+: body has none of json, text, base64, file"),
    "a body that is no JSON": (
        "        prompt: A lighthouse", "        prompt: .inf #", r":\d+: body is no json",
    ),
    "odd base64": (
        "      json:\n        prompt: A", "      base64: '*'\n      json_:\n        prompt: A",
        r":\d+: body is no base64",
    ),
    "a name twice": ("  date: '", "  date: '1999-01-01'\n  date: '", r":\d+: /origin/date stands"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CASSETTES / "media", tmp_path / "media")
    (tmp_path / NAME).parent.mkdir()
    shutil.copy(CASSETTES / NAME, tmp_path / NAME)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", EDITS)
def test_a_broken_cassette_is_told_in_one_line(name: str, folder: Path) -> None:
    """The line names the file, the place in it and what is wrong; the place is a real line."""
    old, new, told = EDITS[name]
    edit(folder / NAME, old, new)

    with pytest.raises(CassetteBroken, match=told) as broken:
        read_tape(folder / NAME)

    text = str(broken.value)
    assert "\n" not in text
    line = re.match(re.escape(str(folder / NAME)) + r":(\d+): ", text)
    assert line
    assert 1 <= int(line[1]) <= len((folder / NAME).read_text().splitlines())


def test_a_missing_medium_is_told_in_one_line(folder: Path) -> None:
    """The line names the cassette, its line and the file that is missing."""
    medium = MEDIUM.findall((folder / NAME).read_text(encoding="utf-8"))[0]
    (folder / "media" / medium).unlink()

    with pytest.raises(CassetteBroken, match=rf"completed\.yaml:\d+: media/{medium} is missing"):
        read_tape(folder / NAME)


def test_a_changed_medium_is_told_in_one_line(folder: Path) -> None:
    """A stand-in with other bytes than were stored is not played."""
    medium = MEDIUM.findall((folder / NAME).read_text(encoding="utf-8"))[0]
    (folder / "media" / medium).write_bytes(b"something else")

    with pytest.raises(CassetteBroken, match=r"has the hash .*, another than was recorded"):
        read_tape(folder / NAME)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b""], ids=["no text", "empty"])
def test_a_file_that_is_no_cassette(content: bytes, folder: Path) -> None:
    """Bytes that are no text, and an empty file, are told as such."""
    (folder / NAME).write_bytes(content)

    with pytest.raises(CassetteBroken, match=r"not UTF-8 text|not a cassette"):
        read_tape(folder / NAME)


def test_a_broken_cassette_is_not_played(folder: Path) -> None:
    """Playing says the same line, and leaves nothing open."""
    edit(folder / NAME, "interactions:", "interactions: [")

    with pytest.raises(CassetteBroken, match="not YAML"), playing(folder / NAME):
        pass

    shutil.copy(CASSETTES / NAME, folder / NAME)
    with playing(folder / NAME) as tape:
        assert tape.model_id == "qwen-image-max"


def test_check_names_every_broken_cassette(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One broken cassette does not hide the next, and the exit code is that of unreadable input."""
    other = folder / "qwen-image-mx" / "completed.yaml"
    other.parent.mkdir()
    shutil.copy(CASSETTES / NAME, other)
    edit(other, "  model: qwen-image-max", "  model: qwen-image-mx")
    edit(folder / NAME, "interactions:", "interactions: [")

    code = command.main(["check", "--cassettes", str(folder)])

    told = capsys.readouterr()
    assert code == 2
    assert len(told.out.splitlines()) == 2
    assert "0 cassettes, 0 findings, 2 broken" in told.err


def test_check_finds_secrets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that somebody wrote into a cassette by hand is found, and not repeated."""
    key = "0123456789abcdef" * 2
    edit(folder / NAME, "  about:", f"  note: {key}\n  about:")

    code = command.main(["check", "--cassettes", str(folder)])

    told = capsys.readouterr().out
    assert code == 1
    assert "a subscription key" in told
    assert key not in told


@pytest.mark.parametrize("words", [["check"], ["drift"]])
def test_an_empty_folder_is_told(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing to check is not a pass."""
    code = command.main([*words, "--cassettes", str(tmp_path)])

    assert code == 2
    assert "no cassettes there; see: python -m tests.deck record" in capsys.readouterr().err


def test_errors_of_the_deck_are_one_family() -> None:
    """Whoever catches `CassetteError` catches them all."""
    assert issubclass(CassetteBroken, CassetteError)
