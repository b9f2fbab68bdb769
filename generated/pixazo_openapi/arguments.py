# Made by `python -m codegen` from codegen/runtime/arguments.py. Do not edit: change what it is made from.
"""Checks the arguments of a request and brings them into the form in which they are kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from .entries import Model, Parameter
from .errors import Problem
from .inline import NotInline, data_uri
from .schema import problems
from .values import frozen
from .words import closest, place

__all__ = ["checked"]

_UNDOCUMENTED = "undocumented"
_DEEPEST = 100  # lists and objects within each other
_MOST_DIGITS = 400  # more than a float has
_ENDLESS = 10**_MOST_DIGITS
_EXACT = 2**53  # whole floats beyond it stand for more than one number
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def checked(model: Model, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the value of every documented parameter, None where none was given, and what is wrong.

    Args:
        model: the model that is asked.
        given: arguments by name, ``undocumented`` among them.
    """
    values: dict[str, Any] = {}
    found = [*_bottomless(given)]
    if found:  # whatever looks into such a value would not come back
        return values, found
    for parameter in model.parameters:
        value, broken = _one(parameter, given.get(parameter.name))
        values[parameter.name] = value
        found += broken
    found += _unknown(model, given)
    found += _undocumented(model, given.get(_UNDOCUMENTED))
    return values, found


def _bottomless(given: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in given.items():
        if _deep(value, _DEEPEST):
            rule = f"must not nest deeper than {_DEEPEST}, or hold itself"
            yield Problem(name, value, rule, f"/{name}", "type")


def _deep(value: Any, left: int) -> bool:
    if isinstance(value, Mapping):
        value = cast("Mapping[object, object]", value).values()
    elif not isinstance(value, list | tuple):
        return False
    return left == 0 or any(_deep(item, left - 1) for item in cast("Iterable[object]", value))


def _one(parameter: Parameter, value: Any) -> tuple[Any, list[Problem]]:
    if value is None:
        return None, [
            _problem(parameter, None, "is required", "required")
        ] if parameter.required else []
    if isinstance(value, bytes | os.PathLike):
        return _file(parameter, cast("bytes | os.PathLike[str]", value))
    value = _whole(value, parameter.schema)
    return frozen(value), _broken(parameter, value)


def _file(parameter: Parameter, value: bytes | os.PathLike[str]) -> tuple[Any, list[Problem]]:
    if not parameter.inline:
        return None, [_problem(parameter, value, _no_files(parameter), "type")]
    try:
        text = data_uri(value)
    except NotInline as error:
        return None, [_problem(parameter, value, str(error), "inline")]
    return text, _broken(parameter, text)


def _broken(parameter: Parameter, value: Any) -> list[Problem]:
    found = problems(value, parameter.schema, name=parameter.name, pointer=parameter.pointer)
    found = [_explained(parameter, problem) for problem in found]
    return found or [*_not_sendable(parameter.name, parameter.pointer, value)]


def _problem(parameter: Parameter, value: object, rule: str, keyword: str) -> Problem:
    return Problem(parameter.name, value, rule, parameter.pointer, keyword)


def _no_files(parameter: Parameter) -> str:
    fetched = "that the gateway can fetch; this parameter takes no local file"
    if parameter.format == "uri":
        return f"must be a URL {fetched}"
    if parameter.schema.get("items", {}).get("format") == "uri":
        return f"must be a list of URLs {fetched}"
    return "must be text or numbers; this parameter takes no file"


def _explained(parameter: Parameter, problem: Problem) -> Problem:
    """Add the way out where a text that should be a URL is, or looks like, the path of a file."""
    value = problem.value
    if parameter.inline and problem.keyword == "type":
        return _problem(parameter, value, "must be a string, bytes or a pathlib.Path", "type")
    if problem.keyword not in {"pattern", "format"} or not isinstance(value, str):
        return problem
    way_out = _way_out(parameter, value)
    rule = f"{problem.rule}; {way_out}" if way_out else problem.rule
    return Problem(problem.parameter, value, rule, problem.pointer, problem.keyword)


def _way_out(parameter: Parameter, text: str) -> str:
    if _is_file(text) and parameter.inline:
        return "this is a file: pass pathlib.Path(…) to send it"
    if _is_file(text):
        return "this is a file: put it where the gateway can fetch it and pass the URL"
    if parameter.inline and "://" not in text and not text.startswith("data:"):
        return "a file is sent as pathlib.Path(…), and there is none of this name"
    return ""


def _is_file(text: str) -> bool:
    return len(text) < 4096 and os.path.isfile(text)  # noqa: PTH113 (Path raises for odd texts)


def _whole(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return the value with 2.0 as 2 wherever the schema asks for a number.

    Equal requests are then written alike, and a batch or a key takes them for one.
    """
    for arm in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        value = _whole(value, arm)
    if isinstance(value, float) and value.is_integer() and _counts(value, schema.get("type")):
        return int(value)
    if isinstance(value, Mapping):
        members = schema.get("properties", {})
        pairs = cast("Mapping[str, Any]", value).items()
        return {name: _whole(item, members.get(name, {})) for name, item in pairs}
    if isinstance(value, list | tuple):
        return [_whole(item, schema.get("items", {})) for item in cast("Iterable[Any]", value)]
    return value


def _counts(value: float, kind: object) -> bool:
    """Return whether a whole float is one where integers are asked for, or an exact one."""
    return kind == "integer" or (kind == "number" and abs(value) < _EXACT)


def _unknown(model: Model, given: Mapping[str, Any]) -> Iterator[Problem]:
    known = [parameter.name for parameter in model.parameters]
    for name in given:
        if name not in known and name != _UNDOCUMENTED:
            rule = "is not documented" + (closest(name, known) or "; pass it in undocumented={…}")
            yield Problem(name, given[name], rule, f"/{name}", "additionalProperties")


def _undocumented(model: Model, value: Any) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        yield Problem(_UNDOCUMENTED, value, "must be an object", "", "type")
        return
    fields = {parameter.pointer.split("/")[1] for parameter in model.parameters}
    fields |= {pointer.split("/")[1] for pointer in model.constants}
    fields |= {parameter.name for parameter in model.parameters}
    for name, item in cast("Mapping[object, Any]", value).items():
        at = f"{_UNDOCUMENTED}.{name}"
        if not isinstance(name, str):
            yield Problem(at, item, "must have a text as its name", "", "type")
        elif name in fields:
            yield Problem(at, item, "is documented; pass it as itself", f"/{name}", "properties")
        else:
            yield from _not_json(at, f"/{name}", item)


def _not_json(name: str, pointer: str, value: Any) -> Iterator[Problem]:
    """Yield what JSON cannot hold."""
    for spot, leaf in _leaves(pointer, value):
        if leaf is not None and problems(leaf, {"type": ["boolean", "number", "string"]}):
            at = name + place(spot).removeprefix(place(pointer))
            yield Problem(
                at,
                leaf,
                "must be JSON: text, finite number, true, false, null, list or object",
                spot,
                "type",
            )
    yield from _not_sendable(name, pointer, value)


def _not_sendable(name: str, pointer: str, value: Any) -> Iterator[Problem]:
    """Yield what cannot be put on the wire: half a surrogate pair, an endless number."""
    for spot, leaf in _leaves(pointer, value):
        rule = ""
        if isinstance(leaf, str) and _HALF_PAIR.search(leaf):
            rule = "must be Unicode text; it holds half a surrogate pair"
        elif isinstance(leaf, int) and abs(leaf) >= _ENDLESS:
            rule = f"must be a number of at most {_MOST_DIGITS} digits"
        if rule:
            at = name + place(spot).removeprefix(place(pointer))
            yield Problem(at, leaf, rule, spot, "type")


def _leaves(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every scalar in the value, and every name in it, with its place."""
    if isinstance(value, Mapping):
        for name, item in cast("Mapping[object, object]", value).items():
            yield f"{pointer}/{name}", name
            yield from _leaves(f"{pointer}/{name}", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("Iterable[Any]", value)):
            yield from _leaves(f"{pointer}/{index}", item)
    else:
        yield pointer, value
