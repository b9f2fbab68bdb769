"""A job that the suite follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pixazo_openapi.catalogue import Model

from tests.contract.suite.exchange import Exchange

__all__ = ["Job"]


@dataclass(slots=True, eq=False)
class Job:
    """A job that the suite submitted.

    Args:
        watched: whether every look counts, or only its end.
        wanted: the word it shall end with.
        end: the first status answer that told of an end.
        lost: whether it did not end in time.
    """

    model: Model
    body: Any
    receipt: Exchange
    request_id: str
    watched: bool
    wanted: str
    looks: list[Exchange] = field(default_factory=list[Exchange])
    end: Exchange | None = None
    lost: bool = False

    @property
    def completed(self) -> bool:
        """Whether there is a result."""
        return self.end is not None and self.end.json["status"] == "COMPLETED"

    def media_urls(self) -> list[str]:
        """Where the result lies; empty when there is none."""
        output = self.end.json.get("output") if self.completed and self.end else None
        urls = output.get("media_url") if isinstance(output, dict) else None
        return [url for url in urls if isinstance(url, str)] if isinstance(urls, list) else []
