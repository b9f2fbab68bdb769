"""An offline gateway for tests and trials: every model, no account, nothing paid."""

from __future__ import annotations

import sys

try:
    from pixazo.sandbox.clock import ClientClock, Clock, ManualClock, RealClock, ScaledClock
    from pixazo.sandbox.fault_table import FAULTS, Fault
    from pixazo.sandbox.faults import FAULT_HEADER, Faults, Rule
    from pixazo.sandbox.jobs import Job, Jobs
    from pixazo.sandbox.journal import Entry, Journal
    from pixazo.sandbox.server import PortInUse
    from pixazo.sandbox.service import Sandbox
    from pixazo.sandbox.serving import serve
    from pixazo.sandbox.wallet import Charge, DoubleCharge, Wallet
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("jsonschema_rs", "PIL", "starlette", "uvicorn"):
        raise
    text = f"the sandbox needs {error.name}, which is not installed: pip install 'pixazo[sandbox]'"
    if sys.argv[:1] == ["-m"] and __name__ in sys.orig_argv:  # this is `python -m`'s own look
        print(f"error: {text}", file=sys.stderr)  # noqa: T201
        raise SystemExit(3) from None
    raise ImportError(text, name=error.name) from error

__all__ = [
    "FAULTS",
    "FAULT_HEADER",
    "Charge",
    "ClientClock",
    "Clock",
    "DoubleCharge",
    "Entry",
    "Fault",
    "Faults",
    "Job",
    "Jobs",
    "Journal",
    "ManualClock",
    "PortInUse",
    "RealClock",
    "Rule",
    "Sandbox",
    "ScaledClock",
    "Wallet",
    "serve",
]
