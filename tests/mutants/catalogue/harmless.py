"""Changes that no caller may mind: the suite must keep quiet about each of them."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

from tests.mutants.catalogue.jobs import shifted
from tests.mutants.catalogue.names import PENDING
from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.edits import add, direct, drop, every, put, status
from tests.mutants.kit.mutant import Mutant, Told

__all__ = ["MUTANTS"]


def _reversed(_: Call, body: Any) -> Any:
    return dict(reversed(body.items())) if isinstance(body, dict) else body


def _spaced(_: Call, answer: Answer) -> Answer | None:
    if answer.json is not None:
        answer.body = json.dumps(answer.json, indent=2).encode() + b"\n"
    return answer


def _escaped(_: Call, answer: Answer) -> Answer | None:
    if answer.json is not None:
        answer.body = json.dumps(answer.json, ensure_ascii=True).encode()
    return answer


def _title_case(_: Call, answer: Answer) -> Answer | None:
    answer.headers = {name.title(): value for name, value in answer.headers.items()}
    answer.headers.pop("Content-Length", None)
    return answer


def _charset(_: Call, answer: Answer) -> Answer | None:
    if answer.headers.get("content-type") == "application/json":
        answer.headers["content-type"] = "application/json; charset=utf-8"
    return answer


def _slower(_: Call, answer: Answer) -> Answer | None:
    time.sleep(0.005)
    return answer


def _offset(old: Any) -> Any:
    return old and old.replace("Z", "+00:00")


def _finer(old: Any) -> Any:
    return old and old.replace("Z", "000Z")


def _unchanged(_: Told) -> None:
    return None


def _strangers_told(call: Call, answer: Answer) -> Answer | None:
    """Strangers are told which model a job is for."""
    owner = call.run.notes.get(f"owner {call.request_id}")
    if call.asks_status and answer.status == 404 and owner and owner != call.key:
        model = call.request_id.rpartition("_")[0]
        return refusal(404, "Not Found", f"This {model} request belongs to somebody else.")
    if answer.status == 202:
        call.run.notes[f"owner {answer.json['request_id']}"] = call.key
    return None


def _words(_: Call, answer: Answer) -> Answer | None:
    """Another sentence in the message of refusals, whose words are ours (R22)."""
    if answer.status in (401, 403, 404) and isinstance(answer.json, dict):
        answer.json = {**answer.json, "message": "Please see the documentation."}
    return answer


def _redirected(call: Call) -> Answer | None:
    """Media lie behind a redirect, as at hosts that sign their addresses (R43)."""
    signed = "signed" in call.query
    return None if signed else Answer(302, {"location": f"{call.path}?signed=1"}, b"")


def _compressed(_: Call, answer: Answer) -> Answer:
    answer.body = gzip.compress(answer.body, 1)
    answer.headers["content-encoding"] = "gzip"
    return answer


def _busy(call: Call) -> Answer | None:
    """Every thirtieth request meets a limit that the pages mention and do not give (R96)."""
    if call.run.count("calls") % 30:
        return None
    answer = refusal(429, "Too Many Requests", "Too many requests.")
    answer.headers["retry-after"] = "1"
    return answer


def _extra_header(_: Call, answer: Answer) -> Answer | None:
    answer.headers |= {"x-request-cost": "0", "server": "nginx", "x-cache": "MISS"}
    return answer


TIMES = ("/created_at", "/updated_at", "/completed_at")

MUTANTS = (
    Mutant("field-order", "harmless", "fields stand in another order", change=every(_reversed)),
    Mutant("white-space", "harmless", "JSON is indented", change=_spaced),
    Mutant("escaped", "harmless", "characters beyond ASCII are escaped", change=_escaped),
    Mutant("header-case", "harmless", "header names are in title case", change=_title_case),
    Mutant("more-headers", "harmless", "there are more headers", change=_extra_header),
    Mutant("charset-said", "harmless", "JSON says its charset", change=_charset),
    Mutant("a-little-slower", "harmless", "answers take five milliseconds more", change=_slower),
    Mutant("offset-for-z", "harmless", "moments end in +00:00",
           change=status(*(put(name, _offset) for name in TIMES))),
    Mutant("microseconds", "harmless", "moments have six digits after the dot",
           change=status(*(put(name, _finer) for name in TIMES))),
    Mutant("half-a-second-late", "harmless", "moments are half a second later",
           change=status(*(put(name, shifted(0.5)) for name in TIMES))),
    Mutant("other-media-type", "harmless", "media_type says image/png, trusted by nobody (R41)",
           change=status(put("/output/media_type", "image/png"))),
    Mutant("pending-output-absent", "harmless", "a pending job has no output field (R35)",
           change=status(drop("/output"), words=PENDING)),
    Mutant("pending-error-absent", "harmless", "a pending job has no error field (R36)",
           change=status(drop("/error"), words=PENDING)),
    Mutant("more-fields-in-answers", "harmless", "a direct answer's usage has one field more",
           change=direct(add("/usage/cached_tokens", 0))),
    Mutant("calls-relayed", "harmless", "callbacks come by way of a relay", tell=_unchanged),
    Mutant("quicker-jobs", "harmless", "jobs take half the time", settings={"latency": 6.0}),
    Mutant("strangers-told", "harmless",
           "strangers are told that a job exists: 403 may say so too (R21)",
           change=_strangers_told),
    Mutant("other-words", "harmless", "messages of refusals have other words (R22)",
           change=_words),
    Mutant("media-redirected", "harmless", "media lie behind a redirect (R43)",
           ask_media=_redirected),
    Mutant("media-compressed", "harmless", "media come with Content-Encoding: gzip",
           change_media=_compressed),
    Mutant("busy", "harmless", "every thirtieth request is answered 429 (R96)", ask=_busy),
)  # fmt: skip
