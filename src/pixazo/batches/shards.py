"""One part of a batch, so that several machines share it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pixazo.batches.items import Item
from pixazo.errors import InvalidConfiguration

__all__ = ["Shard"]


@dataclass(frozen=True, slots=True)
class Shard:
    """The index-th of `count` parts: lines that are `count` apart.

    Args:
        index: From 1 to `count`.
        count: How many parts there are.
    """

    index: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard of `2/8`.

        Raises:
            InvalidConfiguration: It is none.
        """
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise InvalidConfiguration(
                f"{text[:40]!r} is no shard", hint="Give i/n with 1 <= i <= n, for example 2/8."
            )
        return cls(int(found[1]), int(found[2]))

    @property
    def suffix(self) -> str:
        """What tells its files from those of the others; empty for the whole."""
        return "" if self.count == 1 else f"-{self.index}-of-{self.count}"

    def of(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Return the items of this part; the parts together hold each item once."""
        return tuple(item for at, item in enumerate(items) if at % self.count == self.index - 1)
