"""The document against the pages: facts typed by hand from the pages, row by row.

Each row holds what a page says; `ruled` holds what only a ruling says. Together they must be all
that the document says of the parameter, so that a slip in either place shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

Node = dict[str, Any]
NONE = object()
UNION = "string or object"
URL = {"format": "uri", "pattern": r"^https?://[^\s/]"}  # R68
CALLBACK_URL = {"format": "uri", "pattern": r"^https?://[!-.0-~][!-~]*$"}  # R57
SOME = {"minLength": 1}  # R59
ADDRESS = {"type": "string"} | URL
SET = {"minItems": 1, "uniqueItems": True}  # R54
INLINE = r"^(https?://[^\s/]|data:image/[A-Za-z0-9.+-]+;base64,[A-Za-z0-9+/]+=*$)"  # R82
EVENTS = {"type": "string", "enum": ["start", "complete", "*"]}
KEY, CACHE, TYPE = "Ocp-Apim-Subscription-Key", "Cache-Control", "Content-Type"
QUEUED_CODES = {202, 400, 401, 402, 403, 429, 500}
FIRST_CODES = {202, 400, 401, 403, 404, 429, 500}
DIRECT_CODES = {200, 400, 401, 403, 404, 429, 500}


@dataclass(frozen=True)
class Row:
    """A row of a table of parameters: what the page says, and what is ruled beside it."""

    name: str
    type: str
    required: bool = False
    default: Any = NONE
    says: Node = field(default_factory=dict)
    ruled: Node = field(default_factory=dict)

    def facts(self) -> Node:
        """All that the document shall say."""
        default = {} if self.default is NONE else {"default": self.default}
        return {"type": self.type} | default | self.says | self.ruled


def text(name: str, **more: Any) -> Row:
    """A required text, not empty (R59)."""
    return Row(name, "string", True, ruled=SOME, **more)


@dataclass(frozen=True)
class Page:
    """What one page says of its operation."""

    path: str
    price: str | None
    headers: frozenset[str]
    codes: tuple[set[int], ...]
    rows: tuple[Row, ...]
    webhook: bool = True
    ruled_codes: frozenset[int] = frozenset()


# fmt: off
PAGES: dict[str, Page] = {
    "qwen-image-max-edit": Page(
        "/qwen-image-max-edit/v1/qwen-image-max-edit-request", None,
        frozenset({TYPE, CACHE, KEY}), (FIRST_CODES, QUEUED_CODES), (
            text("prompt"),
            Row("negative_prompt", "string"),
            Row("enable_prompt_expansion", "boolean", default=True),
            Row("enable_safety_checker", "boolean", default=True),
            Row("num_images", "integer", default=1, says={"minimum": 1, "maximum": 4}),
            Row("output_format", "string", default="png", says={"enum": ["png", "jpeg", "webp"]}),
            Row("image_urls", "array", True, says={"minItems": 1, "items": ADDRESS}),
        ),
    ),
    "qwen-image-max": Page(
        "/qwen-image-max/v1/qwen-image-max-request", None,
        frozenset({TYPE, CACHE, KEY}), (FIRST_CODES, QUEUED_CODES), (
            text("prompt"),
            Row("negative_prompt", "string"),
            Row("image_size", "string", default="square_hd",
                says={"enum": ["square_hd", "portrait_hd", "landscape_hd"]}),
            Row("enable_prompt_expansion", "boolean", default=True),
            Row("enable_safety_checker", "boolean", default=True),
            Row("num_images", "integer", default=1, says={"maximum": 4}, ruled={"minimum": 1}),
            Row("output_format", "string", default="png", says={"enum": ["png", "jpeg", "webp"]}),
        ),
    ),
    "qwen-image-edit": Page(
        "/qwen-image/v1/generateMultimodeTextToImageEditRequest", "0.045",
        frozenset({TYPE, CACHE, KEY}), (DIRECT_CODES,), (
            Row("model", "string", True, says={"enum": ["qwen-image-edit"]}),
            Row("input.messages", "array", True, says={"minItems": 1, "items": "EditMessage"}),
            Row("input.messages[].role", "string", True, says={"enum": ["user"]}),
            Row("input.messages[].content", "array", True,
                says={"items": "EditPart"}, ruled={"minItems": 2}),
            Row("input.messages[].content[].image", "string", True, says={"pattern": INLINE}),
            text("input.messages[].content[].text"),
            Row("parameters.negative_prompt", "string", default=""),
            Row("parameters.watermark", "boolean", default=False),
        ),
        webhook=False, ruled_codes=frozenset({402}),
    ),
    "qwen-image": Page(
        "/qwen-image/v1/generateMultimodeTextToImageRequest", "0.045",
        frozenset({TYPE, CACHE, KEY}), (DIRECT_CODES,), (
            Row("model", "string", True, says={"enum": ["qwen-image"]}),
            Row("input.messages", "array", True, says={"minItems": 1, "items": "TextMessage"}),
            Row("input.messages[].role", "string", True, says={"enum": ["user"]}),
            Row("input.messages[].content", "array", True,
                says={"items": "TextPart"}, ruled={"minItems": 1}),
            text("input.messages[].content[].text"),
            Row("parameters.negative_prompt", "string", default=""),
            Row("parameters.prompt_extend", "boolean", default=True),
            Row("parameters.watermark", "boolean", default=True),
            Row("parameters.size", "string", default="1328*1328",
                says={"enum": ["1328*1328", "1024*1024", "768*768", "512*512"]}),
        ),
        webhook=False, ruled_codes=frozenset({402}),
    ),
    "qwen-image-edit-plus-lora": Page(
        "/qwen-image-edit-plus/v1/qwen-image-edit-plus-lora/generate", "0.055",
        frozenset({TYPE}), (QUEUED_CODES,), (
            text("prompt"),
            Row("image_urls", "array", True,
                says={"minItems": 1, "maxItems": 10, "items": ADDRESS}),
            Row("image_size", UNION),
            Row("num_inference_steps", "number", ruled={"type": "integer", "minimum": 1}),
            Row("seed", "number", ruled={"type": "integer"}),
            Row("guidance_scale", "number", says={"minimum": 1, "maximum": 20}),
            Row("num_images", "number", says={"minimum": 1, "maximum": 4},
                ruled={"type": "integer"}),
            Row("output_format", "string", says={"enum": ["png", "jpeg"]}),
            Row("negative_prompt", "string"),
            Row("acceleration", "string", says={"enum": ["none", "regular"]}),
            Row("enable_safety_checker", "boolean"),
            Row("webhook", "string", ruled=CALLBACK_URL),
            Row("webhook_events_filter", "array", says={"items": EVENTS}, ruled=SET),
        ),
    ),
    "qwen-image-edit-plus-trainer": Page(
        "/qwen-image-edit-plus-trainer/v1/qwen-image-edit-plus-trainer/generate", "0.04",
        frozenset({TYPE, KEY}), (QUEUED_CODES,), (
            Row("image_data_url", "string", True, ruled=URL),
            Row("learning_rate", "number", says={"minimum": 0, "maximum": 1}),
            Row("steps", "number", says={"minimum": 1, "maximum": 10000},
                ruled={"type": "integer"}),
            Row("default_caption", "string"),
            Row("reference_image_count", "number", says={"minimum": 1, "maximum": 10},
                ruled={"type": "integer"}),
            Row("webhook", "string", ruled=CALLBACK_URL),
            Row("webhook_events_filter", "array", ruled=SET | {"items": EVENTS}),
        ),
    ),
    "qwen-image-layered": Page(
        "/qwen-image-layered/v1/qwen-image-layered-request", "0.05",
        frozenset({TYPE, CACHE, KEY}), (QUEUED_CODES,), (
            Row("image_url", "string", True, ruled=URL),
            Row("num_inference_steps", "integer", ruled={"minimum": 1}),
            Row("guidance_scale", "number"),
            Row("num_images", "integer", says={"maximum": 1}, ruled={"minimum": 1}),
            Row("enable_safety_checker", "boolean"),
            Row("output_format", "string", says={"enum": ["png"]}),
            Row("acceleration", "string", says={"enum": ["regular", "fast"]}),
        ),
    ),
}
# fmt: on
ROWS = [(model, row) for model, page in PAGES.items() for row in page.rows]
QUEUED = [model for model, page in PAGES.items() if page.webhook]
DIRECT = [model for model, page in PAGES.items() if not page.webhook]


def step_into(node: Node, name: str, resolve: Callable[[Node], Node]) -> tuple[Node, bool]:
    """The property of an object or of one arm of a union, and whether that one requires it."""
    node = resolve(node)
    for arm in map(resolve, node.get("anyOf", [node])):
        if name in arm.get("properties", {}):
            return arm["properties"][name], name in arm.get("required", [])
    raise AssertionError(f"no property {name}")


def find(body: Node, name: str, resolve: Callable[[Node], Node]) -> tuple[Node, bool]:
    """The schema of a parameter by its dotted name on the page, and whether it is required."""
    required = False
    for part in name.split("."):
        body, required = step_into(body, part.removesuffix("[]"), resolve)
        if part.endswith("[]"):
            body = resolve(body)["items"]
    return body, required


def facts(schema: Node, resolve: Callable[[Node], Node]) -> Node:
    """What a schema demands: without words, sources and examples; objects by their names."""
    flat = resolve(schema)
    kept = {k: v for k, v in flat.items() if k not in ("description", "examples", "x-pixazo")}
    if "items" in kept:
        items = resolve(kept["items"])
        scalar = items.get("type") == "string"
        name = kept["items"].get("$ref", "").rpartition("/")[2]
        kept["items"] = facts(items, resolve) if scalar else name
    return kept


def body_of(operation: Node) -> Node:
    """The schema of the request body."""
    return operation["requestBody"]["content"]["application/json"]["schema"]


def leaves(node: Node, resolve: Callable[[Node], Node], prefix: str = "") -> list[str]:
    """The dotted names of all parameters of a body, as a page would list them."""
    found: list[str] = []
    for arm in map(resolve, resolve(node).get("anyOf", [resolve(node)])):
        for name, schema in arm.get("properties", {}).items():
            flat, here = resolve(schema), f"{prefix}{name}"
            if flat.get("type") == "object":
                found += leaves(flat, resolve, f"{here}.")
                continue
            found.append(here)
            inner = resolve(flat.get("items", {}))
            if "anyOf" in inner or inner.get("type") == "object":
                found += leaves(inner, resolve, f"{here}[].")
    return found


def test_every_page_has_its_operation(operations) -> None:
    """The document holds the models of the pages, in their order, and the status endpoint last."""
    assert [model for model in operations if model in PAGES] == list(PAGES)
    assert list(operations)[-1] == "status"


@pytest.mark.parametrize("model", PAGES)
def test_a_model_is_posted_to_its_documented_path(operations, model: str) -> None:
    """Each model has the method and the path of its page."""
    operation = operations[model]
    assert (operation["method"], operation["path"]) == ("post", PAGES[model].path)


@pytest.mark.parametrize("model", PAGES)
def test_a_model_has_exactly_the_parameters_of_its_page(operations, resolve, model: str) -> None:
    """No documented parameter is missing, and none is invented."""
    assert leaves(body_of(operations[model]), resolve) == [row.name for row in PAGES[model].rows]


@pytest.mark.parametrize(
    ("model", "row"),
    [pytest.param(m, r, id=f"{m}-{r.name}") for m, r in ROWS if r.type != UNION],
)
def test_a_parameter_says_what_its_row_says(operations, resolve, model: str, row: Row) -> None:
    """Type, default, bounds and enum of a parameter are those of its row and of its rulings."""
    schema, required = find(body_of(operations[model]), row.name, resolve)
    assert facts(schema, resolve) == row.facts()
    assert required == row.required


@pytest.mark.parametrize(
    ("model", "row"), [pytest.param(m, r, id=f"{m}-{r.name}") for m, r in ROWS]
)
def test_a_parameter_names_its_row(operations, resolve, model: str, row: Row) -> None:
    """The source of a parameter ends with the very row of the table that it comes from."""
    schema, _ = find(body_of(operations[model]), row.name, resolve)
    source = (schema if "x-pixazo" in schema else resolve(schema))["x-pixazo"]["source"]
    assert source.endswith(f"\u203a Request Parameters \u203a {row.name}")


def test_a_lora_size_is_a_name_or_two_figures(operations, resolve) -> None:
    """image_size of the LoRA model is a text or an object, and optional."""
    body = body_of(operations["qwen-image-edit-plus-lora"])
    schema, required = find(body, "image_size", resolve)
    name, pixels = map(resolve, schema["anyOf"])
    side = {"type": "integer", "minimum": 1}
    assert not required
    assert facts(name, resolve) == {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
    assert {key: facts(value, resolve) for key, value in pixels["properties"].items()} == {
        "width": side,
        "height": side,
    }
    assert pixels["required"] == ["width", "height"]


@pytest.mark.parametrize("model", PAGES)
def test_a_body_is_required_and_closed_at_every_level(operations, resolve, model: str) -> None:
    """A request body is required, and no object in it takes a field that is not documented."""
    operation = operations[model]
    open_objects: list[str] = []

    def look(node: Node, where: str) -> None:
        flat = resolve(node)
        if flat.get("type") == "object" and flat.get("additionalProperties") is not False:
            open_objects.append(where)
        for name, inner in flat.get("properties", {}).items():
            look(inner, f"{where}.{name}")
        for inner in [*flat.get("anyOf", []), *([flat["items"]] if "items" in flat else [])]:
            look(inner, where)

    look(body_of(operation), model)
    assert operation["requestBody"]["required"] is True
    assert list(operation["requestBody"]["content"]) == ["application/json"]
    assert open_objects == []


@pytest.mark.parametrize("model", PAGES)
def test_a_model_has_the_headers_of_its_page(operations, resolve, model: str) -> None:
    """Cache-Control stands where the page's table has it, X-Webhook-URL where Webhook is."""
    page, operation = PAGES[model], operations[model]
    listed = {p["name"]: p for p in map(resolve, operation.get("parameters", []))}
    expected = ({CACHE} & page.headers) | ({"X-Webhook-URL"} if page.webhook else set())
    assert set(listed) == expected
    assert all(p["in"] == "header" and p["required"] is False for p in listed.values())


def test_headers_have_their_documented_values(spec, resolve) -> None:
    """Cache-Control has one value, and X-Webhook-URL is a URL."""
    cache, hook = (spec["components"]["parameters"][n] for n in ("CacheControl", "WebhookUrl"))
    assert facts(cache["schema"], resolve) == {"type": "string", "enum": ["no-cache"]}
    assert facts(hook["schema"], resolve) == {"type": "string"} | CALLBACK_URL


def test_the_key_is_demanded_everywhere_but_from_the_callers_back(spec, operations) -> None:
    """One key header for all operations; callbacks carry no key."""
    scheme = spec["components"]["securitySchemes"]["subscriptionKey"]
    callbacks = [
        call
        for operation in operations.values()
        for expressions in operation.get("callbacks", {}).values()
        for item in expressions.values()
        for call in item.values()
    ]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", KEY)
    assert spec["security"] == [{"subscriptionKey": []}]
    assert [model for model, operation in operations.items() if "security" in operation] == []
    assert len(callbacks) >= 7
    assert [call for call in callbacks if call["security"]] == []


@pytest.mark.parametrize("model", PAGES)
def test_a_model_has_the_codes_of_its_tables(operations, model: str) -> None:
    """Status codes are the union of the page's tables, and 402 for direct models (R17, R19)."""
    page = PAGES[model]
    expected = set.union(*page.codes) | page.ruled_codes
    assert {int(code) for code in operations[model]["responses"]} == expected


@pytest.mark.parametrize("model", PAGES)
def test_a_price_is_the_documented_one_or_unknown(operations, model: str) -> None:
    """Prices are those of the pages as texts; where a page has no figure it stays unknown."""
    assert operations[model]["x-pixazo"]["price"]["usd"] == PAGES[model].price


@pytest.mark.parametrize("model", QUEUED)
def test_a_queued_model_answers_with_a_receipt(operations, resolve, model: str) -> None:
    """Queued models answer 202 with the three documented fields and can call back."""
    operation = operations[model]
    receipt = resolve(operation["responses"]["202"]["content"]["application/json"]["schema"])
    fields = {name: facts(s, resolve) for name, s in receipt["properties"].items()}
    assert operation["x-pixazo"]["mode"] == "queued"
    assert receipt["required"] == list(fields) == ["request_id", "status", "polling_url"]
    assert fields["status"] == {"type": "string", "enum": ["QUEUED"]}
    assert fields["polling_url"] == {"type": "string"} | URL


@pytest.mark.parametrize("model", QUEUED)
def test_a_queued_model_calls_back_where_its_page_says(operations, model: str) -> None:
    """The header's callback is on all queued models, the body field's on LoRA and trainer."""
    expressions = [e for c in operations[model]["callbacks"].values() for e in c]
    names = [row.name for row in PAGES[model].rows]
    by_field = ["{$request.body#/webhook}"] if "webhook" in names else []
    webhook = operations[model]["x-pixazo"]["webhook"]
    assert expressions == ["{$request.header.X-Webhook-URL}", *by_field]
    assert webhook["header"] == "X-Webhook-URL"
    assert webhook.get("body_field") == ("webhook" if by_field else None)
    assert webhook.get("filter_field") == ("webhook_events_filter" if by_field else None)


@pytest.mark.parametrize("model", DIRECT)
def test_a_direct_model_neither_queues_nor_calls_back(operations, model: str) -> None:
    """Direct models have neither callback nor receipt (R58)."""
    assert operations[model]["x-pixazo"]["mode"] == "direct"
    assert "callbacks" not in operations[model]
    assert "202" not in operations[model]["responses"]


@pytest.mark.parametrize("model", QUEUED)
def test_waiting_keeps_to_the_documented_figures(operations, model: str) -> None:
    """The least and most documented interval bound the pauses; the one duration is the hint."""
    waiting = operations[model]["x-pixazo"]["waiting"]
    assert (waiting["floor_s"], waiting["ceiling_s"], waiting["hint_s"]) == (2, 10, 15)
