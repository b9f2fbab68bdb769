"""What the suite is pointed at: the sandbox, unless `--target URL --key KEY` says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.suite import Target, of_url, sandbox_target


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the target; works where pytest is started with a path inside of tests/contract."""
    group = parser.getgroup("contract")
    group.addoption("--target", default="sandbox", help="sandbox, or a gateway's URL")
    group.addoption("--key", default=None, help="a key that the gateway accepts")
    group.addoption("--second-key", default=None, help="another person's key")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The gateway under test."""
    chosen = request.config.getoption("--target", default="sandbox")
    if chosen == "sandbox":
        with sandbox_target() as sandbox:
            yield sandbox
        return
    key = request.config.getoption("--key") or "no-key-was-given"
    yield of_url(chosen, key, second_key=request.config.getoption("--second-key"))
