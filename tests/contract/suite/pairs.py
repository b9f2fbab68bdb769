"""Few rows in which any two values of different fields meet at least once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pixazo_openapi.catalogue import Model, Parameter

from tests.strategies import minimal
from tests.strategies.schemas import span

__all__ = ["ABSENT", "choices", "rows"]


class _Absent:
    """Says that a field is left out."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()
MOST_WORDS = 4
Row = dict[str, Any]
Pair = tuple[str, int, str, int]


def rows(fields: Mapping[str, Sequence[Any]], drawn: random.Random) -> list[Row]:
    """Cover every pair of values of two fields.

    Args:
        fields: values by field name, one at least.
        drawn: decides between rows that are equally good.
    """
    names = list(fields)
    missing: set[Pair] = {
        (one, i, other, j)
        for one, other in itertools.combinations(names, 2)
        for i in range(len(fields[one]))
        for j in range(len(fields[other]))
    }
    found: list[dict[str, int]] = []
    while missing:
        chosen = _row(names, fields, missing, drawn)
        missing -= _pairs(names, chosen)
        found.append(chosen)
    return [{name: fields[name][at] for name, at in row.items()} for row in found]


def _row(
    names: Sequence[str],
    fields: Mapping[str, Sequence[Any]],
    missing: set[Pair],
    drawn: random.Random,
) -> dict[str, int]:
    """One row: a pair that is missing, then for each field the value that covers most."""
    one, i, other, j = min(missing, key=lambda pair: (pair, drawn.random()))
    row = {one: i, other: j}
    rest = [name for name in names if name not in row]
    drawn.shuffle(rest)
    for name in rest:
        gains = [
            sum(_pair(names, name, at, met, row[met]) in missing for met in row)
            for at in range(len(fields[name]))
        ]
        best = [at for at, gain in enumerate(gains) if gain == max(gains)]
        row[name] = drawn.choice(best)
    return row


def _pair(names: Sequence[str], one: str, i: int, other: str, j: int) -> Pair:
    return (one, i, other, j) if names.index(one) < names.index(other) else (other, j, one, i)


def _pairs(names: Sequence[str], row: Mapping[str, int]) -> set[Pair]:
    return {(one, row[one], other, row[other]) for one, other in itertools.combinations(names, 2)}


def choices(model: Model) -> dict[str, list[Any]]:
    """Telling values of every parameter, left out included where that is allowed."""
    return {
        parameter.name: [*([] if parameter.required else [ABSENT]), *_values(parameter)]
        for parameter in model.parameters
    }


def _values(parameter: Parameter) -> list[Any]:
    schema = parameter.schema
    if parameter.enum:
        return list(parameter.enum[:MOST_WORDS])
    if "anyOf" in schema:
        return [minimal(arm) for arm in schema["anyOf"]]
    match parameter.types[0]:
        case "boolean":
            return [True, False]
        case "integer" | "number":
            return _numbers(parameter)
        case "array":
            item = minimal(schema["items"])
            most = parameter.max_items or 2
            inner = schema["items"].get("enum")
            longest = list(inner) if inner else [item] * most
            return [[item], longest]
        case _ if parameter.format or parameter.pattern:
            return [minimal(schema)]
        case _:
            return ["a", '漢字 \U0001f600 "é"\n'] + ([] if parameter.min_length else [""])


def _numbers(parameter: Parameter) -> list[Any]:
    whole = parameter.types[0] == "integer"
    low, high = span(parameter.schema)
    if low is None and high is None:
        return [0, -1, 2**53] if whole else [0.5, 7.25]
    if whole and low is not None and high is not None and high - low < MOST_WORDS:
        return [*range(int(low), int(high) + 1)]
    found = [
        bound for bound in (low, high if high is not None else (low or 0) + 49) if bound is not None
    ]
    return [int(value) if whole else float(value) for value in dict.fromkeys(found)]
