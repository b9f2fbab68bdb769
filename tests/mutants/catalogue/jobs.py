"""Jobs that live otherwise: life cycle, identity, time, isolation."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from pixazo_openapi.catalogue import KEY_HEADER

from tests.mutants.catalogue.names import ENDED, LAYERED, MAX, MAX_EDIT, PENDING, TRAINER
from tests.mutants.kit.call import STATUS_PREFIX, Answer, Call, refusal
from tests.mutants.kit.edits import Edit, add, both, direct, put, receipt, status
from tests.mutants.kit.mutant import Change, Mutant, ToldToo

__all__ = ["MUTANTS"]


def shifted(seconds: float) -> Any:
    """A moment, so many seconds later."""

    def move(old: Any) -> Any:
        if not isinstance(old, str):
            return old
        moment = datetime.fromisoformat(old.replace("Z", "+00:00")) + timedelta(seconds=seconds)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return move


def _all_shifted(seconds: float) -> tuple[Edit, ...]:
    names = ("/created_at", "/updated_at", "/completed_at")
    return tuple(put(name, shifted(seconds)) for name in names)


def _seen(call: Call, state: str) -> int:
    """How often a job was seen in a state, this time included."""
    return call.run.count(f"{call.request_id} {state}")


def _back_to_queue(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "PROCESSING" and _seen(call, "PROCESSING") == 2:
        answer.json = {**answer.json, "status": "QUEUED"}
    return answer


def _at_work_again(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "COMPLETED" and _seen(call, "COMPLETED") == 2:
        answer.json = {**answer.json, "status": "PROCESSING", "output": None, "completed_at": None}
    return answer


def _failed_after_all(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "COMPLETED" and _seen(call, "COMPLETED") > 1:
        answer.json = {**answer.json, "status": "FAILED", "output": None, "error": "Out of disk"}
    return answer


def _stuck(call: Call, answer: Answer) -> Answer | None:
    ended = call.asks_status and answer.word in ENDED
    if ended and call.request_id.startswith(f"{TRAINER}_"):
        times = {"output": None, "error": None, "completed_at": None}
        answer.json = {**answer.json, "status": "PROCESSING", **times}
    return answer


def _gone(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word in ENDED and _seen(call, "end") > 1:
        return refusal(404, "Not Found", "No request with this id.")
    return None


def _late(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.status == 200 and call.run.first(f"look {call.request_id}"):
        return refusal(404, "Not Found", "No request with this id.")
    return None


def _output_once(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "COMPLETED" and _seen(call, "COMPLETED") > 1:
        answer.json = {**answer.json, "output": None}
    return answer


def _ticks(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word in ENDED and "updated_at" in answer.json:
        later = shifted(_seen(call, "end") * 0.001)(answer.json["updated_at"])
        answer.json = {**answer.json, "updated_at": later}
    return answer


def _created_moves(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "COMPLETED" and "created_at" in answer.json:
        answer.json = {**answer.json, "created_at": shifted(0.25)(answer.json["created_at"])}
    return answer


def _error_is_failed(call: Call, answer: Answer) -> Answer | None:
    if call.asks_status and answer.word == "ERROR":
        answer.json = {**answer.json, "status": "FAILED"}
    return answer


def _signed_anew(call: Call, answer: Answer) -> Answer | None:
    """Media URLs get another query at every look."""
    body = answer.json
    if call.asks_status and answer.word == "COMPLETED":
        number = _seen(call, "COMPLETED")
        media = [f"{url}?look={number}" for url in body["output"]["media_url"]]
        answer.json = {**body, "output": {**body["output"], "media_url": media}}
    return answer


def _short_id(request_id: str) -> str:
    return request_id.rpartition("_")[2]


def _without_prefix(call: Call) -> Answer | None:
    """Ids without prefix are found again by their end."""
    if call.asks_status and "_" not in call.request_id:
        full = call.run.notes.get(call.request_id, call.request_id)
        call.path = STATUS_PREFIX + full
    return None


def _short_receipt(call: Call, answer: Answer) -> Answer | None:
    body = answer.json
    if answer.status == 202:
        request_id = body["request_id"]
        call.run.notes[_short_id(request_id)] = request_id
        answer.json = {
            **body,
            "request_id": _short_id(request_id),
            "polling_url": body["polling_url"].replace(request_id, _short_id(request_id)),
        }
    elif call.asks_status and answer.status == 200:
        answer.json = {**body, "request_id": _short_id(body["request_id"])}
    return answer


def _same_job(call: Call, answer: Answer) -> Answer | None:
    """A body that was seen before gets the receipt that it got then."""
    if answer.status == 202 and call.model_id == MAX:
        name = "body " + hashlib.sha256(call.body + call.key.encode()).hexdigest()
        answer.json = call.run.notes.setdefault(name, answer.json)
    return answer


def _first_id(call: Call, answer: Answer) -> Answer | None:
    """The status answer names the first job of the run."""
    if call.asks_status and answer.status == 200:
        answer.json = {
            **answer.json,
            "request_id": call.run.notes.setdefault("first", answer.json["request_id"]),
        }
    return answer


def _other_polling_url(call: Call, answer: Answer) -> Answer | None:
    """The receipt names the polling URL of the job before."""
    if answer.status == 202:
        before = call.run.notes.get("polling", answer.json["polling_url"])
        call.run.notes["polling"] = answer.json["polling_url"]
        answer.json = {**answer.json, "polling_url": before}
    return answer


def _for_anybody(call: Call) -> Answer | None:
    """Whoever asks sees every job."""
    name = f"owner {call.request_id}"
    if call.asks_status and call.key and name in call.run.notes:
        call.headers[KEY_HEADER.lower()] = call.run.notes[name]
    return None


def _remember_owner(call: Call, answer: Answer) -> Answer | None:
    if answer.status == 202:
        call.run.notes[f"owner {answer.json['request_id']}"] = call.key
    return None


def _swapped(call: Call, answer: Answer) -> Answer | None:
    """A job gets the media of the job of its model that was completed before."""
    body = answer.json
    if call.asks_status and answer.word == "COMPLETED":
        model, notes = call.request_id.rpartition("_")[0], call.run.notes
        mine = notes.get(f"output {call.request_id}")
        if mine is None:
            mine = notes.get(f"last {model}", body["output"])
            notes[f"last {model}"] = body["output"]
            notes[f"output {call.request_id}"] = mine
        answer.json = {**body, "output": mine}
    return answer


def _no_key_wanted(call: Call) -> Answer | None:
    """Whoever knows an id may look, without a key too."""
    name = f"owner {call.request_id}"
    if call.asks_status and not call.key and name in call.run.notes:
        call.headers[KEY_HEADER.lower()] = call.run.notes[name]
    return None


def _model(call: Call, body: Any) -> Any:
    return {**body, "model_id": f"{body['model_id']}-v1"}


def _polling(find: str, instead: str) -> Change:
    return receipt(put("/polling_url", lambda old: old.replace(find, instead)))


def _local_time(old: Any) -> Any:
    moved = shifted(5.5 * 3600)(old)
    return moved if moved is None else moved.replace("Z", "+00:00")


MUTANTS = (
    Mutant("back-to-the-queue", "life cycle", "a job at work waits again", change=_back_to_queue),
    Mutant("at-work-again", "life cycle", "a completed job is at work again",
           change=_at_work_again),
    Mutant("failed-after-all", "life cycle", "a completed job fails later",
           change=_failed_after_all),
    Mutant("trainer-never-ends", "life cycle", "training never ends", change=_stuck),
    Mutant("forgotten-at-the-end", "life cycle", "an ended job is forgotten after one look",
           change=_gone),
    Mutant("found-late", "life cycle", "a fresh id is unknown at the first look", change=_late),
    Mutant("output-once", "life cycle", "the output is told once", change=_output_once),
    Mutant("ended-job-ticks", "life cycle", "updated_at of an ended job goes on", change=_ticks),
    Mutant("urls-signed-anew", "life cycle", "media URLs differ at every look",
           change=_signed_anew),
    Mutant("error-is-failed", "life cycle", "a system failure ends FAILED",
           change=ToldToo(_error_is_failed)),
    Mutant("ids-without-model", "identity", "ids do not begin with the model id",
           ask=_without_prefix, change=_short_receipt),
    Mutant("equal-bodies-one-job", "identity", "equal requests share one job", change=_same_job),
    Mutant("status-of-another", "identity", "status answers name the first job",
           change=_first_id),
    Mutant("polling-url-of-another", "identity", "polling_url names the job before",
           change=_other_polling_url),
    Mutant("polling-url-elsewhere", "identity", "polling_url is on another host",
           change=_polling("127.0.0.1", "gateway2.example.com")),
    Mutant("polling-url-v1", "identity", "polling_url leads to /v1",
           change=_polling("/v2/", "/v1/")),
    Mutant("model-id-with-version", "identity", "model_id carries a version",
           change=status(_model)),
    Mutant("layered-says-edit-plus", "identity", "one model's status names another model",
           change=status(put("/model_id", "qwen-image-edit-plus"), model=LAYERED)),
    Mutant("direct-id-constant", "identity", "every direct answer has the same id",
           change=direct(put("/request_id", "7b1de0c2-41a5-9d3e-8c77-0a1b2c3d4e5f"))),
    Mutant("an-hour-ahead", "time", "time stamps are an hour ahead",
           change=status(*_all_shifted(3600))),
    Mutant("local-time-as-utc", "time", "local time is said to be UTC",
           change=status(*(put(f"/{n}_at", _local_time)
                           for n in ("created", "updated", "completed")))),
    Mutant("completed-before-created", "time", "jobs end before they begin",
           change=status(put("/completed_at", shifted(-60)))),
    Mutant("updated-before-created", "time", "updated_at lies before created_at",
           change=status(put("/updated_at", shifted(-60)))),
    Mutant("created-moves", "time", "created_at changes at the end",
           change=ToldToo(_created_moves)),
    Mutant("updated-after-completed", "time", "updated_at of ended jobs is an hour ahead",
           change=status(put("/updated_at", shifted(3600)), words=ENDED)),
    Mutant("completed-at-created", "time", "completed_at repeats created_at",
           change=status(lambda _, body: {**body, "completed_at": body["created_at"]},
                         words=["COMPLETED"])),
    Mutant("jobs-for-anybody", "isolation", "strangers see jobs",
           ask=_for_anybody, change=_remember_owner),
    Mutant("jobs-without-key", "isolation", "jobs are seen without a key",
           ask=_no_key_wanted, change=_remember_owner),
    Mutant("media-swapped", "isolation", "jobs get the media of the job before",
           change=_swapped),
    Mutant("max-edit-ends-untimed", "combination", "one model tells no completed_at when completed",
           change=both(status(add("/completed_at", None), words=["COMPLETED"], model=MAX_EDIT),
                       status(add("/error", None), words=PENDING))),
)  # fmt: skip
