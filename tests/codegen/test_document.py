"""The document is read as YAML 1.2, with the line of everything in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.document import Document, SpecError, escape, load, tokens
from codegen.rulings import rulings
from tests.codegen.conftest import SpecCopy


def _read(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    return load(path)


def test_scalars_are_those_of_the_core_schema(tmp_path: Path) -> None:
    """Words that YAML 1.1 bends stay words; quotes keep a number a text."""
    document = _read(
        tmp_path,
        "a: no\nb: 2026-11-22\nc: 1:30\nd: 012\ne: '7'\nf: true\ng: ~\n"
        "h: 1e3\ni: -4\nj: .5\nk:\nl: 0x1f\n",
    )

    assert document.root == {
        "a": "no", "b": "2026-11-22", "c": "1:30", "d": 12, "e": "7", "f": True, "g": None,
        "h": 1000.0, "i": -4, "j": 0.5, "k": None, "l": "0x1f",
    }  # fmt: skip
    assert type(document.root["d"]) is int


def test_every_place_has_its_line(tmp_path: Path) -> None:
    """Keys, list items and flow mappings know where they stand; anything else its surroundings."""
    document = _read(tmp_path, "a:\n  b/c:\n  - 1\n  -\n    d: {e: 1,\n      f: 2}\n")

    lines = {pointer: document.line(pointer) for pointer in ("/a", "/a/b~1c", "/a/b~1c/1/d/f")}

    assert lines == {"/a": 1, "/a/b~1c": 2, "/a/b~1c/1/d/f": 6}
    assert document.line("/a/b~1c/0") == 3
    assert document.line("/a/b~1c/1/nothing") == document.line("/a/b~1c/1")
    assert document.line("/nothing") == 1


def test_references_are_followed_to_their_end(tmp_path: Path) -> None:
    """A chain ends at what it names; a circle ends as well."""
    document = _read(
        tmp_path,
        "a: {$ref: '#/b'}\nb: {$ref: '#/c'}\nc: {d: 1}\nx: {$ref: '#/y'}\ny: {$ref: '#/x'}\n",
    )

    assert document.follow("/a") == ("/c", {"d": 1})
    assert document.follow("/x")[0] in {"/x", "/y"}
    with pytest.raises(KeyError):
        document.get("/c/e")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", ":4: c stands twice in one mapping; remove one of the two"),
        ("a: [1\nb: 2\n", ":2: is not YAML"),
        ("- 1\n", ":1: holds no mapping; write an OpenAPI document"),
        ("", ":1: holds no mapping"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """A slip in the YAML itself is answered like any other."""
    with pytest.raises(SpecError) as caught:
        _read(tmp_path, text)

    assert f"openapi.yaml{said}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: 1\nb: \xff\n", ":2: is not UTF-8: byte 0xff; save the file as UTF-8"),
        (b"a: 1\nb: \x01\n", ":2: is not YAML: control characters are not allowed"),
        (b"a: 1\nb: " + 3000 * b"[" + 3000 * b"]", ":2: nested more than 100 deep"),
        (b"a: 1\nb: &b\n  c: *b\n", ":2: nested more than 100 deep, or an alias that holds it"),
        (b"a: 1\nb: &b [*b]\n", ":2: nested more than 100 deep, or an alias that holds itself"),
    ],
    ids=["bytes", "control", "brackets", "alias", "list"],
)
def test_what_is_no_text_is_refused_with_its_line(tmp_path: Path, text: bytes, said: str) -> None:
    """Odd bytes and circles are slips like any other."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(text)

    with pytest.raises(SpecError) as caught:
        load(path)

    assert f"openapi.yaml{said}" in str(caught.value)


def test_rulings_that_are_no_text_are_refused_with_their_line(spec: SpecCopy) -> None:
    """Bytes that are not UTF-8 have their line in the rulings as well."""
    path = spec.path.with_name("RULINGS.md")
    path.write_bytes(b"# Rulings\n\xe9\n")

    with pytest.raises(SpecError, match=r"RULINGS\.md:2: is not UTF-8: byte 0xe9"):
        rulings(load(spec.path))


@pytest.mark.parametrize("token", ["a", "/paths/~x", "~1", "", "a~/b"])
def test_pointers_keep_any_name(token: str) -> None:
    """Escaping a name and splitting a pointer are each other's inverse."""
    assert tokens(f"/{escape(token)}") == [token]
