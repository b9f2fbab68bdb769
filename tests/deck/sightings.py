"""What cassettes show and what the spec says, side by side: statuses, fields, words, headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.suite.exchange import NOT_JSON, Exchange
from tests.contract.suite.spec import Operation, Spec, spec
from tests.deck.holding import exchanges, findings
from tests.deck.notation import child
from tests.deck.tapes import Tape

__all__ = ["Drift", "drift_of", "table"]

JSON = "content/application~1json/schema"
# Headers of every answer, which no API description lists.
EVERYWHERE = {"content-type"}


@dataclass(frozen=True, slots=True)
class Drift:
    """Where cassettes and spec differ.

    Args:
        not_in_spec: What was seen and is not described, with how often.
        never_seen: What is described and was not seen.
        contradicted: What was seen otherwise than described, with how often.
        cassettes: How many recordings were looked at.
    """

    not_in_spec: tuple[str, ...]
    never_seen: tuple[str, ...]
    contradicted: tuple[str, ...]
    cassettes: int


@dataclass
class _Sightings:
    """What was seen so far: places of the spec, and what has no place there."""

    document: Spec
    places: set[str] = field(default_factory=set[str])
    strange: Counter[str] = field(default_factory=Counter[str])

    def exchange(self, exchange: Exchange) -> None:
        """Look at one exchange."""
        operation = self.document.operation(exchange.method, exchange.url)
        if operation is None:
            self.strange[f"{exchange.method} {exchange.path}"] += 1
            return
        if exchange.status == operation.success and exchange.request_json is not NOT_JSON:
            pointer = f"{operation.pointer}/requestBody/{JSON}"
            self.value(f"{operation.name} request", pointer, exchange.request_json)
        found = self.document.response(operation, exchange.status)
        self.places.add(f"{operation.pointer}/responses/{exchange.status}")
        if found is None:
            self.strange[f"{operation.name}: status {exchange.status}"] += 1
            return
        pointer, response = found
        self._headers(operation, pointer, response, exchange)
        if exchange.json is not NOT_JSON:
            self.value(f"{operation.name} {exchange.status}", f"{pointer}/{JSON}", exchange.json)

    def value(self, name: str, pointer: str, value: Any, place: str = "") -> None:
        """Look at a value with the part of the spec that describes it."""
        pointer, schema = self.document.document.follow(pointer)
        if not isinstance(schema, dict):
            return
        for arm in self._arms(pointer, schema, value):
            self.places.add(arm)
            self.value(name, arm, value, place)
        if value in schema.get("enum", ()):
            self.places.add(f"{pointer}/enum/{schema['enum'].index(value)}")
        if isinstance(value, dict):
            self._members(name, pointer, schema, value, place)
        for item in value if isinstance(value, list) and "items" in schema else ():
            self.value(name, f"{pointer}/items", item, f"{place}/*")

    def _arms(self, pointer: str, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
        for arms in ("anyOf", "oneOf", "allOf"):
            for number in range(len(schema.get(arms, ()))):
                arm = f"{pointer}/{arms}/{number}"
                if arms == "allOf" or self.document.holds(arm, value):
                    yield arm

    def _members(
        self, name: str, pointer: str, schema: Mapping[str, Any], value: dict[str, Any], place: str
    ) -> None:
        known = schema.get("properties", {})
        for member, inner in value.items():
            if member in known:
                at = child(f"{pointer}/properties", member)
                self.places.add(at)
                self.value(name, at, inner, child(place, member))
            elif known:
                self.strange[f"{name}: {child(place, member)}"] += 1

    def _headers(
        self, operation: Operation, pointer: str, response: Mapping[str, Any], exchange: Exchange
    ) -> None:
        known = {header.lower(): header for header in response.get("headers", {})}
        for header in exchange.headers:
            if header in known:
                self.places.add(f"{pointer}/headers/{known[header]}")
            elif header not in EVERYWHERE:
                self.strange[f"{operation.name} {exchange.status}: header {header}"] += 1


def drift_of(tapes: Iterable[Tape], document: Spec | None = None) -> Drift:
    """Return where recordings and spec differ; cassettes made from the documents do not count."""
    document = document or spec()
    seen, contradicted, count = _Sightings(document), Counter[str](), 0
    for tape in tapes:
        if tape.origin.documents:
            continue
        count += 1
        for held in exchanges(tape):
            seen.exchange(held.exchange)
        contradicted.update(f"{finding.what} ({finding.rule})" for finding in findings(tape))
    never = (text for place, text in _described(document) if place not in seen.places)
    return Drift(
        not_in_spec=_counted(seen.strange),
        never_seen=tuple(dict.fromkeys(never)),
        contradicted=_counted(contradicted),
        cassettes=count,
    )


def _counted(found: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{what}  [{times}]" for what, times in sorted(found.items()))


def _described(document: Spec) -> Iterator[tuple[str, str]]:
    """Every place of the spec that could be seen, with what it is called."""
    done: set[str] = set()
    for operation in document.operations:
        if "requestBody" in operation.content:
            request = f"{operation.pointer}/requestBody/{JSON}"
            yield from _parts(document, request, f"{operation.name} request", done)
        for status in operation.content["responses"]:
            place = f"{operation.pointer}/responses/{status}"
            yield place, f"{operation.name}: status {status}"
            pointer, response = document.document.follow(place)
            for header in response.get("headers", {}):
                yield f"{pointer}/headers/{header}", f"{status}: header {header}"
            yield from _parts(document, f"{pointer}/{JSON}", f"{operation.name} {status}", done)


def _parts(document: Spec, pointer: str, name: str, done: set[str]) -> Iterator[tuple[str, str]]:
    pointer, schema = document.document.follow(pointer)
    if pointer in done or not isinstance(schema, dict):
        return
    done.add(pointer)
    if pointer.startswith("/components/schemas/"):
        name = pointer.removeprefix("/components/schemas/").replace("/properties/", ".")
    yield from _forms(document, pointer, name, done)
    for number, word in enumerate(schema.get("enum", ())):
        yield f"{pointer}/enum/{number}", f"{name}: the value {word!r}"
    for member in schema.get("properties", {}):
        at = child(f"{pointer}/properties", member)
        yield at, f"{name}: {member}"
        yield from _parts(document, at, f"{name}.{member}", done)
    if "items" in schema:
        yield from _parts(document, f"{pointer}/items", f"{name}[]", done)


def _forms(document: Spec, pointer: str, name: str, done: set[str]) -> Iterator[tuple[str, str]]:
    schema = document.get(pointer)
    for arms in ("anyOf", "oneOf"):
        for number, arm in enumerate(schema.get(arms, ())):
            at = f"{pointer}/{arms}/{number}"
            told = str(arm.get("$ref", arm.get("type", number))).rpartition("/")[2]
            yield at, f"{name}: the form {told}"
            yield from _parts(document, at, name, done)
    for number in range(len(schema.get("allOf", ()))):
        yield from _parts(document, f"{pointer}/allOf/{number}", name, done)


def table(drift: Drift) -> str:
    """Return the three columns as a Markdown table."""
    heads = ("seen, but not in the spec", "in the spec, but never seen", "contradicted")
    columns = (drift.not_in_spec, drift.never_seen, drift.contradicted)
    lines = ["| " + " | ".join(heads) + " |", "|---|---|---|"]
    for number in range(max(1, *map(len, columns))):
        cells = [column[number] if number < len(column) else "" for column in columns]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
