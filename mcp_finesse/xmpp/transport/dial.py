"""Connects to a host, with or without TLS, in named steps."""

from __future__ import annotations

import asyncio
import ssl

from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp.transport.base import Deadline, step
from mcp_finesse.xmpp.transport.buffered_protocol import BufferedReceiver
from mcp_finesse.xmpp.transport.tunnel import open_tunnel


async def dial(
    protocol: BufferedReceiver,
    host: str,
    port: int,
    deadline: Deadline,
    *,
    tls: ssl.SSLContext | None,
    hostname: str,
    proxy: Proxy | None = None,
) -> None:
    """Connect. ``connection_made`` is called with the TCP transport, and then with any TLS transport on top of it.

    Args:
        protocol: the protocol that receives the transports, and then the data of the last transport.
        host: name or address.
        port: TCP port.
        deadline: time limit for all steps together.
        tls: the TLS context. None for a connection without TLS.
        hostname: the name expected in the certificate.
        proxy: the proxy to use, if any.

    Raises:
        NetworkError: the step ``proxy``, ``dns``, ``tcp`` or ``tls`` failed. No connection stays open.
    """
    loop, where = asyncio.get_running_loop(), f"{host}:{port}"
    if proxy is None:
        plain = await _directly(protocol, host, port, deadline)
    else:
        plain = await open_tunnel(proxy, host, port, deadline)
        plain.set_protocol(protocol)
        plain.resume_reading()
        protocol.connection_made(plain)
    if tls is not None:
        async with step("tls", where, deadline):
            try:
                secured = await loop.start_tls(plain, protocol, tls, server_hostname=hostname)
            except TypeError as exc:  # raised by asyncio 3.11 for an SSLError inside TLS to a proxy
                raise exc.__context__ or exc from None
            if secured is None:
                raise ConnectionResetError("the server closed the connection")
            protocol.connection_made(secured)


async def _directly(
    protocol: BufferedReceiver, host: str, port: int, deadline: Deadline
) -> asyncio.Transport:
    loop = asyncio.get_running_loop()
    # The name is resolved at this point only to report a failure as a separate step. ``create_connection``
    # resolves the name again, to try IPv6 and IPv4 concurrently.
    async with step("dns", host, deadline):
        await loop.getaddrinfo(host, port)
    async with step("tcp", f"{host}:{port}", deadline):
        plain, _ = await loop.create_connection(lambda: protocol, host, port, happy_eyeballs_delay=0.25)
    return plain
