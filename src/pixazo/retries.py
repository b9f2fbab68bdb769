"""What may be sent again, when, and what the caller hears when it may not.

The one rule: a paid request whose bytes may have left is never sent again by itself. Sent again are
only requests that did not leave, and requests that the gateway refused in the documented way (429,
and 500 with a JSON object), as the documents advise (R25). An `Idempotency-Key` is sent, and
nothing relies on it (R98).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from http import HTTPStatus

from pixazo.answers import body_of, excerpt
from pixazo.errors import GatewayUnreachable, OutcomeUnknown, PixazoError
from pixazo.money import shown
from pixazo.refusals import refusal, retry_after_s
from pixazo.steps import Call, Failure, Moment, Outcome, Plan, Reply, Sleep, Turn

__all__ = ["Give", "Retry", "Retrying", "Stake", "backoff_s", "decide", "submission"]

FIRST_PAUSE_S = 0.5
PATIENCE_S = 120.0  # for the pauses of a submission, when the caller names no time
LEAST = 0.25  # of its time; a request that leaves with less may be paid for and not heard
LONGEST_PAUSE_S = 60.0  # a Retry-After beyond it is the caller's to wait for


@dataclass(frozen=True, slots=True)
class Retrying:
    """How patient a submission is.

    Args:
        attempts: How often a request is sent at most.
        server_errors: Whether 429 and a documented 500 are waited for.
    """

    attempts: int = 5
    server_errors: bool = True


@dataclass(frozen=True, slots=True)
class Stake:
    """What one submission is about.

    Args:
        model_id: The model.
        amount_usd: Its price in US dollars; None when the documents name none.
        idempotency_key: The same for every attempt.
    """

    model_id: str
    amount_usd: Decimal | None
    idempotency_key: str

    @property
    def money(self) -> str:
        """The price in words."""
        return "an unknown price" if self.amount_usd is None else shown(self.amount_usd)

    def unknown(self, reason: str, raw: object = None) -> OutcomeUnknown:
        """Return the error for a request that may have been accepted."""
        return OutcomeUnknown(
            f"the request to {self.model_id} left and its fate is unknown: {reason}",
            hint=f"It is not sent again by itself: {self.money} may be charged. Look at the"
            " account's usage, or send it again when a second charge is acceptable.",
            model_id=self.model_id,
            amount_usd=self.amount_usd,
            idempotency_key=self.idempotency_key,
            reason=reason,
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Retry:
    """Send it again after so many seconds; `error` is what it comes to when there is no time."""

    after_s: float
    error: PixazoError


@dataclass(frozen=True, slots=True)
class Give:
    """Tell the caller."""

    error: PixazoError


def submission(
    call: Call,
    stake: Stake,
    retrying: Retrying,
    *,
    began_s: float,
    timeout_s: float | None,
    jitter: Callable[[], float],
) -> Plan[Reply]:
    """Send a paid request when its turn has come and return the gateway's answer of success.

    Args:
        call: The request.
        stake: What it is about.
        retrying: How patient to be.
        began_s: The clock when the caller began.
        timeout_s: The time for it all, in seconds; None waits for the first turn for ever, and
            `PATIENCE_S` for others.
        jitter: A number between 0 and 1, new at each call.

    Raises:
        OutcomeUnknown: It may have been accepted.
        RequestRefused, GatewayFailure, GatewayUnreachable: It was not.
    """
    moment = yield Turn(None if timeout_s is None else timeout_s * (1 - LEAST))
    if moment.outcome is not None:
        raise _too_late(stake.model_id, timeout_s)
    ends_at_s, latest_s = _ends(call, moment.now_s, began_s, timeout_s)
    for attempt in range(1, retrying.attempts + 1):
        left_s = max(0.0, ends_at_s - moment.now_s)
        moment = yield replace(call, timeout_s=min(call.timeout_s, left_s))
        verdict = decide(moment, attempt, stake, retrying, jitter=jitter())
        if isinstance(verdict, Reply):
            return verdict
        if isinstance(verdict, Give):
            raise _tried(verdict.error, attempt)
        if attempt == retrying.attempts or moment.now_s + verdict.after_s > latest_s:
            raise _tried(verdict.error, attempt)
        why = _why(stake, moment.outcome)
        following = f"again in {verdict.after_s:.1f} s ({attempt + 1} of {retrying.attempts})"
        moment = yield Sleep(verdict.after_s, f"{why}, {following}")
        moment = yield Turn(max(0.0, latest_s - moment.now_s))
        if moment.outcome is not None:
            raise _tried(verdict.error, attempt)
    raise AssertionError(retrying)  # attempts >= 1 is checked where the client is made


def _ends(call: Call, now_s: float, began_s: float, timeout_s: float | None) -> tuple[float, float]:
    """Return when it is all over, and when the last attempt may leave."""
    if timeout_s is None:
        return math.inf, now_s + PATIENCE_S
    ends_at_s = began_s + timeout_s
    return ends_at_s, ends_at_s - LEAST * min(call.timeout_s, timeout_s)


def decide(
    moment: Moment, attempt: int, stake: Stake, retrying: Retrying, *, jitter: float = 0.5
) -> Reply | Retry | Give:
    """Return what to do after one attempt at a paid request: take the answer, retry or give up."""
    outcome = moment.outcome
    pause_s = backoff_s(attempt, jitter)
    if isinstance(outcome, Reply):
        return _after_reply(outcome, moment.epoch_s, pause_s, stake, retrying)
    if isinstance(outcome, Failure) and not outcome.sent:
        return Retry(pause_s, _unreachable(stake.model_id, outcome.reason))
    return Give(stake.unknown(outcome.reason if outcome else "no answer"))


def _after_reply(
    reply: Reply, epoch_s: float, pause_s: float, stake: Stake, retrying: Retrying
) -> Reply | Retry | Give:
    code = reply.status_code
    if 200 <= code < 300 and isinstance(body_of(reply), dict):
        return reply
    documented = code == 429 or (code == 500 and isinstance(body_of(reply), dict))
    if documented:
        error = refusal(reply, stake.model_id, epoch_s=epoch_s)
        asked_s = retry_after_s(reply.headers, epoch_s)
        wait_s = pause_s if asked_s is None else max(asked_s, pause_s)
        patient = retrying.server_errors and (asked_s or 0) <= LONGEST_PAUSE_S
        return Retry(wait_s, error) if patient else Give(error)
    if 300 <= code < 500 and code != 408:
        return Give(refusal(reply, stake.model_id, epoch_s=epoch_s))
    said = excerpt(reply) or "no text"
    broken = f"; {reply.broken}" if reply.broken else ""
    return Give(stake.unknown(f"status code {code} ({said}){broken}"))


def backoff_s(attempt: int, jitter: float) -> float:
    """Return the pause after the n-th attempt: doubling from half a second, plus up to half."""
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempt - 1, 10))) * (1 + jitter / 2)


def _too_late(subject: str, timeout_s: float | None) -> GatewayUnreachable:
    return GatewayUnreachable(
        f"the request to {subject} was not sent: its turn would have left too little of"
        f" {timeout_s} s",
        hint="Other requests of this client are before it, or the gateway said 429. Give it more"
        " time, or begin fewer at once.",
    )


def _why(stake: Stake, outcome: Outcome | None) -> str:
    """Return why it is sent again, short enough for a line: the final error has the details."""
    if isinstance(outcome, Reply):
        return f"{stake.model_id}: {outcome.status_code} {HTTPStatus(outcome.status_code).phrase}"
    return f"{stake.model_id}: no connection"


def _tried(error: PixazoError, attempts: int) -> PixazoError:
    if attempts > 1:
        error.message += f"; tried {attempts} times"
    return error


def _unreachable(subject: str, reason: str) -> GatewayUnreachable:
    return GatewayUnreachable(
        f"the gateway cannot be reached for {subject}: {reason}",
        hint="Nothing was sent. Check the network and the gateway's address, then send it again.",
    )
