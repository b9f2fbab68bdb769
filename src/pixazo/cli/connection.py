"""Ways to a gateway: the real one, another one, or a sandbox inside this process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pixazo.cli import ledgers
from pixazo.cli.ledgers import Money
from pixazo.cli.sandbox import needs_extra
from pixazo.errors import GatewayFailure, GatewayUnreachable, RequestRefused

if TYPE_CHECKING:
    from pixazo.client import Pixazo
    from pixazo.sandbox import Sandbox

__all__ = ["ATTEMPTS", "SANDBOX_KEY", "connect", "offline"]

SANDBOX_KEY = "sandbox"
ATTEMPTS = 5
NO_LIMITS = Money()


@contextmanager
def connect(
    gateway: str | None,
    *,
    sandbox: bool = False,
    attempts: int = ATTEMPTS,
    money: Money = NO_LIMITS,
) -> Generator[Pixazo]:
    """Give a client with a ledger; errors that concern its gateway name the address.

    Jobs of a sandbox end with it, and so does their ledger.

    Args:
        gateway: The gateway's address; None takes the environment's or the documented one.
        sandbox: Whether to start a gateway in this process, for which any key will do.
        attempts: How often a request is sent at most when it was not accepted.
        money: The ledger and the limits.
    """
    from pixazo.client import Pixazo
    from pixazo.client.purse import own_folder

    with ExitStack() as stack:
        if sandbox:
            key, gateway = SANDBOX_KEY, stack.enter_context(offline()).url
            ledger = Path(own_folder(stack), "ledger")
        else:
            key, ledger = None, ledgers.path_of(money.ledger)
        client = stack.enter_context(
            Pixazo(
                key,
                base_url=gateway,
                attempts=attempts,
                ledger=ledger,
                **money.limits,
            )
        )
        try:
            yield client
        except (GatewayUnreachable, GatewayFailure, RequestRefused) as error:
            error.add_note(f"gateway: {client.base_url}")
            raise


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
