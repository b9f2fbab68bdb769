"""Bodies that the documents allow, and what a result of them must look like."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixazo_openapi.catalogue import NO_DEFAULT, SIZES, Model, Parameter
from pixazo_openapi.requests import request_class

from tests.contract.suite.targets import Target
from tests.strategies import minimal

__all__ = [
    "Expected",
    "at",
    "expected",
    "is_small",
    "plain_arguments",
    "plain_body",
    "result_bodies",
]

_PIXELS = re.compile(r"(\d+)\*(\d+)")
SMALL = {"width": 72, "height": 40}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a request's result must be; None where nothing is said.

    Args:
        count: number of files.
        format: `png`, `jpeg`, `webp`, `safetensors`, or `picture` for any of the first three.
        size: width and height in pixels.
        shape: `wide`, `tall` or `square`, by the name of the size.
    """

    count: int | None
    format: str
    size: tuple[int, int] | None
    shape: str | None


def plain_arguments(model: Model, target: Target) -> dict[str, Any]:
    """The smallest arguments of a model's request class, with the target's input files."""
    given = {p.name: minimal(p.schema) for p in model.parameters if p.required}
    own = target.archive if model.media_kind == "lora" else target.picture
    place = model.render.get("input", "")
    for parameter in model.parameters:
        if own and parameter.name in given and place.startswith(parameter.pointer):
            given[parameter.name] = [own] if parameter.types == ("array",) else own
    return given


def plain_body(model: Model, target: Target, **more: Any) -> Any:
    """The smallest body of a model, with further arguments by their documented names."""
    return request_class(model.model_id)(**{**plain_arguments(model, target), **more}).to_body()


def at(body: Any, pointer: str | None) -> Any:
    """What stands at a JSON pointer; None when nothing does."""
    for step in (pointer or "/∅").split("/")[1:]:
        if isinstance(body, Mapping) and step in body:
            body = body[step]
        elif isinstance(body, list) and step.isdigit() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def expected(model: Model, body: Any, target: Target) -> Expected:
    """What the result of a body must be, by the documents alone (R40, R41, R62, R71, R90)."""
    size = _asked(model, body, "size")
    known = SIZES.get(size) if isinstance(size, str) and target.ruled_sizes else None
    form = _asked(model, body, "format") or "picture"
    count = _asked(model, body, "count") or 1
    return Expected(
        count=None if model.media_kind == "layers" else count,
        format="safetensors" if model.media_kind == "lora" else form,
        size=_pixels(size) or known,
        shape=_shape(size),
    )


def _asked(model: Model, body: Any, what: str) -> Any:
    """The value of a rendering argument, or its documented default."""
    pointer = model.render.get(what)
    value = at(body, pointer) if pointer else None
    if value is not None or pointer is None:
        return value
    found = next((p.default for p in model.parameters if p.pointer == pointer), NO_DEFAULT)
    return None if found is NO_DEFAULT else found


def _pixels(size: Any) -> tuple[int, int] | None:
    if isinstance(size, Mapping):
        return size["width"], size["height"]
    match = _PIXELS.fullmatch(size) if isinstance(size, str) else None
    return (int(match[1]), int(match[2])) if match else None


def _shape(size: Any) -> str | None:
    words = {"landscape": "wide", "portrait": "tall", "square": "square"}
    return words.get(size.partition("_")[0]) if isinstance(size, str) else None


def result_bodies(model: Model, target: Target) -> Iterator[Any]:
    """Few bodies that show every format, every listed size and every count once."""
    yield plain_body(model, target)
    choices = [found for what in ("format", "size") if (found := _choices(model, what))]
    for turn in range(max([len(values) for _, values in choices], default=0)):
        more = {name: values[turn % len(values)] for name, values in choices}
        yield plain_body(model, target, **more)
    counts, small = _choices(model, "count"), is_small(model)
    for count in counts[1] if counts else ():
        more = {str(counts and counts[0]): count}
        yield plain_body(model, target, **(more | ({small: SMALL} if small else {})))


def is_small(model: Model) -> str:
    """Name of the parameter with which small pictures can be asked for; empty without one."""
    parameter = _parameter(model, model.render.get("size"))
    return parameter.name if parameter and "anyOf" in parameter.schema else ""


def _choices(model: Model, what: str) -> tuple[str, Sequence[Any]] | None:
    parameter = _parameter(model, model.render.get(what))
    if parameter is None:
        return None
    if parameter.enum:
        return parameter.name, parameter.enum
    if what == "count":
        most = int(parameter.maximum or 1)
        return parameter.name, [*dict.fromkeys((min(2, most), min(3, most), most))][most == 1 :]
    arms = [arm for arm in parameter.schema.get("anyOf", ()) if arm.get("type") == "object"]
    return (parameter.name, [SMALL, {"width": 40, "height": 72}]) if arms else None


def _parameter(model: Model, pointer: str | None) -> Parameter | None:
    found = (p for p in model.parameters if p.pointer == pointer)
    return next(itertools.chain(found, [None]))
