"""Answers that look a little different: shape, type, nullability, enum, status code, header, …"""

from __future__ import annotations

from typing import Any

from tests.mutants.catalogue.names import EDIT, ENDED, FAILURES, LAYERED, MAX, PENDING, T2I, TRAINER
from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.edits import add, direct, drop, errors, every, put, receipt, rename, status
from tests.mutants.kit.mutant import Change, Mutant

__all__ = ["MUTANTS"]


def _nested(_: Call, body: Any) -> Any:
    return {"data": body}


def _listed(_: Call, body: Any) -> Any:
    return [body]


def _flat(_: Call, body: Any) -> Any:
    return {**{n: v for n, v in body.items() if n != "output"}, **(body.get("output") or {})}


def _detail(_: Call, body: Any) -> Any:
    return {"detail": body["message"]}


def _head(name: str, value: str | None, *codes: int) -> Change:
    """Set a header of answers with some status codes, or leave it out."""

    def change(_: Call, answer: Answer) -> Answer | None:
        if not codes or answer.status in codes:
            answer.headers.pop(name, None)
            if value is not None:
                answer.headers[name] = value
        return answer

    return change


def _code(code: int, instead: int) -> Change:
    return lambda _, answer: Answer(
        instead if answer.status == code else answer.status, answer.headers, answer.body
    )


def _html(_: Call, answer: Answer) -> Answer | None:
    if answer.status != 404:
        return None
    page = b"<html><body><h1>404 Not Found</h1></body></html>"
    return Answer(404, {"content-type": "text/html"}, page)


def _failed_is_500(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "FAILED":
        return refusal(500, "Internal Server Error", "The request could not be handled.")
    return None


def _found_nothing_is_200(_: Call, answer: Answer) -> Answer | None:
    return Answer(200, answer.headers, answer.body) if answer.status == 404 else None


def _pending_is_202(call: Call, answer: Answer) -> Answer | None:
    waits = call.asks_status and answer.word in PENDING
    return Answer(202, answer.headers, answer.body) if waits else None


def _key_in_header(call: Call, answer: Answer) -> Answer | None:
    answer.headers["x-subscription"] = call.key or "none"
    return answer


def _retry_words(_: Call, answer: Answer) -> Answer | None:
    if "retry-after" in answer.headers:
        answer.headers["retry-after"] = "in a moment"
    return answer


MUTANTS = (
    Mutant("receipt-without-polling-url", "shape", "the receipt has no polling_url",
           change=receipt(drop("/polling_url"))),
    Mutant("receipt-in-data", "shape", "the receipt stands inside of `data`",
           change=receipt(_nested)),
    Mutant("receipt-in-a-list", "shape", "the receipt is a list of one", change=receipt(_listed)),
    Mutant("receipt-says-id", "shape", "the receipt says id instead of request_id",
           change=receipt(rename("/request_id", "id"))),
    Mutant("status-says-model", "shape", "the status answer says model instead of model_id",
           change=status(rename("/model_id", "model"))),
    Mutant("layered-status-without-model-id", "shape", "one model's status has no model_id",
           change=status(drop("/model_id"), model=LAYERED)),
    Mutant("output-flat", "shape", "media_url stands beside the status, not in output",
           change=status(_flat, words=["COMPLETED"])),
    Mutant("trainer-media-bare", "shape", "the trainer's media_url is one text",
           change=status(put("/output/media_url", lambda old: old[0]), model=TRAINER)),
    Mutant("choices-content-bare", "shape", "a choice's content is an object, not a list",
           change=direct(put("/output/choices/0/message/content", lambda old: old[0]))),
    Mutant("error-as-detail", "shape", "a 400 says only detail",
           change=errors(400, edits=[_detail])),
    Mutant("created-at-epoch", "type", "created_at is a number",
           change=status(put("/created_at", 1767225600))),
    Mutant("media-url-objects", "type", "media_url holds objects with a url",
           change=status(put("/output/media_url", lambda old: [{"url": url} for url in old]))),
    Mutant("status-code-text", "type", "status_code in a direct answer is a text",
           change=direct(put("/status_code", "200"))),
    Mutant("usage-text", "type", "the width in usage is a text",
           change=direct(put("/usage/width", str))),
    Mutant("failed-error-object", "type", "the error of a failed job is an object",
           change=status(put("/error", lambda old: {"text": old}), words=FAILURES)),
    Mutant("message-list", "type", "the message of a 400 is a list",
           change=errors(400, edits=[put("/message", lambda old: [old])])),
    Mutant("completed-error-empty", "nullability", "a completed job's error is an empty text",
           change=status(add("/error", ""), words=["COMPLETED"])),
    Mutant("pending-output-empty", "nullability", "a pending job's output is an empty object",
           change=status(add("/output", {}), words=PENDING)),
    Mutant("processing-completed-at", "nullability", "completed_at is set while at work",
           change=status(add("/completed_at", "2026-01-01T00:00:30.000Z"), words=["PROCESSING"])),
    Mutant("completed-updated-null", "nullability", "updated_at is null when completed",
           change=status(add("/updated_at", None), words=["COMPLETED"])),
    Mutant("failed-error-null", "nullability", "a failed job's error is null",
           change=status(add("/error", None), words=["FAILED"])),
    Mutant("media-type-null", "nullability", "media_type is null",
           change=status(put("/output/media_type", None))),
    Mutant("failed-output-object", "nullability", "a job in ERROR has an output",
           change=status(add("/output", {"media_url": ["https://media.example.com/none.png"],
                                         "media_type": "image/png"}), words=["ERROR"])),
    Mutant("receipt-processing", "enum", "the receipt says PROCESSING",
           change=receipt(put("/status", "PROCESSING"))),
    Mutant("status-succeeded", "enum", "COMPLETED is called SUCCEEDED",
           change=status(put("/status", "SUCCEEDED"), words=["COMPLETED"])),
    Mutant("status-lower-case", "enum", "the trainer's status words are in lower case",
           change=status(put("/status", str.lower), model=TRAINER)),
    Mutant("status-in-progress", "enum", "PROCESSING is called IN_PROGRESS",
           change=status(put("/status", "IN_PROGRESS"), words=["PROCESSING"])),
    Mutant("role-system", "enum", "a direct answer's role is system",
           change=direct(put("/output/choices/0/message/role", "system"))),
    Mutant("queued-is-200", "status code", "a submission is answered 200",
           change=_code(202, 200)),
    Mutant("invalid-is-422", "status code", "an invalid body is answered 422",
           change=_code(400, 422)),
    Mutant("no-key-is-403", "status code", "a missing key is answered 403",
           change=_code(401, 403)),
    Mutant("poor-is-403", "status code", "an empty wallet is answered 403",
           change=_code(402, 403)),
    Mutant("unknown-is-200", "status code", "what is unknown is answered 200 with an error body",
           change=_found_nothing_is_200),
    Mutant("pending-is-202", "status code", "a pending job's status is answered 202",
           change=_pending_is_202),
    Mutant("failed-is-500", "status code", "a failed job's status is answered 500",
           change=_failed_is_500),
    Mutant("no-content-type", "header", "receipts have no content type",
           change=_head("content-type", None, 202)),
    Mutant("key-in-header", "header", "every answer echoes the key in a header",
           change=_key_in_header),
    Mutant("retry-after-words", "header", "Retry-After is in words", change=_retry_words),
    Mutant("text-plain", "content type", "JSON is called text/plain",
           change=_head("content-type", "text/plain", 200, 202)),
    Mutant("problem-json", "content type", "errors are application/problem+json",
           change=_head("content-type", "application/problem+json", 400, 401, 402, 403, 404)),
    Mutant("html-404", "content type", "what is unknown is answered with a page of HTML",
           change=_html),
    Mutant("created-at-without-zone", "format", "created_at has no zone",
           change=status(put("/created_at", lambda old: str(old).removesuffix("Z")))),
    Mutant("times-with-space", "format", "completed_at reads 2026-01-01 00:00:12",
           change=status(put("/completed_at", lambda old: old and old.replace("T", " ")[:19]),
                         words=ENDED)),
    Mutant("polling-url-relative", "format", "polling_url is a path",
           change=receipt(put("/polling_url", lambda old: "/v2" + old.partition("/v2")[2]))),
    Mutant("media-url-without-scheme", "format", "media URLs begin with //",
           change=status(put("/output/media_url", lambda old: [u[5:] for u in old]), model=MAX)),
    Mutant("direct-url-relative", "format", "a direct answer's URL is a path",
           change=direct(put("/images/0/url", lambda old: "/" + old.partition("/v1")[2]),
                         put("/output/choices/0/message/content/0/image",
                             lambda old: "/v1" + old.partition("/v1")[2]))),
    Mutant("media-type-word", "format", "media_type says png",
           change=status(put("/output/media_type", "png"))),
    Mutant("status-code-0", "bound", "status_code in a direct answer is 0",
           change=direct(put("/status_code", 0), model=EDIT)),
    Mutant("no-media", "bound", "media_url is empty", change=status(put("/output/media_url", []))),
    Mutant("usage-negative", "bound", "usage counts -1 tokens",
           change=direct(put("/usage/input_tokens", -1))),
    Mutant("images-empty", "bound", "the list of images is empty",
           change=direct(put("/images", []), model=T2I)),
    Mutant("error-title-empty", "bound", "errors have an empty title",
           change=errors(401, 403, 404, edits=[put("/error", "")])),
    Mutant("polling-url-in-status", "shape", "status answers carry polling_url",
           change=status(add("/polling_url", "https://gateway.pixazo.ai/v2/requests/status/x"))),
    Mutant("everything-wrapped", "shape", "every answer stands inside of `result`",
           change=every(lambda _, body: {"result": body})),
)  # fmt: skip
