"""Rules for what goes wrong on purpose: by header, model, job, number or chance."""

from __future__ import annotations

import hashlib
import itertools
import re
import threading
from dataclasses import dataclass, field, replace
from typing import Any

from pixazo.sandbox.fault_table import CHARGED, FAULTS, NUMBERED, Fault
from pixazo.sandbox.types import Json

__all__ = ["FAULT_HEADER", "Faults", "Hit", "Rule", "parse"]

FAULT_HEADER = "X-Sandbox-Fault"
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
_SYNTAX = re.compile(
    r"(?:(?P<stage>[a-z]+):)?(?P<name>[a-z0-9-]+)(?:=(?P<value>[^*]*))?(?:\*(?P<times>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A fault that happens now."""

    fault: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.fault}={self.value}" if self.value else self.fault


@dataclass(frozen=True, slots=True)
class Rule:
    """When a fault happens.

    Args:
        fault: a name in `FAULTS`.
        value: its value; empty: the default.
        stage: where; empty: the fault's first stage.
        model_id: only for this model.
        request_id: only for this job.
        nth: only for the n-th request that fits, counted from 1.
        every: for every n-th request that fits.
        probability: share of the fitting requests, drawn from the seed.
        times: at most this often.
    """

    fault: str
    value: str = ""
    stage: str = ""
    model_id: str | None = None
    request_id: str | None = None
    nth: int | None = None
    every: int | None = None
    probability: float = 1.0
    times: int | None = None

    def __post_init__(self) -> None:
        fault = FAULTS.get(self.fault)
        if fault is None:
            raise ValueError(f"fault={self.fault!r}: no such fault; there are {', '.join(FAULTS)}")
        stage = self.stage or fault.stages[0]
        if stage not in fault.stages:
            raise ValueError(
                f"{stage}:{self.fault}: this fault happens at {' or '.join(fault.stages)}"
            )
        if self.value:
            _check_value(fault, self.value)
        for name in ("nth", "every", "times"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise ValueError(f"{name}={number}: give a whole number from 1")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability={self.probability}: give a share between 0 and 1")
        object.__setattr__(self, "stage", stage)

    def to_dict(self) -> dict[str, object]:
        """The rule as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def _check_value(fault: Fault, value: str) -> None:
    """Refuse a value that would change nothing: a slip of the pen tests something else."""
    said = f"{fault.name}={value}"
    if not fault.value:
        raise ValueError(f"{said}: this fault takes no value")
    if fault.name in NUMBERED and not _NUMBER.fullmatch(value):
        raise ValueError(f"{said}: give a number, like {fault.name}=2")
    if fault.value.startswith(CHARGED) and value != "charged":
        raise ValueError(f"{said}: the only value is {fault.name}=charged")


def parse(text: str, stage: str | None = None) -> list[Rule]:
    """Read rules as the header writes them: `[stage:]name[=value][*times], …`.

    Args:
        text: like `429=2*3` or `status:503, truncated-media*1`.
        stage: what is meant when a part names no stage and its fault can happen there.

    Raises:
        ValueError: a part is not written like that, or names no fault.
    """
    return [_parse_one(part.strip(), stage) for part in text.split(",") if part.strip()]


def _parse_one(part: str, stage: str | None) -> Rule:
    match = _SYNTAX.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r}: write a fault as [stage:]name[=value][*times]")
    name, said = match["name"], match["stage"] or ""
    if not said and stage and stage in getattr(FAULTS.get(name), "stages", ()):
        said = stage
    times = int(match["times"]) if match["times"] else None
    return Rule(name, value=match["value"] or "", stage=said, times=times)


_KINDS: dict[str, Any] = {
    "value": str,
    "stage": str,
    "model_id": str,
    "request_id": str,
    "nth": int,
    "every": int,
    "probability": (int, float),
    "times": int,
}
"""Fields of a rule in JSON."""


@dataclass(slots=True)
class _Count:
    seen: int = 0
    hits: int = 0


_Rules = list[tuple[Rule, _Count]]


@dataclass(slots=True)
class Faults:
    """The rules in force; safe to use from several threads.

    Args:
        seed: decides which requests a probability hits.
        models: ids that a rule may name; any when empty.
    """

    seed: int = 0
    models: tuple[str, ...] = ()
    _rules: _Rules = field(default_factory=list[tuple[Rule, _Count]])
    _bound: dict[str, _Rules] = field(default_factory=dict[str, list[tuple[Rule, _Count]]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: str | Rule, **when: object) -> Rule:
        """Put a rule in force.

        Args:
            fault: a rule, or the name of a fault, or the header's notation (`"status:503*3"`).
            when: fields of `Rule`, for example `model_id=`, `nth=2`, `probability=0.05`.
        """
        rule = fault if isinstance(fault, Rule) else _only(parse(fault), fault)
        rule = replace(rule, **when)  # type: ignore[arg-type] # checked by Rule itself
        self._check(rule)
        with self._lock:
            self._list_of(rule).append((rule, _Count()))
        return rule

    def load(self, given: Json) -> list[Rule]:
        """Put rules in force that are written as JSON: all of them, or none when one is wrong.

        Args:
            given: a list; each item the header's notation (`"status:503*3"`) or an object with
                `fault` in that notation and fields of `Rule`, like
                `{"fault": "500", "model_id": "qwen-image-max", "probability": 0.05}`.

        Raises:
            ValueError: an item is no rule.
        """
        if not isinstance(given, list):
            raise ValueError("rules: give a list of rules, in JSON")
        rules = [_rule_of(item) for item in given]
        for rule in rules:
            self._check(rule)
        return [self.add(rule) for rule in rules]

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._rules.clear()
            self._bound.clear()

    def hits(
        self, stage: str, *, model_id: str = "", request_id: str = "", header: str = ""
    ) -> list[Hit]:
        """What goes wrong with this request: first what its header asks for, then the rules."""
        asked = [Hit(r.fault, r.value) for r in parse(header, stage) if r.stage == stage]
        with self._lock:
            ruled = [
                Hit(rule.fault, rule.value)
                for rule, count in (*self._bound.get(request_id, ()), *self._rules)
                if _fits(rule, stage, model_id, request_id) and self._falls(rule, count)
            ]
        return asked + ruled

    def bind(self, header: str, stage: str, request_id: str) -> None:
        """Keep what a submission's header asks for at later stages, for its job alone."""
        for rule in parse(header, stage):
            if rule.stage != stage:
                self.add(replace(rule, request_id=request_id))

    def to_list(self) -> list[dict[str, object]]:
        """The rules as JSON, with how often each fitted and happened."""
        with self._lock:
            every = (*self._rules, *itertools.chain(*self._bound.values()))
            return [rule.to_dict() | {"seen": c.seen, "hits": c.hits} for rule, c in every]

    def _check(self, rule: Rule) -> None:
        if rule.model_id and self.models and rule.model_id not in self.models:
            raise ValueError(
                f"model_id={rule.model_id!r}: no such model; there are {', '.join(self.models)}"
            )

    def _list_of(self, rule: Rule) -> _Rules:
        return self._bound.setdefault(rule.request_id, []) if rule.request_id else self._rules

    def _falls(self, rule: Rule, count: _Count) -> bool:
        count.seen += 1
        if rule.times is not None and count.hits >= rule.times:
            return False
        if rule.nth is not None and count.seen != rule.nth:
            return False
        if rule.every is not None and count.seen % rule.every:
            return False
        if rule.probability < 1 and self._draw(rule, count.seen) >= rule.probability:
            return False
        count.hits += 1
        return True

    def _draw(self, rule: Rule, number: int) -> float:
        text = f"{self.seed}:{rule.stage}:{rule.fault}:{rule.model_id}:{number}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def _only(found: list[Rule], said: object) -> Rule:
    """The one rule that was written."""
    if len(found) != 1:
        raise ValueError(f"rule {said!r}: name one fault")
    return found[0]


def _rule_of(item: Json) -> Rule:
    """One rule from JSON."""
    if isinstance(item, str):
        item = {"fault": item}
    if not isinstance(item, dict) or not isinstance(item.get("fault"), str):
        raise ValueError(f"rule {item!r}: give a text, or an object with the text `fault`")
    found = _only(parse(str(item["fault"])), item)
    when: dict[str, Any] = {name: value for name, value in item.items() if name != "fault"}
    for name, value in when.items():
        if name not in _KINDS:
            raise ValueError(f"rule {item!r}: {name} is no field; there are {', '.join(_KINDS)}")
        if value is not None and (isinstance(value, bool) or not isinstance(value, _KINDS[name])):
            raise ValueError(f"rule {item!r}: {name}={value!r} is of the wrong type")
    return replace(found, **{n: v for n, v in when.items() if v is not None})


def _fits(rule: Rule, stage: str, model_id: str, request_id: str) -> bool:
    return (
        rule.stage == stage
        and rule.model_id in (None, model_id)
        and rule.request_id in (None, request_id)
    )
