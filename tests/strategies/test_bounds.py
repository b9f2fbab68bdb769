"""Values on and past bounds, for every way to state one."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import boundaries, invalid, minimal, valid

NUMBERS = [
    {"type": kind, **bounds}
    for kind in ("integer", "number")
    for bounds in (
        {"exclusiveMinimum": 0},
        {"exclusiveMaximum": 0},
        {"exclusiveMinimum": 2, "exclusiveMaximum": 4},
        {"exclusiveMinimum": 0, "maximum": 1},
        {"minimum": 7, "exclusiveMaximum": 9.5},
        {"minimum": -5, "maximum": -2},
        {},
    )
]
EVERY = pytest.mark.parametrize("schema", NUMBERS, ids=str)


@EVERY
def test_listed_values_are_what_their_labels_say(schema: dict[str, Any]) -> None:
    """The plainest value and every value on a bound are allowed, every value past it is not."""
    judge = jsonschema_rs.Draft202012Validator(schema)

    assert judge.is_valid(minimal(schema))
    assert [str(case) for case in boundaries(schema) if not judge.is_valid(case.value)] == []
    assert [str(case) for case in invalid(schema) if _is_valid(judge, case.value)] == []


@EVERY
def test_each_bound_is_tried_on_both_sides(schema: dict[str, Any]) -> None:
    """Every bound that the schema states has a value on it and one past it."""
    stated = schema.keys() - {"type"}

    assert stated <= {case.keyword for case in boundaries(schema)}
    assert stated <= {case.keyword for case in invalid(schema)}


@EVERY
@settings(max_examples=20)
@given(data=st.data())
def test_drawn_values_keep_to_the_bounds(schema: dict[str, Any], data: st.DataObject) -> None:
    """Whatever is drawn is allowed."""
    value = data.draw(valid(schema))

    assert jsonschema_rs.Draft202012Validator(schema).is_valid(value)


def _is_valid(judge: jsonschema_rs.Draft202012Validator, value: Any) -> bool:
    try:
        return bool(judge.is_valid(value))
    except ValueError:  # NaN and the infinities are no JSON at all
        return False
