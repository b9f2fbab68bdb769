"""A paid request between the ledger's moves: what is sent, and what never again.

The intent is written down, then the sending, then the request leaves; its id is on the disk before
anybody hears it. A key that is there already is gone on with from the state it is in. A pause
before another attempt gives the money back, so that a process that ends in a pause leaves no doubt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from pixazo.books import recalling
from pixazo.books.keeping import Keeping
from pixazo.errors import (
    InvalidConfiguration,
    LedgerError,
    LedgerMoveRefused,
    NothingToDeliver,
    OutcomeUnknown,
    PixazoError,
    WaitTimedOut,
)
from pixazo.ledger import Entry, Facts, Ledger, Limits, Permit, State
from pixazo.money import estimate
from pixazo.plans import Plans
from pixazo.results import Result
from pixazo.retries import PATIENCE_S, Stake
from pixazo.settings import origin_of
from pixazo.steps import Call, Moment, Plan, Reply, Sleep, Step, Walk, written
from pixazo.tickets import Ticket
from pixazo.webhooks.tokens import name_in

if TYPE_CHECKING:  # attrs takes time to import
    from concurrent.futures import Future

    from pixazo_openapi.request import Request

__all__ = ["Books", "idempotency_key"]

T = TypeVar("T")
LOOK_S: Final = 0.25  # between looks at a job that another process is sending
INTERRUPTED: Final = "interrupted while the request was on its way"


def idempotency_key(request: Request, key: str) -> str:
    """Return what stands for a job in headers and callback addresses, whatever its key is."""
    body = json.dumps([key, request.model_id, request.to_body()], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def _callback(request: Request, stake: Stake, webhook: str | None) -> str | None:
    """Return the name by which callbacks tell the job; None when it calls nobody back.

    A receiver of ours may be given as an address alone, with a name of the caller's own in it.
    """
    way = request.model.webhook
    field = way.body_field if way else None
    address = webhook or (request.to_dict().get(field) if field else None)
    return None if address is None else name_in(address) or stake.idempotency_key


@dataclass(frozen=True, slots=True)
class _Job:
    """A request under its key, how its first row is written, and whether it is sent once more."""

    request: Request
    key: str
    stake: Stake
    callback: str | None = None
    resend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The plans of a client that has a ledger.

    Args:
        ledger: Where jobs and money are written down.
        plans: The client's plans.
        limits: What may be spent.
        run: Whose spending counts together.
        lasting: Whether the ledger outlives its client.
    """

    ledger: Ledger
    plans: Plans
    limits: Limits
    run: str
    lasting: bool = True

    def keeping(self, key: str | None = None) -> Keeping:
        """Return what writes down how a job ends."""
        return Keeping(self.ledger, self.lasting, key)

    def submit(
        self,
        request: Request,
        key: str,
        stake: Stake,
        *,
        webhook: str | None,
        timeout_s: float | None = None,
        resend: bool = False,
    ) -> Plan[Ticket]:
        """Submit a request to a queued model, unless its key was submitted before.

        Args:
            request: The request.
            key: The job's key.
            stake: What is at stake.
            webhook: Where the gateway should call back.
            timeout_s: The time for it all, in seconds.
            resend: Whether to send a job of unknown outcome once more.

        Raises:
            SpendLimitReached, PriceUnknown: A limit forbids it; it was not sent.
            WaitTimedOut: Another process has been sending it all the time.
            InvalidConfiguration: The key is of another gateway.
            LedgerError: The ledger cannot be written; the error says what it knows of the job.
            PixazoError: As `Plans.submit`, or as the key ended before.
        """
        plan = self.plans.submit(request, stake, webhook=webhook, timeout_s=timeout_s)
        job = _Job(request, key, stake, _callback(request, stake, webhook), resend)
        came = yield from self._paid(job, plan, self._accepted, timeout_s)
        if isinstance(came, Ticket):
            return came
        if came.request_id is None:
            raise recalling.again(came)
        return recalling.ticket_of(came, self.plans, request)

    def deliver(
        self,
        request: Request,
        key: str,
        stake: Stake,
        *,
        timeout_s: float | None = None,
        resend: bool = False,
    ) -> Plan[Result]:
        """Ask a direct model, unless its key was asked before.

        Args:
            request: The request.
            key: The job's key.
            stake: What is at stake.
            timeout_s: The time for it all, in seconds.
            resend: Whether to send a job of unknown outcome once more.

        Raises:
            PixazoError: As `submit`, with `Plans.deliver` for `Plans.submit`.
        """
        plan = self.plans.deliver(request, stake, timeout_s=timeout_s)
        job = _Job(request, key, stake, resend=resend)
        came = yield from self._paid(job, plan, self._done, timeout_s)
        if isinstance(came, Entry):
            if came.state not in ("completed", "downloaded"):
                raise recalling.again(came)
            came = recalling.result_of(came, self.plans, request)
        return self.keeping(key).own(came)

    def _paid(
        self,
        job: _Job,
        plan: Plan[T],
        note: Callable[[str, T], Plan[None]],
        timeout_s: float | None,
    ) -> Plan[T | Entry]:
        """Return what sending came to, or the entry of a job that was sent before."""
        with closing(plan):
            walk = Walk(plan)
            step = walk.go()
            doubt = (yield from self._doubt(job)) if job.resend else None
            entry = yield from self._settled(job, timeout_s)
            while entry.state == "intent" or (entry.state, entry.attempt) == ("unknown", doubt):
                with _told(entry):
                    while step is not None and not isinstance(step, Call):
                        step = walk.go((yield step))  # turns and pauses: nothing is at stake
                    permit = self._permit(entry)
                    with _doubted(permit):
                        if (yield from self._won(permit)):
                            doubt = None if doubt is None else doubt + 1
                            step = yield from self._sent(job.key, walk, step)
                            if step is None:
                                yield from note(job.key, walk.value)
                                return walk.value
                entry = yield from self._settled(job, timeout_s)
        return entry

    def _doubt(self, job: _Job) -> Plan[int | None]:
        """Return the attempt in doubt that is to be followed by another one; None without one.

        What somebody else sends meanwhile, and loses, is another doubt, and theirs to decide.
        """
        yield from written(self.ledger.queue_settle_dead())
        entry = yield from written(self._intend(job))
        return entry.attempt if entry.state == "unknown" else None

    def _settled(self, job: _Job, timeout_s: float | None) -> Plan[Entry]:
        """Return the job's entry, made when it is new, once no other process is sending it."""
        patience_s = PATIENCE_S + job.request.model.timeout_s if timeout_s is None else timeout_s
        waited_s = 0.0
        while True:
            entry = yield from written(self._intend(job))
            self._check_gateway(entry)
            if entry.state != "sending":
                return entry
            if waited_s >= patience_s:
                raise WaitTimedOut(
                    f"another process has been sending the job {job.key} for {waited_s:.0f} s",
                    hint="Ask again with the same key; it is never sent twice.",
                    waited_s=waited_s,
                )
            others = "" if waited_s else f"another process is sending the job {job.key}"
            yield Sleep(LOOK_S, others)
            waited_s += LOOK_S
            with _told(entry):
                yield from written(self.ledger.queue_settle_dead())

    def _intend(self, job: _Job) -> Future[Entry]:
        return self.ledger.queue_intend(
            job.request,
            key=job.key,
            price_usd=estimate(job.request),
            base_url=self.plans.gateway.url,
            run=self.run,
            callback=job.callback,
        )

    def _check_gateway(self, entry: Entry) -> None:
        if entry.base_url not in ("", origin_of(self.plans.gateway.url)):
            raise InvalidConfiguration(
                f"the job {entry.key} is of {entry.base_url}, this client talks to"
                f" {self.plans.gateway.url}",
                hint="Make a client with that base_url (--gateway), or use another key.",
            )

    def _permit(self, seen: Entry) -> Permit:
        return self.ledger.permit(
            seen.key, [seen.state], attempt=seen.attempt, limits=self.limits, run=self.run
        )

    def _won(self, permit: Permit) -> Plan[bool]:
        """Set the money aside and return whether this caller is the one that sends."""
        try:
            yield from written(permit.ask())
        except LedgerMoveRefused:
            return False  # somebody else was faster
        except BaseException:  # nothing has left
            permit.withdraw("interrupted before it was sent")
            raise
        return True

    def _sent(self, key: str, walk: Walk[T], step: Step | None) -> Plan[Step | None]:
        """Send once and return the pause before another attempt; None when all is said."""
        assert isinstance(step, Call), "a submission begins with a call"  # noqa: S101
        moment = yield step
        try:
            following = walk.go(moment)
        except NothingToDeliver as error:
            yield from self._move(key, "completed", {"answer": error.raw, "media": ()})
            raise
        except PixazoError as error:
            if isinstance(error, OutcomeUnknown):
                recalling.advise(error, key)
            yield from self._move(key, *recalling.way_out(error))
            raise
        if following is not None:
            yield from self._move(key, "intent", {"error": f"not accepted: {_said(moment)}"})
        return following

    def _accepted(self, key: str, ticket: Ticket) -> Plan[None]:
        try:
            yield from self._move(key, "submitted", {"request_id": ticket.request_id})
        except LedgerError as error:
            error.request_id, error.token, error.charged = (
                ticket.request_id,
                ticket.token,
                "unknown",
            )
            if isinstance(error, LedgerMoveRefused):  # the gateway gave one id to two jobs
                with suppress(LedgerError):  # the first error is the one that holds the id
                    yield from self._move(key, "unknown", {"error": error.message})
            raise
        if ticket.status is not None and ticket.status.done:
            yield from self.keeping(key).ended(ticket, ticket.status)

    def _done(self, key: str, result: Result) -> Plan[None]:
        facts: Facts = {
            "request_id": result.request_id,
            "media": [medium.url for medium in result.media],
            "answer": result.raw,
            "elapsed_s": result.elapsed_s,
        }
        try:
            yield from self._move(key, "completed", facts)
        except LedgerError as error:
            error.charged = "yes"
            for medium in result.media:
                error.add_note(f"media: {medium.url}")
            raise

    def _move(self, key: str, state: State, facts: Facts) -> Plan[None]:
        yield from written(self.ledger.queue_note(key, state, **facts))


@contextmanager
def _doubted(permit: Permit) -> Generator[None]:
    """Leave no job `sending` that nobody sends any more, whatever came in between."""
    try:
        yield
    except BaseException as error:
        permit.doubt(error.message if isinstance(error, PixazoError) else INTERRUPTED)
        if isinstance(error, LedgerError) and error.charged == "no" and permit.is_won:
            error.charged = "unknown"  # what became of the request could not be written down
        raise


@contextmanager
def _told(entry: Entry) -> Generator[None]:
    """Let no error of this attempt say `no` when an earlier one may have been charged."""
    try:
        yield
    except PixazoError as error:
        if error.charged == "no":
            error.charged = entry.charged
        raise


def _said(moment: Moment) -> str:
    outcome = moment.outcome
    if isinstance(outcome, Reply):
        return f"status code {outcome.status_code}"
    return outcome.reason if outcome else "no answer"
