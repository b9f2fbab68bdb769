"""The pages as texts: facts of the document put into the templates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen import catalogue
from codegen.document import Document
from codegen.pages import facts, markdown, samples
from codegen.rulings import rulings
from codegen.runtime.entries import Model

__all__ = ["render"]

_TEMPLATES = Path(__file__).parents[1] / "templates" / "pages"
_INDEX = "README.md"


def render(document: Document) -> dict[str, str]:
    """Return every page by its file's name: the index, and one page for each model.

    Args:
        document: a document that was checked.
    """
    environment = _environment()
    titles = {number: ruling["title"] for number, ruling in rulings(document).items()}
    models = catalogue.models(document)
    server = document.root["servers"][0]["url"]
    pages = {_INDEX: ("index.md.jinja", _index(document, models))}
    for model in models:
        pages[f"{model.model_id}.md"] = ("model.md.jinja", _model(document, model))
    return {
        name: _linked(environment.get_template(template).render(known, server=server), titles)
        for name, (template, known) in pages.items()
    }


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (Markdown is rendered, and every text goes through a filter)
    )
    environment.filters |= {
        "code": markdown.code,
        "default_": facts.default,
        "json": lambda value: json.dumps(value, ensure_ascii=False, indent=2),
        "joined": markdown.joined,
        "limits": _limits,
        "python": samples.python,
        "text": markdown.text,
        "type": facts.type_,
    }
    return environment


def _limits(schema: Mapping[str, Any], *, inside: bool = True) -> str:
    return facts.limits(schema, inside=inside) or "-"


def _model(document: Document, model: Model) -> Mapping[str, Any]:
    pointer = facts.pointer_of(document, model)
    answers = facts.answers(document, pointer)
    given = samples.arguments(model, samples.body(document, model))
    least = samples.arguments(model, samples.body(document, model, full=False))
    said = document.get(pointer)["x-pixazo"]
    return {
        "model": model,
        "extension": said,
        "headers": facts.headers(document, pointer),
        "answers": answers,
        "success": answers[0],
        "fields": [*facts.fields(answers[0].schema)],
        "given": given,
        "command": samples.command(model, least),
        "body": samples.body(document, model),
        "nested": any(p.pointer.count("/") > 1 for p in model.parameters),
        "makes": _MAKES[model.media_kind],
    }


_MAKES = {"image": "pictures", "layers": "transparent layers", "lora": "LoRA weights"}


def _index(document: Document, models: tuple[Model, ...]) -> Mapping[str, Any]:
    pointer, operation = next(
        (pointer, operation)
        for pointer, _, _, operation in document.operations()
        if operation.get("x-pixazo", {}).get("mode") == "status"
    )
    answers = facts.answers(document, pointer)
    return {
        "models": models,
        "makes": _MAKES,
        "status": catalogue.status(document),
        "extension": operation["x-pixazo"],
        "description": operation["description"],
        "answers": answers,
        "success": answers[0],
        "fields": [*facts.fields(answers[0].schema)],
        "version": document.root["info"]["version"],
    }


def _linked(page: str, titles: Mapping[str, str]) -> str:
    """Return a page with the rulings that it names at its end, each with its title and address."""
    return page.rstrip("\n") + "\n" + "".join(_rulings(page, titles))


def _rulings(page: str, titles: Mapping[str, str]) -> Iterator[str]:
    named = markdown.references(page, titles)
    if named:
        yield "\n## Rulings named here\n\n"
        yield from (f"- [{number}] {markdown.text(title)}\n" for number, title, _ in named)
        yield "\n"
        yield from (f"[{number}]: {address}\n" for number, _, address in named)
