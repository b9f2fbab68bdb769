"""What the suite is pointed at: the sandbox, unless `--target URL --key KEY` says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.suite import CouldNotRun, Target, of_url, sandbox_target
from tests.contract.suite.lab import Lab
from tests.contract.suite.options import read
from tests.contract.suite.runner import probe
from tests.contract.suite.spec import spec


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the target; works where pytest is started with a path inside of tests/contract."""
    group = parser.getgroup("contract")
    group.addoption("--target", default="sandbox", help="sandbox, or a gateway's URL")
    group.addoption("--key", default=None, help="a key that the gateway accepts")
    group.addoption("--second-key", default=None, help="another person's key")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The gateway under test."""
    if request.config.getoption("--target", default="sandbox") == "sandbox":
        with sandbox_target() as sandbox:
            yield sandbox
        return
    try:
        yield _gateway(request.config)
    except CouldNotRun as error:
        pytest.exit(f"could not run: {error}", returncode=2)


def _gateway(config: pytest.Config) -> Target:
    """A gateway that answers, and knows the keys.

    Raises:
        CouldNotRun: nothing can be said of it.
    """
    given = {name: config.getoption(name) for name in ("--target", "--key", "--second-key")}
    options = read([word for name, value in given.items() if value for word in (name, value)])
    if "://" not in options.target or options.key is None:
        raise CouldNotRun("give --target URL and --key KEY, or neither")
    target = of_url(options.target, options.key, second_key=options.second_key)
    lab = Lab(target, spec())
    try:
        probe(lab)
    finally:
        lab.close()
    return target
