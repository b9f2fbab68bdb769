"""Names that stand on a cassette in place of addresses that differ from run to run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from tests.deck.library import Recorded
from tests.deck.types import Json

__all__ = ["Names", "named_url"]


def named_url(request: Recorded) -> str:
    """Return a request's address with the host it is meant for: downloads go to a pinned number."""
    host, url = str(request.headers.get("host", "")), str(request.uri)
    return urlsplit(url)._replace(netloc=host).geturl() if host else url


@dataclass(frozen=True, slots=True)
class Names:
    """What stands on the cassette instead of an address.

    Args:
        fixed: The name by the address as it was.
    """

    fixed: Mapping[str, str]

    def text(self, text: str) -> str:
        """Return a text with names in it."""
        for actual, name in self.fixed.items():
            text = text.replace(actual, name)
        return text

    def value(self, value: Json) -> Json:
        """Return a JSON value with names in it."""
        return cast("Json", json.loads(self.text(json.dumps(value))))

    def body(self, content: bytes, headers: Mapping[str, Any]) -> bytes:
        """Return a JSON body with names in it; any other body as it is."""
        if "json" not in str(headers.get("content-type", "")):
            return content
        for actual, name in self.fixed.items():
            content = content.replace(actual.encode(), name.encode())
        return content

    def request(self, request: Recorded) -> Recorded:
        """Return a request as it stands on the cassette."""
        headers = {name: self.text(str(value)) for name, value in request.headers.items()}
        body = self.body(request.body_bytes or b"", request.headers)
        url = self.text(named_url(request))
        return Recorded(str(request.method), url, body, headers)

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return an answer as it stands on the cassette."""
        headers = {
            name.lower(): [self.text(value) for value in values]
            for name, values in response["headers"].items()
        }
        body = self.body(response["body"]["string"], headers)
        return response | {"headers": headers, "body": {"string": body}}
