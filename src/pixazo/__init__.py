"""Unofficial client for the Qwen Image models behind gateway.pixazo.ai.

Everything public stands here; it is loaded when it is first named, so that `import pixazo` is quick
and loads no HTTP library. The request classes come from the specification, one for each model.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; importing typing takes time
if TYPE_CHECKING:
    # Each model has a class there.
    from pixazo_openapi.requests import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]

    from pixazo.answers import Deviation as Deviation
    from pixazo.answers import Status as Status
    from pixazo.batches import Outcome as Outcome
    from pixazo.client import AsyncPixazo as AsyncPixazo
    from pixazo.client import CallbackSource as CallbackSource
    from pixazo.client import Pixazo as Pixazo
    from pixazo.clock import Clock as Clock
    from pixazo.clock import SystemClock as SystemClock
    from pixazo.errors import BadRequest as BadRequest
    from pixazo.errors import BatchBusy as BatchBusy
    from pixazo.errors import BatchError as BatchError
    from pixazo.errors import Charged as Charged
    from pixazo.errors import ClientClosed as ClientClosed
    from pixazo.errors import ConfigurationError as ConfigurationError
    from pixazo.errors import DownloadError as DownloadError
    from pixazo.errors import DownloadRefused as DownloadRefused
    from pixazo.errors import DownloadTimedOut as DownloadTimedOut
    from pixazo.errors import FolderUnusable as FolderUnusable
    from pixazo.errors import Forbidden as Forbidden
    from pixazo.errors import GatewayFailure as GatewayFailure
    from pixazo.errors import GatewayUnreachable as GatewayUnreachable
    from pixazo.errors import InsufficientBalance as InsufficientBalance
    from pixazo.errors import InvalidBatch as InvalidBatch
    from pixazo.errors import InvalidCallbackBase as InvalidCallbackBase
    from pixazo.errors import InvalidConfiguration as InvalidConfiguration
    from pixazo.errors import InvalidRequest as InvalidRequest
    from pixazo.errors import JobErrored as JobErrored
    from pixazo.errors import JobFailed as JobFailed
    from pixazo.errors import LedgerBroken as LedgerBroken
    from pixazo.errors import LedgerError as LedgerError
    from pixazo.errors import LedgerMoveRefused as LedgerMoveRefused
    from pixazo.errors import LedgerReadOnly as LedgerReadOnly
    from pixazo.errors import LedgerTooNew as LedgerTooNew
    from pixazo.errors import MediaBroken as MediaBroken
    from pixazo.errors import MediaTooLarge as MediaTooLarge
    from pixazo.errors import MissingKey as MissingKey
    from pixazo.errors import ModelNotFound as ModelNotFound
    from pixazo.errors import NothingToDeliver as NothingToDeliver
    from pixazo.errors import OutcomeUnknown as OutcomeUnknown
    from pixazo.errors import PixazoError as PixazoError
    from pixazo.errors import PriceUnknown as PriceUnknown
    from pixazo.errors import Problem as Problem
    from pixazo.errors import RateLimited as RateLimited
    from pixazo.errors import RedirectRefused as RedirectRefused
    from pixazo.errors import RequestNotFound as RequestNotFound
    from pixazo.errors import RequestRefused as RequestRefused
    from pixazo.errors import SpendLimitReached as SpendLimitReached
    from pixazo.errors import Unauthorized as Unauthorized
    from pixazo.errors import UnknownToken as UnknownToken
    from pixazo.errors import UnsafeAddress as UnsafeAddress
    from pixazo.errors import WaitInterrupted as WaitInterrupted
    from pixazo.errors import WaitTimedOut as WaitTimedOut
    from pixazo.errors import WrongMode as WrongMode
    from pixazo.jobs import AsyncJob as AsyncJob
    from pixazo.jobs import Job as Job
    from pixazo.ledger import Ledger as Ledger
    from pixazo.pace import Durations as Durations
    from pixazo.pace import PastDurations as PastDurations
    from pixazo.results import Media as Media
    from pixazo.results import Result as Result
    from pixazo.webhooks import Receiver as Receiver

    __version__: str

_HOMES = {
    "client": ("Pixazo", "AsyncPixazo", "CallbackSource"),
    "jobs": ("Job", "AsyncJob"),
    "answers": ("Status", "Deviation"),
    "results": ("Result", "Media"),
    "clock": ("Clock", "SystemClock"),
    "pace": ("Durations", "PastDurations"),
    "ledger": ("Ledger",),
    "batches": ("Outcome",),
    "webhooks": ("Receiver",),
    "errors": (
        "BadRequest",
        "BatchBusy",
        "BatchError",
        "Charged",
        "ClientClosed",
        "ConfigurationError",
        "DownloadError",
        "DownloadRefused",
        "DownloadTimedOut",
        "FolderUnusable",
        "Forbidden",
        "GatewayFailure",
        "GatewayUnreachable",
        "InsufficientBalance",
        "InvalidBatch",
        "InvalidCallbackBase",
        "InvalidConfiguration",
        "InvalidRequest",
        "JobErrored",
        "JobFailed",
        "LedgerBroken",
        "LedgerError",
        "LedgerMoveRefused",
        "LedgerReadOnly",
        "LedgerTooNew",
        "MediaBroken",
        "MediaTooLarge",
        "MissingKey",
        "ModelNotFound",
        "NothingToDeliver",
        "OutcomeUnknown",
        "PixazoError",
        "PriceUnknown",
        "Problem",
        "RateLimited",
        "RedirectRefused",
        "RequestNotFound",
        "RequestRefused",
        "SpendLimitReached",
        "Unauthorized",
        "UnknownToken",
        "UnsafeAddress",
        "WaitInterrupted",
        "WaitTimedOut",
        "WrongMode",
    ),
}
_REQUESTS = ("Request", "request_class", "request_from_dict", "request_from_json")


def _requests() -> list[str]:
    from pixazo_openapi.catalogue import MODELS

    return [*(model.class_name for model in MODELS.values()), *_REQUESTS]


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("pixazo")
    except metadata.PackageNotFoundError as error:  # frozen, or run from its folder
        message = f"module {__name__!r} has no attribute '__version__': it is not installed"
        raise AttributeError(message) from error


def _find(name: str) -> object:
    from importlib import import_module

    if name == "__all__":
        return __dir__()
    if name == "__version__":
        return _version()
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    if name[0].isupper() or name in _REQUESTS:
        from pixazo_openapi import requests

        if name in requests.__all__:
            return getattr(requests, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    found = _find(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return every public name, grouped by where it lies."""
    return [name for names in _HOMES.values() for name in names] + _requests()
