"""Which way a job may go, and what each step means for the money."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

from pixazo_openapi.errors import abbreviate

from pixazo.errors import Charged, InvalidConfiguration

State = Literal[
    "intent", "sending", "submitted", "completed", "downloaded", "unknown", "rejected", "failed"
]
Outcome = Literal["reserved", "charged", "returned", "unknown"]

MOVES: Final[Mapping[State, frozenset[State]]] = {
    # written down, nothing sent
    "intent": frozenset({"sending"}),
    # the bytes may leave from here on; back to intent only when they surely were not accepted
    "sending": frozenset({"submitted", "completed", "intent", "rejected", "unknown", "failed"}),
    # the answer got lost: found again, or a person decides to send once more or abandon (failed)
    "unknown": frozenset({"submitted", "completed", "sending", "failed"}),
    # done without media: what the gateway says is noted, and it is looked at again
    "submitted": frozenset({"submitted", "completed", "failed"}),
    "completed": frozenset({"downloaded"}),
    "downloaded": frozenset(),
    "rejected": frozenset(),
    "failed": frozenset(),
}
STATES: Final[tuple[State, ...]] = tuple(MOVES)
FINAL_STATES: Final[frozenset[State]] = frozenset(
    state for state, following in MOVES.items() if not following
)

_CHARGED: Final[Mapping[State, Charged]] = {
    "intent": "no",
    "sending": "unknown",
    "submitted": "unknown",  # ERROR may still give it back
    "completed": "yes",
    "downloaded": "yes",
    "unknown": "unknown",
    "rejected": "no",
    "failed": "unknown",  # FAILED does not say; ERROR does, and its caller passes "no"
}
_OUTCOMES: Final[Mapping[Charged, Outcome]] = {
    "no": "returned",
    "yes": "charged",
    "unknown": "unknown",
}


def check_states(states: Collection[State]) -> None:
    """Make sure that jobs can be in these states; a slip would be answered as if there were none.

    Raises:
        InvalidConfiguration: One of them is no state, such as a letter of a text.
    """
    for state in states:
        if state not in STATES:
            message = f"{abbreviate(state)} is no state that a job can be in"
            raise InvalidConfiguration(message, hint=f"Give a list of {', '.join(STATES)}.")


def charged_after(state: State, said: Charged | None) -> Charged:
    """Return whether the attempt is charged: what the caller knows, or what the state implies."""
    return said if said is not None else _CHARGED[state]


def outcome_after(state: State, charged: Charged) -> Outcome:
    """Return what becomes of the attempt's reservation; a job that still runs keeps it reserved."""
    if state in ("sending", "submitted"):
        return "reserved"
    return _OUTCOMES[charged]
