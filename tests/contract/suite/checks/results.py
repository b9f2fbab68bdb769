"""Layer 4: what jobs and direct answers deliver, fetched without a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pixazo_openapi.catalogue import Model

from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import Job, Lab
from tests.contract.suite.media import MIME, Seen, inspect
from tests.contract.suite.samples import Expected, at, expected, is_small, plain_body, result_bodies
from tests.contract.suite.verdicts import rule

__all__ = ["CHECKS", "judge_count", "judge_result", "media_of", "picked"]

OUTPUT = "/components/schemas/MediaOutput/properties/media_url"

REACHABLE = rule(
    "result-reachable",
    4,
    "A result can be fetched without a key",
    "Paid pictures cannot be downloaded.",
    pointer="/components/schemas/MediaUrl",
    rulings=("R43",),
)
COUNT = rule(
    "result-count",
    4,
    "There is one URL for each picture asked for",
    "Callers pay for pictures that they do not get.",
    pointer=OUTPUT,
    rulings=("R40", "R75", "R91"),
)
FORMAT = rule(
    "result-format",
    4,
    "A result's first bytes are of the format asked for",
    "Files do not open, or carry the wrong suffix.",
    pointer="/components/schemas/MediaOutput/properties/media_type",
    rulings=("R41", "R72", "R90"),
)
SIZE = rule(
    "result-size",
    4,
    "A picture has the pixels asked for",
    "Layouts break: pictures are too small, too large or lie on their side.",
    pointer="/components/schemas/PixelSize",
    rulings=("R62", "R71", "R81"),
)
WHOLE = rule(
    "result-whole",
    4,
    "A result is a whole file that decodes",
    "Half a picture was paid for.",
    pointer="/components/schemas/MediaUrl",
    rulings=("R41", "R77"),
)
TYPE = rule(
    "result-type",
    4,
    "A result is served as what it is, or as plain bytes",
    "Browsers show text, or nothing.",
    pointer="/components/schemas/MediaUrl",
    rulings=("R41",),
)
STABLE = rule(
    "result-stable",
    4,
    "A result is the same when it is fetched again",
    "Interrupted downloads end in mixed files.",
    pointer="/components/schemas/MediaUrl",
    rulings=("R43",),
)
UNSHARED = rule(
    "result-unshared",
    4,
    "No URL belongs to two jobs",
    "A caller gets somebody else's picture.",
    pointer=OUTPUT,
    rulings=("R40",),
)
LAYERS = rule(
    "layers-transparent",
    4,
    "Layers are of one size, and those above the lowest one are transparent somewhere",
    "Layers cannot be put together again.",
    pointer="/paths/~1qwen-image-layered~1v1~1qwen-image-layered-request/post",
    rulings=("R75",),
)
USAGE = rule(
    "usage-true",
    4,
    "What usage says of width, height and number is so",
    "Layouts and bills are computed from wrong figures.",
    pointer="/components/schemas/Usage",
    rulings=("R86",),
)
SHAPES = rule(
    "direct-shapes",
    4,
    "A direct answer delivers a picture in each documented shape",
    "Clients that read one shape find nothing.",
    pointer="/components/schemas/TextToImageAnswer",
    rulings=("R83", "R84"),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request delivered, with the answer that told of it."""

    model: Model
    told: Exchange
    urls: Sequence[str]
    wanted: Expected
    all_files: bool


def picked(answer: Any, pointer: str) -> list[Any]:
    """Everything that a pointer with `*` for each item hits."""
    head, star, tail = pointer.partition("/*")
    found = at(answer, head) if head else answer
    if not star:
        return [] if found is None else [found]
    items = found if isinstance(found, list) else []
    return [hit for item in items for hit in (picked(item, tail) if tail else [item])]


def media_of(model: Model, answer: Any) -> list[str]:
    """The URLs of a direct answer or a final status answer."""
    hits = [hit for pointer in model.media for hit in picked(answer, pointer)]
    return [hit for hit in hits if isinstance(hit, str)]


def queued_results(lab: Lab) -> Iterator[Sequence[Job]]:
    """Every format, listed size and count of the queued models."""
    jobs: list[tuple[Job, bool]] = []
    for model in lab.queued:
        for number, body in enumerate(result_bodies(model, lab.target)):
            job = lab.submit(model, body)
            jobs += [(job, lab.thorough or number == 0 or is_small(model) != "")] if job else []
    yield [job for job, _ in jobs]
    done = [(job, whole) for job, whole in jobs if job.completed and job.end]
    for job, whole in done:
        judge_result(lab, job.model, job.body, job.end or job.receipt, whole=whole)
    _judge_sharing(lab)


def judge_result(lab: Lab, model: Model, body: Any, told: Exchange, *, whole: bool = True) -> None:
    """Fetch what an answer delivers and hold it to what the body asked for."""
    urls = media_of(model, told.json)
    _judge(lab, Delivery(model, told, urls, expected(model, body, lab.target), whole))


def direct_results(lab: Lab) -> None:
    """Every size of the direct models, in each shape that can be brought about."""
    calls: list[Callable[[], None]] = []
    for model in lab.direct:
        for number, body in enumerate(result_bodies(model, lab.target)):
            whole = lab.thorough or number == 0
            calls.append(partial(_direct, lab, model, body, whole=whole))
        shape = lab.target.provoke.get("other-shape")
        if shape is None:
            lab.not_here(SHAPES, "no way to ask for the other shape", model.model_id)
        else:
            body = plain_body(model, lab.target)
            calls.append(partial(_direct, lab, model, body, headers=shape, whole=False))
    lab.together(calls)


def _direct(lab: Lab, model: Model, body: Any, *, whole: bool, headers: Any = None) -> None:
    answer = lab.post(model, body, headers=headers)
    if not lab.taken(model, answer):
        return
    urls = media_of(model, answer.json)
    seen = "" if urls else "no URL at any documented place"
    lab.hold(SHAPES, seen, answer, operation=model.model_id)
    judge_result(lab, model, body, answer, whole=whole)


def _judge(lab: Lab, delivery: Delivery) -> None:
    model, told, wanted = delivery.model, delivery.told, delivery.wanted
    judge_count(lab, model, told, wanted)
    files, bodies = list[Seen](), list[bytes]()
    dear = not delivery.all_files and (wanted.count or 1) > 1
    fetched = delivery.urls if delivery.all_files else delivery.urls[: not dear]
    for url in fetched:
        got = lab.fetch(url)
        seen = "" if got.status == 200 else f"{got.status or got.failure} for {url}"
        if not lab.hold(REACHABLE, seen, got, operation=model.model_id):
            continue
        bodies.append(got.body)
        files.append(_judge_file(lab, delivery, got))
    if bodies and delivery.all_files:
        again = lab.fetch(fetched[0])
        seen = "" if again.body == bodies[0] else "other bytes than before"
        lab.hold(STABLE, seen, again, operation=model.model_id)
        if model.media_kind == "image" and len(bodies) > 1:
            different = len(set(bodies))
            seen = (
                "" if different == len(bodies) else f"{different} different files of {len(bodies)}"
            )
            lab.hold(COUNT, seen, told, operation=model.model_id)
    if model.media_kind == "layers" and delivery.all_files:
        lab.hold(LAYERS, _unlayered(files), told, operation=model.model_id)
    if model.mode == "direct" and files:
        _judge_usage(lab, delivery, files[0])


def judge_count(lab: Lab, model: Model, told: Exchange, wanted: Expected) -> None:
    """Hold the number of URLs to what was asked for."""
    urls = media_of(model, told.json)
    if wanted.count is not None:
        right = len(urls) == wanted.count
        seen = "" if right else f"{len(urls)} URLs, asked for {wanted.count}"
        pointer = _pointer(lab, model, "count") or COUNT.pointer
        lab.hold(COUNT, seen, told, operation=model.model_id, pointer=pointer)


def _judge_file(lab: Lab, delivery: Delivery, got: Exchange) -> Seen:
    model, wanted = delivery.model, delivery.wanted
    file = inspect(got.body, whole=delivery.all_files)
    kind = file.format if wanted.format != "picture" or file.format == "safetensors" else "picture"
    seen = "" if file.format and kind == wanted.format else _other(file, wanted)
    pointer = _pointer(lab, model, "format") or FORMAT.pointer
    lab.hold(FORMAT, seen, delivery.told, operation=model.model_id, pointer=pointer)
    lab.hold(WHOLE, file.problem or _short(got), got, operation=model.model_id)
    served = got.media_type
    fits = served.endswith("octet-stream") or served == MIME.get(file.format)
    seen = "" if fits or not file.format else f"{served or 'no type'} for {file.format}"
    lab.hold(TYPE, seen, got, operation=model.model_id)
    if wanted.size or wanted.shape:
        pointer = _pointer(lab, model, "size") or SIZE.pointer
        seen = _wrong_size(file, wanted)
        lab.hold(SIZE, seen, delivery.told, operation=model.model_id, pointer=pointer)
    return file


def _short(got: Exchange) -> str:
    """How far a file is from its announced length, which is another when it comes compressed."""
    length = got.headers.get("content-length", "")
    known = length.isdecimal() and "content-encoding" not in got.headers
    return f"{len(got.body)} of {length} bytes" if known and int(length) != len(got.body) else ""


def _other(file: Seen, wanted: Expected) -> str:
    return f"{file.format or file.problem}, asked for {wanted.format}"


def _wrong_size(file: Seen, wanted: Expected) -> str:
    if file.size is None:
        return ""
    width, height = file.size
    shape = "wide" if width > height else "tall" if height > width else "square"
    if wanted.size and file.size != wanted.size:
        return f"{width}x{height}, asked for {wanted.size[0]}x{wanted.size[1]}"
    if wanted.shape and shape != wanted.shape:
        return f"{width}x{height} is {shape}, the name says {wanted.shape}"
    return ""


def _unlayered(files: Sequence[Seen]) -> str:
    if len({file.size for file in files}) > 1:
        return f"sizes {[file.size for file in files]}"
    if any(file.alpha is None for file in files):
        return "a layer has no alpha channel"
    opaque = [n for n, file in enumerate(files) if n and file.alpha and file.alpha[0] == 255]
    return f"layers {opaque} above the lowest one are opaque everywhere" if opaque else ""


def _judge_usage(lab: Lab, delivery: Delivery, file: Seen) -> None:
    usage = at(delivery.told.json, "/usage")
    if not isinstance(usage, dict) or file.size is None:
        return
    true = {"width": file.size[0], "height": file.size[1], "image_count": len(delivery.urls)}
    wrong = {n: usage[n] for n, figure in true.items() if usage.get(n, figure) != figure}
    seen = f"{wrong}, the picture has {true}" if wrong else ""
    lab.hold(USAGE, seen, delivery.told, operation=delivery.model.model_id)


def _judge_sharing(lab: Lab) -> None:
    owners: dict[str, Job] = {}
    for job in lab.jobs:
        for url in job.media_urls():
            other = owners.setdefault(url, job)
            seen = "" if other is job else f"{url} also belongs to {other.request_id}"
            lab.hold(UNSHARED, seen, job.end, operation=job.model.model_id)


def _pointer(lab: Lab, model: Model, what: str) -> str:
    """Where the document describes the parameter that a result depends on."""
    path = model.render.get(what)
    if not path:
        return ""
    pointer = f"/components/schemas/{model.request_schema}"
    for step in path.split("/")[1:]:
        pointer, _ = lab.spec.follow(pointer)
        pointer += "/items" if step.isdigit() else f"/properties/{step}"
    return pointer


CHECKS = (queued_results, direct_results)
