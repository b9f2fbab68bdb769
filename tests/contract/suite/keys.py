"""Keys: filled in on the way out, taken out of everything that is remembered."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Mapping

from tests.contract.suite.exchange import Exchange

__all__ = ["Keys"]

SHORTEST = 6
HIDDEN = "[key]"


class Keys:
    """The secrets of a run.

    Args:
        keys: secrets by the names of their variables.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self._variables = {key: variable for variable, key in keys.items()}
        forms = [form for key in keys.values() if len(key) >= SHORTEST for form in _forms(key)]
        self._text = re.compile("|".join(forms) or r"(?!)")
        self._bytes = re.compile(self._text.pattern.encode())

    def filled(self, value: str) -> str:
        """The key that a variable stands for; any other text as it is."""
        return self._keys.get(value, value)

    def hidden(self, text: str) -> str:
        """A text without keys."""
        return self._text.sub(HIDDEN, text)

    def kept(self, exchange: Exchange) -> Exchange:
        """An exchange as it may be remembered and shown; it says whether the answer held a key."""
        answered = [*exchange.headers.values(), exchange.failure]
        leaked = self._bytes.search(exchange.body) or any(map(self._text.search, answered))
        asked = {n: self._variables.get(v, v) for n, v in exchange.request_headers.items()}
        return dataclasses.replace(
            exchange,
            url=self.hidden(exchange.url),
            request_headers={name: self.hidden(value) for name, value in asked.items()},
            request_body=self._bytes.sub(HIDDEN.encode(), exchange.request_body),
            headers={name: self.hidden(value) for name, value in exchange.headers.items()},
            body=self._bytes.sub(HIDDEN.encode(), exchange.body) if leaked else exchange.body,
            failure=self.hidden(exchange.failure),
            leaked=bool(leaked),
        )


def _forms(key: str) -> tuple[str, str]:
    """Patterns of a key: each character plain, percent-encoded or escaped in JSON; or base64."""
    plain = base64.b64encode(key.encode()).decode().rstrip("=")
    return "".join(map(_character, key)), re.escape(plain)


def _character(one: str) -> str:
    escaped = [re.escape(one), f"(?i:%{'%'.join(f'{byte:02x}' for byte in one.encode())})"]
    escaped += [rf"(?i:\\u{ord(one):04x})"] if ord(one) < 0x10000 else []
    escaped += [rf"\\{re.escape(one)}"] if one in '/"\\' else []
    return f"(?:{'|'.join(escaped)})"
