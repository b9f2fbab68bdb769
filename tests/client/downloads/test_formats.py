"""What a file is, told by its own bytes."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixazo.downloads.formats import excerpt, identify, is_text, missing_end


def safetensors(values: bytes = bytes(64), stated: int | None = None) -> bytes:
    size = len(values) if stated is None else stated
    tensor = {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}
    header = json.dumps({"__metadata__": {"a": "b"}, "lora.weight": tensor}).encode()
    return struct.pack("<Q", len(header)) + header + values


def webp(size: int = 100) -> bytes:
    return b"RIFF" + struct.pack("<I", size + 4) + b"WEBP" + bytes(size)


HEADS = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "webp": webp(),
    "gif": b"GIF89a\x01\0\x01\0\x80\0\0",
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0",
    "mp4": b"\0\0\0\x18ftypisom\0\0\x02\0",
    "mov": b"\0\0\0\x14ftypqt  \0\0\x02\0",
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81",
    "zip": b"PK\x03\x04\x14\0\0\0",
    "gz": b"\x1f\x8b\x08\0\0\0\0\0",
    "tiff": b"II*\0\x08\0\0\0",
    "bmp": b"BM\x36\0\0\0\0\0",
    "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "mp3": b"ID3\x04\0\0\0\0",
    "ogg": b"OggS\0\x02",
    "flac": b"fLaC\0\0\0\x22",
    "pdf": b"%PDF-1.7\n",
    "safetensors": safetensors(),
    "bin": b"\0\1\2\3 nobody knows",
}


@pytest.mark.parametrize(("suffix", "head"), HEADS.items())
def test_identifies(suffix, head):
    """The first bytes tell the suffix."""
    assert identify(head).suffix == suffix
    assert not is_text(head)


@pytest.mark.parametrize(
    "words",
    [
        b"<html>",
        b"BM is a firm",
        b"ID3 tags explained",
        b"GIF89a",
        b"{}",
        "ünïcode".encode(),
        "ü".encode() * 400,
        b"\xef\xbb\xbf<html>",
        b"0123ftypmp42 said the page",
    ],
)
def test_knows_words(words):
    """Words are no medium, even when they begin like one."""
    assert is_text(words)
    assert identify(words).suffix == "bin"


def test_excerpt_is_one_short_line():
    """An excerpt holds no line breaks, no control characters, and at most 200 letters."""
    assert excerpt(b"<h1>\r\n  Sign\x1b[31m in \x00</h1>") == "<h1> Sign?[31m in ?</h1>"
    assert len(excerpt(b"x" * 512)) == 200


@settings(deadline=None)  # a busy machine is no failure
@given(st.binary(max_size=600))
def test_takes_any_bytes(head):
    """No bytes upset the reader."""
    assert identify(head).suffix
    assert isinstance(is_text(head), bool)
    assert isinstance(excerpt(head), str)


WHOLE = {
    "png": HEADS["png"] + bytes(30) + b"\0\0\0\0IEND\xaeB`\x82",
    "jpg": HEADS["jpg"] + bytes(30) + b"\xff\xd9" + b"trailer of a camera",
    "gif": HEADS["gif"] + bytes(30) + b";",
    "webp": webp(),
    "zip": HEADS["zip"] + bytes(30) + b"PK\x05\x06" + bytes(18),
    "safetensors": safetensors(),
    "mp4": HEADS["mp4"] + bytes(30),
    "bin": HEADS["bin"],
}


@pytest.mark.parametrize(("suffix", "content"), WHOLE.items())
def test_accepts_whole_files(tmp_path: Path, suffix, content):
    """A whole file lacks nothing."""
    path = tmp_path / "a"
    path.write_bytes(content)

    assert missing_end(path, identify(content)) == ""


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "zip", "safetensors"])
def test_misses_the_end(tmp_path: Path, suffix):
    """A file cut off before its end is told, whatever the server stated."""
    content = WHOLE[suffix][:-22] if suffix != "safetensors" else WHOLE[suffix][:-1]
    path = tmp_path / "a"
    path.write_bytes(content)

    assert missing_end(path, identify(content)) != ""


@pytest.mark.parametrize(
    "header",
    [
        b"{",
        b'{"a": [',
        b"[" * 60,
        b'{"a": {"data_offsets": 7}}',
        b'{"a": {"data_offsets": [null]}}',
    ],
)
def test_takes_odd_headers(tmp_path: Path, header):
    """A header that is no tensor list upsets nobody."""
    path = tmp_path / "a"
    path.write_bytes(struct.pack("<Q", len(header)) + header)

    assert isinstance(missing_end(path, identify(b"\x02" + bytes(7) + b"{}")), str)
