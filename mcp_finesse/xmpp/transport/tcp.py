"""TCP as a transport: the XML stream as RFC 6120 has it, inside TLS from its first byte.

Finesse has direct TLS on port 5223. STARTTLS is never asked for: what may be encrypted or not is decided
by who configures us, and not by what a server, or somebody on the way to it, offers.
"""

from __future__ import annotations

import asyncio
import ssl
from xml.sax.saxutils import quoteattr

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp.transport.base import Deadline, Route, StreamSide, step
from mcp_finesse.xmpp.transport.buffered_protocol import BufferedReceiver
from mcp_finesse.xmpp.transport.dial import dial

FOOTER = "</stream:stream>"
_NO_HEADER = "no header yet"


def tcp_route(
    host: str,
    port: int,
    ssl_context: ssl.SSLContext | None = None,
    *,
    server_hostname: str | None = None,
    allow_insecure: bool = False,
    encrypted: bool = True,
    proxy: Proxy | None = None,
) -> Route:
    """The way in over TCP: ``HOST:5223`` with TLS or, where that is allowed, ``HOST:5222`` without.

    Args:
        host: name or address of the node.
        port: where.
        ssl_context: trust; the system's if not given.
        server_hostname: the name on the certificate, where it is not the host.
        allow_insecure: let the password go over a connection that anybody can read.
        encrypted: False for a port without TLS.
        proxy: through which to go, if any.

    Raises:
        ConfigurationError: host or port cannot be used, or there is no TLS and that was not allowed.
    """
    if not host or not 0 < port < 2**16:
        raise ConfigurationError(
            f"The XMPP address {host!r}, port {port}, cannot be used.",
            advice="Give the host name of the node and a port, which is 5223 on most.",
        )
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if not encrypted and not allow_insecure:
        raise ConfigurationError(
            f"XMPP at {place} is not encrypted: the password could be read on the network.",
            advice="Use the TLS port, 5223. In a lab, set FINESSE_ALLOW_INSECURE=true.",
        )
    context = (ssl_context or ssl.create_default_context()) if encrypted else None

    async def opener(stream: StreamSide, seconds: float) -> asyncio.Transport:
        deadline, transport = Deadline(seconds), TcpTransport(stream)
        try:
            hostname = server_hostname or host
            await dial(transport, host, port, deadline, tls=context, hostname=hostname, proxy=proxy)
            async with step("stream", place):
                transport.hand_over()
        except BaseException:
            transport.abort()
            raise
        return transport

    url = f"{'tls' if encrypted else 'tcp'}://{place}"
    return Route("tcp", url, opener, header, FOOTER, encrypted=encrypted)


def header(domain: str) -> str:
    """What opens, and after SASL re-opens, the stream to an XMPP domain (RFC 6120 4.7)."""
    return (
        f"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        f" to={quoteattr(domain)} version='1.0' xml:lang='en'>"
    )


class TcpTransport(BufferedReceiver, asyncio.Transport):
    """One TCP connection, passed on to the stream byte for byte, whitespace included.

    ``get_extra_info`` stays as inherited and knows nothing: slixmpp waits for a dial of its own if it
    sees an ``ssl_object``.
    """

    def __init__(self, stream: StreamSide) -> None:
        super().__init__()
        self._stream = stream
        # Until the stream has written its header it cannot parse; a peer that speaks first has to wait.
        self._pauses.add(_NO_HEADER)
        self._handed_over = False  # the opener has returned it: its end is now the stream's affair
        self._closing = False  # nothing more goes up to the stream or down to the socket

    def hand_over(self) -> None:
        """From now on the stream hears from us; ConnectionError if the connection is gone by now."""
        if self._closing:
            raise ConnectionResetError("the server closed the connection")
        self._handed_over = True

    # To the socket below.

    def data_received(self, data: bytes) -> None:
        """Bytes of the stream."""
        if not self._closing:
            self._stream.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._closing = True
        if self._handed_over:
            self._stream.connection_lost(exc)

    # To the stream above.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a header, stanza, footer, or the space that keeps a connection alive (RFC 6120 4.6.1)."""
        if self._socket is not None and not self._closing:
            self._socket.write(data)
            if _NO_HEADER in self._pauses:
                self._resume(_NO_HEADER)

    def is_closing(self) -> bool:
        """Whether the end has begun."""
        return self._closing

    def close(self) -> None:
        """Begin the end: what was written still leaves."""
        self._closing = True
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        """End now; ``connection_lost`` follows."""
        self._closing = True
        if self._socket is not None:
            self._socket.abort()
