"""Exit codes: what a script may rely on."""

from __future__ import annotations

from enum import IntEnum

from pixazo import errors
from pixazo.cli.streams import ReaderGone, Unwritable

__all__ = ["Exit", "exit_for"]


class Exit(IntEnum):
    """The process's exit code and what it means."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Exit:
        """Return a member that is its code and knows its meaning."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "done"
    FAILED = (
        1,
        (
            "the job ended without media; of `drift`: a difference that no ruling covers;"
            " of `sandbox attack`: an attack got through;"
            " of `vendor --check`: an edited or outdated copy"
        ),
    )
    USAGE = (
        2,
        "wrong command line, taken port or a value outside the documented bounds; nothing was sent",
    )
    CONFIGURATION = 3, "no usable API key or setting, or the gateway does not accept the key"
    REFUSED = 4, "the gateway refused the request"
    MONEY = 5, "the wallet is empty, a spend limit is reached, or a price is unknown under a limit"
    AGAIN = 6, "the gateway is unreachable, failing or busy; nothing was accepted, try again later"
    UNKNOWN = 7, "a paid request left and its fate is unknown; do not simply repeat it"
    TIMED_OUT = 8, "waiting took too long; the job goes on, `pixazo wait` resumes it"
    DOWNLOAD = (
        9,
        (
            "the media could not be saved, or nothing was sent because they could not be"
            " (`charged: no`); `pixazo wait` fetches what is paid for"
        ),
    )
    LEDGER = 10, "the ledger cannot be used, or knows the key as that of a different request"
    PARTIAL = 11, "some lines of the batch are not done; results.jsonl tells which and why"
    BUG = 70, "a bug in pixazo; the traceback on stderr belongs into a report"
    STDOUT = 74, "stdout cannot be written to; what was paid for is saved, and stderr names it"
    INTERRUPTED = (
        130,
        (
            "Ctrl-C, SIGTERM or a closed terminal; a job that was submitted goes on, `pixazo wait`"
            " resumes it"
        ),
    )
    READER_GONE = (
        141,
        "nobody reads stdout any more, as when `head` has enough; what was paid for is saved",
    )


# The first class that fits decides: children stand before their parents.
_EXITS: tuple[tuple[type[BaseException], Exit], ...] = (
    (errors.InvalidRequest, Exit.USAGE),
    (errors.UnknownToken, Exit.USAGE),
    (errors.WrongMode, Exit.USAGE),
    (errors.InvalidCallbackBase, Exit.USAGE),
    (errors.BatchError, Exit.USAGE),
    (errors.ConfigurationError, Exit.CONFIGURATION),
    (errors.Unauthorized, Exit.CONFIGURATION),
    (errors.InsufficientBalance, Exit.MONEY),
    (errors.SpendLimitReached, Exit.MONEY),
    (errors.PriceUnknown, Exit.MONEY),
    (errors.RateLimited, Exit.AGAIN),
    (errors.GatewayUnreachable, Exit.AGAIN),
    (errors.GatewayFailure, Exit.AGAIN),
    (errors.RequestRefused, Exit.REFUSED),
    (errors.OutcomeUnknown, Exit.UNKNOWN),
    (errors.WaitTimedOut, Exit.TIMED_OUT),
    (errors.JobFailed, Exit.FAILED),
    (errors.NothingToDeliver, Exit.FAILED),
    (errors.DownloadError, Exit.DOWNLOAD),
    (errors.LedgerError, Exit.LEDGER),
    (KeyboardInterrupt, Exit.INTERRUPTED),
    (ReaderGone, Exit.READER_GONE),
    (Unwritable, Exit.STDOUT),
)


def exit_for(error: BaseException) -> Exit:
    """Return the exit code for what was raised; `BUG` for what nobody foresaw."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.BUG)
