"""From a valid request to a paid job: price, timeline, files, callbacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import cast

from pixazo.sandbox.document import Operation
from pixazo.sandbox.faults import FAULT_HEADER
from pixazo.sandbox.jobs import QUEUED_SHARE, Callback, Job, Timeline
from pixazo.sandbox.pointers import MISSING, look_up
from pixazo.sandbox.rendering.pictures import FORMATS
from pixazo.sandbox.rendering.sizes import pixels
from pixazo.sandbox.rendering.sources import source_size
from pixazo.sandbox.rendering.works import Work
from pixazo.sandbox.types import Json
from pixazo.sandbox.world import World, is_loopback

__all__ = ["accept", "callbacks_of", "owner_of", "refused_callback", "work_of"]

Twists = Mapping[str, str]

SLOW_FACTOR = 10.0
UNKNOWN_WORD = "WARMING_UP"
FAILURES = {"failed": "failed", "error": "failed-not-charged"}
MOST_FILES = 10
LONGEST_DETAIL = 500


def accept(
    world: World, operation: Operation, body: Json, headers: Mapping[str, str], owner: str
) -> Job | None:
    """Charge for a request and put its job in the queue; None when the wallet does not cover it."""
    request_id = _new_id(world, operation)
    idempotency_key = headers.get("idempotency-key")
    usd = world.price_of(operation)
    if not world.wallet.charge(
        usd, request_id=request_id, model_id=operation.model_id, idempotency_key=idempotency_key
    ):
        return None
    twists = _twists(world, operation, request_id, headers)
    work = work_of(world, operation, body)
    job = Job(
        request_id=request_id,
        model_id=operation.model_id,
        owner=owner,
        usd=usd,
        work=work,
        timeline=_timeline(world, operation, twists),
        media_urls=tuple(f"{world.media_url}/v1/{request_id}/{name}" for name in work.file_names),
        error=_error(world, operation, twists),
        callbacks=callbacks_of(operation, body, headers),
        idempotency_key=idempotency_key,
        body=body,
        twists=twists,
        queued=operation.queued,
    )
    _keep(world, job)
    return job


def _new_id(world: World, operation: Operation) -> str:
    now = world.clock.now()
    return (
        world.ids.for_job(operation.model_id, now)
        if operation.queued
        else world.ids.for_answer(now)
    )


def _twists(
    world: World, operation: Operation, request_id: str, headers: Mapping[str, str]
) -> dict[str, str]:
    """The faults that the job carries; what the header asks for later stages is kept for it."""
    world.faults.bind(headers.get(FAULT_HEADER.lower(), ""), "submit", request_id)
    if not operation.queued:
        return {}
    hits = world.faults.hits("job", model_id=operation.model_id, request_id=request_id)
    return {hit.fault: hit.value for hit in hits}


def refused_callback(operation: Operation, body: Json, headers: Mapping[str, str]) -> str | None:
    """Why a callback address cannot be used here: only this machine is called."""
    for callback in callbacks_of(operation, body, headers):
        if not is_loopback(callback.url):
            return (
                f"callback URL {callback.url[:200]!r}: the sandbox calls this machine only; "
                "use 127.0.0.1, localhost or [::1]"
            )
    return None


def callbacks_of(
    operation: Operation, body: Json, headers: Mapping[str, str]
) -> tuple[Callback, ...]:
    """Who asked to be called, by header and by body field (R52, R53, R54)."""
    webhook, found = operation.webhook, list[Callback]()
    if webhook.header and (url := headers.get(webhook.header.lower())):
        found.append(Callback(url, frozenset({"complete"})))
    if webhook.body_field and isinstance(body, dict):
        asked, events = body.get(webhook.body_field), body.get(webhook.filter_field or "")
        if isinstance(asked, str):
            found.append(Callback(asked, _events(events)))
    return tuple(found)


def _events(asked: Json) -> frozenset[str]:
    if not isinstance(asked, list):
        return frozenset({"complete"})
    return frozenset({"start", "complete"} if "*" in asked else map(str, asked))


def work_of(world: World, operation: Operation, body: Json) -> Work:
    """What the request makes, read where the document says it stands."""
    render = operation.render

    def asked(name: str) -> Json:
        value = look_up(body, getattr(render, name))
        return operation.defaults.get(name) if value is MISSING else cast("Json", value)

    source, prompt, count, seed = asked("input"), asked("prompt"), asked("count"), asked("seed")
    wanted = asked("format")
    return Work(
        kind=operation.kind,
        prompt=prompt if isinstance(prompt, str) else "",
        source=source if isinstance(source, str) else "",
        seed=seed if isinstance(seed, int) else world.seed,
        size=_size(world, asked("size"), source),
        format=wanted if isinstance(wanted, str) and wanted in FORMATS else "png",
        count=min(count, MOST_FILES) if isinstance(count, int) and count > 0 else 1,
        details=_details(operation, body) if operation.kind == "lora" else (),
    )


def _size(world: World, asked: Json, source: Json) -> tuple[int, int]:
    """As asked; else the inline input's own size (R89); else the default."""
    inline = source_size(source) if asked is None and isinstance(source, str) else None
    wanted: Json = {"width": inline[0], "height": inline[1]} if inline else asked
    return pixels(wanted, world.document.sizes)


def _details(operation: Operation, body: Json) -> tuple[tuple[str, str], ...]:
    """The plain parameters as texts; who is called back does not shape what is made."""
    webhook = operation.webhook
    given = body if isinstance(body, dict) else {}
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in given.items()
        if name not in (webhook.body_field, webhook.filter_field)
        and isinstance(value, str | int | float)
        and len(str(value)) < LONGEST_DETAIL
    )


def _timeline(world: World, operation: Operation, twists: Twists) -> Timeline:
    words, now = world.document.words, world.clock.now()
    if not operation.queued:
        return Timeline("succeeded", ((now, words["succeeded"][0]),))
    factor = float(twists["slow"] or SLOW_FACTOR) if "slow" in twists else 1.0
    total = world.latency * factor
    outcome = next((FAILURES[name] for name in FAILURES if name in twists), "succeeded")
    queue, works = words["pending"][0], words["pending"][-1]
    if "stuck" in twists:
        stuck = twists["stuck"] or works
        never = (float("inf"), words[outcome][0])
        return Timeline(outcome, ((now, queue), (now + total * QUEUED_SHARE, stuck), never))
    steps = [(now, queue), (now + total * QUEUED_SHARE, works)]
    if "unknown-status" in twists:
        steps.append((now + total * 0.4, twists["unknown-status"] or UNKNOWN_WORD))
    if "backwards" in twists:
        steps += [(now + total * 0.5, queue), (now + total * 0.75, works)]
    return Timeline(outcome, (*steps, (now + total, words[outcome][0])))


def _error(world: World, operation: Operation, twists: Twists) -> str:
    for name, outcome in FAILURES.items():
        if name in twists:
            word = world.document.words[outcome][0]
            return twists[name] or f"The sandbox let {operation.model_id} end {word} as asked."
    return ""


def _keep(world: World, job: Job) -> None:
    world.jobs.add(job)
    if job.timeline.outcome == "failed-not-charged":
        world.clock.call_at(job.timeline.ends_at, lambda: world.settle(job))
    world.deliveries.plan(job)


def owner_of(key: str) -> str:
    """A name for a key that does not tell the key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
