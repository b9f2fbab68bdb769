"""The ledger and the spend limits of a client."""

from __future__ import annotations

import os
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING
from weakref import finalize

from pixazo_openapi.catalogue import MODELS

from pixazo.arguments import check_path, check_text
from pixazo.errors import InvalidConfiguration
from pixazo.money import Dollars, dollars
from pixazo.pace import Durations, PastDurations
from pixazo.plans import Plans, duration_key
from pixazo.settings import Gateway, origin_of

if TYPE_CHECKING:  # both take time to import
    from pixazo.books import Books
    from pixazo.ledger import Ledger, Limits

__all__ = ["Purse", "own_folder"]

MOST_LEARNED = 64  # past durations of each model


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """Where a client writes down jobs and money, and how much it may spend; all optional.

    Args:
        ledger: An open ledger, which is left open, or a path.
        spend_limit: US dollars for this client, or for all clients of the same `run`.
        spend_limit_call: US dollars for one request.
        spend_limit_day: US dollars for everyone who shares the ledger, on one day (UTC).
        assume_price: US dollars to count for a request whose price is not documented.
        run: The name under which spending counts together.
    """

    ledger: Ledger | str | os.PathLike[str] | None = None
    spend_limit: Dollars | None = None
    spend_limit_call: Dollars | None = None
    spend_limit_day: Dollars | None = None
    assume_price: Dollars | None = None
    run: str | None = None

    def open(self, plans: Plans, stack: ExitStack, *, learn: bool) -> Books | None:
        """Return the books of a client; None without a ledger and limits.

        Args:
            plans: The client's plans.
            stack: Closes what is opened here.
            learn: Whether waits begin with the durations that the ledger knows.

        Raises:
            InvalidConfiguration: A limit cannot be used, or needs a ledger.
            LedgerError: The ledger cannot be used.
        """
        if self == Purse():
            return None
        from pixazo.books import Books

        check_text(self.run, name="run", hint="Leave it out to count each client by itself.")
        limits, lasting = self._limits(), self.ledger is not None
        ledger = self._ledger(stack)
        if learn:
            plans = replace(plans, durations=_learned(ledger, plans.gateway))
        run = self.run or f"client {uuid.uuid4().hex[:12]}"
        return Books(ledger=ledger, plans=plans, limits=limits, run=run, lasting=lasting)

    def _limits(self) -> Limits:
        from pixazo.ledger import Limits

        limits = Limits(
            call_usd=dollars(self.spend_limit_call, name="spend_limit_call"),
            run_usd=dollars(self.spend_limit, name="spend_limit"),
            day_usd=dollars(self.spend_limit_day, name="spend_limit_day"),
            assume_usd=dollars(self.assume_price, name="assume_price"),
        )
        if limits.day_usd is not None and self.ledger is None:
            message = "spend_limit_day needs a ledger: what was spent today must outlive a client"
            raise InvalidConfiguration(message, hint="Give ledger=PATH, too.")
        return limits

    def _ledger(self, stack: ExitStack) -> Ledger:
        from pixazo.ledger import Ledger

        if isinstance(self.ledger, Ledger):
            return self.ledger
        path = self.ledger
        if path is not None:
            check_path(path, name="ledger", also="an open Ledger")
        else:  # a limit alone: the same books for as long as the client lives
            path = Path(own_folder(stack), "ledger")
        return stack.enter_context(Ledger(path))


def own_folder(stack: ExitStack) -> str:
    """Return a new folder that goes with the stack or this process, and not with a forked child.

    Raises:
        InvalidConfiguration: No folder for temporary files can be used.
    """
    try:
        folder = mkdtemp(prefix="pixazo-")
    except OSError as error:
        message = f"no place to count what is spent: {error.strerror or error}"
        hint = "Make room where temporary files go, set TMPDIR, or give a ledger."
        raise InvalidConfiguration(message, hint=hint) from error
    stack.callback(finalize(stack, _remove, folder, os.getpid()))
    return folder


def _remove(folder: str, maker: int) -> None:
    if os.getpid() == maker:
        rmtree(folder, ignore_errors=True)


def _learned(ledger: Ledger, gateway: Gateway) -> Durations:
    """Return what the ledger knows of past durations at this gateway."""
    past = PastDurations()
    for model_id, model in MODELS.items():
        if model.mode == "queued":
            known = ledger.durations(model_id, base_url=origin_of(gateway.url), limit=MOST_LEARNED)
            for seconds in reversed(known):
                past.learn(duration_key(gateway, model_id), seconds)
    return past
