"""Drafts of new operations: complete, loadable, and inserted without touching anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.checks import check
from codegen.document import load
from pixazo.drift import (
    Contract,
    SpecUnusable,
    compare_pages,
    draft_yaml,
    find_part,
    insert_draft,
    read_page,
    read_spec,
    skeleton,
)
from tests.drift.pages import render_page

SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"
STATUS = "/v2/requests/status/{request_id}"
MODELS = ["qwen-image-edit-plus-lora", "qwen-image", "qwen-image-layered"]


def _without(document: dict[str, Any], model: str) -> tuple[dict[str, Any], str]:
    """Return the document without a model's operation and schema, and the operation's path."""
    path = next(p for p, i in document["paths"].items() if _model(i) == model)
    schemas = document["components"]["schemas"]
    name = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    kept = {key: schema for key, schema in schemas.items() if not name["$ref"].endswith(f"/{key}")}
    paths = {key: item for key, item in document["paths"].items() if key != path}
    components = {**document["components"], "schemas": kept}
    return {**document, "paths": paths, "components": components}, path


def _model(item: dict[str, Any]) -> str:
    return str(next(iter(item.values())).get("x-pixazo", {}).get("model", ""))


@pytest.mark.parametrize("model", MODELS)
def test_a_draft_has_every_fact_of_the_page(document: dict[str, Any], model: str) -> None:
    """Path, price, codes and each parameter's type, bounds and default are in the draft."""
    lacking, path = _without(document, model)
    page = read_page(render_page(document))
    facts = find_part(page.models, model)
    assert facts is not None

    draft = yaml.safe_load(draft_yaml(skeleton(facts, Contract(lacking), model)))

    operation = draft["paths"][path]["post"]
    original = document["paths"][path]["post"]
    assert operation["operationId"] == original["operationId"]
    assert list(operation["responses"]) == list(original["responses"])
    for key in ("model", "class", "mode"):
        assert operation["x-pixazo"][key] == original["x-pixazo"][key]
    assert operation["x-pixazo"]["price"]["usd"] == original["x-pixazo"]["price"]["usd"]
    whole = {
        **lacking,
        "components": {
            **lacking["components"],
        },
    }
    whole["paths"] = {**lacking["paths"], **draft["paths"]}
    whole["components"]["schemas"] = {
        **lacking["components"]["schemas"],
        **draft["components"]["schemas"],
    }
    report = compare_pages([page], Contract(whole))
    kinds = {f.difference.kind for f in report.findings if f.difference.model == model}
    assert not kinds & {
        "new parameter", "removed parameter", "type changed", "bound changed", "default changed",
        "enum changed", "required changed", "price changed", "status code", "webhook",
        "title changed", "path changed", "missing model", "new model",
    }  # fmt: skip


def test_a_draft_goes_into_the_file_and_nothing_else_changes(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """Every line of the file stays, comments and blank lines too; the draft stands between them."""
    page = render_page(document).replace("qwen-image-layered", "qwen-image-shards")
    facts = find_part(read_page(page).models, "qwen-image-shards")
    assert facts is not None
    file = tmp_path / "openapi.yaml"
    before = SPEC.read_text(encoding="utf-8")
    file.write_text(before, encoding="utf-8")
    draft = skeleton(facts, read_spec(file), "qwen-image-shards")

    insert_draft(draft, file, before=STATUS)

    after = file.read_text(encoding="utf-8")
    remaining = iter(after.split("\n"))
    assert all(line in remaining for line in before.split("\n"))  # in order: an iterator is used up
    contract = read_spec(file)
    assert list(contract.models)[-1] == "qwen-image-shards"
    assert list(contract.document["paths"])[-1] == STATUS
    assert "QwenImageShardsRequest" in contract.document["components"]["schemas"]
    assert not list(tmp_path.glob(".*"))


def test_a_draft_keeps_to_the_extensions_schema(document: dict[str, Any]) -> None:
    """What a draft puts under x-pixazo is what the schema of the extension allows."""
    import jsonschema_rs

    schema = json.loads(SPEC.with_name("x-pixazo.schema.json").read_text(encoding="utf-8"))
    for model in MODELS:
        lacking, path = _without(document, model)
        facts = find_part(read_page(render_page(document)).models, model)
        assert facts is not None
        draft = skeleton(facts, Contract(lacking), model)
        extension = draft.path_item["post"]["x-pixazo"]
        mode = {"$ref": f"#/$defs/{extension['mode']}", "$defs": schema["$defs"]}
        errors = jsonschema_rs.Draft202012Validator(mode).iter_errors(extension)
        assert [error.message for error in errors] == [], path


def test_codegen_asks_only_for_what_a_person_must_rule(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """In a spec with a queued and a nested draft, codegen misses nothing but bounds to rule on."""
    for file in SPEC.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    spec = tmp_path / SPEC.name
    page = render_page(document).replace("qwen-image-layered", "qwen-image-shards")
    page = page.replace("generateMultimodeTextToImageRequest", "generateMini")
    page = page.replace('"qwen-image"', '"qwen-image-mini"')
    for name in ("qwen-image-shards", "qwen-image-mini"):
        facts = find_part(read_page(page).models, name)
        assert facts is not None
        insert_draft(skeleton(facts, read_spec(spec), name), spec, before=STATUS)

    problems = check(load(spec))

    told = [str(problem) for problem in problems]
    assert all("state one or rule it unbounded" in text for text in told), told
    assert {text.split(": ")[1].split()[0] for text in told} == {
        "num_inference_steps",
        "guidance_scale",
    }


def test_a_path_that_is_there_is_not_inserted_again(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """A model that the spec has already is refused, and the file stays as it is."""
    file = tmp_path / "openapi.yaml"
    file.write_bytes(SPEC.read_bytes())
    facts = find_part(read_page(render_page(document)).models, "qwen-image-layered")
    assert facts is not None
    draft = skeleton(facts, read_spec(file), "qwen-image-layered")

    with pytest.raises(SpecUnusable, match="there already"):
        insert_draft(draft, file, before=STATUS)

    assert file.read_bytes() == SPEC.read_bytes()


@pytest.mark.parametrize("text", ["a: b", "[", "paths: {}\n", ""])
def test_a_file_that_is_no_spec_is_refused(tmp_path: Path, text: str) -> None:
    """A file without OpenAPI in it is named and refused, before anything is compared."""
    file = tmp_path / "notes.yaml"
    file.write_text(text, encoding="utf-8")

    if text.startswith("paths"):
        assert not read_spec(file).models
        return
    with pytest.raises(SpecUnusable, match=r"notes\.yaml"):
        read_spec(file)
