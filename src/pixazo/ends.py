"""What a request came to: from the gateway's last answer to a result, or to why there is none."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pixazo_openapi.catalogue import MODELS, STATUS

from pixazo.answers import Status, excerpt, read_delivery
from pixazo.clock import Clock
from pixazo.errors import JobErrored, JobFailed, NothingToDeliver
from pixazo.money import estimate
from pixazo.results import Media, Result
from pixazo.settings import Gateway
from pixazo.steps import Reply
from pixazo.tickets import Ticket, named_s

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["delivered", "ended", "own_id"]


def delivered(
    request: Request,
    reply: Reply,
    *,
    request_id: str,
    elapsed_s: float,
    gateway: Gateway,
    clock: Clock,
) -> Result:
    """Return what stands in a direct model's answer.

    Args:
        request: What was asked.
        reply: The answer.
        request_id: Our own id of it (R85).
        elapsed_s: How long it took, in seconds.
        gateway: Who answered.
        clock: Time, for saving.

    Raises:
        NothingToDeliver: The answer names no media.
    """
    model = request.model
    delivery = read_delivery(reply, model)
    if not delivery.media:
        raise NothingToDeliver(
            f"the answer of {model.model_id} names no media: {excerpt(reply)}",
            hint="The account's usage tells whether it cost (R16). In Python: error.raw.",
            raw=delivery.raw,
        )
    return Result(
        model_id=model.model_id,
        request_id=request_id,
        media=_numbered(delivery.media),
        price_usd=estimate(request),
        elapsed_s=elapsed_s,
        deviations=delivery.deviations,
        raw=delivery.raw,
        request=request,
        _loopback=gateway.loopback,
        _clock=clock,
    )


def ended(ticket: Ticket, status: Status, *, gateway: Gateway, clock: Clock) -> Result:
    """Return what a job came to.

    Args:
        ticket: The job.
        status: Its end.
        gateway: Who worked on it.
        clock: Time, for saving.

    Raises:
        JobFailed, JobErrored: It ended badly.
        NothingToDeliver: It ended well and no look brought media; another one may.
    """
    if status.outcome != "succeeded":
        raise _failed(ticket, status)
    if not status.media:
        raise NothingToDeliver(
            f"the job is {status.status} and its answer names no media to fetch",
            hint=f"It is paid for. Look again later: pixazo wait {ticket.request_id}, or"
            " client.job(token).wait(); else ask the gateway's support. In Python:"
            " error.raw is the answer.",
            charged=STATUS.charged.get(status.status, "unknown"),
            request_id=ticket.request_id,
            token=ticket.token,
            raw=status.raw,
        )
    model_id = ticket.model_id or status.model_id or ""
    took_s = named_s(ticket, status)
    return Result(
        model_id=model_id,
        request_id=ticket.request_id,
        media=_numbered(status.media),
        price_usd=MODELS[model_id].price.usd if model_id in MODELS else None,
        created_at=status.created_at,
        completed_at=status.completed_at,
        elapsed_s=status.elapsed_s if took_s is None else took_s,
        deviations=status.deviations,
        raw=status.raw,
        request=ticket.request,
        _loopback=gateway.loopback,
        _clock=clock,
    )


def own_id(model_id: str) -> str:
    """Return an id of our own for an answer that comes with its media and has none (R85)."""
    return f"{model_id}_{uuid.uuid4()}"


def _failed(ticket: Ticket, status: Status) -> JobFailed:
    said = f": {status.error}" if status.error else ""
    message = f"the job ended as {status.status}{said}"
    if status.outcome == "failed-not-charged":
        return JobErrored(
            message,
            hint="The gateway's own error; send the request again.",
            request_id=ticket.request_id,
            token=ticket.token,
            raw=status.raw,
        )
    return JobFailed(
        message,
        hint="Change the request before sending it again; look at the account's usage.",
        charged=STATUS.charged.get(status.status, "unknown"),
        request_id=ticket.request_id,
        token=ticket.token,
        raw=status.raw,
    )


def _numbered(urls: Iterable[str]) -> tuple[Media, ...]:
    return tuple(Media(url, index) for index, url in enumerate(urls))
