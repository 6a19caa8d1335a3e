"""The TCP transport: an XML stream of RFC 6120 over direct TLS.

Finesse offers direct TLS on port 5223. STARTTLS is never used, so that the configuration decides whether the
connection is encrypted. With STARTTLS, a server or an attacker in between could prevent encryption.
"""

from __future__ import annotations

import asyncio
import ssl
from xml.sax.saxutils import quoteattr

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxy, place
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
    """Return the route over TCP. The port is usually 5223 with TLS or, if allowed, 5222 without TLS.

    Args:
        host: name or address of the node.
        port: TCP port.
        ssl_context: the TLS context. The default context uses the system's trusted CAs.
        server_hostname: the name in the certificate, if that name differs from the host.
        allow_insecure: whether the password may be sent over an unencrypted connection.
        encrypted: whether the port uses TLS.
        proxy: the proxy to use, if any.

    Raises:
        ConfigurationError: the host or the port is invalid, or the port lacks TLS although TLS is required.
    """
    if not host or not 0 < port < 2**16:
        raise ConfigurationError(
            f"The XMPP address {host!r}, port {port}, cannot be used.",
            advice="Give the host name of the node and a port (5223 on most nodes).",
        )
    address = place(host, port)
    if not encrypted and not allow_insecure:
        raise ConfigurationError(
            f"XMPP at {address} is not encrypted: the password could be read on the network.",
            advice="Use the TLS port, 5223. In a lab, set FINESSE_ALLOW_INSECURE=true.",
        )
    context = (ssl_context or ssl.create_default_context()) if encrypted else None

    async def opener(stream: StreamSide, seconds: float) -> asyncio.Transport:
        deadline, transport = Deadline(seconds), TcpTransport(stream)
        try:
            hostname = server_hostname or host
            await dial(transport, host, port, deadline, tls=context, hostname=hostname, proxy=proxy)
            async with step("stream", address):
                transport.hand_over()
        except BaseException:
            transport.abort()
            raise
        return transport

    url = f"{'tls' if encrypted else 'tcp'}://{address}"
    return Route("tcp", url, opener, header, FOOTER, encrypted=encrypted)


def header(domain: str) -> str:
    """Return the stream header (RFC 6120 4.7) for an XMPP domain. The stream sends it first and after SASL."""
    return (
        f"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        f" to={quoteattr(domain)} version='1.0' xml:lang='en'>"
    )


class TcpTransport(BufferedReceiver, asyncio.Transport):
    """One TCP connection, with data passed to the stream byte for byte, including whitespace.

    ``get_extra_info`` deliberately keeps the inherited version, which returns no values: if slixmpp sees an
    ``ssl_object``, it waits for a connection attempt of its own.
    """

    def __init__(self, stream: StreamSide) -> None:
        super().__init__()
        self._stream = stream
        # The stream cannot parse data until it has written its header. Data that arrives earlier is buffered.
        self._pauses.add(_NO_HEADER)
        self._handed_over = False  # if True, the stream is notified when the connection is lost
        self._closing = False  # nothing is delivered to the stream or sent to the socket any more

    def hand_over(self) -> None:
        """Pass the connection to the stream, which gets all later events. Raise ``ConnectionError`` if it is closed."""
        if self._closing:
            raise ConnectionResetError("the server closed the connection")
        self._handed_over = True

    # To the socket below.

    def data_received(self, data: bytes) -> None:
        """Pass bytes to the stream."""
        if not self._closing:
            self._stream.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the loss of the socket to the stream."""
        self._closing = True
        if self._handed_over:
            self._stream.connection_lost(exc)

    # To the stream above.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a header, stanza, footer or whitespace keepalive (RFC 6120 4.6.1)."""
        if self._socket is not None and not self._closing:
            self._socket.write(data)
            if _NO_HEADER in self._pauses:
                self._resume(_NO_HEADER)

    def is_closing(self) -> bool:
        """Return whether the connection is closing or closed."""
        return self._closing

    def close(self) -> None:
        """Close the connection after sending buffered data."""
        self._closing = True
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        """Abort the connection. ``connection_lost`` is called afterwards."""
        self._closing = True
        if self._socket is not None:
            self._socket.abort()
