"""Errors carry what a person and a program need, and travel between processes."""

from __future__ import annotations

import pickle
from typing import get_args

import pytest
from pixazo_openapi.errors import Charged, InvalidRequest, PixazoError, Problem, abbreviate


class Stuck(PixazoError):  # noqa: N818 (named as the tree names its errors)
    """A subclass whose initialiser wants more than a message."""

    charged: Charged = "unknown"

    def __init__(self, message: str, *, step: int) -> None:
        super().__init__(message, request_id="r-1", token="t-1", hint="Wait.")
        self.step = step


@pytest.mark.parametrize("charged", get_args(Charged))
def test_the_text_says_what_happened_to_whom_and_whether_it_cost_money(charged: Charged) -> None:
    """Message, request, charge and hint stand in the text in this order."""
    error = PixazoError("It broke", hint="Try again.", charged=charged, request_id="r-1")

    words = {"no": "not charged", "yes": "charged", "unknown": "charged or not is unknown"}
    assert str(error) == f"It broke [request r-1, {words[charged]}] Try again."
    assert error.charged == charged


def test_a_class_decides_about_the_charge_when_nobody_else_does() -> None:
    """The class attribute holds until the argument overrides it, on that one error."""
    assert PixazoError("x").charged == "no"
    assert Stuck("x", step=1).charged == "unknown"
    assert PixazoError("x", charged="yes").charged == "yes"
    assert PixazoError.charged == "no"


def test_errors_survive_a_pickle() -> None:
    """A pickled error comes back with everything, whatever its initialiser asks for."""
    problem = Problem("n", 9, "must be at most 4", "/n", "maximum")
    errors = [Stuck("It broke", step=3), InvalidRequest("m", [problem], hint="Look it up.")]

    copies = [pickle.loads(pickle.dumps(error)) for error in errors]  # noqa: S301 (our own bytes)

    for error, copy in zip(errors, copies, strict=True):
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)


def test_an_invalid_request_is_a_value_error_with_every_problem() -> None:
    """Callers may catch it as ValueError; problems read as sentences and stay as values."""
    given = [
        Problem("prompt", None, "is required", "/prompt", "required"),
        Problem("num_images", 9, "must be at most 4", "/num_images", "maximum"),
    ]

    error = InvalidRequest("qwen-image-max", given)

    assert isinstance(error, ValueError)
    assert error.problems == tuple(given)
    assert (error.model_id, error.charged) == ("qwen-image-max", "no")
    assert str(error) == (
        "invalid request for qwen-image-max: prompt: is required; "
        "num_images=9: must be at most 4 [not charged]"
    )


@pytest.mark.parametrize(
    "value", ["x" * 5_000_000, b"x" * 5_000_000, ["x" * 5_000_000], {"a": b"x" * 5_000_000}]
)
def test_long_values_are_abbreviated(value: object) -> None:
    """A picture in a data URI does not flood a terminal or a log."""
    text = abbreviate(value)

    assert len(text) < 200
    assert "5000000" in text
    assert abbreviate("short") == "'short'"


def test_a_problem_with_a_list_in_it_still_hashes() -> None:
    """Problems can be put in sets whatever value they hold."""
    problems = {
        Problem("a", [1], "must be x", "/a", "type"),
        Problem("a", [1], "must be x", "/a", "type"),
    }

    assert len(problems) == 1
