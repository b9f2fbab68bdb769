"""A request on its way: submitted, waited for, saved, told of."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pixazo.cli.connection import ATTEMPTS, NO_LIMITS, connect
from pixazo.cli.interrupts import answered
from pixazo.cli.ledgers import Money, asked_for, settle
from pixazo.cli.progress import Progress, listening, open_progress
from pixazo.cli.reports import print_result
from pixazo.cli.streams import missing
from pixazo.cli.trail import Trail, keep_trail

if TYPE_CHECKING:
    from pixazo_openapi.request import Request

    from pixazo.answers import Status
    from pixazo.client import Pixazo
    from pixazo.errors import Charged
    from pixazo.jobs import Job
    from pixazo.results import Result

__all__ = ["Journey"]


@dataclass(frozen=True, slots=True)
class _Stage:
    """What is open while a request is under way."""

    client: Pixazo
    trail: Trail
    progress: Progress

    def show(self, status: Status) -> None:
        bare = " and names no media, looking again" if status.lacks_media else ""
        self.progress.state(f"{status.request_id}: {status.status}{bare}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """How to run a request or to go on with a job.

    Args:
        out: Where the media go.
        gateway: The gateway's address, where one was given.
        sandbox: Whether to use a gateway in this process.
        save: Whether to save the media.
        as_json: Whether to print one JSON document.
        quiet: Whether to show no progress.
        timeout_s: The longest wait, in seconds; None takes the model's own.
        attempts: How often a request is sent at most when it was not accepted.
        money: The ledger and the limits.
        key: The person's own name for the job.
    """

    out: Path
    gateway: str | None = None
    sandbox: bool = False
    save: bool = True
    as_json: bool = False
    quiet: bool = False
    timeout_s: float | None = None
    attempts: int = ATTEMPTS
    money: Money = NO_LIMITS
    key: str | None = None

    def run(self, request: Request, *, webhook: str | None = None) -> None:
        """Send a request, wait for its result, save it and print it."""

        self._check_folder("no")

        def bring(stage: _Stage) -> Result:
            stage.trail.sending = True
            with answered():
                if request.model.mode == "direct":
                    result = stage.client.generate(request, key=self.key, timeout=self.timeout_s)
                    stage.trail.has(result)
                    return result
                job = stage.client.submit(request, key=self.key, webhook=webhook)
                stage.trail.request_id = job.request_id
            return self._wait(job, stage)

        self._go(bring)

    def resume(self, word: str) -> None:
        """Wait for a job that was submitted before, save its result and print it."""

        def bring(stage: _Stage) -> Result:
            job = stage.client.job(asked_for(stage.client.ledger, word))
            stage.trail.request_id = job.request_id
            self._check_folder("unknown")
            return self._wait(job, stage)

        self._go(bring)

    def _go(self, bring: Callable[[_Stage], Result]) -> None:
        with self._stage() as stage:
            result = bring(stage)
            stage.trail.has(result)
            paths = self._saved(result, stage.progress) if self.save else None
            if not self.save:
                settle(stage.client.ledger, result.request_id)
        got = [f"saved: {path}" for path in paths or ()] or [
            f"media: {m.url}" for m in result.media
        ]
        with missing("charged: yes", *got):
            print_result(result, paths, as_json=self.as_json)

    @contextmanager
    def _stage(self) -> Generator[_Stage]:
        ledger = self.money.ledger
        trail = Trail(self.out, self.gateway, lasting=not self.sandbox, ledger=ledger)
        with (
            keep_trail(trail),
            connect(
                self.gateway, sandbox=self.sandbox, attempts=self.attempts, money=self.money
            ) as client,
            open_progress(quiet=self.quiet) as progress,
            listening(progress.state),
        ):
            yield _Stage(client, trail, progress)

    def _check_folder(self, charged: Charged) -> None:
        """Refuse a folder that takes no media, before anything is sent or waited for."""
        if self.save:
            from pixazo.downloads.disk import check_folder

            check_folder(self.out, charged=charged)

    def _wait(self, job: Job, stage: _Stage) -> Result:
        stage.progress.note(f"{job.request_id}: under way")
        stage.progress.state(f"{job.request_id}: {job.last_status or 'waiting'}")
        return job.wait(timeout=self.timeout_s, on_status=stage.show)

    def _saved(self, result: Result, progress: Progress) -> list[Path]:
        progress.state(f"{result.request_id}: saving {len(result.media)} into {self.out}")
        return result.save(self.out, on_progress=progress.received)
