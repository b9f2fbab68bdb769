"""Everything pixazo raises, in one tree.

Every error says what happened, to which request, whether it was charged and what to do next::

    PixazoError                      message, hint, charged, request_id, token
    ├── InvalidRequest               a request breaks a documented rule; nothing was sent
    ├── ConfigurationError
    │   ├── MissingKey               no API key in any of the three places
    │   ├── InvalidConfiguration     a setting or argument cannot be used
    │   ├── InvalidCallbackBase      a webhook address nobody could call safely
    │   └── ClientClosed             the client was used after close()
    ├── UnknownToken                 neither a resume token nor a request id
    ├── WrongMode                    submit() for a model that answers at once
    ├── GatewayUnreachable           no connection; nothing was sent
    ├── RequestRefused               the gateway said no: status_code, body
    │   ├── BadRequest               400
    │   │   └── ModelNotFound        400: unknown or disabled model
    │   ├── Unauthorized             401
    │   ├── InsufficientBalance      402
    │   ├── Forbidden                403
    │   ├── RequestNotFound          404
    │   ├── RateLimited              429: retry_after_s
    │   └── RedirectRefused          3xx: a key follows no redirect
    ├── GatewayFailure               the gateway failed and said so: status_code, body
    ├── OutcomeUnknown               a paid request may have been accepted: amount_usd
    ├── JobFailed                    the job ended as FAILED
    │   └── JobErrored               the job ended as ERROR, which is not charged
    ├── NothingToDeliver             the job is done and names no media: raw
    ├── WaitTimedOut                 the deadline passed; the job goes on (also a TimeoutError)
    ├── DownloadError                the media are paid for and can be fetched again: url
    │   ├── UnsafeAddress            the address leads somewhere it should not
    │   ├── MediaTooLarge            more bytes than allowed
    │   ├── DownloadTimedOut         (also a TimeoutError)
    │   ├── MediaBroken              the bytes are not what they should be
    │   ├── DownloadRefused          the media server said no: status_code
    │   └── FolderUnusable           the folder cannot be written to
    ├── LedgerError                  path
    │   ├── LedgerBroken             not a ledger, or a damaged one
    │   ├── LedgerTooNew             written by a newer version
    │   ├── LedgerReadOnly           cannot be written to
    │   └── LedgerMoveRefused        a job cannot go from that state to this one
    ├── SpendLimitReached            the next request would pass a limit
    ├── PriceUnknown                 a limit cannot hold for a price nobody knows
    ├── BatchError
    │   ├── InvalidBatch             lines that cannot be sent; nothing was sent: problems
    │   └── BatchBusy                another process works on the same folder
    ├── DriftError                   a page and the specification cannot be compared (pixazo.drift)
    └── VendorError                  a copy cannot be made, read or replaced (pixazo.vendoring)

    KeyboardInterrupt
    └── WaitInterrupted              Ctrl-C while waiting; the job goes on: request_id, token
"""
# ruff: noqa: N818  (an error is named for what happened; the tree above says that it is one)

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import TypedDict, Unpack

from pixazo_openapi.errors import Charged as Charged
from pixazo_openapi.errors import InvalidRequest as InvalidRequest
from pixazo_openapi.errors import PixazoError as PixazoError
from pixazo_openapi.errors import Problem as Problem


class Common(TypedDict, total=False):
    """The keyword arguments that every error takes."""

    hint: str
    charged: Charged | None
    request_id: str | None
    token: str | None


class ConfigurationError(PixazoError):
    """The client was set up in a way that cannot work; nothing was sent."""


class MissingKey(ConfigurationError):
    """No API key was given, set or stored."""


class InvalidConfiguration(ConfigurationError):
    """A setting or an argument has a value that cannot be used."""


class InvalidCallbackBase(ConfigurationError):
    """A webhook address that the gateway could not call safely."""


class ClientClosed(ConfigurationError):
    """The client was used after it had been closed."""


class UnknownToken(PixazoError):
    """The text is neither a resume token nor a usable request id."""


class WrongMode(PixazoError):
    """The model answers at once and cannot be submitted as a job."""


class GatewayUnreachable(PixazoError):
    """No connection to the gateway could be made; nothing was sent."""


class _Answered(PixazoError):
    """An error that came as an answer: its status code and its body."""

    def __init__(
        self, message: str, *, status_code: int, body: object = None, **common: Unpack[Common]
    ) -> None:
        super().__init__(message, **common)
        self.status_code = status_code
        self.body = body


class RequestRefused(_Answered):
    """The gateway refused the request.

    Args:
        status_code: The HTTP status of the answer.
        body: The answer's JSON value, or an excerpt of its text.
    """


class BadRequest(RequestRefused):
    """The gateway says that the request is wrong (400)."""


class ModelNotFound(BadRequest):
    """The gateway does not know the model or has switched it off (400)."""


class Unauthorized(RequestRefused):
    """The gateway does not accept the API key (401)."""


class InsufficientBalance(RequestRefused):
    """The wallet does not hold enough money for the request (402)."""


class Forbidden(RequestRefused):
    """The API key may not do this (403)."""


class RequestNotFound(RequestRefused):
    """The gateway does not know the request or the path (404)."""


class RateLimited(RequestRefused):
    """The gateway asks for fewer requests (429).

    Args:
        retry_after_s: The pause that the gateway asks for, in seconds, when it names one.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int = 429,
        body: object = None,
        retry_after_s: float | None = None,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(message, status_code=status_code, body=body, **common)
        self.retry_after_s = retry_after_s


class RedirectRefused(RequestRefused):
    """The answer points to another address, where a key must not go (3xx)."""


class GatewayFailure(_Answered):
    """The gateway failed and said so (arguments as `RequestRefused`); nothing was accepted."""


class OutcomeUnknown(PixazoError):
    """A paid request left and its fate is not known; it is never sent again by itself.

    Args:
        model_id: The model that was asked.
        amount_usd: The money at stake in US dollars; None when the price is not documented.
        idempotency_key: The `Idempotency-Key` that was sent.
        reason: Why nobody knows.
        raw: The answer that names no usable id, where there was one.
    """

    charged: Charged = "unknown"

    def __init__(
        self,
        message: str,
        *,
        model_id: str = "",
        amount_usd: Decimal | None = None,
        idempotency_key: str = "",
        reason: str = "",
        raw: object = None,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(message, **common)
        self.model_id = model_id
        self.amount_usd = amount_usd
        self.idempotency_key = idempotency_key
        self.reason = reason
        self.raw = raw


class _Ended(PixazoError):
    """An error that came as the end of a job: its answer."""

    def __init__(self, message: str, *, raw: object = None, **common: Unpack[Common]) -> None:
        super().__init__(message, **common)
        self.raw = raw


class JobFailed(_Ended):
    """The job ended without a picture; the documents do not say whether it was charged.

    Args:
        raw: The gateway's answer as it came.
    """

    charged: Charged = "unknown"


class JobErrored(JobFailed):
    """The job ended with an error of the gateway's own, which is not charged."""

    charged: Charged = "no"


class NothingToDeliver(_Ended):
    """The job is done, and the gateway's answer (`raw`) names no media to fetch."""

    charged: Charged = "yes"


class WaitTimedOut(PixazoError, TimeoutError):
    """The deadline passed before the job ended; the job itself goes on.

    Args:
        status: The last status word seen.
        waited_s: Seconds waited.
    """

    charged: Charged = "unknown"

    def __init__(
        self, message: str, *, status: str = "", waited_s: float = 0.0, **common: Unpack[Common]
    ) -> None:
        super().__init__(message, **common)
        self.status = status
        self.waited_s = waited_s


class WaitInterrupted(KeyboardInterrupt):
    """Ctrl-C while waiting; the job goes on, and the token finds it again."""

    def __init__(self, message: str, *, request_id: str, token: str) -> None:
        super().__init__(message)
        self.request_id = request_id
        self.token = token

    def __reduce__(self) -> tuple[object, ...]:
        rebuild = partial(type(self), request_id=self.request_id, token=self.token)
        return rebuild, self.args


class DownloadError(PixazoError):
    """A medium could not be fetched; it is paid for and can be fetched again.

    Args:
        url: The address of the medium.
    """

    charged: Charged = "yes"

    def __init__(self, message: str, *, url: str = "", **common: Unpack[Common]) -> None:
        super().__init__(message, **common)
        self.url = url


class UnsafeAddress(DownloadError):
    """The address of a medium leads somewhere that a download must not go."""


class MediaTooLarge(DownloadError):
    """The medium has more bytes than allowed."""


class DownloadTimedOut(DownloadError, TimeoutError):
    """The medium did not arrive in the time allowed."""


class MediaBroken(DownloadError):
    """The bytes that arrived are not a whole medium of a known kind."""


class DownloadRefused(DownloadError):
    """The media server refused.

    Args:
        status_code: The HTTP status of its answer.
    """

    def __init__(
        self, message: str, *, status_code: int, url: str = "", **common: Unpack[Common]
    ) -> None:
        super().__init__(message, url=url, **common)
        self.status_code = status_code


class FolderUnusable(DownloadError):
    """The folder cannot be written to, or its disk is full."""


class LedgerError(PixazoError):
    """The ledger cannot be used.

    Args:
        path: Where the ledger lies.
    """

    def __init__(self, message: str, *, path: str = "", **common: Unpack[Common]) -> None:
        super().__init__(message, **common)
        self.path = path


class LedgerBroken(LedgerError):
    """The file is not a ledger, or it is damaged."""


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer version."""


class LedgerReadOnly(LedgerError):
    """The ledger cannot be written to."""


class LedgerMoveRefused(LedgerError):
    """A job cannot go from the state it is in to the one asked for."""


class SpendLimitReached(PixazoError):
    """The next request would pass a spend limit; it was not sent.

    Args:
        limit_usd: The limit in US dollars.
        spent_usd: What is spent or reserved under that limit.
        asked_usd: What the request would cost.
    """

    def __init__(
        self,
        message: str,
        *,
        limit_usd: Decimal | None = None,
        spent_usd: Decimal | None = None,
        asked_usd: Decimal | None = None,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(message, **common)
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self.asked_usd = asked_usd


class PriceUnknown(PixazoError):
    """A spend limit is set and the model's price is not documented; nothing was sent."""


class BatchError(PixazoError):
    """A batch cannot be run."""


class InvalidBatch(BatchError):
    """Lines of a batch cannot be sent; nothing was sent.

    Args:
        problems: By line number, what is wrong there.
    """

    def __init__(
        self, message: str, *, problems: Mapping[int, str] | None = None, **common: Unpack[Common]
    ) -> None:
        super().__init__(message, **common)
        self.problems = dict(problems or {})


class BatchBusy(BatchError):
    """Another process works on the same output folder."""
