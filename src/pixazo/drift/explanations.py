"""What the spec says at one place, and where it comes from."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pixazo.drift.contract import Contract, Field, Operation, child
from pixazo.drift.faults import UnknownPlace
from pixazo.drift.rulings import Ruling
from pixazo.money import shown

__all__ = ["Explanation", "explain", "places"]

_BOUNDS = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
)
_BEYOND = (("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"))


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one place.

    Args:
        name: The place, as it was asked for.
        lines: Label and text of each fact, in reading order.
        rulings: The rulings that the place rests on.
        pointer: JSON pointer of the place in the spec; empty for a ruling.
        spec_line: Its line in the spec file; None without one.
    """

    name: str
    lines: tuple[tuple[str, str], ...]
    rulings: tuple[Ruling, ...] = ()
    pointer: str = ""
    spec_line: int | None = None


def explain(path: str, contract: Contract, rulings: Mapping[str, Ruling]) -> Explanation:
    """Return what the spec says at a place.

    Args:
        path: A model (`qwen-image-max`), something of it (`qwen-image-max.num_images`, `….402`,
            `….price`, `….webhook`, `….waiting`, `….media`, `….response.<field>`), `status`,
            something of it (`status.COMPLETED`), or a ruling (`R12`).
        contract: The spec.
        rulings: The rulings by number.

    Raises:
        UnknownPlace: nothing has this name; the error names near ones.
    """
    if number := re.fullmatch(r"[Rr]0*(\d+)", path):
        return _ruling(_numbered(int(number[1]), rulings), contract)
    known_places = dict(_places(contract))
    path = next((name for name in known_places if name.lower() == path.lower()), path)
    found = known_places.get(path)
    if found is None:
        raise UnknownPlace(
            f"{path or repr(path)}: nothing in the spec has this name", hint=_near(path, contract)
        )
    lines, named, pointer = found
    lines = [*lines, *_covers(path, contract)]
    known = tuple(rulings.get(number, Ruling(number, "", ())) for number in named)
    return Explanation(path, tuple(lines), known, pointer, contract.locate(pointer))


def _numbered(number: int, rulings: Mapping[str, Ruling]) -> Ruling:
    """Return a ruling by its number: `R7` and `r07` are R07."""
    found = {int(name[1:]): ruling for name, ruling in rulings.items()}
    if number in found:
        return found[number]
    there = f"R{min(found):02} to R{max(found):02}" if found else "none: RULINGS.md is missing"
    raise UnknownPlace(f"R{number:02}: there is no such ruling", hint=f"there are {there}")


def _covers(path: str, contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield what the pages say otherwise at the place, by ruling."""
    model, _, place = path.partition(".")
    operation = contract.status if model == "status" else contract.models.get(model)
    if operation is None:
        return
    place = _arguments(operation).get(place, place)
    for ruling, said in operation.extension.get("covers", {}).items():
        for name, word in said.items():
            if not place or name == place or name.startswith(f"{place}."):
                words = "nothing" if word is None else json.dumps(word, ensure_ascii=False)
                yield "page says", f"{name}: {words} ({ruling})"


def places(contract: Contract) -> tuple[str, ...]:
    """Return every name that `explain` knows, but for rulings."""
    return tuple(name for name, _ in _places(contract))


def _near(path: str, contract: Contract) -> str:
    names = places(contract)
    same = [name for name in names if path and name.endswith(f".{path}")]
    near = same[:3] or difflib.get_close_matches(path, names, n=3, cutoff=0.5)
    model = path.partition(".")[0]
    if model in contract.models and not near:
        near = [name for name in names if name.startswith(f"{model}.")][:3]
    tell = ", ".join(near) or ", ".join(contract.models)
    return f"try {tell}, or a ruling such as R01"


_Place = tuple[list[tuple[str, str]], tuple[str, ...], str]


def _places(contract: Contract) -> Iterator[tuple[str, _Place]]:
    for model, operation in contract.models.items():
        yield model, _operation(operation, contract)
        for name, place in _parts(operation, contract):
            yield f"{model}.{name}", place
    if contract.status is not None:
        yield "status", _operation(contract.status, contract)
        for name, place in _parts(contract.status, contract):
            yield f"status.{name}", place


def _operation(operation: Operation, contract: Contract) -> _Place:
    said = operation.extension
    request = contract.request(operation)
    fields = [field.path for field in contract.fields(request) if not field.is_container]
    lines = [
        ("what", str(operation.node.get("description", ""))),
        ("call", f"{operation.method.upper()} {contract.server}{operation.path}"),
        ("mode", str(said.get("mode", ""))),
    ]
    if "price" in said:
        lines.append(("price", _price(said["price"])))
    if fields:
        lines.append(("parameters", ", ".join([*_arguments(operation)] or fields)))
    lines.append(("codes", ", ".join(contract.codes(operation))))
    lines.append(("source", str(said.get("source", ""))))
    return lines, tuple(said.get("rulings", ())), operation.pointer


def _parts(operation: Operation, contract: Contract) -> Iterator[tuple[str, _Place]]:
    yield from _extras(operation)  # first: a parameter of the same name replaces it
    by_path = {field.path: field for field in contract.fields(contract.request(operation))}
    for path, field in by_path.items():
        yield path, _field(field)
    for name, path in _arguments(operation).items():
        if path in by_path and name not in by_path:
            yield name, _field(by_path[path])
    for code in contract.codes(operation):
        yield code, _code(code, operation, contract)
    for name, (node, pointer) in contract.headers(operation).items():
        lines = [
            ("what", str(node.get("description", ""))),
            ("required", _yes(node.get("required"))),
        ]
        yield f"header.{name}", (lines, _named(lines), pointer)
    answer = contract.answer(operation, contract.success(operation))
    prefix = "" if operation.extension.get("mode") == "status" else "response."
    for field in contract.fields(answer):
        yield f"{prefix}{field.path}", _field(field, is_answer=True)


def _extras(operation: Operation) -> Iterator[tuple[str, _Place]]:
    """Yield what only the vendor extension knows: price, webhook, waiting, media, status words."""
    said = operation.extension
    at = child(operation.pointer, "x-pixazo")
    for key, text in _EXTRAS:
        if key in said:
            lines = [(key, text(said[key])), ("source", str(said[key].get("source", "")))]
            kept = [line for line in lines if line[1]]
            yield key, (kept, tuple(said[key].get("rulings", ())), child(at, key))
    for word, outcome in said.get("states", {}).items():
        moves = ", ".join(said.get("moves", {}).get(word, ())) or "nothing: it is an end"
        pointer = child(at, "states", word)
        lines = [("outcome", str(outcome)), ("followed by", moves)]
        yield word, (lines, tuple(said.get("rulings", ())), pointer)


def _arguments(operation: Operation) -> dict[str, str]:
    """Return the flat argument names and their dotted paths."""
    found: dict[str, str] = {}
    for name, pointer in operation.extension.get("arguments", {}).items():
        tokens = str(pointer).split("/")[1:]
        found[name] = "".join("[]" if t.isdigit() else f".{t}" for t in tokens).removeprefix(".")
    return found


def _field(field: Field, *, is_answer: bool = False) -> _Place:
    said = field.node.get("x-pixazo", {})
    lines = [
        ("what", str(field.schema.get("description", ""))),
        ("type", " or ".join(field.types)),
        ("required", _yes(field.required)),
        ("values", ", ".join(str(value) for value in field.enum)),
        ("bounds", "; ".join(_bounds(field.schema))),
        ("pattern", str(field.schema.get("pattern", ""))),
        ("default", "" if is_answer else _default(field)),
        ("source", str(said.get("source", ""))),
    ]
    kept = [line for line in lines if line[1]]
    return kept, tuple(dict.fromkeys((*field.rulings, *_named(lines)))), field.pointer


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    for low, high, unit in _BOUNDS:
        least, most = schema.get(low), schema.get(high)
        if least is None and most is None:
            continue
        words = f"only {least}" if least == most else f"{least} to {most}"
        if most is None:
            words = f"at least {least}"
        elif least is None:
            words = f"at most {most}"
        one = (1 if most is None else most) == 1 and least in (None, 1)
        yield f"{words} {unit.removesuffix('s') if one else unit}".strip()
    for keyword, word in _BEYOND:
        if keyword in schema:
            yield f"{word} {schema[keyword]}"


def _default(field: Field) -> str:
    if "default" not in field.schema:
        return "" if field.required else "none documented; left out when not given"
    return f"{json.dumps(field.schema['default'])}, the server's: not sent when left out"


def _code(code: str, operation: Operation, contract: Contract) -> _Place:
    pointer = child(operation.pointer, "responses", code)
    node, at = contract.resolve(operation.node["responses"][code], pointer)
    source = str(operation.extension.get("codes", {}).get(code, ""))
    lines = [("what", str(node.get("description", "")))]
    for content in node.get("content", {}).values():
        first = list(content.get("examples", {}).values())[:1]
        lines += [("example", json.dumps(each["value"], ensure_ascii=False)) for each in first]
    lines.append(("source", source))
    return lines, _named(lines), at


def _price(price: Mapping[str, Any]) -> str:
    usd = price.get("usd")
    known = usd is not None
    return f"{shown(Decimal(str(usd)))} per {price.get('per')}" if known else "unknown, not free"


def _media(media: Mapping[str, Any]) -> str:
    return f"{media.get('kind')} at {', '.join(media.get('pointers', ()))}"


def _pairs(values: Mapping[str, Any]) -> str:
    kept = {k: v for k, v in values.items() if k not in {"source", "rulings"}}
    return ", ".join(f"{key} {value}" for key, value in kept.items())


_EXTRAS = (("price", _price), ("webhook", _pairs), ("waiting", _pairs), ("media", _media))


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _named(lines: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the rulings that the texts name."""
    return tuple(dict.fromkeys(re.findall(r"\bR\d{2,3}\b", " ".join(t for _, t in lines))))


def _ruling(ruling: Ruling, contract: Contract) -> Explanation:
    used = [name for name, (_, named, _) in _places(contract) if ruling.id in named]
    lines = [("title", ruling.title), *((label.lower(), text) for label, text in ruling.lines)]
    if used:
        lines.append(("named by", ", ".join(used)))
    return Explanation(ruling.id, tuple(lines))
