"""Answers and requests that differ, written after the suite: the first half of the late third."""

from __future__ import annotations

import gzip
from typing import Any

from pixazo_openapi.catalogue import KEY_HEADER

from tests.mutants.catalogue.names import (
    EDIT,
    LAYERED,
    LORA,
    MAX,
    MAX_EDIT,
    PENDING,
    T2I,
    TRAINER,
)
from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.edits import (
    MISSING,
    add,
    at,
    direct,
    drop,
    errors,
    put,
    receipt,
    refuse,
    rename,
    status,
    take,
)
from tests.mutants.kit.mutant import Ask, Change, Mutant

__all__ = ["MUTANTS"]

CONTENT = "/output/choices/0/message/content"


def _number(seen: Any) -> bool:
    return isinstance(seen, int | float) and not isinstance(seen, bool)


def _absent_means(model: str, pointer: str, value: Any) -> Ask:
    def ask(call: Call) -> Answer | None:
        body = call.json
        if call.model_id == model and isinstance(body, dict) and at(body, pointer) is MISSING:
            add(pointer, value)(call, body)
            call.json = body
        return None

    return ask


def _code(code: int, instead: int, *models: str) -> Change:
    def change(call: Call, answer: Answer) -> Answer | None:
        if answer.status == code and (not models or call.model_id in models):
            answer.status = instead
        return answer

    return change


def _error_nested(_: Call, body: Any) -> Any:
    return {"error": {"code": 402, "title": body["error"], "message": body["message"]}}


def _status_by_post(call: Call) -> Answer | None:
    if call.path.startswith("/v2/requests/status/") and call.method == "POST":
        call.method, call.body = "GET", b""
    return None


def _empty_key(call: Call) -> Answer | None:
    name = KEY_HEADER.lower()
    if name in call.headers and not call.headers[name].strip():
        call.headers[name] = "nobody"
    return None


def _odd_webhook(call: Call) -> Answer | None:
    told = call.headers.get("x-webhook-url", "http://")
    if not told.startswith(("http://", "https://")):
        del call.headers["x-webhook-url"]
    return None


def _vendor_type(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.status == 200:
        answer.headers["content-type"] = "application/vnd.pixazo+json"
    return answer


def _latin(call: Call, answer: Answer) -> Answer | None:
    if call.model_id == EDIT and answer.status == 200:
        answer.headers["content-type"] = "application/json; charset=iso-8859-1"
    return answer


def _marked(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.status == 200:
        answer.body = b"\xef\xbb\xbf" + answer.body
    return answer


def _no_number(call: Call, answer: Answer) -> Answer | None:
    if call.model_id == EDIT and answer.status == 200:
        answer.body = answer.body.replace(b'"input_tokens":0', b'"input_tokens":NaN')
    return answer


def _zipped(call: Call, answer: Answer) -> Answer | None:
    """gzip for everybody, and nobody is told."""
    if answer.status == 202 and call.model_id == LAYERED:
        answer.body = gzip.compress(answer.body)
    return answer


def _trailing(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.status == 404:
        answer.body += b"\n-- end --"
    return answer


def _no_emoji(call: Call) -> Answer | None:
    body = call.json
    if call.model and isinstance(body, dict) and any(ord(c) > 0xFFFF for c in str(body)):
        return refusal(400, "Bad Request", "the text holds characters that are not supported")
    return None


def _filter_alone(call: Call) -> Answer | None:
    body = call.json
    if isinstance(body, dict) and "webhook_events_filter" in body and "webhook" not in body:
        return refusal(400, "Bad Request", "webhook_events_filter needs webhook")
    return None


def _retry_before(_: Call, answer: Answer) -> Answer | None:
    if "retry-after" in answer.headers:
        answer.headers["retry-after"] = "-1"
    return answer


def _two_messages(call: Call) -> Answer | None:
    messages = at(call.json, "/input/messages")
    if call.model and isinstance(messages, list) and len(messages) > 1:
        return refusal(400, "Bad Request", "input.messages: only one is allowed")
    return None


def _flip(old: Any) -> Any:
    return old[:10] + old[10:].replace("Z", "+0000") if isinstance(old, str) else old


def _png_is_jpeg(call: Call) -> Answer | None:
    return take(MAX, "/output_format", lambda s: s == "png", "jpeg")(call)


MUTANTS = (
    Mutant("lora-receipt-without-status", "shape", "one receipt has no status",
           change=receipt(drop("/status"), model=LORA)),
    Mutant("images-is-one", "shape", "images is an object, not a list",
           change=direct(put("/images", lambda old: old[0]), model=T2I)),
    Mutant("layered-media-urls", "shape", "media_url is called media_urls for layers",
           change=status(rename("/output/media_url", "media_urls"), model=LAYERED)),
    Mutant("poor-error-nested", "shape", "a 402 is nested",
           change=errors(402, edits=[_error_nested])),
    Mutant("content-is-url", "shape", "a choice's content is the URL",
           change=direct(put(CONTENT, lambda old: old[0]["image"]), model=EDIT)),
    Mutant("direct-id-number", "type", "a direct answer's id is a number",
           change=direct(put("/request_id", 4711))),
    Mutant("count-is-half", "type", "image_count is 1.5",
           change=direct(put("/usage/image_count", 1.5))),
    Mutant("completed-epoch-text", "type", "completed_at is a text of milliseconds",
           change=status(put("/completed_at", lambda old: old and "1767225612000"))),
    Mutant("failed-error-true", "type", "the error of a failed job is true",
           change=status(put("/error", True), words=["FAILED"])),
    Mutant("lora-seed-text", "type", "a seed may be a text",
           ask=take(LORA, "/seed", lambda s: isinstance(s, str), 1)),
    Mutant("lora-guidance-text", "type", "guidance_scale may be a text",
           ask=take(LORA, "/guidance_scale", lambda s: isinstance(s, str), 2)),
    Mutant("pending-created-null", "nullability", "created_at is null while pending",
           change=status(put("/created_at", None), words=PENDING)),
    Mutant("media-with-null", "nullability", "media_url ends with null",
           change=status(put("/output/media_url", lambda old: [*old, None]))),
    Mutant("unknown-message-null", "nullability", "the message of a 404 is null",
           change=errors(404, edits=[put("/message", None)])),
    Mutant("lora-null-size", "nullability", "null means no image_size",
           ask=take(LORA, "/image_size", lambda s: s is None)),
    Mutant("trainer-receipt-lower", "enum", "the trainer's receipt says queued",
           change=receipt(put("/status", "queued"), model=TRAINER)),
    Mutant("failed-is-cancelled", "enum", "FAILED is called CANCELLED",
           change=status(put("/status", "CANCELLED"), words=["FAILED"])),
    Mutant("lora-takes-webp", "enum", "webp is taken and means png",
           ask=take(LORA, "/output_format", lambda s: s == "webp", "png")),
    Mutant("lora-any-event", "enum", "unknown events in the filter are ignored",
           ask=take(LORA, "/webhook_events_filter",
                    lambda s: isinstance(s, list) and bool(s) and any(
                        e not in ("start", "complete", "*") for e in s), ["complete"])),
    Mutant("edit-any-role", "enum", "any role is taken",
           ask=take(EDIT, "/input/messages/0/role", lambda s: isinstance(s, str), "user")),
    Mutant("edit-is-202", "status code", "a direct answer is a 202", change=_code(200, 202, EDIT)),
    Mutant("status-by-post", "status code", "POST on the status path works like GET",
           ask=_status_by_post),
    Mutant("direct-poor-is-400", "status code", "direct models answer 400 to an empty wallet",
           change=_code(402, 400, EDIT, T2I)),
    Mutant("too-many-is-503", "status code", "too many requests are a 503",
           change=_code(429, 503)),
    Mutant("retry-after-negative", "header", "Retry-After is -1", change=_retry_before),
    Mutant("empty-key", "header", "an empty key is a key", ask=_empty_key),
    Mutant("odd-webhook-ignored", "header", "an X-Webhook-URL of another scheme is ignored",
           ask=_odd_webhook),
    Mutant("status-vendor-type", "content type", "status answers have a type of their own",
           change=_vendor_type),
    Mutant("edit-latin", "content type", "one model's answer says ISO-8859-1", change=_latin),
    Mutant("layered-takes-none", "bound", "num_images 0 is taken as 1",
           ask=take(LAYERED, "/num_images", lambda s: _number(s) and s < 1, 1)),
    Mutant("trainer-nine-references", "bound", "ten reference pictures are refused",
           ask=refuse(TRAINER, "/reference_image_count", lambda s: s == 10)),
    Mutant("trainer-no-steps", "bound", "0 steps are taken",
           ask=take(TRAINER, "/steps", lambda s: _number(s) and s < 1, 1)),
    Mutant("max-edit-no-picture", "bound", "an empty list of pictures is taken",
           ask=take(MAX_EDIT, "/image_urls", lambda s: s == [],
                    ["https://pictures.example.com/shed.png"])),
    Mutant("lora-no-width", "bound", "a width of 0 pixels is taken",
           ask=take(LORA, "/image_size/width", lambda s: _number(s) and s < 1, 64)),
    Mutant("trainer-any-rate", "bound", "learning rates above 1 are taken",
           ask=take(TRAINER, "/learning_rate", lambda s: _number(s) and s > 1, 1)),
    Mutant("lora-guidance-above-one", "bound", "guidance_scale 1 is refused",
           ask=refuse(LORA, "/guidance_scale", lambda s: _number(s) and s == 1)),
    Mutant("lora-small-seeds", "bound", "seeds of more than 32 bits are refused",
           ask=refuse(LORA, "/seed", lambda s: _number(s) and abs(s) >= 2**31)),
    Mutant("lora-no-negative-seeds", "bound", "seeds below 0 are refused",
           ask=refuse(LORA, "/seed", lambda s: _number(s) and s < 0)),
    Mutant("layered-few-steps", "bound", "more than 50 steps are refused",
           ask=refuse(LAYERED, "/num_inference_steps", lambda s: _number(s) and s > 50)),
    Mutant("one-message", "bound", "a second message is refused", ask=_two_messages),
    Mutant("lora-negative-short", "bound", "negative prompts of 200 characters are refused",
           ask=refuse(LORA, "/negative_prompt", lambda s: isinstance(s, str) and len(s) >= 200)),
    Mutant("max-edit-default-three", "default", "three variants unless said",
           ask=_absent_means(MAX_EDIT, "/num_images", 3)),
    Mutant("max-default-webp", "default", "webp unless said",
           ask=_absent_means(MAX, "/output_format", "webp")),
    Mutant("max-png-is-jpeg", "default", "png is read as jpeg", ask=_png_is_jpeg),
    Mutant("polling-url-slash", "format", "polling_url ends with a slash",
           change=receipt(put("/polling_url", lambda old: old + "/"))),
    Mutant("zone-without-colon", "format", "zones have no colon",
           change=status(*(put(f"/{n}_at", _flip) for n in ("created", "updated", "completed")))),
    Mutant("status-with-bom", "encoding", "status answers begin with a byte order mark",
           change=_marked),
    Mutant("tokens-nan", "encoding", "input_tokens is NaN", change=_no_number),
    Mutant("receipt-zipped", "encoding", "one receipt is gzip without saying so", change=_zipped),
    Mutant("trailing-words", "encoding", "words follow the JSON of a 404", change=_trailing),
    Mutant("no-emoji", "encoding", "characters beyond the basic plane are refused",
           ask=_no_emoji),
    Mutant("filter-needs-webhook", "combination", "a filter without webhook is refused",
           ask=_filter_alone),
)  # fmt: skip
