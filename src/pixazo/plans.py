"""What a client does with a request, as plans: the same for sync and async."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pixazo_openapi.catalogue import MODELS, STATUS
from pixazo_openapi.entries import Model, Waiting

from pixazo.answers import Status, body_of, excerpt, read_receipt
from pixazo.arguments import check_seconds
from pixazo.clock import Clock
from pixazo.ends import delivered, own_id
from pixazo.errors import InvalidCallbackBase, WrongMode
from pixazo.pace import Durations, Pace, pace_of
from pixazo.polling import Watched, glance, plan
from pixazo.results import Result
from pixazo.retries import Retrying, Stake, submission
from pixazo.settings import Gateway, is_loopback
from pixazo.steps import Call, Plan, Reply
from pixazo.tickets import Ticket, named_s

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = ["Plans", "duration_key"]

EARLY = 0.75  # of the time at which a job was found done at the first look


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """The plans of one client.

    Args:
        gateway: Where requests go.
        clock: Time.
        retrying: How patient submissions are.
        durations: Where past durations are kept.
        timeout_s: The bound of one exchange in seconds; None takes the specification's.
        jitter: A number between 0 and 1, new at each call.
    """

    gateway: Gateway
    clock: Clock
    retrying: Retrying
    durations: Durations
    timeout_s: float | None = None
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def submit(
        self, request: Request, stake: Stake, *, webhook: str | None, timeout_s: float | None = None
    ) -> Plan[Ticket]:
        """Submit a request to a queued model.

        Args:
            request: The request.
            stake: What is at stake.
            webhook: Where the gateway should call back.
            timeout_s: The time for it all, in seconds.

        Raises:
            WrongMode, InvalidCallbackBase: Nobody can be called back there; nothing was sent.
            OutcomeUnknown: It may have been accepted, or its answer names no id.
            RequestRefused, GatewayFailure, GatewayUnreachable: It was not accepted.
        """
        model = request.model
        headers = {} if webhook is None else self._callback(model, webhook)
        reply = yield from self._paid(request, stake, headers, timeout_s)
        receipt = read_receipt(reply, model, self.gateway.address(STATUS.path.split("{")[0]))
        request_id, status = receipt.request_id, receipt.status
        if not request_id and status.done and status.media:  # paid for, and to be had
            request_id = own_id(model.model_id)
            status = replace(status, request_id=request_id)
        if not request_id:
            said = excerpt(reply) or "no text"
            raise stake.unknown(f"the answer names no usable request id: {said}", body_of(reply))
        return Ticket(
            request_id,
            model.model_id,
            self.gateway.url,
            submitted_s=self.clock.time(),
            request=request,
            status=status,
        )

    def deliver(
        self, request: Request, stake: Stake, *, timeout_s: float | None = None
    ) -> Plan[Result]:
        """Ask a direct model.

        Args:
            request: The request.
            stake: What is at stake.
            timeout_s: The time for it all, in seconds.

        Raises:
            OutcomeUnknown: It may have been accepted.
            RequestRefused, GatewayFailure, GatewayUnreachable: It was not accepted.
            NothingToDeliver: The answer names no media.
        """
        began_s = self.clock.now()
        reply = yield from self._paid(request, stake, {}, timeout_s)
        return delivered(
            request,
            reply,
            request_id=own_id(request.model_id),
            elapsed_s=self.clock.now() - began_s,
            gateway=self.gateway,
            clock=self.clock,
        )

    def wait(
        self, ticket: Ticket, *, timeout_s: float | None, calls_back: bool = False
    ) -> Plan[Status]:
        """Wait for a job to end, well or badly.

        Args:
            ticket: Which job.
            timeout_s: The deadline in seconds; None takes the specification's.
            calls_back: Whether a callback ends the pauses, so that looks are only a back-stop.

        Raises:
            WaitTimedOut: The deadline passed; the job goes on.
            RequestRefused: An answer that no patience changes.
        """
        waiting = _waiting(ticket.model_id)
        key = duration_key(self.gateway, ticket.model_id)
        job = self._watched(ticket)
        pace = pace_of(waiting, self.durations.past(key))
        status = yield from plan(
            self._look(ticket),
            job,
            pace.as_backstop() if calls_back else pace,
            now_s=self.clock.now(),
            deadline_s=self.deadline_s(ticket, timeout_s),
            jitter=self.jitter,
        )
        took_s = _took_s(ticket, status, job, pace)
        if took_s is not None:
            self.durations.learn(key, took_s)
        return status

    def deadline_s(self, ticket: Ticket, timeout_s: float | None) -> float:
        """Return how long to wait for a job at most, in seconds.

        Raises:
            InvalidConfiguration: The time is no number.
        """
        check_seconds(timeout_s)
        return _waiting(ticket.model_id).deadline_s if timeout_s is None else timeout_s

    def look(self, ticket: Ticket) -> Plan[Status]:
        """Look at a job once.

        Raises:
            GatewayFailure, GatewayUnreachable: No usable answer came; the job goes on.
            RequestRefused: The gateway said no.
        """
        now_s = self.clock.now()
        return glance(self._look(ticket), self._watched(ticket), now_s=now_s, jitter=self.jitter)

    def _paid(
        self,
        request: Request,
        stake: Stake,
        headers: Mapping[str, str],
        timeout_s: float | None,
    ) -> Plan[Reply]:
        model = request.model
        call = Call(
            model.method,
            model.path,
            timeout_s=self.timeout_s or model.timeout_s,
            headers={**dict(model.headers), **headers, "Idempotency-Key": stake.idempotency_key},
            body=json.dumps(request.to_body(), ensure_ascii=False, allow_nan=False).encode(),
            says=f"{model.model_id}: sending",
        )
        return submission(
            call,
            stake,
            self.retrying,
            began_s=self.clock.now(),
            timeout_s=timeout_s,
            jitter=self.jitter,
        )

    def _callback(self, model: Model, url: str) -> dict[str, str]:
        """Return the header that asks for a callback; https only, but for this machine (R57)."""
        if model.webhook is None or model.webhook.header is None:
            message = f"{model.model_id} calls nobody back"
            raise WrongMode(message, hint="Leave webhook out.")
        if not _callable(url, from_here=self.gateway.loopback):
            raise InvalidCallbackBase(
                f"the gateway cannot safely call back {url[:120]!r}",
                hint="Give an https address that the gateway can reach, without blanks.",
            )
        return {model.webhook.header: url}

    def _look(self, ticket: Ticket) -> Call:
        return Call(
            STATUS.method,
            self.gateway.status_path(STATUS.path, ticket.request_id),
            timeout_s=min(self.timeout_s or STATUS.timeout_s, STATUS.timeout_s),
            headers={"Cache-Control": "no-cache"},
        )

    def _watched(self, ticket: Ticket) -> Watched:
        born_s = ticket.submitted_s
        age_s = None if born_s is None else max(0.0, self.clock.time() - born_s)
        return Watched(
            ticket.request_id, ticket.token, ticket.status, age_s, ticket.recalled, ticket.known
        )


def _took_s(ticket: Ticket, status: Status, job: Watched, pace: Pace) -> float | None:
    """Return how long a job took, to be learned; None when its end teaches nothing.

    Without the gateway's own times we only know that it was done before we looked, which says
    nothing when we came late.
    """
    succeeded = bool(status.media) and status.outcome == "succeeded"
    if not succeeded or job.age_s is None or ticket.recalled:
        return None
    took_s = named_s(ticket, status)
    if took_s is None and job.age_s <= pace.first_s:
        return EARLY * status.elapsed_s
    return took_s


def _callable(url: str, *, from_here: bool) -> bool:
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (from_here and is_loopback(host)))


def duration_key(gateway: Gateway, model_id: str | None) -> str:
    """Return under which name durations are learned: each gateway has its own."""
    return f"{gateway.url} {model_id}"


def _waiting(model_id: str | None) -> Waiting:
    """Return how to wait for a model; for an unknown one as patiently as for the slowest."""
    model = MODELS.get(model_id or "")
    if model is not None and model.waiting is not None:
        return model.waiting
    known = (model.waiting for model in MODELS.values() if model.waiting is not None)
    return max(known, key=lambda waiting: waiting.deadline_s)
