"""The same for the request class of a model: arguments drawn, on a bound, and past one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st
from pixazo_openapi.catalogue import Model
from pixazo_openapi.request import Request
from pixazo_openapi.requests import request_class

from tests.strategies.breaks import invalid
from tests.strategies.drawn import valid
from tests.strategies.edges import boundaries
from tests.strategies.schemas import Case, Schema, minimal


def valid_arguments(model: Model) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for arguments that the model's request class takes."""
    drawn = {parameter.name: valid(parameter.schema) for parameter in model.parameters}
    required = {p.name: drawn.pop(p.name) for p in model.parameters if p.required}
    return st.fixed_dictionaries(required, optional=drawn)


def requests(model: Model) -> st.SearchStrategy[Request]:
    """Return a strategy for requests to the model."""
    kind: Any = request_class(model.model_id)
    return valid_arguments(model).map(lambda given: kind(**given))


def boundary_arguments(model: Model) -> Iterator[Case]:
    """Yield allowed arguments, all that is required with one parameter on one of its bounds."""
    return _arguments(model, boundaries)


def invalid_arguments(model: Model) -> Iterator[Case]:
    """Yield forbidden arguments, all that is required with one parameter past one of its bounds."""
    return _arguments(model, invalid)


def _arguments(model: Model, special: Callable[[Schema], Iterator[Case]]) -> Iterator[Case]:
    plain = {p.name: minimal(p.schema) for p in model.parameters if p.required}
    for parameter in model.parameters:
        for case in special(parameter.schema):
            given = {**copy.deepcopy(plain), parameter.name: case.value}
            yield Case(given, case.pointer, case.keyword, case.note, parameter.name)
