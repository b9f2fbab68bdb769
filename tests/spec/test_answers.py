"""The answers of the document against the pages: fields, nullability, shapes and error bodies."""

from __future__ import annotations

from typing import Any

import pytest

Node = dict[str, Any]
URL = {"format": "uri", "pattern": r"^https?://[^\s/]"}  # R43
WORDS = ("description", "examples", "x-pixazo")


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


# Response Fields of the queued pages; updated_at is in the examples only (R34).
STATUS_FIELDS = {
    "request_id": ["string"],
    "status": ["string"],
    "model_id": ["string"],
    "error": ["string", "null"],
    "created_at": ["string"],
    "updated_at": ["string"],
    "completed_at": ["string", "null"],
}


def test_a_status_answer_has_the_documented_fields(spec, resolve) -> None:
    """Names, types and nullability of a status answer are those of Response Fields."""
    fields = spec["components"]["schemas"]["RequestStatus"]["properties"]
    kinds = {name: resolve(schema).get("type") for name, schema in fields.items()}
    assert kinds.pop("output", "missing") is None  # a union, see below
    assert {n: [k] if isinstance(k, str) else k for n, k in kinds.items()} == STATUS_FIELDS
    assert demands(fields["status"])["enum"] == [
        "QUEUED",
        "PROCESSING",
        "COMPLETED",
        "FAILED",
        "ERROR",
    ]
    for name in ("created_at", "updated_at", "completed_at"):
        assert resolve(fields[name])["format"] == "date-time"


def test_the_output_is_null_or_holds_media(spec, resolve) -> None:
    """`output` is null, or an object of a list of URLs and a type."""
    fields = spec["components"]["schemas"]["RequestStatus"]["properties"]
    media, nothing = fields["output"]["anyOf"]
    inner = {name: demands(s) for name, s in resolve(media)["properties"].items()}
    address = inner["media_url"].pop("items")
    assert nothing == {"type": "null"}
    assert inner["media_url"] == {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
    }
    assert demands(resolve(address)) == {"type": "string"} | URL
    assert inner["media_type"]["type"] == "string"
    assert list(inner) == resolve(media)["required"] == ["media_url", "media_type"]


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


def test_an_answer_of_the_direct_models_has_the_documented_fields(spec, resolve) -> None:
    """No field of the two shown shapes is missing in the schemas, and none is invented."""
    schemas = spec["components"]["schemas"]

    def names(schema: str) -> set[str]:
        return set(schemas[schema]["properties"])

    choice = LONG_CHOICES["output"]["choices"][0]
    assert names("ChoicesAnswer") == set(LONG_CHOICES)
    assert names("ChoicesOutput") == set(LONG_CHOICES["output"])
    assert names("Choice") == set(choice)
    assert names("ChoiceMessage") == set(choice["message"])
    assert names("AnswerPart") == {"image"}
    assert names("Usage") == set(LONG_CHOICES["usage"])
    assert names("ImagesAnswer") == set(IMAGES)
    assert names("AnswerImage") == set(IMAGES["images"][0])


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
