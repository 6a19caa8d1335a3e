"""The HTTP port for REST, WebSocket and BOSH, which uses embedded hypercorn on a custom listener."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.protocol import ws_stream
from hypercorn.typing import ASGIFramework

from mcp_finesse.simulator.ports.certificates import CertificateFiles
from mcp_finesse.simulator.ports.listening import Listener, ListenerConfig
from mcp_finesse.simulator.rest.exchange import Receive, Scope, Send

GRACE_SECONDS = 0.3
REQUEST_SECONDS = 1.0
"""Seconds after which the requests of closed connections are cancelled. A delayed response may wait much longer."""

STOP_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 60.0
KEEP_ALIVE_REQUESTS = 1_000_000

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class _UncompressedHandshake(ws_stream.Handshake):
    """A WebSocket handshake without compression, because a few compressed kilobytes can expand to gigabytes.

    Hypercorn accepts permessage-deflate whenever a client offers it, and has no setting to disable it.
    """

    def __init__(self, headers: list[tuple[bytes, bytes]], http_version: str) -> None:
        super().__init__(headers, http_version)
        self.extensions = None


ws_stream.Handshake = _UncompressedHandshake  # type: ignore[misc]


class HttpPort:
    """An open port that serves HTTP requests and WebSockets with an ASGI application.

    Args:
        listener: a listening socket. This object owns the socket from now on.
        certificates: the certificates for TLS. ``None`` for connections without TLS.
        app: the ASGI application for HTTP and WebSocket. This class itself handles lifespan events.
    """

    def __init__(self, listener: Listener, certificates: CertificateFiles | None, app: App) -> None:
        self._listener = listener
        self._app = app
        self._stop = asyncio.Event()
        self.port = listener.port
        config = ListenerConfig(listener)
        config.errorlog = logging.getLogger("mcp_finesse.simulator.http")
        config.graceful_timeout = REQUEST_SECONDS
        config.keep_alive_timeout = KEEP_ALIVE_SECONDS
        config.keep_alive_max_requests = KEEP_ALIVE_REQUESTS
        if certificates is not None:
            config.certfile, config.keyfile = str(certificates.cert_file), str(certificates.key_file)
            config.keyfile_password = certificates.password
        served = serve(cast("ASGIFramework", self._serve), config, shutdown_trigger=self._stop.wait)
        self._server = asyncio.create_task(served)

    def reset(self, client: tuple[str, int] | None = None) -> None:
        """Reset every connection, or only the connections of a given client. The port stays open."""
        self._listener.reset(client)

    async def close(self) -> None:
        """Wait a limited time for connections to end gracefully, then close them."""
        self._stop.set()
        try:
            await asyncio.wait({self._server}, timeout=GRACE_SECONDS)
            self._listener.hang_up()
            await asyncio.wait({self._server}, timeout=STOP_SECONDS)
        finally:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})
