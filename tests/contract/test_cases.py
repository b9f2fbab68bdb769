"""The bodies that layer 3 tries: complete, and what their labels say."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixazo_openapi.catalogue import MODELS

from tests.contract.suite import pairs
from tests.contract.suite.cases import coverage, tried
from tests.contract.suite.spec import spec

EVERY = pytest.mark.parametrize("model_id", list(MODELS))


@EVERY
def test_every_rule_is_tried_both_ways(model_id: str) -> None:
    """Each keyword at each place of a request schema has a body on it and one past it."""
    without_good, without_bad = coverage(spec(), MODELS[model_id])

    assert without_good == set()
    assert without_bad == set()


@EVERY
def test_permitted_bodies_are_permitted(model_id: str) -> None:
    """No body that a gateway must take breaks the request schema."""
    schema = f"/components/schemas/{MODELS[model_id].request_schema}"

    assert [
        str(each) for each in tried(spec(), model_id)[0] if spec().broken(schema, each.body)
    ] == []


@EVERY
def test_forbidden_bodies_are_forbidden(model_id: str) -> None:
    """Every body that a gateway must refuse breaks the request schema."""
    schema = f"/components/schemas/{MODELS[model_id].request_schema}"

    assert [
        str(each) for each in tried(spec(), model_id)[1] if spec().holds(schema, each.body)
    ] == []


@EVERY
def test_a_case_names_a_line_of_the_document(model_id: str) -> None:
    """The place of a case stands in the document."""
    for cases in tried(spec(), model_id):
        assert all(each.pointer in spec().document.lines for each in cases)


@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=6),
    seed=st.integers(0, 1000),
)
def test_any_two_values_meet(sizes: list[int], seed: int) -> None:
    """In the rows of all pairs, each value of a field meets each value of every other field."""
    fields = {f"f{at}": list(range(size)) for at, size in enumerate(sizes)}

    rows = pairs.rows(fields, random.Random(seed))  # noqa: S311 - no secret

    for one, other in itertools.combinations(fields, 2):
        met = {(row[one], row[other]) for row in rows}
        assert met == set(itertools.product(fields[one], fields[other]))
    largest = sorted(sizes)[-2:]
    assert len(rows) <= 2 * largest[0] * largest[1] + len(sizes)
