"""Second pass: what openapi-python-client cannot see becomes request classes and the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen import catalogue, signatures
from codegen.document import Document
from codegen.literals import literal
from codegen.rulings import rulings

__all__ = ["canonical", "write"]

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates" / "facade"
_RUNTIME = _HERE / "runtime"
_HEADER = "# Made by `python -m codegen` from {source}. Do not edit: change what it is made from.\n"


def write(document: Document, out: Path) -> None:
    """Write the second pass over the first one, and give every module its header.

    Args:
        document: a document that was checked.
        out: the folder that the first pass made.
    """
    for path in sorted(out.rglob("*.py")):
        _put(path, path.read_text(encoding="utf-8"), "spec/openapi.yaml")
    for name, text in _rendered(document):
        _put(out / name, text, "spec/openapi.yaml")
    for path in sorted(_RUNTIME.glob("*.py")):
        if path.name != "__init__.py":
            _put(out / path.name, path.read_text(encoding="utf-8"), f"codegen/runtime/{path.name}")
    for name, value in (("openapi.json", document.root), ("rulings.json", rulings(document))):
        (out / name).write_text(canonical(value), encoding="utf-8", newline="\n")
    (out / "py.typed").touch()


def canonical(value: Mapping[str, Any]) -> str:
    """Return the value as JSON: its own order, two spaces, no escaped letters."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _put(path: Path, text: str, source: str) -> None:
    header = _HEADER.format(source=source)
    path.write_text(f"{header}{text}", encoding="utf-8", newline="\n")


def _rendered(document: Document) -> Iterator[tuple[str, str]]:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (Python is rendered, not HTML)
    )
    environment.filters |= {
        "accepted": signatures.accepted,
        "kept": signatures.kept,
        "literal": literal,
        "origin": signatures.origin,
        "price": signatures.price,
        "quoted": _quoted,
        "sentences": signatures.sentences,
    }
    facts = _facts(document)
    for template in sorted(environment.list_templates()):
        name = template.removesuffix(".jinja")
        yield name, environment.get_template(template).render(facts)


def _quoted(text: str) -> str:
    """Return a text of the document so that it cannot end the docstring it stands in."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _facts(document: Document) -> Mapping[str, Any]:
    root = document.root
    sizes = root.get("x-pixazo", {}).get("sizes", {})
    (scheme,) = root["components"]["securitySchemes"].values()
    return {
        "version": root["info"]["version"],
        "sha256": sha256(document.text.encode()).hexdigest(),
        "server": root["servers"][0]["url"],
        "key_header": scheme["name"],
        "sizes": {name: (size["width"], size["height"]) for name, size in sizes.items()},
        "models": catalogue.models(document),
        "status": catalogue.status(document),
    }
