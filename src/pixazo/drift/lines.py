"""A page as numbered lines, with the headings that a text dump glued to other lines set free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pixazo_openapi import files

from pixazo.drift.faults import PageUnreadable

__all__ = ["LARGEST", "Line", "decoded", "page_text", "read_lines"]

# Headings of several words that a dump of the page leaves at the end of the line before.
_GLUED = (
    "Error Responses",
    "Queue System Errors",
    "Error via Status/Webhook",
    "Retrieving Results",
    "cURL Example",
    "Response (Completed)",
    "Response Fields",
    "Status Values",
    "Status Flow",
    "Typical Workflow",
    "Response Handling",
    "Status Codes",
    "Request Headers",
)
_TAG = re.compile(r"<(?:!doctype|/?(?:html|head|body|div|p|table|tr|td|span|script)\b)", re.I)
LARGEST = 20_000_000
_TAGS_OF_HTML = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its number, counted from 1, and its text without outer space."""

    number: int
    text: str


def page_text(path: Path) -> str:
    """Return the text of a saved page.

    Raises:
        PageUnreadable: there is no such file, or it is not UTF-8 text.
    """
    try:
        raw = files.read(path, LARGEST)
    except OSError as error:
        raise PageUnreadable(
            f"{path}: {error.strerror or error}", hint="give a saved documentation page"
        ) from error
    return decoded(raw, str(path))


def decoded(raw: bytes, name: str) -> str:
    """Return the bytes of a page as text.

    Args:
        raw: The bytes as saved.
        name: What errors call the page.

    Raises:
        PageUnreadable: the bytes are no text, or far too many.
    """
    if len(raw) > LARGEST:
        raise PageUnreadable(f"{name}: {len(raw)} bytes are too many for a documentation page")
    coding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(coding)
    except UnicodeDecodeError as error:
        raise PageUnreadable(
            f"{name}: byte {error.start} is not UTF-8 text",
            hint="save the page as text or markdown, not as PDF or a web archive",
        ) from error
    if "\0" in text:
        raise PageUnreadable(f"{name}: binary, not text", hint="save the page as text or markdown")
    return text


def read_lines(text: str, name: str = "page") -> tuple[Line, ...]:
    """Return the lines of a page's text.

    Args:
        text: The page, as a text dump or in markdown.
        name: What errors call the page.

    Raises:
        PageUnreadable: the text is empty or is HTML.
    """
    if not text.strip():
        raise PageUnreadable(f"{name}: the page is empty", hint="save it again")
    if len(_TAG.findall(text[:100_000])) >= _TAGS_OF_HTML:
        raise PageUnreadable(
            f"{name}: the page is HTML",
            hint="save its text instead (select all and copy, or a text browser's dump)",
        )
    found: list[Line] = []
    for number, raw in enumerate(re.split(r"\r\n?|\n", text), 1):
        found.extend(Line(number, piece) for piece in _unglued(raw.strip().replace("\u00a0", " ")))
    return tuple(found)


def _unglued(text: str) -> list[str]:
    if text.startswith(("|", "#")):
        return [text]
    for heading in _GLUED:
        if text.endswith(heading) and text != heading:
            return [*_unglued(text.removesuffix(heading).rstrip()), heading]
    return [text]
