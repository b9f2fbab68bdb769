"""The first row of a job: what is wanted, written down before anything is sent."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict, Unpack

from pixazo.errors import LedgerMoveRefused
from pixazo.ledger.amounts import micros
from pixazo.ledger.entries import Entry, existing, storable
from pixazo.settings import origin_of

if TYPE_CHECKING:  # the ledger only asks it; who makes one has imported it
    from pixazo_openapi.request import Request


class IntentFacts(TypedDict, total=False):
    """What may be written down with an intent.

    Args:
        key: The job's own key; a batch derives it from its line. Made up when left out.
        price_usd: What one attempt costs; None when nobody knows.
        base_url: The gateway; only its origin is kept.
        run: The client, command or batch that it belongs to.
        callback: The token in the callback's path.
        note: A remark.
    """

    key: str
    price_usd: Decimal | None
    base_url: str
    run: str
    callback: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A request as it will be written down: encoded by the caller's thread, not the writer's."""

    key: str
    model_id: str
    request_json: str
    body_sha256: str
    price: int | None
    base_url: str
    run: str
    callback: str | None
    note: str | None


def intent_of(request: Request, **facts: Unpack[IntentFacts]) -> Intent:
    """Return the intent of a request.

    Raises:
        InvalidConfiguration: The price cannot be kept exactly.
    """
    price_usd = facts.get("price_usd")
    body = json.dumps([request.model_id, request.to_body()], sort_keys=True, separators=(",", ":"))
    return Intent(
        key=facts.get("key") or os.urandom(16).hex(),
        model_id=request.model_id,
        request_json=json.dumps(request.to_dict(), separators=(",", ":")),
        body_sha256=hashlib.sha256(body.encode()).hexdigest(),
        price=None if price_usd is None else micros(price_usd),
        base_url=origin_of(facts.get("base_url", "")),
        run=facts.get("run", ""),
        callback=facts.get("callback"),
        note=storable(facts.get("note")),
    )


def intend(connection: sqlite3.Connection, intent: Intent, owner: int, now: float) -> Entry:
    """Write an intent down unless its key is there; return the entry as it stands.

    Raises:
        LedgerMoveRefused: The key belongs to a different request.
    """
    added = connection.execute(
        "insert into job(key, model_id, body_sha256, state, owner, run, base_url, price_micros,"
        " callback, note, created_at, updated_at)"
        " values (?, ?, ?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?) on conflict(key) do nothing",
        (
            intent.key,
            intent.model_id,
            intent.body_sha256,
            owner,
            intent.run or f"process {owner}",
            intent.base_url,
            intent.price,
            intent.callback,
            intent.note,
            now,
            now,
        ),
    )
    if added.rowcount:
        connection.execute(
            "insert into request(key, json) values (?, ?)", (intent.key, intent.request_json)
        )
    entry = existing(connection, intent.key)
    if entry.body_sha256 != intent.body_sha256:
        raise LedgerMoveRefused(
            f"the key {intent.key} belongs to a different request of {entry.model_id}",
            hint="Give each request a key of its own, or none.",
        )
    return entry
