"""Two versions of the document: operations, parameters, bodies, answers, and what is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from changes import extension, schemas
from changes.findings import Change, Level, shown
from changes.schemas import At, Schema, Side, resolved

__all__ = ["compare"]

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def compare(old: Schema, new: Schema) -> list[Change]:
    """Return every change from one document to the other, gravest first.

    Args:
        old: The document as it was released.
        new: The document as it is.
    """
    found = dict.fromkeys([*_document(old, new), *_operations(old, new)])
    if not found and _without_version(old) != _without_version(new):
        reason = "callers do not see it"
        found[Change(Level.PATCH, "document", "words or names", reason, told=False)] = None
    return sorted(found, key=lambda change: -change.level)


def _without_version(document: Schema) -> Schema:
    info = {key: value for key, value in document.get("info", {}).items() if key != "version"}
    return {**document, "info": info}


def _document(old: Schema, new: Schema) -> Iterator[Change]:
    was, now = ([server["url"] for server in root.get("servers", [])] for root in (old, new))
    if was != now:
        what = f"server {', '.join(was)} → {', '.join(now)}"
        yield Change(Level.MAJOR, "document", what, "the key goes to another host")
    was, now = ([_key(root), root.get("security")] for root in (old, new))
    if was != now:
        what = f"{shown(was)} → {shown(now)}"
        yield Change(Level.MAJOR, "key", what, "calls are authenticated in another way")
    yield from extension.compare("document", old.get("x-pixazo", {}), new.get("x-pixazo", {}))


def _key(root: Schema) -> list[dict[str, Any]]:
    schemes = root.get("components", {}).get("securitySchemes", {})
    return [{**scheme, "description": ""} for scheme in schemes.values()]


def _operations(old: Schema, new: Schema) -> Iterator[Change]:
    was, now = dict(_every(old)), dict(_every(new))
    for key in [*was, *(key for key in now if key not in was)]:
        if key not in now:
            reason = "calls there fail"
            yield Change(Level.MAJOR, _name(was[key]), f"{' '.join(key)} removed", reason)
        elif key not in was:
            what = f"{' '.join(key)} added"
            yield Change(Level.MINOR, _name(now[key]), what, "there is more to use")
        else:
            yield from _operation(was[key], now[key], old, new)


def _every(root: Schema) -> Iterator[tuple[tuple[str, str], Schema]]:
    for path, item in root.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield (method.upper(), path), item[method]


def _name(operation: Schema) -> str:
    facts = operation.get("x-pixazo", {})
    return str(facts.get("model") or facts.get("mode") or operation.get("operationId"))


def _operation(was: Schema, now: Schema, old: Schema, new: Schema) -> Iterator[Change]:
    at = At(_name(was), Side.ASKED, old, new)
    if was.get("operationId") != now.get("operationId"):
        what = f"operationId {was.get('operationId')} → {now.get('operationId')}"
        yield at.major(what, "generated clients name it")
    if was.get("security") != now.get("security"):
        yield at.major("security of its own changed", "calls are authenticated in another way")
    if not was.get("deprecated") and now.get("deprecated"):
        yield at.minor("deprecated", "it will go one day")
    yield from _parameters(was, now, at)
    yield from _body(was.get("requestBody"), now.get("requestBody"), at)
    yield from _answers(was.get("responses", {}), now.get("responses", {}), at)
    yield from _callbacks(was.get("callbacks", {}), now.get("callbacks", {}), at)
    yield from extension.compare(at.place, was.get("x-pixazo", {}), now.get("x-pixazo", {}))
    if any(was.get(key) != now.get(key) for key in ("summary", "description", "tags")):
        yield at.patch("words", "nothing else changed there", told=False)


def _parameters(was: Schema, now: Schema, at: At) -> Iterator[Change]:
    before, after = _listed(at.old, was), _listed(at.new, now)
    for name in {**before, **after}:
        inner = at.inner(name)
        if name not in after:
            yield inner.major("removed", "who sends it is refused or ignored")
        elif name not in before:
            yield _new(inner, required=after[name].get("required", False))
        else:
            yield from _flips(before[name], after[name], inner)
            yield from schemas.compare(before[name]["schema"], after[name]["schema"], inner)


def _listed(root: Schema, operation: Schema) -> dict[str, Schema]:
    found = [resolved(root, parameter)[1] for parameter in operation.get("parameters", ())]
    return {f"{parameter['in']}.{parameter['name']}": parameter for parameter in found}


def _new(at: At, *, required: bool) -> Change:
    if required:
        return at.major("added, required", "requests without it are refused")
    return at.minor("added", "there is more to say")


def _flips(was: Schema, now: Schema, at: At) -> Iterator[Change]:
    if was.get("required", False) != now.get("required", False):
        tighter = bool(now.get("required"))
        what = "optional → required" if tighter else "required → optional"
        yield at.changed("tighter" if tighter else "looser", what)


def _body(was: Schema | None, now: Schema | None, at: At) -> Iterator[Change]:
    if was is None or now is None:
        if was is not now:
            what = "body removed" if now is None else "body added"
            yield at.major(what, "requests of the other kind are refused")
        return
    was, now = resolved(at.old, was)[1], resolved(at.new, now)[1]
    yield from _flips(was, now, at.inner("body"))
    yield from _contents(was.get("content", {}), now.get("content", {}), at)


def _contents(was: Schema, now: Schema, at: At) -> Iterator[Change]:
    for kind in {**was, **now}:
        if kind not in now:
            yield at.major(f"{kind} removed", "who sends or reads it can do so no more")
        elif kind not in was:
            yield at.changed("looser", f"{kind} added")
        else:
            yield from schemas.compare(was[kind]["schema"], now[kind]["schema"], at)


def _answers(was: Schema, now: Schema, at: At) -> Iterator[Change]:
    for code in {**was, **now}:
        inner = At(f"{at.place}.{code}", Side.ANSWERED, at.old, at.new)
        good = str(code).startswith("2")
        if code not in now:
            level = inner.major if good else inner.minor
            yield level("status code removed", "the answer has another one" if good else "rarer")
        elif code not in was:
            yield inner.minor("status code added", "callers may meet it")
        else:
            yield from _answer(was[code], now[code], inner)


def _answer(was: Schema, now: Schema, at: At) -> Iterator[Change]:
    (_, was), (name, now) = resolved(at.old, was), resolved(at.new, now)
    at = replace(at, place=name or at.place)  # what operations share is told of once
    before, after = set(was.get("headers", {})), set(now.get("headers", {}))
    for header in sorted(before ^ after):
        done = "added" if header in after else "removed"
        yield at.minor(f"header {header} {done}", "callers may look at it")
    yield from _contents(was.get("content", {}), now.get("content", {}), at)


def _callbacks(was: Mapping[str, Any], now: Mapping[str, Any], at: At) -> Iterator[Change]:
    for name in {**was, **now}:
        if name not in now:
            yield at.major(f"callback {name} removed", "who waits for it is not called")
        elif name not in was:
            yield at.minor(f"callback {name} added", "the gateway can call back")
        else:
            yield from _calls(was[name], now[name], at)


def _calls(was: Schema, now: Schema, at: At) -> Iterator[Change]:
    if set(was) != set(now):
        what = f"called at {', '.join(now)}, not {', '.join(was)}"
        yield at.major(what, "who waits for it is not called")
    inner = At(f"{at.place}.callback", Side.ANSWERED, at.old, at.new)
    for where in was.keys() & now.keys():
        before = was[where]["post"]["requestBody"]["content"]
        yield from _contents(before, now[where]["post"]["requestBody"]["content"], inner)
