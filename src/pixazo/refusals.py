"""From an answer that is not a success to the error that says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeAlias, Unpack

from pixazo.answers import body_of, excerpt
from pixazo.errors import (
    BadRequest,
    Common,
    Forbidden,
    GatewayFailure,
    InsufficientBalance,
    ModelNotFound,
    RateLimited,
    RedirectRefused,
    RequestNotFound,
    RequestRefused,
    Unauthorized,
)
from pixazo.steps import Reply

__all__ = ["refusal", "retry_after_s"]


def retry_after_s(headers: Mapping[str, str], epoch_s: float) -> float | None:
    """Return the pause that an answer asks for (R24): seconds, or until a date; None without one.

    Args:
        headers: The answer's headers, names in lower case.
        epoch_s: Now, in seconds since 1970; the answer's own `Date` is better and goes before.
    """
    text = headers.get("retry-after", "").strip()
    try:
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return float(text[:20])
        now_s = _epoch_s(headers["date"]) if "date" in headers else epoch_s
        return max(0.0, _epoch_s(text) - now_s)
    except (ValueError, OverflowError):
        return None


def _epoch_s(text: str) -> float:
    date = parsedate_to_datetime(text)
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


_BY_CODE: Mapping[int, type[RequestRefused]] = {
    400: BadRequest,
    401: Unauthorized,
    402: InsufficientBalance,
    403: Forbidden,
    404: RequestNotFound,
    429: RateLimited,
}
_Refusal: TypeAlias = RequestRefused | GatewayFailure
_ADVICE: dict[type[_Refusal], str] = {
    RequestRefused: "Read what the gateway says and correct the request.",
    BadRequest: "Read what the gateway says and correct the request.",
    ModelNotFound: "The model is unknown to the gateway or switched off; choose another.",
    Unauthorized: "Check the API key: the argument, PIXAZO_API_KEY or ~/.pixazo/api-key.",
    InsufficientBalance: "Add funds to the wallet, then send it again.",
    Forbidden: "The key may not do this; check what its subscription covers.",
    RequestNotFound: "Check the request id, and that the gateway (--gateway, base_url) gave it.",
    RedirectRefused: "Check the gateway's address: the key follows no redirect.",
    RateLimited: "Too many requests; send it again {when}.",
    GatewayFailure: "The gateway failed and did not accept it; send it again later.",
}
_TO_A_LOOK = _ADVICE | {  # the job that was looked at is paid for: nothing is to be sent again
    RequestRefused: "Read what the gateway says; the job is not to be sent again.",
    BadRequest: "Read what the gateway says; the job is not to be sent again.",
    InsufficientBalance: "Add funds to the wallet and ask again; the job is not to be sent again.",
    RateLimited: "Too many requests; the job goes on: ask again {when}.",
    GatewayFailure: "The gateway failed to tell; the job goes on: ask again later.",
}


def refusal(
    reply: Reply, subject: str, *, epoch_s: float = 0.0, **about: Unpack[Common]
) -> _Refusal:
    """Return the error for an answer that is not a success.

    Args:
        reply: The answer.
        subject: The model or request that it is about.
        epoch_s: Now, in seconds since 1970.
        about: `charged`, `request_id` and `token`, where a job exists.
    """
    code, said = reply.status_code, excerpt(reply)
    message = f"the gateway answered {code} to {subject}" + (f": {said}" if said else "")
    found = body_of(reply)
    body = said if found is None else found
    kind, advice = _kind(reply), _TO_A_LOOK if about.get("token") else _ADVICE
    about["hint"] = hint = advice[kind]
    if kind is RateLimited:
        asked_s = retry_after_s(reply.headers, epoch_s)
        about["hint"] = hint.format(when="later" if asked_s is None else f"in {asked_s:.0f} s")
        return RateLimited(message, body=body, retry_after_s=asked_s, **about)
    if code in (302, 303):
        about["charged"] = "unknown"  # the work may be done and the answer elsewhere
    return kind(message, status_code=code, body=body, **about)


def _kind(reply: Reply) -> type[_Refusal]:
    code = reply.status_code
    if code >= 500:
        return GatewayFailure
    if 300 <= code < 400:
        return RedirectRefused
    if code == 400 and "model not found" in excerpt(reply).lower():
        return ModelNotFound
    return _BY_CODE.get(code, RequestRefused)
