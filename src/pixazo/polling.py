"""When to look at a job again, and when to stop.

`plan()` decides and does no I/O. A job is first looked at about when the fastest tenth of its
model's past jobs was done, then at a steady pace until nine tenths were, then ever more slowly.
Trouble on the way (500, 502, 503, 504, 429, 408, no answer, half an answer, HTML) never loses the
job: it is survived until the deadline. Only an answer that no patience changes ends it at once.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from pixazo_openapi.catalogue import STATUS
from pixazo_openapi.entries import Waiting

from pixazo.answers import Status, log_once, read_status
from pixazo.errors import GatewayUnreachable, PixazoError, WaitTimedOut
from pixazo.refusals import refusal, retry_after_s
from pixazo.retries import backoff_s
from pixazo.steps import Call, Moment, Plan, Reply, Sleep, Tell

__all__ = ["Durations", "Pace", "PastDurations", "Watched", "glance", "pace_of", "plan"]

NOT_FOUND_GRACE_S = 30.0  # a queue may know a request later than the one who took it
LONGEST_ASKED_S = 60.0  # of a Retry-After; a longer one would hold the job hostage
JITTER_S = 0.1
ALMOST_S = 1e-3  # sums of floats do not end exactly
MEDIA_GRACE_S = 60.0  # for a job that is done and whose answer names no media yet
GLANCES = 3
LONGEST_GLANCE_S = 5.0  # the longest pause within a glance; whoever asks once wants to know now
OLDEST_S = 7 * 86_400.0
ENOUGH = 3  # past durations before they count
UNLEARNED_GROWTH = math.inf  # from the early look straight towards the hint
STEPS_ACROSS = 12  # looks across the time in which most jobs end


class Durations(Protocol):
    """Where past durations come from: this process, or a ledger."""

    def past(self, model: str) -> Sequence[float]:
        """Return the latest durations of a model, in seconds, in any order."""
        ...

    def learn(self, model: str, seconds: float) -> None:
        """Remember one."""
        ...


class PastDurations:
    """The latest durations of each model in this process; safe for threads."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._past: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def past(self, model: str) -> Sequence[float]:
        """Return the latest durations of a model, in seconds."""
        with self._lock:
            return tuple(self._past.get(model, ()))

    def learn(self, model: str, seconds: float) -> None:
        """Remember one, forget the oldest."""
        with self._lock:
            self._past.setdefault(model, deque(maxlen=self._most)).append(seconds)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, by the age of the job; all in seconds but `growth`.

    Args:
        first_s: The age at the first look.
        low_s: From this age on, jobs are expected to end.
        high_s: From this age on, the pauses grow.
        step_s: The pause between these two.
        floor_s: The shortest pause.
        ceiling_s: The longest pause.
        growth: How fast pauses grow with age beyond `high_s`.
        early_growth: The same between `first_s` and `low_s`.
    """

    first_s: float
    low_s: float
    high_s: float
    step_s: float
    floor_s: float
    ceiling_s: float
    growth: float
    early_growth: float

    def pause_s(self, age_s: float) -> float:
        """Return the pause before the next look at a job of this age."""
        if age_s < self.first_s:
            return max(self.floor_s, self.first_s - age_s)
        if age_s < self.low_s:
            return self._within(min(age_s * (self.early_growth - 1), self.low_s - age_s))
        if age_s < self.high_s:
            return self.step_s
        return self._within(self.floor_s + (age_s - self.high_s) * (self.growth - 1))

    def as_backstop(self) -> Pace:
        """Return the pace for a job that calls back: looks only begin when it should have."""
        late_s = 1.5 * self.high_s + self.floor_s
        return replace(self, first_s=late_s, low_s=late_s, high_s=late_s)

    def _within(self, pause_s: float) -> float:
        return min(max(pause_s, self.floor_s), self.ceiling_s)


def pace_of(waiting: Waiting, past: Sequence[float] = ()) -> Pace:
    """Return the pace for a model: from its past durations, or from the specification's hint (R48).

    The first look is never later than twice the fastest past duration: a model that mostly takes a
    minute and sometimes three seconds is looked at early. Where nothing is known yet, one early
    look finds the quick jobs, and the next waits for the hint.
    """
    return _pace(waiting, tuple(sorted(past)))


@lru_cache(maxsize=64)  # many waits begin with the same durations
def _pace(waiting: Waiting, known: tuple[float, ...]) -> Pace:
    learned = len(known) >= ENOUGH
    if learned:
        low_s, high_s = _quantile(known, 0.1), _quantile(known, 0.9)
    else:
        low_s, high_s = min(0.55 * waiting.hint_s, waiting.ceiling_s), 1.5 * waiting.hint_s
    step_s = (high_s - low_s) / STEPS_ACROSS
    step_s = min(max(step_s, waiting.floor_s), waiting.ceiling_s)
    if learned:
        low_s = _best_start(known, low_s, step_s)
    return Pace(
        first_s=max(min(low_s, 2 * known[0]) if learned else 0.0, waiting.floor_s),
        low_s=low_s,
        high_s=high_s,
        step_s=step_s,
        floor_s=waiting.floor_s,
        ceiling_s=waiting.ceiling_s,
        growth=waiting.growth,
        early_growth=waiting.growth if learned else UNLEARNED_GROWTH,
    )


def _best_start(known: Sequence[float], low_s: float, step_s: float) -> float:
    """Return where, within one step, looks would have seen the past jobs' ends soonest.

    It matters for steady models: when all jobs take 11.5 to 12.5 s, looks at 12.5 and 14.5 s are
    better than looks at 11.6 and 13.6 s.
    """
    starts = [low_s, *(seconds for seconds in known if low_s < seconds < low_s + step_s)]
    return min(starts, key=lambda start_s: sum(_late_s(known, start_s, step_s)))


def _late_s(known: Sequence[float], start_s: float, step_s: float) -> Iterator[float]:
    for seconds in known:
        steps = max(0, math.ceil((seconds - start_s) / step_s))
        yield start_s + steps * step_s - seconds


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True, slots=True)
class Watched:
    """The job that is waited for.

    Args:
        request_id: The gateway's id.
        token: What resumes it.
        status: The last status known; None when nobody looked yet.
        age_s: Seconds since it was submitted; None when nobody knows.
    """

    request_id: str
    token: str
    status: Status | None = None
    age_s: float | None = None


@dataclass(slots=True)
class _Wait:
    """What one wait knows by now."""

    job: Watched
    began_s: float
    born_s: float
    ends_s: float
    now_s: float
    status: Status | None
    bare_s: float | None = None
    looks: int = 0
    troubles: int = 0
    trouble: str = ""

    @property
    def age_s(self) -> float:
        return self.now_s - self.born_s

    def took(self, status: Status, epoch_s: float) -> None:
        """Take a status in; the first one tells how old a job is that nobody knew."""
        if self.looks == 0 and self.job.age_s is None and status.created_at is not None:
            age_s = epoch_s - status.created_at.timestamp()
            self.born_s = self.now_s - min(max(age_s, 0.0), OLDEST_S)
        self.looks += 1
        self.troubles, self.trouble = 0, ""
        self.status = _forward(self.status, replace(status, elapsed_s=self.age_s))

    def settled(self, status: Status) -> Status:
        """Return the status; done without media is the end only when no look brings any."""
        if not status.lacks_media:
            return status
        if self.bare_s is None:
            self.bare_s = self.now_s
        ends_s = min(self.bare_s + MEDIA_GRACE_S, self.ends_s)
        return status if ends_s - self.now_s < ALMOST_S else replace(status, outcome="pending")


def plan(
    look: Call,
    job: Watched,
    pace: Pace,
    *,
    now_s: float,
    deadline_s: float,
    jitter: Callable[[], float],
) -> Plan[Status]:
    """Look at a job until it has ended, tell each status, return the last.

    Args:
        look: The status request.
        job: Which job.
        pace: How often.
        now_s: The clock when the wait begins.
        deadline_s: Seconds from now after which the wait gives up; one last look is taken then.
        jitter: A number between 0 and 1, new at each call.

    Raises:
        WaitTimedOut: The deadline passed; the job goes on.
        RequestRefused: 401, 402, 403, 404 and other answers that no patience changes.
    """
    born_s = now_s - (job.age_s or 0.0)
    wait = _Wait(job, now_s, born_s, now_s + deadline_s, now_s, job.status)
    # Whoever resumes a job wants to know at once; a fresh one cannot be done yet.
    pause_s = 0.0 if job.age_s is None else pace.pause_s(job.age_s)
    while True:
        woken = False
        if pause_s > 0:
            pause_s = min(pause_s + jitter() * JITTER_S, max(0.0, wait.ends_s - wait.now_s))
            due_s = wait.now_s + pause_s
            wait.now_s = (yield Sleep(pause_s)).now_s
            woken = due_s - wait.now_s > ALMOST_S
        looked_s = wait.now_s
        left_s = max(1.0, wait.ends_s - looked_s)
        moment = yield replace(look, timeout_s=min(look.timeout_s, left_s), patience_s=left_s)
        wait.now_s = moment.now_s
        status = _seen(wait, moment)
        if status is not None:
            status = wait.settled(status)
            yield Tell(status)
            if status.done:
                return status
        if wait.ends_s - wait.now_s < ALMOST_S:
            raise _timed_out(wait)
        # A callback came and the job is pending: its server may lag, so the next look is soon.
        pause_s = pace.floor_s if woken else pace.pause_s(wait.age_s)
        if status is None:
            pause_s = max(pause_s, _trouble_pause_s(wait, pace, moment))
        else:  # the pause counts from look to look; a slow answer is not paid for twice
            pause_s = max(pause_s - (wait.now_s - looked_s), pace.floor_s / 2)
        del moment, status  # ten thousand waits would hold as many answers


def glance(look: Call, job: Watched, *, now_s: float, jitter: Callable[[], float]) -> Plan[Status]:
    """Look at a job once and return its status; an answer that cannot be used is asked for again.

    A pause that the gateway asks for is kept, or, when it is long, left to the caller.

    Args:
        look: The status request.
        job: Which job.
        now_s: The clock at the start.
        jitter: A number between 0 and 1, new at each call.

    Raises:
        GatewayFailure, GatewayUnreachable: No usable answer came; the job goes on.
        RequestRefused: The gateway said no.
    """
    wait = _Wait(job, now_s, now_s - (job.age_s or 0.0), now_s, now_s, job.status)
    look = replace(look, patience_s=LONGEST_GLANCE_S)
    while True:
        moment = yield look
        wait.now_s = moment.now_s
        status = _seen(wait, moment)
        if status is not None:
            return status
        pause_s = max(backoff_s(wait.troubles, jitter()), _asked_s(moment))
        if wait.troubles >= GLANCES or pause_s > LONGEST_GLANCE_S:
            raise _no_answer(wait, moment)
        yield Sleep(pause_s)


def _seen(wait: _Wait, moment: Moment) -> Status | None:
    """Return the status in an answer, or None after trouble that can be survived."""
    outcome = moment.outcome
    if isinstance(outcome, Reply) and 200 <= outcome.status_code < 300 and not outcome.broken:
        status = read_status(outcome, wait.job.request_id)
        if status is not None:
            wait.took(status, moment.epoch_s)
            return wait.status
        wait.trouble = "an answer without a status"
    elif isinstance(outcome, Reply):
        _raise_if_final(wait, outcome, moment)
        wait.trouble = outcome.broken or f"status code {outcome.status_code}"
    else:
        wait.trouble = outcome.reason if outcome else "no answer"
    wait.troubles += 1
    return None


def _raise_if_final(wait: _Wait, reply: Reply, moment: Moment) -> None:
    code = reply.status_code
    if code >= 500 or code in (408, 425, 429) or code < 300:
        return
    if code == 404 and wait.job.age_s is not None and wait.age_s < NOT_FOUND_GRACE_S:
        return
    raise _refused(wait, reply, moment.epoch_s)


def _refused(wait: _Wait, reply: Reply, epoch_s: float) -> PixazoError:
    job = wait.job
    return refusal(
        reply,
        "the status request",
        epoch_s=epoch_s,
        charged="unknown",
        request_id=job.request_id,
        token=job.token,
    )


def _no_answer(wait: _Wait, moment: Moment) -> PixazoError:
    if isinstance(moment.outcome, Reply) and moment.outcome.status_code >= 300:
        return _refused(wait, moment.outcome, moment.epoch_s)
    return GatewayUnreachable(
        f"the status request brought no status: {wait.trouble}",
        hint="The job goes on without you; ask again.",
        charged="unknown",
        request_id=wait.job.request_id,
        token=wait.job.token,
    )


def _forward(before: Status | None, status: Status) -> Status:
    """Return the status, never behind the one before: another server may lag (R37)."""
    if before is None or status.done or before.status == status.status:
        return status
    if status.status not in STATUS.outcomes:
        log_once(
            f"word {status.status}", "status %s is unknown; waiting on", status.status or "(none)"
        )
        return status
    if status.status in STATUS.moves.get(before.status, (status.status,)):
        return status
    return replace(status, status=before.status, outcome=before.outcome)


def _trouble_pause_s(wait: _Wait, pace: Pace, moment: Moment) -> float:
    """Return the pause after trouble: doubling, and as long as the gateway asks."""
    pause_s = min(pace.floor_s * 2.0 ** min(wait.troubles - 1, 10), pace.ceiling_s)
    return max(pause_s, min(_asked_s(moment), LONGEST_ASKED_S))


def _asked_s(moment: Moment) -> float:
    """Return the pause that an answer asks for."""
    if not isinstance(moment.outcome, Reply):
        return 0.0
    return retry_after_s(moment.outcome.headers, moment.epoch_s) or 0.0


def _timed_out(wait: _Wait) -> PixazoError:
    word = wait.status.status if wait.status else ""
    waited_s = wait.now_s - wait.began_s
    last = f", the last look brought {wait.trouble}" if wait.trouble else ""
    return WaitTimedOut(
        f"waited {waited_s:.0f} s and the job is {word or 'not known to have ended'}{last}",
        hint=f"It goes on without you. Wait again: client.job(token).wait(), or:"
        f" pixazo wait {wait.job.request_id}",
        status=word,
        waited_s=waited_s,
        request_id=wait.job.request_id,
        token=wait.job.token,
    )
