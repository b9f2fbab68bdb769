"""`pixazo resume`: go on with what was begun, after a crash, a Ctrl-C or a time-out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pixazo.cli import common, ledgers
from pixazo.cli.connection import NO_LIMITS
from pixazo.cli.exits import exit_for
from pixazo.cli.failures import complain, tell
from pixazo.cli.interrupts import tell_stop
from pixazo.cli.ledgers import Money
from pixazo.cli.progress import Progress, listening, open_progress
from pixazo.cli.reports import print_path
from pixazo.cli.streams import missing
from pixazo.cli.trail import again, with_options
from pixazo.cli.words import dumped
from pixazo.errors import InvalidRequest, PixazoError
from pixazo.settings import origin_of

if TYPE_CHECKING:
    import asyncio

    from pixazo.answers import Status
    from pixazo.batches import Leavable
    from pixazo.client import AsyncPixazo
    from pixazo.errors import Charged
    from pixazo.ledger import Entry, Ledger, State
    from pixazo.results import Result

__all__ = ["Resuming", "resume"]

AT_ONCE = 16
PAID: tuple[State, ...] = ("submitted", "completed")
SERIOUSNESS: tuple[Charged, ...] = ("yes", "unknown", "no")


@dataclass(frozen=True, slots=True)
class End:
    """What one job came to."""

    entry: Entry
    paths: tuple[Path, ...] = ()
    error: PixazoError | None = None


@dataclass(frozen=True, slots=True)
class _Stage:
    """What is open while jobs are gone on with."""

    client: AsyncPixazo
    progress: Progress
    leavable: Leavable
    turns: asyncio.Semaphore


@dataclass(frozen=True, slots=True, kw_only=True)
class Resuming:
    """How to go on with jobs.

    Args:
        out: Where the media go.
        money: The ledger and the limits.
        gateway: The gateway's address, where one was given.
        unsent: Whether jobs that were never sent are sent.
        resend: Whether jobs of unknown outcome are sent once more.
        timeout: The longest wait for each, in seconds.
        as_json: Whether to print one JSON document.
        quiet: Whether to show no progress.
    """

    out: Path
    money: Money = NO_LIMITS
    gateway: str | None = None
    unsent: bool = False
    resend: bool = False
    timeout: float | None = None
    as_json: bool = False
    quiet: bool = False

    def run(self, words: Sequence[str], *, given_up: Sequence[Entry] = ()) -> int:
        """Go on with the jobs named, or with all that nobody works on; return the exit code.

        Args:
            words: What names the jobs.
            given_up: Jobs that were abandoned by the same command.
        """
        import asyncio

        with (
            ledgers.writing(self.money.ledger) as ledger,
            open_progress(quiet=self.quiet) as progress,
            listening(progress.note),
        ):
            try:
                ends = asyncio.run(self._all(ledger, words, progress))
            except KeyboardInterrupt as interruption:
                interruption.add_note(f"resume: {again()}")
                raise
        errors = [end.error for end in ends if end.error]
        for error in errors:
            tell(complain(error, self.money.ledger, self.gateway), as_json=False)
        with missing(*(f"saved: {path}" for end in ends for path in end.paths)):
            self._print(ends, given_up)
        return exit_for(errors[0]) if errors else 0

    async def _all(self, ledger: Ledger, words: Sequence[str], progress: Progress) -> list[End]:
        import asyncio

        from pixazo.batches import Leavable
        from pixazo.client import AsyncPixazo
        from pixazo.downloads.disk import check_folder

        async with AsyncPixazo(
            base_url=self.gateway,
            ledger=ledger,
            **self.money.limits,
        ) as client:
            entries = ledgers.find_all(ledger, words)
            if not words:
                entries = self._unfinished(ledger, client.base_url, progress)
            if entries:
                found = {entry.charged for entry in entries}
                charged: Charged = next(word for word in SERIOUSNESS if word in found)
                check_folder(self.out, charged=charged)
            stage = _Stage(client, progress, Leavable(self._tell_stop), asyncio.Semaphore(AT_ONCE))
            try:
                return await asyncio.gather(*(self._one(stage, entry) for entry in entries))
            finally:
                await stage.leavable.leave()

    def _unfinished(self, ledger: Ledger, base_url: str, progress: Progress) -> list[Entry]:
        """Return what nobody works on; say what is left alone and why."""
        states: tuple[State, ...] = (*PAID, "intent") if self.unsent else PAID
        origin = origin_of(base_url)
        here = ledger.claim(states, base_url=origin)
        for url in sorted({*ledger.gateways(states)} - {"", origin}):
            said = f"jobs of {url} are left alone: pixazo resume --gateway {url}"
            progress.note(self._named(said))
        waiting = ledger.count(["intent"], free=True)
        if waiting and not self.unsent:
            jobs = "1 job was" if waiting == 1 else f"{waiting} jobs were"
            progress.note(self._named(f"{jobs} never sent: pixazo resume --unsent"))
        if lost := ledger.count(["unknown"]):
            jobs = "1 job has" if lost == 1 else f"{lost} jobs have"
            progress.note(self._named(f"{jobs} an unknown outcome: pixazo jobs unknown"))
        if not here:
            progress.note("nothing to resume")
        return here

    async def _one(self, stage: _Stage, entry: Entry) -> End:
        name = entry.request_id or ledgers.short(entry.key)
        async with stage.turns:
            try:
                paths = await self._saved(stage, entry, name)
            except PixazoError as error:
                error.request_id = error.request_id or entry.request_id
                entry = _now(stage.client, entry)
                if error.charged == "no":
                    error.charged = entry.charged
                stage.progress.state(f"not done: {entry.state}", of=name)
                return End(entry, error=error)
        stage.progress.state(f"done, {len(paths)} saved", of=name)
        return End(_now(stage.client, entry), tuple(paths))

    async def _saved(self, stage: _Stage, entry: Entry, name: str) -> Sequence[Path]:
        from pixazo.batches import Saver

        client, progress = stage.client, stage.progress
        progress.state(entry.state, of=name)
        result = await self._result(
            stage, entry, lambda status: progress.state(status.status, of=name)
        )
        saver = Saver(self.out, client.ledger, lambda id_: client.job(id_).wait(self.timeout))
        return await saver.save(result)

    async def _result(
        self, stage: _Stage, entry: Entry, on_status: Callable[[Status], object]
    ) -> Result:
        from pixazo_openapi.requests import request_from_dict

        client, timeout = stage.client, self.timeout
        try:
            request = request_from_dict(dict(entry.request))
        except InvalidRequest:  # another version has sent it, by rules of its own
            if entry.request_id is None:
                raise
            return await client.job(entry.request_id).wait(timeout, on_status=on_status)
        return await stage.leavable.paid(
            client.generate(
                request, key=entry.key, resend=self.resend, timeout=timeout, on_status=on_status
            )
        )

    def _tell_stop(self, on_their_way: int) -> None:
        tell_stop(on_their_way, self.money.ledger)

    def _named(self, text: str) -> str:
        return with_options(text, self.money.ledger, self.gateway)

    def _document(self, error: PixazoError) -> object:
        return complain(error, self.money.ledger, self.gateway).document()

    def _print(self, ends: Sequence[End], given_up: Sequence[Entry]) -> None:
        if not self.as_json:
            for end in ends:
                for path in end.paths:
                    print_path(path)
            return
        listed = [
            {
                "key": end.entry.key,
                "model": end.entry.model_id,
                "state": end.entry.state,
                "request_id": end.entry.request_id,
                "paths": [str(path) for path in end.paths],
                "error": self._document(end.error) if end.error else None,
            }
            for end in ends
        ]
        document: dict[str, object] = {"jobs": listed}
        if self.resend:
            document["given_up"] = [entry.key for entry in given_up]
        click.echo(dumped(document))


def _now(client: AsyncPixazo, entry: Entry) -> Entry:
    """Return what the ledger knows of the job by now."""
    return (client.ledger and client.ledger.entry(entry.key)) or entry


def _resume(*, ids: Sequence[str], **settings: Any) -> int:
    return Resuming(money=ledgers.money_of(settings), **settings).run(ids)


resume = click.Command(
    "resume",
    callback=_resume,
    params=[
        click.Argument(["ids"], nargs=-1, metavar="[ID]..."),
        click.Option(
            ["--unsent"],
            is_flag=True,
            help="Send the jobs, too, that were written down and never sent: they cost money.",
        ),
        common.gateway(),
        *ledgers.limits(),
        common.seconds(),
        common.out(),
        ledgers.option(),
        common.wants_json(),
        common.quiet(),
    ],
    short_help="Go on with unfinished jobs of the ledger, and save what they made.",
    help="Go on with jobs of the ledger: wait for what is on its way, save what is paid for.\n\n"
    "ID is a key, a request id, or how one of them begins; a job named here is sent if it never"
    " was. Without ID, all jobs that no running command works on. Nothing is paid for twice.",
)
