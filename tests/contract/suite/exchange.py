"""One request and its answer, as every layer sees it."""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

__all__ = ["KEY_VARIABLE", "NOT_JSON", "Exchange", "printable"]

KEY_VARIABLE = "$PIXAZO_API_KEY"
LONGEST_SHOWN = 1200
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class _NotJson:
    """Says that a body is no JSON."""

    def __repr__(self) -> str:
        return "not JSON"

    def __reduce__(self) -> str:
        return "NOT_JSON"  # the only one, in other processes as well


NOT_JSON = _NotJson()


@dataclass(frozen=True)
class Exchange:
    """A request with its answer; keys stand in it as the names of variables.

    Args:
        method: of the request.
        url: absolute.
        request_headers: names as they were sent.
        request_body: bytes as they were sent.
        status: of the answer; 0 when none came.
        headers: of the answer, names in lower case.
        body: bytes of the answer.
        at: when it was sent, epoch seconds of the target's clock.
        elapsed_s: how long the answer took, in real seconds.
        failure: why no answer came; empty when one did.
        probe: whether it leaves the documented paths or methods on purpose.
        leaked: whether a key stood anywhere in the answer.
    """

    method: str
    url: str
    status: int
    request_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    request_body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    at: float = 0.0
    elapsed_s: float = 0.0
    failure: str = ""
    probe: bool = False
    leaked: bool = False

    @property
    def path(self) -> str:
        """Path of the URL, as it was sent."""
        return urlsplit(self.url).path

    @functools.cached_property
    def json(self) -> Any:
        """The answer's body as strict JSON, or `NOT_JSON`."""
        return parsed(self.body)

    @functools.cached_property
    def request_json(self) -> Any:
        """The request's body as strict JSON, or `NOT_JSON`."""
        return parsed(self.request_body)

    @property
    def media_type(self) -> str:
        """Content type of the answer without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def told(self) -> str:
        """Status of the answer, or why none came, and the message where it has one."""
        message = self.json.get("message") if isinstance(self.json, dict) else None
        return f"{self.status or self.failure} {message or ''}".strip()[:240]

    @property
    def redirected(self) -> bool:
        """Whether the answer sends elsewhere."""
        return 300 <= self.status < 400

    @property
    def size(self) -> int:
        """Bytes of both bodies: the smaller of two exchanges explains better."""
        return len(self.request_body) + len(self.body)

    def curl(self) -> str:
        """The request as one curl command, with the key as a variable."""
        parts = ["curl", "-sS", "-i"]
        if self.method != "GET":
            parts += ["-X", self.method]
        for name, value in self.request_headers.items():
            parts += ["-H", f"{name}: {value}"]
        if self.request_body:
            parts += ["--data-raw", _shown(self.request_body, 4000)]
        words = [_quoted(part) for part in [*parts, self.url]]
        return " ".join(words)

    def answer(self) -> str:
        """The answer in a few lines: status, content type, body."""
        if self.failure:
            return f"no answer: {self.failure}"
        head = f"{self.status} {self.headers.get('content-type', 'without a content type')}"
        return f"{head}\n{_shown(self.body, LONGEST_SHOWN)}" if self.body else f"{head}, no body"

    def to_dict(self) -> dict[str, Any]:
        """The exchange as JSON."""
        return {
            "method": self.method,
            "url": self.url,
            "request_headers": dict(self.request_headers),
            "request_body": _shown(self.request_body, 20_000),
            "status": self.status,
            "headers": dict(self.headers),
            "body": _shown(self.body, 20_000),
            "at": self.at,
            "elapsed_s": round(self.elapsed_s, 4),
            "failure": self.failure,
        }


def parsed(body: bytes) -> Any:
    """Read JSON strictly: UTF-8, no NaN, no name twice; `NOT_JSON` for everything else."""
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_each_once
        )
    except (ValueError, RecursionError):
        return NOT_JSON


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def printable(text: str) -> str:
    """A text whose control characters and changes of direction can be seen, and do nothing."""
    return _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], text)


def _shown(body: bytes, most: int) -> str:
    text = body.decode("utf-8", "backslashreplace")
    return text if len(text) <= most else f"{text[:most]} … ({len(body)} bytes)"


def _quoted(word: str) -> str:
    """One shell word; a key's variable stays open to the shell."""
    if KEY_VARIABLE[:7] in word and "PIXAZO_" in word:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
    return shlex.quote(word)
