"""Jobs, results, callbacks and money, written after the suite: the late third's second half."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

from PIL import Image
from pixazo_openapi.catalogue import KEY_HEADER

from pixazo.sandbox import Sandbox
from tests.mutants.catalogue.jobs import shifted
from tests.mutants.catalogue.names import ENDED, LAYERED, LORA, MAX, MAX_EDIT, PENDING, T2I, TRAINER
from tests.mutants.kit.call import STATUS_PREFIX, Answer, Call, refusal
from tests.mutants.kit.edits import MISSING, at, direct, put, status
from tests.mutants.kit.mutant import Ask, Mutant, Told

__all__ = ["MUTANTS"]

FORGOTTEN_AFTER_S = 10.0


def _seen(call: Call, what: str) -> int:
    return call.run.count(f"{call.request_id} {what}")


def _other_reason(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word in ("FAILED", "ERROR"):
        reason = f"{answer.json['error']} (look {_seen(call, 'reason')})"
        answer.json = {**answer.json, "error": reason}
    return answer


def _created_late(call: Call, answer: Answer) -> Answer | None:
    """created_at is when the work began, as soon as it has."""
    if call.asks_status and answer.word == "PROCESSING" and "created_at" in answer.json:
        answer.json = {**answer.json, "created_at": answer.json["updated_at"]}
    return answer


def _forgotten(call: Call, answer: Answer) -> Answer | None:
    """An ended job is forgotten ten seconds after it was first seen so."""
    if call.asks_status and answer.word in ENDED:
        now = call.run.sandbox.clock.now()
        first = call.run.notes.setdefault(f"end {call.request_id}", now)
        if now - first > FORGOTTEN_AFTER_S:
            return refusal(404, "Not Found", "No request with this id.")
    return None


def _other_order(call: Call, answer: Answer) -> Answer | None:
    body = answer.json
    if call.asks_status and answer.word == "COMPLETED" and _seen(call, "order") > 1:
        media = list(reversed(body["output"]["media_url"]))
        answer.json = {**body, "output": {**body["output"], "media_url": media}}
    return answer


def _recovered(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "ERROR" and _seen(call, "error") > 1:
        answer.json = {**answer.json, "status": "QUEUED", "error": None}
    return answer


def _prefix_of_max(call: Call, answer: Answer) -> Answer | None:
    """Edits are known by ids that begin like another model's."""
    body = answer.json
    if call.model_id == MAX_EDIT and answer.status == 202:
        new = body["request_id"].replace(MAX_EDIT, MAX)
        call.run.notes[new] = body["request_id"]
        url = body["polling_url"].replace(MAX_EDIT, MAX)
        answer.json = {**body, "request_id": new, "polling_url": url}
    if call.asks_status and answer.status == 200 and call.run.notes.get("asked"):
        answer.json = {**body, "request_id": body["request_id"].replace(MAX_EDIT, MAX)}
    return answer


def _find_prefixed(call: Call) -> Answer | None:
    real = call.run.notes.get(call.request_id) if call.asks_status else None
    call.run.notes["asked"] = bool(real)
    if real:
        call.path = STATUS_PREFIX + real
    return None


def _longer_ids(call: Call) -> Answer | None:
    """What follows a known id is ignored."""
    if call.asks_status:
        known = (job.request_id for job in call.run.sandbox.jobs)
        found = next((i for i in known if call.request_id.startswith(i)), None)
        call.path = STATUS_PREFIX + (found or call.request_id)
    return None


def _end_of_key(call: Call) -> Answer | None:
    """Of a key only its last eight characters count."""
    name = KEY_HEADER.lower()
    if call.key:
        call.headers[name] = call.key[-8:]
    return None


def _redraw(answer: Answer, form: str, change: Any, target: str = "") -> Answer:
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("image/"):
        return answer
    with Image.open(io.BytesIO(answer.body)) as picture:
        if form in ("", picture.format):
            out = io.BytesIO()
            change(picture).save(out, format=target or picture.format)
            answer.body = out.getvalue()
    return answer


def _jpeg_short(_: Call, answer: Answer) -> Answer | None:
    return _redraw(answer, "JPEG", lambda p: p.crop((0, 0, p.width, p.height - 1)))


def _webp_is_png(_: Call, answer: Answer) -> Answer | None:
    return _redraw(answer, "WEBP", lambda p: p, "PNG")


def _uneven_layers(call: Call, answer: Answer) -> Answer | None:
    if f"/{LAYERED}_" in call.path and "output-0." not in call.path:
        return _redraw(answer, "", lambda p: p.resize((p.width // 2, p.height)))
    return None


def _same_variants(call: Call) -> Answer | None:
    """Every picture of a job is the first one."""
    head, _, name = call.path.rpartition("/")
    if f"/{LAYERED}_" not in call.path and name.startswith("output-"):
        call.path = f"{head}/output-0.{name.rpartition('.')[2]}"
    return None


def _once(call: Call) -> Answer | None:
    if call.method == "GET" and not call.run.first(call.path):
        return Answer(410, {"content-type": "text/html"}, b"<html>410 Gone</html>")
    return None


def _odd_adapter(call: Call, answer: Answer) -> Answer | None:
    if call.path.endswith(".safetensors") and answer.status == 200:
        answer.body = b"\xff\xff\xff\xff\0\0\0\0" + answer.body[8:]
    return answer


def _cut_adapter(call: Call, answer: Answer) -> Answer | None:
    if call.path.endswith(".safetensors") and answer.status == 200:
        answer.body = answer.body[:-16]
    return answer


def _untyped(told: Told) -> None:
    told.headers.pop("content-type", None)


def _lower(told: Told) -> None:
    body = json.loads(told.body)
    told.body = json.dumps({**body, "status": body["status"].lower()}).encode()


def _key_inside(told: Told) -> None:
    told.body = json.dumps({**json.loads(told.body), "subscription": told.key}).encode()


def _first_job(told: Told) -> None:
    body = json.loads(told.body)
    body["request_id"] = told.run.notes.setdefault("first", body["request_id"])
    told.body = json.dumps(body).encode()


def _other_urls(told: Told) -> None:
    body = json.loads(told.body)
    if body.get("output"):
        body["output"]["media_url"] = [f"{u}?by=call" for u in body["output"]["media_url"]]
    told.body = json.dumps(body).encode()


def _one_of_two(told: Told) -> None:
    """Who named two receivers is called at one."""
    word = json.loads(told.body)
    known = told.run.notes.setdefault(f"{word['request_id']} {word['status']}", told.route)
    told.times = 1 if known == told.route else 0


def _thrice_on_failure(told: Told) -> None:
    told.times = 3 if json.loads(told.body)["status"] == "FAILED" else 1


def _no_late_body(told: Told) -> None:
    if told.route == "body" and json.loads(told.body)["status"] in ("FAILED", "ERROR"):
        told.times = 0


def _put_it(told: Told) -> None:
    told.method = "PUT"


def _status_charged(code: int) -> Any:
    def change(call: Call, answer: Answer) -> Answer | None:
        if call.model and answer.status == code:
            _charge(call, Decimal("0.05"))
        return None

    return change


def _charge(call: Call, usd: Decimal) -> None:
    number, wallet = call.run.count("charges"), call.run.sandbox.wallet
    usd = min(usd, wallet.balance)
    wallet.charge(usd, request_id=f"extra-{number}", model_id=call.model_id)


def _refund_twice(sandbox: Sandbox) -> None:
    _refund(sandbox, Decimal(1))


def _refund_half(sandbox: Sandbox) -> None:
    _refund(sandbox, Decimal("-0.5"))


def _refund(sandbox: Sandbox, extra: Decimal) -> None:
    """A refund of a job, and so many times its price on top."""
    refund, wallet = sandbox.wallet.refund, sandbox.wallet

    def odd(request_id: str) -> None:
        before = wallet.balance
        refund(request_id)
        back = wallet.balance - before
        wallet.set_balance(wallet.balance + back * extra)

    wallet.refund = odd  # type: ignore[method-assign] # the mutant


def _watch_pending(call: Call) -> Answer | None:
    """Strangers may watch a job until it has ended."""
    name = f"owner {call.request_id}"
    job = call.run.sandbox.jobs.get(call.request_id) if call.asks_status else None
    if job and call.key and not job.timeline.ended(call.run.sandbox.clock.now()):
        call.headers[KEY_HEADER.lower()] = call.run.notes.get(name, call.key)
    return None


def _remember(call: Call, answer: Answer) -> Answer | None:
    if answer.status == 202:
        call.run.notes[f"owner {answer.json['request_id']}"] = call.key
    return None


def _refuse_pair(model: str, one: str, two: str, wanted: Any, code: int = 400) -> Ask:
    def ask(call: Call) -> Answer | None:
        values = at(call.json, one), at(call.json, two)
        if call.model_id == model and MISSING not in values and wanted(*values):
            return refusal(code, "Bad Request", f"{one[1:]} and {two[1:]} exclude each other")
        return None

    return ask


MUTANTS = (
    Mutant("reason-changes", "life cycle", "the error of a failed job differs at every look",
           change=_other_reason),
    Mutant("created-when-begun", "life cycle", "created_at moves while at work",
           change=_created_late),
    Mutant("forgotten-soon", "life cycle", "ended jobs are forgotten after ten seconds",
           change=_forgotten),
    Mutant("media-reordered", "life cycle", "media stand in another order at the second look",
           change=_other_order),
    Mutant("error-retried", "life cycle", "a job in ERROR waits again", change=_recovered),
    Mutant("max-edit-ids-like-max", "identity", "ids of edits begin like another model's",
           ask=_find_prefixed, change=_prefix_of_max),
    Mutant("longer-ids-found", "identity", "what follows a known id is ignored",
           ask=_longer_ids),
    Mutant("trainer-id-with-attempt", "identity", "status answers add -1 to the trainer's ids",
           change=status(put("/request_id", lambda old: f"{old}-1"), model=TRAINER)),
    Mutant("a-day-behind", "time", "time stamps are a day behind",
           change=status(*(put(f"/{n}_at", shifted(-86400))
                           for n in ("created", "updated", "completed")))),
    Mutant("ends-tomorrow", "time", "completed_at lies ten minutes ahead",
           change=status(put("/completed_at", shifted(600)))),
    Mutant("pending-updated-early", "time", "updated_at of pending jobs lies before created_at",
           change=status(put("/updated_at", shifted(-5)), words=PENDING)),
    Mutant("jpeg-one-row-short", "media", "JPEG pictures lack a row", change_media=_jpeg_short),
    Mutant("webp-is-png", "media", "webp files hold PNG", change_media=_webp_is_png),
    Mutant("layers-uneven", "media", "layers have different sizes", change_media=_uneven_layers),
    Mutant("variants-equal", "media", "all pictures of a job are the same",
           ask_media=_same_variants),
    Mutant("media-once", "media", "media can be fetched once", ask_media=_once),
    Mutant("adapter-header-broken", "media", "the adapter's header has a wrong length",
           change_media=_odd_adapter),
    Mutant("adapter-cut", "media", "the adapter lacks its last bytes",
           change_media=_cut_adapter),
    Mutant("usage-lies", "media", "usage tells another width than the picture has",
           change=direct(put("/usage/width", 64))),
    Mutant("call-untyped", "callbacks", "calls have no content type", tell=_untyped),
    Mutant("call-lower-case", "callbacks", "calls tell the status in lower case", tell=_lower),
    Mutant("call-holds-key", "callbacks", "calls hold the key in their body", tell=_key_inside),
    Mutant("call-first-job", "callbacks", "calls name the first job", tell=_first_job),
    Mutant("call-other-urls", "callbacks", "calls name other media URLs", tell=_other_urls),
    Mutant("one-receiver-of-two", "callbacks", "of header and body field one is called",
           tell=_one_of_two),
    Mutant("failure-thrice", "callbacks", "failures are told three times",
           tell=_thrice_on_failure),
    Mutant("body-field-success-only", "callbacks", "the body field hears of success only",
           tell=_no_late_body),
    Mutant("called-with-put", "callbacks", "calls are PUTs", tell=_put_it),
    Mutant("too-many-charged", "money", "a 429 costs five cents", change=_status_charged(429)),
    Mutant("poor-charged", "money", "a 402 costs what is left, at most five cents",
           change=_status_charged(402)),
    Mutant("refunded-twice", "money", "an ERROR gives twice the money back",
           arrange=_refund_twice),
    Mutant("refunded-half", "money", "an ERROR gives half the money back", arrange=_refund_half),
    Mutant("qwen-image-cheaper", "money", "one model costs half a cent less",
           settings={"prices": {T2I: "0.04"}}),
    Mutant("pending-for-anybody", "isolation", "strangers watch jobs until they end",
           ask=_watch_pending, change=_remember),
    Mutant("one-person", "isolation", "only the end of a key counts", ask=_end_of_key),
    Mutant("three-not-jpeg", "combination", "three jpeg variants are refused",
           ask=_refuse_pair(MAX_EDIT, "/num_images", "/output_format",
                            lambda n, f: n == 3 and f == "jpeg")),
    Mutant("pixels-not-jpeg", "combination", "a size in pixels in jpeg is refused",
           ask=_refuse_pair(LORA, "/image_size", "/output_format",
                            lambda s, f: isinstance(s, dict) and f == "jpeg")),
    Mutant("rate-with-caption", "combination", "a learning rate with a caption is a 500",
           ask=_refuse_pair(TRAINER, "/learning_rate", "/default_caption",
                            lambda *_: True, 500)),
    Mutant("fast-with-steps", "combination", "fast with a number of steps is refused",
           ask=_refuse_pair(LAYERED, "/acceleration", "/num_inference_steps",
                            lambda a, _: a == "fast")),
    Mutant("extend-not-negative", "combination",
           "a negative prompt without prompt_extend is refused",
           ask=_refuse_pair(T2I, "/parameters/prompt_extend", "/parameters/negative_prompt",
                            lambda e, n: e is False and bool(n))),
)  # fmt: skip
