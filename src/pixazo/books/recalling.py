"""From what a ledger knows of a job back to what the client gives: a ticket, a result, an error."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pixazo_openapi.catalogue import MODELS

from pixazo.answers import read_status
from pixazo.ends import delivered
from pixazo.errors import JobFailed, OutcomeUnknown, PixazoError, RequestRefused
from pixazo.ledger import Entry, Facts, State
from pixazo.plans import Plans
from pixazo.refusals import refusal
from pixazo.results import Result
from pixazo.retries import Stake
from pixazo.steps import Reply
from pixazo.tickets import Ticket

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["advise", "again", "result_of", "ticket_of", "way_out"]

NEW_KEY = "The ledger keeps this outcome for the key; a new key is a new job."


def ticket_of(entry: Entry, plans: Plans, request: Request | None = None) -> Ticket:
    """Return the ticket of a job that was accepted; the end is in it when the ledger knows it.

    Args:
        entry: A job with a request id.
        plans: The client's plans.
        request: What was asked.
    """
    request_id = entry.request_id or ""
    status = read_status(_reply(200, entry.answer), request_id) if entry.answer else None
    if status is not None and entry.elapsed_s is not None:
        status = replace(status, elapsed_s=entry.elapsed_s)
    known = status if status is not None and status.done and not status.lacks_media else None
    return Ticket(
        request_id,
        entry.model_id,
        plans.gateway.url,
        submitted_s=entry.sent_at,
        request=request,
        status=known,
        recalled=True,
    )


def result_of(entry: Entry, plans: Plans, request: Request) -> Result:
    """Return what a direct model delivered.

    Raises:
        NothingToDeliver: Its answer names no media.
    """
    return delivered(
        request,
        _reply(MODELS[entry.model_id].success_status, entry.answer),
        request_id=entry.request_id or "",
        elapsed_s=entry.elapsed_s or 0.0,
        gateway=plans.gateway,
        clock=plans.clock,
    )


def again(entry: Entry) -> PixazoError:
    """Return the error of a job that ended badly before, with the way out of it."""
    if entry.state == "unknown":
        stake = Stake(entry.model_id, entry.price_usd, entry.key)
        lost = stake.unknown(entry.error or "nobody has seen the answer")
        advise(lost, entry.key)
        return lost
    if entry.state == "rejected":
        return _refused(entry)
    return JobFailed(
        f"the job {entry.key} of {entry.model_id} was given up: {entry.error or 'no reason kept'}",
        hint=NEW_KEY,
        charged=entry.charged,
        request_id=entry.request_id,
    )


def advise(error: OutcomeUnknown, key: str) -> None:
    """Put the commands that decide about the job onto the error."""
    money = Stake(error.model_id, error.amount_usd, key).money
    error.hint = (
        f"It is not sent again by itself: {money} may be charged. Look at the account's usage, then"
        f" decide: pixazo jobs unknown --resend {key}, or --abandon {key}"
    )


def way_out(error: PixazoError) -> tuple[State, Facts]:
    """Return where a job goes after an error of its sending, and what is to be written down."""
    facts: Facts = {"error": error.message}
    if isinstance(error, OutcomeUnknown):
        return "unknown", {"error": error.reason, "answer": error.raw}
    if not isinstance(error, RequestRefused):  # unreachable, or failed without accepting
        return "intent", facts
    if error.charged != "no":  # the work may be done and the answer elsewhere
        return "unknown", facts
    if error.status_code < 400 or error.status_code in (401, 402, 403, 429):
        return "intent", facts  # nothing is wrong with the request
    return "rejected", {
        **facts,
        "answer": {"status_code": error.status_code, "body": error.body},
    }


def _refused(entry: Entry) -> PixazoError:
    kept: dict[str, Any] = entry.answer or {}
    code = kept.get("status_code")
    reply = _reply(code if isinstance(code, int) else 400, kept.get("body"))
    error = refusal(reply, entry.model_id)
    error.hint = NEW_KEY
    return error


def _reply(status_code: int, body: object) -> Reply:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Reply(status_code, {}, content)
