"""Calls of a model as a person writes them, in Python and in a shell, from documented examples."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, cast

from codegen.document import Document, tokens
from codegen.runtime.entries import Model, Parameter

__all__ = ["arguments", "body", "command", "flag", "python"]

_LEAST, _RICHEST = "minimum", "full"
# fmt: off
_OWN_OPTIONS = {
    "assume-price", "attempts", "dry-run", "gateway", "help", "json", "key", "ledger", "max-spend",
    "max-spend-call", "max-spend-day", "no-save", "out", "param", "quiet", "sandbox", "timeout",
    "webhook-url",
}
# fmt: on
"""Options of `pixazo run` itself; a parameter of such a name is `--body-NAME` there."""


def body(document: Document, model: Model, *, full: bool = True) -> Any:
    """Return a documented body of the model; None when the document shows none.

    Args:
        document: the document.
        model: the model.
        full: the richest example and not the smallest one.
    """
    operation = document.root["paths"][model.path][model.method.lower()]
    examples = operation["requestBody"]["content"]["application/json"].get("examples", {})
    chosen = examples.get(_RICHEST if full else _LEAST) or next(iter(examples.values()), None)
    return chosen and chosen["value"]


def arguments(model: Model, body: Any) -> dict[str, Any]:
    """Return the arguments that make a body, by name; callbacks need a host and are left out."""
    hook = model.webhook
    left_out = {hook.body_field, hook.filter_field} if hook else set[str | None]()
    found = {parameter: _at(body, parameter.pointer) for parameter in model.parameters}
    return {
        parameter.name: value
        for parameter, value in sorted(found.items(), key=lambda pair: not pair[0].required)
        if value is not None and parameter.name not in left_out
    }


def _at(value: Any, pointer: str) -> Any:
    for token in tokens(pointer):
        key = int(token) if isinstance(value, list) and token.isdigit() else token
        try:
            value = cast("Any", value)[key]
        except (LookupError, TypeError):
            return None
    return value


def python(value: Any) -> str:
    """Return a JSON value as Python source with double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return "{" + ", ".join(f"{python(key)}: {python(item)}" for key, item in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(python, cast("list[object]", value))) + "]"
    return repr(value)


def command(model: Model, given: Mapping[str, Any]) -> str:
    """Return the shell command that runs the model offline.

    Args:
        model: the model.
        given: its arguments.
    """
    words: list[str] = []
    for name, value in given.items():
        words += _option(model.parameter(name), value)
    return shlex.join(["pixazo", "run", model.model_id, *words, "--sandbox", "-o", "out"])


def flag(name: str) -> str:
    """Return the option of a parameter."""
    word = name.replace("_", "-")
    return f"--body-{word}" if word in _OWN_OPTIONS else f"--{word}"


def _option(parameter: Parameter, value: Any) -> list[str]:
    """Return the option of a parameter: a list repeats it, a size is written `1280x720`."""
    option = flag(parameter.name)
    if isinstance(value, bool):
        return [option if value else option.replace("--", "--no-", 1)]
    items = cast("Sequence[Any]", value) if isinstance(value, list) else [value]
    return [word for item in items for word in (option, _word(item))]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
