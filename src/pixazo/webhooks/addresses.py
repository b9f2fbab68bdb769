"""Where callbacks may be sent: an address that the gateway can call without being overheard."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from pixazo.errors import InvalidCallbackBase
from pixazo.settings import is_loopback

__all__ = ["callback_base"]

LONGEST_BASE = 1500
ADVICE = "give the public https address under which your receiver is mounted, for example "
EXAMPLE = "https://example.com/pixazo/callbacks"


def callback_base(base: str) -> str:
    """The base of callback addresses, without a slash at its end.

    Args:
        base: An https address; http is accepted for this machine only (for the sandbox).

    Raises:
        InvalidCallbackBase: A callback to it could be overheard, or could not be sent at all.
    """
    if problem := _problem(base):
        message = f"callback base {_shown(str(base))!r}: {problem}"
        raise InvalidCallbackBase(message, hint=ADVICE + EXAMPLE)
    return base.rstrip("/")


def _problem(base: object) -> str:
    if not isinstance(base, str):
        return "must be a text"
    if len(base) > LONGEST_BASE:
        return f"must not be longer than {LONGEST_BASE} characters"
    if not base.isascii() or not base.isprintable() or " " in base or "\\" in base:
        return "must be plain ASCII without blanks; write other letters percent-encoded"
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError as error:
        return f"is no web address ({error})"
    if "?" in base or "#" in base:
        return "must not hold a query or fragment: each job's token is appended to the path"
    return _problem_of_parts(parts) or ("must not name port 0" if port == 0 else "")


def _problem_of_parts(parts: SplitResult) -> str:
    if not parts.hostname:
        return "must name scheme and host"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or password"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)):
        return ""
    return "must be https; http is for this machine only"


def _shown(base: str) -> str:
    """The base without a password, in bearable length."""
    head, at, tail = base.rpartition("@")
    shown = f"…@{tail}" if at else head or tail
    return shown if len(shown) <= 120 else shown[:119] + "…"
