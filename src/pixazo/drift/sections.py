"""The parts of a page: one for each model, cut into its sections by their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pixazo.drift.lines import Line

__all__ = ["Part", "Section", "split_page"]

# Heading to kind of section. The words are those of the vendor's page builder.
_KINDS: tuple[tuple[str, str], ...] = (
    (r"Base URL", "base"),
    (r"Authentication", "authentication"),
    (r"Request Code", "code"),
    (r"Webhook(?: \(Optional\))?", "webhook"),
    (r"(?:Request )?Parameters(?: - .*)?", "parameters"),
    (r"Minimum Request", "minimum"),
    (r"Full Request(?: \(.*\))?", "full"),
    (r"Example Request(?: - .*)?", "example"),
    (r"Output|(?:Example )?Response", "answer"),
    (r"Response Fields(?: - .*)?", "fields"),
    (r"Request Headers", "headers"),
    (r"Response Handling|Status Codes", "codes"),
    (r"Error Responses|Queue System Errors", "errors"),
    (r"Error via Status/Webhook", "ended"),
    (r"Response \(Completed\)", "ended"),
    (r"Retrieving Results|Endpoint|cURL Example", "status"),
    (r"Status Values", "words"),
    (r"Status Flow", "flow"),
    (r"Typical Workflow", "workflow"),
    (r"Notes & Tips", "notes"),
    (r"(?:.* )?Pricing", "price"),
)
_HEADING = re.compile("|".join(f"(?:{pattern})" for pattern, _ in _KINDS))
_MARKDOWN = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_ESCAPED = re.compile(r"\\([_*\[\](){}#+.!~<>-])")  # as converters from HTML write these signs
_UNDERLINE = re.compile(r"(?:={3,}|-{3,})$")
_WORDS = re.compile(r"[A-Za-z]")
_DUMP_TITLE = re.compile(r"(.+) API Documentation")
_DUMP_PRICE = re.compile(r".+ API Pricing")


@dataclass(slots=True)
class Section:
    """One section of a model's part: its kind, its heading's line and the lines under it."""

    kind: str
    line: int
    lines: list[Line] = field(default_factory=list[Line])


@dataclass(slots=True)
class Part:
    """What the page says about one model: its title and its sections in the page's order."""

    title: str
    line: int
    sections: list[Section] = field(default_factory=list[Section])

    def of(self, *kinds: str) -> list[Section]:
        """Return the sections of these kinds."""
        return [section for section in self.sections if section.kind in kinds]

    @property
    def has_endpoint(self) -> bool:
        """Whether a request section names a POST, which makes the part a model."""
        return any(
            line.text.startswith("POST ") or "POST" in line.text
            for section in self.of("code")
            for line in section.lines
        )


def split_page(lines: Sequence[Line]) -> tuple[list[Line], list[Part]]:
    """Return the lines before the first model, and one part a model.

    Args:
        lines: The page's lines, in the dump form or in markdown.
    """
    lines = _underlined(lines)
    markdown = sum(1 for line in lines if _MARKDOWN.fullmatch(line.text)) >= 2
    parts = _markdown_parts(lines) if markdown else _dump_parts(lines)
    head = parts[0].sections[0].lines if parts else list(lines)
    return head, _models_only(parts[1:])


def _models_only(parts: Iterable[Part]) -> list[Part]:
    """Return the parts that describe a model; what describes none belongs to the one before."""
    kept: list[Part] = []
    for part in parts:
        if part.has_endpoint or part.of("parameters"):
            kept.append(part)
        elif kept:
            kept[-1].sections.extend(part.sections)
    return kept


def _head() -> Part:
    return Part("", 0, [Section("head", 0)])


def _dump_parts(lines: Sequence[Line]) -> list[Part]:
    parts = [_head()]
    for line in lines:
        title = _DUMP_TITLE.fullmatch(line.text)
        kind = _kind(line.text)
        if title:
            parts.append(Part(line.text, line.number, [Section("opening", line.number)]))
        elif kind and (kind != "price" or _DUMP_PRICE.fullmatch(line.text)) and len(parts) > 1:
            parts[-1].sections.append(Section(kind, line.number))
        else:
            parts[-1].sections[-1].lines.append(line)
    return parts


def _markdown_parts(lines: Sequence[Line]) -> list[Part]:
    parts = [_head()]
    fenced = False
    for line in lines:
        if line.text.startswith("```"):
            fenced = not fenced
            continue
        text = line.text if fenced else _ESCAPED.sub(r"\1", line.text)
        level, heading = (0, "") if fenced else _heading(text)
        if heading:
            _take_heading(parts, line.number, level, heading)
        else:
            parts[-1].sections[-1].lines.append(Line(line.number, text))
    return parts


def _heading(text: str) -> tuple[int, str]:
    """Return level and text of a heading; a section's may stand in bold letters instead."""
    if marked := _MARKDOWN.fullmatch(text):
        return len(marked.group(1)), marked.group(2)
    bold = _BOLD.fullmatch(text)
    return (6, bold.group(1)) if bold and _kind(bold.group(1)) else (0, "")


def _underlined(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, headings that are underlined with = or - turned into those of ``#``."""
    found: list[Line] = []
    for line in lines:
        mark = {"=": "# ", "-": "## "}.get(line.text[:1], "") if _UNDERLINE.match(line.text) else ""
        above = found[-1] if found else Line(0, "")
        if mark and above.number == line.number - 1 and _WORDS.match(above.text):
            found[-1] = Line(above.number, mark + above.text)
        else:
            found.append(line)
    return found


def _take_heading(parts: list[Part], number: int, level: int, text: str) -> None:
    """Open a section, a model, or lengthen the title of a model that has nothing yet."""
    kind = _kind(text)
    part = parts[-1]
    bare = len(part.sections) == 1 and not any(line.text for line in part.sections[0].lines)
    if kind and len(parts) > 1:
        part.sections.append(Section(kind, number))
    elif len(parts) > 1 and bare and level > 2:
        part.title = f"{part.title} {text}"
    elif len(parts) == 1 or part.has_endpoint or not part.sections[1:]:
        parts.append(Part(text, number, [Section("opening", number)]))
    else:
        part.sections.append(Section("other", number))


def _kind(text: str) -> str | None:
    if not _HEADING.fullmatch(text):
        return None
    return next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, text)), None)
