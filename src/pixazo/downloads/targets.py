"""Where a download goes: one address of a medium, taken apart once and by one parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pixazo.errors import UnsafeAddress

if TYPE_CHECKING:
    import httpx2

__all__ = ["STRANGE", "Target", "shown", "target"]

STRANGE = "the gateway's answer or a redirect from there named it; nothing was fetched from it"

HOST = re.compile(rb"[0-9A-Za-z._-]+|[0-9A-Fa-f:.]+")  # a name or IPv4 number; an IPv6 number


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address; the address that is connected to is checked later, by number.

    Args:
        url: The address as the HTTP client takes it, signed query included (never shown).
        shown: The same without query and fragment, fit for messages, logs and sidecars.
    """

    url: httpx2.URL = field(repr=False)
    shown: str

    @property
    def host(self) -> str:
        """The host's name or number."""
        return self.url.raw_host.decode("ascii")

    @property
    def port(self) -> int:
        """The port, the scheme's own when none is written."""
        return self.url.port or (443 if self.is_https else 80)

    @property
    def is_https(self) -> bool:
        """Whether the connection is encrypted."""
        return self.url.scheme == "https"

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        return self.url.netloc.decode("ascii")

    def join(self, location: str, *, allow_http: bool) -> Target:
        """The target that a redirect from here names."""
        import httpx2

        try:
            return target(str(self.url.join(location)), allow_http=allow_http)
        except (httpx2.InvalidURL, ValueError) as error:
            message = f"{self.shown} redirects to something that is no web address"
            raise UnsafeAddress(message, url=self.shown, hint=STRANGE) from error


def target(url: str, *, allow_http: bool = False) -> Target:
    """Take an address apart, or say why nothing is fetched from it.

    Args:
        url: The address of a medium, as the gateway gave it.
        allow_http: Accept http as well; the caller then checks that it stays on this machine.

    Raises:
        UnsafeAddress: It is no https address, names no host, or carries a user name.
    """
    import httpx2

    try:
        parsed = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, ValueError) as error:
        message = f"{shown(url)!r} is not a web address: {error}"
        raise UnsafeAddress(message, url=shown(url), hint=STRANGE) from error
    if problem := _problem(parsed, allow_http=allow_http):
        raise UnsafeAddress(f"{shown(url)!r}: {problem}", url=shown(url), hint=STRANGE)
    return Target(url=parsed.copy_with(fragment=None), shown=shown(str(parsed)))


def _problem(url: httpx2.URL, *, allow_http: bool) -> str:
    if url.scheme != "https" and not (allow_http and url.scheme == "http"):
        return f"media are fetched over https only, not {url.scheme or 'without a scheme'}"
    if not url.host:
        return "no host is named"
    if not HOST.fullmatch(url.raw_host):
        return "that is no name of a host"
    if url.port is not None and not 0 < url.port < 65536:
        return f"there is no port {url.port}"
    if url.userinfo:
        return "an address with a user name or password is not followed"
    return ""


def shown(url: str) -> str:
    """The address without user, query and fragment, where secrets stand, and not too long."""
    bare = url.split("?", 1)[0].split("#", 1)[0]
    scheme, slashes, rest = bare.partition("//")
    authority, slash, path = rest.partition("/")
    bare = scheme + slashes + authority.rpartition("@")[2] + slash + path
    return bare if len(bare) <= 300 else bare[:299] + "…"
