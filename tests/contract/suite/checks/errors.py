"""Layer 7: refusals, odd bytes, odd addresses: always a documented error, never a surprise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pixazo_openapi.catalogue import KEY_HEADER, Model

from tests.contract.suite.exchange import NOT_JSON, Exchange
from tests.contract.suite.lab import FIRST, Lab
from tests.contract.suite.samples import plain_arguments, plain_body
from tests.contract.suite.verdicts import ELSEWHERE, Rule, rule
from tests.contract.suite.wire import encoded

__all__ = ["CHECKS", "RESPONSES", "beside", "odd_text", "refused", "to_the_letter"]

RESPONSES = "/components/responses"

BROKEN_JSON = rule(
    "broken-json-refused",
    7,
    "A body that is no JSON is answered 400",
    "Damaged requests are taken, paid for and misread.",
    pointer=f"{RESPONSES}/BadRequest",
    rulings=("R10", "R22"),
)
NON_OBJECT = rule(
    "non-object-refused",
    7,
    "JSON that is no object is answered 400",
    "Nonsense is taken and paid for.",
    pointer=f"{RESPONSES}/BadRequest",
    rulings=("R22",),
)
ODD_NAMES = rule(
    "odd-names-refused",
    7,
    "A field that nobody documents is answered 400, in UTF-8, whatever its name",
    "Errors in other languages arrive broken.",
    pointer=f"{RESPONSES}/BadRequest",
    rulings=("R10", "R61"),
)
OTHER_TYPE = rule(
    "other-type-refused",
    7,
    "A body that is not announced as JSON is answered 400",
    "Forms and texts are read as something that they are not.",
    pointer=f"{RESPONSES}/BadRequest",
    rulings=("R10", "R26"),
)
ENCODINGS = rule(
    "encodings-accepted",
    7,
    "Content types in other spelling, escaped and unescaped texts are accepted",
    "Correct clients of other languages are refused.",
    rulings=("R10",),
)
METHODS = rule(
    "methods-refused",
    7,
    "Other methods on documented paths are refused with 404 or 405",
    "A wrong verb starts something, or breaks the server.",
    rulings=("R26",),
)
PATHS = rule(
    "paths-refused",
    7,
    "Unknown paths are answered 404",
    "A slip in an address starts something, or breaks the server.",
    pointer=f"{RESPONSES}/NotFound",
    rulings=("R22",),
)
ODD_IDS = rule(
    "unknown-ids-refused",
    7,
    "An id that nobody was given is answered 404",
    "Callers wait for jobs that do not exist, or break the server.",
    pointer="/paths/~1v2~1requests~1status~1{request_id}/get/responses/404",
    rulings=("R21",),
)
LETTER = rule(
    "documented-bodies",
    7,
    "A documented error body comes to the letter",
    "Clients that tell errors apart by their title take one for another.",
    rulings=("R22", "R23"),
)
REFUSALS = rule(
    "refusals-documented",
    7,
    "403, 429 and 500 come as documented",
    "Clients retry what they must not, or give up on what they should retry.",
    rulings=("R22", "R24", "R25"),
)
ACCEPT = rule(
    "json-for-everybody",
    7,
    "Answers are JSON whatever the caller says that it accepts",
    "Browsers and tools get pages in place of errors.",
    rulings=("R10",),
)

UNREADABLE: Mapping[str, bytes] = {
    "nothing": b"",
    "a cut object": b'{"prompt": "a',
    "a comma too many": b'{"prompt": "a",}',
    "single quotes": b"{'prompt': 'a'}",
    "NaN": b'{"prompt": NaN}',
    "Infinity": b'{"prompt": "a", "num_images": Infinity}',
    "two values": b"{} {}",
    "bytes that are not UTF-8": b'{"prompt": "\xff\xfe"}',
    "half a character": b'{"prompt": "\\ud83d"}',
    "a comment": b'{"prompt": "a"} // b',
    "deep nesting": b"[" * 50_000,
}
NO_OBJECTS = (b"null", b"[]", b'"prompt"', b"7", b"true", b'[{"prompt": "a"}]')
OTHER_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/jsonp",
    "",
)
SPELLINGS = (
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
)
STATUS_METHODS = ("POST", "PUT", "PATCH", "DELETE")
OTHER_METHODS = ("GET", "PUT", "PATCH", "DELETE")
ODD_TEXT = 'snow ❄, 漢字, \U0001f600, é, "quo\\te", tab\t, line\nend'


def unreadable_bodies(lab: Lab) -> None:
    """No model takes a body that is no JSON, or no object, or not called JSON."""
    for model in lab.models:
        shown = UNREADABLE if lab.thorough or model is lab.models[0] else _few(lab, model)
        for what, raw in shown.items():
            _refused(lab, BROKEN_JSON, model, raw, what)
        _refused(lab, ODD_NAMES, model, encoded({"漢字 ❄": "é"}), "a name outside of ASCII")
        for raw in NO_OBJECTS if lab.thorough else lab.drawn(model.model_id).sample(NO_OBJECTS, 3):
            _refused(lab, NON_OBJECT, model, raw, raw.decode())
        good = encoded(plain_body(model, lab.target))
        _refused(lab, NON_OBJECT, model, b"[" + good + b"]", "a list of one good body")
        for kind in (
            OTHER_TYPES if lab.thorough else lab.drawn(model.model_id).sample(OTHER_TYPES, 3)
        ):
            _refused(
                lab, OTHER_TYPE, model, good, kind or "no content type", {"Content-Type": kind}
            )


def refused(lab: Lab, model: Model, raw: bytes) -> None:
    """Hold one body that no model may take."""
    _refused(lab, BROKEN_JSON, model, raw, raw.decode())


def _few(lab: Lab, model: Model) -> dict[str, bytes]:
    return dict(lab.drawn(model.model_id).sample(sorted(UNREADABLE.items()), 4))


def _refused(
    lab: Lab, judged: Rule, model: Model, raw: bytes, what: str, headers: Any = None
) -> Exchange:
    answer = lab.send(model.method, model.path, raw, headers=headers)
    seen = "" if answer.status == 400 else f"{answer.status or answer.failure} to {what}"
    lab.hold(judged, seen, answer, operation=model.model_id)
    return answer


def other_spellings(lab: Lab) -> None:
    """A valid body is taken in every spelling that means the same."""
    calls: list[Callable[[], None]] = []
    for number, model in enumerate(lab.models):
        for raw, headers, what in _spellings(lab, model, number):
            calls.append(partial(_taken, lab, model, raw, headers, what))
    lab.together(calls)


def _spellings(lab: Lab, model: Model, number: int) -> Iterator[tuple[bytes, dict[str, str], str]]:
    good = plain_body(model, lab.target)
    for kind in SPELLINGS if lab.thorough else SPELLINGS[number % 2 :: 2]:
        yield encoded(good), {"Content-Type": kind}, kind
    odd = plain_body(model, lab.target, **odd_text(model, plain_arguments(model, lab.target)))
    yield encoded(odd), {}, "texts as they are"
    yield json.dumps(odd).encode(), {}, "escaped texts"
    spaced = json.dumps(dict(reversed(good.items())), indent=2).encode() + b"\r\n"
    yield spaced, {}, "another order and white space"
    if model.headers:
        yield encoded(good), dict(model.headers), "the documented headers"
    lower = {KEY_HEADER: "", KEY_HEADER.lower(): FIRST}
    yield encoded(good), lower, "the key header in lower case"


def odd_text(model: Model, given: Mapping[str, Any]) -> dict[str, str]:
    """A required free text in odd characters, as long as is allowed; nothing without such a one."""
    for parameter in model.parameters:
        bound = {"enum", "const", "pattern", "format"} & parameter.schema.keys()
        if parameter.name in given and parameter.types == ("string",) and not bound:
            times = -(-(parameter.min_length or 0) // len(ODD_TEXT)) or 1
            return {parameter.name: (ODD_TEXT * times)[: parameter.max_length]}
    return {}


def _taken(lab: Lab, model: Model, raw: bytes, headers: Mapping[str, str], what: str) -> None:
    answer = lab.post(model, raw, headers=headers)
    operation = lab.spec.models[model.model_id]
    seen = "" if answer.status == operation.success else f"{answer.status} to {what}"
    pointer = f"{operation.pointer}/requestBody"
    if answer.status == 402 and lab.target.wallet is None:
        lab.not_here(ENCODINGS, "the wallet is empty", model.model_id)
    else:
        lab.hold(ENCODINGS, seen, answer, operation=model.model_id, pointer=pointer)


def other_methods(lab: Lab) -> None:
    """No documented path does anything on another method."""
    paths = [(model.model_id, model.path, OTHER_METHODS) for model in lab.models]
    status = lab.spec.status.path.replace("{request_id}", "no-such-request")
    paths.append(("status", status, STATUS_METHODS))
    for name, path, methods in paths:
        pointer = lab.spec.models[name].pointer if name in lab.spec.models else ""
        for method in methods:
            body: Any = None if method == "GET" else {}
            answer = lab.send(method, path, body, probe=True)
            seen = "" if answer.status in (404, 405) else f"{answer.status} to {method}"
            lab.hold(METHODS, seen, answer, operation=name, pointer=pointer)


def unknown_paths(lab: Lab) -> None:
    """Addresses beside the documented ones are 404, in JSON."""
    good = plain_body(lab.models[0], lab.target)
    for model in (
        lab.models
        if lab.thorough
        else lab.drawn("paths").sample(lab.models, min(2, len(lab.models)))
    ):
        for path in beside(lab, model.path):
            answer = lab.send("POST", path, good, probe=True)
            seen = "" if answer.status == 404 else f"{answer.status} for {path}"
            lab.hold(PATHS, seen, answer, operation=ELSEWHERE)
    for path in ("/v2/requests/status", "/v2/requests", "/v1/requests/status/x", "/v2/nothing"):
        answer = lab.send("GET", path, probe=True)
        seen = "" if answer.status == 404 else f"{answer.status} for {path}"
        lab.hold(PATHS, seen, answer, operation=ELSEWHERE)


def beside(lab: Lab, path: str) -> list[str]:
    """Undocumented paths near a documented one: longer, of another version, below another one."""
    other_version = re.sub(r"/v\d+(?=/|$)", "/v99", path, count=1)
    other = other_version if other_version != path else path.replace("/", "/x", 1)
    found = (path + "x", other, "/v99" + path)
    return [each for each in found if lab.spec.operation("POST", each) is None]


def unknown_ids(lab: Lab) -> Iterator[list[Any]]:
    """Ids that were never given out, near a real one and far from it, are 404."""
    model = lab.queued[0] if lab.queued else None
    job = lab.submit(model, plain_body(model, lab.target)) if model else None
    real = job.request_id if job else "qwen-image-max_019d3c1b-0f7d-7c02-8a55-6f5e4d3c2b1a"
    bare = real.partition("_")[2] or "x"
    near = [real[:-1], real + "0", bare, "other_" + real, real + "%20", real + "%0A"]
    far = [
        "x",
        "0",
        "null",
        "*",
        "a" * 3000,
        "%00",
        "%20",
        "%E2%9D%84",
        "..%2f..",
        "%27%20OR%201",
        "{request_id}",
    ]
    for request_id in near + far:
        answer = lab.send("GET", lab.spec.status.path.replace("{request_id}", request_id))
        seen = (
            ""
            if answer.status == 404
            else f"{answer.status or answer.failure} for {request_id[:60]!r}"
        )
        lab.hold(ODD_IDS, seen, answer, operation="status")
    for method in STATUS_METHODS if job else ():
        path = lab.spec.status.path.replace("{request_id}", real)
        answer = lab.send(method, path, {}, probe=True)
        seen = "" if answer.status in (404, 405) else f"{answer.status} to {method} on a known id"
        lab.hold(METHODS, seen, answer, operation="status", pointer=lab.spec.status.pointer)
    yield [job] if job else []


def whatever_is_accepted(lab: Lab) -> None:
    """An error is JSON for browsers too, and an answer can be read when compression is offered."""
    status = lab.spec.status.path.replace("{request_id}", "no-such-request")
    for headers in ({"Accept": "text/html"}, {"Accept": "image/png"}, {"Accept-Encoding": "gzip"}):
        answer = lab.send("GET", status, headers=headers)
        right = answer.media_type == "application/json" and answer.json is not NOT_JSON
        seen = "" if right else f"{answer.status} {answer.media_type} to {headers}"
        lab.hold(ACCEPT, seen, answer, operation="status", pointer=f"{RESPONSES}/NotFound")


def provoked_refusals(lab: Lab) -> None:
    """403, 429, 500 and an unknown model, where they can be brought about."""
    for name in ("403", "429", "429-date", "500", "model-not-found"):
        headers = lab.target.provoke.get(name)
        for model in lab.models:
            if headers is None:
                lab.not_here(REFUSALS, f"no way to bring about {name}", model.model_id)
            else:
                _provoked(lab, model, name, headers)
        if headers is not None and name != "model-not-found":
            _provoked_status(lab, name, headers)


def _provoked(lab: Lab, model: Model, name: str, headers: Mapping[str, str]) -> None:
    answer = lab.send(model.method, model.path, plain_body(model, lab.target), headers=headers)
    wanted = 400 if name == "model-not-found" else int(name[:3])
    seen = "" if answer.status == wanted else f"{answer.status}, expected {wanted}"
    pointer = f"{lab.spec.models[model.model_id].pointer}/responses/{wanted}"
    lab.hold(REFUSALS, seen, answer, operation=model.model_id, pointer=pointer)
    if name == "model-not-found":
        wanted_body = _example("BadRequest", "model_not_found", lab, model)
        to_the_letter(lab, answer, wanted_body, model.model_id, "BadRequest")


def _provoked_status(lab: Lab, name: str, headers: Mapping[str, str]) -> None:
    path = lab.spec.status.path.replace("{request_id}", "no-such-request")
    answer = lab.send("GET", path, headers=headers)
    wanted = int(name[:3])
    seen = "" if answer.status == wanted else f"{answer.status}, expected {wanted}"
    lab.hold(
        REFUSALS,
        seen,
        answer,
        operation="status",
        pointer=f"{lab.spec.status.pointer}/responses/{wanted}",
    )


def _example(response: str, name: str, lab: Lab, model: Model) -> Any:
    """The documented body, with this model's id in the place of the example's."""
    place = f"{RESPONSES}/{response}/content/application~1json/examples/{name}/value"
    told = dict(lab.spec.get(place))
    told["message"] = told["message"].replace("'qwen-image-max'", f"'{model.model_id}'")
    return told


def to_the_letter(lab: Lab, answer: Exchange, wanted: Any, operation: str, response: str) -> None:
    """Hold an error body to the one that the pages show (R22, R23)."""
    told = answer.json
    same = isinstance(told, dict) and {name: told.get(name) for name in wanted} == wanted
    seen = "" if same else f"{told!r}, documented is {wanted!r}"[:400]
    lab.hold(LETTER, seen, answer, operation=operation, pointer=f"{RESPONSES}/{response}")


CHECKS = (
    unreadable_bodies,
    other_spellings,
    other_methods,
    unknown_paths,
    unknown_ids,
    whatever_is_accepted,
    provoked_refusals,
)
