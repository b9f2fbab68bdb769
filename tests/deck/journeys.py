"""What a caller can live through with a model: the list of journeys that are recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pixazo_openapi.catalogue import MODELS, Model
from pixazo_openapi.request import Request
from pixazo_openapi.requests import request_class

from tests.deck.origin import operations
from tests.deck.types import Json

__all__ = ["JOURNEYS", "UNKNOWN_ID", "Journey", "example", "journeys_of", "request_of"]

QUEUED, DIRECT = ("queued",), ("direct",)
BOTH = QUEUED + DIRECT
UNKNOWN_ID = "00000000-0000-7000-8000-0000000000000"


@dataclass(frozen=True, slots=True)
class Journey:
    """One thing that happens to a caller.

    Args:
        name: What its cassettes are called.
        about: What happens, in words.
        modes: The modes of the models that it is for.
        look: Whether it asks for the status of an id that nobody has, instead of sending a request.
        example: Which of the documented requests is sent.
        undocumented: Whether the request has a field that the documents do not know.
        wrong_key: Whether the key is one that the gateway does not know.
        calls_back: Whether the gateway is asked to call back.
        empty_wallet: Whether the wallet is empty.
        faults: What the sandbox lets go wrong; such a journey needs it, or luck.
        paid: Whether a request can be accepted, and so be charged.
    """

    name: str
    about: str
    modes: tuple[str, ...] = BOTH
    look: bool = False
    example: str = "minimum"
    undocumented: bool = False
    wrong_key: bool = False
    calls_back: bool = False
    empty_wallet: bool = False
    faults: tuple[Json, ...] = ()
    paid: bool = True

    @property
    def on_demand(self) -> bool:
        """Whether only a target that fails on demand can show it."""
        return bool(self.faults) or self.empty_wallet


_SLOW_DOWN: tuple[Json, ...] = (
    {"fault": "submit:429=2", "times": 1},
    {"fault": "status:429=3", "nth": 2},
)
_FAILING: tuple[Json, ...] = (
    {"fault": "submit:500", "times": 1},
    {"fault": "status:500", "nth": 2},
)

_TABLE = (
    Journey("completed", "The smallest documented request, to its media."),
    Journey("completed-full", "The largest documented request, to its media.", example="full"),
    Journey("completed-other-shape", "The answer in the other documented shape.", DIRECT,
            faults=("other-shape",)),
    Journey("called-back", "The gateway is asked to call back, and does.", QUEUED, calls_back=True),
    Journey("failed", "The job ends FAILED; whether it is charged is unknown.", QUEUED,
            faults=("failed=The model could not follow this prompt",)),
    Journey("error", "The job ends ERROR and is not charged.", QUEUED,
            faults=("error=A machine was lost",)),
    Journey("bad-request", "400: a field that the documents do not know.", undocumented=True),
    Journey("unknown-model", "400: the model is unknown or switched off.",
            faults=("disabled-model",), paid=False),
    Journey("unauthorized", "401: a key that the gateway does not know.", wrong_key=True,
            paid=False),
    Journey("empty-wallet", "402: the wallet does not cover the request.", empty_wallet=True,
            paid=False),
    Journey("forbidden", "403: the key may not do this.", faults=("submit:403",), paid=False),
    Journey("not-found", "404: an id that nobody has.", QUEUED, look=True, paid=False),
    Journey("not-found", "404: no such path.", DIRECT, faults=("submit:404",), paid=False),
    Journey("not-found-submission", "404: no such path.", QUEUED, faults=("submit:404",),
            paid=False),
    Journey("unauthorized-look", "401: a status is asked for with an unknown key.", QUEUED,
            look=True, wrong_key=True, paid=False),
    Journey("forbidden-look", "403: a status that the key may not see.", QUEUED, look=True,
            faults=("status:403",), paid=False),
    Journey("rate-limited", "429 with Retry-After, wherever it asks; then it is done.",
            faults=_SLOW_DOWN),
    Journey("server-error", "500, wherever it asks; then it is done.",
            faults=_FAILING),
)  # fmt: skip

JOURNEYS: tuple[str, ...] = tuple(dict.fromkeys(journey.name for journey in _TABLE))


def journeys_of(model: Model) -> Iterator[Journey]:
    """Every journey that a model can show, in the order of the table."""
    for journey in _TABLE:
        if model.mode in journey.modes and _can_show(model, journey):
            yield journey


def _can_show(model: Model, journey: Journey) -> bool:
    if journey.name == "completed-other-shape":
        return len(example_answers(model)) > 1
    if journey.name == "not-found-submission":
        return 404 in model.error_statuses
    return True


def example_answers(model: Model) -> dict[str, Any]:
    """Return the documented answers of success of a model by name."""
    answers = operations()[model.operation_id][2]["responses"][str(model.success_status)]
    return {
        name: e["value"] for name, e in answers["content"]["application/json"]["examples"].items()
    }


def example(model: Model, name: str) -> dict[str, Any]:
    """Return the parameters of a documented request, without the addresses to call back."""
    told = operations()[model.operation_id][2]["requestBody"]["content"]["application/json"]
    body = told["examples"][name]["value"]
    found = {p.name: _find(body, p.pointer) for p in model.parameters}
    hook = model.webhook
    left_out = {hook.body_field, hook.filter_field} if hook else set[str | None]()
    return {n: v for n, v in found.items() if v is not None and n not in left_out}


def request_of(
    model_id: str, journey: Journey, hook: str = "", inputs: Mapping[str, str] | None = None
) -> Request:
    """Return what a journey asks of a model.

    Args:
        model_id: The model.
        journey: The journey.
        hook: Where the gateway is to call, for models with a field for it.
        inputs: Addresses that the gateway can fetch, by kind (`picture`, `archive`), instead of
            the invented ones of the examples.
    """
    model = MODELS[model_id]
    own = example(model, journey.example) | _given_input(model, inputs or {})
    if hook and model.webhook and model.webhook.body_field and model.webhook.filter_field:
        own |= {model.webhook.body_field: hook, model.webhook.filter_field: ["*"]}
    if journey.undocumented:
        own["undocumented"] = {"no_such_field": True}
    return request_class(model_id)(**own)


def _given_input(model: Model, inputs: Mapping[str, str]) -> dict[str, Any]:
    address = inputs.get("archive" if model.media_kind == "lora" else "picture")
    pointer = model.render.get("input")
    if address is None or pointer is None:
        return {}
    whole = next(p for p in model.parameters if pointer in (p.pointer, f"{p.pointer}/0"))
    return {whole.name: address if pointer == whole.pointer else [address]}


def _find(body: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("/").split("/"):
        try:
            body = body[int(part)] if isinstance(body, list) else body[part]
        except (KeyError, IndexError):
            return None
    return body
