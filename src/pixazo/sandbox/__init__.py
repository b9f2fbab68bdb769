"""An offline gateway for tests and trials: every model, no account, nothing paid."""

from __future__ import annotations

try:
    import jsonschema_rs as _jsonschema_rs  # noqa: F401 - is the extra installed?
    import PIL as _PIL  # noqa: F401
    import starlette as _starlette  # noqa: F401
    import uvicorn as _uvicorn  # noqa: F401
except ImportError as error:
    raise ImportError(
        f"the sandbox needs {error.name}, which is not installed: pip install 'pixazo[sandbox]'",
        name=error.name,
    ) from error

from pixazo.sandbox.clock import Clock, ManualClock, RealClock, ScaledClock
from pixazo.sandbox.fault_table import FAULTS, Fault
from pixazo.sandbox.faults import FAULT_HEADER, Faults, Rule
from pixazo.sandbox.jobs import Job, Jobs
from pixazo.sandbox.journal import Entry, Journal
from pixazo.sandbox.server import PortInUse
from pixazo.sandbox.service import Sandbox
from pixazo.sandbox.serving import serve
from pixazo.sandbox.wallet import Charge, DoubleCharge, Wallet

__all__ = [
    "FAULTS",
    "FAULT_HEADER",
    "Charge",
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
