"""What the layers say: rules, and whether each was held."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.contract.suite.exchange import Exchange

__all__ = ["ELSEWHERE", "EMPTY_WALLET", "LAYERS", "RULES", "Rule", "Verdict", "rule"]

LAYERS = {
    1: "every exchange",
    2: "life of a job",
    3: "parameters",
    4: "results",
    5: "callbacks",
    6: "keys and money",
    7: "errors and encodings",
    8: "state machine",
    9: "second opinion",
}

ELSEWHERE = "elsewhere"
"""Stands for an operation where a request reaches none that is documented."""

EMPTY_WALLET = "the wallet is empty: 402 to a valid request"
"""Why a target cannot show what becomes of a request."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a gateway must hold to.

    Args:
        name: short and stable, like `receipt-prefix`.
        layer: number in `LAYERS`.
        says: the rule in one sentence.
        effect: what a caller suffers when it is broken.
        advice: what to look at next.
        pointer: where the document says it, when a verdict names no better place.
        rulings: who decided it; empty: those named at the pointer.
    """

    name: str
    layer: int
    says: str
    effect: str
    advice: str = ""
    pointer: str = ""
    rulings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one rule was held in one case.

    Args:
        operation: a model's id, `status`, `callback`, `media` or `elsewhere`.
        pointer: where the document states what was judged.
        seen: what was seen instead; empty when the rule was held.
        exchange: the evidence.
    """

    rule: Rule
    operation: str
    pointer: str = ""
    seen: str = ""
    exchange: Exchange | None = field(default=None, repr=False)

    @property
    def held(self) -> bool:
        """Whether all was well."""
        return not self.seen


RULES: dict[str, Rule] = {}
"""Every rule by name, in the order of the layers' modules."""


def rule(
    name: str,
    layer: int,
    says: str,
    effect: str,
    *,
    advice: str = "",
    pointer: str = "",
    rulings: tuple[str, ...] = (),
) -> Rule:
    """Make a rule and enter it in `RULES`."""
    made = Rule(name, layer, says, effect, advice, pointer, rulings)
    if RULES.setdefault(name, made) != made:
        raise ValueError(f"rule {name!r} stands twice")
    return made
