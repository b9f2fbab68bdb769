"""The key and the gateway's address: where they come from and what they may be."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, quote, urlsplit

from pixazo_openapi import files
from pixazo_openapi.errors import abbreviate

from pixazo.arguments import check_text
from pixazo.errors import InvalidConfiguration, MissingKey, UnknownToken

__all__ = [
    "Gateway",
    "Key",
    "find_gateway",
    "find_key",
    "is_host_name",
    "is_loopback",
    "origin_of",
    "usable_id",
]

KEY_VARIABLE = "PIXAZO_API_KEY"
GATEWAY_VARIABLE = "PIXAZO_GATEWAY_URL"
KEY_FILE = Path(".pixazo", "api-key")
LONGEST_KEY = 4096  # far above any key; a file of another kind is larger
LONGEST_ID = 512
_ALONE = "Put the subscription key there, nothing else."
_ADDRESS = "Give https://host[:port][/prefix], or http://127.0.0.1:PORT for a sandbox."

log = logging.getLogger("pixazo")


class Key:
    """An API key that shows itself to nobody: not in repr, logs, pickles or tracebacks.

    Args:
        text: The key as the gateway wants it.
        source: Where it was found, for messages.
    """

    __slots__ = ("__weakref__", "_reveal", "source")

    def __init__(self, text: str, source: str) -> None:
        self._reveal: Callable[[], str] = lambda: text
        self.source = source

    def reveal(self) -> str:
        """Return the key itself; only the transport asks."""
        return self._reveal()

    def spellings(self) -> tuple[str, ...]:
        """Return how the key may stand in a text: as it is, in an address, in JSON, in a repr."""
        text = self._reveal()
        shown = text.replace("\\", "\\\\")
        in_json = json.dumps(text)[1:-1], text.replace("/", "\\/")
        forms = (text, quote(text, safe=""), *in_json, shown, shown.replace("'", "\\'"))
        return tuple(dict.fromkeys(forms))

    def __repr__(self) -> str:
        return f"<API key from {self.source}>"

    def __reduce__(self) -> NoReturn:
        message = "an API key is never pickled; build the client where it is used"
        raise TypeError(message)


def find_key(
    given: str | None, *, environ: Mapping[str, str] = os.environ, home: Path | None = None
) -> Key:
    """Return the key: argument, then `PIXAZO_API_KEY`, then `~/.pixazo/api-key`.

    Raises:
        MissingKey: None of the three holds one.
        InvalidConfiguration: What was found cannot be a key.
    """
    try:
        if given is not None:
            return _checked(given, "the argument api_key")
        if environ.get(KEY_VARIABLE, "").strip():
            return _checked(environ[KEY_VARIABLE], KEY_VARIABLE)
        path = (home or _home()) / KEY_FILE
        return _checked(_stored(path), f"~/{KEY_FILE.as_posix()}")
    finally:
        del given, environ  # a traceback may show local names


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and a user without a name, as in a container
        raise _missing() from None


def _stored(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        with io.TextIOWrapper(files.opened(path), encoding="utf-8") as file:
            text = file.read(LONGEST_KEY + 1)
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError):
            raise _missing() from None
        why = getattr(error, "strerror", None) or type(error).__name__  # never what was read
        message = f"cannot read the API key from {path}: {why}"
        raise InvalidConfiguration(message, hint="Make it a readable file of one line.") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        log.warning("%s can be read by others; run: chmod 600 %s", path, path)
    return text


def _missing() -> MissingKey:
    return MissingKey(
        f"no API key: none was given, {KEY_VARIABLE} is not set and ~/{KEY_FILE.as_posix()}"
        " does not exist",
        hint=f"Give api_key=…, set {KEY_VARIABLE} or write the key into ~/{KEY_FILE.as_posix()}.",
    )


def _checked(given: object, source: str) -> Key:
    if not isinstance(given, str):
        message = f"{source} is no text but of type {type(given).__name__}"
        del given  # a traceback may show local names
        raise InvalidConfiguration(message, hint=_ALONE)
    text = given.strip()
    del given
    if not text:
        message = f"the API key in {source} is empty"
        raise MissingKey(message, hint=_ALONE)
    odd = len(text) > LONGEST_KEY or not all("!" <= letter <= "~" for letter in text)
    if odd:
        del text  # a traceback may show local names
        message = f"the API key in {source} holds a space, a control or a non-ASCII character"
        raise InvalidConfiguration(message, hint=_ALONE)
    return Key(text, source)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where requests go.

    Args:
        url: Scheme, host, port and path prefix, without a slash at the end.
        origin: Scheme, host and port: the only place that the key is for.
        loopback: Whether the gateway is on this machine, as a sandbox is.
    """

    url: str
    origin: tuple[str, str, int]
    loopback: bool

    def address(self, path: str) -> str:
        """Return the whole URL of a path of the spec."""
        return self.url + path

    def status_path(self, template: str, request_id: str) -> str:
        """Return the path of a request's status, built from the spec's path and the id (R31).

        Raises:
            UnknownToken: The id could lead to another path.
        """
        if not usable_id(request_id):
            message = f"request id {request_id[:80]!r} cannot stand in a path"
            raise UnknownToken(message, hint="Give the id as the gateway named it.")
        return template.replace("{request_id}", quote(request_id, safe=""))


def usable_id(request_id: str) -> bool:
    """Return whether an id is safe in a path: opaque (R28), but no separators, dots or controls."""
    return (
        0 < len(request_id) <= LONGEST_ID
        and request_id.isprintable()
        and not set(request_id) & set(" /\\?#%")
        and set(request_id) != {"."}
        and ".." not in request_id
    )


def find_gateway(
    given: str | None, default: str, *, environ: Mapping[str, str] = os.environ
) -> Gateway:
    """Return the gateway: argument, then `PIXAZO_GATEWAY_URL`, then the spec's server.

    Raises:
        InvalidConfiguration: The address is not one that a key may be sent to.
    """
    named = environ.get(GATEWAY_VARIABLE, "").strip()
    del environ  # a traceback may show local names, and the key stands there
    check_text(given, name="base_url", hint=_ADDRESS)
    if given is not None:
        return _gateway(given, "--gateway or base_url")
    if named:
        return _gateway(named, GATEWAY_VARIABLE)
    return _gateway(default, "the specification")


def _gateway(text: str, source: str) -> Gateway:
    parts, port = _split(text, source)
    loopback = is_loopback(parts.hostname or "")
    problem = _problem(text, parts, loopback=loopback)
    if problem:
        raise _unusable(text, source, problem)
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    standard = 443 if parts.scheme == "https" else 80
    where = netloc if port in (None, standard) else f"{netloc}:{port}"
    url = f"{parts.scheme}://{where}{parts.path.rstrip('/')}"
    return Gateway(url, (parts.scheme, host, port or standard), loopback)


def _split(text: str, source: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _unusable(text, source, "it is not a URL") from None
    if port == 0:
        raise _unusable(text, source, "nobody listens on port 0")
    return parts, port


def _problem(text: str, parts: SplitResult, *, loopback: bool) -> str:
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\"<>'):
        return "it holds characters that a URL does not have"
    if parts.username is not None or parts.password is not None:
        return "it holds a user name or password"
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return "it is not an https address"
    if not is_host_name(parts.hostname):
        return "a part of its host name is empty or has over 63 characters"
    if parts.scheme == "http" and not loopback:
        return "the key would travel unencrypted; http is for this machine only"
    if parts.query or parts.fragment or "?" in text or "#" in text:
        return "it holds a query or a fragment"
    if {".", ".."} & set(parts.path.split("/")) or "%" in parts.path or "//" in parts.path:
        return "its path is not a plain prefix"
    return ""


def _unusable(text: str, source: str, problem: str) -> InvalidConfiguration:
    secret = set(text) & set("@?#")  # a password, or a key in a query
    shown = "" if secret else f" {abbreviate(text)}"
    return InvalidConfiguration(
        f"the gateway address{shown} from {source} cannot be used: {problem}",
        hint=_ADDRESS,
    )


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, and nothing that could be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.scheme else ""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_host_name(host: str) -> bool:
    """Return whether a resolver takes a host's name."""
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
