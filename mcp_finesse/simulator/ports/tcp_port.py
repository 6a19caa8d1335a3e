"""The port for XMPP over TCP, which uses direct TLS as port 5223 of Finesse does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from mcp_finesse.simulator.ports.certificates import CertificateFiles
from mcp_finesse.simulator.ports.listening import Listener

HANDSHAKE_SECONDS = 10.0
SHUTDOWN_SECONDS = 2.0

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class TcpPort:
    """An open port. A separate coroutine serves each connection."""

    def __init__(self, listener: Listener, server: asyncio.Server) -> None:
        self._listener = listener
        self._server = server
        self.port = listener.port

    @classmethod
    async def open(cls, listener: Listener, certificates: CertificateFiles | None, serve: Serve) -> TcpPort:
        """Serve the connections of a listener. The new object owns the listener from now on.

        Args:
            listener: a listening socket.
            certificates: the certificates for TLS. ``None`` for connections without TLS.
            serve: a function that is called for each connection, after the TLS handshake.
        """
        if certificates is None:
            return cls(listener, await asyncio.start_server(serve, sock=listener))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates.cert_file, certificates.key_file, certificates.password)
        server = await asyncio.start_server(
            serve,
            sock=listener,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=SHUTDOWN_SECONDS,
        )
        return cls(listener, server)

    def reset(self) -> None:
        """Reset every connection. The port stays open."""
        self._listener.reset()

    def close(self) -> None:
        """Stop accepting connections, and close the open connections, including those with an unfinished handshake."""
        self._server.close()
        self._listener.hang_up()
