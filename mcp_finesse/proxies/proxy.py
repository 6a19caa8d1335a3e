"""A proxy with its address and credentials, and the errors of a proxy. The errors never contain secrets."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from mcp_finesse.errors import ConfigurationError, NetworkError
from mcp_finesse.redaction import redact

NO_WAY = "The connection through the proxy {} failed"
ADVICE = "Check FINESSE_PROXY, or HTTPS_PROXY of the environment; FINESSE_PROXY=none disables the proxy."
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that opens tunnels (CONNECT, RFC 9110 9.3.6).

    Attributes:
        host: the name or address of the proxy.
        port: TCP port.
        tls: the TLS context for the proxy's certificate. None for an unencrypted connection to the proxy.
        authorization: the value of the header ``Proxy-Authorization``. Empty without credentials.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    authorization: str = field(default="", repr=False)

    @classmethod
    def of(cls, text: str, name: str, make_tls: Callable[[], ssl.SSLContext]) -> Self:
        """Parse ``http://user:password@host:port``. The user and the password may be percent-encoded.

        Args:
            text: the address. The default scheme is ``http``.
            name: the name of the setting or variable, for error messages.
            make_tls: a function that creates the TLS context for a proxy with an ``https`` address.

        Raises:
            ConfigurationError: the text is not the address of an HTTP proxy. The error does not contain the text.
        """
        parts = _split(text if "://" in text else f"http://{text}", name)
        encrypted = parts.scheme == "https"
        return cls(
            host=parts.hostname or "",
            port=parts.port or _DEFAULT_PORTS[parts.scheme],
            tls=make_tls() if encrypted else None,
            authorization=_basic(parts),
        )

    @property
    def url(self) -> str:
        """The address of the proxy, without credentials."""
        return f"{'https' if self.tls else 'http'}://{place(self.host, self.port)}"

    def failure(self, target: str, why: str, advice: str = ADVICE) -> NetworkError:
        """Return the error for a tunnel to ``target`` (host and port) that failed."""
        what = NO_WAY.format(f"{self.url} to {target}")
        return NetworkError(f"{what}: {redact(why, self._secrets)}.", step="proxy", advice=advice)

    @property
    def _secrets(self) -> tuple[str, ...]:
        """The password, which must be redacted because a proxy could repeat it in its response."""
        pair = base64.b64decode(self.authorization.removeprefix("Basic ")).decode()
        return (pair.partition(":")[2],)


def place(host: str, port: int) -> str:
    """Return the host and port as written in a URL, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _split(text: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0  # accessing the port validates it
    except ValueError:
        usable, parts = False, urlsplit("")
    if parts.scheme.startswith("socks"):
        raise ConfigurationError(
            f"{name} names a SOCKS proxy, which is not supported.",
            advice="Name an HTTP proxy as http://HOST:PORT, or set FINESSE_PROXY=none to use no proxy.",
        )
    if not usable or parts.scheme not in _DEFAULT_PORTS:
        raise ConfigurationError(
            f"{name} is not an address of a proxy.",
            advice="Write the proxy as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, where characters such as "
            "/ # @ : in user and password are percent-encoded.",
        )
    return parts


def _basic(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
