"""The real gateway: what recording it would do and cost; nothing is sent without key and cap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pixazo_openapi.catalogue import MODELS

from tests.deck.cap import most_of
from tests.deck.faults import NotRecordable
from tests.deck.journeys import Journey, journeys_of, request_of

__all__ = ["Step", "plan", "told"]

# Free checks, then one minimal job of each model; nothing that hopes to be refused.
JOURNEYS = ("unauthorized", "unauthorized-look", "not-found", "completed")


@dataclass(frozen=True, slots=True)
class Step:
    """One journey of the plan.

    Args:
        usd: The most it may cost in US dollars; None when no price is known.
    """

    model_id: str
    journey: Journey
    usd: Decimal | None


def plan(models: list[str], prices: Mapping[str, Decimal]) -> list[Step]:
    """Return what would be done, all that is free first.

    Args:
        models: Ids of the models.
        prices: US dollars by model id, where none is documented.
    """
    steps = [
        Step(model_id, journey, _most(model_id, journey, prices))
        for model_id in models
        for journey in journeys_of(MODELS[model_id])
        if journey.name in JOURNEYS and not journey.on_demand
    ]
    return sorted(steps, key=lambda step: step.journey.paid)


def _most(model_id: str, journey: Journey, prices: Mapping[str, Decimal]) -> Decimal | None:
    if not journey.paid:
        return Decimal(0)
    try:
        return most_of(MODELS[model_id], request_of(model_id, journey).to_body(), prices)
    except NotRecordable:
        return None


def told(steps: list[Step]) -> Iterator[str]:
    """Return the plan as lines, with the worst case at the end."""
    for step in steps:
        price = "free" if step.usd == 0 else f"at most {step.usd} USD"
        known = "no price is documented: --assume-price" if step.usd is None else price
        yield f"{step.model_id}/{step.journey.name}: {known}"
    total = sum((step.usd for step in steps if step.usd is not None), Decimal(0))
    unknown = sum(step.usd is None for step in steps)
    yield f"in all at most {total} USD, and {unknown} requests of unknown price"
