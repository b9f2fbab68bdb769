"""A documentation page as facts: for each model its rows, codes, prices and examples, by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pixazo.drift.examples import Broken, Call, Example, find_calls, find_examples
from pixazo.drift.faults import PageUnreadable
from pixazo.drift.lines import Line, read_lines
from pixazo.drift.sections import Part, Section, split_page
from pixazo.drift.tables import Row, Table, find_tables

__all__ = ["ModelFacts", "Page", "Said", "read_page"]

_URL = re.compile(r"https?://\S+")
_EVERY = re.compile(r"every (\d+)\s*(?:-|\u2013|to)\s*(\d+) seconds", re.I)
_UNTIL = re.compile(r"until (?:the )?status is ([A-Z_, ]+(?:or [A-Z_]+)?)")
_NO_PRICE = re.compile(r"no data|could not load|not available|unavailable|unknown", re.I)
_ARROW = "→"


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the page and the line it stands on."""

    text: str
    line: int


@dataclass(slots=True)
class ModelFacts:
    """What the page says about one model. Lists keep the page's order; lines count from 1."""

    title: str
    line: int
    base_url: Said | None = None
    authentication: Table | None = None
    authentication_line: int | None = None
    calls: list[Call] = field(default_factory=list[Call])
    parameters: list[Row] = field(default_factory=list[Row])
    parameters_line: int | None = None
    header_tables: list[Table] = field(default_factory=list[Table])
    webhook: Said | None = None
    code_tables: list[Table] = field(default_factory=list[Table])
    field_rows: list[Row] = field(default_factory=list[Row])
    fields_line: int | None = None
    words: list[Row] = field(default_factory=list[Row])
    words_line: int | None = None
    flow: Said | None = None
    price_line: int | None = None
    prices: list[Row] = field(default_factory=list[Row])
    price_unit: str | None = None
    requests: list[Example] = field(default_factory=list[Example])
    code_bodies: list[Example] = field(default_factory=list[Example])
    minimum: Example | None = None
    answers: list[Example] = field(default_factory=list[Example])
    errors: list[Example] = field(default_factory=list[Example])
    status_calls: list[Call] = field(default_factory=list[Call])
    status_answers: list[Example] = field(default_factory=list[Example])
    status_line: int | None = None
    status_code_tables: list[Table] = field(default_factory=list[Table])
    price_said: bool = False
    intervals: list[Said] = field(default_factory=list[Said])
    ends: list[Said] = field(default_factory=list[Said])
    broken: list[Broken] = field(default_factory=list[Broken])


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name, its opening words, its models, its number of lines."""

    name: str
    head: tuple[Line, ...]
    models: tuple[ModelFacts, ...]
    lines: tuple[Line, ...]


def read_page(text: str, name: str = "page") -> Page:
    """Return the facts of a page.

    Args:
        text: The page's text, as a dump or in markdown.
        name: What errors and reports call the page.

    Raises:
        PageUnreadable: the text is empty, HTML, or describes no model at all.
    """
    lines = read_lines(text, name)
    head, parts = split_page(lines)
    if not parts:
        raise PageUnreadable(
            f"{name}: no model found in {len(lines)} lines",
            hint="a page names a model, then Request Code with a POST and Request Parameters;"
            " save the whole page as text or markdown",
        )
    return Page(name, tuple(head), tuple(_facts(part) for part in parts), lines)


def _facts(part: Part) -> ModelFacts:
    facts = ModelFacts(part.title, part.line)
    for section in part.sections:
        _READERS.get(section.kind, _read_nothing)(facts, section)
    everything = [line for section in part.sections for line in section.lines]
    facts.intervals = list(_matches(_EVERY, everything))
    facts.ends = list(_matches(_UNTIL, everything))
    return facts


def _matches(pattern: re.Pattern[str], lines: Iterable[Line]) -> Iterator[Said]:
    """Yield the groups of each match, joined by a hyphen, and its line."""
    for line in lines:
        for match in pattern.finditer(line.text):
            yield Said("-".join(match.groups()).strip(), line.number)


def _read_nothing(facts: ModelFacts, section: Section) -> None:
    """Leave a section alone that states nothing comparable."""


def _read_base(facts: ModelFacts, section: Section) -> None:
    for line in section.lines:
        if _URL.fullmatch(line.text) and facts.base_url is None:
            facts.base_url = Said(line.text, line.number)


def _read_authentication(facts: ModelFacts, section: Section) -> None:
    facts.authentication_line = section.line
    tables = _tables(facts, section, "header")
    facts.authentication = tables[0] if tables else None


def _read_code(facts: ModelFacts, section: Section) -> None:
    facts.calls += find_calls(section.lines)
    facts.code_bodies += _examples(facts, section.lines)
    facts.requests += facts.code_bodies


def _read_example(facts: ModelFacts, section: Section) -> None:
    facts.requests += _examples(facts, section.lines)


def _read_minimum(facts: ModelFacts, section: Section) -> None:
    found = _examples(facts, section.lines)
    facts.requests += found
    facts.minimum = found[0] if found else None


def _read_answer(facts: ModelFacts, section: Section) -> None:
    facts.answers += _examples(facts, section.lines)


def _read_errors(facts: ModelFacts, section: Section) -> None:
    facts.errors += _examples(facts, section.lines)


def _read_ended(facts: ModelFacts, section: Section) -> None:
    facts.status_answers += _examples(facts, section.lines)
    facts.status_line = facts.status_line or section.line


def _read_webhook(facts: ModelFacts, section: Section) -> None:
    named = [line for line in section.lines if re.search(r"[A-Z]\w*(?:-\w+)+", line.text)]
    if named:
        match = re.search(r"[A-Z]\w*(?:-\w+)+", named[0].text)
        facts.webhook = Said(match.group() if match else "", named[0].number)


def _read_parameters(facts: ModelFacts, section: Section) -> None:
    facts.parameters_line = facts.parameters_line or section.line
    for table in _tables(facts, section, "field", "parameter"):
        facts.parameters += table.rows


def _read_headers(facts: ModelFacts, section: Section) -> None:
    facts.header_tables += _tables(facts, section, "header")


def _read_codes(facts: ModelFacts, section: Section) -> None:
    """Take a table of codes: the model's, or the status operation's once the page speaks of it."""
    tables = facts.code_tables if facts.status_line is None else facts.status_code_tables
    tables += _tables(facts, section, "code")


def _read_fields(facts: ModelFacts, section: Section) -> None:
    facts.fields_line = section.line
    for table in _tables(facts, section, "field"):
        facts.field_rows += table.rows


def _read_words(facts: ModelFacts, section: Section) -> None:
    facts.words_line = section.line
    for table in _tables(facts, section, "status"):
        facts.words += table.rows


def _read_flow(facts: ModelFacts, section: Section) -> None:
    drawn = [line for line in section.lines if _ARROW in line.text]
    if not drawn:
        return
    branches = [line.text.removeprefix(_ARROW).strip() for line in drawn[1:]]
    facts.flow = Said(" | ".join([drawn[0].text, *branches]), drawn[0].number)


def _read_status(facts: ModelFacts, section: Section) -> None:
    facts.status_line = facts.status_line or section.line
    facts.status_calls += find_calls(section.lines)


def _read_price(facts: ModelFacts, section: Section) -> None:
    facts.price_line = section.line
    for table in _tables(facts, section, "resolution"):
        facts.prices += table.rows
    text = " ".join(line.text for line in section.lines)
    facts.price_said = bool(facts.prices or _NO_PRICE.search(text))
    unit = re.search(
        r"\b(?:per|a|each) (request|image|picture|second|megapixel|step)\b", text, re.I
    )
    facts.price_unit = unit.group(1).lower() if unit else None


def _tables(facts: ModelFacts, section: Section, *first: str) -> list[Table]:
    found = [table for table in find_tables(section.lines) if table.columns[0] in first]
    for table in found:
        facts.broken += [Broken(line.number, "a table row is cut off") for line in table.broken]
    return found


def _examples(facts: ModelFacts, lines: Sequence[Line]) -> list[Example]:
    found, broken = find_examples(lines)
    facts.broken += broken
    return found


_READERS = {
    "opening": _read_base,
    "base": _read_base,
    "authentication": _read_authentication,
    "code": _read_code,
    "example": _read_example,
    "full": _read_example,
    "minimum": _read_minimum,
    "answer": _read_answer,
    "errors": _read_errors,
    "ended": _read_ended,
    "webhook": _read_webhook,
    "parameters": _read_parameters,
    "headers": _read_headers,
    "codes": _read_codes,
    "fields": _read_fields,
    "words": _read_words,
    "flow": _read_flow,
    "status": _read_status,
    "price": _read_price,
}
