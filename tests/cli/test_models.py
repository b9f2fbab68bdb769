"""`pixazo models`."""

from __future__ import annotations

import json

import pytest
from pixazo_openapi.catalogue import MODELS

from pixazo.cli import main


def test_the_table_has_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    """Each model has one line: id, mode, price or unknown, what it does."""
    assert main(["models"]) == 0

    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["MODEL", "MODE", "PRICE"]
    for line, model in zip(lines, MODELS.values(), strict=True):
        price = "unknown" if model.price.usd is None else f"${model.price.usd}"
        assert line.split(maxsplit=3) == [model.model_id, model.mode, price, model.summary]


def test_the_json_has_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON names each model with its price as an exact text, null when it is unknown."""
    assert main(["models", "--json"]) == 0

    entries = json.loads(capsys.readouterr().out)["models"]
    assert [entry["model"] for entry in entries] == list(MODELS)
    prices = {entry["model"]: entry["price_usd"] for entry in entries}
    assert prices["qwen-image-max"] is None
    assert prices["qwen-image"] == "0.045"
