"""Words to write mutants in: where something is changed, and what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tests.mutants.kit.call import Answer, Call, refusal
from tests.mutants.kit.mutant import Ask, Change, ToldToo

__all__ = [
    "MISSING",
    "Edit",
    "add",
    "asks",
    "at",
    "both",
    "direct",
    "drop",
    "errors",
    "every",
    "put",
    "receipt",
    "refuse",
    "rename",
    "status",
    "take",
]

Edit = Callable[[Call, Any], Any]
Wanted = Callable[[Any], bool]

MISSING: Any = object()
"""Nothing stands there."""


def put(pointer: str, value: Any) -> Edit:
    """Put a value at a place that exists; a function gets the old one."""

    def edit(_: Call, body: Any) -> Any:
        target, name = _parent(body, pointer)
        if target is not None and _has(target, name):
            target[name] = value(target[name]) if callable(value) else value
        return body

    return edit


def add(pointer: str, value: Any) -> Edit:
    """Put a value at a place of an object, whether it exists or not."""

    def edit(_: Call, body: Any) -> Any:
        target, name = _parent(body, pointer)
        if isinstance(target, dict):
            target[name] = value
        return body

    return edit


def drop(pointer: str) -> Edit:
    """Leave something out."""

    def edit(_: Call, body: Any) -> Any:
        target, name = _parent(body, pointer)
        if target is not None and _has(target, name):
            del target[name]
        return body

    return edit


def rename(pointer: str, name: str) -> Edit:
    """Give a field another name."""

    def edit(_: Call, body: Any) -> Any:
        target, old = _parent(body, pointer)
        if isinstance(target, dict) and old in target:
            target[name] = target.pop(old)
        return body

    return edit


def receipt(*edits: Edit, model: str = "") -> Change:
    """Change the answer to a queued submission."""

    def fits(call: Call, answer: Answer) -> bool:
        return answer.status == 202 and model in ("", call.model_id)

    return _changed(fits, edits)


def direct(*edits: Edit, model: str = "") -> Change:
    """Change the answer of a direct model."""

    def fits(call: Call, answer: Answer) -> bool:
        made = call.model is not None and call.model.mode == "direct"
        return made and answer.status == 200 and model in ("", call.model_id)

    return _changed(fits, edits)


def status(*edits: Edit, words: Collection[str] = (), model: str = "") -> Change:
    """Change the status answer, for some states or one model only."""

    def fits(call: Call, answer: Answer) -> bool:
        if not call.asks_status or answer.status != 200:
            return False
        ours = not model or call.request_id.startswith(f"{model}_")
        return ours and (not words or answer.word in words)

    return ToldToo(_changed(fits, edits))


def errors(*codes: int, edits: Collection[Edit] = (), code: int = 0) -> Change:
    """Change error answers: their body, or their status code."""

    def change(call: Call, answer: Answer) -> Answer | None:
        if answer.status not in codes:
            return None
        body = answer.json
        for edit in edits:
            body = edit(call, body)
        if edits:
            answer.json = body
        answer.status = code or answer.status
        return answer

    return change


def every(*edits: Edit) -> Change:
    """Change every JSON answer."""
    return _changed(lambda _, answer: answer.json is not None, edits)


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(call: Call, answer: Answer) -> Answer | None:
        for each in changes:
            answer = each(call, answer) or answer
        return answer

    return ToldToo(change) if any(isinstance(each, ToldToo) for each in changes) else change


def refuse(model: str, pointer: str, wanted: Wanted) -> Ask:
    """Refuse what the documents allow: a 400 when the value at a place fits."""

    def ask(call: Call) -> Answer | None:
        if model in ("", call.model_id) and call.model and wanted(at(call.json, pointer)):
            return refusal(400, "Bad Request", f"{pointer.rpartition('/')[2]} is not allowed")
        return None

    return ask


def take(model: str, pointer: str, wanted: Wanted, instead: Any = MISSING) -> Ask:
    """Take what the documents forbid: another value, or none, goes in for one that fits."""

    def ask(call: Call) -> Answer | None:
        if model not in ("", call.model_id) or not call.model or not wanted(at(call.json, pointer)):
            return None
        body = call.json
        if instead is MISSING:
            drop(pointer)(call, body)
        else:
            add(pointer, instead(at(body, pointer)) if callable(instead) else instead)(call, body)
        call.json = body
        return None

    return ask


def asks(*steps: Ask) -> Ask:
    """One after the other, until one answers."""

    def ask(call: Call) -> Answer | None:
        return next((answer for step in steps if (answer := step(call)) is not None), None)

    return ask


def at(value: Any, pointer: str) -> Any:
    """What stands at a pointer, or `MISSING`."""
    for token in pointer.split("/")[1:]:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
        else:
            return MISSING
    return value


def _changed(fits: Callable[[Call, Answer], bool], edits: Collection[Edit]) -> Change:
    def change(call: Call, answer: Answer) -> Answer | None:
        if not fits(call, answer):
            return None
        body = answer.json
        for edit in edits:
            body = edit(call, body)
        answer.json = body
        return answer

    return change


def _parent(body: Any, pointer: str) -> tuple[Any, Any]:
    """The object or list that holds a place, and its name or number in it."""
    head, _, name = pointer.rpartition("/")
    target = at(body, head)
    if isinstance(target, list):
        return (target, int(name)) if name.isdigit() else (None, name)
    return (target, name) if isinstance(target, dict) else (None, name)


def _has(target: Any, name: Any) -> bool:
    return name in target if isinstance(target, dict) else name < len(target)
