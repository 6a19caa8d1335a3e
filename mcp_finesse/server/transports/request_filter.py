"""The checks of every HTTP request before anything else: number of headers, Host, Origin, and forgotten proxies."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.numbers import is_digits
from mcp_finesse.redaction import truncated
from mcp_finesse.server.transports.health import PATHS

MAX_HEADERS = 100
"""Maximum number of header fields of a request; further ones are refused with status 431."""
_FROM_PROXIES = (b"forwarded", b"via", b"x-real-ip")
_FROM_PROXIES_TOO = b"x-forwarded-"

log = logging.getLogger(__name__)


class RequestFilter:
    """Rejects requests whose Host or Origin header is not allowed. A client that disconnects causes no error.

    Headers are compared as a whole. The SDK compares ``name:*`` only with the start of the header, so the SDK
    would accept ``localhost:.evil.example``.

    Args:
        app: The application that serves the other requests.
        security: The allowed headers.
        refuse_proxies: Whether to refuse requests with a header that reverse proxies add. Without authentication, the
            server serves this machine only. A proxy would serve everyone who can reach the proxy.
    """

    def __init__(
        self, app: ASGIApp, security: TransportSecuritySettings, *, refuse_proxies: bool = False
    ) -> None:
        self._app = app
        self._security = security
        self._refuse_proxies = refuse_proxies
        self._reported = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or refuse it with 403, 421 or 431."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        with contextlib.suppress(ClientDisconnect):  # a disconnect during a request is not a server error
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if len(scope["headers"]) > MAX_HEADERS:
            return Response("Too many header fields", status_code=431)
        if scope["path"] in PATHS:
            return None
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not _is_allowed(hosts[0], self._security.allowed_hosts):
            return Response("Invalid Host header", status_code=421)
        if not all(_is_allowed(origin, self._security.allowed_origins) for origin in origins):
            return Response("Invalid Origin header", status_code=403)
        if self._refuse_proxies and any(_is_from_proxy(name) for name, _ in scope["headers"]):
            self._report_proxy()
            return Response("Requests through a proxy require authentication, which is off", status_code=403)
        return None

    def _report_proxy(self) -> None:
        """Log the first refusal only: anyone who can reach the proxy can cause more."""
        if not self._reported:
            self._reported = True
            log.warning(
                "Refused requests that came through a proxy, because clients need no authentication. Set "
                "FINESSE_TOKEN_FILE or FINESSE_OAUTH_ISSUER. If the proxy encrypts the connections of clients, also "
                "set FINESSE_PUBLIC_URL and FINESSE_BEHIND_TLS_PROXY=true."
            )


def security_of(hosts: Sequence[str], origins: Sequence[str]) -> TransportSecuritySettings:
    """Return the accepted Host and Origin headers. Checking them prevents DNS rebinding attacks by web pages.

    Raises:
        ConfigurationError: a configured value can match no header.
    """
    for name in (*hosts, *origins):
        _check_name(name)
    local = [f"{name}:*" for name in ("127.0.0.1", "localhost", "[::1]")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*local, *hosts],
        allowed_origins=[*(f"http://{name}" for name in local), *origins],
    )


def _is_no_disconnect(record: logging.LogRecord) -> bool:
    """Return False for the error that the SDK logs when a client disconnects. The error is then not logged."""
    return record.exc_info is None or record.exc_info[0] is not ClientDisconnect


logging.getLogger("mcp.server.streamable_http").addFilter(_is_no_disconnect)


def _is_from_proxy(name: bytes) -> bool:
    """Return whether proxies add the header with this name, in lower case, to requests."""
    return name in _FROM_PROXIES or name.startswith(_FROM_PROXIES_TOO)


def _is_allowed(value: str, allowed: Sequence[str]) -> bool:
    """Return whether a header has an allowed value. ``name:*`` allows any port."""
    name, _, port = value.rpartition(":")
    return value in allowed or (f"{name}:*" in allowed and is_digits(port, max_digits=5))


def _check_name(name: str) -> None:
    """Raise if a configured value cannot match any header.

    Raises:
        ConfigurationError: the value contains an unsupported wildcard or a path.
    """
    if "*" in name.removesuffix(":*") or "/" in name.partition("://")[2] or not name.removesuffix(":*"):
        raise ConfigurationError(
            (
                f"--allowed-hosts contains {truncated(name, 80)!r}, which matches no host: only the port can be a "
                "wildcard."
            ),
            advice="Name each host as clients write it: finesse-mcp.example.com, or finesse-mcp.example.com:* for "
            "every port.",
        )
