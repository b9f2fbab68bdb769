"""One request and its answer on their way through the gate, both open to change."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from pixazo_openapi.catalogue import KEY_HEADER, MODELS, STATUS, Model

if TYPE_CHECKING:
    from pixazo.sandbox import Sandbox

__all__ = ["STATUS_PREFIX", "Answer", "Call", "Run", "refusal"]

STATUS_PREFIX = STATUS.path.partition("{")[0]
BY_PATH = {model.path: model for model in MODELS.values()}


@dataclass
class Run:
    """What a mutant remembers of one run.

    Args:
        sandbox: the gateway behind the gate.
        notes: whatever a mutant wants to know later.
        slips: errors of the mutant itself; what it did is then no verdict on the suite.
    """

    sandbox: Sandbox
    slips: list[str] = field(default_factory=list[str])
    notes: dict[str, Any] = field(default_factory=dict[str, Any])

    def first(self, name: str) -> bool:
        """Whether this is asked for `name` the first time."""
        return self.count(name) == 1

    def count(self, name: str) -> int:
        """How often this was asked for `name`, this time included."""
        number: int = self.notes.get(f"count {name}", 0) + 1
        self.notes[f"count {name}"] = number
        return number


@dataclass
class Call:
    """A request; header names in lower case.

    Args:
        origin: `gateway` or `media`.
    """

    run: Run
    origin: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def model(self) -> Model | None:
        """The model that the path submits to."""
        return BY_PATH.get(self.path) if self.method == "POST" else None

    @property
    def model_id(self) -> str:
        """The model's id, or nothing."""
        return self.model.model_id if self.model else ""

    @property
    def asks_status(self) -> bool:
        """Whether the state of a job is asked for."""
        return self.method == "GET" and self.path.startswith(STATUS_PREFIX)

    @property
    def request_id(self) -> str:
        """The id that a status path names."""
        return self.path.removeprefix(STATUS_PREFIX)

    @property
    def key(self) -> str:
        """The key that was sent."""
        return self.headers.get(KEY_HEADER.lower(), "")

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The query."""
        return parse_qs(self.query)

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        return _read(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = json.dumps(value).encode()
        self.headers["content-length"] = str(len(self.body))


@dataclass
class Answer:
    """An answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        return _read(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def word(self) -> str:
        """The status word in the body, or nothing."""
        value = self.json
        return str(value.get("status", "")) if isinstance(value, dict) else ""


def refusal(status: int, error: str, message: str) -> Answer:
    """A good-looking error answer."""
    answer = Answer(status, {"content-type": "application/json"}, b"")
    answer.json = {"error": error, "message": message}
    return answer


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
