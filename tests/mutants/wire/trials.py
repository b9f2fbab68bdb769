"""Wire mutants: made, judged by the spec alone, counted."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.contract.suite.answers import judge_body
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.spec import Spec
from tests.mutants.wire.equal import why_equal
from tests.mutants.wire.goods import Good
from tests.mutants.wire.operators import ABSENT, OPERATORS, SAME, Operator, Renamed

__all__ = ["Score", "Survivor", "score"]


@dataclass(frozen=True, slots=True)
class Survivor:
    """A changed body that the spec takes.

    Args:
        schema: pointer of the schema.
        place: the node in the body.
        operator: what was done to it.
        status: the body's status word, or nothing.
        origin: where the good body is from.
    """

    schema: str
    place: str
    operator: Operator
    status: str
    origin: str

    def __str__(self) -> str:
        state = f" of {self.status}" if self.status else ""
        return (
            f"{self.schema.rpartition('/')[2]}{state} {self.place or '/'}: {self.operator.name} "
            f"is taken; {self.operator.keyword} is missing ({self.origin})"
        )


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome.

    Args:
        killed: mutants that the spec refuses.
        survivors: those that it takes.
        equal: those left out, as they keep to the documents, by reason.
    """

    killed: int
    survivors: tuple[Survivor, ...]
    equal: dict[str, int]

    @property
    def made(self) -> int:
        """Mutants that count."""
        return self.killed + len(self.survivors)

    @property
    def share(self) -> float:
        """Killed ones of those that count, in percent."""
        return 100 * self.killed / self.made

    @property
    def share_of_all(self) -> float:
        """Killed ones of all, equal ones counted as survivors, in percent."""
        return 100 * self.killed / (self.made + sum(self.equal.values()))


def score(document: Spec, bodies: Sequence[Good]) -> Score:
    """Change every node of every body by every operator and ask the spec."""
    killed, survivors, equal = 0, list[Survivor](), dict[str, int]()
    for good in bodies:
        for place, operator, body in _mutants(good.body):
            if _refused(document, good, body):
                killed += 1
                continue
            status = str(good.body.get("status", "")) if isinstance(good.body, dict) else ""
            survivor = Survivor(good.pointer, place, operator, status, good.origin)
            reason = why_equal(good.pointer, status, place, operator.name)
            if reason:
                equal[reason] = equal.get(reason, 0) + 1
            else:
                survivors.append(survivor)
    return Score(killed, tuple(survivors), equal)


def _refused(document: Spec, good: Good, body: Any) -> bool:
    exchange = Exchange("GET", "https://gateway.example.com", 200, body=json.dumps(body).encode())
    return any(v.seen for v in judge_body(document, good.operation, good.pointer, exchange))


def _mutants(body: Any) -> Iterator[tuple[str, Operator, Any]]:
    for path in _nodes(body, ()):
        old, name = _at(body, path), str(path[-1]) if path else ""
        for operator in OPERATORS:
            new = operator.change(name, old)
            if new is not SAME and not _same(new, old):
                yield "".join(f"/{step}" for step in path), operator, _with(body, path, new)


def _same(new: Any, old: Any) -> bool:
    return type(new) is type(old) and bool(new == old)


def _nodes(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _nodes(inner, (*path, name))
    if isinstance(value, list):
        for at, inner in enumerate(value[:1]):
            yield from _nodes(inner, (*path, at))


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(body: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """A copy of the body with another value at the path."""
    if not path:
        return new
    whole = copy.deepcopy(body)
    parent, last = _at(whole, path[:-1]), path[-1]
    if new is ABSENT:
        del parent[last]
    elif isinstance(new, Renamed):
        parent[new.name] = parent.pop(last)
    else:
        parent[last] = new
    return whole
