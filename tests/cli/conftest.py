"""What the tests of the command line share: processes that start at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.forks import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """What starts commands as processes of their own."""
    found = Forks()
    yield found
    found.close()
