"""Rejects requests that do not come from the console's own page: Host, Origin, token, type and size."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = "x-console-token"  # noqa: S105 - the name of a header
MAX_BODY = 64 * 1024

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware that adds security headers to every response and rejects foreign requests.

    Every request must name the console's own address as its host (against DNS rebinding). Everything but the
    static files also requires the token of this start. An action must come from the console's own origin.

    Args:
        app: the application to protect.
        port: a function that returns the port of the console.
        token: the token of this start.
        open_paths: whether a path is a static file, which contains no data.
    """

    def __init__(
        self, app: ASGIApp, port: Callable[[], int], token: str, open_paths: Callable[[str], bool]
    ) -> None:
        self._app = app
        self._port = port
        self._token = token.encode()
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or reject it."""
        if scope["type"] != "http":  # a WebSocket
            await send({"type": "websocket.close"})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        problem = self._problem(scope, Headers(scope=scope))
        if problem is None:
            await self._app(scope, receive, send_with_headers)
        else:
            status, text = problem
            await JSONResponse({"error": text}, status)(scope, receive, send_with_headers)

    def _problem(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return the status and the error of a request to reject."""
        hosts = tuple(f"{name}:{self._port()}" for name in ("127.0.0.1", "localhost"))
        host = headers.getlist("host")
        if len(host) != 1 or host[0] not in hosts:
            return 421, "This host name does not belong to the console."
        if scope["method"] in ("GET", "HEAD") and self._open_paths(scope["path"]):
            return None
        origins = headers.getlist("origin")
        if (origins or scope["method"] != "GET") and origins != [f"http://{host[0]}"]:
            return 403, "The request does not come from the page of the console."
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), self._token):
            return (
                401,
                "The token is missing or from an earlier start. Open the address that the simulator printed.",
            )
        if scope["method"] == "POST" and headers.get("content-type") != "application/json":
            return 415, "The request is not JSON."
        return None
