"""Requests taken or refused otherwise than documented: bound, enum, default, format, encoding."""

from __future__ import annotations

import json
from typing import Any

from tests.mutants.catalogue.names import EDIT, LAYERED, LORA, MAX, MAX_EDIT, T2I, TRAINER
from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.edits import MISSING, add, asks, at, refuse, take
from tests.mutants.kit.mutant import Ask, Mutant

__all__ = ["MUTANTS"]

TEXT = "/input/messages/0/content/0/text"


def _is(value: Any) -> Any:
    return lambda seen: type(seen) is type(value) and seen == value


def _above(bound: float) -> Any:
    return lambda seen: _number(seen) and seen > bound


def _below(bound: float) -> Any:
    return lambda seen: _number(seen) and seen < bound


def _number(seen: Any) -> bool:
    return isinstance(seen, int | float) and not isinstance(seen, bool)


def _default(model: str, pointer: str, value: Any) -> Ask:
    """What is left out means something else."""

    def ask(call: Call) -> Answer | None:
        body = call.json
        if call.model_id == model and isinstance(body, dict) and at(body, pointer) is MISSING:
            add(pointer, value)(call, body)
            call.json = body
        return None

    return ask


def _size(call: Call) -> Answer | None:
    body = call.json
    if call.model_id == T2I and isinstance(body, dict):
        settings = body.setdefault("parameters", {})
        if isinstance(settings, dict) and "size" not in settings:
            settings["size"] = "1024*1024"
            call.json = body
    return None


def _any_type(call: Call) -> Answer | None:
    if call.model and "json" not in call.headers.get("content-type", "").lower():
        call.headers["content-type"] = "application/json"
    return None


def _no_charset(call: Call) -> Answer | None:
    if call.model and "charset" in call.headers.get("content-type", "").lower():
        return refusal(400, "Bad Request", "Content-Type is not application/json")
    return None


def _strict_case(call: Call) -> Answer | None:
    kind = call.headers.get("content-type", "")
    if call.model and kind.lower().startswith("application/json") and kind != kind.lower():
        return refusal(400, "Bad Request", "Content-Type is not application/json")
    return None


def _no_cache(call: Call) -> Answer | None:
    if call.model and call.headers.get("cache-control") == "no-cache":
        return refusal(400, "Bad Request", "Cache-Control is not allowed")
    return None


def _unknown_fields(call: Call) -> Answer | None:
    body = call.json
    if call.model_id == MAX and isinstance(body, dict):
        names = {p.name for p in call.model.parameters} if call.model else set()
        call.json = {name: value for name, value in body.items() if name in names}
    return None


def _ascii_only(call: Call) -> Answer | None:
    body = call.json
    if call.model and body is not None and not json.dumps(body, ensure_ascii=False).isascii():
        return refusal(400, "Bad Request", "only ASCII is allowed")
    return None


def _lenient_json(call: Call) -> Answer | None:
    if call.model and call.json is None:
        call.json = {"prompt": "nothing readable"}
    return None


def _list_unwrapped(call: Call) -> Answer | None:
    if call.model and isinstance(call.json, list) and call.json:
        call.json = call.json[0]
    return None


MUTANTS = (
    Mutant("max-takes-three", "bound", "num_images 4 is refused",
           ask=refuse(MAX, "/num_images", _is(4))),
    Mutant("max-takes-five", "bound", "num_images above 4 is cut to 4",
           ask=take(MAX, "/num_images", _above(4), 4)),
    Mutant("max-edit-takes-none", "bound", "num_images 0 means 1",
           ask=take(MAX_EDIT, "/num_images", _below(1), 1)),
    Mutant("lora-refuses-ten-pictures", "bound", "ten reference pictures are refused",
           ask=refuse(LORA, "/image_urls", lambda s: isinstance(s, list) and len(s) == 10)),
    Mutant("lora-takes-eleven-pictures", "bound", "pictures after the tenth are ignored",
           ask=take(LORA, "/image_urls", lambda s: isinstance(s, list) and len(s) > 10,
                    lambda s: s[:10])),
    Mutant("lora-guidance-exclusive", "bound", "guidance_scale 20 is refused",
           ask=refuse(LORA, "/guidance_scale", lambda s: s == 20)),
    Mutant("lora-guidance-open", "bound", "guidance_scale above 20 is taken",
           ask=take(LORA, "/guidance_scale", _above(20), 20)),
    Mutant("trainer-steps-exclusive", "bound", "10000 steps are refused",
           ask=refuse(TRAINER, "/steps", _is(10000))),
    Mutant("trainer-rate-zero-refused", "bound", "a learning rate of 0 is refused",
           ask=refuse(TRAINER, "/learning_rate", lambda s: _number(s) and s == 0)),
    Mutant("layered-takes-two", "bound", "num_images 2 is taken as 1",
           ask=take(LAYERED, "/num_images", _above(1), 1)),
    Mutant("lora-steps-zero", "bound", "num_inference_steps 0 is ignored",
           ask=take(LORA, "/num_inference_steps", _below(1))),
    Mutant("max-empty-prompt", "bound", "an empty prompt is taken",
           ask=take(MAX, "/prompt", _is(""), "something")),
    Mutant("max-short-prompts", "bound", "prompts of more than 500 characters are refused",
           ask=refuse(MAX, "/prompt", lambda s: isinstance(s, str) and len(s) > 500)),
    Mutant("edit-one-part", "bound", "a content with one part is taken",
           ask=take(EDIT, "/input/messages/0/content",
                    lambda s: isinstance(s, list) and len(s) == 1, lambda s: [*s, *s])),
    Mutant("lora-empty-filter", "bound", "an empty webhook_events_filter is ignored",
           ask=take(LORA, "/webhook_events_filter", _is([]))),
    Mutant("max-no-webp", "enum", "webp is refused",
           ask=refuse(MAX, "/output_format", _is("webp"))),
    Mutant("max-edit-any-format", "enum", "unknown formats mean png",
           ask=take(MAX_EDIT, "/output_format",
                    lambda s: isinstance(s, str) and s not in ("png", "jpeg", "webp"), "png")),
    Mutant("max-format-any-case", "enum", "PNG means png",
           ask=take(MAX, "/output_format",
                    lambda s: isinstance(s, str) and s.lower() in ("png", "jpeg", "webp"),
                    lambda s: s.lower())),
    Mutant("qwen-image-no-768", "enum", "the size 768*768 is refused",
           ask=refuse(T2I, "/parameters/size", _is("768*768"))),
    Mutant("qwen-image-size-with-x", "enum", "sizes may be written with an x",
           ask=take(T2I, "/parameters/size", lambda s: isinstance(s, str) and "x" in s,
                    lambda s: s.replace("x", "*"))),
    Mutant("lora-any-acceleration", "enum", "unknown words of acceleration are ignored",
           ask=take(LORA, "/acceleration",
                    lambda s: isinstance(s, str) and s not in ("none", "regular"))),
    Mutant("max-no-portrait", "enum", "portrait_hd is refused",
           ask=refuse(MAX, "/image_size", _is("portrait_hd"))),
    Mutant("edit-any-model-word", "enum", "any word is taken as model",
           ask=take(EDIT, "/model", lambda s: isinstance(s, str), EDIT)),
    Mutant("max-text-booleans", "type", "\"true\" is a boolean",
           ask=take(MAX, "/enable_safety_checker", lambda s: s in ("true", "false"),
                    lambda s: s == "true")),
    Mutant("max-text-numbers", "type", "\"2\" is a number",
           ask=take(MAX, "/num_images", lambda s: isinstance(s, str) and s.isdigit(), int)),
    Mutant("lora-fractions", "type", "fractions of num_images are cut",
           ask=take(LORA, "/num_images", lambda s: isinstance(s, float) and s % 1 > 0, 1)),
    Mutant("max-null-negative-prompt", "nullability", "null means no negative_prompt",
           ask=take(MAX, "/negative_prompt", lambda s: s is None)),
    Mutant("max-unknown-fields", "shape", "unknown fields are ignored", ask=_unknown_fields),
    Mutant("max-default-two", "default", "two pictures unless said",
           ask=_default(MAX, "/num_images", 2)),
    Mutant("max-edit-default-jpeg", "default", "jpeg unless said",
           ask=_default(MAX_EDIT, "/output_format", "jpeg")),
    Mutant("max-default-landscape", "default", "landscape_hd unless said",
           ask=_default(MAX, "/image_size", "landscape_hd")),
    Mutant("qwen-image-default-1024", "default", "1024*1024 unless said", ask=_size),
    Mutant("webhook-not-a-url", "format", "a webhook that is no URL is ignored",
           ask=take(LORA, "/webhook", lambda s: isinstance(s, str) and "://" not in s)),
    Mutant("picture-not-a-url", "format", "any text is taken as image_url",
           ask=take(LAYERED, "/image_url", lambda s: isinstance(s, str) and "://" not in s,
                    "https://pictures.example.com/harbour.jpg")),
    Mutant("edit-no-data-uri", "format", "data URIs are refused",
           ask=refuse(EDIT, "/input/messages/0/content/0/image",
                      lambda s: isinstance(s, str) and s.startswith("data:"))),
    Mutant("any-content-type", "content type", "any content type is read as JSON", ask=_any_type),
    Mutant("no-charset", "content type", "a charset in the content type is refused",
           ask=_no_charset),
    Mutant("content-type-case", "content type", "Application/JSON is refused", ask=_strict_case),
    Mutant("no-cache-refused", "header", "Cache-Control: no-cache is refused", ask=_no_cache),
    Mutant("ascii-only", "encoding", "characters beyond ASCII are refused", ask=_ascii_only),
    Mutant("broken-json-taken", "encoding", "broken JSON is taken as an empty request",
           ask=_lenient_json),
    Mutant("list-unwrapped", "shape", "a list of one request is taken", ask=_list_unwrapped),
    Mutant("two-slips", "combination", "null and \"1\" are both taken by qwen-image-layered",
           ask=asks(take(LAYERED, "/acceleration", lambda s: s is None),
                    take(LAYERED, "/num_images", _is("1"), 1))),
)  # fmt: skip
