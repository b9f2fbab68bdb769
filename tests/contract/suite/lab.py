"""Where the layers work: it sends, remembers, waits, and takes their verdicts."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urljoin

from pixazo_openapi.catalogue import KEY_HEADER, MODELS, Model

from tests.contract.suite import answers
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.job import Job
from tests.contract.suite.keys import Keys
from tests.contract.suite.lifecycle import ENDS
from tests.contract.suite.receiver import Receiver
from tests.contract.suite.spec import Operation, Spec
from tests.contract.suite.targets import Target
from tests.contract.suite.verdicts import ELSEWHERE, EMPTY_WALLET, Rule, Verdict, rule
from tests.contract.suite.wire import Wire, connections, encoded

__all__ = ["FIRST", "POOR", "SECOND", "TOO_MANY", "WRONG", "GaveUp", "Job", "Lab"]

FIRST, SECOND, POOR = "$PIXAZO_API_KEY", "$PIXAZO_SECOND_KEY", "$PIXAZO_POOR_KEY"
WRONG = "$PIXAZO_WRONG_KEY"
NEVER_GIVEN_OUT = "a-key-that-nobody-ever-gave-out-7f3a"
LONGEST_PAUSE_S = 10.0
AT_ONCE = 12
MOST_HOPS = 3
MOST_PAUSES = 10
MOST_SILENCES = 5
FAILURES_FROM = 500
TOO_MANY = 429

Result = TypeVar("Result")

ACCEPTED = rule(
    "accepted",
    2,
    "A documented request is accepted",
    "Callers cannot use what the documents promise.",
)
NO_FAILURE = rule(
    "no-failure",
    1,
    "The gateway does not fail: no 5xx that nobody brought about",
    "Paid requests end in errors, and nobody knows whether they were charged.",
    pointer="/components/responses/InternalServerError",
    rulings=("R25", "R26"),
)
LIMIT_ENDS = rule(
    "limit-ends",
    1,
    "A 429 ends: who waits as it says is let through",
    "Callers that obey never get their picture.",
    advice="See whether the key has a limit that no pause gets under.",
    pointer="/components/responses/TooManyRequests",
    rulings=("R24", "R25", "R96"),
)
IT_ENDS = rule(
    "ends",
    2,
    "A job ends",
    "Callers poll for ever and never get what they paid for.",
    pointer="/paths/~1v2~1requests~1status~1{request_id}/get",
    rulings=("R49",),
)
OUTCOME = rule(
    "outcome",
    2,
    "A job ends as it had to end",
    "Callers are told of a failure that was none, or of success without a result.",
    pointer="/paths/~1v2~1requests~1status~1{request_id}/get/x-pixazo/states",
    rulings=("R14", "R15", "R32"),
)


class GaveUp(Exception):  # noqa: N818 - reads as what happened
    """The target left too many requests unanswered, or would not let them through."""


class Lab:
    """Everything that a layer needs, over one target.

    Args:
        target: the gateway.
        spec: the document.
        only: ids of the models to try; all when empty.
        seed: decides everything that is drawn.
        thorough: whether long lists are tried in full.
        full: whether searches take as long as they need.
    """

    def __init__(
        self,
        target: Target,
        spec: Spec,
        *,
        only: Sequence[str] = (),
        seed: int = 0,
        thorough: bool = True,
        full: bool = False,
    ) -> None:
        self.target, self.spec, self.seed = target, spec.below(target.url), seed
        self.thorough, self.full = thorough, full
        self.models = [model for name, model in MODELS.items() if not only or name in only]
        self.verdicts: list[Verdict] = []
        self.exchanges: list[Exchange] = []
        self.others = 0  # exchanges that somebody else made, and that are judged one by one
        self.jobs: list[Job] = []
        self.unchecked: dict[tuple[str, str], str] = {}
        self.notes: list[str] = []
        self._receiver: Receiver | None = None
        self._silent, self._gave_up = 0, ""
        self._transport = target.transport or connections(target.url)
        self.keys = Keys({**target.keys, WRONG: NEVER_GIVEN_OUT})
        self.wire = Wire(self._transport, self.keys)

    @property
    def receiver(self) -> Receiver | None:
        """Where callbacks come to; None when the target cannot reach this machine."""
        if self._receiver is None and self.target.receiver_url is not None:
            self._receiver = Receiver(self.target.receiver_url, self.target.clock.time)
        return self._receiver

    @property
    def queued(self) -> list[Model]:
        """The models whose jobs are waited for."""
        return [model for model in self.models if model.mode == "queued"]

    @property
    def direct(self) -> list[Model]:
        """The models that answer at once."""
        return [model for model in self.models if model.mode == "direct"]

    def child(self) -> Lab:
        """A lab of its own memory over the same connections."""
        target = dataclasses.replace(self.target, transport=self._transport)
        return Lab(target, self.spec, seed=self.seed, thorough=self.thorough)

    def drawn(self, what: str) -> random.Random:
        """Chance that is the same for the same seed and purpose."""
        return random.Random(f"{self.seed}:{what}")  # noqa: S311 - reproducible on purpose

    def together(self, calls: Sequence[Callable[[], Result]]) -> list[Result]:
        """Make calls and return what they return, in order; side by side where waiting is real."""
        if self.target.quick or len(calls) < 2:
            return [call() for call in calls]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [done.result() for done in [pool.submit(call) for call in calls]]

    def close(self) -> None:
        """Close connections that the lab opened."""
        if self.target.transport is None:
            self._transport.close()
        if self._receiver is not None:
            self._receiver.close()

    # --- verdicts

    def say(self, verdicts: Iterable[Verdict]) -> None:
        """Take verdicts down."""
        self.verdicts.extend(verdicts)

    def hold(
        self,
        judged: Rule,
        seen: str,
        exchange: Exchange | None = None,
        *,
        operation: str,
        pointer: str = "",
    ) -> bool:
        """Take one verdict down; `seen` is empty when the rule was held."""
        self.verdicts.append(Verdict(judged, operation, pointer or judged.pointer, seen, exchange))
        return not seen

    def not_here(self, judged: Rule, why: str, operation: str = "") -> None:
        """Say that this target cannot show whether a rule is held."""
        self.unchecked[judged.name, operation] = why

    def balance(self) -> Decimal | None:
        """US dollars in the wallet; None when it cannot be seen."""
        return self.target.wallet.balance() if self.target.wallet else None

    # --- requests

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = FIRST,
        probe: bool = False,
        judged: bool = True,
        timeout_s: float = 600.0,
    ) -> Exchange:
        """Send a request to the gateway and hold it to layer 1; a 429 is waited out.

        Args:
            method: of the request.
            path: as it goes over the wire, with its query.
            body: bytes as they are; anything else as JSON; None sends none.
            headers: beside the key and the content type; a value of "" leaves a header out.
            key: variable of the key that is sent; None sends none, "" an empty header.
            probe: whether it leaves the documents on purpose.
            judged: whether layer 1 looks at it.
            timeout_s: until it is given up, when that is less than the operation's time-out.

        Raises:
            GaveUp: many requests in a row were not answered, or this one was never let through.
        """
        told = {KEY_HEADER: key} if key else {}
        if body is not None:
            told["Content-Type"] = "application/json"
        told = {name: value for name, value in {**told, **(headers or {})}.items() if value}
        told |= {KEY_HEADER: ""} if key == "" else {}
        raw = body if isinstance(body, bytes) else b"" if body is None else encoded(body)
        for _ in range(MOST_PAUSES):
            exchange = self._once(method, path, raw, told, probe, judged, timeout_s)
            if exchange.status != TOO_MANY or "429" in str(headers):
                return exchange
            self.target.clock.sleep(_pause_s(exchange))
        self._gave_up = f"still 429 after {MOST_PAUSES} pauses"
        self.hold(LIMIT_ENDS, self._gave_up, exchange, operation=ELSEWHERE)
        raise GaveUp(self._gave_up)

    def _once(
        self,
        method: str,
        path: str,
        raw: bytes,
        headers: Mapping[str, str],
        probe: bool,
        judged: bool,
        timeout_s: float,
    ) -> Exchange:
        self._go_on()
        operation = self.spec.operation(method, path)
        exchange = self.wire.send(
            method,
            self.target.url + path,
            headers=headers,
            body=raw,
            at=self.target.clock.time(),
            timeout_s=self._patience_s(operation, timeout_s),
            probe=probe,
        )
        self.exchanges.append(exchange)
        if judged:
            self.say(answers.judge(self.spec, exchange))
            self._judge_failure(exchange, operation)
        self._silent = self._silent + 1 if exchange.failure else 0
        if self._silent >= MOST_SILENCES:
            self._gave_up = f"{MOST_SILENCES} requests in a row without an answer"
        self._go_on()
        return exchange

    def _go_on(self) -> None:
        """Send nothing more after too many silences, whoever asks."""
        if self._gave_up:
            raise GaveUp(self._gave_up)

    def _judge_failure(self, exchange: Exchange, operation: Operation | None) -> None:
        """Hold that the gateway does not fail where nobody asked it to."""
        asked = {name for headers in self.target.provoke.values() for name in headers}
        if not asked & exchange.request_headers.keys():
            seen = f"{exchange.status}" if exchange.status >= FAILURES_FROM else ""
            name = operation.name if operation else ELSEWHERE
            self.hold(NO_FAILURE, seen, exchange, operation=name)

    def _patience_s(self, operation: Operation | None, timeout_s: float) -> float:
        documented = operation.timeout_s if operation else 30.0
        return min(documented, timeout_s, self.target.answer_timeout_s, self.target.job_timeout_s)

    def fetch(self, url: str) -> Exchange:
        """Fetch a result: from anywhere, without a key, over a few redirects as clients do."""
        for _ in range(MOST_HOPS + 1):
            now = self.target.clock.time()
            exchange = self.wire.send("GET", url, headers={}, at=now)
            if not exchange.redirected:
                break
            url = urljoin(url, exchange.headers.get("location", ""))
        return exchange

    def post(
        self,
        model: Model,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = FIRST,
    ) -> Exchange:
        """Submit a body to a model, whatever comes of it."""
        return self.send(model.method, model.path, body, headers=headers, key=key)

    def submit(
        self,
        model: Model,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        key: str = FIRST,
        watched: bool = False,
        wanted: str = "COMPLETED",
    ) -> Job | None:
        """Submit a documented request; None, with a verdict, when it was not taken."""
        exchange = self.post(model, body, headers=headers, key=key)
        if not self.taken(model, exchange):
            return None
        request_id = exchange.json.get("request_id") if isinstance(exchange.json, dict) else None
        if not isinstance(request_id, str):
            return None
        return self.adopt(Job(model, body, exchange, request_id, watched, wanted))

    def adopt(self, job: Job) -> Job:
        """Follow a job from now on."""
        self.jobs.append(job)
        return job

    def taken(self, model: Model, exchange: Exchange, judged: Rule = ACCEPTED) -> bool:
        """Whether a documented request was accepted; takes the verdict down."""
        operation = self.spec.models[model.model_id]
        if exchange.status == 402 and self.target.wallet is None:
            self.not_here(judged, EMPTY_WALLET, model.model_id)
            return False
        seen = "" if exchange.status == operation.success else exchange.told
        pointer = f"{operation.pointer}/responses/{operation.success}"
        return self.hold(judged, seen, exchange, operation=model.model_id, pointer=pointer)

    def look(self, job: Job) -> Exchange:
        """Ask for a job's state as its owner."""
        path = self.spec.status.path.replace("{request_id}", job.request_id)
        owner = job.receipt.request_headers.get(KEY_HEADER, FIRST)
        exchange = self.send("GET", path, key=owner)
        job.looks.append(exchange)
        told = exchange.json
        if job.end is None and isinstance(told, dict) and told.get("status") in ENDS:
            job.end = exchange
        return exchange

    # --- waiting

    def wait(self, jobs: Sequence[Job]) -> None:
        """Follow jobs to their ends, all at once; watched ones are looked at more often."""
        began = self.target.clock.time()
        pending = [job for job in jobs if job.end is None]
        for number, pause_s in enumerate(_pauses(self.target.pauses_s)):
            for job in pending:
                if job.watched or number >= self.target.patience:
                    self.look(job)
            pending = [job for job in pending if job.end is None]
            if not pending or self.target.clock.time() - began > self.target.job_timeout_s:
                break
            self.target.clock.sleep(pause_s)
            self.target.settle()
        for job in pending:
            job.lost = True
        self._judge_ends(jobs)
        self._look_again([job for job in jobs if job.watched and not job.lost])

    def _judge_ends(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            last = job.looks[-1] if job.looks else job.receipt
            limit = self.target.job_timeout_s
            seen = f"still pending after {limit:g} s" if job.lost else ""
            self.hold(IT_ENDS, seen, last, operation=job.model.model_id)
            if job.end is not None:
                word, why = job.end.json["status"], job.end.json.get("error")
                seen = "" if word == job.wanted else f"{word} ({why}), expected {job.wanted}"
                self.hold(OUTCOME, seen, job.end, operation=job.model.model_id)

    def _look_again(self, jobs: Sequence[Job]) -> None:
        """Look at ended jobs twice more: at once, and a while later."""
        for pause_s in (0.0, self.target.pauses_s[0]):
            if jobs and pause_s:
                self.target.clock.sleep(pause_s)
            for job in jobs:
                self.look(job)


def _pauses(pauses_s: Sequence[float]) -> Iterator[float]:
    yield from pauses_s
    while True:
        yield pauses_s[-1]


def _pause_s(refused: Exchange) -> float:
    """How long a 429 is waited out: as it says, within bounds."""
    told = refused.headers.get("retry-after", "")
    return min(float(told), LONGEST_PAUSE_S) if told.isascii() and told.isdigit() else 2.0
