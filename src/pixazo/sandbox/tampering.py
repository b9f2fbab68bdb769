"""Faults made real: what a client gets to see instead of, or around, the good answer."""

from __future__ import annotations

import http
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate

from pixazo.sandbox.faults import Hit
from pixazo.sandbox.replies import Reply, json_reply
from pixazo.sandbox.types import Json

__all__ = ["INSTEAD", "cut_short", "html_page", "proxy_error", "tamper"]

INSTEAD = frozenset(
    {
        "401", "402", "403", "404", "429", "500", "502", "503", "504",
        "disabled-model", "lost-answer", "reset", "hang", "redirect",
    }
)  # fmt: skip
"""Faults that come instead of the good answer; the others change it."""

CUTS = {"lost-answer": "close", "reset": "reset", "hang": "hang"}
DRIP_S = 5.0


def cut_short(hit: Hit) -> Reply | None:
    """The reply that breaks the connection, when `hit` asks for that."""
    return Reply(0, cut=CUTS[hit.fault]) if hit.fault in CUTS else None


def html_page(status: int, title: str, headers: dict[str, str] | None = None) -> Reply:
    """A page as a proxy or an error handler writes it."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(status, page.encode(), "text/html; charset=utf-8", headers or {})


def proxy_error(status: int) -> Reply:
    """502, 503 or 504 as a proxy in front of the gateway answers."""
    return html_page(status, f"{status} {http.HTTPStatus(status).phrase}")


def retry_after(value: str) -> dict[str, str]:
    """The Retry-After header for the value of a 429: seconds, or a date two seconds ahead."""
    if not value:
        return {}
    if value == "date":
        return {"Retry-After": formatdate(time.time() + 2, usegmt=True)}
    return {"Retry-After": value}


def tamper(reply: Reply, hits: list[Hit], *, canary: str) -> Reply:
    """`reply` after every fault that changes an answer.

    Args:
        reply: the good answer.
        hits: what goes wrong; faults that change no answer are passed over.
        canary: an address on another origin, which notes who brings a key.
    """
    for hit in hits:
        if hit.fault in BODIES:
            reply = _with_body(reply, BODIES[hit.fault])
        elif hit.fault == "foreign-polling-url":
            reply = _with_body(reply, lambda body: _foreign(body, canary))
        elif hit.fault == "slow-drip":
            reply = replace(reply, pace_s=float(hit.value or DRIP_S))
        elif hit.fault == "html-body":
            reply = html_page(reply.status, "Please wait")
        elif hit.fault == "empty-body":
            reply = replace(reply, body=b"")
        elif hit.fault == "broken-json":
            reply = replace(reply, body=reply.body[: len(reply.body) // 2])
    return reply


Body = dict[str, Json]


def _with_body(reply: Reply, change: Callable[[Body], Body]) -> Reply:
    try:
        body = json.loads(reply.body)
    except ValueError:  # another fault has been at it
        return reply
    return json_reply(reply.status, change(body), reply.headers)


def _wrong_types(body: Body) -> Body:
    """Lists and objects become texts, numbers and nulls lists; id and status stay readable."""
    return {n: v if n in ("request_id", "status") else _mistyped(v) for n, v in body.items()}


def _mistyped(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _mistyped(inner) for name, inner in value.items()}
    return "list" if isinstance(value, list) else [value]


def _odd_case(body: Body) -> Body:
    return {**body, "status": str(body.get("status", "")).lower()}


def _extra(body: Body) -> Body:
    return {**body, "queue_position": 3, "sandbox": {"extra": True}}


def _no_id(body: Body) -> Body:
    return {n: v for n, v in body.items() if n not in ("request_id", "polling_url")}


def _foreign(body: Body, canary: str) -> Body:
    return {**body, "polling_url": f"{canary}/status/{body.get('request_id')}"}


BODIES: Mapping[str, Callable[[Body], Body]] = {
    "wrong-types": _wrong_types,
    "odd-case": _odd_case,
    "extra-fields": _extra,
    "no-id": _no_id,
}
