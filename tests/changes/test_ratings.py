"""Every kind of change of the spec has its rating; no change goes unseen."""

# ruff: noqa: E501 (a table reads best with a row a line)

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from changes.findings import Level
from changes.operations import compare
from codegen.document import escape, load, tokens

ROOT = Path(__file__).parents[2]
SPEC = load(ROOT / "spec" / "openapi.yaml").root
GONE = object()

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH
MAX = "/paths/~1qwen-image-max~1v1~1qwen-image-max-request/post"
DIRECT = "/paths/~1qwen-image~1v1~1generateMultimodeTextToImageRequest/post"
LORA = "/paths/~1qwen-image-edit-plus~1v1~1qwen-image-edit-plus-lora~1generate/post"
STATUS = "/paths/~1v2~1requests~1status~1{request_id}/get"
SCHEMAS = "/components/schemas"
WANTED = f"{SCHEMAS}/QwenImageMaxRequest"
FIELDS = f"{WANTED}/properties"
STATE = f"{SCHEMAS}/RequestStatus"

# What is edited (`pointer: value`), then the rating, the place and the words of what is found.
VARIANTS: dict[str, tuple[dict[str, Any], Level, str, str]] = {
    # Operations
    "operation removed": ({MAX: GONE}, MAJOR, "qwen-image-max", "POST /qwen-image-max/v1/qwen-image-max-request removed"),
    "operation added": ({"/paths/~1new/post": SPEC["paths"]["/v2/requests/status/{request_id}"]["get"]}, MINOR, "status", "POST /new added"),
    "operation renamed": ({f"{MAX}/operationId": "paint"}, MAJOR, "qwen-image-max", "operationId submitQwenImageMax → paint"),
    "operation deprecated": ({f"{MAX}/deprecated": True}, MINOR, "qwen-image-max", "deprecated"),
    "operation reworded": ({f"{MAX}/summary": "Paint"}, PATCH, "qwen-image-max", "words"),
    "server moved": ({"/servers/0/url": "https://elsewhere.example.com"}, MAJOR, "document", "server https://gateway.pixazo.ai → https://elsewhere.example.com"),
    "key renamed": ({"/components/securitySchemes/subscriptionKey/name": "X-Key"}, MAJOR, "key", "→"),
    "callback removed": ({f"{MAX}/callbacks/ended": GONE}, MAJOR, "qwen-image-max", "callback ended removed"),
    # What callers send
    "parameter removed": ({f"{FIELDS}/negative_prompt": GONE}, MAJOR, "qwen-image-max.negative_prompt", "removed"),
    "parameter added": ({f"{FIELDS}/seed": {"type": "integer"}}, MINOR, "qwen-image-max.seed", "added"),
    "required parameter added": ({f"{FIELDS}/seed": {"type": "integer"}, f"{WANTED}/required": ["prompt", "seed"]}, MAJOR, "qwen-image-max.seed", "added, required"),
    "parameter required": ({f"{WANTED}/required": ["prompt", "num_images"]}, MAJOR, "qwen-image-max.num_images", "optional → required"),
    "parameter optional": ({f"{WANTED}/required": []}, MINOR, "qwen-image-max.prompt", "required → optional"),
    "parameter deprecated": ({f"{FIELDS}/num_images/deprecated": True}, MINOR, "qwen-image-max.num_images", "deprecated"),
    "maximum lowered": ({f"{FIELDS}/num_images/maximum": 2}, MAJOR, "qwen-image-max.num_images", "maximum 4 → 2"),
    "maximum raised": ({f"{FIELDS}/num_images/maximum": 8}, MINOR, "qwen-image-max.num_images", "maximum 4 → 8"),
    "maximum dropped": ({f"{FIELDS}/num_images/maximum": GONE}, MINOR, "qwen-image-max.num_images", "maximum 4 → none"),
    "minimum raised": ({f"{FIELDS}/num_images/minimum": 2}, MAJOR, "qwen-image-max.num_images", "minimum 1 → 2"),
    "length bounded": ({f"{FIELDS}/prompt/maxLength": 800}, MAJOR, "qwen-image-max.prompt", "maxLength none → 800"),
    "items bounded": ({f"{SCHEMAS}/QwenImageEditPlusLoraRequest/properties/image_urls/maxItems": 3}, MAJOR, "qwen-image-edit-plus-lora.image_urls", "maxItems 10 → 3"),
    "enum narrowed": ({f"{FIELDS}/output_format/enum": ["png", "jpeg"]}, MAJOR, "qwen-image-max.output_format", "value webp removed"),
    "enum widened": ({f"{FIELDS}/output_format/enum": ["png", "jpeg", "webp", "avif"]}, MINOR, "qwen-image-max.output_format", "value avif added"),
    "enum opened": ({f"{FIELDS}/output_format/enum": GONE}, MINOR, "qwen-image-max.output_format", "values jpeg, png, webp → anything"),
    "type changed": ({f"{FIELDS}/num_images/type": "string"}, MAJOR, "qwen-image-max.num_images", "type integer removed"),
    "type widened": ({f"{FIELDS}/num_images/type": ["integer", "null"]}, MINOR, "qwen-image-max.num_images", "type null added"),
    "integers become numbers": ({f"{FIELDS}/num_images/type": "number"}, MINOR, "qwen-image-max.num_images", "type number added"),
    "pattern given": ({f"{FIELDS}/prompt/pattern": "^[a-z ]+$"}, MAJOR, "qwen-image-max.prompt", "pattern none → ^[a-z ]+$"),
    "body opened": ({f"{WANTED}/additionalProperties": True}, MINOR, "qwen-image-max", "fields that are not named: accepted"),
    "form removed": ({f"{SCHEMAS}/QwenImageEditPlusLoraRequest/properties/image_size/anyOf/1": GONE}, MAJOR, "qwen-image-edit-plus-lora.image_size", "form PixelSize removed"),
    "nested maximum": ({f"{SCHEMAS}/TextInput/properties/messages/maxItems": 1}, MAJOR, "qwen-image.input.messages", "maxItems none → 1"),
    "default changed": ({f"{FIELDS}/num_images/default": 4}, MAJOR, "qwen-image-max.num_images", "default 1 → 4"),
    "default learnt": ({f"{SCHEMAS}/QwenImageEditPlusLoraRequest/properties/num_images/default": 1}, PATCH, "qwen-image-edit-plus-lora.num_images", "default none → 1"),
    "default forgotten": ({f"{FIELDS}/num_images/default": GONE}, MAJOR, "qwen-image-max.num_images", "default 1 → none"),
    "parameter reworded": ({f"{FIELDS}/prompt/description": "Words."}, PATCH, "qwen-image-max.prompt", "words or sources"),
    "files accepted": ({f"{FIELDS}/prompt/x-pixazo/inline": True}, MINOR, "qwen-image-max.prompt", "files and bytes: accepted"),
    "unheard-of keyword": ({f"{FIELDS}/prompt/contains": {}}, MAJOR, "qwen-image-max.prompt", "contains none → {}"),
    # What callers get
    "answer lacks a field": ({f"{STATE}/properties/updated_at": GONE}, MAJOR, "RequestStatus.updated_at", "removed"),
    "answer has a field": ({f"{STATE}/properties/cost": {"type": "string"}}, MINOR, "RequestStatus.cost", "added"),
    "answer may lack a field": ({f"{STATE}/required": ["request_id", "status"]}, MAJOR, "RequestStatus.model_id", "required → optional"),
    "answer must have a field": ({f"{STATE}/required": ["request_id", "status", "model_id", "error"]}, MINOR, "RequestStatus.error", "optional → required"),
    "answer may be null": ({f"{STATE}/properties/model_id/type": ["string", "null"]}, MAJOR, "RequestStatus.model_id", "type null added"),
    "answer is never null": ({f"{STATE}/properties/error/type": "string"}, MINOR, "RequestStatus.error", "type null removed"),
    "new word in answers": ({f"{STATE}/properties/status/enum": ["QUEUED", "PROCESSING", "COMPLETED", "FAILED", "ERROR", "CANCELLED"]}, MINOR, "RequestStatus.status", "value CANCELLED added"),
    "new form of answers": ({f"{SCHEMAS}/TextToImageAnswer/anyOf/2": {"$ref": "#/components/schemas/MediaOutput"}}, MAJOR, "TextToImageAnswer", "form MediaOutput added"),
    "success moved": ({f"{MAX}/responses/202": GONE, f"{MAX}/responses/201": SPEC["paths"]["/qwen-image-max/v1/qwen-image-max-request"]["post"]["responses"]["202"]}, MAJOR, "qwen-image-max.202", "status code removed"),
    "error code added": ({f"{MAX}/responses/503": {"$ref": "#/components/responses/InternalServerError"}}, MINOR, "qwen-image-max.503", "status code added"),
    "error code removed": ({f"{MAX}/responses/404": GONE}, MINOR, "qwen-image-max.404", "status code removed"),
    "header removed": ({"/components/responses/TooManyRequests/headers/Retry-After": GONE}, MINOR, "TooManyRequests", "header Retry-After removed"),
    # Headers
    "header required": ({"/components/parameters/CacheControl/required": True}, MAJOR, "qwen-image-max.header.Cache-Control", "optional → required"),
    "header dropped": ({f"{MAX}/parameters/0": GONE}, MAJOR, "qwen-image-max.header.Cache-Control", "removed"),
    # What no other tool sees
    "price raised": ({f"{DIRECT}/x-pixazo/price/usd": "0.05"}, MAJOR, "qwen-image", "price $0.045 → $0.05"),
    "price lowered": ({f"{DIRECT}/x-pixazo/price/usd": "0.0449"}, MINOR, "qwen-image", "price $0.045 → $0.0449"),
    "price learnt": ({f"{MAX}/x-pixazo/price/usd": "0.06"}, MINOR, "qwen-image-max", "price unknown → $0.06"),
    "price forgotten": ({f"{DIRECT}/x-pixazo/price/usd": None}, MAJOR, "qwen-image", "price $0.045 → unknown"),
    "price for something else": ({f"{DIRECT}/x-pixazo/price/per": "image"}, MAJOR, "qwen-image", "price $0.045 per request → $0.045 per image"),
    "price's source": ({f"{DIRECT}/x-pixazo/price/source": "elsewhere"}, PATCH, "qwen-image", "price's source changed"),
    "deadline shortened": ({f"{MAX}/x-pixazo/waiting/deadline_s": 60}, MINOR, "qwen-image-max", "waiting: deadline_s 600 → 60"),
    "pace changed": ({f"{MAX}/x-pixazo/waiting/hint_s": 8}, PATCH, "qwen-image-max", "waiting: hint_s 15 → 8"),
    "patience changed": ({f"{MAX}/x-pixazo/timeout_s": 30}, PATCH, "qwen-image-max", "timeout_s 60 → 30"),
    "media moved": ({f"{MAX}/x-pixazo/media/pointers/0": "/output/urls/*"}, MAJOR, "qwen-image-max", "media no longer at /output/media_url/*"),
    "media also elsewhere": ({f"{MAX}/x-pixazo/media/pointers/1": "/output/urls/*"}, MINOR, "qwen-image-max", "media also at /output/urls/*"),
    "media of another kind": ({f"{MAX}/x-pixazo/media/kind": "layers"}, MAJOR, "qwen-image-max", "media kind image → layers"),
    "callback header renamed": ({f"{MAX}/x-pixazo/webhook/header": "X-Hook"}, MAJOR, "qwen-image-max", "webhook header X-Webhook-URL → X-Hook"),
    "callback field added": ({f"{MAX}/x-pixazo/webhook/body_field": "/webhook"}, MINOR, "qwen-image-max", "webhook body_field none → /webhook"),
    "argument renamed": ({f"{DIRECT}/x-pixazo/arguments/prompt": GONE, f"{DIRECT}/x-pixazo/arguments/text": "/input/messages/0/content/0/text"}, MAJOR, "qwen-image.prompt", "argument removed"),
    "argument sent elsewhere": ({f"{DIRECT}/x-pixazo/arguments/prompt": "/input/prompt"}, PATCH, "qwen-image.prompt", "sent at /input/prompt, not /input/messages/0/content/0/text"),
    "model renamed": ({f"{MAX}/x-pixazo/model": "qwen-max"}, MAJOR, "qwen-image-max", "model id qwen-image-max → qwen-max"),
    "class renamed": ({f"{MAX}/x-pixazo/class": "QwenMax"}, MAJOR, "qwen-image-max", "class QwenImageMax → QwenMax"),
    "mode changed": ({f"{MAX}/x-pixazo/mode": "direct"}, MAJOR, "qwen-image-max", "mode queued → direct"),
    "state added": ({f"{STATUS}/x-pixazo/states/CANCELLED": "failed"}, MINOR, "status.CANCELLED", "word added: failed"),
    "state means something else": ({f"{STATUS}/x-pixazo/states/ERROR": "failed"}, MAJOR, "status.ERROR", "means failed, not failed-not-charged"),
    "state removed": ({f"{STATUS}/x-pixazo/states/ERROR": GONE}, MAJOR, "status.ERROR", "word removed"),
    "invariant removed": ({f"{STATUS}/x-pixazo/invariants/0": GONE}, MINOR, "status", "invariants"),
    "ruling named": ({f"{MAX}/x-pixazo/rulings": ["R01"]}, PATCH, "qwen-image-max", "rulings changed"),
    "sandbox's picture": ({f"{MAX}/x-pixazo/render/seed": "/seed"}, PATCH, "qwen-image-max", "render changed"),
    "unheard-of fact": ({f"{MAX}/x-pixazo/licence": "new"}, MAJOR, "qwen-image-max", "licence none → new"),
    "document reworded": ({"/info/description": "Another."}, PATCH, "document", "words or names"),
}  # fmt: skip


def edited(edits: dict[str, Any]) -> Any:
    """Return the spec with other things at some places; lists are cut or lengthened."""
    root = copy.deepcopy(dict(SPEC))
    for pointer, value in edits.items():
        *way, last = tokens(pointer)
        node: Any = root
        for token in way:
            node = node[int(token)] if isinstance(node, list) else node.setdefault(token, {})
        if value is GONE:
            del node[int(last) if isinstance(node, list) else last]
        elif isinstance(node, list):
            node[int(last) : int(last) + 1] = [value]
        else:
            node[last] = value
    return root


@pytest.mark.parametrize("name", VARIANTS)
def test_a_change_has_its_rating(name: str) -> None:
    """One edit of the spec is found at its place, in words, and with the rating it deserves."""
    edits, level, place, what = VARIANTS[name]

    found = compare(SPEC, edited(edits))

    assert (level, place) in {(change.level, change.place) for change in found}
    assert any(what in change.what for change in found if change.place == place), found
    assert max(change.level for change in found) == level


def test_nothing_changed_is_nothing_found() -> None:
    """A spec compared with itself has no change, and its version alone is none."""
    assert compare(SPEC, edited({})) == []
    assert compare(SPEC, edited({"/info/version": "9.8.7"})) == []


def test_a_shared_schema_is_told_of_once() -> None:
    """What all answers share is one change, not one for each operation and callback."""
    found = compare(SPEC, edited({f"{STATE}/properties/cost": {"type": "string"}}))

    assert [change.place for change in found] == ["RequestStatus.cost"]


def test_the_gravest_change_stands_first() -> None:
    """Breaks come before news, news before words."""
    edits = {
        f"{MAX}/summary": "Paint",
        f"{FIELDS}/seed": {"type": "integer"},
        f"{FIELDS}/num_images/maximum": 2,
    }

    assert [change.level for change in compare(SPEC, edited(edits))] == [MAJOR, MINOR, PATCH]


def test_a_schema_may_hold_itself() -> None:
    """A recursive schema is compared to its end and no further."""
    tree = {"type": "object", "properties": {"in": {"$ref": "#/components/schemas/Tree"}, "n": {"type": "integer"}}}  # fmt: skip
    bounded = copy.deepcopy(tree)
    bounded["properties"]["n"]["maximum"] = 3  # type: ignore[index]
    field = {f"{FIELDS}/tree": {"$ref": "#/components/schemas/Tree"}}

    found = compare(
        edited({**field, f"{SCHEMAS}/Tree": tree}), edited({**field, f"{SCHEMAS}/Tree": bounded})
    )

    assert [change.place for change in found] == ["qwen-image-max.tree.n"]


def _leaves(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict | list):
        inside = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in inside:
            yield from _leaves(value, f"{pointer}/{escape(str(key))}")
    else:
        yield pointer, node


def _another(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return "9.99" if value.replace(".", "").isdigit() else f"{value}s"
    return "9.99" if value is None else value + 1


@pytest.mark.parametrize("number", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_no_change_goes_unseen(number: int) -> None:
    """Whatever single value of the spec is another one, something is found."""
    places = [
        (place, value)
        for place, value in _leaves(SPEC)
        if not place.endswith("/$ref") and place != "/info/version"
    ]

    unseen = [
        place
        for place, value in places[:: len(places) // number]
        if not compare(SPEC, edited({place: _another(value)}))
    ]

    assert unseen == []
