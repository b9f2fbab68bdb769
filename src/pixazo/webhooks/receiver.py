"""Decides about callbacks; the adapters for ASGI and WSGI only carry bytes."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, cast

from pixazo.arguments import check_callable, check_count
from pixazo.clock import Clock, SystemClock
from pixazo.webhooks.addresses import callback_base
from pixazo.webhooks.hints import Hint, Hints
from pixazo.webhooks.pacing import Pacing, Turns
from pixazo.webhooks.tokens import Claim, Route, Tokens, new_secret
from pixazo.webhooks.waking import WakingClock

if TYPE_CHECKING:
    from pixazo.webhooks.asgi import AsgiApp
    from pixazo.webhooks.wsgi import WsgiApp

__all__ = ["OnHint", "Receiver", "Reply"]

OnHint = Callable[[Hint], Awaitable[object] | object]
log = logging.getLogger("pixazo.webhooks")
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,159}")
MOST_LOOKS = 16  # in threads at once: many jobs may end together, and each look may save media


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer to a callback: a status without a body.

    Args:
        status: The HTTP status.
        reason: One word for the counters in `Receiver.stats`.
        hint: What is to be passed on, for genuine callbacks only.
    """

    status: HTTPStatus
    reason: str
    hint: Hint | None = None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers of the answer."""
        headers = [("content-length", "0"), ("cache-control", "no-store")]
        if self.status == HTTPStatus.NO_CONTENT:
            headers = headers[1:]
        if self.status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("allow", "POST"))
        return headers


class Receiver:
    """Receives callbacks for jobs and passes them on as hints.

    Mount `receiver.asgi()` or `receiver.wsgi()` under the base address and give the receiver to
    `client.submit(request, webhook=receiver)`. Without a secret of yours a random one is made, and
    callbacks for jobs of an earlier process are refused.

    Args:
        base: The public https address under which the receiver is mounted (http on loopback).
        secret: At least 32 bytes; see `new_secret()`.
        older_secrets: Earlier secrets whose callbacks are still on their way.
        scope: Keeps installations that share a secret apart.
        on_hint: Called when the callback was decided, at most every `every_s` for each job and
            never twice at once for one job: look at the job there. The answer does not wait for
            it. May be a coroutine function. Without ASGI it runs in a thread of its own, a
            coroutine function in an event loop of its own.
        hints: Where waiting clients look; shared between receivers when given.
        most_bytes: Most bytes of a callback's body.
        body_s: Most seconds for a body to arrive.
        every_s: Least seconds between two hints of one job.
        clock: Time.

    Raises:
        InvalidCallbackBase: The gateway could not call the base safely.
        InvalidConfiguration: A secret is too short, or an argument is of a wrong kind.
    """

    def __init__(
        self,
        base: str,
        secret: str | bytes | None = None,
        *,
        older_secrets: Iterable[str | bytes] = (),
        scope: str = "default",
        on_hint: OnHint | None = None,
        hints: Hints | None = None,
        most_bytes: int = 64 * 1024,
        body_s: float = 10.0,
        every_s: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        self.base = callback_base(base)
        check_callable(on_hint, name="on_hint", takes="a hint")
        check_count(most_bytes, name="most_bytes", hint="Leave it out for 64 KiB.")
        self.hints = hints or Hints()
        self.on_hint = on_hint
        self.most_bytes = most_bytes
        self.body_s = body_s
        self.clock = clock or SystemClock()
        secret = new_secret() if secret is None else secret
        self._tokens = Tokens(secret, *older_secrets, scope=scope)
        self.turns = Turns()
        self._looking = threading.Semaphore(MOST_LOOKS)
        self._pacing = Pacing(every_s)
        self._counts: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"Receiver({self.base!r})"

    def __reduce__(self) -> NoReturn:
        message = "a webhook secret is never pickled; make the Receiver where it is used"
        raise TypeError(message)

    @property
    def stats(self) -> MappingProxyType[str, int]:
        """How many callbacks came to which end, by one word each."""
        return MappingProxyType(self._counts)

    def url_for(self, job_key: str, *, route: Route = "header") -> str:
        """The callback address of one job: whoever knows it can wake that job's waiter.

        Args:
            job_key: Your name for the job, 1 to 128 letters, digits or `_~.-`.
            route: Where the address goes in the request, so that callbacks tell by which way
                they came when both are used.

        Raises:
            ValueError: The key holds other characters.
        """
        return f"{self.base}/{self._tokens.make(job_key, route)}"

    def callback_url(self, request: object, reference: str) -> str:  # noqa: ARG002
        """The callback address of a request that is about to be sent; the client asks for it.

        Args:
            request: What is asked.
            reference: The client's own name for the request, which becomes the job key.
        """
        return self.url_for(reference)

    def waking(self, job_key: str, clock: Clock) -> WakingClock:
        """The given clock, except that the job's callbacks end its pauses early."""
        return WakingClock(clock, self.hints, job_key)

    # What the adapters ask, in this order

    def head(self, method: str, path: str, headers: Iterable[tuple[str, str]]) -> Claim | Reply:
        """Decide by method, path and headers alone; a claim means: read the body.

        Args:
            method: The HTTP method.
            path: The path, decoded; only its last segment counts.
            headers: Names in small letters, and values.
        """
        claim = self._tokens.read(path.rpartition("/")[2])
        if claim is None:
            return self.refuse(HTTPStatus.NOT_FOUND, "no-token")
        if method != "POST":
            return self.refuse(HTTPStatus.METHOD_NOT_ALLOWED, "method")
        values = list(headers)
        codings = _all(values, "content-encoding")
        if any(coding.strip().lower() not in ("", "identity") for coding in codings):
            return self.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "encoding")
        return self._length(_all(values, "content-length")) or claim

    def is_too_long(self, size: int) -> bool:
        """Whether a body has too many bytes by now."""
        return size > self.most_bytes

    def body(self, claim: Claim, body: bytes) -> Reply:
        """Decide by the whole body: the hint, and no more than a guess at the request id."""
        hint = Hint(claim.job_key, _claimed_request_id(body), claim.route)
        return self._count(Reply(HTTPStatus.NO_CONTENT, "hint", hint))

    def refuse(self, status: HTTPStatus, reason: str) -> Reply:
        """An answer that passes nothing on."""
        return self._count(Reply(status, reason))

    def too_long(self) -> Reply:
        """The answer to a body of too many bytes."""
        return self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long")

    def too_slow(self) -> Reply:
        """The answer to a body that does not arrive."""
        return self.refuse(HTTPStatus.REQUEST_TIMEOUT, "too-slow")

    def receive(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]],
        body: bytes | Callable[[], bytes],
    ) -> Reply:
        """Decide about a callback in a view of a web framework; see the guide on webhooks.

        Args:
            method: The HTTP method.
            path: The path, decoded; only its last segment counts.
            headers: Names in any case, and values.
            body: The whole body, or what reads it: that is called for genuine callbacks only.
        """
        verdict = self.head(method, path, [(name.lower(), value) for name, value in headers])
        if isinstance(verdict, Reply):
            return verdict
        try:
            content = body if isinstance(body, bytes) else body()
        except OSError:  # broken chunks, or the caller has gone
            return self.refuse(HTTPStatus.BAD_REQUEST, "length")
        return self.too_long() if self.is_too_long(len(content)) else self.body(verdict, content)

    def pass_on(self, hint: Hint | None) -> None:
        """Wake who waits and call `on_hint`, in a thread of its own when it is due.

        Args:
            hint: What a reply holds; None does nothing.
        """
        delay_s = None if hint is None else self.delay_s(hint)
        if hint is None or delay_s is None:
            return
        if not delay_s and self.on_hint is None:
            self.hints.give(hint)
            return
        timer = threading.Timer(delay_s, self._deliver, (hint,))  # a server must not wait for it
        timer.daemon = True
        timer.start()

    def _deliver(self, hint: Hint) -> None:
        self.hints.give(hint)
        if self.on_hint is None or not self.turns.begin(hint):
            return
        try:
            self._look(self.on_hint, hint)
            while (later := self.turns.again(hint.job_key)) is not None:
                self._look(self.on_hint, later)
        except BaseException:
            self.turns.leave(hint.job_key)
            raise

    def _look(self, on_hint: OnHint, hint: Hint) -> None:
        try:
            with self._looking:
                result = on_hint(hint)
                if inspect.isawaitable(result):
                    asyncio.run(_awaited(result))
        except Exception:
            log.exception("on_hint failed for job %s", hint.job_key)

    def delay_s(self, hint: Hint) -> float | None:
        """Seconds until a hint is to be passed on; None when one that is yet to be covers it."""
        delay = self._pacing.delay_s(hint.job_key, self.clock.now())
        if delay is None:
            self._counts["coalesced"] += 1
        return delay

    def asgi(self) -> AsgiApp:
        """The receiver as an ASGI application, for FastAPI, Starlette, Django and the like."""
        from pixazo.webhooks.asgi import AsgiApp

        return AsgiApp(self)

    def wsgi(self) -> WsgiApp:
        """The receiver as a WSGI application, for Flask, Django and the like."""
        from pixazo.webhooks.wsgi import WsgiApp

        return WsgiApp(self)

    def _length(self, lengths: list[str]) -> Reply | None:
        if not lengths:
            return None
        if len(set(lengths)) > 1 or not re.fullmatch(r"[0-9]+", lengths[0]):
            return self.refuse(HTTPStatus.BAD_REQUEST, "length")
        digits = lengths[0].lstrip("0")
        if len(digits) > len(str(self.most_bytes)) or self.is_too_long(int(digits or "0")):
            return self.too_long()
        return None

    def _count(self, reply: Reply) -> Reply:
        self._counts[reply.reason] += 1
        return reply


async def _awaited(result: Awaitable[object]) -> None:
    await result


def _all(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key == name]


def _claimed_request_id(body: bytes) -> str | None:
    try:
        fields: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    claimed = cast("dict[str, object]", fields).get("request_id")
    return claimed if isinstance(claimed, str) and REQUEST_ID.fullmatch(claimed) else None
