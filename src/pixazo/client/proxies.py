"""The proxy that the environment names."""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit

from pixazo.errors import InvalidConfiguration
from pixazo.settings import Gateway, is_host_name

__all__ = ["find_proxy"]


def find_proxy(gateway: Gateway) -> str | None:
    """Return the proxy that the environment names for the gateway; none for this machine.

    Raises:
        InvalidConfiguration: The environment names something that is none.
    """
    from urllib.request import getproxies, proxy_bypass

    _, host, port = gateway.origin
    if gateway.loopback or proxy_bypass(host) or proxy_bypass(f"{host}:{port}"):
        return None
    proxies = getproxies()
    named = proxies.get("https") or proxies.get("all")
    if not named:
        return None
    proxy = named if "://" in named else f"http://{named}"
    _check_proxy(proxy)
    return proxy


def _has_host(url: str) -> bool:
    import httpx2  # whoever asks has imported it

    try:
        httpx2.URL(url)
        parts = urlsplit(url)
        return is_host_name(parts.hostname or "") and (parts.port is None or parts.port > 0)
    except (ValueError, httpx2.InvalidURL):
        return False


def _check_proxy(proxy: str) -> None:
    scheme = proxy.partition("://")[0].lower()
    socks = scheme in ("socks5", "socks5h")
    if not _has_host(proxy) or not (socks or scheme in ("http", "https")):
        message = "the proxy named by HTTPS_PROXY or ALL_PROXY cannot be used"
        raise InvalidConfiguration(message, hint="Give http://host:port, or unset it.")
    if socks and importlib.util.find_spec("socksio") is None:
        message = "the environment names a SOCKS proxy, for which a package is missing"
        raise InvalidConfiguration(message, hint="Run: pip install 'httpx2[socks]'")
