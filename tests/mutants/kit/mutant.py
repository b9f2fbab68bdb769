"""What a mutant is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.mutants.kit.call import Answer, Call, Run

if TYPE_CHECKING:
    from pixazo.sandbox import Sandbox

__all__ = ["CLASSES", "Ask", "Change", "Mutant", "Tell", "Told", "ToldToo"]

CLASSES = (
    "shape", "type", "nullability", "enum", "status code", "header", "content type", "bound",
    "default", "format", "encoding", "life cycle", "identity", "time", "media", "callbacks",
    "money", "isolation", "combination",
)  # fmt: skip


SHORT = {
    "max-edit-": "qwen-image-max-edit",
    "max-": "qwen-image-max",
    "edit-": "qwen-image-edit",
    "qwen-image-": "qwen-image",
    "lora-": "qwen-image-edit-plus-lora",
    "trainer-": "qwen-image-edit-plus-trainer",
    "layered-": "qwen-image-layered",
}
"""How the names of mutants begin that change one model only."""


@dataclass
class Told:
    """A callback on its way to its receiver.

    Args:
        run: the mutant's memory.
        route: `header` or `body`: how the receiver was named.
        times: how often it is delivered; 0 drops it, and the caller believes it was taken.
        final: whether the receiver's refusal is hidden from the caller, so that it gives up.
    """

    run: Run
    route: str
    method: str
    headers: dict[str, str]
    body: bytes
    key: str
    times: int = 1
    final: bool = False


Ask = Callable[[Call], "Answer | None"]
Change = Callable[[Call, Answer], "Answer | None"]
Tell = Callable[[Told], None]


@dataclass(frozen=True)
class ToldToo:
    """A change of status answers that callbacks undergo too, as they are the same answer (R51)."""

    change: Change

    def __call__(self, call: Call, answer: Answer) -> Answer | None:
        """Change an answer."""
        return self.change(call, answer)


@dataclass(frozen=True)
class Mutant:
    """One small change of the gateway.

    Args:
        name: what it is called on the command line.
        kind: one of `CLASSES`; `harmless` when a caller may not mind.
        says: what the gateway does now, in one sentence.
        ask: changes a request before the gateway sees it, or answers in its place.
        change: changes an answer of the gateway.
        ask_media: the same for requests for media.
        change_media: the same for answers with media.
        tell: changes a callback.
        arrange: changes the sandbox before it starts.
        settings: other arguments for the sandbox.
    """

    name: str
    kind: str
    says: str
    ask: Ask | None = None
    change: Change | None = None
    ask_media: Ask | None = None
    change_media: Change | None = None
    tell: Tell | None = None
    arrange: Callable[[Sandbox], object] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def harmless(self) -> bool:
        """Whether the suite must keep quiet about it."""
        return self.kind == "harmless"

    @property
    def models(self) -> tuple[str, ...]:
        """The model that the name begins with, as only that one is changed; else none: all."""
        return next(((m,) for short, m in SHORT.items() if self.name.startswith(short)), ())
