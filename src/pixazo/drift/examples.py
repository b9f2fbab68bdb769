"""The examples of a section: bodies, headers and addresses in HTTP, Python, JavaScript and curl."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pixazo.drift.lines import Line
from pixazo.drift.literals import JSONValue, LiteralBroken, read_literal

__all__ = ["Broken", "Call", "Example", "HeaderLine", "find_calls", "find_examples"]

_MARK = re.compile(r"//\s*([1-5]\d\d)\s*[\u2013\u2014-]+\s*[^{\n]*$")
_BEFORE = re.compile(
    r"(?:^|=|\(|\}|\b(?:body|data|json):|(?:-d|--data(?:-\w+)?)\s*\$?'|//[^{}]*)\s*$"
)
_CODE_BEFORE = re.compile(r"(?:fetch\(.*,|=>|\)|requests\.\w+\(.*)\s*$")
_HEADER_NAME = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Za-z]+)+")
_ADDRESS = re.compile(r"(?:https?://[^\s\"'`,)\\]+)")
_REQUEST_LINE = re.compile(
    r"(GET|POST|PUT|PATCH|DELETE)\s+(/\S*|https?://\S+?)(?:\s+HTTP/[\d.]+)?(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Example:
    """One example body: the line it begins on, its value, and the status code named before it."""

    line: int
    value: JSONValue
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """An example that does not end or is no literal: where it begins and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A header that an example sends."""

    line: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """One way in which the page shows the call: its address, its headers, its body."""

    line: int
    method: str
    address: str
    headers: tuple[HeaderLine, ...]


def find_examples(lines: Sequence[Line]) -> tuple[list[Example], list[Broken]]:
    """Return the bodies in a section, in order, and those that cannot be read.

    Objects of headers are not bodies and are left out.
    """
    text = _Text(lines)
    found: list[Example] = []
    broken: list[Broken] = []
    at = text.all.find("{")
    while at >= 0:
        end = at + 1
        if _may_begin(text.before(at)):
            try:
                value, end = read_literal(text.all, at)
            except LiteralBroken as error:
                if not _is_code(text.all, at):
                    broken.append(Broken(text.number(at), str(error)))
                    end = max(end, error.offset)
                    if broken[1:]:
                        break
            else:
                if not _is_headers(value):
                    found.append(Example(text.number(at), value, _code(text.before(at))))
        at = text.all.find("{", end)
    return found, broken


def find_calls(lines: Sequence[Line]) -> list[Call]:
    """Return the calls that a section shows, one for each language."""
    starts = [index for index, line in enumerate(lines) if _opens_call(line.text)]
    calls: list[Call] = []
    for start, end in pairwise([*starts, len(lines)]):
        calls.append(_call(lines[start:end]))
    return calls


def _opens_call(text: str) -> bool:
    return bool(
        re.match(r"(?:GET|POST)\s+(?:/|https?:)", text)
        or re.match(r"(?:const |let |var )?url\s*=\s*[\"']", text)
        or re.match(r"fetch\(\s*[\"'`]http", text)
        or re.match(r"curl\b", text)
    )


def _call(lines: Sequence[Line]) -> Call:
    first = lines[0]
    joined = " ".join(line.text for line in lines[:2])
    request_line = _REQUEST_LINE.match(first.text)
    if request_line:
        method, address = request_line.group(1), request_line.group(2)
    else:
        method = "GET" if first.text.startswith("curl") and "-X" not in joined else "POST"
        match = _ADDRESS.search(joined)
        address = match.group() if match else ""
    return Call(first.number, method, address, tuple(_headers(lines)))


def _headers(lines: Sequence[Line]) -> Iterator[HeaderLine]:
    for line in lines:
        inline = re.findall(r"([A-Z][A-Za-z]*(?:-[A-Za-z]+)+): (\S+)", line.text)
        quoted = re.findall(
            r"[\"']([A-Z][A-Za-z]*(?:-[A-Za-z]+)+)[\"']:\s*[\"']([^\"']*)", line.text
        )
        for name, value in quoted or inline:
            yield HeaderLine(line.number, name, value.rstrip("\"'\\").strip())


def _is_headers(value: JSONValue) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(_HEADER_NAME.fullmatch(key) for key in value)
    )


def _may_begin(before: str) -> bool:
    return bool(_BEFORE.search(before)) and not _CODE_BEFORE.search(before)


def _is_code(text: str, at: int) -> bool:
    """Tell whether an object holds calls or variables, as an argument of fetch does."""
    return bool(re.match(r"\{\s*(?:method|headers|body)\s*:", text[at : at + 60]))


def _code(before: str) -> int | None:
    match = _MARK.search(before)
    return int(match.group(1)) if match else None


class _Text:
    """The lines of a section as one text that knows the line of every offset."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._starts: list[int] = []
        self._numbers: list[int] = []
        parts: list[str] = []
        length = 0
        for line in lines:
            self._starts.append(length)
            self._numbers.append(line.number)
            parts.append(line.text)
            length += len(line.text) + 1
        self.all = "\n".join(parts)

    def number(self, offset: int) -> int:
        """Return the page's line on which the offset stands."""
        index = max(i for i, start in enumerate(self._starts) if start <= offset)
        return self._numbers[index]

    def before(self, offset: int) -> str:
        """Return what stands before the offset on its line, or a comment on the line above."""
        start = self.all.rfind("\n", 0, offset) + 1
        if self.all[start:offset].strip() or start == 0:
            return self.all[start:offset]
        above = self.all.rfind("\n", 0, start - 1) + 1
        return self.all[above : start - 1] if "//" in self.all[above : start - 1] else ""
