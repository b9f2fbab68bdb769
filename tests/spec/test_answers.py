"""The answers of the document against the pages: fields, nullability, shapes and error bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

Node = dict[str, Any]
URL = {"format": "uri", "pattern": r"^https?://[^\s/]"}  # R43
WORDS = ("description", "examples", "x-pixazo")
MODELS = {
    "qwen-image-max-edit",
    "qwen-image-max",
    "qwen-image-edit",
    "qwen-image",
    "qwen-image-edit-plus-lora",
    "qwen-image-edit-plus-trainer",
    "qwen-image-layered",
    "status",
}


def demands(schema: Node) -> Node:
    """What a schema demands, without its words."""
    return {key: value for key, value in schema.items() if key not in WORDS}


def test_there_is_one_server(spec) -> None:
    """The server is the bare host of the pages (R01)."""
    assert [server["url"] for server in spec["servers"]] == ["https://gateway.pixazo.ai"]


def test_the_status_endpoint_is_the_documented_one(operations) -> None:
    """The status endpoint is a GET under /v2 with the id in its path; its codes are ruled (R21)."""
    status = operations["status"]
    assert (status["method"], status["path"]) == ("get", "/v2/requests/status/{request_id}")
    assert {int(code) for code in status["responses"]} == {200, 401, 403, 404, 429, 500}
    assert [(p["name"], p["in"], p["required"]) for p in status["parameters"]] == [
        ("request_id", "path", True)
    ]
    assert "requestBody" not in status


TEXT, COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
SOME_TEXT, TEXT_OR_NULL = TEXT | {"minLength": 1}, {"type": ["string", "null"]}
NOT_BLANK = TEXT | {"pattern": r"\S"}  # R22
MODEL = TEXT | {"pattern": "^[a-z0-9][a-z0-9.-]*$"}  # R05
MIME = TEXT | {"pattern": "^[a-z]+/[A-Za-z0-9.+-]+$"}  # R41
ADDRESS, SIDE = TEXT | URL, {"type": "integer", "minimum": 1}
ID = TEXT | {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"}  # R28
TIME = TEXT | {"format": "date-time"}

# The fields of every answer as the pages' examples and field tables have them, with what is ruled
# on top; a `!` says that the field is required, an array is the list of its one kind of element.
# fmt: off
ANSWERS: dict[str, Node] = {
    "ErrorBody": {"error!": NOT_BLANK, "message!": NOT_BLANK},
    "SubmitReceipt": {
        "request_id!": ID, "status!": TEXT | {"enum": ["QUEUED"]}, "polling_url!": ADDRESS,
    },
    "RequestStatus": {
        "request_id!": ID,
        "status!": TEXT | {"enum": ["QUEUED", "PROCESSING", "COMPLETED", "FAILED", "ERROR"]},
        "model_id!": MODEL, "error": TEXT_OR_NULL, "output": "MediaOutput or null",
        "created_at": TIME, "updated_at": TIME,
        "completed_at": TEXT_OR_NULL | {"format": "date-time"},
    },
    "MediaOutput": {"media_url!": [ADDRESS, {"minItems": 1, "uniqueItems": True}],
                    "media_type!": MIME},
    "ChoicesAnswer": {
        "status_code!": {"type": "integer", "minimum": 200, "maximum": 200},
        "request_id!": ID, "code": TEXT, "message": TEXT,
        "output!": "ChoicesOutput", "usage": "Usage",
    },
    "ChoicesOutput": {"text": TEXT_OR_NULL, "finish_reason": TEXT_OR_NULL,
                      "choices!": ["Choice", {"minItems": 1, "uniqueItems": True}]},
    "Choice": {"finish_reason": TEXT_OR_NULL, "message!": "ChoiceMessage"},
    "ChoiceMessage": {"role": TEXT | {"enum": ["assistant"]},
                      "content!": ["AnswerPart", {"minItems": 1, "uniqueItems": True}]},
    "AnswerPart": {"image!": ADDRESS},
    "Usage": {"input_tokens": COUNT, "output_tokens": COUNT, "width": SIDE, "height": SIDE,
              "image_count": COUNT},
    "ImagesAnswer": {"images!": ["AnswerImage", {"minItems": 1, "uniqueItems": True}],
                     "description": TEXT},
    "AnswerImage": {"file_name!": SOME_TEXT, "content_type!": MIME, "url!": ADDRESS},
}
# fmt: on


def described(schema: Node, resolve: Callable[[Node], Node]) -> Any:
    """A schema in the terms of the table above."""
    name, flat = schema.get("$ref", "").rpartition("/")[2], resolve(schema)
    if "anyOf" in flat:
        first, second = flat["anyOf"]
        assert second == {"type": "null"}
        return f"{described(first, resolve)} or null"
    if flat["type"] == "array":
        rest = {k: v for k, v in demands(flat).items() if k not in ("type", "items")}
        return [described(flat["items"], resolve), rest]
    return name if flat["type"] == "object" else demands(flat)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_demands_what_the_pages_show(spec, resolve, name: str) -> None:
    """Fields, types, bounds, nullability and what is required are exactly those of the table."""
    schema = spec["components"]["schemas"][name]
    required = schema.get("required", [])
    found = {
        f"{field}!" if field in required else field: described(inner, resolve)
        for field, inner in schema["properties"].items()
    }
    assert found == ANSWERS[name]
    assert set(schema) - {"description", "x-pixazo"} <= {"type", "required", "properties"}
    assert schema["type"] == "object"


def test_no_answer_is_missing_in_the_table(spec, operations, resolve) -> None:
    """Every object that an answer of these models can hold stands in the table above."""
    todo = [
        resolve(response)["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for operation in operations.values()
        for response in operation["responses"].values()
        if operation["x-pixazo"].get("model", "status") in MODELS
    ]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        schema = spec["components"]["schemas"][name]
        if name not in seen and ("properties" in schema or "anyOf" in schema):
            seen.add(name)
            todo += re.findall(r"#/components/schemas/(\w+)", json.dumps(schema))
    assert seen - {"TextToImageAnswer"} == set(ANSWERS)


def test_the_status_words_mean_what_the_table_says(operations) -> None:
    """Two words are pending, three are ends, and one of the ends is not charged."""
    assert operations["status"]["x-pixazo"]["states"] == {
        "QUEUED": "pending",
        "PROCESSING": "pending",
        "COMPLETED": "succeeded",
        "FAILED": "failed",
        "ERROR": "failed-not-charged",
    }


PIXAZO_ID = "qwen-image-max_019d0000-0000-7000-8000-000000000000"
SHORT_CHOICES = {
    "status_code": 200,
    "request_id": "3daccb10-10ca-9399-8b6a-000000",
    "output": {"choices": [{"message": {"content": [{"image": "https://m.example/a.png"}]}}]},
}
LONG_CHOICES = {
    "status_code": 200,
    "request_id": "3daccb10-10ca-9399-8b6a-000000",
    "code": "",
    "message": "",
    "output": {
        "text": None,
        "finish_reason": None,
        "choices": [
            {
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": [{"image": "https://m.example/a.png"}],
                },
            }
        ],
    },
    "usage": {
        "input_tokens": 0,
        "output_tokens": 0,
        "width": 1248,
        "image_count": 1,
        "height": 832,
    },
}
IMAGES = {
    "images": [{"file_name": "a.png", "content_type": "image/png", "url": "https://m.example/a"}],
    "description": "",
}
ERROR_ANSWER = {
    "request_id": PIXAZO_ID,
    "status": "ERROR",
    "model_id": "qwen-image-max",
    "error": "why",
    "output": None,
}
COMPLETED_ANSWER = {
    "request_id": PIXAZO_ID,
    "status": "COMPLETED",
    "model_id": "qwen-image-max",
    "error": None,
    "output": {
        "media_url": ["https://m.example/output.ext"],
        "media_type": "application/octet-stream",
    },
    "created_at": "2026-03-31T10:00:00.000Z",
    "updated_at": "2026-03-31T10:00:15.000Z",
    "completed_at": "2026-03-31T10:00:15.000Z",
}


@pytest.mark.parametrize(
    ("model", "code", "answer"),
    [
        pytest.param("qwen-image-edit", "200", SHORT_CHOICES, id="edit-short"),
        pytest.param("qwen-image-edit", "200", LONG_CHOICES, id="edit-long"),
        pytest.param("qwen-image", "200", IMAGES, id="text-to-image"),
        pytest.param("qwen-image", "200", LONG_CHOICES, id="text-to-image-like-its-sister"),
        pytest.param("qwen-image", "200", {"images": IMAGES["images"]}, id="no-description"),
        pytest.param("status", "200", ERROR_ANSWER, id="error"),
        pytest.param("status", "200", COMPLETED_ANSWER, id="completed"),
    ],
)
def test_an_answer_built_like_the_pages_is_accepted(
    operations, errors, model: str, code: str, answer: Node
) -> None:
    """Every shape of answer that the pages show fits the document."""
    schema = operations[model]["responses"][code]["content"]["application/json"]["schema"]
    assert errors(answer, schema) == []


def test_the_documented_error_bodies_stand_to_the_letter(spec) -> None:
    """The two error bodies that the pages show are examples, word for word."""
    responses = spec["components"]["responses"]

    def examples(name: str) -> list[Node]:
        content = responses[name]["content"]["application/json"]
        return [example["value"] for example in content["examples"].values()]

    assert examples("InsufficientBalance") == [
        {
            "error": "Insufficient Balance",
            "message": "Your wallet does not have enough balance.",
        }
    ]
    assert {
        "error": "Model not found",
        "message": "Model 'qwen-image-max' not found or is disabled",
    } in examples("BadRequest")


@pytest.mark.parametrize("code", ["400", "401", "402", "403", "404", "429", "500"])
def test_every_error_has_the_two_documented_fields(operations, resolve, code: str) -> None:
    """All documented errors share the body of `error` and `message` (R22)."""
    schemas = [
        resolve(operation["responses"][code])["content"]["application/json"]["schema"]
        for operation in operations.values()
        if code in operation["responses"]
    ]
    assert schemas
    assert {tuple(resolve(schema)["required"]) for schema in schemas} == {("error", "message")}
