"""Ways to a gateway: the real one, another one, or a sandbox inside this process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pixazo.cli.sandbox import needs_extra

if TYPE_CHECKING:
    from pixazo.client import Pixazo
    from pixazo.sandbox import Sandbox

__all__ = ["connect", "offline"]

SANDBOX_KEY = "sandbox"


@contextmanager
def connect(gateway: str | None, *, sandbox: bool = False) -> Generator[Pixazo]:
    """Give a client.

    Args:
        gateway: The gateway's address; None takes the environment's or the documented one.
        sandbox: Whether to start a gateway in this process, for which any key will do.
    """
    from pixazo.client import Pixazo

    if not sandbox:
        with Pixazo(base_url=gateway) as client:
            yield client
        return
    with offline() as box, Pixazo(SANDBOX_KEY, base_url=box.url) as client:
        yield client


@contextmanager
def offline(*, latency: float = 2.0) -> Generator[Sandbox]:
    """Give a sandbox in this process.

    Args:
        latency: How long a job takes, in seconds.

    Raises:
        InvalidConfiguration: The sandbox's packages are not installed.
    """
    try:
        from pixazo.sandbox import Sandbox
    except ImportError as error:
        raise needs_extra(error) from error
    with Sandbox(latency=latency) as box:
        yield box
