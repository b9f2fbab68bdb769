"""Every place of the spec explains itself: facts, source and rulings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pixazo_openapi.catalogue import MODELS, STATUS

from pixazo.drift import (
    Ruling,
    UnknownPlace,
    explain,
    places,
    read_rulings,
    render_explanation,
    render_explanation_json,
    shipped_rulings,
    shipped_spec,
)

RULINGS_MD = """# Rulings

- [R70](#r70) contents

## R70: How few

- Documents: Nothing is said.
- Ruling: One.
- Would change it: A word.

## R71: Another

- Ruling: Two.
"""


@pytest.fixture
def rulings(tmp_path: Path) -> dict[str, Ruling]:
    """Two rulings, read from a file."""
    file = tmp_path / "RULINGS.md"
    file.write_text(RULINGS_MD, encoding="utf-8")
    return read_rulings(file)


def test_a_parameter_says_type_bounds_default_source_and_ruling(
    rulings: dict[str, Ruling],
) -> None:
    """A parameter's explanation has its facts, where they come from, and the ruling's text."""
    told = render_explanation(explain("qwen-image-max.num_images", shipped_spec(), rulings))

    lines = [" ".join(line.split()) for line in told.split("\n")]
    assert lines[0] == "qwen-image-max.num_images"
    assert "type integer" in lines
    assert "bounds 1 to 4" in lines
    assert any(line.startswith("default 1, the server's") for line in lines)
    assert any(line.startswith("source ") and line.endswith("num_images") for line in lines)
    assert "R70 How few: One." in lines


@pytest.mark.parametrize("model", list(MODELS))
def test_every_parameter_of_the_catalogue_is_explained(model: str) -> None:
    """Each flat parameter name that a request class takes can be asked for."""
    spec = shipped_spec()

    for parameter in MODELS[model].parameters:
        found = explain(f"{model}.{parameter.name}", spec, {})
        said = dict(found.lines)
        assert said["type"]
        assert said["source"]
        assert {ruling.id for ruling in found.rulings} >= set(parameter.rulings)


def test_every_place_has_facts_and_stands_in_the_spec() -> None:
    """Whatever name the spec offers is explained, with a pointer that leads somewhere."""
    spec = shipped_spec()

    for name in places(spec):
        found = explain(name, spec, {})
        assert found.lines, name
        assert spec.get(found.pointer) is not None or name.endswith("price"), name


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("qwen-image-max", "POST https://gateway.pixazo.ai/qwen-image-max/v1/"),
        ("qwen-image-max.402", "Insufficient Balance"),
        ("qwen-image-max.price", "unknown, not free"),
        ("qwen-image.price", "$0.045 per request"),
        ("qwen-image-max.waiting", "floor_s 2"),
        ("qwen-image-max.webhook", "header X-Webhook-URL"),
        ("qwen-image-edit-plus-lora.webhook", "report events"),
        ("qwen-image-edit-plus-lora.seed", 'seed.type: "number" (R63)'),
        ("qwen-image.parameters.size", "1328*1328"),
        ("qwen-image.size", "1328*1328"),
        ("status.ERROR", "failed-not-charged"),
        ("status.updated_at", "ISO 8601"),
        ("qwen-image-max.response.polling_url", "polling"),
    ],
)
def test_other_places_explain_themselves(place: str, part: str) -> None:
    """Models, codes, prices, waiting, webhooks, states and answers have explanations too."""
    assert part in render_explanation(explain(place, shipped_spec(), {})) or part in place


def test_a_ruling_says_its_text_and_where_it_is_named(rulings: dict[str, Ruling]) -> None:
    """A ruling's number gives its lines and the places that rest on it."""
    found = explain("R70", shipped_spec(), rulings)

    said = dict(found.lines)
    assert (said["title"], said["ruling"]) == ("How few", "One.")
    assert "qwen-image-max.num_images" in said["named by"]


def test_json_has_the_same_facts(rulings: dict[str, Ruling]) -> None:
    """The JSON form has one key for each fact and the rulings as objects."""
    found = explain("qwen-image-max.num_images", shipped_spec(), rulings)

    said = json.loads(render_explanation_json(found))

    assert said["type"] == "integer"
    assert said["rulings"][0]["id"] == "R70"
    assert said["rulings"][0]["ruling"] == "One."


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("qwen-image-max.num_image", "qwen-image-max.num_images"),
        ("qwen-image-max.zzz", "qwen-image-max."),
        ("R99999", "R01"),
        ("", "qwen-image-max"),
        ("price", "qwen-image-max.price"),
        ("qwen-image-max.402.error", "qwen-image-max.402"),
    ],
)
def test_an_unknown_place_names_near_ones(asked: str, near: str) -> None:
    """A name that nothing has is refused with names that are near."""
    with pytest.raises(UnknownPlace) as caught:
        explain(asked, shipped_spec(), shipped_rulings())

    assert near in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("R7", "R07"), ("r12", "R12"), ("Qwen-Image-Max.Prompt", "qwen-image-max.prompt")],
)
def test_letters_and_zeros_do_not_matter(asked: str, meant: str) -> None:
    """A ruling without its zero and a place in capitals are found; the answer has the real name."""
    assert explain(asked, shipped_spec(), shipped_rulings()).name == meant


def test_every_parameter_code_and_price_names_its_source() -> None:
    """Whatever is asked of a model or of the status operation, a source stands beside it."""
    contract = shipped_spec()
    asked = [f"{model.model_id}.price" for model in MODELS.values()]
    for model in MODELS.values():
        asked += [f"{model.model_id}.{parameter.name}" for parameter in model.parameters]
        codes = (model.success_status, *model.error_statuses)
        asked += [f"{model.model_id}.{code}" for code in codes]
    asked += [f"status.{code}" for code in (200, *STATUS.error_statuses)]

    lacking = [
        place for place in asked if not dict(explain(place, contract, {}).lines).get("source")
    ]

    assert lacking == []
    assert len(asked) > 100
