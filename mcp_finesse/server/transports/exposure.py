"""Who can reach the HTTP server, and what the server requires for it: authentication and TLS outside this machine."""

from __future__ import annotations

import ipaddress
import ssl
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from mcp_finesse.errors import ConfigurationError, describe_error
from mcp_finesse.server.transports.tls import Certificate

_AUTHENTICATION = "Set FINESSE_TOKEN_FILE or FINESSE_OAUTH_ISSUER"
_TLS = (
    "Set FINESSE_TLS_CERT and FINESSE_TLS_KEY, or FINESSE_BEHIND_TLS_PROXY=true if a reverse proxy encrypts the "
    "connections of clients"
)
_PUBLIC_URL = (
    "Set FINESSE_PUBLIC_URL to the URL that clients use, such as https://finesse-mcp.example.com/mcp."
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How the server is reachable.

    Attributes:
        public_url: The URL that clients use, if it is not the address that the server listens on.
        tls_cert: PEM file with the server's certificate and its intermediates, or None.
        tls_key: PEM file with its key; None if the key is in ``tls_cert``.
        behind_tls_proxy: Whether a reverse proxy encrypts the connections of clients.
    """

    public_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_tls_proxy: bool = False

    def check(self, host: str, *, authenticated: bool, named: bool) -> None:
        """Refuse an address that more people could reach than intended.

        Args:
            host: The address to listen on.
            authenticated: Whether clients must authenticate.
            named: Whether host names other than those of this machine are allowed.

        Raises:
            ConfigurationError: Authentication, TLS or a host name is missing. The error says what to set.
        """
        self._check_public_url()
        local = is_loopback(host)
        public = self.public_url is not None and not is_loopback(urlsplit(self.public_url).hostname or "")
        if not authenticated and not local:
            raise ConfigurationError(
                f"Listening on {host} would serve everyone who can reach this machine.",
                advice=f"{_AUTHENTICATION}, or listen on 127.0.0.1.",
            )
        if not authenticated and (self.behind_tls_proxy or public):
            raise ConfigurationError(
                "The reverse proxy would serve everyone who can reach it.",
                advice=f"{_AUTHENTICATION}: the server does not rely on the proxy to authenticate clients.",
            )
        if not local and self.tls_cert is None and not self.behind_tls_proxy:
            raise ConfigurationError(
                f"Listening on {host} would send access tokens and calls unencrypted.",
                advice=f"{_TLS}, or listen on 127.0.0.1.",
            )
        if not local and not named and self.public_url is None:
            raise ConfigurationError(
                f"Listening on {host} would refuse every request, because no host name is allowed.",
                advice=_PUBLIC_URL,
            )

    def resource(self, listening: str, *, oauth: bool) -> str:
        """Return the URL that identifies this server to clients and to the authorization server.

        Args:
            listening: The URL that the server listens on.
            oauth: Whether OAuth is configured.

        Raises:
            ConfigurationError: OAuth requires the URL that clients use, and it cannot be derived.
        """
        if self.public_url is not None:
            return self.public_url
        if oauth and (self.behind_tls_proxy or not is_loopback(urlsplit(listening).hostname or "")):
            raise ConfigurationError(
                "OAuth requires the URL that clients use, because access tokens are issued for it.",
                advice=_PUBLIC_URL,
            )
        return listening

    @property
    def public_host(self) -> str | None:
        """The Host header that clients send for ``public_url``; None if it is not set."""
        if self.public_url is None:
            return None
        parts = urlsplit(self.public_url)
        usual = ":443" if parts.scheme == "https" else ":80"
        return parts.netloc.removesuffix(usual)

    def certificate(self) -> Certificate | None:
        """Return the certificate of the server; None without a certificate.

        Raises:
            ConfigurationError: The files cannot be used, or other users can read the key.
        """
        if self.tls_cert is None:
            if self.tls_key is not None:
                raise ConfigurationError(
                    "FINESSE_TLS_KEY is set without FINESSE_TLS_CERT.", advice="Set both, or neither."
                )
            return None
        key = self.tls_key or self.tls_cert
        return Certificate(partial(_tls_context, self.tls_cert, key), self.tls_cert, key)

    def _check_public_url(self) -> None:
        if self.public_url is None:
            return
        try:
            parts = urlsplit(self.public_url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        plain = set(self.public_url).isdisjoint("\"\\<>' ") and self.public_url.isprintable()
        if not host or port == 0 or parts.scheme not in ("http", "https") or not plain:
            raise ConfigurationError("FINESSE_PUBLIC_URL is not a URL.", advice=_PUBLIC_URL)
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ConfigurationError(
                "FINESSE_PUBLIC_URL contains a query, a fragment or credentials.", advice=_PUBLIC_URL
            )
        if parts.scheme == "http" and not is_loopback(host):
            raise ConfigurationError(
                "FINESSE_PUBLIC_URL is not encrypted (http): access tokens could be read on the network.",
                advice=_PUBLIC_URL,
            )


def _tls_context(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if sys.platform != "win32" and key.stat().st_mode & 0o007:
            raise ConfigurationError(
                f"Every user of this machine can use the TLS key {key}.", advice=f"Run: chmod o= {key}"
            )
        context.load_cert_chain(cert, key, password=_no_password)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise ConfigurationError(
            f"The TLS certificate {cert} cannot be used: {describe_error(error)}.",
            advice="FINESSE_TLS_CERT and FINESSE_TLS_KEY are PEM files; the key has no password.",
        ) from error
    return context


def _no_password() -> bytes:
    raise ValueError("the key is encrypted")


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
