"""The route over WebSocket, with the steps connect, TLS and upgrade."""

from __future__ import annotations

import asyncio
import ssl

from websockets.exceptions import InvalidURI
from websockets.uri import WebSocketURI, parse_uri

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp.transport import framing
from mcp_finesse.xmpp.transport.base import Deadline, Route, StreamSide, step
from mcp_finesse.xmpp.transport.dial import dial
from mcp_finesse.xmpp.transport.websocket_transport import WebSocketTransport


def websocket_route(
    url: str,
    ssl_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
    *,
    allow_insecure: bool = False,
    proxy: Proxy | None = None,
) -> Route:
    """Return the route over WebSocket (RFC 7395). The port is usually 8445, or 7443 from release 12.0 to 12.5.

    Args:
        url: a URL that begins with ``wss://`` or, if allowed, with ``ws://``. The path is usually ``/ws``.
        ssl_context: the TLS context. The default context uses the system's trusted CAs.
        server_hostname: the name in the certificate, if that name differs from the host of the URL.
        allow_insecure: whether the password may be sent over an unencrypted ``ws://`` connection.
        proxy: the proxy to use, if any.

    Raises:
        ConfigurationError: the URL is invalid, or is insecure without being allowed.
    """
    try:
        uri = parse_uri(url)
    except (InvalidURI, ValueError) as exc:
        raise ConfigurationError(
            f"The WebSocket address {url!r} cannot be used.",
            advice="Write the address as wss://HOST:8445/ws.",
        ) from exc
    if uri.user_info is not None:
        raise ConfigurationError(
            "The WebSocket address contains a user name.",
            advice="Remove the user name, and set FINESSE_USER and FINESSE_PASSWORD.",
        )
    if not uri.secure and not allow_insecure:
        raise ConfigurationError(
            f"{url} is not encrypted: the password could be read on the network.",
            advice="Use a wss:// address. In a lab, set FINESSE_ALLOW_INSECURE=true.",
        )
    context = (ssl_context or ssl.create_default_context()) if uri.secure else None

    async def opener(stream: StreamSide, seconds: float) -> asyncio.Transport:
        return await _open(stream, uri, context, server_hostname or uri.host, seconds, proxy)

    return Route("websocket", url, opener, framing.header, framing.FOOTER, encrypted=uri.secure)


async def _open(
    stream: StreamSide,
    uri: WebSocketURI,
    context: ssl.SSLContext | None,
    hostname: str,
    seconds: float,
    proxy: Proxy | None,
) -> WebSocketTransport:
    deadline = Deadline(seconds)
    transport = WebSocketTransport(stream, uri)
    try:
        await dial(transport, uri.host, uri.port, deadline, tls=context, hostname=hostname, proxy=proxy)
        async with step("upgrade", f"{uri.host}:{uri.port}{uri.path}", deadline):
            await transport.upgrade()
    except BaseException:
        transport.abort()
        raise
    return transport
