"""The ways to the Notification Service: which there are, and in which order they are tried.

A way is an address whose scheme says what carries the stream: ``wss`` and ``ws`` a WebSocket, ``https`` and
``http`` BOSH, ``xmpps`` and ``xmpp`` TCP. Without addresses of the user's own the ports are those of the Finesse
releases: WebSocket beside REST (12.6) and on 7443 (12.0), BOSH on 7443, TCP with TLS on 5223.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from mcp_finesse.errors import ConfigurationError, NetworkError, ProxyCredentialsError
from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp import BoshTiming, Route, bosh_route, tcp_route, websocket_route

TRANSPORTS = {
    "wss": "websocket",
    "ws": "websocket",
    "https": "bosh",
    "http": "bosh",
    "xmpps": "tcp",
    "xmpp": "tcp",
}
# Steps before the service itself has answered: only then is another way worth a try, and no password was sent.
_ANOTHER_WAY = frozenset({"proxy", "dns", "tcp", "tls", "http", "upgrade", "stream"})


def addresses(rest_url: str, own: Sequence[str] = (), transport: str = "auto") -> list[str]:
    """The addresses to try, in their order.

    Args:
        rest_url: where REST is.
        own: addresses of the user's own, which take the place of all others.
        transport: ``auto`` for all, or the one that is wanted.

    Raises:
        ConfigurationError: an address has an unknown scheme, or none is of the wanted transport.
    """
    found = list(own) or _usual(rest_url)
    for address in found:
        if urlsplit(address).scheme not in TRANSPORTS:
            raise ConfigurationError(
                f"{address!r} is not an address of a Notification Service.",
                advice="Write wss://HOST:8445/ws, https://HOST:7443/http-bind or xmpps://HOST:5223.",
            )
    chosen = [a for a in found if transport in ("auto", TRANSPORTS[urlsplit(a).scheme])]
    if not chosen:
        raise ConfigurationError(
            f"None of the addresses {', '.join(found)} is reached by {transport}.",
            advice="Correct FINESSE_NOTIFICATION_URLS or FINESSE_XMPP_TRANSPORT.",
        )
    return chosen


def _usual(rest_url: str) -> list[str]:
    parts = urlsplit(rest_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if parts.scheme == "http":
        found = [f"ws://{parts.netloc}/ws", f"ws://{host}:7071/ws", f"http://{host}:7071/http-bind"]
        return list(dict.fromkeys([*found, f"xmpp://{host}:5222"]))
    found = [f"wss://{parts.netloc}/ws", f"wss://{host}:7443/ws", f"https://{host}:7443/http-bind"]
    return list(dict.fromkeys([*found, f"xmpps://{host}:5223"]))


def route_to(
    address: str,
    make_tls: Callable[[], ssl.SSLContext],
    allow_insecure: bool,
    proxy: Proxy | None = None,
    connect: float = 10.0,
) -> Route:
    """The route to an address.

    Args:
        address: one of ``addresses``.
        make_tls: makes the trust for the server's certificate.
        allow_insecure: go there without encryption, if the address says so.
        proxy: through which to go, if any.
        connect: seconds for each connection after the first, where a transport makes several.

    Raises:
        ConfigurationError: the address cannot be used, or is not encrypted and that was not allowed.
    """
    parts = urlsplit(address)
    match TRANSPORTS[parts.scheme]:
        case "websocket":
            return websocket_route(address, make_tls(), allow_insecure=allow_insecure, proxy=proxy)
        case "bosh":
            timing = BoshTiming(connect=connect)
            return bosh_route(address, make_tls(), allow_insecure=allow_insecure, timing=timing, proxy=proxy)
    encrypted = parts.scheme == "xmpps"
    return tcp_route(
        parts.hostname or "",
        parts.port or (5223 if encrypted else 5222),
        make_tls() if encrypted else None,
        encrypted=encrypted,
        allow_insecure=allow_insecure,
        proxy=proxy,
    )


def worth_another_way(error: NetworkError) -> bool:
    """Whether the next address may do better: the service was not reached, so no password was spent.

    A proxy that wants other credentials will want them for the next address as well.
    """
    return error.step in _ANOTHER_WAY and not isinstance(error, ProxyCredentialsError)


def all_failed(failures: Iterable[tuple[str, NetworkError]]) -> NetworkError:
    """One error for all ways that failed: the error itself for one, what each said for several."""
    failures = list(failures)
    if len(failures) == 1:
        return failures[0][1]
    said = " ".join(f"{address}: {error.message} (step: {error.step})." for address, error in failures)
    last = failures[-1][1]
    return NetworkError(
        f"The Notification Service cannot be reached. {said}", step=last.step, advice=failures[0][1].advice
    )
