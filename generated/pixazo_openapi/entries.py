# Made by `python -m codegen` from codegen/runtime/entries.py. Do not edit: change what it is made from.
"""The shapes of the catalogue's entries: plain frozen values, nothing but the standard library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal

__all__ = [
    "NO_DEFAULT",
    "Charged",
    "MediaKind",
    "Mode",
    "Model",
    "NoDefault",
    "Outcome",
    "Parameter",
    "Price",
    "StatusOperation",
    "Waiting",
    "Webhook",
]

Mode = Literal["queued", "direct"]
MediaKind = Literal["image", "layers", "lora"]
Charged = Literal["no", "yes", "unknown"]
Outcome = Literal["pending", "succeeded", "failed", "failed-not-charged"]


class NoDefault(Enum):
    """The type of ``NO_DEFAULT``, which says that the documents name no default."""

    NO_DEFAULT = "no default"

    def __repr__(self) -> str:
        return self.name


NO_DEFAULT: Final = NoDefault.NO_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One documented parameter of a model.

    Args:
        name: the documented name, which is also the name of the request's attribute.
        pointer: where it stands in the wire body, as a JSON pointer.
        types: the JSON types that it may have, in the order of the document.
        required: whether the gateway insists on it.
        default: what the server takes when it is not sent; ``NO_DEFAULT`` when none is documented.
        enum: the only allowed values; empty when any value within the bounds will do.
        minimum: the smallest allowed number.
        maximum: the largest allowed number.
        min_length: the fewest characters.
        max_length: the most characters.
        min_items: the fewest items.
        max_items: the most items.
        pattern: a regular expression that the text holds.
        format: ``uri``, ``date-time``.
        schema: its JSON Schema with every reference resolved: items, arms of a union, …
        description: what it does.
        inline: whether a path or bytes may be given, which are sent as a data URI.
        rulings: what was decided about it: names of headings in spec/RULINGS.md.
        source: where the documents speak of it.
    """

    name: str
    pointer: str
    types: tuple[str, ...]
    required: bool
    default: object = field(default=NO_DEFAULT, hash=False)
    enum: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    format: str | None = None
    schema: Mapping[str, Any] = field(hash=False, repr=False)
    description: str
    inline: bool = False
    rulings: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one request costs.

    Args:
        usd: US dollars; None when the documents name no price.
        per: what the price is for.
        rulings: what was decided about it.
        source: where the documents speak of it.
    """

    usd: Decimal | None
    per: str
    rulings: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How to wait for a queued model.

    Args:
        hint_s: a duration, in seconds, to expect before anything is known.
        floor_s: the shortest pause between two looks, in seconds.
        growth: the factor from one pause to the next.
        ceiling_s: the longest pause, in seconds.
        deadline_s: when to stop waiting, in seconds.
    """

    hint_s: float
    floor_s: float
    growth: float
    ceiling_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """How to ask for a callback.

    Args:
        header: the request header that takes the callback's URL.
        body_field: the body field that takes it, where one is documented.
        filter_field: the body field that selects events, where one is documented.
    """

    header: str | None
    body_field: str | None = None
    filter_field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of the gateway: how to ask it, what it answers, what it costs.

    Args:
        model_id: the gateway's name of the model.
        class_name: the request class.
        operation_id: the operation in the document.
        mode: ``queued`` (an id now, media later) or ``direct`` (media in the answer).
        method: the HTTP method.
        path: the path below the server.
        headers: documented request headers that have one value only, as name and value.
        summary: what the model does, in a few words.
        description: what the model does.
        price: what one request costs.
        media: where the final answer names media: JSON pointers, ``*`` stands for each item.
        media_kind: what the media are.
        parameters: every documented parameter, in document order.
        constants: body fields that never change, by JSON pointer.
        render: what the parameters mean to a picture, by JSON pointer into the body.
        webhook: how to ask for a callback; None for direct models.
        waiting: how to wait; None for direct models.
        timeout_s: how long one answer may take, in seconds.
        success_status: the documented status code of success.
        error_statuses: the documented status codes of failure.
        request_schema: the component that describes the body.
        response_schema: the component that describes the answer of success.
        source: where the documents speak of the model.
        rulings: what was decided about it.
    """

    model_id: str
    class_name: str
    operation_id: str
    mode: Mode
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    summary: str
    description: str
    price: Price
    media: tuple[str, ...]
    media_kind: MediaKind
    parameters: tuple[Parameter, ...]
    constants: Mapping[str, Any] = field(hash=False)
    render: Mapping[str, str] = field(hash=False)
    webhook: Webhook | None
    waiting: Waiting | None
    timeout_s: float
    success_status: int
    error_statuses: tuple[int, ...]
    request_schema: str
    response_schema: str
    source: str
    rulings: tuple[str, ...] = ()

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of this name; raises KeyError when the documents know none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOperation:
    """The operation that tells how a queued request is doing.

    Args:
        operation_id: the operation in the document.
        method: the HTTP method.
        path: the path below the server, with ``{request_id}`` in it.
        outcomes: what each documented status word means.
        charged: whether money was taken, by status word; words not in it say nothing.
        moves: the words that may follow a word between two looks.
        invariants: rules that hold between fields, each with ``id``, ``when`` and ``then`` schemas.
        timeout_s: how long one answer may take, in seconds.
        response_schema: the component that describes the answer.
        error_statuses: the documented status codes of failure.
        rulings: what was decided about it.
    """

    operation_id: str
    method: str
    path: str
    outcomes: Mapping[str, Outcome] = field(hash=False)
    charged: Mapping[str, Charged] = field(hash=False)
    moves: Mapping[str, tuple[str, ...]] = field(hash=False)
    invariants: tuple[Mapping[str, Any], ...] = field(hash=False, repr=False)
    timeout_s: float
    response_schema: str
    error_statuses: tuple[int, ...]
    rulings: tuple[str, ...] = ()
