"""The real gateway: what recording it would do and cost; nothing is sent without key and cap.

The cap is the contract suite's, with its ledger: both draw on the same money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pixazo_openapi.catalogue import MODELS, Model

from tests.contract.suite.cap import known_prices
from tests.deck.journeys import Journey, journeys_of

__all__ = ["Step", "plan", "told"]

# Free checks, then one minimal job of each model; nothing that hopes to be refused.
JOURNEYS = ("unauthorized", "unauthorized-look", "not-found", "completed")


@dataclass(frozen=True, slots=True)
class Step:
    """One journey of the plan.

    Args:
        usd: What it costs in US dollars; None when no price is known.
        lacks: What must be given before it can be recorded; empty when nothing.
    """

    model_id: str
    journey: Journey
    usd: Decimal | None
    lacks: str


def plan(models: list[str], prices: Mapping[str, Decimal], inputs: Mapping[str, str]) -> list[Step]:
    """Return what would be done, all that is free first.

    Args:
        models: Ids of the models.
        prices: US dollars by model id, where none is documented.
        inputs: Addresses that the gateway can fetch, by kind (`picture`, `archive`).
    """
    steps = [
        _step(MODELS[model_id], journey, prices, inputs)
        for model_id in models
        for journey in journeys_of(MODELS[model_id])
        if journey.name in JOURNEYS and not journey.on_demand
    ]
    return sorted(steps, key=lambda step: step.journey.paid)


def _step(
    model: Model, journey: Journey, prices: Mapping[str, Decimal], inputs: Mapping[str, str]
) -> Step:
    if not journey.paid:
        return Step(model.model_id, journey, Decimal(0), "")
    usd = known_prices(prices)[model.model_id]
    kind = "archive" if model.media_kind == "lora" else "picture"
    lacks = [] if usd is not None else [f"--assume-price {model.model_id}=USD"]
    if "input" in model.render and kind not in inputs:
        lacks.append(f"--{kind} URL")
    return Step(model.model_id, journey, usd, " and ".join(lacks))


def told(steps: list[Step]) -> Iterator[str]:
    """Return the plan as lines, with the worst case at the end."""
    for step in steps:
        known = f"{step.usd} USD" if step.usd else "free"
        price = "price unknown" if step.usd is None else known
        lacks = f" (not without {step.lacks})" if step.lacks else ""
        yield f"{step.model_id}/{step.journey.name}: {price}{lacks}"
    worst = sum((step.usd for step in steps if step.usd and not step.lacks), Decimal(0))
    yield f"in all at most {worst} USD with what was given"
