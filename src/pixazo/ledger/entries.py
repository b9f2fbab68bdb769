"""What the ledger knows of one job, as a frozen value."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pixazo.errors import Charged, LedgerMoveRefused
from pixazo.ledger.amounts import usd
from pixazo.ledger.moves import State

COLUMNS: Final = (
    "key, model_id, request.json, body_sha256, state, attempt, owner, run, request_id, base_url,"
    " price_micros, charged, callback, created_at, updated_at, sent_at, completed_at, elapsed_s,"
    " media, answer, files, error, note"
)
_LONGEST_TEXT: Final = 4_000
SELECT: Final = f"select {COLUMNS} from job join request using (key)"  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One job as the ledger knows it.

    Args:
        key: The job's own key, chosen before anything was sent.
        model_id: The model.
        request_json: The request as JSON text: its `to_dict()`.
        body_sha256: Hash of the wire body, in hex.
        state: Where the job stands.
        attempt: How often it was sent.
        owner: Number of the process that works on it, if one does.
        run: The client, command or batch that it belongs to.
        request_id: The gateway's id.
        base_url: Origin of the gateway it was sent to.
        price_usd: What one attempt costs; None when nobody knows.
        charged: Whether it was charged, all attempts together.
        callback: The token in the callback's path.
        created_at: When the intent was written, in seconds since 1970; so are all times.
        updated_at: When it moved last.
        sent_at: When the last attempt started.
        completed_at: When the gateway finished it.
        elapsed_s: Seconds that the gateway took.
        media: Addresses of the media.
        answer_json: The gateway's last answer as JSON text.
        files: Names of the files that were saved.
        error: What went wrong last.
        note: A person's or program's remark.
    """

    key: str
    model_id: str
    request_json: str
    body_sha256: str
    state: State
    attempt: int
    owner: int | None
    run: str
    request_id: str | None
    base_url: str
    price_usd: Decimal | None
    charged: Charged
    callback: str | None
    created_at: float
    updated_at: float
    sent_at: float | None
    completed_at: float | None
    elapsed_s: float | None
    media: tuple[str, ...]
    answer_json: str | None
    files: tuple[str, ...]
    error: str | None
    note: str | None

    @property
    def request(self) -> Mapping[str, Any]:
        """The request as a mapping: `model` and the parameters that were given."""
        request: Mapping[str, Any] = json.loads(self.request_json)
        return request

    @property
    def answer(self) -> Any:
        """The gateway's last answer as a JSON value; None when there was none."""
        return None if self.answer_json is None else json.loads(self.answer_json)


def entry_of(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row selected with `SELECT`."""
    (*known, price, charged, callback) = row[:13]
    key, model_id, request, sha256, state, attempt, owner, run, request_id, base_url = known
    created, updated, sent, completed, elapsed, media, answer, files, error, note = row[13:]
    return Entry(
        key=key,
        model_id=model_id,
        request_json=request,
        body_sha256=sha256,
        state=state,
        attempt=attempt,
        owner=owner,
        run=run,
        request_id=request_id,
        base_url=base_url,
        price_usd=None if price is None else usd(price),
        charged=charged,
        callback=callback,
        created_at=created,
        updated_at=updated,
        sent_at=sent,
        completed_at=completed,
        elapsed_s=elapsed,
        media=tuple(json.loads(media)) if media else (),
        answer_json=answer,
        files=tuple(json.loads(files)) if files else (),
        error=error,
        note=note,
    )


def find(connection: sqlite3.Connection, key: str) -> Entry | None:
    """Return the entry of a key."""
    row = connection.execute(f"{SELECT} where key = ?", (key,)).fetchone()
    return None if row is None else entry_of(row)


def existing(connection: sqlite3.Connection, key: str) -> Entry:
    """Return the entry of a key that has to be there.

    Raises:
        LedgerMoveRefused: The ledger has no such job.
    """
    entry = find(connection, key)
    if entry is None:
        raise LedgerMoveRefused(
            f"the ledger has no job {key}", hint="List what it has with: pixazo jobs."
        )
    return entry


def storable(text: str | None) -> str | None:
    """Return a text that the database can hold, cut to a sensible length."""
    return None if text is None else text[:_LONGEST_TEXT].encode("utf-8", "replace").decode()
