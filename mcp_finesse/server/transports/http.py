"""MCP over Streamable HTTP, with a health check and graceful shutdown. The default is a loopback address."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import anyio
import anyio.abc
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_finesse import signals
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.numbers import is_digits
from mcp_finesse.server.sdk.server import end_listen_streams, forget_the_end
from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.server.transports.request_timeout import TimedRequests

PATH = "/mcp"
HEALTH_PATH = "/healthz"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_GRACE_SECONDS = 2
IDLE_SECONDS = 600.0
"""Seconds after which an idle MCP session is closed; sessions with an open stream stay open."""
MAX_SESSIONS = 200
"""Maximum number of MCP sessions; further ones are refused with status 503."""
MAX_CONNECTIONS = 1_000
"""Maximum number of connections and requests; further ones are refused with status 503."""


def add_health(mcp: FinesseServer) -> None:
    """Serve ``GET /healthz``, which returns only the session's state because it requires no authentication."""

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "finesse": mcp.sessions.state})

    mcp.custom_route(HEALTH_PATH, methods=["GET"])(healthz)


async def serve_http(
    mcp: FinesseServer,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    allowed_hosts: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
    on_started: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve MCP clients until SIGTERM, Ctrl-C or cancellation. Then end all streams and close the session.

    Args:
        mcp: the result of :func:`build_server`.
        host: the address to listen on.
        port: the port to listen on. 0 chooses a free port.
        allowed_hosts: values of the Host header to accept in addition to loopback names. A value is ``name`` or
            ``name:*``. Required if ``host`` is not a loopback address.
        allowed_origins: values of the Origin header to accept. Browsers send this header for web pages.
        on_started: a function that is called with the URL as soon as requests are served.

    Raises:
        ConfigurationError: listening on the address failed, or ``allowed_hosts`` is missing.
        FinesseError: the session could not be opened.
    """
    if host not in _LOOPBACK and not allowed_hosts:
        raise ConfigurationError(
            f"Listening on {host} would serve everyone who can reach this machine.",
            advice="Name the hosts that clients use (--allowed-hosts), or listen on 127.0.0.1.",
        )
    for name in (*allowed_hosts, *allowed_origins):
        _check_name(name)
    security = _security(allowed_hosts, allowed_origins)
    listener = _listen(host, port)
    try:
        app = mcp.streamable_http_app(
            streamable_http_path=PATH,
            session_idle_timeout=IDLE_SECONDS,
            max_sessions=MAX_SESSIONS,
            transport_security=security,
        )
        config = uvicorn.Config(
            _RequestFilter(app, security),
            http=TimedRequests,
            limit_concurrency=MAX_CONNECTIONS + 1,  # uvicorn refuses the connection that reaches the limit
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        bound = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        server = _Server(config, mcp, lambda: on_started(f"http://{shown}:{bound}{PATH}"))
        async with mcp.sessions.running(), anyio.create_task_group() as tasks:
            await tasks.start(_stop_on_request, server)
            with anyio.CancelScope(shield=True):  # the server ends by _stop_on_request instead
                await server.serve(sockets=[listener])
            tasks.cancel_scope.cancel()
    finally:
        listener.close()
        forget_the_end()


class _RequestFilter:
    """Rejects requests whose Host or Origin header is not allowed. A client that disconnects causes no error.

    Headers are compared as a whole. The SDK compares ``name:*`` only with the start of the header, so the SDK
    would accept ``localhost:.evil.example``.
    """

    def __init__(self, app: ASGIApp, security: TransportSecuritySettings) -> None:
        self._app = app
        self._security = security

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH_PATH:
            headers = Headers(scope=scope)
            hosts, origins = headers.getlist("host"), headers.getlist("origin")
            if len(hosts) != 1 or not _is_allowed(hosts[0], self._security.allowed_hosts):
                await Response("Invalid Host header", status_code=421)(scope, receive, send)
                return
            if not all(_is_allowed(origin, self._security.allowed_origins) for origin in origins):
                await Response("Invalid Origin header", status_code=403)(scope, receive, send)
                return
        with contextlib.suppress(ClientDisconnect):  # a disconnect during a request is not a server error
            await self._app(scope, receive, send)


def _is_no_disconnect(record: logging.LogRecord) -> bool:
    """Return False for the error that the SDK logs when a client disconnects. The error is then not logged."""
    return record.exc_info is None or record.exc_info[0] is not ClientDisconnect


logging.getLogger("mcp.server.streamable_http").addFilter(_is_no_disconnect)


def _is_allowed(value: str, allowed: Sequence[str]) -> bool:
    """Return whether a header has an allowed value. ``name:*`` allows any port."""
    name, _, port = value.rpartition(":")
    return value in allowed or (f"{name}:*" in allowed and is_digits(port, max_digits=5))


def _check_name(name: str) -> None:
    """Raise if a configured value cannot match any header.

    Raises:
        ConfigurationError: the value contains an unsupported wildcard or a path.
    """
    if "*" in name.removesuffix(":*") or "/" in name.partition("://")[2] or not name.removesuffix(":*"):
        raise ConfigurationError(
            (
                f"--allowed-hosts contains {name[:80]!r}, which matches no host: only the port can be a "
                "wildcard."
            ),
            advice="Name each host as clients write it: finesse-mcp.example.com, or finesse-mcp.example.com:* for "
            "every port.",
        )


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


def _security(hosts: Sequence[str], origins: Sequence[str]) -> TransportSecuritySettings:
    """Return the accepted Host and Origin headers. Checking them prevents DNS rebinding attacks by web pages."""
    local = [f"{name}:*" for name in ("127.0.0.1", "localhost", "[::1]")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*local, *hosts],
        allowed_origins=[*(f"http://{name}" for name in local), *origins],
    )
