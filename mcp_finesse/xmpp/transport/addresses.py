"""The addresses of the Notification Service in the order in which to try them, and the route to each address.

The scheme of an address selects the transport (``mcp_finesse.xmpp_transports``). If no addresses are
configured, the default addresses of the Finesse releases are tried.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from mcp_finesse.errors import ConfigurationError, NetworkError, ProxyCredentialsError
from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp.transport.base import Route
from mcp_finesse.xmpp.transport.bosh.address import bosh_route
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming
from mcp_finesse.xmpp.transport.tcp import tcp_route
from mcp_finesse.xmpp.transport.websocket import websocket_route
from mcp_finesse.xmpp_transports import AUTO, BY_SCHEME, EXAMPLES, TRANSPORTS

# The steps that precede the login. The next address is tried only if one of these steps fails, because no password
# has been sent in that case.
_ANOTHER_WAY = frozenset({"proxy", "dns", "tcp", "tls", "http", "upgrade", "stream"})


def addresses(rest_url: str, own: Sequence[str] = (), transport: str = AUTO) -> list[str]:
    """Return the addresses to try, in order.

    Args:
        rest_url: URL of the REST API.
        own: the configured addresses, which replace the default addresses.
        transport: ``auto`` for all transports, or the name of one transport.

    Raises:
        ConfigurationError: an address has an unknown scheme, or no address uses the given transport.
    """
    found = list(own) or _default_addresses(rest_url)
    for address in found:
        if urlsplit(address).scheme not in BY_SCHEME:
            raise ConfigurationError(
                f"{address!r} is not an address of a Notification Service.", advice=f"Write {EXAMPLES}."
            )
    chosen = [each for each in found if transport in (AUTO, BY_SCHEME[urlsplit(each).scheme].name)]
    if not chosen:
        raise ConfigurationError(
            f"None of the addresses {', '.join(found)} uses the transport {transport}.",
            advice="Correct FINESSE_NOTIFICATION_URLS or FINESSE_XMPP_TRANSPORT.",
        )
    return chosen


def _default_addresses(rest_url: str) -> list[str]:
    parts = urlsplit(rest_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    insecure = parts.scheme == "http"
    templates = [each.usual_insecure if insecure else each.usual for each in TRANSPORTS]
    found = [template.format(rest=parts.netloc, host=host) for each in templates for template in each]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Target:
    address: str
    make_tls: Callable[[], ssl.SSLContext]
    allow_insecure: bool
    proxy: Proxy | None
    connect: float


def _websocket(to: _Target) -> Route:
    return websocket_route(to.address, to.make_tls(), allow_insecure=to.allow_insecure, proxy=to.proxy)


def _bosh(to: _Target) -> Route:
    timing = BoshTiming(connect=to.connect)
    return bosh_route(
        to.address, to.make_tls(), allow_insecure=to.allow_insecure, timing=timing, proxy=to.proxy
    )


def _tcp(to: _Target) -> Route:
    parts = urlsplit(to.address)
    encrypted = parts.scheme == "xmpps"
    return tcp_route(
        parts.hostname or "",
        parts.port or (5223 if encrypted else 5222),
        to.make_tls() if encrypted else None,
        encrypted=encrypted,
        allow_insecure=to.allow_insecure,
        proxy=to.proxy,
    )


_ROUTES: dict[str, Callable[[_Target], Route]] = {
    "websocket": _websocket,
    "bosh": _bosh,
    "tcp": _tcp,
}
"""The route of each transport, by its name in ``TRANSPORTS``."""


def route_to(
    address: str,
    make_tls: Callable[[], ssl.SSLContext],
    allow_insecure: bool,
    proxy: Proxy | None = None,
    connect: float = 10.0,
) -> Route:
    """Return the route to an address.

    Args:
        address: an address that ``addresses`` returned.
        make_tls: a function that creates the TLS context. The TLS context decides which certificates are trusted.
        allow_insecure: whether an address without TLS is permitted.
        proxy: the proxy to use, if any.
        connect: for a transport that opens several connections, the limit in seconds for each connection after
            the first.

    Raises:
        ConfigurationError: the address cannot be used, or lacks TLS although TLS is required.
    """
    transport = BY_SCHEME[urlsplit(address).scheme]
    return _ROUTES[transport.name](_Target(address, make_tls, allow_insecure, proxy, connect))


def other_transport_may_work(error: NetworkError) -> bool:
    """Return whether to try the next address. True if the service was not reached, so that no password was sent.

    False if a proxy rejected the proxy credentials, because the next address would then fail as well.
    """
    return error.step in _ANOTHER_WAY and not isinstance(error, ProxyCredentialsError)


def all_failed(failures: Iterable[tuple[str, NetworkError]]) -> NetworkError:
    """Combine the errors of all failed addresses into one error. A single error is returned unchanged."""
    failures = list(failures)
    if len(failures) == 1:
        return failures[0][1]
    said = " ".join(f"{address}: {error.message} (step: {error.step})." for address, error in failures)
    last = failures[-1][1]
    return NetworkError(
        f"The Notification Service cannot be reached. {said}", step=last.step, advice=failures[0][1].advice
    )
