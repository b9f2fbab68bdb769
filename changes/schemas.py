"""Two versions of a schema: what it lets through that it did not, and the other way round.

Everything depends on the side. What callers send must not be held to more than before; what they
get must not be more than they are prepared for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, cast

from changes.findings import Change, Level, shown

__all__ = ["At", "Schema", "Side", "compare", "resolved"]

Schema = Mapping[str, Any]
Direction = Literal["tighter", "looser", "other"]

_EVERYTHING = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TEXTS = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")
_WORDS = ("description", "title", "example", "examples", "summary", "$comment")
_ARMS = ("anyOf", "oneOf")
_KNOWN = {
    *(*_LOWER, *_UPPER, *_TEXTS, *_WORDS, *_ARMS),
    *("type", "enum", "const", "default", "deprecated", "x-pixazo"),
    *("properties", "required", "additionalProperties", "items"),
}  # fmt: skip


class Side(Enum):
    """Who has to live with a schema: callers send what is ASKED and get what is ANSWERED."""

    ASKED = "asked"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class At:
    """Where a comparison stands.

    Args:
        place: As callers call it.
        side: Who has to live with it.
        old: The whole former document.
        new: The whole present document.
        seen: Components on the way here, so that a schema may hold itself.
    """

    place: str
    side: Side
    old: Schema
    new: Schema
    seen: frozenset[tuple[str, str]] = frozenset()

    def inner(self, name: str) -> At:
        """Return the place of a property, or of the items."""
        return replace(self, place=self.place + ("[]" if name == "[]" else f".{name}"))

    def changed(self, direction: Direction, what: str, *, grave: bool = False) -> Change:
        """Return a change of what is let through.

        Args:
            direction: Whether less, more or something else than before is let through.
            what: The change in words.
            grave: Whether callers who get more than before are likely to stumble.
        """
        if self.side is Side.ASKED:
            if direction == "looser":
                return self.minor(what, "more requests are accepted")
            return self.major(what, "requests that were fine may be refused")
        if direction == "looser" and grave:
            return self.major(what, "answers may lack or hold what callers do not expect")
        return self.minor(
            what, "answers may hold more" if direction == "looser" else "answers promise more"
        )

    def major(self, what: str, reason: str) -> Change:
        """Return a change that may break somebody."""
        return Change(Level.MAJOR, self.place, what, reason)

    def minor(self, what: str, reason: str) -> Change:
        """Return a change that breaks nobody."""
        return Change(Level.MINOR, self.place, what, reason)

    def patch(self, what: str, reason: str, *, told: bool = True) -> Change:
        """Return a change that nobody has to know."""
        return Change(Level.PATCH, self.place, what, reason, told)


def resolved(root: Schema, schema: Schema) -> tuple[str, Schema]:
    """Return the component's name, if it has one, and the schema with `$ref` and `allOf` put in."""
    name = ""
    while "$ref" in schema:
        found: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        name = str(schema["$ref"]).rpartition("/")[2]
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for arm in schema["allOf"]:
            merged |= resolved(root, arm)[1]
        schema = merged | {key: value for key, value in schema.items() if key != "allOf"}
    return name, schema


def compare(before: Schema, after: Schema, at: At) -> Iterator[Change]:
    """Yield what changed from one schema to the other, references followed on both sides."""
    old_name, old = resolved(at.old, before)
    new_name, new = resolved(at.new, after)
    if new_name:
        if (old_name, new_name) in at.seen:
            return
        named = new_name if at.side is Side.ANSWERED else at.place  # one component, one change
        at = replace(at, place=named, seen=at.seen | {(old_name, new_name)})
    yield from _values(old, new, at)
    yield from _bounds(old, new, at)
    yield from _defaults(old, new, at)
    yield from _properties(old, new, at)
    yield from _insides(old, new, at)
    yield from _remarks(old, new, at)


def _values(old: Schema, new: Schema, at: At) -> Iterator[Change]:
    yield from _set("type", _types(old), _types(new), at, grave=True)
    was, now = _words(old), _words(new)
    if was is not None and now is not None:
        yield from _set("value", was, now, at)
    elif was != now:
        direction: Direction = "looser" if now is None else "tighter"
        what = f"values {shown(_listed(was))} → {shown(_listed(now))}"
        yield at.changed(direction, what.replace("none", "anything"))


def _set(
    kind: str, old: frozenset[str], new: frozenset[str], at: At, *, grave: bool = False
) -> Iterator[Change]:
    if gone := old - new:
        yield at.changed("tighter", f"{kind} {', '.join(sorted(gone))} removed")
    if come := new - old:
        yield at.changed("looser", f"{kind} {', '.join(sorted(come))} added", grave=grave)


def _types(schema: Schema) -> frozenset[str]:
    said = schema.get("type")
    if said is None:
        return _EVERYTHING
    found = {said} if isinstance(said, str) else set(cast("Iterable[str]", said))
    return frozenset(found | ({"integer"} if "number" in found else set()))


def _words(schema: Schema) -> frozenset[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else frozenset(shown(value) for value in values)


def _listed(words: frozenset[str] | None) -> str | None:
    return None if words is None else ", ".join(sorted(words))


def _bounds(old: Schema, new: Schema, at: At) -> Iterator[Change]:
    for key in (*_LOWER, *_UPPER, *_TEXTS):
        was, now = old.get(key), new.get(key)
        if was != now:
            direction = _direction(key, was, now)
            yield at.changed(direction, f"{key} {shown(was)} → {shown(now)}")


def _direction(key: str, was: Any, now: Any) -> Direction:
    if now is None or now is False:
        return "looser"
    if was is None or was is False:
        return "tighter"
    if key in _TEXTS:
        return "other"
    return "tighter" if (now > was) == (key in _LOWER) else "looser"


def _defaults(old: Schema, new: Schema, at: At) -> Iterator[Change]:
    was, now = old.get("default"), new.get("default")
    if was == now and ("default" in old) == ("default" in new):
        return
    what = f"default {shown(was)} → {shown(now)}"
    if at.side is Side.ANSWERED:
        yield at.patch(what, "answers are what they are")
    elif "default" not in old:
        yield at.patch(what, "the gateway's default is known now")
    else:
        yield at.major(what, "who leaves it out gets something else")


def _properties(old: Schema, new: Schema, at: At) -> Iterator[Change]:
    was, now = old.get("properties", {}), new.get("properties", {})
    must, must_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in was | now:
        inner = at.inner(name)
        if name not in now:
            yield inner.major("removed", "who uses it can do so no more")
        elif name not in was:
            yield _added(inner, required=name in must_now)
        else:
            yield from _required(inner, was=name in must, now=name in must_now)
            yield from compare(was[name], now[name], inner)
    for name in sorted((must ^ must_now) - set(was | now)):
        yield from _required(at.inner(name), was=name in must, now=name in must_now)


def _added(at: At, *, required: bool) -> Change:
    if at.side is Side.ANSWERED:
        return at.minor("added", "answers hold more")
    if required:
        return at.major("added, required", "requests without it are refused")
    return at.minor("added", "there is more to say")


def _required(at: At, *, was: bool, now: bool) -> Iterator[Change]:
    if now and not was:
        yield at.changed("tighter", "optional → required")
    elif was and not now:
        yield at.changed("looser", "required → optional", grave=True)


def _insides(old: Schema, new: Schema, at: At) -> Iterator[Change]:
    closed, closed_now = (schema.get("additionalProperties") is False for schema in (old, new))
    if closed != closed_now:
        what = "fields that are not named: " + ("not accepted" if closed_now else "accepted")
        yield at.changed("tighter" if closed_now else "looser", what)
    if "items" in old and "items" in new:
        yield from compare(old["items"], new["items"], at.inner("[]"))
    elif ("items" in old) != ("items" in new):
        yield at.changed("tighter" if "items" in new else "looser", "what the items are")
    for key in _ARMS:
        yield from _arms(_keyed(old.get(key, ())), _keyed(new.get(key, ())), at)


def _arms(old: dict[str, Schema], new: dict[str, Schema], at: At) -> Iterator[Change]:
    if not old and new:
        yield at.changed("tighter", f"one of {', '.join(new)} now")
    elif old and not new:
        yield at.changed("looser", f"no longer one of {', '.join(old)}", grave=True)
    else:
        yield from _set("form", frozenset(old), frozenset(new), at, grave=True)
        for key in old.keys() & new.keys():
            yield from compare(old[key], new[key], at)


def _keyed(arms: Iterable[Schema]) -> dict[str, Schema]:
    """Return arms by what tells them apart: a component's name, or else their types."""
    keyed: dict[str, Schema] = {}
    for arm in arms:
        name = str(arm.get("$ref", "")).rpartition("/")[2] or " or ".join(sorted(_types(arm)))
        keyed[name if name not in keyed else f"{name} {len(keyed)}"] = arm
    return keyed


def _remarks(old: Schema, new: Schema, at: At) -> Iterator[Change]:
    if not old.get("deprecated") and new.get("deprecated"):
        yield at.minor("deprecated", "it will go one day")
    was, now = old.get("x-pixazo", {}), new.get("x-pixazo", {})
    if was.get("inline", False) != now.get("inline", False):
        direction: Direction = "looser" if now.get("inline") else "tighter"
        told = "accepted" if now.get("inline") else "not accepted"
        yield at.changed(direction, f"files and bytes: {told}")
    if any(old.get(key) != new.get(key) for key in _WORDS) or was != now:
        yield at.patch("words or sources", "nothing else changed there", told=False)
    for key in sorted((old.keys() | new.keys()) - _KNOWN):
        if old.get(key) != new.get(key):
            what = f"{key} {shown(old.get(key))} → {shown(new.get(key))}"
            yield at.major(what, "no rule knows this keyword; judge it by hand and add a rule")
