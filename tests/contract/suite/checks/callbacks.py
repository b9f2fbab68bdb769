"""Layer 5: the gateway's calls to a receiver of our own, a path for each job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pixazo_openapi.catalogue import KEY_HEADER, Model

from tests.contract.suite.answers import judge_body
from tests.contract.suite.called import (
    ARRIVES,
    AT_END,
    BODY,
    EQUAL,
    KEYLESS,
    POSTED,
    UNASKED,
    Wish,
    differing,
    events_of,
    judge_form,
    mistimed,
    word_of,
)
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import Job, Lab
from tests.contract.suite.lifecycle import ENDS, moment
from tests.contract.suite.receiver import Call
from tests.contract.suite.samples import plain_body
from tests.contract.suite.verdicts import Rule, rule

__all__ = ["CHECKS"]

AGAIN = rule(
    "callback-repeated",
    5,
    "A call that was not taken comes again, with the same body",
    "A receiver that restarts misses the end of paid jobs.",
    pointer="/components/responses/CallbackTaken",
    rulings=("R56",),
)
EVERY: tuple[Rule, ...] = (ARRIVES, POSTED, KEYLESS, EQUAL, AT_END, AGAIN, UNASKED)
SETTLE_S = 2.0
RETRY_S = 40.0
WORDS = {"COMPLETED": None, "FAILED": "failed", "ERROR": "error"}


@dataclass(frozen=True, slots=True)
class Asked(Wish):
    """An address whose callbacks are awaited.

    Args:
        job: None when it was refused.
    """

    job: Job | None


def callbacks(lab: Lab) -> Iterator[Sequence[Job]]:
    """Every way to ask, every filter, every outcome; looked at a while after the end."""
    if lab.receiver is None:
        for judged in EVERY:
            lab.not_here(judged, "the gateway cannot call this machine: give --receiver URL")
        return
    asked = [each for model in lab.queued for each in _ask(lab, model)]
    silent = [_refuse(lab, model) for model in lab.queued]
    yield [each.job for each in asked if each.job]
    lab.target.clock.sleep(SETTLE_S)
    lab.target.settle()
    for each in asked:
        if each.job is not None and each.job.end is not None:
            _judge(lab, each, each.job)
    _judge_silence(lab, silent)


def _ask(lab: Lab, model: Model) -> Iterator[Asked]:
    hook = model.webhook
    if lab.receiver is None or hook is None:
        return
    for word, provocation in WORDS.items():
        extra = lab.target.provoke.get(provocation, {}) if provocation else {}
        if provocation and not extra:
            lab.not_here(ARRIVES, f"no way to make a job end {word}", model.model_id)
            continue
        if hook.header:
            url = lab.receiver.box()
            body = plain_body(model, lab.target)
            headers = {**extra, hook.header: url}
            job = lab.submit(model, body, headers=headers, wanted=word, watched=not provocation)
            yield Asked(url, ("complete",), "header", job)
        if hook.body_field:
            yield from _ask_by_body(lab, model, word, extra)
    if hook.header and hook.body_field:
        yield from _ask_both_ways(lab, model, hook.header, hook.body_field)


def _ask_by_body(lab: Lab, model: Model, word: str, extra: Any) -> Iterator[Asked]:
    """One job for each filter; only without one where the outcome is brought about."""
    assert lab.receiver is not None
    assert model.webhook is not None
    field, filter_field = str(model.webhook.body_field), model.webhook.filter_field
    filters: list[list[str] | None] = [None]
    if filter_field and word == "COMPLETED":
        filters += [["start"], ["complete"], ["*"], ["start", "complete"]]
    for wanted in filters:
        url = lab.receiver.box()
        more: dict[str, Any] = {field: url}
        if wanted is not None:
            more[str(filter_field)] = wanted
        job = lab.submit(model, plain_body(model, lab.target, **more), headers=extra, wanted=word)
        yield Asked(url, events_of(wanted), "body", job)


def _ask_both_ways(lab: Lab, model: Model, header: str, field: str) -> Iterator[Asked]:
    assert lab.receiver is not None
    urls = lab.receiver.box(), lab.receiver.box()
    body = plain_body(model, lab.target, **{field: urls[1]})
    job = lab.submit(model, body, headers={header: urls[0]})
    yield Asked(urls[0], ("complete",), "header", job)
    yield Asked(urls[1], ("complete",), "body", job)


def _refuse(lab: Lab, model: Model) -> str:
    """The address of a request that must be refused."""
    assert lab.receiver is not None
    url = lab.receiver.box()
    header = str(model.webhook and model.webhook.header)
    lab.send(model.method, model.path, {}, headers={header: url})
    return url


def _judge(lab: Lab, asked: Asked, job: Job) -> None:
    assert lab.receiver is not None
    calls = [(call, _as_exchange(lab, asked.url, call)) for call in lab.receiver.calls(asked.url)]
    told = job.end or job.receipt
    where = _pointer(lab, job.model, asked.route)
    words = [word_of(evidence) for _, evidence in calls]
    right = len(calls) == len(asked.events)
    seen = "" if right else f"{len(calls)} calls ({words}) for {asked.events}, by {asked.route}"
    lab.hold(ARRIVES, seen, told, operation=job.model.model_id, pointer=where)
    for (call, evidence), event in zip(calls, asked.events, strict=False):
        _judge_call(lab, job, call, evidence, event)


def _pointer(lab: Lab, model: Model, route: str) -> str:
    name = {"header": "ended", "body": "notified"}[route]
    return f"{lab.spec.models[model.model_id].pointer}/callbacks/{name}"


def _judge_call(lab: Lab, job: Job, call: Call, evidence: Exchange, event: str) -> None:
    assert job.end is not None
    name = job.model.model_id
    address = "" if evidence.url.endswith(call.path) else lab.keys.hidden(call.path)
    leaked = "the key stands in the call" if evidence.leaked else ""
    lab.say(judge_form(name, evidence, address=address, leaked=leaked))
    lab.say(judge_body(lab.spec, "callback", BODY, evidence))
    seen = mistimed(evidence, event) or (_too_early(lab, job, call) if event == "complete" else "")
    lab.hold(AT_END, seen, evidence, operation=name)
    if event == "complete":
        seen = differing(lab.spec, evidence.json, job.end.json)
    else:
        told = evidence.json if isinstance(evidence.json, dict) else {}
        seen = "" if told.get("request_id") == job.request_id else "another request_id"
    lab.hold(EQUAL, seen, evidence, operation=name)


def _as_exchange(lab: Lab, url: str, call: Call) -> Exchange:
    """A call with its body in the place of an answer's, so that the same judges read it."""
    secret = (KEY_HEADER.lower(), "authorization")
    shown = {n: "[hidden]" if n in secret else v for n, v in call.headers.items()}
    called = Exchange(call.method, url, call.answered, headers=shown, body=call.body)
    return lab.keys.kept(called)


def _too_early(lab: Lab, job: Job, call: Call) -> str:
    """How a call came before the end that it tells of."""
    pending = [look for look in job.looks if look is not job.end and _pending(look)]
    later = [look for look in pending if look.at > call.at]
    if later:
        return f"the end was told before the status answer of {later[0].at - call.at:.1f} s later"
    end = moment(job.end.json.get("completed_at")) if job.end else None
    early = end is not None and call.at < end - lab.target.tolerance_s
    return f"the end was told {end - call.at:.0f} s before completed_at" if early and end else ""


def _pending(look: Exchange) -> bool:
    return look.status == 200 and word_of(look) not in ENDS


def _judge_silence(lab: Lab, urls: Sequence[str]) -> None:
    assert lab.receiver is not None
    for model, url in zip(lab.queued, urls, strict=True):
        calls = lab.receiver.calls(url)
        seen = f"{len(calls)} calls for a refused request" if calls else ""
        lab.hold(UNASKED, seen, operation=model.model_id)
    strays = [lab.keys.hidden(call.path) for call in lab.receiver.strays]
    seen = f"{len(strays)} calls to addresses that nobody gave, like {strays[0]}" if strays else ""
    lab.hold(UNASKED, seen, operation="callback")


def repetition(lab: Lab) -> Iterator[Sequence[Job]]:
    """A receiver that fails twice is called a third time, then no more."""
    if lab.receiver is None:
        return
    if not lab.target.retries_callbacks:
        lab.not_here(AGAIN, "the pages promise no repetition (R56), and this target no more")
        return
    models = lab.queued if lab.thorough else lab.queued[:1]
    asked: list[tuple[Model, str, Job | None]] = []
    for model in models:
        url = lab.receiver.box((500, 503, 204))
        header = str(model.webhook and model.webhook.header)
        job = lab.submit(model, plain_body(model, lab.target), headers={header: url})
        asked.append((model, url, job))
    yield [job for *_, job in asked if job]
    for _ in range(4):
        lab.target.settle()
        lab.target.clock.sleep(RETRY_S / 4)
    lab.target.settle()
    for model, url, job in asked:
        if job is not None:
            _judge_again(lab, model, lab.receiver.calls(url))


def _judge_again(lab: Lab, model: Model, calls: Sequence[Call]) -> None:
    seen = "" if len(calls) == 3 else f"{len(calls)} calls to a receiver that fails twice"
    if not seen and len({call.body for call in calls}) > 1:
        seen = "the body changed from call to call"
    lab.hold(AGAIN, seen, operation=model.model_id)


CHECKS = (callbacks, repetition)
