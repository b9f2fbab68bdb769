"""Requests to try a model with, taken from the document's own examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pixazo_openapi.catalogue import Model

if TYPE_CHECKING:
    from pixazo_openapi.request import Request

__all__ = ["example_body", "example_request"]

RICHEST = "full"


def example_request(model: Model) -> Request:
    """Return the richest documented example of a model as a request, without its callbacks."""
    from pixazo_openapi.requests import request_class

    body = example_body(model)
    left_out = _callbacks(model)
    parameters = {
        parameter.name: value
        for parameter in model.parameters
        if parameter.name not in left_out and (value := _at(body, parameter.pointer)) is not None
    }
    return request_class(model.model_id).from_dict(parameters)


def example_body(model: Model) -> Mapping[str, Any]:
    """Return the richest documented example of a model's body; the last one when none is `full`."""
    from pixazo_openapi.schema import document

    operation = document()["paths"][model.path][model.method.lower()]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    chosen = examples.get(RICHEST) or list(examples.values())[-1]
    return cast("Mapping[str, Any]", chosen["value"])


def _callbacks(model: Model) -> set[str | None]:
    return {model.webhook.body_field, model.webhook.filter_field} if model.webhook else set()


def _at(value: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer, or None."""
    for token in pointer.split("/")[1:]:
        try:
            value = value[int(token) if token.isdigit() else token]
        except (LookupError, TypeError):
            return None
    return value
