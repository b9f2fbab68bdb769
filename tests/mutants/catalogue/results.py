"""Results, callbacks and money that are not as promised."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

from PIL import Image

from pixazo.sandbox import Sandbox
from tests.mutants.catalogue.names import EDIT, LAYERED, LORA, MAX, MAX_EDIT, T2I
from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.edits import MISSING, at, put, status, take
from tests.mutants.kit.mutant import Ask, Change, Mutant, Told

__all__ = ["MUTANTS"]


def _picture(answer: Answer, change: Any, only: str = "") -> Answer:
    """A picture, made anew."""
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("image/"):
        return answer
    with Image.open(io.BytesIO(answer.body)) as picture:
        form = picture.format or "PNG"
        if only and form != only:
            return answer
        made, out = change(picture), io.BytesIO()
        made.save(out, format=made.format or form)
    answer.body = out.getvalue()
    answer.headers.pop("etag", None)
    return answer


def _smaller(_: Call, answer: Answer) -> Answer | None:
    return _picture(answer, lambda p: p.resize((p.width // 2, p.height // 2)))


def _opaque(call: Call, answer: Answer) -> Answer | None:
    if f"/{LAYERED}_" not in call.path:
        return None
    return _picture(answer, lambda p: p.convert("RGB"))


def _truncated(call: Call, answer: Answer) -> Answer | None:
    if answer.status == 200 and call.method == "GET" and "range" not in call.headers:
        answer.body = answer.body[: len(answer.body) * 3 // 4]
    return answer


def _html(call: Call, answer: Answer) -> Answer | None:
    if answer.status == 200 and f"/{MAX_EDIT}_" in call.path:
        return Answer(200, {"content-type": "text/html"}, b"<html>soon</html>")
    return None


def _key_for_media(call: Call) -> Answer | None:
    return None if call.key else refusal(401, "Unauthorized", "A subscription key is required.")


def _second_missing(call: Call) -> Answer | None:
    if "output-1." in call.path:
        return Answer(404, {"content-type": "text/html"}, b"<html>404 Not Found</html>")
    return None


def _no_adapter(call: Call, answer: Answer) -> Answer | None:
    if call.path.endswith(".safetensors") and answer.status == 200:
        answer.body = b"PK\x03\x04" + answer.body[4:]
    return answer


def _shared(call: Call, answer: Answer) -> Answer | None:
    """All jobs of one model share the media of the first."""
    body = answer.json
    if call.asks_status and answer.word == "COMPLETED":
        model = call.request_id.rpartition("_")[0]
        if model == MAX:
            name = f"{model} {len(body['output']['media_url'])}"
            body["output"] = call.run.notes.setdefault(name, body["output"])
            answer.json = body
    return answer


def _empty(call: Call, answer: Answer) -> Answer | None:
    return Answer(200, answer.headers, b"") if f"/{LORA}_" in call.path else None


def _half(model: str) -> Change:
    return status(put("/output/media_url", lambda old: old[: max(1, len(old) - 1)]), model=model)


def _always(model: str, pointer: str, value: Any) -> Ask:
    """A parameter is read and ignored when it is valid."""

    def ask(call: Call) -> Answer | None:
        body, seen = call.json, MISSING
        if call.model_id == model:
            seen = at(body, pointer)
        if isinstance(seen, str):
            return take(
                model,
                pointer,
                lambda s: (
                    s
                    in (
                        "jpeg",
                        "webp",
                        "landscape_hd",
                        "portrait_hd",
                        "1024*1024",
                        "768*768",
                        "512*512",
                    )
                ),
                value,
            )(call)
        return None

    return ask


def _pair(model: str, first: str, one: Any, second: str, two: Any) -> Ask:
    """Refuse two values that are each allowed."""

    def ask(call: Call) -> Answer | None:
        body = call.json
        if call.model_id == model and at(body, first) == one and at(body, second) == two:
            return refusal(400, "Bad Request", f"{first[1:]} and {second[1:]} exclude each other")
        return None

    return ask


def _pair_breaks(call: Call) -> Answer | None:
    """Two values that are each allowed fail together."""
    body, model = call.json, call.model_id
    pixels = isinstance(at(body, "/image_size"), dict)
    if model == LORA and pixels and at(body, "/seed") is not MISSING:
        return refusal(500, "Internal Server Error", "The request could not be handled.")
    return None


def _pair_forgets(call: Call) -> Answer | None:
    """Several pictures are always png."""
    body = call.json
    if call.model_id == MAX and isinstance(body, dict) and body.get("num_images") == 4:
        return take(MAX, "/output_format", lambda s: s in ("jpeg", "webp"), "png")(call)
    return None


def _tell_drop(told: Told) -> None:
    told.times = 0


def _tell_twice(told: Told) -> None:
    told.times = 2


def _tell_get(told: Told) -> None:
    told.method, told.body = "GET", b""


def _tell_text(told: Told) -> None:
    told.headers["content-type"] = "text/plain"


def _tell_key(told: Told) -> None:
    told.headers["Ocp-Apim-Subscription-Key"] = told.key


def _tell_no_failures(told: Told) -> None:
    if json.loads(told.body).get("status") != "COMPLETED":
        told.times = 0


def _tell_no_error(told: Told) -> None:
    if json.loads(told.body).get("status") == "ERROR":
        told.times = 0


def _tell_body_ignored(told: Told) -> None:
    if told.route == "body":
        told.times = 0


def _tell_header_ignored(told: Told) -> None:
    if told.route == "header":
        told.times = 0


def _tell_wrapped(told: Told) -> None:
    told.body = json.dumps({"event": "complete", "data": json.loads(told.body)}).encode()


def _tell_without_output(told: Told) -> None:
    body = json.loads(told.body)
    told.body = json.dumps({**body, "output": None}).encode()


def _tell_other_time(told: Told) -> None:
    body = json.loads(told.body)
    if "updated_at" in body:
        body["updated_at"] = body["created_at"]
    told.body = json.dumps(body).encode()


def _tell_once(told: Told) -> None:
    told.final = True


def _everything_told(call: Call) -> Answer | None:
    """The filter is ignored: starts are always told."""
    body = call.json
    if isinstance(body, dict) and "webhook" in body and call.model_id == LORA:
        kept = body.get("webhook_events_filter", ["*"])
        if isinstance(kept, list) and kept and kept[0] in ("complete", "*", "start"):
            call.json = {**body, "webhook_events_filter": ["*"]}
    return None


def _charged_twice(call: Call, answer: Answer) -> Answer | None:
    if call.model and answer.status in (200, 202):
        paid = call.run.sandbox.wallet.charges[-1]
        _charge(call, paid.usd, "again")
    return None


def _charge(call: Call, usd: Any, why: str) -> None:
    number = call.run.count("charges")
    call.run.sandbox.wallet.charge(usd, request_id=f"{why}-{number}", model_id=call.model_id or MAX)


def _refusals_charged(call: Call, answer: Answer) -> Answer | None:
    if call.model and answer.status == 400 and call.model.price.usd:
        _charge(call, call.model.price.usd, "refused")
    return None


def _polls_charged(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.status == 200:
        _charge(call, Decimal("0.001"), "look")
    return None


def _edit_free(call: Call, answer: Answer) -> Answer | None:
    if call.model_id == EDIT and answer.status == 200:
        call.run.sandbox.wallet.refund(call.run.sandbox.wallet.charges[-1].request_id)
    return None


def _no_refund(sandbox: Sandbox) -> None:
    sandbox.wallet.refund = lambda *_: None  # type: ignore[method-assign] # the mutant


def _credit(sandbox: Sandbox) -> None:
    """The wallet may be overdrawn."""
    charge = sandbox.wallet.charge

    def on_credit(usd: Any, **told: Any) -> bool:
        if usd > sandbox.wallet.balance:
            sandbox.wallet.set_balance(usd)
        return charge(usd, **told)

    sandbox.wallet.charge = on_credit  # type: ignore[method-assign] # the mutant


def _more_than_enough(sandbox: Sandbox) -> None:
    """The exact price is not enough."""
    charge = sandbox.wallet.charge

    def strict(usd: Any, **told: Any) -> bool:
        return usd != sandbox.wallet.balance and charge(usd, **told)

    sandbox.wallet.charge = strict  # type: ignore[method-assign] # the mutant


def _by_picture(call: Call, answer: Answer) -> Answer | None:
    """Every picture costs, not every request."""
    body = call.json
    if call.model_id == LORA and answer.status == 202 and isinstance(body, dict):
        for _ in range(int(body.get("num_images") or 1) - 1):
            _charge(call, call.run.sandbox.wallet.charges[-1].usd, "picture")
    return None


MUTANTS = (
    Mutant("pictures-half-size", "media", "pictures have half the size", change_media=_smaller),
    Mutant("layers-opaque", "media", "layers have no transparency", change_media=_opaque),
    Mutant("media-truncated", "media", "files end after three quarters", change_media=_truncated),
    Mutant("max-edit-html", "media", "one model's pictures are pages", change_media=_html),
    Mutant("media-wants-key", "media", "media want the key", ask_media=_key_for_media),
    Mutant("second-picture-missing", "media", "the second picture is not there",
           ask_media=_second_missing),
    Mutant("adapter-is-zip", "media", "the trained adapter is an archive",
           change_media=_no_adapter),
    Mutant("media-shared", "media", "jobs share media URLs", change=_shared),
    Mutant("lora-media-empty", "media", "one model's files are empty", change_media=_empty),
    Mutant("max-one-missing", "media", "one picture less than asked for", change=_half(MAX)),
    Mutant("lora-one-missing", "media", "one picture less than asked for", change=_half(LORA)),
    Mutant("max-always-png", "media", "output_format is ignored",
           ask=_always(MAX, "/output_format", "png")),
    Mutant("max-always-square", "media", "image_size is ignored",
           ask=_always(MAX, "/image_size", "square_hd")),
    Mutant("qwen-image-always-large", "media", "size is ignored",
           ask=_always(T2I, "/parameters/size", "1328*1328")),
    Mutant("never-called", "callbacks", "nobody is called", tell=_tell_drop),
    Mutant("called-twice", "callbacks", "everybody is called twice", tell=_tell_twice),
    Mutant("called-with-get", "callbacks", "calls are GETs without a body", tell=_tell_get),
    Mutant("called-with-text", "callbacks", "calls say text/plain", tell=_tell_text),
    Mutant("called-with-key", "callbacks", "calls carry the key", tell=_tell_key),
    Mutant("failures-not-called", "callbacks", "failures are not told", tell=_tell_no_failures),
    Mutant("errors-not-called", "callbacks", "ERROR is not told", tell=_tell_no_error),
    Mutant("webhook-field-ignored", "callbacks", "the body field is ignored",
           tell=_tell_body_ignored),
    Mutant("webhook-header-ignored", "callbacks", "the header is ignored",
           tell=_tell_header_ignored),
    Mutant("call-wrapped", "callbacks", "the call's body stands inside of `data`",
           tell=_tell_wrapped),
    Mutant("call-without-output", "callbacks", "the call has no output",
           tell=_tell_without_output),
    Mutant("call-other-time", "callbacks", "the call has another updated_at",
           tell=_tell_other_time),
    Mutant("called-once", "callbacks", "a call that was refused is not repeated",
           tell=_tell_once),
    Mutant("filter-ignored", "callbacks", "starts are told whatever the filter says",
           ask=_everything_told),
    Mutant("charged-twice", "money", "every job is charged twice", change=_charged_twice),
    Mutant("refusals-charged", "money", "refused requests are charged", change=_refusals_charged),
    Mutant("polls-charged", "money", "looking is charged", change=_polls_charged),
    Mutant("edit-is-free", "money", "a direct model is not charged", change=_edit_free),
    Mutant("error-not-refunded", "money", "an ERROR stays charged", arrange=_no_refund),
    Mutant("overdrawn", "money", "an empty wallet is enough", arrange=_credit),
    Mutant("exact-not-enough", "money", "the exact price is not enough",
           arrange=_more_than_enough),
    Mutant("lora-dearer", "money", "one model costs half a cent more",
           settings={"prices": {LORA: "0.06"}}),
    Mutant("lora-by-picture", "money", "every picture is charged", change=_by_picture),
    Mutant("webp-not-twice", "combination", "two webp pictures are refused",
           ask=_pair(MAX, "/output_format", "webp", "/num_images", 2)),
    Mutant("jpeg-not-landscape", "combination", "jpeg in landscape is refused",
           ask=_pair(MAX, "/output_format", "jpeg", "/image_size", "landscape_hd")),
    Mutant("seed-breaks-pixels", "combination", "a seed with a size in pixels is a 500",
           ask=_pair_breaks),
    Mutant("four-always-png", "combination", "four pictures are always png", ask=_pair_forgets),
    Mutant("unchecked-not-expanded", "combination",
           "without safety checker the prompt must be expanded",
           ask=_pair(MAX_EDIT, "/enable_safety_checker", False,
                     "/enable_prompt_expansion", False)),
    Mutant("marked-not-small", "combination", "no watermark on small pictures",
           ask=_pair(T2I, "/parameters/size", "512*512", "/parameters/watermark", True)),
)  # fmt: skip
