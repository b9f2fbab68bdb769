"""What was asked and answered, with every key taken out."""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pixazo.sandbox.types import Json

__all__ = ["Entry", "Journal"]

REDACTED = "[redacted]"
KEPT_ENTRIES = 20_000
LONGEST_TEXT = 2_000
SHORTEST_KEY = 6
"""Keys shorter than this are taken out of headers only: "k" stands in too many words."""
KEPT_KEYS = 64


@dataclass(slots=True)
class Entry:
    """One request: what came in and what went out."""

    number: int
    time: float
    origin: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: object = None
    status: int | None = None
    answer: object = None
    model_id: str | None = None
    request_id: str | None = None
    faults: list[str] = field(default_factory=list[str])
    charged: bool = False
    carried_key: bool = False

    def to_dict(self) -> dict[str, object]:
        """The entry as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


class Journal:
    """The requests of one sandbox, oldest first; only the last 20,000 are kept.

    Args:
        key_header: the header whose value never enters the journal.
    """

    def __init__(self, key_header: str) -> None:
        self._key_header = key_header.lower()
        self._entries: deque[Entry] = deque(maxlen=KEPT_ENTRIES)
        self._numbers = itertools.count(1)
        self._keys: deque[str] = deque(maxlen=KEPT_KEYS)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    @property
    def leaks(self) -> tuple[Entry, ...]:
        """Requests that brought a key to an origin that has no business with it."""
        return tuple(e for e in self if e.carried_key and e.origin != "gateway")

    def open(
        self, *, time: float, origin: str, method: str, path: str, headers: Mapping[str, str]
    ) -> Entry:
        """Start the entry of a request; the key's value is remembered only to take it out."""
        key = headers.get(self._key_header, "")
        with self._lock:
            if len(key) >= SHORTEST_KEY and key not in self._keys:
                self._keys.append(key)
            shown = {
                name: REDACTED if name == self._key_header else self.redact(value)
                for name, value in headers.items()
            }
            entry = Entry(
                number=next(self._numbers),
                time=time,
                origin=origin,
                method=method,
                path=self.redact(path),
                headers=shown,
                carried_key=bool(key),
            )
            self._entries.append(entry)
        return entry

    def readable(self, raw: bytes) -> Json:
        """A body as it may stand in the journal: JSON where it is, keys out, long texts cut."""
        text = raw.decode("utf-8", "replace")
        try:
            return self._cut(json.loads(text)) if text else None
        except (ValueError, RecursionError):
            return self._cut(text)

    def redact(self, text: str) -> str:
        """`text` without any key that was seen."""
        for key in tuple(self._keys):
            if key in text:
                text = text.replace(key, REDACTED)
        return text

    def clean(self, value: Mapping[str, object]) -> object:
        """Something else that is shown, with keys out and long texts cut."""
        return self.readable(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))

    def clear(self) -> None:
        """Forget every request; keys are still known, to be taken out."""
        with self._lock:
            self._entries.clear()

    def _cut(self, value: Json) -> Json:
        if isinstance(value, str):
            if len(value) > LONGEST_TEXT:
                value = f"{value[:200]}… ({len(value):,} characters)"
            return self.redact(value)
        if isinstance(value, list):
            return [self._cut(item) for item in value]
        if isinstance(value, dict):
            return {self.redact(name): self._cut(item) for name, item in value.items()}
        return value
