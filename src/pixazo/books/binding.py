"""Whose job a callback speaks of, when the answer to the submission was lost.

The token in a callback's path proves which of our jobs is meant. The request id in its body proves
nothing, so it is bound only to a job whose outcome is unknown, and only when what the gateway says
of that id, asked with the key, fits: the same model, taken when the request was sent, and no other
job of the ledger has the id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from pixazo_openapi.catalogue import MODELS

from pixazo.answers import Status
from pixazo.ledger import Entry

__all__ = ["misfit"]

SKEW_S: Final = 120.0
"""How far the gateway's clock and ours may be apart, in seconds; our choice."""


def misfit(status: Status, meant: Sequence[Entry], *, holder: Entry | None, origin: str) -> str:
    """Return why a claimed request id is not that of a job whose answer was lost; empty if it is.

    Args:
        status: What the gateway says of the id, fetched with the key.
        meant: The ledger's jobs that the callback's token stands for.
        holder: The ledger's job that has the id already, if one has.
        origin: Scheme, host and port of the gateway that was asked.
    """
    if len(meant) != 1:
        return f"{len(meant)} jobs of the ledger have this callback address"
    (entry,) = meant
    if entry.state != "unknown":
        return f"the job is {entry.state}, its outcome is not in doubt"
    if holder is not None:
        return f"the id belongs to the job {holder.key}"
    if _named(status) not in (None, status.request_id):
        return "the gateway's answer names another id"
    if entry.base_url not in ("", origin):
        return f"the job was sent to {entry.base_url}, not to {origin}"
    if status.model_id != entry.model_id:
        return f"the id is of {status.model_id or 'an unknown model'}, the job of {entry.model_id}"
    return _untimely(status, entry)


def _named(status: Status) -> object:
    raw: object = status.raw
    return cast("dict[str, object]", raw).get("request_id") if isinstance(raw, dict) else None


def _untimely(status: Status, entry: Entry) -> str:
    if status.created_at is None or entry.sent_at is None:
        return "nobody says when it was taken"
    model = MODELS.get(entry.model_id)
    late_s = status.created_at.timestamp() - entry.sent_at
    if -SKEW_S <= late_s <= (model.timeout_s if model else 0.0) + SKEW_S:
        return ""
    when = "after" if late_s > 0 else "before"
    return f"the gateway took it {abs(late_s):.0f} s {when} the request was sent"
