"""Layer 3: every rule of every request schema, kept and broken; defaults; combinations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Flaky
from pixazo_openapi.catalogue import NO_DEFAULT, Model
from pixazo_openapi.requests import request_class

from tests.contract.suite import pairs
from tests.contract.suite.cases import Tried, tried
from tests.contract.suite.checks.money import judge_free
from tests.contract.suite.checks.results import judge_count, media_of
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import Job, Lab
from tests.contract.suite.media import inspect
from tests.contract.suite.samples import SMALL, expected, plain_body
from tests.contract.suite.verdicts import EMPTY_WALLET, rule
from tests.strategies import valid_arguments

__all__ = ["CHECKS", "localized"]

VALID = rule(
    "valid-accepted",
    3,
    "A body that keeps to every documented rule is accepted",
    "Callers are refused what the documents promise.",
)
INVALID = rule(
    "invalid-refused",
    3,
    "A body that breaks one documented rule is answered 400",
    "Mistakes are taken, paid for, and answered with something else.",
)
HEADER = rule(
    "webhook-header-checked",
    3,
    "A callback address that is none is answered 400",
    "Callers wait for a call that can never come.",
    pointer="/components/parameters/WebhookUrl",
    rulings=("R57",),
)
DEFAULTS = rule(
    "defaults",
    3,
    "To leave a parameter out is to give its documented default",
    "Callers get, and pay for, something other than what they read.",
)
COMBINED = rule(
    "combinations",
    3,
    "Any documented values go together, and the result is what they ask for",
    "Requests fail for values that are right each by itself.",
)
REPEATS = rule(
    "seed-repeats",
    3,
    "Equal requests with the same seed give equal results",
    "Results cannot be reproduced.",
    pointer="/components/schemas/QwenImageEditPlusLoraRequest/properties/seed",
)
MATTERS = rule(
    "inputs-matter",
    3,
    "Another prompt or another seed gives another result",
    "What the caller asked for is not what was drawn.",
    pointer="/components/schemas/QwenImageEditPlusLoraRequest/properties/prompt",
)

BAD_ADDRESSES = ("nowhere", "ftp://files.example.com/x", "javascript:alert(1)", "//host/path")
EXAMPLES = {True: 20, False: 8}


def localized(lab: Lab, model: Model, body: Any) -> Any:
    """A permitted body whose callbacks come to this machine, or are not asked for."""
    hook = model.webhook.body_field if model.webhook else None
    if hook is None or hook not in body:
        return body
    if lab.receiver is None:
        return {name: value for name, value in body.items() if name != hook}
    return {**body, hook: lab.receiver.box()}


def kept_rules(lab: Lab) -> None:
    """Bodies on every documented bound are accepted."""
    calls: list[Callable[[], Any]] = []
    for model in lab.models:
        good, _ = tried(lab.spec, model.model_id)
        calls += [partial(_kept, lab, each) for each in _some(lab, good)]
    lab.together(calls)


def _kept(lab: Lab, case: Tried) -> None:
    body = localized(lab, case.model, case.body)
    answer = lab.post(case.model, body)
    name, operation = case.model.model_id, lab.spec.models[case.model.model_id]
    if answer.status == 402 and lab.target.wallet is None:
        lab.not_here(VALID, EMPTY_WALLET, name)
        return
    seen = "" if answer.status == operation.success else f"{case}: {answer.told}"
    lab.hold(VALID, seen, answer, operation=name, pointer=_at(lab, case))


def broken_rules(lab: Lab) -> None:
    """Bodies past every documented bound are refused."""
    calls: list[Callable[[], Any]] = []
    for model in lab.models:
        _, bad = tried(lab.spec, model.model_id)
        calls += [partial(_broken, lab, each) for each in bad]
        if model.webhook and model.webhook.header:
            calls += [partial(_bad_address, lab, model, url) for url in BAD_ADDRESSES]
    before = lab.balance()
    lab.together(calls)
    judge_free(lab, before, "requests that break a rule")


def _broken(lab: Lab, case: Tried) -> None:
    answer = lab.send(case.model.method, case.model.path, case.body)
    seen = "" if answer.status == 400 else f"{case}: {answer.told}"
    lab.hold(INVALID, seen, answer, operation=case.model.model_id, pointer=_at(lab, case))


def _bad_address(lab: Lab, model: Model, url: str) -> None:
    header = str(model.webhook and model.webhook.header)
    body = plain_body(model, lab.target)
    answer = lab.send(model.method, model.path, body, headers={header: url})
    seen = "" if answer.status == 400 else f"{header}: {url}: {answer.told}"
    lab.hold(HEADER, seen, answer, operation=model.model_id)


def _at(lab: Lab, case: Tried) -> str:
    """The rule's own line where it has one, else the place."""
    known = case.rule_pointer in lab.spec.document.lines
    return case.rule_pointer if known else case.pointer


def _some(lab: Lab, cases: Sequence[Tried]) -> Sequence[Tried]:
    """All, or in a quick run one for each rule, and every word of a list."""
    if lab.thorough:
        return cases
    drawn = lab.drawn(cases[0].model.model_id)
    groups: dict[tuple[str, str, str], list[Tried]] = {}
    for each in cases:
        word = each.note if each.keyword in ("enum", "minimum", "maximum") else ""
        groups.setdefault((each.pointer, each.keyword, word[:14]), []).append(each)
    return [drawn.choice(group) for group in groups.values()]


def defaults(lab: Lab) -> Iterator[Sequence[Job]]:
    """All documented defaults written out give what leaving them out gives."""
    pairs_of_jobs: list[tuple[Model, Job, Job]] = []
    for model in lab.models:
        named = {p.name: p.default for p in model.parameters if p.default is not NO_DEFAULT}
        bodies = [plain_body(model, lab.target), plain_body(model, lab.target, **named)]
        if not named:
            continue
        if model.mode == "direct":
            answers = [lab.post(model, body) for body in bodies]
            _compare(lab, model, answers, [media_of(model, each.json) for each in answers])
            continue
        jobs = [lab.submit(model, body) for body in bodies]
        if jobs[0] and jobs[1]:
            pairs_of_jobs.append((model, jobs[0], jobs[1]))
    yield [job for _, *jobs in pairs_of_jobs for job in jobs]
    for model, one, other in pairs_of_jobs:
        if one.end and other.end:
            _compare(lab, model, [one.end, other.end], [one.media_urls(), other.media_urls()])


def _compare(
    lab: Lab, model: Model, told: Sequence[Exchange], urls: Sequence[Sequence[str]]
) -> None:
    seen = ""
    if len(urls[0]) != len(urls[1]):
        seen = f"{len(urls[0])} results without, {len(urls[1])} with the defaults written out"
    elif urls[0]:
        files = [lab.fetch(each[0]).body for each in urls]
        heads = [inspect(body, whole=False) for body in files]
        if (heads[0].format, heads[0].size) != (heads[1].format, heads[1].size):
            seen = (
                f"{heads[0].format} {heads[0].size} without, {heads[1].format} {heads[1].size} with"
            )
        elif lab.target.repeatable and files[0] != files[1]:
            seen = "other bytes, though equal requests give equal bytes here"
    pointer = f"/components/schemas/{model.request_schema}"
    lab.hold(DEFAULTS, seen, told[0], operation=model.model_id, pointer=pointer)


def combinations(lab: Lab) -> Iterator[Sequence[Job]]:
    """Any two telling values meet in a request that is accepted and ends as it should."""
    jobs: list[Job] = []
    calls: list[Callable[[], Any]] = []
    for model in lab.models:
        for row in pairs.rows(pairs.choices(model), lab.drawn(f"pairs {model.model_id}")):
            given = {name: value for name, value in row.items() if value is not pairs.ABSENT}
            body = localized(lab, model, request_class(model.model_id)(**given).to_body())
            calls.append(partial(_combined, lab, model, body, jobs))
    lab.together(calls)
    yield jobs
    smallest: dict[tuple[object, ...], Job] = {}
    for job in jobs:
        if job.end and job.completed:
            wanted = expected(job.model, job.body, lab.target)
            judge_count(lab, job.model, job.end, wanted)
            shape = wanted.size or wanted.shape
            for what in ((wanted.format, wanted.count), *([shape] if lab.thorough else [])):
                smallest.setdefault((job.model.model_id, what, wanted.format), job)
    for job in smallest.values():
        if job.media_urls():
            _judge_first(lab, job)


def _combined(lab: Lab, model: Model, body: Any, jobs: list[Job]) -> None:
    answer = lab.post(model, body)
    if not lab.taken(model, answer, COMBINED):
        return
    if model.mode == "direct":
        judge_count(lab, model, answer, expected(model, body, lab.target))
    elif isinstance(answer.json, dict) and isinstance(answer.json.get("request_id"), str):
        job = Job(model, body, answer, answer.json["request_id"], False, "COMPLETED")
        lab.jobs.append(job)
        jobs.append(job)


def _judge_first(lab: Lab, job: Job) -> None:
    wanted = expected(job.model, job.body, lab.target)
    file = inspect(lab.fetch(job.media_urls()[0]).body, whole=False)
    wrong_format = wanted.format not in ("picture", file.format)
    wrong_size = wanted.size is not None and file.size is not None and file.size != wanted.size
    seen = f"{file.format} {file.size}, asked for {wanted.format} {wanted.size}"
    told = seen if wrong_format or wrong_size else ""
    lab.hold(COMBINED, told, job.end, operation=job.model.model_id)


def drawn_bodies(lab: Lab) -> None:
    """Whatever hypothesis draws within the documented bounds is accepted."""
    lab.together([partial(_draw, lab, model) for model in lab.models])


class _Refused(AssertionError):  # noqa: N818 - reads as what happened
    """A drawn body was refused: hypothesis looks for a smaller one."""


def _examples(lab: Lab, model: Model) -> int:
    """Few where every answer is waited for."""
    return EXAMPLES[lab.thorough and (lab.target.quick or model.mode == "queued")]


def _draw(lab: Lab, model: Model) -> None:
    last: list[Exchange] = []

    @hypothesis.seed(int.from_bytes(hashlib.sha256(f"{lab.seed}".encode()).digest()[:4], "big"))
    @hypothesis.settings(
        max_examples=_examples(lab, model),
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @hypothesis.given(valid_arguments(model))
    def accepted(arguments: dict[str, Any]) -> None:
        body = request_class(model.model_id)(**arguments).to_body()
        answer = lab.post(model, localized(lab, model, body))
        if answer.status == 402 and lab.target.wallet is None:
            return
        if answer.status != lab.spec.models[model.model_id].success:
            last.append(answer)
            raise _Refused(answer.status)

    try:
        accepted()
    except (_Refused, Flaky):  # Flaky: refused once, and taken when it was sent again
        lab.hold(COMBINED, f"drawn: {last[-1].told}", last[-1], operation=model.model_id)
    else:
        lab.hold(COMBINED, "", operation=model.model_id)


def inputs(lab: Lab) -> Iterator[Sequence[Job]]:
    """Seeds repeat, and prompts and seeds matter, where equal requests give equal bytes."""
    if not lab.target.repeatable:
        lab.not_here(REPEATS, "equal requests do not promise equal bytes here")
        lab.not_here(MATTERS, "equal requests do not promise equal bytes here")
        return
    turns = [
        (model, base, what, more) for model in lab.queued for base, what, more in _turns(model)
    ]
    found: list[tuple[Model, str, Job, Job]] = []
    for model, base, what, more in turns:
        one = lab.submit(model, plain_body(model, lab.target, **base))
        other = lab.submit(model, plain_body(model, lab.target, **{**base, **more}))
        found += [(model, what, one, other)] if one and other else []
    yield [job for *_, one, other in found for job in (one, other)]
    for model, what, one, other in found:
        if one.media_urls() and other.media_urls():
            same = lab.fetch(one.media_urls()[0]).body == lab.fetch(other.media_urls()[0]).body
            judged = MATTERS if what else REPEATS
            wrong = same if what else not same
            seen = (
                f"{'the same' if same else 'another'} file {f'for another {what}' if what else ''}"
            )
            lab.hold(judged, seen if wrong else "", other.end, operation=model.model_id)


def _turns(model: Model) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Small requests of the models that can be told a small size: equal ones, then changed ones."""
    names = {p.name: p for p in model.parameters}
    size = next((p for p in model.parameters if p.pointer == model.render.get("size")), None)
    if size is None or "anyOf" not in size.schema:
        return
    base: dict[str, Any] = {size.name: SMALL}
    if "seed" in names:
        base["seed"] = 7
        yield base, "", {}
        yield base, "seed", {"seed": 8}
    if "prompt" in names:
        yield base, "prompt", {"prompt": "another prompt altogether"}


CHECKS = (kept_rules, broken_rules, defaults, combinations, drawn_bodies, inputs)
