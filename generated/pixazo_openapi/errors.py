# Made by `python -m codegen` from codegen/runtime/errors.py. Do not edit: change what it is made from.
"""What can be wrong before a request leaves: the root of the error tree and the refused request."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Charged", "InvalidRequest", "PixazoError", "Problem", "abbreviate"]

Charged = Literal["no", "yes", "unknown"]

_CHARGED_WORDS: dict[Charged, str] = {
    "no": "not charged",
    "yes": "charged",
    "unknown": "charged or not is unknown",
}
_LONGEST_VALUE = 72


def abbreviate(value: object) -> str:
    """Return a text of the value that fits into an error message, however large the value is."""
    if isinstance(value, str):
        if len(value) <= _LONGEST_VALUE:
            return repr(value)
        return f"{value[:_LONGEST_VALUE]!r}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return _short.repr(value)


class _Short(reprlib.Repr):
    """The repr of lists and mappings with every part abbreviated in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.maxother = _LONGEST_VALUE

    def repr_str(self, x: str, level: int) -> str:  # noqa: ARG002 (reprlib's signature)
        return abbreviate(x)

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python writes no integer out that has thousands of digits
            return f"<an integer of {x.bit_length()} bits>"

    def repr_bytes(self, x: bytes, level: int) -> str:  # noqa: ARG002 (reprlib's signature)
        return abbreviate(x)


_short = _Short()


class PixazoError(Exception):
    """The root of the error tree: what happened, to which request, whether it cost money.

    Args:
        message: what happened, naming the thing and the value.
        hint: what to do next, a sentence; empty when the message says it all.
        charged: whether money was taken; the class decides when it is left out.
        request_id: the gateway's id of the request, where one exists.
        token: a text that resumes the job, where one exists.
    """

    charged: Charged = "no"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        charged: Charged | None = None,
        request_id: str | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if charged is not None:
            self.charged = charged
        self.request_id = request_id
        self.token = token

    def __str__(self) -> str:
        facts = [f"request {self.request_id}"] if self.request_id else []
        facts.append(_CHARGED_WORDS[self.charged])
        text = f"{self.message} [{', '.join(facts)}]"
        return f"{text} {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


def _restore(
    kind: type[PixazoError], args: tuple[object, ...], state: dict[str, object]
) -> PixazoError:
    """Rebuild an unpickled error without calling an initialiser that may need more arguments."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that breaks one rule; its text reads ``num_images=9: must be at most 4``.

    Args:
        parameter: the documented name, with the place inside it: ``image_urls[2]``.
        value: what was given; None when nothing was.
        rule: what the documents ask for, as the end of a sentence.
        pointer: where the value stands in the checked document, as a JSON pointer.
        keyword: the JSON Schema keyword that was broken: ``maximum``, ``required``, …
    """

    parameter: str
    value: object = field(hash=False)
    rule: str
    pointer: str
    keyword: str

    def __str__(self) -> str:
        if self.keyword == "required":
            return f"{self.parameter}: {self.rule}"
        return f"{self.parameter}={abbreviate(self.value)}: {self.rule}"


class InvalidRequest(PixazoError, ValueError):  # noqa: N818 (a request that is invalid)
    """A request that the documents do not allow; it was not sent.

    Args:
        model_id: the model that was asked for.
        problems: every broken rule, in the order of the documented parameters.
        hint: what to do next.
    """

    def __init__(self, model_id: str, problems: Iterable[Problem], *, hint: str = "") -> None:
        self.model_id = model_id
        self.problems = tuple(problems)
        said = "; ".join(str(problem) for problem in self.problems)
        super().__init__(f"invalid request for {model_id}: {said}", hint=hint)
