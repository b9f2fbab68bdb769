"""x-pixazo: its schema, what it holds, and that what it points at is there."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

Node = dict[str, Any]
SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"
PATHS = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["paths"].values()
MODES = {
    item["post"]["x-pixazo"]["model"]: item["post"]["x-pixazo"]["mode"]
    for item in PATHS
    if "post" in item
}
MODELS = list(MODES)
QUEUED = [model for model, mode in MODES.items() if mode == "queued"]
DIRECT = [model for model, mode in MODES.items() if mode == "direct"]


@pytest.fixture(scope="session")
def breaks(extension: Node) -> Callable[[Any, str], list[str]]:
    """A function that lists how an x-pixazo value breaks the definition for its place."""

    def listed(value: Any, place: str) -> list[str]:
        schema = {"$ref": f"#/$defs/{place}", "$defs": extension["$defs"]}
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        return [error.message for error in validator.iter_errors(value)]

    return listed


def place(path: tuple[str, ...], value: Node) -> str:
    """Which definition holds for an x-pixazo at this path."""
    if not path:
        return "document"
    return value["mode"] if path[0] == "paths" else "schema"


def objects(node: Any) -> Iterator[Node]:
    """Every mapping inside the schema of the extension that describes an object with fields."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def values(node: Any, pointer: str) -> list[Any]:
    """What stands at a pointer in an example; `*` stands for each element."""
    found = [node]
    for token in pointer.split("/")[1:]:
        found = [inner for one in found for inner in step(one, token)]
    return found


def step(node: Any, token: str) -> list[Any]:
    """The children of one value that a token names."""
    if isinstance(node, list):
        return node if token == "*" else node[int(token) : int(token) + 1]
    return [node[token]] if isinstance(node, dict) and token in node else []


def request_examples(operation: Node) -> Node:
    """The example bodies of an operation by name."""
    content = operation["requestBody"]["content"]["application/json"]
    return {name: example["value"] for name, example in content["examples"].items()}


def test_the_schema_is_a_valid_one_and_closed_everywhere(extension) -> None:
    """x-pixazo.schema.json is JSON Schema, and no object in it takes unknown fields."""
    jsonschema_rs.meta.validate(extension)
    described = list(objects(extension["$defs"]))
    assert len(described) > 10
    assert [o for o in described if o.get("additionalProperties") is not False] == []


def test_every_field_of_the_schema_is_described(extension) -> None:
    """Whoever adds a model reads there what each field means."""
    silent = [
        name
        for one in objects(extension["$defs"])
        for name, field in one["properties"].items()
        if "description" not in field and "$ref" not in field
    ]
    assert silent == []


def test_everything_that_the_document_holds_fits_the_schema(walk, breaks) -> None:
    """Each x-pixazo of the document is what its place allows, in all four kinds of places."""
    seen: set[str] = set()
    wrong: list[tuple[str, ...]] = []
    for path, node in walk():
        if "x-pixazo" in node:
            kind = place(path, node["x-pixazo"])
            seen.add(kind)
            wrong += [(*path, text) for text in breaks(node["x-pixazo"], kind)]
    assert wrong == []
    assert seen == {"document", "queued", "direct", "status", "schema"}


def changed(value: Node, key: str, new: Any) -> Node:
    """A copy with one field, named by a dotted path, set to something else or removed."""
    twin = copy.deepcopy(value)
    *parents, last = key.split(".")
    node = twin
    for parent in parents:
        node = node[parent]
    if new is ...:
        del node[last]
    else:
        node[last] = new
    return twin


@pytest.mark.parametrize(
    ("model", "key", "new"),
    [
        pytest.param("qwen-image", "prize", "0.045", id="unknown-key"),
        pytest.param("qwen-image", "price.usd", 0.045, id="price-as-a-float"),
        pytest.param("qwen-image", "price.usd", "free", id="price-as-a-word"),
        pytest.param("qwen-image", "price.per", "picture", id="unknown-unit"),
        pytest.param("qwen-image", "price", ..., id="no-price"),
        pytest.param("qwen-image", "rulings", ["12"], id="ruling-without-its-letter"),
        pytest.param("qwen-image", "rulings", ["R12", "R12"], id="ruling-twice"),
        pytest.param("qwen-image", "class", "qwen_image", id="class-name-not-pascal"),
        pytest.param("qwen-image", "media.kind", "video", id="unknown-kind"),
        pytest.param("qwen-image", "media.pointers", [], id="no-media"),
        pytest.param("qwen-image", "media.pointers", ["images/0"], id="not-a-pointer"),
        pytest.param("qwen-image", "arguments.prompt", "prompt", id="argument-not-a-pointer"),
        pytest.param("qwen-image", "render.style", "/style", id="unknown-render-key"),
        pytest.param("qwen-image", "waiting", {}, id="waiting-on-a-direct-model"),
        pytest.param("qwen-image", "webhook", {}, id="webhook-on-a-direct-model"),
        pytest.param("qwen-image", "timeout_s", 0, id="no-time"),
        pytest.param("qwen-image", "mode", "streamed", id="unknown-mode"),
        pytest.param("qwen-image-max", "waiting", ..., id="queued-without-waiting"),
        pytest.param("qwen-image-max", "waiting.growth", 0.5, id="shrinking-pauses"),
        pytest.param("qwen-image-max", "waiting.floor_s", 0, id="no-floor"),
        pytest.param("qwen-image-max", "webhook.body_field", "webhook", id="field-without-filter"),
        pytest.param("qwen-image-max", "codes", {"2xx": "page"}, id="code-with-wildcards"),
        pytest.param("status", "states.COMPLETED", "done", id="unknown-outcome"),
        pytest.param("status", "states.Completed", "succeeded", id="word-in-lower-case"),
        pytest.param("status", "moves.QUEUED", "PROCESSING", id="move-without-a-list"),
        pytest.param("status", "price", {"usd": "0.01"}, id="price-of-the-status"),
    ],
)
def test_a_slip_in_the_extension_is_refused(operations, extension, model, key, new) -> None:
    """The schema refuses what is misspelt, misplaced or of the wrong kind."""
    wrong = changed(operations[model]["x-pixazo"], key, new)
    schema = {"$ref": "#/$defs/operation", "$defs": extension["$defs"]}
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid(wrong)


@pytest.mark.parametrize("model", MODELS)
def test_names_of_a_model_agree(operations, model: str) -> None:
    """Class name and request schema say the same as the model id, and its examples show the id."""
    operation = operations[model]
    extension = operation["x-pixazo"]
    expected = "".join(part.title() for part in model.split("-"))
    schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert (extension["model"], extension["class"]) == (model, expected)
    assert schema.endswith(f"/{expected}Request")
    assert operation["operationId"].endswith(expected)
    if extension["mode"] == "queued":
        content = operation["responses"]["202"]["content"]["application/json"]
        receipt = content["examples"]["queued"]["value"]
        assert receipt["request_id"].startswith(f"{model}_")
        assert receipt["polling_url"].endswith(f"/v2/requests/status/{receipt['request_id']}")


@pytest.mark.parametrize("model", MODELS)
def test_pointers_into_the_request_hit_the_full_example(operations, model: str) -> None:
    """Every flat argument and every render pointer finds a value in the example of all fields."""
    operation = operations[model]
    full = request_examples(operation)["full"]
    extension = operation["x-pixazo"]
    pointers = [*extension.get("arguments", {}).values(), *extension.get("render", {}).values()]
    assert [pointer for pointer in pointers if not values(full, pointer)] == []


@pytest.mark.parametrize("model", ["qwen-image-edit", "qwen-image"])
def test_flat_arguments_and_fixed_fields_make_up_a_nested_body(operations, model: str) -> None:
    """The full example is filled by the arguments, and what is left has one possible value."""
    operation = operations[model]
    body = copy.deepcopy(request_examples(operation)["full"])
    for pointer in operation["x-pixazo"]["arguments"].values():
        parent, _, last = pointer.rpartition("/")
        del values(body, parent)[0][last]
    parts = [{}] * len(body["input"]["messages"][0]["content"])
    assert body == {
        "model": model,
        "input": {"messages": [{"role": "user", "content": parts}]},
        "parameters": {},
    }


@pytest.mark.parametrize("model", DIRECT)
def test_media_pointers_hit_each_example_of_a_direct_answer(operations, model: str) -> None:
    """Whatever documented shape a direct answer has, a pointer finds URLs in it; none is idle."""
    operation = operations[model]
    content = operation["responses"]["200"]["content"]["application/json"]
    pointers = operation["x-pixazo"]["media"]["pointers"]
    hits: set[str] = set()
    for name, example in content["examples"].items():
        here = {p: values(example["value"], p) for p in pointers}
        hits |= {p for p, found in here.items() if found}
        urls = [url for found in here.values() for url in found]
        assert urls, name
        assert all(url.startswith("https://") for url in urls)
    assert hits == set(pointers)


@pytest.mark.parametrize("model", QUEUED)
def test_media_pointers_hit_the_completed_status(operations, model: str) -> None:
    """The media pointers of a queued model find URLs in the answer of a completed request."""
    content = operations["status"]["responses"]["200"]["content"]["application/json"]
    answer = content["examples"]["completed"]["value"]
    for pointer in operations[model]["x-pixazo"]["media"]["pointers"]:
        assert values(answer, pointer)


@pytest.mark.parametrize("model", QUEUED)
def test_waiting_is_possible(operations, model: str) -> None:
    """Waiting names the status operation, and its figures leave room for each other."""
    waiting = operations[model]["x-pixazo"]["waiting"]
    assert waiting["status"] == operations["status"]["operationId"]
    assert waiting["growth"] > 1
    assert waiting["floor_s"] < waiting["ceiling_s"] < waiting["deadline_s"]
    assert waiting["hint_s"] < waiting["deadline_s"]


def test_states_moves_and_the_schema_know_the_same_words(spec, operations) -> None:
    """Five words everywhere; ends are left by no move, pending words reach every end."""
    words = spec["components"]["schemas"]["RequestStatus"]["properties"]["status"]["enum"]
    extension = operations["status"]["x-pixazo"]
    ends = {word for word, outcome in extension["states"].items() if outcome != "pending"}
    assert list(extension["states"]) == list(extension["moves"]) == words
    for word, following in extension["moves"].items():
        assert word not in following
        assert set(following) <= set(words)
        assert following == [] if word in ends else ends <= set(following)


@pytest.mark.parametrize("model", [*MODELS, "status"])
def test_every_code_says_where_it_comes_from(operations, model: str) -> None:
    """Each status code has a source, and an undocumented one names the ruling it rests on."""
    operation = operations[model]
    codes = operation["x-pixazo"]["codes"]
    assert list(codes) == list(operation["responses"])
    for source in codes.values():
        assert "Response Handling" in source or "Endpoint" in source or re.search(r"R\d\d", source)


def test_named_sizes_have_pixels(spec) -> None:
    """Every size that a model or an example names can be drawn."""
    sizes = set(spec["x-pixazo"]["sizes"])
    schemas = spec["components"]["schemas"]
    named = set(schemas["QwenImageMaxRequest"]["properties"]["image_size"]["enum"])
    assert named | set(schemas["SizeName"]["examples"]) <= sizes


def test_inline_marks_what_takes_a_data_uri(walk) -> None:
    """Exactly the texts whose pattern allows a data URI say that bytes become one (R82, R92)."""
    texts = [(path, node) for path, node in walk() if "data:" in str(node.get("pattern", ""))]
    marks = [path for path, node in walk() if node.get("x-pixazo", {}).get("inline")]
    assert [path for path, _ in texts] == marks
    assert marks
