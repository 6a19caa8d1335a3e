"""TLS of the HTTP server: limits on handshakes, and a certificate that is read again when its files change.

Asyncio alone starts the handshake before uvicorn learns of the connection. Connections whose handshake never ends would
then count in no limit.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server.transports.request_timeout import TimedRequests

log = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 10.0
"""Maximum seconds for the TLS handshake of a connection."""

_Version = tuple[tuple[int, int, int, int] | None, ...]


class Certificate:
    """The server's certificate as a TLS context. New connections use the new certificate after the files changed.

    Args:
        load: Reads the files. Raises ``ConfigurationError`` if they cannot be used.
        files: The files of the certificate and of its key.

    Raises:
        ConfigurationError: The files cannot be used.
    """

    def __init__(self, load: Callable[[], ssl.SSLContext], *files: Path) -> None:
        self._load = load
        self._files = files
        self._version = self._current_version()
        self._context = load()

    def context(self) -> ssl.SSLContext:
        """Return the context for a new connection. While changed files cannot be used, it is the previous one."""
        version = self._current_version()
        if version != self._version:
            self._version = (
                version  # read before the files: a change during the reading causes another reading
            )
            try:
                self._context = self._load()
            except ConfigurationError as error:
                log.error(
                    "The TLS certificate was not read again, and the previous one stays in use: %s", error
                )
            else:
                log.info("The TLS certificate was read again, because its files changed.")
        return self._context

    def _current_version(self) -> _Version:
        return tuple(_version_of(file) for file in self._files)


def _version_of(file: Path) -> tuple[int, int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def encrypted(certificate: Certificate) -> type[asyncio.Protocol]:
    """Return the protocol of a server that encrypts its connections with a certificate."""

    class EncryptedRequests(_Handshake):
        def __init__(self, **options: Any) -> None:
            super().__init__(certificate, **options)

    return EncryptedRequests


class _Handshake(asyncio.Protocol):
    """Performs the TLS handshake of a connection, and then passes the connection on to ``TimedRequests``.

    Uvicorn counts the handshake as a connection, and aborts the handshake on shutdown.
    """

    def __init__(
        self,
        certificate: Certificate,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._certificate = certificate
        self._loop = _loop or asyncio.get_running_loop()
        self._make_requests = partial(TimedRequests, config, server_state, app_state, self._loop)
        self._requests: TimedRequests | None = None
        self._connections: set[Any] = server_state.connections
        self._limit = config.limit_concurrency
        self._transport: asyncio.Transport | None = None
        self._work: asyncio.Task[None] | None = None
        self._received: list[bytes] = []
        self._lost = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the handshake. Close a connection over the limit: nothing can be sent before the handshake."""
        if self._limit is not None and len(self._connections) + 1 >= self._limit:
            transport.abort()
            return
        transport.pause_reading()  # the first bytes are for the handshake
        self._transport = transport
        self._connections.add(self)
        self._work = self._loop.create_task(self._shake_hands(transport), name="TLS handshake")

    def data_received(self, data: bytes) -> None:
        """Keep data that arrives with the end of the handshake."""
        self._received.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the requests, if the connection was passed on in the meantime."""
        self._lost = True
        self._connections.discard(self)
        if self._requests is not None:
            self._requests.connection_lost(exc)

    def shutdown(self) -> None:
        """Abort the handshake, because the server shuts down."""
        if self._transport is not None:
            self._transport.abort()

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        try:
            inner = await self._loop.start_tls(
                transport,
                self,
                self._certificate.context(),
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )
        except (
            OSError,
            ssl.SSLError,
        ) as error:  # a handshake that takes too long ends with ConnectionAbortedError
            log.debug("A TLS handshake failed: %s", error)
            return
        finally:
            self._connections.discard(self)
        if inner is None or self._lost:
            return
        self._requests = requests = self._make_requests()
        inner.set_protocol(requests)
        requests.connection_made(inner)
        for data in self._received:
            requests.data_received(data)
