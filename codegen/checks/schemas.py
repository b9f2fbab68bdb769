"""Do schemas use only what every reader of them understands, and are their examples true?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from codegen.catalogue import resolved
from codegen.checks.judge import broken
from codegen.document import Document, SpecProblem, escape
from codegen.runtime.kinds import FORMATS, compiled
from codegen.runtime.schema import KEYWORDS
from codegen.runtime.words import closest

__all__ = ["check", "nodes"]

_OPC_NAMES = {"additional_properties", "from_dict", "to_dict"}
_ORDERED = (
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
)


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield unknown keywords, impossible bounds, defaults and examples that break their schema."""
    for pointer, schema in _all(document):
        yield from _keywords(document, pointer, schema)
        yield from _readable(document, pointer, schema)
        yield from _bounds(document, pointer, schema)
        yield from _properties(document, pointer, schema)
        yield from _values(document, pointer, schema)
    yield from _media_types(document)


def nodes(document: Document, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a schema and every schema inside it, references not followed."""
    schema = document.get(pointer)
    if not isinstance(schema, Mapping):
        return
    yield pointer, cast("Mapping[str, Any]", schema)
    for name in document.get(pointer).get("properties", ()):
        yield from nodes(document, f"{pointer}/properties/{escape(name)}")
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            yield from nodes(document, f"{pointer}/{keyword}")
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index in range(len(document.get(pointer).get(keyword, ()))):
            yield from nodes(document, f"{pointer}/{keyword}/{index}")


def _all(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in document.root["components"]["schemas"]:
        yield from nodes(document, f"/components/schemas/{escape(name)}")
    for name, parameter in document.root["components"].get("parameters", {}).items():
        if "schema" in parameter:
            yield from nodes(document, f"/components/parameters/{escape(name)}/schema")


def _keywords(document: Document, pointer: str, schema: Mapping[str, Any]) -> Iterator[SpecProblem]:
    for keyword in schema:
        if keyword not in KEYWORDS:
            hint = closest(keyword, KEYWORDS) or "; say it otherwise"
            advice = f"{keyword} is no keyword that the client and other tools understand{hint}"
            yield document.problem(f"{pointer}/{escape(keyword)}", advice)
    if schema.get("type") == "array" and "items" not in schema:
        yield document.problem(pointer, f"{_name(pointer)} is a list without items; describe them")
    enum: list[object] = schema.get("enum", [])
    words = [word.lower() for word in enum if isinstance(word, str)]
    if 0 < len(words) < len(enum):
        yield document.problem(f"{pointer}/enum", f"{_name(pointer)} mixes types; split the enum")
    yield from _repeated(document, pointer, [word for word in enum if isinstance(word, str)])


def _readable(document: Document, pointer: str, schema: Mapping[str, Any]) -> Iterator[SpecProblem]:
    """Yield what our own reader of schemas, or that of the wire models, cannot make anything of."""
    name = _name(pointer)
    if schema.get("format", "uri") not in FORMATS:
        known = ", ".join(FORMATS)
        advice = f"{name} has a format that the client does not check ({known}); write a pattern"
        yield document.problem(f"{pointer}/format", advice)
    try:
        compiled(schema.get("pattern", ""))
    except re.error as error:
        advice = f"{name} has a pattern that Python does not read: {error.msg}; write it otherwise"
        yield document.problem(f"{pointer}/pattern", advice)
    for keyword in ("enum", "const"):
        stated = schema.get(keyword)
        words = cast("list[object]", stated) if isinstance(stated, list) else [stated]
        if any(isinstance(word, float) for word in words):
            advice = f"{name} lists fractions, which are no choices in Python; state bounds"
            yield document.problem(f"{pointer}/{keyword}", advice)


def _repeated(document: Document, pointer: str, words: list[str]) -> Iterator[SpecProblem]:
    for index, word in enumerate(words):
        alike = [other for other in words[:index] if other.lower() == word.lower()]
        if word in alike:
            advice = f"{word} stands twice in {_name(pointer)}; remove one of the two"
            yield document.problem(f"{pointer}/enum", advice)
        elif alike:
            advice = f"{_name(pointer)} has two words that differ by case only; keep one"
            yield document.problem(f"{pointer}/enum", advice)


def _bounds(document: Document, pointer: str, schema: Mapping[str, Any]) -> Iterator[SpecProblem]:
    for least, most in _ORDERED:
        if least in schema and most in schema and schema[least] > schema[most]:
            advice = f"{_name(pointer)} has {least} above {most}; swap or correct them"
            yield document.problem(f"{pointer}/{least}", advice)


def _properties(
    document: Document, pointer: str, schema: Mapping[str, Any]
) -> Iterator[SpecProblem]:
    known = schema.get("properties", {})
    for index, name in enumerate(schema.get("required", ())):
        if name not in known:
            hint = closest(name, known)
            advice = f"{name} is required but not described; describe it or drop it{hint}"
            yield document.problem(f"{pointer}/required/{index}", advice)
    for name in known.keys() & _OPC_NAMES:
        advice = f"a property named {name} breaks the wire models; it needs a template of its own"
        yield document.problem(f"{pointer}/properties/{name}", advice)


def _values(document: Document, pointer: str, schema: Mapping[str, Any]) -> Iterator[SpecProblem]:
    whole = resolved(document, schema)
    if "default" in schema and (why := broken(schema["default"], whole)):
        advice = f"{_name(pointer)} has a default that breaks its own schema ({why}); correct one"
        yield document.problem(f"{pointer}/default", advice)
    for index, example in enumerate(schema.get("examples", ())):
        if why := broken(example, whole):
            advice = f"{_name(pointer)} has an example that breaks its schema ({why}); correct it"
            yield document.problem(f"{pointer}/examples/{index}", advice)


def _media_types(document: Document) -> Iterator[SpecProblem]:
    for pointer, node in document.walk():
        if not pointer.endswith("/content/application~1json") or not isinstance(node, Mapping):
            continue
        media = cast("Mapping[str, Any]", node)
        whole = resolved(document, media.get("schema", {}))
        for name, example in media.get("examples", {}).items():
            if why := broken(example["value"], whole):
                advice = f"example {name} breaks its schema ({why}); correct it"
                yield document.problem(f"{pointer}/examples/{escape(name)}", advice)


def _name(pointer: str) -> str:
    """Return the property or component that a schema belongs to."""
    parts = pointer.split("/")
    while len(parts) > 1 and (
        parts[-1].isdigit() or parts[-1] in {"items", "anyOf", "allOf", "oneOf"}
    ):
        parts.pop()
    return parts[-1]
