"""MCP over Streamable HTTP, with graceful shutdown. The default is a loopback address without authentication."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import anyio
import anyio.abc
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from mcp_finesse import signals
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import place
from mcp_finesse.server.auth.authentication import Authentication
from mcp_finesse.server.auth.authenticator import AuthConfig, Authenticator
from mcp_finesse.server.sdk.server import end_listen_streams, forget_the_end
from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.server.transports.exposure import Exposure
from mcp_finesse.server.transports.health import PATHS
from mcp_finesse.server.transports.request_filter import RequestFilter, security_of
from mcp_finesse.server.transports.request_timeout import TimedRequests
from mcp_finesse.server.transports.tls import Certificate, encrypted

PATH = "/mcp"
_GRACE_SECONDS = 2
_LOCAL = Exposure()
_NO_AUTH = AuthConfig()
IDLE_SECONDS = 600.0
"""Seconds after which an idle MCP session is closed; sessions with an open stream stay open."""
MAX_SESSIONS = 200
"""Maximum number of MCP sessions; further ones are refused with status 503."""
MAX_CONNECTIONS = 1_000
"""Maximum number of connections and requests; further ones are refused with status 503, or closed before TLS."""

MAX_HEADER_BYTES = 32 * 1024
"""Maximum bytes of the request line and all headers of a request; larger ones are refused with status 400."""


async def serve_http(
    mcp: FinesseServer,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    allowed_hosts: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
    exposure: Exposure = _LOCAL,
    auth: AuthConfig = _NO_AUTH,
    on_started: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve MCP clients until SIGTERM, Ctrl-C or cancellation. Then end all streams and close the session.

    Args:
        mcp: the result of :func:`build_server`.
        host: the address to listen on.
        port: the port to listen on. 0 chooses a free port.
        allowed_hosts: values of the Host header to accept in addition to loopback names and the host of the public
            URL. A value is ``name`` or ``name:*``.
        allowed_origins: values of the Origin header to accept. Browsers send this header for web pages.
        exposure: how the server is reachable: public URL, TLS certificate, reverse proxy.
        auth: how clients authenticate.
        on_started: a function that is called with the URL as soon as requests are served.

    Raises:
        ConfigurationError: listening on the address failed, a setting is invalid, or authentication or TLS is
            required for this address and missing.
        FinesseError: the session could not be opened.
    """
    exposure.check(host, authenticated=auth.required, named=bool(allowed_hosts))
    names = (*allowed_hosts, exposure.public_host) if exposure.public_host else allowed_hosts
    security = security_of(names, allowed_origins)
    certificate = exposure.certificate()
    listener = _listen(host, port)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(forget_the_end)
        stack.callback(listener.close)
        url = _url(certificate is not None, host, listener.getsockname()[1])
        app = _mcp_app(mcp, security)
        if auth.required:
            resource = exposure.resource(url, oauth=auth.oauth is not None)
            authenticator = Authenticator(auth, resource)
            stack.push_async_callback(authenticator.aclose)
            app = Authentication(
                app,
                authenticator,
                resource=resource,
                issuer=auth.oauth.issuer if auth.oauth is not None else None,
                scopes_of_tools=mcp.scopes_of_tools,
                public=PATHS,
                auditor=mcp.auditor,
            )
        config = _config(RequestFilter(app, security, refuse_proxies=not auth.required), certificate)
        server = _Server(config, mcp, lambda: on_started(url))
        async with mcp.sessions.running(), anyio.create_task_group() as tasks:
            await tasks.start(_stop_on_request, server)
            with anyio.CancelScope(shield=True):  # the server ends by _stop_on_request instead
                await server.serve(sockets=[listener])
            tasks.cancel_scope.cancel()


def _mcp_app(mcp: FinesseServer, security: TransportSecuritySettings) -> ASGIApp:
    app = mcp.streamable_http_app(
        streamable_http_path=PATH,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MAX_SESSIONS,
        transport_security=security,
    )
    app.router.redirect_slashes = False  # behind a proxy, the redirect would lead to an unencrypted address
    return app


def _config(app: ASGIApp, certificate: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TimedRequests if certificate is None else encrypted(certificate),
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        ws="none",
        limit_concurrency=MAX_CONNECTIONS + 1,  # uvicorn refuses the connection that reaches the limit
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nothing depends on the address of the client
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _url(encrypted: bool, host: str, port: int) -> str:
    return f"{'https' if encrypted else 'http'}://{place(host, port)}{PATH}"


class _Server(uvicorn.Server):
    """A uvicorn server that also ends tool calls and streams on shutdown, and does not re-raise signals."""

    def __init__(self, config: uvicorn.Config, mcp: FinesseServer, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._mcp = mcp
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # ``_stop_on_request`` handles signals, so that the process can exit with status 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._mcp.sessions.end_calls()
        end_listen_streams(self._mcp)
        super().handle_exit(sig, frame)


async def _stop_on_request(
    server: _Server, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Shut down the server on a signal or on cancellation. A second Ctrl-C ends the wait for open streams."""
    try:
        # on a second SIGINT uvicorn stops waiting for open streams
        with signals.receiving(lambda: server.handle_exit(signal.SIGINT, None)):
            task_status.started()
            await anyio.sleep_forever()
    finally:
        server.handle_exit(signal.SIGTERM, None)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror}.",
            advice="Choose another port, or end the program that uses this port.",
        ) from error
    return listener
