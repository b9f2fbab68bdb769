# Made by `python -m codegen` from codegen/runtime/request.py. Do not edit: change what it is made from.
"""A request as a value: checked when it is made, never changed afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from .arguments import checked
from .entries import Model
from .errors import InvalidRequest, Problem, abbreviate
from .values import JSON, FrozenObject, assemble, plain
from .words import closest

__all__ = ["Request"]

RequestType = TypeVar("RequestType", bound="Request")


class Request:
    """What the request classes share; make one of those.

    Attributes:
        model_id: the gateway's name of the model.
        model: the model's entry in the catalogue.
        undocumented: body fields that the documents do not know; they are sent as they are.
    """

    __slots__ = ()

    model_id: ClassVar[str]
    model: ClassVar[Model]

    if TYPE_CHECKING:
        undocumented: Mapping[str, JSON]

    if not TYPE_CHECKING:  # editors and type checkers shall read the initialiser alone

        def __new__(cls, /, *args: Any, **given: Any) -> Request:
            """Refuse missing and unknown names together with everything else that is wrong."""
            known = {parameter.name for parameter in cls.model.parameters}
            needed = {parameter.name for parameter in cls.model.parameters if parameter.required}
            if not args and (needed - given.keys() or given.keys() - known - {"undocumented"}):
                _take(cls.model, given)
            return super().__new__(cls)

    def _fill(self, **given: Any) -> None:
        """Check the arguments and keep them; called once, by the initialiser."""
        for name, value in _take(self.model, given).items():
            object.__setattr__(self, name, value)

    def given(self) -> dict[str, Any]:
        """Return the documented parameters that were given, by name, in document order."""
        named = (
            (parameter.name, getattr(self, parameter.name)) for parameter in self.model.parameters
        )
        return {name: value for name, value in named if value is not None}

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body that goes over the wire; what was not given is not in it."""
        leaves = dict(self.model.constants)
        for name, value in self.given().items():
            leaves[self.model.parameter(name).pointer] = plain(value)
        return {**assemble(leaves), **plain(self.undocumented)}

    def to_dict(self) -> dict[str, Any]:
        """Return the request as a flat JSON object that ``from_dict`` takes back."""
        flat = {"model": self.model_id, **plain(self.given())}
        if self.undocumented:
            flat["undocumented"] = plain(self.undocumented)
        return flat

    def to_json(self) -> str:
        """Return the request as one line of JSON that ``from_json`` takes back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_dict(cls, flat: Mapping[str, Any]) -> Self:
        """Return the request that ``to_dict`` wrote.

        Args:
            flat: parameters by name; ``model`` may be left out.

        Raises:
            InvalidRequest: an unknown name, another model, or a value that the documents forbid.
        """
        named = dict(json_object(cls.model_id, flat))
        if odd := [*_nameless(named)]:
            raise InvalidRequest(cls.model_id, odd)
        model_id = named.pop("model", cls.model_id)
        if model_id != cls.model_id:
            raise InvalidRequest(cls.model_id, [_wrong_model(model_id, [cls.model_id])])
        return cls(**named)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the request that ``to_json`` wrote.

        Raises:
            InvalidRequest: as ``from_dict``, and for a text that is no JSON object.
        """
        return cls.from_dict(parsed(text, cls.model_id))

    def __repr__(self) -> str:
        shown = [f"{name}={abbreviate(plain(value))}" for name, value in self.given().items()]
        if self.undocumented:
            shown.append(f"undocumented={abbreviate(plain(self.undocumented))}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuild, (type(self), self.to_dict())


def _rebuild(kind: type[Request], flat: Mapping[str, Any]) -> Request:
    return kind.from_dict(flat)


def _take(model: Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every attribute of a request, or raise with everything that is wrong."""
    values, problems = checked(model, given)
    if problems:
        raise InvalidRequest(model.model_id, problems)
    undocumented = FrozenObject(given.get("undocumented") or {})
    return {**values, "undocumented": undocumented}


def choose(classes: Mapping[str, type[RequestType]], model_id: object) -> type[RequestType]:
    """Return the request class of the model.

    Raises:
        InvalidRequest: the catalogue has no such model.
    """
    if not isinstance(model_id, str) or model_id not in classes:
        name = "an unnamed model" if model_id is None else str(model_id)
        raise InvalidRequest(name, [_wrong_model(model_id, classes)])
    return classes[model_id]


def parsed(text: str | bytes, model_id: str) -> Mapping[str, Any]:
    """Return the JSON object in the text; raises InvalidRequest when it holds none."""
    try:
        value: object = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        problem = Problem("request", text, f"must be JSON: {error}", "", "type")
        raise InvalidRequest(model_id, [problem]) from error
    return json_object(model_id, value)


def json_object(model_id: str, value: object) -> Mapping[str, Any]:
    """Return the value as what it must be; raises InvalidRequest when it is no mapping."""
    if not isinstance(value, Mapping):
        raise InvalidRequest(model_id, [Problem("request", value, "must be an object", "", "type")])
    return cast("Mapping[str, Any]", value)


def _nameless(flat: Mapping[Any, Any]) -> Iterator[Problem]:
    """Yield the items of a mapping that JSON could not hold, because their name is no text."""
    for name, value in flat.items():
        if not isinstance(name, str):
            yield Problem(abbreviate(name), value, "must have a text as its name", "", "type")


def _wrong_model(model_id: object, known: Iterable[str]) -> Problem:
    if model_id is None:
        return Problem("model", None, "is required", "/model", "required")
    names = [*known]
    rule = f"must be one of {', '.join(names)}" if len(names) > 1 else f"must be {names[0]}"
    return Problem("model", model_id, rule + closest(str(model_id), names), "/model", "enum")
