"""Chooses the proxy for an address, from the setting or from ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from mcp_finesse.proxies.proxy import Proxy

NONE = "none"
"""The value of the setting that disables proxies."""

# For each scheme, the environment variable that applies, and the default port.
_SCHEMES = {
    "https": ("https_proxy", 443),
    "wss": ("https_proxy", 443),
    "xmpps": ("https_proxy", 5223),
    "http": ("http_proxy", 80),
    "ws": ("http_proxy", 80),
    "xmpp": ("http_proxy", 5222),
}
_IPV4_IN_IPV6 = ipaddress.ip_network("::ffff:127.0.0.0/104")
_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Proxies:
    """Selects the proxy for an address. Without arguments no proxy is used.

    Attributes:
        own: the user's setting, which applies to all addresses and overrides the environment. None if not set.
        environment: the environment variables, which are used if ``own`` is None.
        make_tls: a function that creates the TLS context for a proxy with an ``https`` address.
    """

    own: str | None = field(default=NONE, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    make_tls: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context, repr=False)

    @classmethod
    def of(
        cls, own: str | None, environment: Mapping[str, str], make_tls: Callable[[], ssl.SSLContext]
    ) -> Self:
        """Create a selector from the user's setting and the environment. Keep only the proxy variables."""
        kept = {name: _variable(environment, name) for name in ("https_proxy", "http_proxy", "no_proxy")}
        return cls(own, kept, make_tls)

    def to(self, url: str) -> Proxy | None:
        """Return the proxy for an address, or None to connect directly.

        Args:
            url: an ``https``, ``wss`` or ``xmpps`` URL, or the unencrypted form of such a URL.

        Raises:
            ConfigurationError: the setting or variable for this address is not the address of an HTTP proxy.
        """
        if self.own is not None:
            return None if self.own.strip().lower() == NONE else self._read(self.own, "FINESSE_PROXY")
        parts = urlsplit(url)
        name, usual = _SCHEMES[parts.scheme]
        text, host = self.environment.get(name, ""), parts.hostname or ""
        if not text or is_loopback(host):
            return None
        if is_exempt(host, parts.port or usual, self.environment.get("no_proxy", "")):
            return None
        return self._read(text, name.upper())

    def _read(self, text: str, name: str) -> Proxy:
        return Proxy.of(text.strip(), name, self.make_tls)


def _variable(environment: Mapping[str, str], name: str) -> str:
    """Return the value of a variable. An empty lower-case variable overrides the upper-case variable."""
    return environment.get(name, environment.get(name.upper(), "")).strip()


def is_loopback(host: str) -> bool:
    """Return whether a host is ``localhost`` or a loopback address."""
    name, address = _name(host), _address(host)
    if address is None:
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback or address in _IPV4_IN_IPV6


def is_exempt(host: str, port: int, no_proxy: str) -> bool:
    """Return whether ``NO_PROXY`` exempts a host. ``_matches`` describes the entries of ``NO_PROXY``."""
    return any(_matches(host, port, rule) for rule in re.split(r"[,\s]+", no_proxy) if rule)


def _matches(host: str, port: int, rule: str) -> bool:
    """Match an entry: ``*``, a domain with its subdomains, an address, or a network. An entry can have a port."""
    if rule == "*":
        return True
    if _address(rule) is None and (with_port := _WITH_PORT.fullmatch(rule)):
        if int(with_port["port"]) != port:
            return False
        rule = with_port["host"]
    address = _address(host)
    if "/" in rule:
        return address is not None and address in _network(rule)
    if address is not None:
        return address == _address(rule)
    domain = _name(rule.removeprefix("*")).removeprefix(".")
    return bool(domain) and (_name(host) == domain or _name(host).endswith(f".{domain}"))


def _name(host: str) -> str:
    return host.lower().removesuffix(".")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _network(text: str) -> tuple[()] | ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Parse a network such as ``10.0.0.0/8`` or ``[fd00::/8]``. Return an empty tuple if the text is invalid."""
    try:
        return ipaddress.ip_network(text.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        return ()
