"""What finds a job again: a text that can be kept anywhere."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pixazo_openapi.errors import abbreviate

from pixazo.answers import Status, model_of
from pixazo.errors import UnknownToken
from pixazo.settings import Gateway, usable_id

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["Ticket", "named_s", "ticket_of"]

MARK = "pixazo1."
LONGEST_TOKEN = 4096
SLACK_S = 10.0  # the answer to a submission may be slow, and times may be of whole seconds


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job that was accepted.

    Args:
        request_id: The gateway's id.
        model_id: The model that works on it; None when only the id is known and says nothing.
        gateway_url: The gateway that took it.
        submitted_s: When it was submitted, in seconds since 1970; None when unknown.
        request: What was asked, where this process knows.
        status: The first status, where this process knows.
        known: The last status of a word that the documents know.
        recalled: Whether a ledger brought it back: then it is looked at at once.
    """

    request_id: str
    model_id: str | None
    gateway_url: str
    submitted_s: float | None = None
    request: Request | None = field(default=None, repr=False)
    status: Status | None = field(default=None, repr=False)
    known: Status | None = field(default=None, repr=False)
    recalled: bool = False

    @property
    def token(self) -> str:
        """The resume token; it holds no secret."""
        facts = [self.request_id, self.model_id, self.gateway_url, self.submitted_s]
        text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        return MARK + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def named_s(ticket: Ticket, status: Status) -> float | None:
    """Return the gateway's own time for a job in seconds; None when it names none that can be true.

    Args:
        ticket: The job.
        status: Its end, as it was seen.
    """
    took_s = status.duration_s
    if took_s is None or ticket.submitted_s is None:
        return took_s
    return took_s if took_s <= status.elapsed_s + SLACK_S else None


def ticket_of(text: object, gateway: Gateway) -> Ticket:
    """Return the ticket for a resume token or a request id.

    Args:
        text: The token or the id.
        gateway: The gateway that is asked; a token of another one is refused.

    Raises:
        UnknownToken: It is neither, or of another gateway.
    """
    if not isinstance(text, str):
        raise _unknown(text)
    text = text.strip()
    if text.startswith(MARK):
        request_id, named, url, submitted_s = _facts(text)
    else:
        request_id, named, url, submitted_s = text, None, gateway.url, None
    if not usable_id(request_id):
        raise _unknown(text)
    if url != gateway.url:
        raise UnknownToken(
            f"the token is of {url[:120]!r}, this client talks to {gateway.url}",
            hint="If it may have your key: --gateway URL, PIXAZO_GATEWAY_URL or base_url=URL.",
            request_id=request_id,
        )
    model = model_of(request_id, named)
    return Ticket(request_id, model.model_id if model else named, url, submitted_s)


def _facts(token: str) -> tuple[str, str | None, str, float | None]:
    """Return id, model, gateway and time of a token."""
    packed = token.removeprefix(MARK)
    try:
        if len(token) > LONGEST_TOKEN:
            raise ValueError(token[:80])
        padded = packed + "=" * (-len(packed) % 4)
        facts: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise _unknown(token) from None
    match facts:
        case [str(request_id), str() | None as model_id, str(url), float() | int() | None as at]:
            return request_id, model_id, url, at
        case _:
            raise _unknown(token)


def _unknown(text: object) -> UnknownToken:
    shown = repr(text[:80]) if isinstance(text, str) else abbreviate(text)
    return UnknownToken(
        f"{shown} is neither a resume token nor a request id",
        hint="Give the request id as the gateway named it, or the resume token (job.token()).",
    )
