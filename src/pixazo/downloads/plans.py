"""How one medium is fetched, as a generator that decides and does no I/O of its own.

A try resolves the name, judges its addresses, asks, follows a few redirects (each judged again),
and feeds a part. A try that the network breaks is repeated, and goes on where the part ends when
the server can prove that it is still the same medium.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn

from pixazo.clock import Clock
from pixazo.downloads import addresses, bodies, formats, steps, targets
from pixazo.downloads.parts import Note, Part, Saved
from pixazo.downloads.policy import Policy
from pixazo.errors import (
    DownloadError,
    DownloadRefused,
    DownloadTimedOut,
    MediaBroken,
    MediaTooLarge,
    UnsafeAddress,
)

__all__ = ["Medium"]

REDIRECTS = frozenset((301, 302, 303, 307, 308))
# 404: an object store may learn of an object a moment after the gateway tells of it.
PASSING = frozenset((404, 408, 425, 429, 500, 502, 503, 504))
EXPIRED = "links expire: client.job(id).wait() brings fresh ones, of queued models only"
LATER = "save again later: the media stay where they are for some time"
LONGEST_PAUSE_S = 30.0
ACCEPT = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "pixazo"}


class _TryAgain(Exception):  # noqa: N818 - never leaves this module
    """This try failed; `error` is what the caller gets when it was the last."""

    def __init__(self, error: DownloadError, *, after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_s = after_s


@dataclass(slots=True)
class Medium:
    """One medium to fetch into a part.

    Args:
        url: Its address, as the gateway gave it.
        part: Where it goes.
        policy: What it may cost.
        clock: Time.
        report: Called with the bytes on the disk and all bytes, as far as known.
    """

    url: str
    part: Part
    policy: Policy
    clock: Clock
    report: Callable[[int, int | None], None]
    deadline: float = 0.0

    def fetch(self) -> steps.Plan[Saved]:
        """Fetch it, with as many tries as the policy allows."""
        self.deadline = self.clock.now() + self.policy.timeout_s
        failures = 0
        while True:
            before = self.part.size
            try:
                return (yield from self._try())
            except _TryAgain as failed:
                yield steps.Drop()
                is_further = self.part.note is not None and self.part.size > before
                failures = 1 if is_further else failures + 1
                if failures >= self.policy.attempts:
                    raise failed.error from failed.__cause__
                yield steps.Pause(self._pause(failures, failed))
            except MediaTooLarge:
                self.part.discard()
                raise

    def _try(self) -> steps.Plan[Saved]:
        if not self._is_complete():
            try:
                yield from self._exchange()
            except steps.LineBroke as broke:
                self._check_deadline(broke)
                message = f"{self._shown} could not be fetched: {broke.reason}"
                raise _TryAgain(DownloadError(message, url=self._shown, hint=LATER)) from broke
            yield steps.Drop()
        return (yield from self._finish())

    def _is_complete(self) -> bool:
        """Whether an earlier process got all bytes and only the name is missing."""
        note = self.part.note
        return note is not None and note.url == self._shown and note.total == self.part.size

    # One exchange

    def _exchange(self) -> steps.Plan[None]:
        note, have = self.part.note, self.part.size
        resuming = note is not None and note.url == self._shown and have > 0
        headers = dict(ACCEPT)
        if note is not None and resuming:
            headers |= {"range": f"bytes={have}-", "if-range": note.etag}
        head = yield from self._answer(headers)
        if head.status == HTTPStatus.PARTIAL_CONTENT and note is not None and resuming:
            yield from self._continue(head, note)
        elif head.status == HTTPStatus.OK:
            yield from self._start(head)
        else:
            self._refused(head)

    def _start(self, head: steps.Head) -> steps.Plan[None]:
        body = self._body(head, have=0)
        tag = "" if body.is_packed else bodies.strong_etag(head)
        self.part.begin(Note(self._shown, tag, body.total) if tag else None)
        yield from self._pour(body)

    def _continue(self, head: steps.Head, note: Note) -> steps.Plan[None]:
        span, tag = bodies.content_range(head), head.headers.get("etag", "")
        body = self._body(head, have=self.part.size)
        whole = note.total if span is None or span.total is None else span.total
        same = span is not None and span.start == self.part.size and tag in ("", note.etag)
        if not same or body.is_packed or note.total not in (None, whole):
            self.part.begin(None)
            raise self._broken("it answered a resumed download with other bytes", again=True)
        if whole is not None:  # the span may be shorter than what was asked for
            body.total = whole
        yield from self._pour(body)

    def _body(self, head: steps.Head, *, have: int) -> bodies.Body:
        return bodies.Body(head, shown=self._shown, cap=self.policy.max_bytes, have=have)

    def _pour(self, body: bodies.Body) -> steps.Plan[None]:
        is_first = self.part.size == 0
        while True:
            chunk: bytes = yield steps.Read(self._left())
            if not chunk:
                break
            if content := body.feed(chunk):
                self.part.write(content)
                self.report(self.part.size, body.total)
            if is_first and self.part.size >= formats.HEAD_BYTES:
                is_first = False
                self._check_no_text()
        if lacks := body.missing_end():
            raise self._broken(
                f"the body is cut off after {self.part.size} bytes: {lacks}", again=True
            )

    def _finish(self) -> steps.Plan[Saved]:
        if not self.part.size:
            self.part.begin(None)
            raise self._broken("the body is empty", again=True)
        self._check_no_text()
        kind = formats.identify(self.part.head())
        lacks = yield steps.Work(lambda: formats.missing_end(self.part.path, kind))
        if lacks:
            size = self.part.size
            self.part.begin(None)
            raise self._broken(f"{size} bytes came, and {lacks}", again=True)
        saved: Saved = yield steps.Work(lambda: self.part.finish(kind))
        self.report(saved.size, saved.size)
        return saved

    def _check_no_text(self) -> None:
        head = self.part.head()
        if formats.is_text(head):
            self.part.discard()
            raise self._broken(f"text came in place of a medium: {formats.excerpt(head)!r}")

    # One answer, redirects included

    def _answer(self, headers: Mapping[str, str]) -> steps.Plan[steps.Head]:
        loopback = self.policy.allow_loopback
        aim = targets.target(self.url, allow_http=loopback)
        for _ in range(self.policy.max_hops + 1):
            address, head = yield from self._knock(aim, headers, loopback=loopback)
            if head.status not in REDIRECTS:
                return head
            yield steps.Drop()
            loopback = loopback and addresses.is_loopback(address)  # no way in from outside
            aim = aim.join(head.headers.get("location", ""), allow_http=loopback)
        message = f"{self._shown} redirects more than {self.policy.max_hops} times"
        raise UnsafeAddress(message, url=self._shown, hint=targets.STRANGE)

    def _knock(
        self, aim: targets.Target, headers: Mapping[str, str], *, loopback: bool
    ) -> steps.Plan[tuple[str, steps.Head]]:
        broke = steps.LineBroke("the name has no address", connected=False)
        for address in (yield from self._safe_addresses(aim, loopback=loopback)):
            left, policy = self._left(), self.policy
            try:
                head = yield steps.Fetch(
                    aim, address, headers, left, policy.connect_s, policy.stall_s
                )
            except steps.LineBroke as error:
                if error.connected:
                    raise
                broke = error
            else:
                return address, head
        raise broke

    def _safe_addresses(
        self, aim: targets.Target, *, loopback: bool
    ) -> steps.Plan[tuple[str, ...]]:
        found: tuple[str, ...] = yield steps.Resolve(aim, self._left())
        reason = addresses.refusal_of_any(
            found, allow_loopback=loopback, only_loopback=not aim.is_https
        )
        if reason:
            raise UnsafeAddress(f"{aim.shown!r}: {reason}", url=aim.shown, hint=targets.STRANGE)
        return found

    # Verdicts

    @property
    def _shown(self) -> str:
        return targets.shown(self.url)

    def _left(self) -> float:
        self._check_deadline(None)
        return self.deadline - self.clock.now()

    def _check_deadline(self, cause: Exception | None) -> None:
        if self.clock.now() < self.deadline:
            return
        message = f"{self._shown} did not arrive within {self.policy.timeout_s:g} s"
        got = f"{self.part.size:,} bytes came" + (" and are kept" if self.part.note else "")
        hint = f"{got}; save again to go on, or raise timeout_s"
        raise DownloadTimedOut(message, url=self._shown, hint=hint) from cause

    def _refused(self, head: steps.Head) -> NoReturn:
        if head.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.begin(None)
            raise self._broken("the part on the disk does not fit it any more", again=True)
        message = f"{self._shown} was refused with status {head.status}"
        hint = EXPIRED if head.status not in PASSING - {HTTPStatus.NOT_FOUND} else LATER
        error = DownloadRefused(message, status_code=head.status, url=self._shown, hint=hint)
        if head.status not in PASSING:
            raise error
        wait = head.headers.get("retry-after", "")
        is_number = wait.isascii() and wait.isdigit() and len(wait) < 6
        raise _TryAgain(error, after_s=float(wait) if is_number else None)

    def _broken(self, what: str, *, again: bool = False) -> Exception:
        hint = "the media are paid for: save again, or ask for the job's result again"
        error = MediaBroken(f"{self._shown}: {what}", url=self._shown, hint=hint)
        return _TryAgain(error) if again else error

    def _pause(self, failures: int, failed: _TryAgain) -> float:
        pause = min(LONGEST_PAUSE_S, failed.after_s or 0.5 * 2 ** (failures - 1))
        if self.clock.now() + pause >= self.deadline:
            raise failed.error from failed.__cause__
        return pause
