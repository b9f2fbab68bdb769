"""Two versions of `x-pixazo`: prices, waiting, media, callbacks; no other tool sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from changes.findings import Change, Level, shown

__all__ = ["compare"]

Facts = Mapping[str, Any]
Rule = Callable[[str, Any, Any], Iterator[Change]]


def compare(place: str, old: Facts, new: Facts) -> Iterator[Change]:
    """Yield what changed in the extension of one operation, or of the document.

    Args:
        place: The model or operation.
        old: What stood there.
        new: What stands there now.
    """
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        if was != now:
            yield from _RULES.get(key, _unknown(key))(place, was, now)


def _unknown(key: str) -> Rule:
    def rule(place: str, was: Any, now: Any) -> Iterator[Change]:
        reason = "no rule knows this fact; judge it by hand and add a rule"
        yield Change(Level.MAJOR, place, f"{key} {shown(was)} → {shown(now)}", reason)

    return rule


def _always(level: Level, key: str, reason: str, *, told: bool = True) -> Rule:
    def rule(place: str, was: Any, now: Any) -> Iterator[Change]:
        yield Change(level, place, f"{key} {shown(was)} → {shown(now)}", reason, told)

    return rule


def _silent(key: str) -> Rule:
    def rule(place: str, _was: Any, _now: Any) -> Iterator[Change]:
        yield Change(Level.PATCH, place, f"{key} changed", "callers do not see it", told=False)

    return rule


def _price(place: str, was: Facts | None, now: Facts | None) -> Iterator[Change]:
    was, now = was or {}, now or {}
    old, new = was.get("usd"), now.get("usd")
    per, per_now = was.get("per"), now.get("per")
    what = f"price {_dollars(old)} → {_dollars(new)}"
    if per != per_now:
        what = f"price {_dollars(old)} per {per} → {_dollars(new)} per {per_now}"
        yield Change(Level.MAJOR, place, what, "budgets rest on it")
    elif new is None and old is not None:
        reason = "under a spend limit the model is refused"
        yield Change(Level.MAJOR, place, what, reason)
    elif old is None and new is not None:
        yield Change(Level.MINOR, place, what, "estimates and spend limits know it now")
    elif (more := Decimal(new or 0) - Decimal(old or 0)) > 0:
        yield Change(Level.MAJOR, place, what, "the same calls cost more")
    elif more < 0:
        yield Change(Level.MINOR, place, what, "the same calls cost less")
    else:
        yield from _silent("price's source")(place, was, now)


def _dollars(usd: str | None) -> str:
    return "unknown" if usd is None else f"${usd}"


def _waiting(place: str, was: Facts | None, now: Facts | None) -> Iterator[Change]:
    was, now = was or {}, now or {}
    for key in [*was, *(key for key in now if key not in was)]:
        old, new = was.get(key), now.get(key)
        what = f"waiting: {key} {shown(old)} → {shown(new)}"
        if old == new:
            continue
        if key == "deadline_s" and old is not None and (new is None or new < old):
            yield Change(Level.MINOR, place, what, "waiting gives up earlier; the job goes on")
        elif key == "rulings":
            yield from _silent("waiting's rulings")(place, old, new)
        else:
            yield Change(Level.PATCH, place, what, "the same result, at another pace")


def _media(place: str, was: Facts | None, now: Facts | None) -> Iterator[Change]:
    was, now = was or {}, now or {}
    if was.get("kind") != now.get("kind"):
        what = f"media kind {shown(was.get('kind'))} → {shown(now.get('kind'))}"
        yield Change(Level.MAJOR, place, what, "results are something else")
    old, new = was.get("pointers", []), now.get("pointers", [])
    for pointer in (pointer for pointer in old if pointer not in new):
        reason = "answers of that shape deliver nothing"
        yield Change(Level.MAJOR, place, f"media no longer at {pointer}", reason)
    for pointer in (pointer for pointer in new if pointer not in old):
        reason = "answers of that shape deliver"
        yield Change(Level.MINOR, place, f"media also at {pointer}", reason)
    if was.get("rulings") != now.get("rulings"):
        yield from _silent("media's rulings")(place, was, now)


def _webhook(place: str, was: Facts | None, now: Facts | None) -> Iterator[Change]:
    was, now = was or {}, now or {}
    for key in ("header", "body_field", "filter_field"):
        old, new = was.get(key), now.get(key)
        what = f"webhook {key} {shown(old)} → {shown(new)}"
        if old is None and new is not None:
            yield Change(Level.MINOR, place, what, "another way to be called back")
        elif old != new:
            yield Change(Level.MAJOR, place, what, "who relies on it is not called back")
    rest = ("header", "body_field", "filter_field")
    if any(was.get(key) != now.get(key) for key in (was.keys() | now.keys()) - set(rest)):
        yield from _silent("webhook's source")(place, was, now)


def _arguments(place: str, was: Facts | None, now: Facts | None) -> Iterator[Change]:
    was, now = was or {}, now or {}
    for name in [*was, *(name for name in now if name not in was)]:
        inner = f"{place}.{name}"
        if name not in now:
            yield Change(Level.MAJOR, inner, "argument removed", "callers cannot give it any more")
        elif name not in was:
            yield Change(Level.MINOR, inner, "argument added", "there is more to say")
        elif was[name] != now[name]:
            what = f"sent at {now[name]}, not {was[name]}"
            yield Change(Level.PATCH, inner, what, "callers give it as before")


def _states(place: str, was: Facts | None, now: Facts | None) -> Iterator[Change]:
    was, now = was or {}, now or {}
    for word in [*was, *(word for word in now if word not in was)]:
        old, new = was.get(word), now.get(word)
        inner = f"{place}.{word}"
        if new is None:
            yield Change(Level.MAJOR, inner, "word removed", "callers may wait for it")
        elif old is None:
            yield Change(Level.MINOR, inner, f"word added: {new}", "callers may meet it")
        elif old != new:
            yield Change(Level.MAJOR, inner, f"means {new}, not {old}", "jobs end otherwise")


_RULES: Mapping[str, Rule] = {
    "price": _price,
    "waiting": _waiting,
    "media": _media,
    "webhook": _webhook,
    "arguments": _arguments,
    "states": _states,
    "model": _always(Level.MAJOR, "model id", "tokens, files and command lines name it"),
    "class": _always(Level.MAJOR, "class", "callers import it"),
    "mode": _always(Level.MAJOR, "mode", "submit and generate change places"),
    "moves": _always(Level.MINOR, "moves", "jobs may go another way", told=False),
    "invariants": _always(Level.MINOR, "invariants", "answers promise otherwise", told=False),
    "timeout_s": _always(Level.PATCH, "timeout_s", "patience of one call"),
    "render": _silent("render"),
    "sizes": _silent("sizes"),
    "codes": _silent("codes"),
    "source": _silent("source"),
    "rulings": _silent("rulings"),
    "covers": _silent("covers"),
    "documents": _silent("documents"),
}
