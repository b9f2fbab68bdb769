"""What a plan asks for; `drivers` do it.

A plan is a generator without I/O: it yields a `Call` to be sent, a `Sleep` to be slept, a `Turn` or
a `Write` to be waited for or a `Tell` for whoever watches, and is told the `Moment` after each.
Sync and async share every plan.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:  # whoever writes has imported it
    from concurrent.futures import Future

__all__ = [
    "Call",
    "Failure",
    "Moment",
    "Outcome",
    "Plan",
    "Reply",
    "Sleep",
    "Step",
    "Tell",
    "Turn",
    "Walk",
    "Write",
    "written",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the gateway, without the key.

    Args:
        method: The HTTP method.
        path: The path below the gateway's address, encoded.
        timeout_s: The bound of the whole exchange, in seconds.
        headers: Headers besides the usual ones.
        body: The JSON body's bytes.
        says: What is going on, for the log; empty for nothing.
    """

    method: str
    path: str
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = field(default=None, repr=False)
    says: str = ""


@dataclass(frozen=True, slots=True)
class Sleep:
    """A pause.

    Args:
        seconds: How long it is.
        says: Why it is made, for the log; empty for nothing.
    """

    seconds: float
    says: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of a request, waited for; it comes with a `Failure` when that took too long.

    Args:
        patience_s: How long to wait at most, in seconds; None for ever.
    """

    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Something for whoever watches."""

    news: object


@dataclass(frozen=True, slots=True)
class Write:
    """Something that is on its way to the disk; the plan goes on when it is there, or has failed.

    It is never cancelled: what an interrupted plan has begun to write is written.
    """

    future: Future[Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status code, headers (names in lower case) and the bytes that arrived.

    Args:
        broken: Why the body is not whole; empty when it is.
    """

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer.

    Args:
        reason: What happened, in words.
        sent: Whether bytes of the request may have left.
    """

    reason: str
    sent: bool


Outcome: TypeAlias = Reply | Failure
Step: TypeAlias = Call | Sleep | Tell | Turn | Write


@dataclass(frozen=True, slots=True)
class Moment:
    """What a plan hears after each step.

    Args:
        now_s: The clock that never goes back, in seconds.
        epoch_s: Seconds since 1970.
        outcome: What a `Call` brought, or the failure of a `Turn`; None after the other steps.
    """

    now_s: float
    epoch_s: float
    outcome: Outcome | None = None


Plan: TypeAlias = Generator[Step, Moment, T]


def written(future: Future[T]) -> Plan[T]:
    """Wait until something is on the disk and return what came of it, or raise why it is not."""
    yield Write(future)
    return future.result()


class Walk(Generic[T]):
    """A plan on its way: the step to do next, and the value once there is none.

    Args:
        plan: The generator that decides.
    """

    value: T

    def __init__(self, plan: Plan[T]) -> None:
        self._plan = plan

    def go(self, moment: Moment | None = None) -> Step | None:
        """Return the next step, or None when the plan has come to its value."""
        try:
            return next(self._plan) if moment is None else self._plan.send(moment)
        except StopIteration as stop:
            self.value = stop.value
            return None
