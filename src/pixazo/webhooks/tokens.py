"""Unguessable names for jobs: what a callback's path must hold to be heard."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias, cast

from pixazo_openapi.errors import abbreviate

from pixazo.errors import InvalidConfiguration

__all__ = ["Claim", "Route", "Tokens", "name_in", "new_secret"]

Route: TypeAlias = Literal["header", "body"]
KEY = re.compile(r"[A-Za-z0-9_~.-]{1,128}")
TOKEN = re.compile(r"v1\.(header|body)\.([A-Za-z0-9_~.-]{1,128})\.([A-Za-z0-9_-]{43})")
LEAST_SECRET_BYTES = 32
LONGEST_TOKEN = 256


@dataclass(frozen=True, slots=True)
class Claim:
    """What a genuine token says.

    Args:
        job_key: The job, as the submitting side called it.
        route: Whether the address was given to the gateway in the header or in the body.
    """

    job_key: str
    route: Route


class Tokens:
    """Makes and checks the tokens of callback addresses.

    Args:
        secret: At least 32 bytes that only your side knows; it signs new tokens.
        older: Secrets that were in use before and still check tokens that are on their way.
        scope: Tokens of one scope mean nothing in another, even under the same secret.

    Raises:
        InvalidConfiguration: A secret is too short, or something is neither text nor bytes.
    """

    def __init__(self, secret: str | bytes, *older: str | bytes, scope: str = "default") -> None:
        self._secrets = tuple(_as_bytes(each) for each in (secret, *older))
        self._scope = scope
        if min(map(len, self._secrets)) < LEAST_SECRET_BYTES:
            message = f"a webhook secret is shorter than {LEAST_SECRET_BYTES} bytes"
            hint = "make one with pixazo.webhooks.new_secret() and keep it where your keys are"
            raise InvalidConfiguration(message, hint=hint)

    def __repr__(self) -> str:
        return f"Tokens(scope={self._scope!r})"

    def __reduce__(self) -> NoReturn:
        message = "a webhook secret is never pickled; make Tokens or Receiver where it is used"
        raise TypeError(message)

    def make(self, job_key: str, route: Route = "header") -> str:
        """The token of a job.

        Raises:
            ValueError: The key is empty, too long, or holds more than letters, digits and `_~.-`.
        """
        if not _is_key(job_key):
            rule = "must be a text of 1 to 128 letters, digits or any of _ ~ . -"
            raise ValueError(f"job key {abbreviate(job_key)}: {rule}")
        return f"v1.{route}.{job_key}.{self._seal(self._secrets[0], job_key, route)}"

    def read(self, token: str) -> Claim | None:
        """What a token says; None when nobody here made it."""
        found = TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if found is None:
            return None
        route, job_key, seal = cast("Route", found[1]), found[2], found[3]
        is_genuine = False
        for secret in self._secrets:  # all of them, always: time tells nothing
            is_genuine |= hmac.compare_digest(self._seal(secret, job_key, route), seal)
        return Claim(job_key, route) if is_genuine else None

    def _seal(self, secret: bytes, job_key: str, route: Route) -> str:
        message = "\0".join(("pixazo callback", "v1", self._scope, route, job_key))
        digest = hmac.digest(secret, message.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def name_in(address: str) -> str | None:
    """The job key in a callback address that `Tokens` made; None when it is of another kind."""
    found = TOKEN.fullmatch(address.rpartition("/")[2])
    return found[2] if found else None


def new_secret() -> str:
    """A fresh secret for `Tokens` and `Receiver`."""
    return secrets.token_urlsafe(LEAST_SECRET_BYTES)


def _is_key(job_key: object) -> bool:
    return isinstance(job_key, str) and KEY.fullmatch(job_key) is not None


def _as_bytes(secret: object) -> bytes:
    if isinstance(secret, str):
        return secret.encode()
    if isinstance(secret, bytes):
        return secret
    message = f"a webhook secret must be text or bytes, not {type(secret).__name__}"
    raise InvalidConfiguration(message, hint="pixazo.webhooks.new_secret() makes one.")
