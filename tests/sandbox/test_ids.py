"""Request ids."""

from __future__ import annotations

import uuid

import pytest

from pixazo.sandbox.ids import RequestIds


def test_ids_sort_by_time() -> None:
    """A later id sorts after every earlier one, also within a millisecond."""
    ids = RequestIds()

    made = [ids.for_job("m", moment) for moment in (1.0, 1.0, 1.0, 1.001, 5.0)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_never_repeat_when_time_stands_still() -> None:
    """Ten thousand ids of one moment are all different and in order."""
    ids = RequestIds()

    made = [ids.for_job("m", 7.0) for _ in range(10_000)]

    assert made == sorted(set(made))


def test_an_id_begins_with_its_model() -> None:
    """The id of a job is the model id, an underscore and the rest."""
    assert RequestIds().for_job("qwen-image-max", 1.0).startswith("qwen-image-max_")


def test_an_id_is_no_uuid() -> None:
    """Code that parses ids as UUIDs fails here, as it would with real ones."""
    with pytest.raises(ValueError, match="badly formed"):
        uuid.UUID(RequestIds().for_answer(1.0))


def test_seed_and_clock_decide_the_ids() -> None:
    """The same seed and moment give the same id, another seed another."""
    assert RequestIds(1).for_answer(5.0) == RequestIds(1).for_answer(5.0)
    assert RequestIds(1).for_answer(5.0) != RequestIds(2).for_answer(5.0)
