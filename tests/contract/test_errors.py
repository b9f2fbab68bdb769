"""What layer 7 sends: texts within their bounds, and addresses that really are others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pixazo_openapi.catalogue import MODELS, Model

from tests.contract.suite.checks.errors import beside, odd_text
from tests.contract.suite.lab import Lab
from tests.contract.suite.spec import spec
from tests.contract.suite.targets import of_url

MAX = MODELS["qwen-image-max"]


@pytest.fixture(scope="module")
def lab() -> Lab:
    """A lab over a gateway that nobody asks."""
    return Lab(of_url("http://127.0.0.1:9", "a-key-of-these-tests"), spec())


def _bounded(**bounds: int) -> Model:
    """A model whose first parameter is a text of such a length."""
    first, *others = MAX.parameters
    return replace(MAX, parameters=(replace(first, **bounds), *others))


@pytest.mark.parametrize(("least", "most"), [(None, None), (1, 12), (1, 1), (200, 300)])
def test_odd_texts_keep_to_the_length(least: int | None, most: int | None) -> None:
    """However short or long a text must be, the odd one is so, and beyond ASCII where it can."""
    bounds = {"min_length": least, "max_length": most}
    model = _bounded(**{name: value for name, value in bounds.items() if value is not None})

    (text,) = odd_text(model, {"prompt": "a"}).values()

    assert (least or 0) <= len(text) <= (most or len(text))
    assert not text.isascii() or len(text) < 6


def test_without_a_required_free_text_nothing_is_odd() -> None:
    """Where every required text has a form of its own, the body stays as it is."""
    trainer = MODELS["qwen-image-edit-plus-trainer"]

    assert odd_text(trainer, {"image_data_url": "https://pictures.example.com/pairs.zip"}) == {}


@pytest.mark.parametrize("path", [*(m.path for m in MODELS.values()), "/ink-wash/paint", "/paint"])
def test_paths_beside_a_path_are_others(lab: Lab, path: str) -> None:
    """None of the unknown paths is the path itself or another documented one, version or not."""
    found = beside(lab, path)

    assert len(set(found)) == 3
    assert path not in found
    assert not {m.path for m in MODELS.values()} & {*found}
