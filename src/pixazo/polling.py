"""When to look at a job again, and when to stop.

`plan()` decides and does no I/O; how often it looks is the model's pace.
Trouble on the way (500, 502, 503, 504, 429, 408, no answer, half an answer, HTML) never loses the
job: it is survived until the deadline. Only an answer that no patience changes ends it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pixazo_openapi.catalogue import STATUS

from pixazo.answers import Status, log_once, read_status
from pixazo.errors import GatewayUnreachable, PixazoError, WaitTimedOut
from pixazo.pace import Pace
from pixazo.refusals import refusal, retry_after_s
from pixazo.retries import backoff_s
from pixazo.steps import Call, Moment, Plan, Reply, Sleep, Tell, Turn

__all__ = ["NOT_FOUND_GRACE_S", "Watched", "forward", "glance", "plan"]

NOT_FOUND_GRACE_S = 30.0  # another server may know a request later than the one who took it
DOUBTED_S = 1.0  # the same in a wait for an id of which nobody knows anything; it may be mistyped
LONGEST_ASKED_S = 60.0  # of a Retry-After; a longer one would hold the job hostage
JITTER_S = 0.1
LAST_LOOK_S = 1.0  # for the look at the deadline, its turn included
ALMOST_S = 1e-3  # sums of floats do not end exactly
MEDIA_GRACE_S = 60.0  # for a job that is done and whose answer names no media yet
GLANCES = 3
LONGEST_GLANCE_S = 5.0  # the longest pause within a glance; whoever asks once wants to know now
LONGEST_LINE_S = 60.0  # for a glance's turn behind others, where nothing pauses
OLDEST_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Watched:
    """The job that is waited for.

    Args:
        request_id: The gateway's id.
        token: What resumes it.
        status: The last status known; None when nobody looked yet.
        age_s: Seconds since it was submitted; None when nobody knows.
        at_once: Whether to look without a pause first, though its age is known.
        known: The last status of a word that the documents know.
    """

    request_id: str
    token: str
    status: Status | None = None
    age_s: float | None = None
    at_once: bool = False
    known: Status | None = None


@dataclass(slots=True)
class _Wait:
    """What one wait knows by now."""

    job: Watched
    began_s: float
    born_s: float
    ends_s: float
    now_s: float
    status: Status | None
    known: Status | None
    lost_s: float | None = None
    bare_s: float | None = None
    looks: int = 0
    troubles: int = 0
    trouble: str = ""
    doubted_s: float = 0.0

    @property
    def age_s(self) -> float:
        return self.now_s - self.born_s

    def took(self, status: Status, epoch_s: float) -> None:
        """Take a status in; the first one tells how old a job is that nobody knew."""
        if self.looks == 0 and self.job.age_s is None and status.created_at is not None:
            age_s = epoch_s - status.created_at.timestamp()
            self.born_s = self.now_s - min(max(age_s, 0.0), OLDEST_S)
        self.looks += 1
        self.lost_s = None
        self.troubles, self.trouble = 0, ""
        self.status = forward(self.known or self.job.status, replace(status, elapsed_s=self.age_s))
        if status.status in STATUS.outcomes:
            self.known = self.status

    def may_turn_up(self) -> bool:
        """Return whether a 404 is survived: long when the gateway took the job, or told of it."""
        doubted = self.status is None and self.job.age_s is None
        self.lost_s = self.now_s if self.lost_s is None else self.lost_s
        return self.now_s - self.lost_s < (self.doubted_s if doubted else NOT_FOUND_GRACE_S)

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
    wait = _Wait(job, now_s, born_s, now_s + deadline_s, now_s, job.status, job.known)
    wait.doubted_s = DOUBTED_S
    pause_s = _first_pause_s(job, pace)
    while True:
        woken = False
        if pause_s is not None:
            pause_s += jitter() * min(JITTER_S, pause_s)
            pause_s = min(pause_s, max(0.0, wait.ends_s - wait.now_s))
            due_s = wait.now_s + pause_s
            wait.now_s = (yield Sleep(pause_s)).now_s
            woken = due_s - wait.now_s > ALMOST_S
        looked_s = wait.now_s
        moment = yield from _in_turn(look, max(wait.ends_s, looked_s + LAST_LOOK_S), looked_s)
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


def _first_pause_s(job: Watched, pace: Pace) -> float | None:
    """Return what is left of the pause since the last look, or since the job was submitted.

    Whoever resumes a job wants to know at once, whatever others look at: then it is None. Who comes
    late need not wait either, unless others look for all.
    """
    if job.age_s is None or job.at_once:
        return None
    looked_s = job.status.elapsed_s if job.status else 0.0
    return max(0.0, pace.pause_s(looked_s) - max(0.0, job.age_s - looked_s))


def glance(look: Call, job: Watched, *, now_s: float, jitter: Callable[[], float]) -> Plan[Status]:
    """Look at a job once and return its status; an answer that cannot be used is asked for again.

    A pause that the gateway asks for is kept, or, when it is long, left to the caller. However many
    look at once, each waits for its turn.

    Args:
        look: The status request.
        job: Which job.
        now_s: The clock at the start.
        jitter: A number between 0 and 1, new at each call.

    Raises:
        GatewayFailure, GatewayUnreachable: No usable answer came; the job goes on.
        RequestRefused: The gateway said no.
    """
    born_s = now_s - (job.age_s or 0.0)
    wait = _Wait(job, now_s, born_s, now_s, now_s, job.status, job.known)
    while True:
        moment = yield from _in_line(wait.now_s)
        if moment.outcome is None:
            moment = yield look
        wait.now_s = moment.now_s
        status = _seen(wait, moment)
        if status is not None:
            return status
        pause_s = max(backoff_s(wait.troubles, jitter()), _asked_s(moment))
        if wait.troubles >= GLANCES or pause_s > LONGEST_GLANCE_S:
            raise _no_answer(wait, moment)
        wait.now_s = (yield Sleep(pause_s)).now_s


def _in_line(now_s: float) -> Plan[Moment]:
    """Wait for a glance's turn: long behind others, and not when a 429 holds everybody for long."""
    moment = yield Turn(LONGEST_GLANCE_S)
    if moment.outcome is not None and moment.now_s - now_s > LONGEST_GLANCE_S / 2:
        moment = yield Turn(LONGEST_LINE_S)  # it was refused at the end of its time, not at once
    return moment


def _in_turn(look: Call, ends_s: float, now_s: float) -> Plan[Moment]:
    """Look when it is the look's turn; turn and answer together are over at that point."""
    moment = yield Turn(ends_s - now_s)
    if moment.outcome is None:
        left_s = ends_s - moment.now_s
        moment = yield replace(look, timeout_s=min(look.timeout_s, left_s))
    return moment


def _seen(wait: _Wait, moment: Moment) -> Status | None:
    """Return the status in an answer, or None after trouble that can be survived."""
    outcome = moment.outcome
    if isinstance(outcome, Reply) and 200 <= outcome.status_code < 300:
        status = read_status(outcome, wait.job.request_id)
        if status is not None:
            wait.took(status, moment.epoch_s)
            return wait.status
        wait.trouble = outcome.broken or "an answer without a status of this job"
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
    if code == 404 and wait.may_turn_up():
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


def forward(before: Status | None, status: Status) -> Status:
    """Return the status, never behind the one before: another server may lag (R37)."""
    if before is not None and before.done and (not status.done or status.lacks_media):
        return before
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
        f"waited {round(waited_s, 1):g} s and the job is {word or 'not known to have ended'}{last}",
        hint=f"It goes on without you. Wait again: pixazo wait {wait.job.request_id}, or"
        " client.job(token).wait()",
        status=word,
        waited_s=waited_s,
        request_id=wait.job.request_id,
        token=wait.job.token,
    )
