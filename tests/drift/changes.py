"""Single changes of a document: what the vendor might change, and what drift must say of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Doc = dict[str, Any]

MAX = "/qwen-image-max/v1/qwen-image-max-request"
EDIT = "/qwen-image/v1/generateMultimodeTextToImageEditRequest"
T2I = "/qwen-image/v1/generateMultimodeTextToImageRequest"
LORA = "/qwen-image-edit-plus/v1/qwen-image-edit-plus-lora/generate"
TRAINER = "/qwen-image-edit-plus-trainer/v1/qwen-image-edit-plus-trainer/generate"
LAYERED = "/qwen-image-layered/v1/qwen-image-layered-request"
STATUS = "/v2/requests/status/{request_id}"
QUEUED = 5  # a change of the status section stands on each queued model's part of the page


@dataclass(frozen=True)
class Change:
    """One change of the page's facts.

    Args:
        name: What is changed.
        make: Changes a copy of the document that the page is drawn from.
        kind: The kind of finding that must come.
        place: The finding's full name.
        near: A text that stands on the page's line of the finding.
        times: How many findings must come, all of this kind.
    """

    name: str
    make: Callable[[Doc], None]
    kind: str
    place: str
    near: str
    times: int = 1


def _schema(doc: Doc, name: str) -> Doc:
    schemas: dict[str, Doc] = doc["components"]["schemas"]
    return schemas[name]


def _property(doc: Doc, schema: str, name: str) -> Doc:
    properties: dict[str, Doc] = _schema(doc, schema)["properties"]
    return properties[name]


def _extension(doc: Doc, path: str) -> Doc:
    operation: dict[str, Doc] = next(iter(doc["paths"][path].values()))
    return operation["x-pixazo"]


def _set(schema: str, name: str, keyword: str, value: object) -> Callable[[Doc], None]:
    def make(doc: Doc) -> None:
        _property(doc, schema, name)[keyword] = value

    return make


def _unset(schema: str, name: str, keyword: str) -> Callable[[Doc], None]:
    def make(doc: Doc) -> None:
        del _property(doc, schema, name)[keyword]

    return make


def _remove_row(schema: str, name: str) -> Callable[[Doc], None]:
    """Remove a parameter, from the examples too."""

    def make(doc: Doc) -> None:
        del _schema(doc, schema)["properties"][name]
        for item in doc["paths"].values():
            for operation in item.values():
                content = operation.get("requestBody", {}).get("content", {})
                for media in content.values():
                    if media["schema"]["$ref"].endswith(f"/{schema}"):
                        media["examples"]["full"]["value"].pop(name, None)

    return make


def _add_row(schema: str, name: str, node: Doc) -> Callable[[Doc], None]:
    def make(doc: Doc) -> None:
        _schema(doc, schema)["properties"][name] = node

    return make


def _require(schema: str, *names: str) -> Callable[[Doc], None]:
    def make(doc: Doc) -> None:
        _schema(doc, schema)["required"] = list(names)

    return make


def _price(path: str, usd: str | None) -> Callable[[Doc], None]:
    def make(doc: Doc) -> None:
        _extension(doc, path)["price"]["usd"] = usd

    return make


def _per(doc: Doc) -> None:
    _extension(doc, LORA)["price"]["per"] = "image"


def _new_code(doc: Doc) -> None:
    doc["paths"][LAYERED]["post"]["responses"]["418"] = {
        "description": "A teapot.",
        "content": {"application/json": {"examples": {}}},
    }


def _new_model(doc: Doc) -> None:
    operation = copy.deepcopy(doc["paths"][MAX]["post"])
    operation["x-pixazo"] |= {"model": "qwen-image-mini", "source": "Qwen Image Mini for Phones"}
    receipt = operation["responses"]["202"]["content"]["application/json"]["examples"]
    for example in receipt.values():
        example["value"]["request_id"] = "qwen-image-mini_019d"
    doc["paths"]["/qwen-image-mini/v1/qwen-image-mini-request"] = {"post": operation}


def _no_model(doc: Doc) -> None:
    del doc["paths"][LAYERED]


def _other_path(doc: Doc) -> None:
    paths = doc["paths"]
    doc["paths"] = {key.replace("layered/v1", "layered/v2"): item for key, item in paths.items()}


def _no_cache_header(doc: Doc) -> None:
    doc["paths"][MAX]["post"]["parameters"].pop(0)


def _new_header(doc: Doc) -> None:
    header = {"name": "X-Team-Id", "in": "header", "schema": {"type": "string", "enum": ["a"]}}
    doc["paths"][T2I]["post"]["parameters"].append(header)


def _key_header(doc: Doc) -> None:
    doc["components"]["securitySchemes"]["subscriptionKey"]["name"] = "X-Api-Key"


def _webhook(doc: Doc) -> None:
    _extension(doc, TRAINER)["webhook"]["header"] = "X-Callback-URL"


def _new_word(doc: Doc) -> None:
    _extension(doc, STATUS)["states"]["CANCELLED"] = "pending"


def _no_word(doc: Doc) -> None:
    del _extension(doc, STATUS)["states"]["PROCESSING"]


def _charged_error(doc: Doc) -> None:
    _extension(doc, STATUS)["states"]["ERROR"] = "failed"


def _other_moves(doc: Doc) -> None:
    _extension(doc, STATUS)["moves"]["PROCESSING"] = ["COMPLETED", "FAILED"]


def _polling(doc: Doc) -> None:
    _extension(doc, TRAINER)["waiting"]["ceiling_s"] = 30


def _title(doc: Doc) -> None:
    _extension(doc, EDIT)["source"] = "Qwen Image Edit Plus Plus API Documentation"


def _base_url(doc: Doc) -> None:
    doc["servers"][0]["url"] = "https://gateway.example.com"


def _status_field(doc: Doc) -> None:
    _schema(doc, "RequestStatus")["properties"]["progress"] = {"type": "number"}


def _no_status_field(doc: Doc) -> None:
    del _schema(doc, "MediaOutput")["properties"]["media_type"]
    examples = doc["paths"][STATUS]["get"]["responses"]["200"]["content"]["application/json"]
    examples["examples"]["completed"]["value"]["output"]["media_type"] = "image/png"


def _status_field_type(doc: Doc) -> None:
    _schema(doc, "MediaOutput")["properties"]["media_url"]["type"] = "string"


def _error_title(doc: Doc) -> None:
    content = doc["components"]["responses"]["InsufficientBalance"]["content"]
    content["application/json"]["examples"]["empty_wallet"]["value"]["error"] = "No Money"


def _error_shape(doc: Doc) -> None:
    content = doc["components"]["responses"]["Forbidden"]["content"]
    content["application/json"]["examples"]["not_allowed"]["value"].pop("message")


def _request_example(doc: Doc) -> None:
    body = doc["paths"][MAX]["post"]["requestBody"]["content"]["application/json"]
    body["examples"]["full"]["value"]["num_images"] = 9


def _request_example_field(doc: Doc) -> None:
    body = doc["paths"][LORA]["post"]["requestBody"]["content"]["application/json"]
    body["examples"]["full"]["value"]["upscale"] = True


def _minimum(doc: Doc) -> None:
    body = doc["paths"][MAX]["post"]["requestBody"]["content"]["application/json"]
    body["examples"]["minimum"]["value"]["num_images"] = 1


def _answer_example(doc: Doc) -> None:
    answer = doc["paths"][MAX]["post"]["responses"]["202"]["content"]["application/json"]
    answer["examples"]["queued"]["value"]["status"] = "ACCEPTED"


def _answer_field(doc: Doc) -> None:
    answer = doc["paths"][LORA]["post"]["responses"]["202"]["content"]["application/json"]
    answer["examples"]["queued"]["value"]["eta_s"] = 12


def _broken_invariant(doc: Doc) -> None:
    answer = doc["paths"][STATUS]["get"]["responses"]["200"]["content"]["application/json"]
    answer["examples"]["completed"]["value"]["completed_at"] = None


def _status_code(doc: Doc) -> None:
    doc["paths"][STATUS]["get"]["responses"]["410"] = {"description": "Gone."}


M, L = "QwenImageMaxRequest", "QwenImageEditPlusLoraRequest"
T, P = "QwenImageEditPlusTrainerRequest", "TextToImageParameters"
SEED = {"type": "integer", "description": "Seed.", "minimum": 0, "maximum": 99}

CHANGES: tuple[Change, ...] = (
    Change(
        "a maximum grows", _set(M, "num_images", "maximum", 8),
        "bound changed", "qwen-image-max.num_images.maximum", "num_images",
    ),
    Change(
        "a minimum grows", _set(T, "steps", "minimum", 100),
        "bound changed", "qwen-image-edit-plus-trainer.steps.minimum", "steps",
    ),
    Change(
        "a maximum goes", _unset(T, "learning_rate", "maximum"),
        "bound changed", "qwen-image-edit-plus-trainer.learning_rate.maximum", "learning_rate",
    ),
    Change(
        "a maximum comes", _set(L, "num_inference_steps", "maximum", 100),
        "bound changed", "qwen-image-edit-plus-lora.num_inference_steps.maximum", "steps",
    ),
    Change(
        "fewer items are allowed", _set(L, "image_urls", "maxItems", 5),
        "bound changed", "qwen-image-edit-plus-lora.image_urls.maxItems", "image_urls",
    ),
    Change(
        "a text gets a longest length", _set(M, "prompt", "maxLength", 800),
        "bound changed", "qwen-image-max.prompt.maxLength", "prompt",
    ),
    Change(
        "a default turns", _set(M, "enable_safety_checker", "default", False),
        "default changed", "qwen-image-max.enable_safety_checker.default", "enable_safety_checker",
    ),
    Change(
        "a default goes", _unset(M, "output_format", "default"),
        "default changed", "qwen-image-max.output_format.default", "output_format",
    ),
    Change(
        "a default comes", _set(L, "num_images", "default", 1),
        "default changed", "qwen-image-edit-plus-lora.num_images.default", "num_images",
    ),
    Change(
        "a choice comes", _set(M, "output_format", "enum", ["png", "jpeg", "webp", "avif"]),
        "enum changed", "qwen-image-max.output_format.enum", "avif",
    ),
    Change(
        "a choice goes", _set(P, "size", "enum", ["1328*1328", "1024*1024", "768*768"]),
        "enum changed", "qwen-image.parameters.size.enum", "parameters.size",
    ),
    Change(
        "a free text gets choices", _set(L, "seed", "type", "string"),
        "type changed", "qwen-image-edit-plus-lora.seed.type", "seed",
    ),
    Change(
        "a whole number may be broken", _set(M, "num_images", "type", "number"),
        "type changed", "qwen-image-max.num_images.type", "num_images",
    ),
    Change(
        "an optional parameter is required", _require(M, "prompt", "image_size"),
        "required changed", "qwen-image-max.image_size.required", "image_size",
    ),
    Change(
        "a required parameter is optional", _require(L, "prompt"),
        "required changed", "qwen-image-edit-plus-lora.image_urls.required", "image_urls",
    ),
    Change(
        "a parameter goes", _remove_row(M, "enable_prompt_expansion"),
        "removed parameter", "qwen-image-max.enable_prompt_expansion.row", "Parameters",
    ),
    Change(
        "a parameter comes", _add_row(M, "seed", SEED),
        "new parameter", "qwen-image-max.seed.row", "seed",
    ),
    Change(
        "a nested parameter comes", _add_row(P, "seed", SEED),
        "new parameter", "qwen-image.parameters.seed.row", "parameters.seed",
    ),
    Change("a price grows", _price(LORA, "0.065"), "price changed",
           "qwen-image-edit-plus-lora.price", "0.065"),
    Change("a price becomes known", _price(MAX, "0.12"), "price changed",
           "qwen-image-max.price", "0.12", times=1),
    Change("a price becomes unknown", _price(LAYERED, None), "price changed",
           "qwen-image-layered.price", "Pricing"),
    Change("a price is for a picture", _per, "price changed",
           "qwen-image-edit-plus-lora.price.per", "0.055"),
    Change("a status code comes", _new_code, "status code", "qwen-image-layered.418", "418"),
    Change("a new model", _new_model, "new model", "", "Qwen Image Mini for Phones"),
    Change("a model goes", _no_model, "missing model", "qwen-image-layered", ""),
    Change("a path gets a new version", _other_path, "path changed",
           "qwen-image-layered.path", "layered/v2"),
    Change("a header is no longer listed", _no_cache_header, "header",
           "qwen-image-max.header.Cache-Control", "Request Headers|Header"),
    Change("a header comes", _new_header, "header", "qwen-image.header.X-Team-Id", "X-Team-Id",
           times=2),
    Change("the webhook header has another name", _webhook, "webhook",
           "qwen-image-edit-plus-trainer.webhook", "X-Callback-URL"),
    Change("a status word comes", _new_word, "status word", "*.status.CANCELLED", "CANCELLED",
           times=QUEUED),
    Change("a status word goes", _no_word, "status word", "*.status.PROCESSING", "Status Values",
           times=QUEUED),
    Change("ERROR is charged", _charged_error, "status word", "*.status.ERROR.charged", "ERROR",
           times=QUEUED),
    Change("a state has other followers", _other_moves, "status flow", "*.status.flow", "→",
           times=QUEUED),
    Change("polling gets slower", _polling, "polling",
           "qwen-image-edit-plus-trainer.status.interval", "30 seconds"),
    Change("a title changes", _title, "title changed", "qwen-image-edit.title", "Plus Plus"),
    Change("a status field comes", _status_field, "response field", "*.status.progress", "progress",
           times=QUEUED),
    Change("a status field leaves the table", _no_status_field, "response field",
           "*.status.output.media_type", "Response Fields", times=QUEUED),
    Change("a status field has another type", _status_field_type, "response field",
           "*.status.output.media_url.type", "output.media_url", times=QUEUED),
    Change("the title of an error changes", _error_title, "error body", "*.402.error", "",
           times=7),
    Change("an error loses a field", _error_shape, "example invalid", "*.403.body", "", times=7),
    Change("a request example breaks a bound", _request_example, "example invalid",
           "qwen-image-max.request.num_images", ""),
    Change("a request example has a new field", _request_example_field, "example invalid",
           "qwen-image-edit-plus-lora.request", ""),
    Change("the smallest request grows", _minimum, "required changed",
           "qwen-image-max.minimum_request", ""),
    Change("a receipt has another word", _answer_example, "example invalid",
           "qwen-image-max.response.status", ""),
    Change("a receipt has a new field", _answer_field, "response field",
           "qwen-image-edit-plus-lora.response.eta_s", ""),
    Change("a status example breaks an invariant", _broken_invariant, "example invalid",
           "*.status.completed-has-times", "", times=QUEUED),
    Change("a status code of the status operation comes", _status_code, "status code",
           "*.status.410", "410", times=QUEUED),
)  # fmt: skip

# What every call shares: the calls differ, too.
SHARED = ((_base_url, "base url"), (_key_header, "authentication"))
