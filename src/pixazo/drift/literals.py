"""Object literals as JSON, Python and JavaScript write them, read without running anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

__all__ = ["JSONValue", "LiteralBroken", "read_literal"]

JSONValue = None | bool | int | float | str | list["JSONValue"] | dict[str, "JSONValue"]

_WORDS: dict[str, JSONValue] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "None": None,
}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_PLAIN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_SPACE = re.compile(r"\s*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_DEEPEST = 60


class LiteralBroken(ValueError):  # noqa: N818 (named for what happened)
    """The text stops being a literal at `offset`."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_literal(text: str, offset: int) -> tuple[JSONValue, int]:
    """Return the literal that begins at the offset, and the offset behind it.

    Args:
        text: Any text.
        offset: Where the literal begins, in characters.

    Raises:
        LiteralBroken: what stands there is code or a broken literal.
    """
    reader = _Reader(text, offset)
    return reader.value(0), reader.offset


@dataclass(slots=True)
class _Reader:
    text: str
    offset: int

    def value(self, depth: int) -> JSONValue:
        char = self._peek()
        if depth > _DEEPEST:
            self._break("nested too deeply")
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._array(depth)
        if char in "\"'":
            return self._string(char)
        return self._number() if char in "-0123456789" else self._word()

    def _object(self, depth: int) -> dict[str, JSONValue]:
        self.offset += 1
        found: dict[str, JSONValue] = {}
        while self._peek() != "}":
            key = self._key()
            self._take(":")
            found[key] = self.value(depth + 1)
            if self._peek() != "}":
                self._take(",")
        self.offset += 1
        return found

    def _array(self, depth: int) -> list[JSONValue]:
        self.offset += 1
        found: list[JSONValue] = []
        while self._peek() != "]":
            found.append(self.value(depth + 1))
            if self._peek() != "]":
                self._take(",")
        self.offset += 1
        return found

    def _key(self) -> str:
        char = self._peek()
        if char in "\"'":
            return self._string(char)
        match = _NAME.match(self.text, self.offset)
        if match is None:
            self._break("a key is missing")
        self.offset = match.end()
        return match.group()

    def _string(self, quote: str) -> str:
        parts: list[str] = []
        plain = _PLAIN[quote]
        end = self.offset + 1
        while run := plain.match(self.text, end):
            parts.append(run.group())
            end = run.end()
            if self.text[end : end + 1] != "\\":
                break
            piece, end = self._escape(end + 1)
            parts.append(piece)
        if end >= len(self.text):
            self._break("a text does not end")
        self.offset = end + 1
        return _paired("".join(parts))

    def _escape(self, at: int) -> tuple[str, int]:
        char = self.text[at : at + 1]
        if char == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", self.text[at + 1 : at + 5]):
            return chr(int(self.text[at + 1 : at + 5], 16)), at + 5
        return _ESCAPES.get(char, char), at + 1

    def _number(self) -> int | float:
        match = _NUMBER.match(self.text, self.offset)
        if match is None:
            self._break("a number is broken")
        self.offset = match.end()
        return float(match.group()) if set(".eE") & set(match.group()) else int(match.group())

    def _word(self) -> JSONValue:
        match = _NAME.match(self.text, self.offset)
        if match is None or match.group() not in _WORDS:
            self._break("not a literal")
        self.offset = match.end()
        return _WORDS[match.group()]

    def _peek(self) -> str:
        space = _SPACE.match(self.text, self.offset)
        self.offset = space.end() if space else self.offset
        if self.offset >= len(self.text):
            self._break("the text ends in the middle of a literal")
        return self.text[self.offset]

    def _take(self, char: str) -> None:
        if self._peek() != char:
            self._break(f"{char!r} is missing")
        self.offset += 1

    def _break(self, why: str) -> NoReturn:
        raise LiteralBroken(why, self.offset)


def _paired(text: str) -> str:
    """Return the text with the two halves of a character beyond 16 bits put together."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
