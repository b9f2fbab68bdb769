"""What callers give, checked before anything is sent: argument, value, rule and way out."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING, cast

from pixazo_openapi.errors import abbreviate

from pixazo.errors import InvalidConfiguration

if TYPE_CHECKING:  # attrs takes time to import
    from pixazo_openapi.request import Request

__all__ = [
    "check_above_0",
    "check_call",
    "check_callable",
    "check_count",
    "check_key",
    "check_pace",
    "check_path",
    "check_request",
    "check_requests",
    "check_seconds",
    "check_text",
    "check_webhook",
]

LONGEST_KEY = 200
MOST_S = 1e9  # a socket counts to 9.2e9


def check_call(request: object, *, timeout: object, on_status: object) -> None:
    """Make sure, before anything is sent, that a request can be sent and waited for.

    Raises:
        InvalidConfiguration: It cannot.
    """
    check_request(request)
    check_seconds(timeout)
    check_callable(on_status, name="on_status")


def check_pace(concurrency: object, rate: object) -> None:
    """Make sure that a batch can go on at such a pace.

    Raises:
        InvalidConfiguration: It cannot.
    """
    check_count(concurrency, name="concurrency", hint="Leave it out for 32.")
    if rate is not None:
        check_above_0(rate, name="rate", rule="a number of requests per second above 0")


def check_request(request: object, *, name: str = "request") -> None:
    """Make sure that it is a request.

    Raises:
        InvalidConfiguration: It is something else.
    """
    from pixazo_openapi.request import Request

    if not isinstance(request, Request):
        raise _refused(
            name,
            request,
            "a request, such as pixazo.QwenImage(prompt=…)",
            "Make one with the model's class, or from a dict that names its model:"
            ' pixazo.request_from_dict({"model": "qwen-image", "prompt": …}).',
        )


def check_requests(requests: object) -> list[Request]:
    """Return the requests of a batch.

    Raises:
        InvalidConfiguration: They are not many, or one of them is something else.
    """
    if not isinstance(requests, Iterable):
        raise _refused("requests", requests, "several requests", "Give a list: [request, …].")
    found = list(cast("Iterable[Request]", requests))
    for at, request in enumerate(found):
        check_request(request, name=f"requests[{at}]")
    return found


def check_key(key: object) -> str:
    """Return the name of a job.

    Raises:
        InvalidConfiguration: It cannot be one.
    """
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        rule = f"a text of 1 to {LONGEST_KEY} printable characters"
        raise _refused("key", key, rule, "Derive it from what the picture is for.")
    return key


def check_seconds(timeout: object) -> None:
    """Make sure that it is a number of seconds, or None.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if timeout is not None and not _is_number(timeout):
        hint = "Leave it out for the documented time."
        raise _refused("timeout", timeout, "a number of seconds", hint)


def check_above_0(value: object, *, name: str, rule: str) -> None:
    """Make sure that it is a number above 0 that a socket can wait for.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if not _is_number(value) or not 0 < cast("float", value) <= MOST_S:
        rule = f"{rule}, and at most 1e9"
        raise _refused(name, value, rule, "Leave it out for what the documents say.")


def check_count(value: object, *, name: str, hint: str) -> None:
    """Make sure that it is a whole number from 1.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if not isinstance(value, int) or value < 1:
        raise _refused(name, value, "a whole number from 1", hint)


def check_callable(function: object, *, name: str, takes: str = "a status") -> None:
    """Make sure that it can be called, or is None.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if function is not None and not callable(function):
        hint = f"Give one that takes {takes}, or leave it out."
        raise _refused(name, function, "a function", hint)


def check_webhook(webhook: object) -> None:
    """Make sure that it is an address or names one, or is None.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if webhook is None or isinstance(webhook, str):
        return
    if not callable(getattr(webhook, "callback_url", None)):
        rule = "an address, or a Receiver, which names one"
        raise _refused("webhook", webhook, rule, "Leave it out to be called by nobody.")


def check_text(text: object, *, name: str, hint: str) -> None:
    """Make sure that it is a text, or None.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if text is not None and not isinstance(text, str):
        raise _refused(name, text, "a text", hint)


def check_path(path: object, *, name: str, also: str) -> None:
    """Make sure that it is a path.

    Args:
        path: What was given.
        name: The argument.
        also: What it may be beside a path.

    Raises:
        InvalidConfiguration: It is something else.
    """
    if not isinstance(path, str | os.PathLike):
        raise _refused(name, path, f"a path or {also}", "Give a text or a pathlib.Path.")


def _is_number(value: object) -> bool:
    """Return whether something is a real number, which True, NaN and 10**400 are not."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    size = abs(cast("float", value))
    return size <= sys.float_info.max or size == math.inf


def _refused(name: str, value: object, rule: str, hint: str) -> InvalidConfiguration:
    return InvalidConfiguration(f"{name}={abbreviate(value)}: must be {rule}", hint=hint)
