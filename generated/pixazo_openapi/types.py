# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
"""What the wire models and the operations share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


class Unset:
    """The type of ``UNSET``."""

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Unset = Unset()
"""A field that is not sent, or was not in the answer; null is another thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What an operation puts on the wire, without key and server.

    Args:
        method: the HTTP method, in small letters.
        path: the path below the server, its parameters filled in.
        headers: the documented headers that were given.
        query: the documented query parameters that were given.
        body: the JSON body; None when the operation has none.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] | None = None


__all__ = ["UNSET", "Call", "Unset"]
